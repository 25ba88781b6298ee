package dev.usher.cli;

/** A group of commands about things that people have rights on. */
interface Shared {

    /** The path of one, as people call it. */
    String thing(String name);
}
