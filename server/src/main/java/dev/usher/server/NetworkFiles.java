package dev.usher.server;

import static java.util.Objects.requireNonNull;

import dev.usher.network.claiming.Upstreams;
import dev.usher.network.outlets.MqttSettings;
import dev.usher.server.config.MqttConfig;
import dev.usher.server.config.OidcConfig;
import dev.usher.server.config.UsherConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * What is in the files that the network's part of the configuration names.
 *
 * @param upstreams the other Gateway Join Servers
 */
record NetworkFiles(
        List<Upstreams.Upstream> upstreams, Optional<MqttSettings> mqtt, Optional<Oidc> oidc) {

    private static final String OIDC_SECRET = "USHER_NETWORK_OIDC_CLIENT_SECRET";
    private static final String MQTT_PASSWORD = "USHER_NETWORK_MQTT_PASSWORD";

    NetworkFiles {
        upstreams = List.copyOf(upstreams);
        requireNonNull(mqtt, "mqtt");
        requireNonNull(oidc, "oidc");
    }

    /** How the OpenID Connect provider is reached, and what proves this server to it. */
    record Oidc(Optional<String> secret, SSLContext tls) {

        Oidc {
            requireNonNull(secret, "secret");
            requireNonNull(tls, "tls");
        }

        @Override
        public String toString() {
            return "Oidc[secret=" + (secret.isPresent() ? "***" : "none") + "]";
        }
    }

    /**
     * @throws IOException if a file cannot be used; the message says why
     */
    static NetworkFiles read(UsherConfig.Network config) throws IOException {
        return new NetworkFiles(
                OtherGatewayJoinServers.of(config.upstreams()),
                config.mqtt().isPresent()
                        ? Optional.of(mqtt(config.mqtt().get()))
                        : Optional.empty(),
                config.oidc().isPresent()
                        ? Optional.of(oidc(config.oidc().get()))
                        : Optional.empty());
    }

    private static MqttSettings mqtt(MqttConfig mqtt) throws IOException {
        return new MqttSettings(
                mqtt.url(),
                mqtt.clientId(),
                mqtt.prefix(),
                mqtt.user(),
                secret(
                        "network.mqtt.password-file",
                        mqtt.passwordFile(),
                        MQTT_PASSWORD,
                        mqtt.passwordVariable()),
                Optional.of(
                        ClientTls.context("network.mqtt", mqtt.ca(), Optional.empty())
                                .getSocketFactory()));
    }

    private static Oidc oidc(OidcConfig oidc) throws IOException {
        return new Oidc(
                secret(
                        "network.oidc.client-secret-file",
                        oidc.secretFile(),
                        OIDC_SECRET,
                        oidc.secretVariable()),
                ClientTls.context("network.oidc", oidc.ca(), Optional.empty()));
    }

    private static Optional<String> secret(
            String key, Optional<Path> file, String variable, boolean inVariable)
            throws IOException {
        return file.isPresent()
                ? Optional.of(ClientTls.text(key, file.get()))
                : Optional.ofNullable(System.getenv(variable)).filter(_ -> inVariable);
    }
}
