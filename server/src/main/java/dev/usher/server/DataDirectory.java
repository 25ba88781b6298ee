package dev.usher.server;

import static java.util.Objects.requireNonNull;

import dev.usher.store.DatabaseUrl;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The one directory a node keeps its files in; nobody else may read it, and only one node at a time
 * may use it.
 *
 * <table>
 *   <caption>What lies in it</caption>
 *   <tr><td>{@code usher.db}</td><td>the embedded database</td></tr>
 *   <tr><td>{@code vault/}, {@code master.key}</td><td>the file vault and what opens it</td></tr>
 *   <tr><td>{@code admin.key}</td><td>this node's administrator API key</td></tr>
 *   <tr><td>{@code admin.key.id}</td><td>which key that is: it ends when another takes its place</td></tr>
 *   <tr><td>{@code ca.pem}</td><td>the certificate of the built-in authority, for clients</td></tr>
 *   <tr><td>{@code server.pem}, {@code server.key}</td><td>the certificate the built-in authority issued to this node</td></tr>
 * </table>
 */
final class DataDirectory implements AutoCloseable {

    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path path;
    private final FileChannel lockFile;

    private DataDirectory(Path path, FileChannel lockFile) {
        this.path = path;
        this.lockFile = lockFile;
    }

    /**
     * Makes the directory if there is none, and takes it for this process.
     *
     * @throws StartupException if it cannot be written, or another Usher uses it
     */
    static DataDirectory open(Path path) {
        requireNonNull(path, "path");
        try {
            if (!Files.isDirectory(path)) {
                Path parent = path.toAbsolutePath().getParent();
                if (parent != null) {
                    Files.createDirectories(parent);
                }
                Files.createDirectory(path, OWNER_ONLY_DIRECTORY);
            }
            FileChannel channel =
                    FileChannel.open(
                            path.resolve("lock"),
                            Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                            OWNER_ONLY_FILE);
            if (tryLock(channel) == null) {
                channel.close();
                throw new StartupException(
                        "the data directory "
                                + path
                                + " is used by another Usher: stop it, or choose another"
                                + " directory");
            }
            return new DataDirectory(path.toAbsolutePath(), channel);
        } catch (FileAlreadyExistsException e) {
            throw new StartupException(
                    "the data directory " + path + " is a file: choose another path", e);
        } catch (IOException e) {
            throw new StartupException(
                    "the data directory %s cannot be used: %s".formatted(path, reason(e)), e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    Path path() {
        return path;
    }

    DatabaseUrl embeddedDatabase() {
        return DatabaseUrl.sqlite(path.resolve("usher.db"));
    }

    Path vault() {
        return path.resolve("vault");
    }

    Path masterKey() {
        return path.resolve("master.key");
    }

    Path administratorKey() {
        return path.resolve("admin.key");
    }

    Path administratorKeyId() {
        return path.resolve("admin.key.id");
    }

    Path authorityCertificate() {
        return path.resolve("ca.pem");
    }

    Path serverCertificate() {
        return path.resolve("server.pem");
    }

    Path serverKey() {
        return path.resolve("server.key");
    }

    static Optional<String> read(Path file) {
        try {
            return Files.exists(file, LinkOption.NOFOLLOW_LINKS)
                    ? Optional.of(Files.readString(file, StandardCharsets.UTF_8))
                    : Optional.empty();
        } catch (IOException e) {
            throw new StartupException(file + " cannot be read: " + reason(e), e);
        }
    }

    private static String reason(IOException e) {
        return switch (e) {
            case AccessDeniedException _ -> "this user may not write there";
            case NoSuchFileException _ -> "it is not there and cannot be made";
            case FileSystemException failed when failed.getReason() != null -> failed.getReason();
            default -> String.valueOf(e.getMessage());
        };
    }

    /** Writes a file that only its owner may read; it is there whole or not at all. */
    static void write(Path file, String text) {
        Path directory = requireNonNull(file.getParent(), "the file's directory");
        try {
            Path temporary = Files.createTempFile(directory, ".new-", "", OWNER_ONLY_FILE);
            try {
                try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                    channel.write(java.nio.ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
                    channel.force(true);
                }
                Files.move(
                        temporary,
                        file,
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(
                        temporary); // a node that cannot start is started over and over
            }
        } catch (IOException e) {
            throw new StartupException(file + " cannot be written: " + reason(e), e);
        }
    }

    /** Lets another process use the directory. */
    @Override
    public void close() {
        try {
            lockFile.close();
        } catch (IOException e) {
            throw new StartupException("the lock of " + path + " cannot be given back", e);
        }
    }
}
