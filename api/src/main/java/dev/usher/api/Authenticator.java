package dev.usher.api;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.ApiKeys;
import dev.usher.accounts.OwnerCertificates;
import dev.usher.accounts.Principal;
import dev.usher.api.edge.Request;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * Finds out who is asking: by the API key in the Authorization header, else by the client
 * certificate.
 */
public final class Authenticator {

    private final ApiKeys keys;
    private final OwnerCertificates certificates;

    public Authenticator(ApiKeys keys, OwnerCertificates certificates) {
        this.keys = requireNonNull(keys, "keys");
        this.certificates = requireNonNull(certificates, "certificates");
    }

    Optional<Principal> principal(Request request) {
        return request.header("Authorization").isPresent()
                ? bearer(request).flatMap(keys::authenticate)
                : byCertificate(request);
    }

    /** The key in the Authorization header. */
    static Optional<String> bearer(Request request) {
        return request.header("Authorization")
                .map(String::strip)
                .filter(value -> value.regionMatches(true, 0, "Bearer ", 0, 7))
                .map(value -> value.substring(7).strip());
    }

    /**
     * Likewise, for clients that send an API key as the password of HTTP Basic authentication; the
     * user name does not matter.
     */
    Optional<Principal> principalOrPassword(Request request) {
        Optional<String> basic =
                request.header("Authorization")
                        .map(String::strip)
                        .filter(value -> value.regionMatches(true, 0, "Basic ", 0, 6))
                        .map(value -> value.substring(6).strip());
        return basic.isPresent()
                ? basic.flatMap(Authenticator::password).flatMap(keys::authenticate)
                : principal(request);
    }

    private static Optional<String> password(String credentials) {
        try {
            String decoded =
                    new String(
                            Base64.getDecoder().decode(credentials), StandardCharsets.ISO_8859_1);
            int colon = decoded.indexOf(':');
            return colon < 0 ? Optional.empty() : Optional.of(decoded.substring(colon + 1));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private Optional<Principal> byCertificate(Request request) {
        return request.clientChain().stream().findFirst().flatMap(certificates::authenticate);
    }
}
