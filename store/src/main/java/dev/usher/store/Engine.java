package dev.usher.store;

/** The two database engines. The SQL is the same on both; what little differs asks this. */
public enum Engine {
    SQLITE,
    POSTGRESQL
}
