package dev.usher.gateways;

import static java.util.Objects.requireNonNull;

import dev.usher.keys.ClaimPin;
import dev.usher.keys.GatewayKeys;
import dev.usher.keys.GatewaySecrets;
import dev.usher.keys.KeyLabel;
import dev.usher.keys.SecretHash;
import dev.usher.keys.Vault;
import dev.usher.keys.VaultException;
import dev.usher.lorawan.Eui64;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Checks the code an owner claims with and the token a gateway authenticates with, wherever they
 * come from: recomputed from the batch root key, or compared with the hash of what was imported or
 * added.
 *
 * <p>Checking a code costs the same work for every gateway, one that does not exist included: it is
 * always compared with a derived code and with a hash, made of decoys where there is neither.
 */
final class GatewaySecretsCheck {

    private static final KeyLabel DECOY = new KeyLabel("usher.decoy.1");
    private static final String AUTHORIZATION = "Authorization:";
    private static final String BEARER = "Bearer ";

    private final GatewayKeys keys;
    private final SecretHash hashes;
    private final byte[] decoyHash;

    GatewaySecretsCheck(Vault vault) {
        makeDecoy(requireNonNull(vault, "vault"));
        this.keys = new GatewayKeys(vault);
        this.hashes = new SecretHash(vault);
        this.decoyHash = hashes.of("gateway-code/decoy", new byte[0]);
    }

    private static void makeDecoy(Vault vault) {
        if (vault.contains(DECOY)) {
            return;
        }
        try {
            vault.create(DECOY);
        } catch (VaultException e) {
            // Another node that starts with the same vault may have been faster.
            if (!vault.contains(DECOY)) {
                throw e;
            }
        }
    }

    GatewaySecrets derive(Batch batch, Eui64 eui, int generation) {
        return keys.derive(batch.keyLabel(), eui, generation);
    }

    byte[] hashCode(Eui64 eui, String code) {
        return hashes.of("gateway-code/" + eui, codeBytes(code));
    }

    /** Spaces around a code come from tables and clipboards. */
    private static byte[] codeBytes(String code) {
        return code.strip().getBytes(StandardCharsets.UTF_8);
    }

    byte[] hashToken(Eui64 eui, String token) {
        return hashes.of("gateway-token/" + eui, bare(token).getBytes(StandardCharsets.UTF_8));
    }

    /** Whether this is the code on the gateway's label as things are now. */
    boolean isCode(Eui64 eui, Optional<GatewayRow> row, Optional<Batch> batch, String code) {
        KeyLabel key = batch.map(Batch::keyLabel).orElse(DECOY);
        int generation = row.map(GatewayRow::generation).orElse(0);
        ClaimPin derived = keys.derive(key, eui, generation).pin();
        boolean isDerived = ClaimPin.parse(code).filter(derived::matches).isPresent();
        Optional<byte[]> codeHash = row.flatMap(GatewayRow::codeHash);
        boolean isHashed =
                hashes.matches("gateway-code/" + eui, codeHash.orElse(decoyHash), codeBytes(code));
        return codeHash.isPresent() ? isHashed : isDerived && batch.isPresent();
    }

    /**
     * Whether this is a token the gateway may authenticate with. A gateway of a batch keeps the
     * token of the generation it was provisioned with, so those of every generation until now
     * count.
     */
    boolean isToken(GatewayRow row, Optional<Batch> batch, String presented) {
        String token = bare(presented);
        if (row.tokenHash().isPresent()) {
            return hashes.matches(
                    "gateway-token/" + row.eui(),
                    row.tokenHash().get(),
                    token.getBytes(StandardCharsets.UTF_8));
        }
        if (row.origin() != Origin.BATCH || batch.isEmpty()) {
            return false;
        }
        for (int generation = 0; generation <= row.generation(); generation++) {
            if (keys.derive(batch.get().keyLabel(), row.eui(), generation).hasToken(token)) {
                return true;
            }
        }
        return false;
    }

    /** The token without what stands before it in a request, which some leave in and some not. */
    private static String bare(String token) {
        String value = without(AUTHORIZATION, token.strip());
        return without(BEARER, value);
    }

    private static String without(String prefix, String text) {
        return text.regionMatches(true, 0, prefix, 0, prefix.length())
                ? text.substring(prefix.length()).strip()
                : text;
    }
}
