package dev.usher.gateways;

import static java.util.Objects.requireNonNull;

import dev.usher.keys.ClaimPin;
import dev.usher.keys.GatewayKeys;
import dev.usher.keys.GatewaySecrets;
import dev.usher.keys.KeyLabel;
import dev.usher.keys.SecretHash;
import dev.usher.keys.Vault;
import dev.usher.lorawan.Eui64;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Checks the code an owner claims with and the token a gateway authenticates with, wherever they
 * come from: recomputed from the batch root key, or compared with the hash of what was imported or
 * added.
 *
 * <p>A gateway that does not exist costs as much time as one that does: its secrets are derived
 * from a decoy key.
 */
final class GatewaySecretsCheck {

    private static final KeyLabel DECOY = new KeyLabel("usher.decoy.1");

    private final GatewayKeys keys;
    private final SecretHash hashes;

    GatewaySecretsCheck(Vault vault) {
        requireNonNull(vault, "vault");
        if (!vault.contains(DECOY)) {
            vault.create(DECOY);
        }
        this.keys = new GatewayKeys(vault);
        this.hashes = new SecretHash(vault);
    }

    GatewaySecrets derive(Batch batch, Eui64 eui, int generation) {
        return keys.derive(batch.keyLabel(), eui, generation);
    }

    byte[] hashCode(Eui64 eui, String code) {
        return hashes.of("gateway-code/" + eui, code.getBytes(StandardCharsets.UTF_8));
    }

    byte[] hashToken(Eui64 eui, String token) {
        return hashes.of("gateway-token/" + eui, bare(token).getBytes(StandardCharsets.UTF_8));
    }

    /** Whether this is the code on the gateway's label as things are now. */
    boolean isCode(Eui64 eui, Optional<GatewayRow> row, Optional<Batch> batch, String code) {
        Optional<byte[]> codeHash = row.flatMap(GatewayRow::codeHash);
        KeyLabel key = batch.map(Batch::keyLabel).orElse(DECOY);
        int generation = row.map(GatewayRow::generation).orElse(0);
        ClaimPin derived = keys.derive(key, eui, generation).pin();
        boolean isDerived =
                ClaimPin.parse(code).filter(derived::matches).isPresent() && batch.isPresent();
        return codeHash.map(
                        hash ->
                                hashes.matches(
                                        "gateway-code/" + eui,
                                        hash,
                                        code.getBytes(StandardCharsets.UTF_8)))
                .orElse(isDerived);
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
        for (int generation = row.generation(); generation >= 0; generation--) {
            if (keys.derive(batch.get().keyLabel(), row.eui(), generation).hasToken(token)) {
                return true;
            }
        }
        return false;
    }

    /** The token without the scheme that some write before it. */
    private static String bare(String token) {
        String stripped = token.strip();
        return stripped.regionMatches(true, 0, "Bearer ", 0, 7)
                ? stripped.substring(7).strip()
                : stripped;
    }
}
