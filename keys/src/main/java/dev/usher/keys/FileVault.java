package dev.usher.keys;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/**
 * A vault in a directory of small files, each sealed with AES-256-GCM under the {@link MasterKey}.
 *
 * <pre>
 * vault           proves the master key is the right one
 * transport.key   the private transport key, made on first use
 * keys/&lt;label&gt;    one root key each
 * </pre>
 *
 * <p>Each file is format (1 byte), flags (1: export forbidden), nonce (12), ciphertext, tag (16);
 * its name and the two header bytes are authenticated, so a file does not open under another label.
 * Everything is mode 0600 and written so that a crash leaves it whole or absent. It protects copies
 * of the disk and of backups; whoever controls the running process has the keys, which is what a
 * {@link Pkcs11Vault} is for.
 *
 * <p>Several processes may use one directory at the same time.
 */
public final class FileVault implements Vault {

    private static final byte FORMAT = 1;
    private static final int HEADER_BYTES = 2;
    private static final byte EXPORT_ALLOWED = 0;
    private static final byte EXPORT_FORBIDDEN = 1;

    private static final String HEADER = "vault";
    private static final String TRANSPORT = "transport.key";
    private static final String KEYS = "keys";

    private final Path directory;
    private final SecretKey masterKey;
    // Keys read so far, ready for use; the file stays the authority on which keys there are.
    private final Map<KeyLabel, HmacSha256> inUse = new ConcurrentHashMap<>();
    private final Sealer sealer = new Sealer(this);
    private volatile @Nullable RSAPrivateCrtKey transportPrivate;

    private FileVault(Path directory, SecretKey masterKey) {
        this.directory = directory;
        this.masterKey = masterKey;
    }

    /**
     * Opens the vault in the directory, or makes a new one there.
     *
     * @throws VaultException if the master key is missing or another than the vault was made with,
     *     or if others than the owner may read the directory or a file
     */
    public static FileVault open(Path directory, MasterKey masterKey) {
        requireNonNull(masterKey, "masterKey");
        SecretFile.openDirectory(requireNonNull(directory, "directory"));
        SecretFile.openDirectory(directory.resolve(KEYS));
        if (!Files.exists(directory.resolve(HEADER))) {
            initialise(directory, masterKey);
        }
        FileVault vault = new FileVault(directory, masterKey.existing());
        vault.proveMasterKey(masterKey);
        return vault;
    }

    private static void initialise(Path directory, MasterKey masterKey) {
        FileVault vault = new FileVault(directory, masterKey.existingOrNew());
        if (!vault.labels().isEmpty() && !Files.exists(directory.resolve(HEADER))) {
            throw new VaultException(
                    directory
                            + " has keys but not its file '"
                            + HEADER
                            + "': restore the whole directory from one backup");
        }
        try {
            vault.write(HEADER, EXPORT_FORBIDDEN, new byte[0]);
        } catch (FileAlreadyExistsException madeMeanwhile) {
            // Another process opened the same new vault; whose master key it is gets proved next.
        } catch (IOException e) {
            throw new VaultException("cannot write to " + directory + ": " + e.getMessage(), e);
        }
    }

    private void proveMasterKey(MasterKey source) {
        try {
            openFile(HEADER, SecretFile.read(directory.resolve(HEADER)));
        } catch (AEADBadTagException e) {
            throw new VaultException(
                    "the "
                            + source
                            + " does not open the vault in "
                            + directory
                            + ": it is not the key this vault was made with, restore that one",
                    e);
        }
    }

    @Override
    public void create(KeyLabel label) {
        byte[] key = new byte[HmacSha256.BYTES];
        new SecureRandom().nextBytes(key);
        store(label, key);
    }

