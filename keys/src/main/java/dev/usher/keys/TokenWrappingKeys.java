package dev.usher.keys;

import static dev.usher.keys.Cryptoki.CKA_CLASS;
import static dev.usher.keys.Cryptoki.CKA_DECRYPT;
import static dev.usher.keys.Cryptoki.CKA_DERIVE;
import static dev.usher.keys.Cryptoki.CKA_ENCRYPT;
import static dev.usher.keys.Cryptoki.CKA_EXTRACTABLE;
import static dev.usher.keys.Cryptoki.CKA_KEY_TYPE;
import static dev.usher.keys.Cryptoki.CKA_LABEL;
import static dev.usher.keys.Cryptoki.CKA_PRIVATE;
import static dev.usher.keys.Cryptoki.CKA_SENSITIVE;
import static dev.usher.keys.Cryptoki.CKA_SIGN;
import static dev.usher.keys.Cryptoki.CKA_TOKEN;
import static dev.usher.keys.Cryptoki.CKA_UNWRAP;
import static dev.usher.keys.Cryptoki.CKA_UNWRAP_TEMPLATE;
import static dev.usher.keys.Cryptoki.CKA_VALUE;
import static dev.usher.keys.Cryptoki.CKA_VALUE_LEN;
import static dev.usher.keys.Cryptoki.CKA_VERIFY;
import static dev.usher.keys.Cryptoki.CKA_WRAP;
import static dev.usher.keys.Cryptoki.CKK_AES;
import static dev.usher.keys.Cryptoki.CKO_SECRET_KEY;
import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Aes128;
import dev.usher.lorawan.AesKey;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.stream.Stream;

/**
 * The wrapping keys of a {@link Pkcs11Vault}, and what is done with them inside the token.
 *
 * <p>A wrapping key unwraps only what stays where it is: its CKA_UNWRAP_TEMPLATE makes every key
 * that comes out of it sensitive and not extractable, so that even who has the PIN cannot unwrap a
 * root key to read it or to wrap it anew.
 */
final class TokenWrappingKeys implements WrappingKeys {

    private static final int BYTES = 32;
    private static final int WRAPPED_BYTES = 24;
    private static final int WRAPPING_ADDS = 8;
    private static final Set<Integer> KEK_BYTES = Set.of(16, 24, 32);

    // A slash is in no KeyLabel, so that these objects are never taken for keys of batches.
    private static final String LABEL = "usher.wrapping/";
    private static final String TRANSPORT_KEK_LABEL = "usher.transport-kek/";

    private static final Attributes SECRET =
            Attributes.NONE
                    .with(CKA_CLASS, CKO_SECRET_KEY)
                    .with(CKA_KEY_TYPE, CKK_AES)
                    .with(CKA_PRIVATE, true)
                    .with(CKA_SENSITIVE, true)
                    .with(CKA_SIGN, false)
                    .with(CKA_VERIFY, false)
                    .with(CKA_DERIVE, false);

    private static final Attributes WRAPPING_KEY =
            SECRET.with(CKA_EXTRACTABLE, true)
                    .with(CKA_WRAP, true)
                    .with(CKA_UNWRAP, true)
                    // With it, who has the PIN would do RFC 3394 himself and see what comes out.
                    .with(CKA_ENCRYPT, false)
                    .with(CKA_DECRYPT, false)
                    .with(
                            CKA_UNWRAP_TEMPLATE,
                            Attributes.NONE
                                    .with(CKA_CLASS, CKO_SECRET_KEY)
                                    .with(CKA_KEY_TYPE, CKK_AES)
                                    .with(CKA_SENSITIVE, true)
                                    .with(CKA_EXTRACTABLE, false));

    private static final Attributes TRANSPORT_KEK =
            SECRET.with(CKA_EXTRACTABLE, false)
                    // For the check value.
                    .with(CKA_WRAP, true)
                    .with(CKA_UNWRAP, true)
                    .with(CKA_ENCRYPT, false)
                    .with(CKA_DECRYPT, false);

    /** Wraps other keys for a moment, to see how long they are or to change what they are for. */
    private static final Attributes CARRIER =
            TRANSPORT_KEK.with(CKA_TOKEN, false).with(CKA_VALUE_LEN, BYTES);

