package dev.usher.keys;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Printable;
import java.io.IOException;
import java.nio.file.Path;
import java.security.AuthProvider;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.Provider;
import java.security.ProviderException;
import java.security.Security;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.crypto.KeyGenerator;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.security.auth.login.LoginException;
import org.jspecify.annotations.Nullable;

/**
 * A vault in a PKCS#11 token: a hardware security module, a smart card, or SoftHSM.
 *
 * <p>Root keys are generic secrets of 256 bits, found by their label, private and sensitive: they
 * are used in the token and never enter this process. Keys made with the token's own tools serve as
 * well, if they are of type GENERIC and may sign. Everyday use goes through the JDK's SunPKCS11;
 * wrapping for a twin goes through {@link Cryptoki}, since SunPKCS11 would do it in clear.
 *
 * <p>All calls run on eight platform threads with a deadline of 5 seconds (60 for making keys and
 * ceremonies), so a slow token does not stop the virtual threads of everything else.
 *
 * <p>PKCS#11 logs in the whole process: open at most one vault per token, since closing one logs
 * out all.
 */
public final class Pkcs11Vault implements Vault {

    static final int THREADS = 8;
    private static final int MOST_WAITING = 10_000;
    static final Duration DEADLINE = Duration.ofSeconds(5);
    static final Duration CEREMONY_DEADLINE = Duration.ofSeconds(60);
    private static final String ALGORITHM = "HmacSHA256";
    private static final String TRANSPORT_LABEL = "usher.transport";

    private static final Pattern STALE_HANDLE = Pattern.compile("CKR_(KEY|OBJECT)_HANDLE_INVALID");

    private final String name;
    private final Cryptoki cryptoki;
    private final long slot;
    private final Provider provider;
    private final KeyStore keyStore;
    private final TokenThreads threads;
    private final SessionPool sessions;
    private final WrappingKeys wrappingKeys;
    private final Map<KeyLabel, SecretKey> inUse = new ConcurrentHashMap<>();
    private final Sealer sealer = new Sealer(this);
    private volatile @Nullable TransportKey transportKey;

    private Pkcs11Vault(
            String name, Cryptoki cryptoki, long slot, Provider provider, KeyStore keyStore) {
        this.name = name;
        this.cryptoki = cryptoki;
        this.slot = slot;
        this.provider = provider;
        this.keyStore = keyStore;
        this.threads = new TokenThreads(name, THREADS, MOST_WAITING);
        this.sessions = new SessionPool(cryptoki, slot);
        this.wrappingKeys = newWrappingKeys();
    }

    /**
     * Opens the token with this label.
     *
     * @param library the token's PKCS#11 module, such as {@code /usr/lib/softhsm/libsofthsm2.so}
     * @throws VaultException if there is no such library or token, or the PIN is wrong; a token
     *     locks itself after a few wrong PINs, so do not try again without a change
     */
    public static Pkcs11Vault open(Path library, String tokenLabel, TokenPin pin) {
        Cryptoki cryptoki = Cryptoki.load(requireNonNull(library, "library"));
        String name = "token '" + Printable.of(tokenLabel) + "'";
        long slot =
                cryptoki.slotOf(tokenLabel)
                        .orElseThrow(
                                () ->
                                        new VaultException(
                                                "there is no "
                                                        + name
                                                        + " in any slot of "
                                                        + library
                                                        + ": initialise it or correct the label"));
        return open(name, cryptoki, library, slot, pin);
    }

    /** Opens the token in this slot; like {@link #open}, for tokens that have no label. */
    static Pkcs11Vault openSlot(Path library, long slot, TokenPin pin) {
        Cryptoki cryptoki = Cryptoki.load(requireNonNull(library, "library"));
        return open("token in slot " + slot, cryptoki, library, slot, pin);
    }

    private static Pkcs11Vault open(
            String name, Cryptoki cryptoki, Path library, long slot, TokenPin pin) {
        char[] characters = pin.read();
        try {
            Provider provider = provider(library, slot);
            KeyStore keyStore = KeyStore.getInstance("PKCS11", provider);
            keyStore.load(null, characters);
            return new Pkcs11Vault("the " + name, cryptoki, slot, provider, keyStore);
        } catch (GeneralSecurityException e) {
            throw new VaultException(
                    "the "
                            + name
                            + " cannot be used: it must be able to make GENERIC secrets and to sign"
                            + " with CKM_SHA256_HMAC",
                    e);
        } catch (IOException e) {
            throw new VaultException(
                    "the "
                            + name
                            + " refused the "
                            + pin
                            + ": correct the PIN before the token locks itself",
                    e);
        } finally {
            Arrays.fill(characters, '\0');
        }
    }

