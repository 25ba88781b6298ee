package dev.usher.keys;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import org.jspecify.annotations.Nullable;

/**
 * A vault in a directory of small files, each sealed with AES-256-GCM under the {@link MasterKey}.
 *
 * <pre>
 * vault                      proves the master key is the right one
 * transport.key              the private transport key, made on first use
 * keys/&lt;label&gt;               one root key each
 * wrapping-keys/&lt;label&gt;      one wrapping key each
 * transport-keks/&lt;label&gt;     one transport KEK each
 * </pre>
 *
 * <p>{@link VaultFiles} has their format; a file does not open under another name. Everything is
 * mode 0600 and written so that a crash leaves it whole or absent. It protects copies of the disk
 * and of backups; whoever controls the running process has the keys, which is what a {@link
 * Pkcs11Vault} is for.
 *
 * <p>Several processes may use one directory at the same time.
 */
public final class FileVault implements Vault {

    private static final String HEADER = "vault";
    private static final String TRANSPORT = "transport.key";
    private static final String KEYS = "keys";
    private static final String WRAPPING_KEYS = "wrapping-keys";
    private static final String TRANSPORT_KEKS = "transport-keks";

    private final VaultFiles files;
    private final KeyFiles keys;
    // Keys read so far, ready for use; the file stays the authority on which keys there are.
    private final Map<KeyLabel, HmacSha256> inUse = new ConcurrentHashMap<>();
    private final Sealer sealer = new Sealer(this);
    private final FileWrappingKeys wrappingKeys;
    private volatile @Nullable RSAPrivateCrtKey transportPrivate;

    private FileVault(VaultFiles files) {
        this.files = files;
        this.keys = new KeyFiles(files, KEYS, "key");
        this.wrappingKeys =
                new FileWrappingKeys(
                        this,
                        new KeyFiles(files, WRAPPING_KEYS, "wrapping key"),
                        new KeyFiles(files, TRANSPORT_KEKS, "transport KEK"));
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
        for (String folder : List.of(KEYS, WRAPPING_KEYS, TRANSPORT_KEKS)) {
            SecretFile.openDirectory(directory.resolve(folder));
        }
        if (!Files.exists(directory.resolve(HEADER))) {
            initialise(directory, masterKey);
        }
        VaultFiles files = new VaultFiles(directory, masterKey.existing());
        proveMasterKey(directory, files, masterKey);
        return new FileVault(files);
    }

    private static void initialise(Path directory, MasterKey masterKey) {
        VaultFiles files = new VaultFiles(directory, masterKey.existingOrNew());
        if (new FileVault(files).hasKeys() && !files.exists(HEADER)) {
            throw new VaultException(
                    directory
                            + " has keys but not its file '"
                            + HEADER
                            + "': restore the whole directory from one backup");
        }
        try {
            files.create(HEADER, false, new byte[0]);
        } catch (FileAlreadyExistsException madeMeanwhile) {
            // Another process opened the same new vault; whose master key it is gets proved next.
        } catch (IOException e) {
            throw new VaultException("cannot write to " + directory + ": " + e.getMessage(), e);
        }
    }

    private boolean hasKeys() {
        return !(labels().isEmpty()
                && wrappingKeys.labels().isEmpty()
                && wrappingKeys.transportKeks().isEmpty());
    }

    private static void proveMasterKey(Path directory, VaultFiles files, MasterKey source) {
        try {
            files.prove(HEADER);
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
        keys.store(label, key);
    }

    @Override
    public boolean contains(KeyLabel label) {
        return keys.contains(label);
    }

    @Override
    public List<KeyLabel> labels() {
        return keys.labels();
    }

    @Override
    public void delete(KeyLabel label) {
        try {
            keys.delete(label);
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
        byte[] key = keys.read(label);
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
        String checkValue = checkValue(label);
        return wrap(WrappedKey.Kind.ROOT, twin, checkValue, keys.readForExport(label));
    }

    /** Wraps the key for a twin, and clears the array. */
    static byte[] wrap(WrappedKey.Kind kind, TransportKey twin, String checkValue, byte[] key) {
        try {
            Cipher cipher = Cipher.getInstance(TransportKey.CIPHER);
            cipher.init(Cipher.ENCRYPT_MODE, twin.key());
            return WrappedKey.write(kind, twin, checkValue, cipher.doFinal(key));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("RSA-OAEP of 2048 bits or more takes 32 bytes", e);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    @Override
    public void importWrapped(KeyLabel label, byte[] wrapped) {
        requireNonNull(label, "label");
        WrappedKey announced = WrappedKey.read(WrappedKey.Kind.ROOT, wrapped, transportKey());
        byte[] key = unwrap(label, announced.ciphertext());
        if (key.length != HmacSha256.BYTES) {
            throw WrappedKey.wrongLength(label, key.length, Set.of(HmacSha256.BYTES));
        }
        byte[] check = new HmacSha256(key).of(WrappedKey.CHECK_INPUT);
        announced.check(label, check);
        keys.store(label, key);
    }

    /** Opens what {@link #wrap} made for this vault, here or elsewhere. */
    byte[] unwrap(KeyLabel label, byte[] ciphertext) {
        try {
            Cipher cipher = Cipher.getInstance(TransportKey.CIPHER);
            cipher.init(Cipher.DECRYPT_MODE, transportPrivate());
            return cipher.doFinal(ciphertext);
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
        keys.forbidExport(label);
    }

    @Override
    public Sealer sealer() {
        return sealer;
    }

    @Override
    public WrappingKeys wrappingKeys() {
        return wrappingKeys;
    }

    /** Forgets the keys it has read. */
    @Override
    public void close() {
        inUse.clear();
        wrappingKeys.forget();
        transportPrivate = null;
    }

    private RSAPrivateCrtKey transportPrivate() {
        RSAPrivateCrtKey key = transportPrivate;
        return key != null ? key : loadTransport();
    }

    private synchronized RSAPrivateCrtKey loadTransport() {
        try {
            if (!files.exists(TRANSPORT)) {
                makeTransport();
            }
            byte[] pkcs8 = files.read(TRANSPORT).bytes();
            PrivateKey key =
                    KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            Arrays.fill(pkcs8, (byte) 0);
            transportPrivate = (RSAPrivateCrtKey) key;
            return (RSAPrivateCrtKey) key;
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
            files.create(TRANSPORT, false, pkcs8);
        } catch (FileAlreadyExistsException madeMeanwhile) {
            // Another process was first: its key is read next.
            return;
        } finally {
            Arrays.fill(pkcs8, (byte) 0);
        }
    }

    @Override
    public String toString() {
        return files.toString();
    }
}
