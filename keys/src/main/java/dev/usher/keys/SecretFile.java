package dev.usher.keys;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import java.util.UUID;

/**
 * Small files that hold secrets: mode 0600, in directories of mode 0700, and after a crash either
 * whole or not there.
 *
 * <p>A file is written under a name beginning with {@code .new-}, synced, given its real name, and
 * the directory synced. A crash in between leaves only such a {@code .new-} file, which nobody
 * reads.
 */
final class SecretFile {

    /** No secret file is larger; refuses to swallow whatever a wrong path names. */
    private static final int LARGEST = 16 * 1024;

    private static final Set<PosixFilePermission> OWNER_ONLY =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    private static final Set<PosixFilePermission> OWNER_ONLY_DIRECTORY =
            PosixFilePermissions.fromString("rwx------");

    private SecretFile() {}

    /**
     * @throws VaultException if others may read or write it, it is too large or cannot be read
     */
    static byte[] read(Path file) {
        try {
            refuseIfOpenToOthers(file, "600");
            if (Files.size(file) > LARGEST) {
                throw new VaultException(
                        file
                                + " is larger than "
                                + LARGEST
                                + " bytes, so it is not a secret file:"
                                + " check the path");
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new VaultException(file + " does not exist: restore it or correct the path", e);
        } catch (IOException e) {
            throw new VaultException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Creates the file; the one of two writers that comes second fails.
     *
     * @throws FileAlreadyExistsException if there is one already; it is left as it is
     */
    static void create(Path file, byte[] content) throws IOException {
        Path temporary = writeBeside(file, content);
        try {
            // A link and not a rename: a rename would silently replace a key made meanwhile.
            Files.createLink(file, temporary);
        } finally {
            Files.delete(temporary);
        }
        syncDirectoryOf(file);
    }

    static void replace(Path file, byte[] content) throws IOException {
        Path temporary = writeBeside(file, content);
        try {
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
        syncDirectoryOf(file);
    }

    /**
     * @throws NoSuchFileException if there is none
     */
    static void delete(Path file) throws IOException {
        Files.delete(file);
        syncDirectoryOf(file);
    }

    /**
     * Makes the directory, and those above it, for the owner alone, or checks that it is so.
     *
     * @throws VaultException if others may look into it or it cannot be made
     */
    static void openDirectory(Path directory) {
        try {
            makeDirectory(directory.toAbsolutePath());
            refuseIfOpenToOthers(directory, "700");
        } catch (FileAlreadyExistsException e) {
            throw new VaultException(directory + " is not a directory: correct the path", e);
        } catch (IOException e) {
            throw new VaultException(
                    "cannot make the directory " + directory + ": " + e.getMessage(), e);
        }
    }

    private static Path writeBeside(Path file, byte[] content) throws IOException {
        Path temporary = file.resolveSibling(".new-" + UUID.randomUUID());
        try (FileChannel channel =
                FileChannel.open(
                        temporary,
                        EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(OWNER_ONLY))) {
            ByteBuffer rest = ByteBuffer.wrap(content);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
            channel.force(true);
        }
        return temporary;
    }

    /** Makes the entry of a new, renamed or deleted file or directory durable. */
    private static void syncDirectoryOf(Path entry) throws IOException {
        Path directory = requireNonNull(entry.toAbsolutePath().getParent(), "entry is not a root");
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void makeDirectory(Path directory) throws IOException {
        Path parent = directory.getParent();
        if (parent != null && !Files.isDirectory(parent)) {
            makeDirectory(parent);
        }
        try {
            Files.createDirectory(
                    directory, PosixFilePermissions.asFileAttribute(OWNER_ONLY_DIRECTORY));
            syncDirectoryOf(directory);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(directory)) {
                throw e;
            }
        }
    }

    private static void refuseIfOpenToOthers(Path path, String mode) throws IOException {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
        if (!OWNER_ONLY_DIRECTORY.containsAll(permissions)) {
            throw new VaultException(
                    path
                            + " is open to others than its owner ("
                            + PosixFilePermissions.toString(permissions)
                            + "): run chmod "
                            + mode
                            + " on it, and if others could read it, treat the secrets in it as"
                            + " known");
        }
    }
}
