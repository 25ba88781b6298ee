package dev.usher.keys;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;

/**
 * Derives each gateway's secrets from its batch's root key (docs/key-derivation.md, with vectors).
 *
 * <p>The gateway master key comes out of the vault by one HMAC there; token and PIN are derived
 * from it in software. Nothing is stored, so a batch of a million gateways is one key.
 */
public final class GatewayKeys {

    private static final String MASTER = "usher/v1/gateway-master";
    private static final String PIN = "usher/v1/claim-pin";
    private static final byte[] TOKEN_INPUT = CounterKdf.input("usher/v1/cups-token");
    private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();

    private final Vault vault;

    public GatewayKeys(Vault vault) {
        this.vault = requireNonNull(vault, "vault");
    }

    /**
     * The secrets of one gateway.
     *
     * @param generation 0 as made at the factory, one more each time the gateway's secrets are
     *     retired
     * @throws VaultException if the vault has no such key
     * @throws VaultUnavailableException if the token does not answer in time
     */
    public GatewaySecrets derive(KeyLabel batchKey, Eui64 eui, int generation) {
        byte[] master = masterKey(batchKey, eui, generation);
        HmacSha256 hmac = new HmacSha256(master);
        Arrays.fill(master, (byte) 0);
        String token = BASE64URL.encodeToString(hmac.of(TOKEN_INPUT));
        ClaimPin pin = ClaimPin.draw(round -> hmac.of(CounterKdf.input(PIN, (byte) round)));
        return new GatewaySecrets(token, pin);
    }

    byte[] masterKey(KeyLabel batchKey, Eui64 eui, int generation) {
        if (generation < 0) {
            throw new IllegalArgumentException("generation " + generation + " is below 0");
        }
        byte[] context =
                ByteBuffer.allocate(Long.BYTES + Integer.BYTES)
                        .putLong(eui.value())
                        .putInt(generation)
                        .array();
        return vault.hmacSha256(batchKey, CounterKdf.input(MASTER, context));
    }
}
