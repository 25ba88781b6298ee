package dev.usher.gateways;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.usher.accounts.Fingerprint;
import java.util.HashMap;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * The trust and client certificates of all setups, each kept once under its SHA-256: a whole fleet
 * shares its trust.
 */
final class CertificateTable {

    /** A trust is asked for at every check-in that changes something; a client certificate once. */
    private final Cache<Fingerprint, byte[]> recent =
            Caffeine.newBuilder().maximumSize(256).build();

    /** The certificate with this SHA-256, in DER. */
    byte[] get(Handle handle, byte[] sha256) {
        return recent.get(
                        new Fingerprint(sha256),
                        fingerprint ->
                                handle.createQuery("SELECT der FROM certificate WHERE sha256 = ?")
                                        .bind(0, fingerprint.bytes())
                                        .mapTo(byte[].class)
                                        .findOne()
                                        .orElseThrow(
                                                () ->
                                                        new IllegalStateException(
                                                                "certificate "
                                                                        + fingerprint
                                                                        + " is referred to but not"
                                                                        + " stored")))
                .clone();
    }

    /** The table as one change sees it, with the certificates that the change adds. */
    Additions additions(Handle handle) {
        return new Additions(handle);
    }

    /** Certificates that are written together at the end of a change. */
    final class Additions {
        private final Handle handle;
        private final Map<Fingerprint, byte[]> added = new HashMap<>();

        private Additions(Handle handle) {
            this.handle = requireNonNull(handle, "handle");
        }

        /** Notes the certificate and returns its SHA-256, which refers to it. */
        byte[] add(byte[] der) {
            Fingerprint fingerprint = Fingerprint.of(der);
            added.put(fingerprint, der);
            return fingerprint.bytes();
        }

        byte[] get(byte[] sha256) {
            byte[] der = added.get(new Fingerprint(sha256));
            return der == null ? CertificateTable.this.get(handle, sha256) : der.clone();
        }

        void save() {
            PreparedBatch rows =
                    handle.prepareBatch(
                            "INSERT INTO certificate (sha256, der) VALUES (?, ?) ON CONFLICT"
                                    + " (sha256) DO NOTHING");
            added.forEach(
                    (fingerprint, der) -> rows.bind(0, fingerprint.bytes()).bind(1, der).add());
            rows.execute();
        }
    }
}
