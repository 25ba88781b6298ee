package dev.usher.server.config;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The OpenID Connect provider that users can sign in by.
 *
 * @param secretVariable whether the client's secret is in the environment
 *     (USHER_NETWORK_OIDC_CLIENT_SECRET)
 * @param secretFile where it is otherwise; a public client has none
 * @param ca authorities in PEM, one of which its certificate comes from; those the system trusts if
 *     empty
 * @param publicUrl how browsers reach the web port; by the host name and the port itself if empty
 * @param createsUsers whether somebody who is not linked to a user becomes a new one
 */
public record OidcConfig(
        URI issuer,
        String clientId,
        boolean secretVariable,
        Optional<Path> secretFile,
        Optional<Path> ca,
        Optional<URI> publicUrl,
        boolean createsUsers) {

    public OidcConfig {
        requireNonNull(issuer, "issuer");
        requireNonNull(clientId, "clientId");
        requireNonNull(secretFile, "secretFile");
        requireNonNull(ca, "ca");
        requireNonNull(publicUrl, "publicUrl");
    }
}
