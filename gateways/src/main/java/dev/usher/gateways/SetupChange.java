package dev.usher.gateways;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * What a setup says about one gateway; what it does not say stays as it is.
 *
 * @param fwcrc which firmware to offer once, by its CRC-32; giving it again offers it again
 * @param fwafter not before this time
 * @param fwunsigned allows the update to go unsigned to a gateway that has no signature key
 */
public record SetupChange(
        EndpointChange cups,
        EndpointChange lns,
        Setting<Integer> fwcrc,
        Setting<Instant> fwafter,
        Setting<Boolean> fwunsigned) {

    public static final SetupChange NONE =
            new SetupChange(
                    EndpointChange.NONE,
                    EndpointChange.NONE,
                    Setting.unchanged(),
                    Setting.unchanged(),
                    Setting.unchanged());

    public SetupChange {
        requireNonNull(cups, "cups");
        requireNonNull(lns, "lns");
        requireNonNull(fwcrc, "fwcrc");
        requireNonNull(fwafter, "fwafter");
        requireNonNull(fwunsigned, "fwunsigned");
    }

    /** A gateway's own settings over those that a request has in common for all. */
    public SetupChange or(SetupChange common) {
        return new SetupChange(
                cups.or(common.cups),
                lns.or(common.lns),
                fwcrc.or(common.fwcrc),
                fwafter.or(common.fwafter),
                fwunsigned.or(common.fwunsigned));
    }

    /** Whether it says anything about firmware. */
    boolean orders() {
        return fwcrc.given() || fwafter.given() || fwunsigned.given();
    }
}
