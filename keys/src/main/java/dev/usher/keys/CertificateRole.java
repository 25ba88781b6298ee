package dev.usher.keys;

import java.util.Locale;
import java.util.Optional;

/**
 * What a certificate of the built-in authority was issued for. It stands in the subject's OU, so
 * that a gateway's certificate can never pass for that of the owner with the same number.
 */
public enum CertificateRole {
    SERVER,
    GATEWAY,
    OWNER;

    String organizationalUnit() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<CertificateRole> of(String organizationalUnit) {
        for (CertificateRole role : values()) {
            if (role.organizationalUnit().equals(organizationalUnit)) {
                return Optional.of(role);
            }
        }
        return Optional.empty();
    }
}