    private void store(KeyLabel label, byte[] key) {
        try {
            write(fileName(label), EXPORT_ALLOWED, key);
        } catch (FileAlreadyExistsException e) {
            throw new VaultException(
                    "key '" + label + "' exists already in " + this + ": choose another label", e);
        } catch (IOException e) {
            throw new VaultException(
                    "cannot store key '" + label + "' in " + this + ": " + e.getMessage(), e);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    @Override
    public boolean contains(KeyLabel label) {
        return Files.exists(directory.resolve(fileName(label)));
    }

    @Override
    public List<KeyLabel> labels() {
        try (Stream<Path> files = Files.list(directory.resolve(KEYS))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(KeyLabel::isLabel)
                    .map(KeyLabel::new)
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new VaultException("cannot list the keys of " + this + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void delete(KeyLabel label) {
        try {
            SecretFile.delete(directory.resolve(fileName(label)));
        } catch (NoSuchFileException e) {
            throw unknown(label);
        } catch (IOException e) {
            throw new VaultException(
                    "cannot delete key '" + label + "' from " + this + ": " + e.getMessage(), e);
        } finally {
            inUse.remove(label);
        }
    }

    @Override
    public byte[] hmacSha256(KeyLabel label, byte[] data) {
        requireNonNull(data, "data");
        HmacSha256 key = inUse.get(label);
        return (key != null ? key : load(label)).of(data);
    }

    private HmacSha256 load(KeyLabel label) {
        byte[] key = keyOf(label, read(label));
        try {
            HmacSha256 hmac = new HmacSha256(key);
            inUse.put(label, hmac);
            return hmac;
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    @Override
    public TransportKey transportKey() {
        RSAPrivateCrtKey key = transportPrivate();
        try {
            return new TransportKey(
                    (RSAPublicKey)
                            KeyFactory.getInstance("RSA")
                                    .generatePublic(
                                            new RSAPublicKeySpec(
                                                    key.getModulus(), key.getPublicExponent())));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a private RSA key contains its public key", e);
        }
    }

    @Override
    public byte[] exportWrapped(KeyLabel label, TransportKey twin) {
        requireNonNull(twin, "twin");
        byte[] file = read(label);
        if (file[1] != EXPORT_ALLOWED) {
            throw new VaultException("export of key '" + label + "' was forbidden for good");
        }
        byte[] key = keyOf(label, file);
        try {
            Cipher cipher = Cipher.getInstance(TransportKey.CIPHER);
            cipher.init(Cipher.ENCRYPT_MODE, twin.key());
            return WrappedKey.write(twin, checkValue(label), cipher.doFinal(key));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("RSA-OAEP of 2048 bits or more takes 32 bytes", e);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    @Override
    public void importWrapped(KeyLabel label, byte[] wrapped) {
        requireNonNull(label, "label");
        WrappedKey announced = WrappedKey.read(wrapped, transportKey());
        byte[] key = unwrap(label, announced.ciphertext());
        byte[] check = new HmacSha256(key).of(WrappedKey.CHECK_INPUT);
        announced.check(label, check);
        store(label, key);
    }

    private byte[] unwrap(KeyLabel label, byte[] ciphertext) {
        try {
            Cipher cipher = Cipher.getInstance(TransportKey.CIPHER);
            cipher.init(Cipher.DECRYPT_MODE, transportPrivate());
            byte[] key = cipher.doFinal(ciphertext);
            if (key.length != HmacSha256.BYTES) {
                throw new VaultException(
                        "the wrapped key for '"
                                + label
                                + "' has "
                                + key.length
                                + " bytes: a root key has "
                                + HmacSha256.BYTES);
            }
            return key;
        } catch (GeneralSecurityException e) {
            throw new VaultException(
                    "the wrapped key for '"
                            + label
                            + "' does not open: it was changed on the way, export it again",
                    e);
        }
    }

    @Override
    public void forbidExport(KeyLabel label) {
        byte[] key = keyOf(label, read(label));
        try {
            SecretFile.replace(
                    directory.resolve(fileName(label)),
                    sealed(fileName(label), EXPORT_FORBIDDEN, key));
        } catch (IOException e) {
            throw new VaultException(
                    "cannot change key '" + label + "' in " + this + ": " + e.getMessage(), e);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    @Override
    public Sealer sealer() {
        return sealer;
    }

    /** Forgets the keys it has read. */
    @Override
    public void close() {
        inUse.clear();
        transportPrivate = null;
    }

    private RSAPrivateCrtKey transportPrivate() {
        RSAPrivateCrtKey key = transportPrivate;
        return key != null ? key : loadTransport();
    }

    private synchronized RSAPrivateCrtKey loadTransport() {
        try {
            if (!Files.exists(directory.resolve(TRANSPORT))) {
                makeTransport();
            }
            byte[] pkcs8 = openFile(TRANSPORT, SecretFile.read(directory.resolve(TRANSPORT)));
            PrivateKey key =
                    KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            Arrays.fill(pkcs8, (byte) 0);
            transportPrivate = (RSAPrivateCrtKey) key;
            return (RSAPrivateCrtKey) key;
        } catch (AEADBadTagException e) {
            throw damaged(TRANSPORT, e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the vault sealed a PKCS#8 RSA key", e);
        } catch (IOException e) {
            throw new VaultException(
                    "cannot store the transport key of " + this + ": " + e.getMessage(), e);
        }
    }

    private void makeTransport() throws GeneralSecurityException, IOException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(TransportKey.BITS);
        byte[] pkcs8 = generator.generateKeyPair().getPrivate().getEncoded();
        try {
            write(TRANSPORT, EXPORT_FORBIDDEN, pkcs8);
        } catch (FileAlreadyExistsException madeMeanwhile) {
            // Another process was first: its key is read next.
            return;
        } finally {
            Arrays.fill(pkcs8, (byte) 0);
        }
    }

    private byte[] read(KeyLabel label) {
        Path file = directory.resolve(fileName(label));
        if (!Files.exists(file)) {
            throw unknown(label);
        }
        byte[] content = SecretFile.read(file);
        if (content.length < HEADER_BYTES || content[0] != FORMAT) {
            throw damaged(fileName(label), null);
        }
        return content;
    }

    private byte[] keyOf(KeyLabel label, byte[] file) {
        try {
            return openFile(fileName(label), file);
        } catch (AEADBadTagException e) {
            throw damaged(fileName(label), e);
        }
    }

    private byte[] openFile(String name, byte[] content) throws AEADBadTagException {
        return AesGcm.open(masterKey, HEADER_BYTES, context(name), content);
    }

    private void write(String name, byte flags, byte[] content) throws IOException {
        SecretFile.create(directory.resolve(name), sealed(name, flags, content));
    }

    private byte[] sealed(String name, byte flags, byte[] content) {
        return AesGcm.seal(masterKey, new byte[] {FORMAT, flags}, context(name), content);
    }

    private static byte[] context(String name) {
        return ("usher/v1/file-vault/" + name).getBytes(StandardCharsets.US_ASCII);
    }

    private static String fileName(KeyLabel label) {
        return KEYS + "/" + label;
    }

    private VaultException unknown(KeyLabel label) {
        return new VaultException(
                "there is no key '" + label + "' in " + this + ": create it or import it");
    }

    private VaultException damaged(String name, @Nullable Throwable cause) {
        return new VaultException(
                "the file " + directory.resolve(name) + " is damaged: restore it from its backup",
                cause);
    }

    @Override
    public String toString() {
        return "the vault in " + directory;
    }
}
