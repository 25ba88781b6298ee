package dev.usher.lorawan;

/** Which way a data frame goes: from the device or to it. */
public enum Direction {
    UP,
    DOWN
}
