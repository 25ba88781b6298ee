package dev.usher.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Which keys of a vault a command means: root keys, unless an option says otherwise. */
enum KindOfKey {
    ROOT_KEY("keys"),
    WRAPPING_KEY("wrapping-keys"),
    TRANSPORT_KEK("transport-keks");

    private final String path;

    KindOfKey(String path) {
        this.path = path;
    }

    /** Where the REST API has them, below the vault. */
    String path() {
        return path;
    }

    /** The option of commands for keys that can be made here. */
    static final class Options {

        @Option(
                names = "--wrapping",
                description = "A key that root keys of devices are wrapped under.")
        private boolean wrapping;

        KindOfKey kind() {
            return wrapping ? WRAPPING_KEY : ROOT_KEY;
        }
    }

    /** The options of commands for keys that may come from a maker. */
    static final class AllOptions {

        @ArgGroup private @Nullable Either either;

        private static final class Either {
            @Option(
                    names = "--wrapping",
                    description = "A key that root keys of devices are wrapped under.")
            private boolean wrapping;

            @Option(
                    names = "--transport-kek",
                    description = "A key that a maker wraps root keys under on the way here.")
            private boolean transportKek;
        }

        KindOfKey kind() {
            if (either != null && either.wrapping) {
                return WRAPPING_KEY;
            }
            return either != null && either.transportKek ? TRANSPORT_KEK : ROOT_KEY;
        }
    }
}
