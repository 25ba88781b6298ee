package dev.usher.network.claiming;

import static java.util.Objects.requireNonNull;

import dev.usher.station.AuthorizationHeader;
import dev.usher.station.StationUri;
import java.util.Optional;

/**
 * What a Gateway Join Server is to tell a gateway: where to ask, whom to trust, how to
 * authenticate.
 *
 * @param uri CUPS ({@code https}) or LNS ({@code wss}); without TLS there is neither trust nor key
 * @param trust the certificate the server's chain must end in, DER
 */
public record UpstreamSetup(
        StationUri uri, Optional<byte[]> trust, Optional<AuthorizationHeader> key) {

    public UpstreamSetup {
        requireNonNull(uri, "uri");
        requireNonNull(key, "key");
        if (uri.isSecure() != trust.isPresent()) {
            throw new IllegalArgumentException(
                    uri.isSecure()
                            ? uri + " needs the certificate to trust"
                            : uri + " is without TLS: there is nothing to trust");
        }
        if (!uri.isSecure() && key.isPresent()) {
            throw new IllegalArgumentException(
                    uri + " is without TLS: station would send no key there");
        }
    }

    @Override
    public String toString() {
        return "UpstreamSetup[" + uri + "]";
    }
}
