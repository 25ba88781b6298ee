package dev.usher.devices;

import dev.usher.keys.SecretHash;
import dev.usher.keys.Vault;
import dev.usher.lorawan.Eui64;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/** Hashes owner tokens; a hash is of no use for another device. */
final class OwnerTokens {

    private final SecretHash hashes;

    OwnerTokens(Vault vault) {
        this.hashes = new SecretHash(vault);
    }

    byte[] hash(Eui64 devEui, String token) {
        return hashes.of(purpose(devEui), token.getBytes(StandardCharsets.UTF_8));
    }

    /** Whether the token is the device's; those that are made here have no lower-case letters. */
    boolean fits(StoredDevice device, String token) {
        String upper = token.toUpperCase(Locale.ROOT);
        return isOf(device, token) || (!upper.equals(token) && isOf(device, upper));
    }

    private boolean isOf(StoredDevice device, String token) {
        return device.tokenHash()
                .filter(
                        hash ->
                                hashes.matches(
                                        purpose(device.devEui()),
                                        hash,
                                        token.getBytes(StandardCharsets.UTF_8)))
                .isPresent();
    }

    /** Whether the token is the device's, or none is given. */
    boolean fits(StoredDevice device, Optional<String> token) {
        return token.isEmpty() || fits(device, token.get());
    }

    private static String purpose(Eui64 devEui) {
        return "device/" + devEui + "/owner-token";
    }
}
