package dev.usher.gateways;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.usher.accounts.Fingerprint;
import java.util.Arrays;
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

    /** Certificates to be written together, in the change that asked for them. */
    static final class Additions {
        private final Map<Fingerprint, byte[]> added = new HashMap<>();

        /** Notes the certificate and returns what refers to it. */
        byte[] add(byte[] der) {
            Fingerprint fingerprint = Fingerprint.of(der);
            added.put(fingerprint, der);
            return fingerprint.bytes();
        }

        void save(Handle handle) {
            PreparedBatch rows =
                    handle.prepareBatch(
                            "INSERT INTO certificate (sha256, der) VALUES (?, ?) ON CONFLICT"
                                    + " (sha256) DO NOTHING");
            added.forEach(
                    (fingerprint, der) -> rows.bind(0, fingerprint.bytes()).bind(1, der).add());
            rows.execute();
        }
    }

    byte[] get(Handle handle, byte[] sha256) {
        byte[] der =
                recent.get(
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
                                                                        + " stored")));
        return Arrays.copyOf(der, der.length);
    }
}
