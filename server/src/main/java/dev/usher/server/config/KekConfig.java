package dev.usher.server.config;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;

/**
 * A key that a Join Server wraps session keys under for this network.
 *
 * @param label by which the Join Server names it
 * @param keyFile where it is, in hex
 */
public record KekConfig(String label, Path keyFile) {
    public KekConfig {
        requireNonNull(label, "label");
        requireNonNull(keyFile, "keyFile");
    }
}
