package dev.usher.network.outlets;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Printable;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import javax.net.ssl.SSLSocketFactory;

/**
 * The MQTT broker that events are published at, and how it is reached.
 *
 * @param url {@code mqtt://broker.example.com} (port 1883) or {@code mqtts://…} (TLS, port 8883)
 * @param clientId what this network is called there; no other client may have the same name
 * @param prefix what all topics begin with
 * @param tls whom to trust, for {@code mqtts}
 */
public record MqttSettings(
        URI url,
        String clientId,
        String prefix,
        Optional<String> user,
        Optional<String> password,
        Optional<SSLSocketFactory> tls) {

    public MqttSettings {
        requireNonNull(url, "url");
        requireNonNull(clientId, "clientId");
        requireNonNull(prefix, "prefix");
        requireNonNull(user, "user");
        requireNonNull(password, "password");
        requireNonNull(tls, "tls");
    }

    /**
     * Reads a broker's URL.
     *
     * @throws IllegalArgumentException if it is none; the message says why
     */
    public static URI url(String text) {
        URI url;
        try {
            url = new URI(text);
        } catch (URISyntaxException e) {
            throw wrong(text);
        }
        boolean known = "mqtt".equals(url.getScheme()) || "mqtts".equals(url.getScheme());
        String path = url.getRawPath();
        if (!known
                || url.getHost() == null
                || url.getRawUserInfo() != null
                || url.getRawQuery() != null
                || url.getRawFragment() != null
                || !(path == null || path.isEmpty() || path.equals("/"))) {
            throw wrong(text);
        }
        return url;
    }

    private static IllegalArgumentException wrong(String text) {
        return new IllegalArgumentException(
                ("'%s' is not the URL of a broker: write it as in mqtts://broker.example.com:8883,"
                                + " without a user and a path")
                        .formatted(Printable.of(text)));
    }

    /**
     * Reads what topics begin with.
     *
     * @throws IllegalArgumentException if no topic may be called that
     */
    public static String prefix(String text) {
        if (!text.matches("[^/+#$\\x00-\\x20][^+#\\x00-\\x1F]{0,99}") || text.endsWith("/")) {
            throw new IllegalArgumentException(
                    "'%s' is not the beginning of a topic: write it as in usher or acme/lorawan"
                            .formatted(Printable.of(text)));
        }
        return text;
    }

    boolean isSecure() {
        return url.getScheme().equals("mqtts");
    }

    /** As the client library wants it. */
    String serverUri() {
        int port = url.getPort() >= 0 ? url.getPort() : isSecure() ? 8883 : 1883;
        return (isSecure() ? "ssl://" : "tcp://") + url.getHost() + ":" + port;
    }

    @Override
    public String toString() {
        return "MqttSettings[" + url + ", " + clientId + ", " + prefix + "]";
    }
}