    private static final Attributes ROOT_KEY_TO_USE =
            SECRET.with(CKA_TOKEN, false)
                    .with(CKA_EXTRACTABLE, false)
                    .with(CKA_WRAP, false)
                    .with(CKA_UNWRAP, false)
                    .with(CKA_ENCRYPT, true)
                    .with(CKA_DECRYPT, true);

    private static final Attributes ROOT_KEY_TO_WRAP =
            SECRET.with(CKA_TOKEN, false)
                    .with(CKA_EXTRACTABLE, true)
                    .with(CKA_WRAP, false)
                    .with(CKA_UNWRAP, false)
                    .with(CKA_ENCRYPT, false)
                    .with(CKA_DECRYPT, false);

    private final Pkcs11Vault vault;
    private final TokenThreads threads;
    private final SessionPool sessions;
    private final Object ceremonies = new Object();
    // By their CKA_LABEL.
    private final Map<String, Long> handles = new ConcurrentHashMap<>();

    TokenWrappingKeys(Pkcs11Vault vault, TokenThreads threads, SessionPool sessions) {
        this.vault = vault;
        this.threads = threads;
        this.sessions = sessions;
    }

    @Override
    public void create(KeyLabel label) {
        ceremony(
                session -> {
                    refuseExisting(session, LABEL, label);
                    return session.generateAes(
                            WRAPPING_KEY
                                    .with(CKA_TOKEN, true)
                                    .with(CKA_LABEL, LABEL + label)
                                    .with(CKA_VALUE_LEN, BYTES));
                });
    }

    @Override
    public boolean contains(KeyLabel label) {
        requireNonNull(label, "label");
        return call(session -> session.find(CKO_SECRET_KEY, LABEL + label).isPresent());
    }

    @Override
    public List<KeyLabel> labels() {
        return labels(LABEL);
    }

    @Override
    public List<KeyLabel> transportKeks() {
        return labels(TRANSPORT_KEK_LABEL);
    }

    private List<KeyLabel> labels(String prefix) {
        Attributes any =
                Attributes.NONE
                        .with(CKA_CLASS, CKO_SECRET_KEY)
                        .with(CKA_KEY_TYPE, CKK_AES)
                        .with(CKA_TOKEN, true);
        return call(
                session ->
                        session.findAll(any).stream()
                                .map(key -> session.attribute(key, CKA_LABEL))
                                .map(label -> new String(label, StandardCharsets.UTF_8))
                                .flatMap(label -> afterPrefix(prefix, label))
                                .filter(KeyLabel::isLabel)
                                .map(KeyLabel::new)
                                .sorted()
                                .toList());
    }

    private static Stream<String> afterPrefix(String prefix, String label) {
        return label.startsWith(prefix)
                ? Stream.of(label.substring(prefix.length()))
                : Stream.empty();
    }

    @Override
    public void delete(KeyLabel label) {
        delete(LABEL, label);
    }

    @Override
    public void deleteTransportKek(KeyLabel label) {
        delete(TRANSPORT_KEK_LABEL, label);
    }

    private void delete(String prefix, KeyLabel label) {
        ceremony(
                session -> {
                    session.destroy(find(session, prefix, label));
                    handles.remove(prefix + label);
                    return label;
                });
    }

    @Override
    public String checkValue(KeyLabel label) {
        return call(session -> with(session, LABEL, label, key -> checkValue(session, key)));
    }

    private static String checkValue(Cryptoki.Session session, long key) {
        return HexFormat.of().formatHex(check(session, key), 0, WrappedKey.CHECK_BYTES);
    }

    private static byte[] check(Cryptoki.Session session, long key) {
        return wrapped(session, key, session.create(toWrap(WrappedKey.CHECK_KEY)));
    }

    @Override
    public byte[] exportWrapped(KeyLabel label, TransportKey twin) {
        requireNonNull(twin, "twin");
        return ceremony(
                session -> {
                    long key = find(session, LABEL, label);
                    requireExtractable(session, label, key);
                    return WrappedKey.write(
                            WrappedKey.Kind.WRAPPING,
                            twin,
                            checkValue(session, key),
                            session.wrap(twin.key(), key));
                });
    }

