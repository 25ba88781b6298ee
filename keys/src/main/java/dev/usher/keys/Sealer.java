package dev.usher.keys;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Printable;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.AEADBadTagException;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals the secrets that the database keeps (credentials, private keys), so that a stolen database
 * gives nothing away.
 *
 * <p>AES-256-GCM with a random nonce; the context (for example {@code "gateway/58A0…/cups-key"}) is
 * authenticated, so a sealed value moved to another row does not open there. The data key is
 * derived once per process from the vault key {@code usher.seal.<n>}: a call takes about 1 us even
 * when the vault is a token, and a twin that has the vault key opens everything.
 *
 * <p>Sealed bytes: number n of the key (1 byte), nonce (12), ciphertext, tag (16). With random
 * nonces one key is good for 2^32 seals; {@link #rotate} long before.
 */
public final class Sealer {

    private static final String LABEL_PREFIX = "usher.seal.";
    private static final int LAST_KEY = 255;
    private static final byte[] DATA_KEY_INPUT = CounterKdf.input("usher/v1/seal");

    private final Vault vault;
    private final Map<Integer, SecretKey> keys = new ConcurrentHashMap<>();
    private volatile int current;

    Sealer(Vault vault) {
        this.vault = vault;
    }

    /** Seals the plaintext for this context. Makes the vault's first sealing key if it has none. */
    public byte[] seal(String context, byte[] plaintext) {
        requireNonNull(plaintext, "plaintext");
        byte[] authenticated = context.getBytes(StandardCharsets.UTF_8);
        int number = currentKey();
        return AesGcm.seal(key(number), new byte[] {(byte) number}, authenticated, plaintext);
    }

    /**
     * Opens what was sealed for this context, also under a key that has been rotated since.
     *
     * @throws SealException if it was changed, sealed for another context or by another vault
     */
    public byte[] open(String context, byte[] sealed) {
        byte[] authenticated = context.getBytes(StandardCharsets.UTF_8);
        if (sealed.length == 0) {
            throw new SealException(
                    "the sealed value for '" + Printable.of(context) + "' is empty");
        }
        int number = Byte.toUnsignedInt(sealed[0]);
        if (number == 0 || (!keys.containsKey(number) && !vault.contains(label(number)))) {
            throw new SealException(
                    "the sealed value for '"
                            + Printable.of(context)
                            + "' needs key '"
                            + LABEL_PREFIX
                            + number
                            + "', which this vault does not have: import it from its twin");
        }
        try {
            return AesGcm.open(key(number), 1, authenticated, sealed);
        } catch (AEADBadTagException e) {
            throw new SealException(
                    "the sealed value for '"
                            + Printable.of(context)
                            + "' does not open with key '"
                            + LABEL_PREFIX
                            + number
                            + "' of this vault: it was changed, or belongs to another place or"
                            + " vault");
        }
    }

    /** Whether the value is sealed under the key in use; if not, open and seal it again. */
    public boolean isCurrent(byte[] sealed) {
        return sealed.length > 0 && Byte.toUnsignedInt(sealed[0]) == currentKey();
    }

    /** Makes the next sealing key and seals with it from now on. Give it to the twin as well. */
    public synchronized void rotate() {
        int next = currentKey() + 1;
        if (next > LAST_KEY) {
            throw new VaultException(
                    "all "
                            + LAST_KEY
                            + " sealing keys are used up: seal everything anew with a"
                            + " new vault");
        }
        vault.create(label(next));
        current = next;
    }

    private int currentKey() {
        int number = current;
        return number != 0 ? number : findOrMakeCurrent();
    }

    private synchronized int findOrMakeCurrent() {
        if (current == 0) {
            int newest = newestInVault();
            if (newest == 0) {
                newest = 1;
                vault.create(label(newest));
            }
            current = newest;
        }
        return current;
    }

    private int newestInVault() {
        int newest = 0;
        while (newest < LAST_KEY && vault.contains(label(newest + 1))) {
            newest++;
        }
        return newest;
    }

    private SecretKey key(int number) {
        return keys.computeIfAbsent(
                number, n -> new SecretKeySpec(vault.hmacSha256(label(n), DATA_KEY_INPUT), "AES"));
    }

    private static KeyLabel label(int number) {
        return new KeyLabel(LABEL_PREFIX + number);
    }
}
