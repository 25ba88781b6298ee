package dev.usher.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.Set;
import java.util.stream.Stream;

/** Files named on the command line: read and written whole, with sentences for what can fail. */
final class LocalFile {

    private LocalFile() {}

    static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    /** A text of one line, such as a key: without the white space around it. */
    static String readLine(Path file) {
        return new String(read(file), StandardCharsets.UTF_8).strip();
    }

    static void write(Path file, byte[] content) {
        try {
            Files.write(file, content);
        } catch (IOException e) {
            throw unwritable(file, e);
        }
    }

    /**
     * Checks that a new file can be written, before something is asked for that is given only once.
     */
    static void requireNew(Path file) {
        if (Files.exists(file)) {
            throw new Failure(
                    "'" + file + "' is there already: choose another name, or move it away first.");
        }
        Path parent = file.toAbsolutePath().getParent();
        if (parent == null || !Files.isWritable(parent)) {
            throw new Failure(
                    "Cannot write '" + file + "': its directory is not there, or not yours.");
        }
    }

    /** Writes a file that only its owner can read, also if there was another one before. */
    static void writeSecret(Path file, byte[] content) {
        try {
            try {
                createSecret(file, content);
            } catch (FileAlreadyExistsException _) {
                // Its permissions may be wider, so it is not written into.
                Files.delete(file);
                createSecret(file, content);
            }
        } catch (IOException e) {
            throw unwritable(file, e);
        }
    }

    private static void createSecret(Path file, byte[] content) throws IOException {
        try (SeekableByteChannel channel =
                Files.newByteChannel(
                        file,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        ownerOnly(file, "rw-------"))) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
    }

    /** Makes a directory, and those above it, that only its owner can look into. */
    static void createSecretDirectories(Path directory) {
        try {
            Files.createDirectories(directory, ownerOnly(directory, "rwx------"));
        } catch (IOException e) {
            throw unwritable(directory, e);
        }
    }

    private static FileAttribute<?>[] ownerOnly(Path file, String permissions) {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    /** Deletes a temporary directory with all there is in it; what cannot be deleted stays. */
    static void deleteTree(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException | UncheckedIOException _) {
            // The system clears its temporary directories itself.
        }
    }

    static Failure unreadable(Path file, IOException e) {
        String why =
                switch (e) {
                    case NoSuchFileException _ -> "there is no such file";
                    case AccessDeniedException _ ->
                            "you may not read it; give yourself the right, or run as its owner";
                    default -> reason(e);
                };
        return new Failure("Cannot read '" + file + "': " + why + ".", e);
    }

    static Failure unwritable(Path file, IOException e) {
        String why =
                switch (e) {
                    case NoSuchFileException _ -> "its directory does not exist; make it first";
                    case AccessDeniedException _ ->
                            "you may not write there; give yourself the right, or choose another"
                                    + " place";
                    case FileAlreadyExistsException _ -> "something else of this name is there";
                    default -> reason(e);
                };
        return new Failure("Cannot write '" + file + "': " + why + ".", e);
    }

    private static String reason(IOException e) {
        String message = e.getMessage();
        return Terminal.visible(message == null ? e.getClass().getSimpleName() : message);
    }
}
