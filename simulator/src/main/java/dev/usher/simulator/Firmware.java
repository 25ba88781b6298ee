package dev.usher.simulator;

import java.util.Optional;

/** What it means for a virtual station to run an update. */
@FunctionalInterface
public interface Firmware {

    /**
     * Takes the version from a line {@code VERSION=1.1.0} in the first 4 KB of the update, as a
     * shell script has it that would do the same to a real gateway. Any other update runs without
     * effect.
     */
    Firmware SCRIPT = new ScriptFirmware();

    /**
     * Runs an update.
     *
     * @return the package version the gateway has from now on; empty if it stays as it is
     */
    Optional<String> run(byte[] update);
}
