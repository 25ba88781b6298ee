package dev.usher.keys;

import static java.util.Objects.requireNonNull;

/**
 * Whom a certificate of the built-in authority was issued to.
 *
 * @param name the subject's CN: a gateway's EUI (16 upper-case hex digits), an owner id, or a
 *     server's first name
 */
public record CertificateHolder(CertificateRole role, String name) {

    public CertificateHolder {
        requireNonNull(role, "role");
        requireNonNull(name, "name");
    }
}
