package dev.usher.cli;

import java.nio.file.Path;

/**
 * A secret as it was given on the command line: itself, or {@code @FILE} for the file it is in,
 * which keeps it out of the list of processes. It never prints itself.
 */
record Secret(String argument) {

    /**
     * The secret; a file is read now, and white space around its content does not count.
     *
     * @throws Failure if the file cannot be read
     */
    String reveal() {
        return argument.startsWith("@")
                ? LocalFile.readLine(Path.of(argument.substring(1)))
                : argument;
    }

    /**
     * Likewise; {@code -} is the next line of stdin, which keeps it off the disk too.
     *
     * @throws Failure if there is no such line
     */
    String reveal(Terminal terminal) {
        return argument.equals("-") ? terminal.readLine() : reveal();
    }

    @Override
    public String toString() {
        return "(secret)";
    }
}
