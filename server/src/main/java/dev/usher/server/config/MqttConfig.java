package dev.usher.server.config;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The MQTT broker that events are published at.
 *
 * @param passwordVariable whether the password is in the environment (USHER_NETWORK_MQTT_PASSWORD)
 * @param passwordFile where it is otherwise
 * @param ca authorities (PEM) that the broker's certificate may come from; those the system trusts
 *     if empty
 */
public record MqttConfig(
        URI url,
        String clientId,
        String prefix,
        Optional<String> user,
        boolean passwordVariable,
        Optional<Path> passwordFile,
        Optional<Path> ca) {

    public MqttConfig {
        requireNonNull(url, "url");
        requireNonNull(clientId, "clientId");
        requireNonNull(prefix, "prefix");
        requireNonNull(user, "user");
        requireNonNull(passwordFile, "passwordFile");
        requireNonNull(ca, "ca");
    }
}
