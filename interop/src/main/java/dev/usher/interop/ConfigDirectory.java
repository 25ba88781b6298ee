package dev.usher.interop;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The directory of a configuration, the only one that is read from: neither {@code ..} nor a
 * symbolic link leads out of it. Remembers what was read, so that a change can be seen.
 */
final class ConfigDirectory {

    static final String MAIN_FILE = "config.yml";

    private static final int LARGEST_FILE = 1 << 20;

    private final Path root;
    private final Path mainFile;
    private final Map<Path, String> fingerprint = new LinkedHashMap<>();

    /**
     * @param source the directory, or the main file in it
     */
    ConfigDirectory(Path source) {
        requireNonNull(source, "source");
        if (Files.isRegularFile(source)) {
            this.root = source.resolveSibling("");
            this.mainFile = requireNonNull(source.getFileName(), "a file has a name");
        } else {
            this.root = source;
            this.mainFile = Path.of(MAIN_FILE);
        }
    }

    /** A file cannot be read; the message says why, as the end of a sentence about it. */
    static final class UnreadableException extends Exception {

        private static final long serialVersionUID = 1L;

        UnreadableException(String message) {
            super(message);
        }
    }

    Path mainFile() {
        return mainFile;
    }

    /** How a file is called in messages. */
    Path shown(Path file) {
        return root.resolve(file);
    }

    /**
     * The file that another one names, relative to the directory.
     *
     * @throws UnreadableException if the name is not that of a file in this directory
     */
    Path resolve(Path from, String name) throws UnreadableException {
        if (name.indexOf('\\') >= 0) {
            throw new UnreadableException(
                    "'" + Printable.of(name) + "' has a backslash: separate directories with '/'");
        }
        Path file;
        try {
            file = from.resolveSibling(name).normalize();
        } catch (InvalidPathException e) {
            throw new UnreadableException("'" + Printable.of(name) + "' is not the name of a file");
        }
        if (file.isAbsolute() || file.startsWith("..") || file.toString().isEmpty()) {
            throw leadsOut(name);
        }
        return file;
    }

    /**
     * Reads a file.
     *
     * @param file relative to the directory, from {@link #resolve}
     */
    byte[] read(Path file) throws UnreadableException {
        try {
            byte[] content = content(file);
            fingerprint.put(file, sha256(content));
            return content;
        } catch (UnreadableException e) {
            fingerprint.put(file, String.valueOf(e.getMessage()));
            throw e;
        }
    }

    /** What was read, and what it was like. */
    Map<Path, String> fingerprint() {
        return Map.copyOf(fingerprint);
    }

    /** What these files are like now. */
    static Map<Path, String> fingerprint(Path source, Set<Path> files) {
        ConfigDirectory now = new ConfigDirectory(source);
        for (Path file : files) {
            try {
                now.read(file);
            } catch (UnreadableException _) {
                // Which is part of the fingerprint.
            }
        }
        return now.fingerprint();
    }

    private byte[] content(Path file) throws UnreadableException {
        String name = file.toString();
        try {
            Path real = shown(file).toRealPath();
            if (!real.startsWith(root.toRealPath())) {
                throw leadsOut(name);
            }
            // What is no file, such as a pipe, could be waited for without end.
            if (!Files.isRegularFile(real, LinkOption.NOFOLLOW_LINKS)) {
                throw new UnreadableException("'" + Printable.of(name) + "' is not a file");
            }
            // Nobody puts a link in its place in the meantime.
            try (InputStream in = Files.newInputStream(real, LinkOption.NOFOLLOW_LINKS)) {
                byte[] content = in.readNBytes(LARGEST_FILE + 1);
                if (content.length > LARGEST_FILE) {
                    throw new UnreadableException(
                            "'" + Printable.of(name) + "' has more than 1 MiB");
                }
                return content;
            }
        } catch (NoSuchFileException e) {
            throw new UnreadableException("there is no file '" + Printable.of(name) + "'");
        } catch (IOException e) {
            throw new UnreadableException(
                    "'"
                            + Printable.of(name)
                            + "' cannot be read ("
                            + e.getClass().getSimpleName()
                            + ")");
        }
    }

    private static UnreadableException leadsOut(String name) {
        return new UnreadableException(
                "'"
                        + Printable.of(name)
                        + "' leads out of the configuration's directory: put the file into it");
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