    /**
     * In bytes. Tokens need not say CKA_VALUE_LEN of a key that was unwrapped (SoftHSM does not).
     */
    private static int lengthOf(Cryptoki.Session session, long key) {
        long carrier = session.generateAes(CARRIER);
        return session.wrap(carrier, key).length - WRAPPING_ADDS;
    }

    private static void requireExtractable(Cryptoki.Session session, KeyLabel label, long key) {
        if (!session.isExtractable(key)) {
            throw new VaultException(
                    "export of " + named(LABEL, label) + " was forbidden for good");
        }
    }

    @Override
    public void importWrapped(KeyLabel label, byte[] wrapped) {
        unwrap(LABEL, label, wrapped, WRAPPING_KEY, Set.of(BYTES));
    }

    @Override
    public void importTransportKek(KeyLabel label, byte[] wrapped) {
        unwrap(TRANSPORT_KEK_LABEL, label, wrapped, TRANSPORT_KEK, KEK_BYTES);
    }

    private void unwrap(
            String prefix, KeyLabel label, byte[] wrapped, Attributes like, Set<Integer> lengths) {
        requireNonNull(label, "label");
        WrappedKey announced =
                WrappedKey.read(WrappedKey.Kind.WRAPPING, wrapped, vault.transportKey());
        ceremony(
                session -> {
                    refuseExisting(session, prefix, label);
                    long transport = vault.transportPrivate(session);
                    // First into the session, so that a key that is not the right one is never
                    // kept.
                    long trial =
                            session.unwrapOaep(
                                    transport,
                                    announced.ciphertext(),
                                    like.with(CKA_TOKEN, false).with(CKA_EXTRACTABLE, true));
                    int length = lengthOf(session, trial);
                    if (!lengths.contains(length)) {
                        throw WrappedKey.wrongLength(label, length, lengths);
                    }
                    announced.check(label, check(session, trial));
                    return session.unwrapOaep(
                            transport,
                            announced.ciphertext(),
                            like.with(CKA_TOKEN, true).with(CKA_LABEL, prefix + label));
                });
    }

    @Override
    public void forbidExport(KeyLabel label) {
        ceremony(
                session -> {
                    session.forbidExtraction(find(session, LABEL, label));
                    return label;
                });
    }

    @Override
    public byte[] wrap(KeyLabel label, AesKey rootKey) {
        return call(
                session ->
                        with(
                                session,
                                LABEL,
                                label,
                                key -> wrapped(session, key, session.create(toWrap(rootKey)))));
    }

    private static Attributes toWrap(AesKey key) {
        return ROOT_KEY_TO_WRAP.with(CKA_VALUE, key.bytes());
    }

    @Override
    public byte[] receive(KeyLabel label, KeyLabel transportKek, byte[] wrapped) {
        requireLength(wrapped);
        return call(
                session ->
                        with(
                                session,
                                TRANSPORT_KEK_LABEL,
                                transportKek,
                                kek -> {
                                    String kekName = named(TRANSPORT_KEK_LABEL, transportKek);
                                    return rewrapped(session, kek, kekName, label, wrapped);
                                }));
    }

    @Override
    public byte[] rewrap(KeyLabel from, KeyLabel to, byte[] wrapped) {
        requireLength(wrapped);
        return call(
                session ->
                        with(
                                session,
                                LABEL,
                                from,
                                key -> {
                                    requireExtractable(session, from, key);
                                    long free = withoutTemplate(session, key);
                                    try {
                                        String name = named(LABEL, from);
                                        return rewrapped(session, free, name, to, wrapped);
                                    } finally {
                                        session.destroy(free);
                                    }
                                }));
    }

    /** The wrapping key once more, for this session, without its CKA_UNWRAP_TEMPLATE. */
    private static long withoutTemplate(Cryptoki.Session session, long key) {
        long carrier = session.generateAes(CARRIER);
        try {
            return session.unwrap(
                    carrier, session.wrap(carrier, key), TRANSPORT_KEK.with(CKA_TOKEN, false));
        } finally {
            session.destroy(carrier);
        }
    }

