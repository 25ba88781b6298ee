package dev.usher.server.config;

import org.jspecify.annotations.Nullable;

/**
 * The configuration is not right. The message is one sentence for the operator: where (file and
 * line, or variable), what is wrong, what to write instead. It never shows a secret.
 */
public final class ConfigException extends RuntimeException {

    ConfigException(String message) {
        this(message, null);
    }

    ConfigException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
