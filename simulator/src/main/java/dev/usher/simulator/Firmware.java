package dev.usher.simulator;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What it means for a virtual station to run an update. */
@FunctionalInterface
public interface Firmware {

    /**
     * Takes the version from a line {@code VERSION=1.1.0} near the beginning of the update, as a
     * shell script has it that would do the same to a real gateway. Any other update runs without
     * effect.
     */
    Firmware SCRIPT = new Script();

    /**
     * Runs an update.
     *
     * @return the package version the gateway has from now on; empty if it stays as it is
     */
    Optional<String> run(byte[] update);

    /** See {@link #SCRIPT}. */
    final class Script implements Firmware {

        private static final int LOOKED_AT = 4096;
        private static final Pattern VERSION = Pattern.compile("(?m)^VERSION=(\\S+)$");

        private Script() {}

        @Override
        public Optional<String> run(byte[] update) {
            String beginning =
                    new String(update, 0, Math.min(update.length, LOOKED_AT), ISO_8859_1);
            Matcher version = VERSION.matcher(beginning);
            return version.find() ? Optional.of(version.group(1)) : Optional.empty();
        }
    }
}
