package dev.usher.keys;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.crypto.AEADBadTagException;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/**
 * The files of a {@link FileVault}, each sealed with AES-256-GCM under the master key: format (1
 * byte), flags (1: export forbidden), nonce (12), ciphertext, tag (16). The name of the file, in
 * the vault's directory, and the two header bytes are authenticated.
 */
final class VaultFiles {

    private static final byte FORMAT = 1;
    private static final int HEADER_BYTES = 2;
    private static final byte EXPORT_ALLOWED = 0;
    private static final byte EXPORT_FORBIDDEN = 1;

    private final Path directory;
    private final SecretKey masterKey;

    VaultFiles(Path directory, SecretKey masterKey) {
        this.directory = directory;
        this.masterKey = masterKey;
    }

    Path path(String name) {
        return directory.resolve(name);
    }

    boolean exists(String name) {
        return Files.exists(path(name));
    }

    /**
     * @throws FileAlreadyExistsException if there is one already; it is left as it is
     */
    void create(String name, boolean exportAllowed, byte[] content) throws IOException {
        SecretFile.create(path(name), sealed(name, exportAllowed, content));
    }

    void replace(String name, boolean exportAllowed, byte[] content) throws IOException {
        SecretFile.replace(path(name), sealed(name, exportAllowed, content));
    }

    /** What was in a file. */
    record Content(boolean exportAllowed, byte[] bytes) {
        @Override
        public String toString() {
            return "Content[hidden]";
        }
    }

    /**
     * @throws VaultException if the file is damaged
     */
    Content read(String name) {
        byte[] file = SecretFile.read(path(name));
        if (file.length < HEADER_BYTES || file[0] != FORMAT) {
            throw damaged(name, null);
        }
        try {
            return new Content(file[1] == EXPORT_ALLOWED, open(name, file));
        } catch (AEADBadTagException e) {
            throw damaged(name, e);
        }
    }

    /**
     * @throws AEADBadTagException if the file was not sealed under the master key
     */
    void prove(String name) throws AEADBadTagException {
        open(name, SecretFile.read(path(name)));
    }

    private byte[] open(String name, byte[] file) throws AEADBadTagException {
        return AesGcm.open(masterKey, HEADER_BYTES, context(name), file);
    }

    private byte[] sealed(String name, boolean exportAllowed, byte[] content) {
        byte flags = exportAllowed ? EXPORT_ALLOWED : EXPORT_FORBIDDEN;
        return AesGcm.seal(masterKey, new byte[] {FORMAT, flags}, context(name), content);
    }

    private static byte[] context(String name) {
        return ("usher/v1/file-vault/" + name).getBytes(StandardCharsets.US_ASCII);
    }

    private VaultException damaged(String name, @Nullable Throwable cause) {
        return new VaultException(
                "the file " + path(name) + " is damaged: restore it from its backup", cause);
    }

    @Override
    public String toString() {
        return "the vault in " + directory;
    }
}
