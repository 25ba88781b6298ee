package dev.usher.server;

import dev.usher.accounts.Fingerprint;
import dev.usher.keys.CertificateAuthority;
import dev.usher.keys.SealException;
import dev.usher.keys.Sealer;
import dev.usher.keys.VaultException;
import dev.usher.store.Database;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Keeps the built-in certificate authority in the database, so that every node has the same one.
 */
final class BuiltInAuthority {

    /** There was no Usher before; a clock that says so was never set, as after a dead battery. */
    private static final Instant EARLIEST = Instant.parse("2026-01-01T00:00:00Z");

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
        if (clock.instant().isBefore(EARLIEST)) {
            throw new StartupException(
                    "the clock says "
                            + clock.instant()
                            + ": set it first, because the built-in CA that is made now ends 20"
                            + " years later and cannot be replaced on gateways");
        }
        CertificateAuthority authority = CertificateAuthority.create("Usher CA", clock);
        handle.execute(
                "INSERT INTO built_in_ca (id, certificate, private_key) VALUES (1, ?, ?)",
                authority.certificateDer(),
                sealer.seal(sealContext(authority.certificateDer()), authority.privateKeyPkcs8()));
        return authority;
    }

    private static Optional<CertificateAuthority> find(
            Handle handle, Sealer sealer, InstantSource clock) {
        return handle.createQuery("SELECT certificate, private_key FROM built_in_ca")
                .map(
                        (row, _) ->
                                restore(
                                        row.getBytes("certificate"),
                                        row.getBytes("private_key"),
                                        sealer,
                                        clock))
                .findOne();
    }

    private static CertificateAuthority restore(
            byte[] certificate, byte[] sealedKey, Sealer sealer, InstantSource clock) {
        byte[] privateKey;
        try {
            privateKey = sealer.open(sealContext(certificate), sealedKey);
        } catch (SealException e) {
            throw new VaultException(
                    "the private key of the built-in CA does not open, or is not that of the"
                            + " certificate kept with it: restore the database and the vault from"
                            + " the same backup",
                    e);
        }
        return CertificateAuthority.restore(certificate, privateKey, clock);
    }

    /** A key sealed for its certificate opens for no other. */
    private static String sealContext(byte[] certificateDer) {
        return "built-in-ca/private-key/" + Fingerprint.of(certificateDer);
    }
}
