package dev.usher.simulator;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The files of one gateway, under the names station gives them: {@code cups.uri}, {@code
 * cups-boot.trust}, {@code tc.key}, {@code sig-0.key}, {@code version.txt} and so on.
 *
 * <p>Only {@code update.bin}, which station keeps in {@code /tmp}, lies here too.
 */
public interface Home {

    /** A home that is gone with its object; for thousands of stations. */
    static Home inMemory() {
        return new MemoryHome();
    }

    /** A home in a directory, which is made if it does not exist. */
    static Home directory(Path directory) {
        return new DirectoryHome(directory);
    }

    /** The content of a file; empty if there is none. */
    Optional<byte[]> read(String name);

    /** Makes or replaces a file. */
    void write(String name, byte[] content);

    /** Gives a file another name, and replaces what had it. */
    void rename(String from, String to);

    /** Removes a file, if there is one. */
    void delete(String name);

    /** The names of all files, sorted. */
    List<String> names();
}
