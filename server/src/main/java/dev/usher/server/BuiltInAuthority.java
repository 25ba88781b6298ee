package dev.usher.server;

import dev.usher.keys.CertificateAuthority;
import dev.usher.keys.Sealer;
import dev.usher.store.Database;
import java.time.InstantSource;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Keeps the built-in certificate authority in the database, so that every node has the same one.
 */
final class BuiltInAuthority {

    private static final String SEAL_CONTEXT = "built-in-ca/private-key";

    private BuiltInAuthority() {}

    /** The authority there is; the first node to ask makes it. */
    static CertificateAuthority loadOrCreate(
            Database database, Sealer sealer, InstantSource clock) {
        return database.<Optional<CertificateAuthority>>read(handle -> find(handle, sealer, clock))
                .orElseGet(
                        () ->
                                database.write(
                                        handle ->
                                                find(handle, sealer, clock)
                                                        .orElseGet(
                                                                () ->
                                                                        create(
                                                                                handle, sealer,
                                                                                clock))));
    }

    private static CertificateAuthority create(Handle handle, Sealer sealer, InstantSource clock) {
        CertificateAuthority authority = CertificateAuthority.create("Usher CA", clock);
        handle.execute(
                "INSERT INTO built_in_ca (id, certificate, private_key) VALUES (1, ?, ?)",
                authority.certificateDer(),
                sealer.seal(SEAL_CONTEXT, authority.privateKeyPkcs8()));
        return authority;
    }

    private static Optional<CertificateAuthority> find(
            Handle handle, Sealer sealer, InstantSource clock) {
        return handle.createQuery("SELECT certificate, private_key FROM built_in_ca")
                .map(
                        (row, _) ->
                                CertificateAuthority.restore(
                                        row.getBytes("certificate"),
                                        sealer.open(SEAL_CONTEXT, row.getBytes("private_key")),
                                        clock))
                .findOne();
    }
}