    private static Provider provider(Path library, long slot) {
        Provider sunPkcs11 = Security.getProvider("SunPKCS11");
        if (sunPkcs11 == null) {
            throw new VaultException(
                    "this Java has no SunPKCS11: use a JDK with the module jdk.crypto.cryptoki");
        }
        String configuration =
                """
                --name = usher-%d
                library = "%s"
                slot = %d
                attributes(generate, CKO_SECRET_KEY, CKK_GENERIC_SECRET) = {
                    CKA_PRIVATE = true
                    CKA_SENSITIVE = true
                    CKA_EXTRACTABLE = true
                    CKA_SIGN = true
                    CKA_VERIFY = false
                    CKA_ENCRYPT = false
                    CKA_DECRYPT = false
                    CKA_WRAP = false
                    CKA_UNWRAP = false
                    CKA_DERIVE = false
                }
                """
                        .formatted(slot, library.toAbsolutePath(), slot);
        return sunPkcs11.configure(configuration);
    }

    @Override
    public void create(KeyLabel label) {
        ceremony(
                () -> {
                    refuseExisting(label);
                    KeyGenerator generator = KeyGenerator.getInstance(ALGORITHM, provider);
                    generator.init(HmacSha256.BYTES * 8);
                    KeyStore.Entry entry = new KeyStore.SecretKeyEntry(generator.generateKey());
                    keyStore.setEntry(label.value(), entry, null);
                    return label;
                });
    }

    @Override
    public boolean contains(KeyLabel label) {
        requireNonNull(label, "label");
        return call(() -> find(label) != null);
    }

    @Override
    public List<KeyLabel> labels() {
        return call(
                () -> {
                    reload();
                    List<KeyLabel> labels = new ArrayList<>();
                    for (String alias : Collections.list(keyStore.aliases())) {
                        if (KeyLabel.isLabel(alias) && find(new KeyLabel(alias)) != null) {
                            labels.add(new KeyLabel(alias));
                        }
                    }
                    Collections.sort(labels);
                    return List.copyOf(labels);
                });
    }

    @Override
    public void delete(KeyLabel label) {
        requireNonNull(label, "label");
        ceremony(
                () -> {
                    existing(label);
                    keyStore.deleteEntry(label.value());
                    inUse.remove(label);
                    return label;
                });
    }

    @Override
    public byte[] hmacSha256(KeyLabel label, byte[] data) {
        requireNonNull(data, "data");
        return call(() -> mac(label, data));
    }

    /** Once more if the known key is stale: the token was away, or has the key anew. */
    private byte[] mac(KeyLabel label, byte[] data) throws GeneralSecurityException {
        SecretKey known = existing(label);
        try {
            return mac(known, data);
        } catch (InvalidKeyException | ProviderException e) {
            if (!isStaleHandle(e)) {
                throw e;
            }
            reload();
            SecretKey anew = stored(label);
            if (anew == null) {
                // Still away. It stays known, so that nobody makes another one under its label.
                throw e;
            }
            inUse.replace(label, known, anew);
            return mac(anew, data);
        }
    }

    private byte[] mac(SecretKey key, byte[] data) throws GeneralSecurityException {
        Mac mac = Mac.getInstance(ALGORITHM, provider);
        mac.init(key);
        return mac.doFinal(data);
    }

    /** SunPKCS11 tells it by the name of the result alone, in a class that it does not export. */
    private static boolean isStaleHandle(Exception failed) {
        return Stream.iterate((Throwable) failed, Objects::nonNull, Throwable::getCause)
                .map(cause -> String.valueOf(cause.getMessage()))
                .anyMatch(STALE_HANDLE.asPredicate());
    }

    @Override
    public TransportKey transportKey() {
        TransportKey known = transportKey;
        return known != null ? known : ceremony(this::findOrMakeTransport);
    }

    private synchronized TransportKey findOrMakeTransport() {
        try (Cryptoki.Session session = cryptoki.openSession(slot)) {
            Optional<Long> found = session.find(Cryptoki.CKO_PUBLIC_KEY, TRANSPORT_LABEL);
            if (found.isEmpty()) {
                session.generateTransportPair(TRANSPORT_LABEL);
                found = session.find(Cryptoki.CKO_PUBLIC_KEY, TRANSPORT_LABEL);
            }
            TransportKey key = new TransportKey(session.publicKey(found.orElseThrow()));
            transportKey = key;
            return key;
        }
    }

