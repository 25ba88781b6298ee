package dev.usher.gateways;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Optional;

/**
 * The update an owner wants a gateway to run: offered once, not before {@code after}.
 *
 * @param fwcrc which firmware, by its CRC-32
 * @param unsignedAllowed whether a gateway that has no signature key may be given it without a
 *     signature; such a gateway runs whatever it is sent
 * @param offeredAt when it was offered; then it is not offered again until it is ordered again
 */
public record FirmwareOrder(
        int fwcrc, Optional<Instant> after, boolean unsignedAllowed, Optional<Instant> offeredAt) {

    public FirmwareOrder {
        requireNonNull(after, "after");
        requireNonNull(offeredAt, "offeredAt");
    }
}
