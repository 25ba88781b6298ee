package dev.usher.api;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.ApiKeys;
import dev.usher.accounts.OwnerCertificates;
import dev.usher.accounts.Principal;
import dev.usher.api.edge.Request;
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
        Optional<String> authorization = request.header("Authorization");
        if (authorization.isPresent()) {
            String value = authorization.get().strip();
            return value.regionMatches(true, 0, "Bearer ", 0, 7)
                    ? keys.authenticate(value.substring(7).strip())
                    : Optional.empty();
        }
        return request.clientChain().stream().findFirst().flatMap(certificates::authenticate);
    }
}
