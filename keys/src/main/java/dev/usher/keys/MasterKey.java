package dev.usher.keys;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Printable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Where the master key of a {@link FileVault} comes from: 32 random bytes as base64 ({@code openssl
 * rand -base64 32}), in a file of mode 0600 or in an environment variable.
 *
 * <p>Whoever has the master key and the vault's directory has every key in it, so keep the two
 * apart in every backup.
 */
public abstract sealed class MasterKey {

    private static final int BYTES = 32;

    private MasterKey() {}

    /** In a file, which is created with a new key when a new vault is opened with it. */
    public static MasterKey file(Path file) {
        return new InFile(requireNonNull(file, "file"));
    }

    /** In an environment variable of this process. */
    public static MasterKey environment(String variable) {
        return environment(variable, System.getenv());
    }

    static MasterKey environment(String variable, Map<String, String> environment) {
        return new InEnvironment(requireNonNull(variable, "variable"), environment);
    }

    /**
     * The key of a vault that exists.
     *
     * @throws VaultException if it is missing, too open to others or not 32 bytes of base64
     */
    abstract SecretKey existing();

    /** The key for a new vault, made where it is missing and can be made. */
    abstract SecretKey existingOrNew();

    private static SecretKey decode(String text, String source) {
        byte @Nullable [] bytes = decodeBase64(text);
        if (bytes == null || bytes.length != BYTES) {
            throw new VaultException(
                    "the master key in "
                            + source
                            + " is not the base64 of 32 bytes: write what 'openssl rand -base64 32'"
                            + " prints, or restore it");
        }
        return new SecretKeySpec(bytes, "AES");
    }

    private static byte @Nullable [] decodeBase64(String text) {
        try {
            return Base64.getDecoder().decode(text.strip());
        } catch (IllegalArgumentException notBase64) {
            // Its message would quote a character of the key.
            return null;
        }
    }

    private static final class InFile extends MasterKey {
        private final Path file;

        InFile(Path file) {
            this.file = file;
        }

        @Override
        SecretKey existing() {
            if (!Files.exists(file)) {
                throw new VaultException(
                        "the master key file "
                                + file
                                + " is missing, and the vault cannot be opened without it: restore"
                                + " it from its backup");
            }
            byte[] content = SecretFile.read(file);
            return decode(new String(content, StandardCharsets.ISO_8859_1), file.toString());
        }

        @Override
        SecretKey existingOrNew() {
            if (!Files.exists(file)) {
                create();
            }
            return existing();
        }

        private void create() {
            byte[] key = new byte[BYTES];
            new SecureRandom().nextBytes(key);
            byte[] text = Base64.getEncoder().encode(key);
            byte[] line = Arrays.copyOf(text, text.length + 1);
            line[text.length] = '\n';
            try {
                SecretFile.create(file, line);
            } catch (FileAlreadyExistsException madeMeanwhile) {
                // Another process opened the same new vault: its key is as good.
                return;
            } catch (IOException e) {
                throw new VaultException(
                        "cannot make the master key file "
                                + file
                                + ": "
                                + e.getMessage()
                                + "; its directory must exist and be writable",
                        e);
            }
        }

        @Override
        public String toString() {
            return "master key in " + file;
        }
    }

    private static final class InEnvironment extends MasterKey {
        private final String variable;
        private final Map<String, String> environment;

        InEnvironment(String variable, Map<String, String> environment) {
            this.variable = variable;
            this.environment = environment;
        }

        @Override
        SecretKey existing() {
            String text = environment.get(variable);
            if (text == null) {
                throw new VaultException(
                        "the environment variable "
                                + Printable.of(variable)
                                + " with the master key is not set: set it to the base64 of 32"
                                + " bytes");
            }
            return decode(text, "environment variable " + Printable.of(variable));
        }

        @Override
        SecretKey existingOrNew() {
            return existing();
        }

        @Override
        public String toString() {
            return "master key in environment variable " + Printable.of(variable);
        }
    }
}