    @Override
    public byte[] exportWrapped(KeyLabel label, TransportKey twin) {
        requireNonNull(twin, "twin");
        String checkValue = checkValue(label);
        return ceremony(
                () -> {
                    try (Cryptoki.Session session = cryptoki.openSession(slot)) {
                        long key = object(session, label);
                        if (!session.isExtractable(key)) {
                            throw new VaultException(
                                    "export of key '" + label + "' was forbidden for good");
                        }
                        byte[] ciphertext = session.wrap(twin.key(), key);
                        return WrappedKey.write(WrappedKey.Kind.ROOT, twin, checkValue, ciphertext);
                    }
                });
    }

    @Override
    public void importWrapped(KeyLabel label, byte[] wrapped) {
        requireNonNull(label, "label");
        WrappedKey announced = WrappedKey.read(WrappedKey.Kind.ROOT, wrapped, transportKey());
        ceremony(
                () -> {
                    refuseExisting(label);
                    unwrap(label, announced.ciphertext());
                    boolean genuine = false;
                    try {
                        announced.check(label, mac(label, WrappedKey.CHECK_INPUT));
                        genuine = true;
                        return label;
                    } finally {
                        if (!genuine) {
                            keyStore.deleteEntry(label.value());
                            inUse.remove(label);
                        }
                    }
                });
    }

    private void unwrap(KeyLabel label, byte[] ciphertext) {
        try (Cryptoki.Session session = cryptoki.openSession(slot)) {
            session.unwrap(transportPrivate(session), ciphertext, label);
        }
    }

    /** The handle of the private transport key. */
    long transportPrivate(Cryptoki.Session session) {
        return session.find(Cryptoki.CKO_PRIVATE_KEY, TRANSPORT_LABEL)
                .orElseThrow(
                        () ->
                                new VaultException(
                                        name
                                                + " has lost its private transport key: delete the"
                                                + " public one as well, and export again"));
    }

    Cryptoki.Session openSession() {
        return cryptoki.openSession(slot);
    }

    @Override
    public void forbidExport(KeyLabel label) {
        ceremony(
                () -> {
                    try (Cryptoki.Session session = cryptoki.openSession(slot)) {
                        session.forbidExtraction(object(session, label));
                        return label;
                    }
                });
    }

    @Override
    public Sealer sealer() {
        return sealer;
    }

    @Override
    public WrappingKeys wrappingKeys() {
        return wrappingKeys;
    }

    /** The same keys, as somebody else would use them. */
    WrappingKeys newWrappingKeys() {
        return new TokenWrappingKeys(this, threads, sessions);
    }

    int idleSessions() {
        return sessions.idle();
    }

    /** Logs the process out of the token. */
    @Override
    public void close() {
        threads.close();
        inUse.clear();
        sessions.close();
        try {
            ((AuthProvider) provider).logout();
        } catch (LoginException e) {
            throw new VaultException("cannot log out of " + name, e);
        }
    }

    private <T> T call(Callable<T> call) {
        return threads.call(DEADLINE, call);
    }

    private <T> T ceremony(Callable<T> call) {
        return threads.call(CEREMONY_DEADLINE, call);
    }

    private void refuseExisting(KeyLabel label) throws GeneralSecurityException {
        reload();
        // Whatever it is: SunPKCS11 would replace it.
        if (keyStore.containsAlias(label.value())) {
            throw new VaultException(
                    "key '" + label + "' exists already in " + name + ": choose another label");
        }
    }

    private SecretKey existing(KeyLabel label) throws GeneralSecurityException {
        SecretKey key = find(label);
        if (key == null) {
            throw unknown(label);
        }
        return key;
    }

    private @Nullable SecretKey find(KeyLabel label) throws GeneralSecurityException {
        SecretKey known = inUse.get(label);
        if (known != null) {
            return known;
        }
        SecretKey stored = stored(label);
        if (stored == null) {
            // SunPKCS11 reads the labels when it loads, and keys come by other ways as well.
            reload();
            stored = stored(label);
        }
        if (stored != null) {
            inUse.put(label, stored);
        }
        return stored;
    }

    private @Nullable SecretKey stored(KeyLabel label) throws GeneralSecurityException {
        return keyStore.getKey(label.value(), null) instanceof SecretKey secret
                        && secret.getAlgorithm().startsWith("Generic")
                ? secret
                : null;
    }

    private void reload() throws GeneralSecurityException {
        try {
            keyStore.load(null, null);
        } catch (IOException e) {
            throw new KeyStoreException("cannot list the objects of " + name, e);
        }
    }

    private long object(Cryptoki.Session session, KeyLabel label) {
        return session.find(Cryptoki.CKO_SECRET_KEY, label.value())
                .orElseThrow(() -> unknown(label));
    }

    private VaultException unknown(KeyLabel label) {
        return new VaultException(
                "there is no key '" + label + "' in " + name + ": create it or import it");
    }

    @Override
    public String toString() {
        return name;
    }
}
