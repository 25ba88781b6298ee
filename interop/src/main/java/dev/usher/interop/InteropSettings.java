package dev.usher.interop;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What an {@link InteropClient} works by, besides its configuration.
 *
 * @param source the configuration: a directory with {@code config.yml}, or that file
 * @param connectTimeout how long a Join Server may take to accept a connection
 * @param deadline how long a request may take in all, with its look-up in DNS, its second try and
 *     the answer that comes later
 * @param failuresToOpen after so many failures in a row a Join Server is left alone
 * @param openFor for so long
 * @param connections requests to one Join Server at a time; more wait for their turn
 */
public record InteropSettings(
        Path source,
        Sender sender,
        KeyVault keyVault,
        Duration connectTimeout,
        Duration deadline,
        int failuresToOpen,
        Duration openFor,
        int connections) {

    public InteropSettings {
        requireNonNull(source, "source");
        requireNonNull(sender, "sender");
        requireNonNull(keyVault, "keyVault");
        requirePositive("connectTimeout", connectTimeout);
        requirePositive("deadline", deadline);
        requirePositive("openFor", openFor);
        requirePositive("failuresToOpen", failuresToOpen);
        requirePositive("connections", connections);
    }

    /**
     * With the usual times: a join-accept must be on the air 5 or 6 seconds after the join-request.
     */
    public static InteropSettings of(Path source, Sender sender, KeyVault keyVault) {
        return new InteropSettings(
                source,
                sender,
                keyVault,
                Duration.ofSeconds(2),
                Duration.ofSeconds(5),
                5,
                Duration.ofSeconds(30),
                64);
    }

    public InteropSettings withDeadline(Duration other) {
        return new InteropSettings(
                source,
                sender,
                keyVault,
                connectTimeout,
                other,
                failuresToOpen,
                openFor,
                connections);
    }

    private static void requirePositive(String name, Duration value) {
        if (!value.isPositive()) {
            throw new IllegalArgumentException(name + " is " + value + ", not more than nothing");
        }
    }

    private static void requirePositive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " is " + value + ", not 1 or more");
        }
    }
}