    private byte[] rewrapped(
            Cryptoki.Session session, long from, String fromName, KeyLabel to, byte[] wrapped) {
        long rootKey = unwrapped(session, from, fromName, wrapped, ROOT_KEY_TO_WRAP);
        try {
            return with(session, LABEL, to, key -> session.wrap(key, rootKey));
        } finally {
            session.destroy(rootKey);
        }
    }

    /** The root key, wrapped; it is destroyed. */
    private static byte[] wrapped(Cryptoki.Session session, long under, long rootKey) {
        try {
            return session.wrap(under, rootKey);
        } finally {
            session.destroy(rootKey);
        }
    }

    @Override
    public <T> T use(KeyLabel label, byte[] wrapped, Function<Aes128, T> use) {
        requireNonNull(label, "label");
        requireLength(wrapped);
        try (KeyInToken key =
                new KeyInToken(
                        threads, sessions, session -> unwrappedToUse(session, label, wrapped))) {
            return use.apply(key);
        }
    }

    private long unwrappedToUse(Cryptoki.Session session, KeyLabel label, byte[] wrapped) {
        return with(
                session,
                LABEL,
                label,
                key -> unwrapped(session, key, named(LABEL, label), wrapped, ROOT_KEY_TO_USE));
    }

    /** The handle of the root key. */
    private long unwrapped(
            Cryptoki.Session session, long key, String keyName, byte[] wrapped, Attributes like) {
        try {
            return session.unwrap(key, wrapped, like);
        } catch (VaultUnavailableException | Cryptoki.StaleHandleException e) {
            throw e;
        } catch (VaultException e) {
            throw new VaultException(
                    "the root key does not open with "
                            + keyName
                            + " of "
                            + vault
                            + ": it was wrapped under another key, or changed ("
                            + e.getMessage()
                            + ")",
                    e);
        }
    }

    private static void requireLength(byte[] wrapped) {
        if (wrapped.length != WRAPPED_BYTES) {
            throw new VaultException(
                    "a wrapped root key has "
                            + WRAPPED_BYTES
                            + " bytes, these are "
                            + wrapped.length);
        }
    }

    /** Calls the function with the handle of the key; once more if the known one is stale. */
    private <T> T with(
            Cryptoki.Session session, String prefix, KeyLabel label, LongFunction<T> call) {
        String objectLabel = prefix + requireNonNull(label, "label");
        Long known = handles.get(objectLabel);
        if (known != null) {
            try {
                return call.apply(known);
            } catch (Cryptoki.StaleHandleException e) {
                handles.remove(objectLabel, known);
            }
        }
        long found = find(session, prefix, label);
        handles.put(objectLabel, found);
        return call.apply(found);
    }

    private long find(Cryptoki.Session session, String prefix, KeyLabel label) {
        return session.find(CKO_SECRET_KEY, prefix + label)
                .orElseThrow(
                        () ->
                                new VaultException(
                                        "there is no "
                                                + named(prefix, label)
                                                + " in "
                                                + vault
                                                + ": create it or import it"));
    }

    private void refuseExisting(Cryptoki.Session session, String prefix, KeyLabel label) {
        requireNonNull(label, "label");
        if (session.find(CKO_SECRET_KEY, prefix + label).isPresent()) {
            throw new VaultException(
                    named(prefix, label)
                            + " exists already in "
                            + vault
                            + ": choose another label");
        }
    }

    private static String named(String prefix, KeyLabel label) {
        String kind = prefix.equals(LABEL) ? "wrapping key" : "transport KEK";
        return kind + " '" + label + "'";
    }

    private <T> T call(Function<Cryptoki.Session, T> call) {
        return threads.call(Pkcs11Vault.DEADLINE, () -> sessions.call(call));
    }

    /** One at a time, in a session of its own that takes along what was made in it. */
    private <T> T ceremony(Function<Cryptoki.Session, T> call) {
        return threads.call(
                Pkcs11Vault.CEREMONY_DEADLINE,
                () -> {
                    synchronized (ceremonies) {
                        try (Cryptoki.Session session = vault.openSession()) {
                            return call.apply(session);
                        }
                    }
                });
    }
}
