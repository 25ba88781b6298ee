package dev.usher.accounts;

import static java.util.Objects.requireNonNull;

import dev.usher.store.Change;
import dev.usher.store.Database;
import java.security.cert.X509Certificate;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * The certificates of owners: those they authenticate with themselves, found by fingerprint whoever
 * issued them, and the certificate authorities their gateways' certificates may come from.
 */
public final class OwnerCertificates {

    private final Database database;
    private final AuditLog audit;
    private final InstantSource clock;

    public OwnerCertificates(Database database, AuditLog audit, InstantSource clock) {
        this.database = requireNonNull(database, "database");
        this.audit = requireNonNull(audit, "audit");
        this.clock = requireNonNull(clock, "clock");
    }

    /** A client certificate of an owner. */
    public record ClientCertificate(
            Fingerprint fingerprint, OwnerId owner, Instant notAfter, Instant createdAt) {
        public ClientCertificate {
            requireNonNull(fingerprint, "fingerprint");
            requireNonNull(owner, "owner");
            requireNonNull(notAfter, "notAfter");
            requireNonNull(createdAt, "createdAt");
        }
    }

    /** A certificate authority an owner's gateways may have their certificates from. */
    public record GatewayCa(OwnerId owner, Fingerprint fingerprint, X509Certificate certificate) {
        public GatewayCa {
            requireNonNull(owner, "owner");
            requireNonNull(fingerprint, "fingerprint");
            requireNonNull(certificate, "certificate");
        }
    }

    /**
     * Lets whoever holds this certificate's key act for the owner, until the certificate ends. The
     * change fails with {@link Conflict} if it is mapped already, to whomever.
     *
     * @throws IllegalArgumentException if the certificate has ended already
     */
    public Change<ClientCertificate> map(
            Principal actor, OwnerId owner, X509Certificate certificate) {
        Fingerprint fingerprint = Fingerprint.of(certificate);
        Instant notAfter = certificate.getNotAfter().toInstant();
        if (clock.instant().isAfter(notAfter)) {
            throw new IllegalArgumentException(
                    "the certificate ended at " + notAfter + ": use one that is valid");
        }
        return handle -> {
            if (Owners.find(handle, owner).isEmpty()) {
                throw Owners.notFound(owner);
            }
            ClientCertificate mapped =
                    new ClientCertificate(
                            fingerprint, owner, notAfter, Instant.ofEpochMilli(clock.millis()));
            int created =
                    handle.execute(
                            "INSERT INTO owner_certificate (fingerprint, owner, not_after,"
                                + " created_at) VALUES (?, ?, ?, ?) ON CONFLICT (fingerprint) DO"
                                + " NOTHING",
                            fingerprint.bytes(),
                            owner.value(),
                            mapped.notAfter().toEpochMilli(),
                            mapped.createdAt().toEpochMilli());
            if (created == 0) {
                throw new Conflict(
                        "the certificate "
                                + fingerprint
                                + " is mapped to an owner already: use another one");
            }
            audit.append(
                    handle,
                    new AuditEvent(
                            actor,
                            "owner.certificate.add",
                            owner.toString(),
                            Optional.of(owner),
                            Map.of("fingerprint", fingerprint.toString())));
            return mapped;
        };
    }

    /** Ends what {@link #map} began; the change fails with {@link NotFound} if it never did. */
    public Change<Boolean> unmap(Principal actor, OwnerId owner, Fingerprint fingerprint) {
        return delete(actor, owner, fingerprint, "owner_certificate", "owner.certificate.delete");
    }

    public List<ClientCertificate> list(OwnerId owner) {
        return database.read(
                handle ->
                        handle.createQuery(
                                        "SELECT * FROM owner_certificate WHERE owner = :owner ORDER"
                                                + " BY created_at, fingerprint")
                                .bind("owner", owner.value())
                                .map(OwnerCertificates::clientCertificate)
                                .list());
    }

    /**
     * Who may act with this certificate now, if anybody. That its holder has the key is for TLS to
     * prove.
     */
    public Optional<Principal> authenticate(X509Certificate certificate) {
        Fingerprint fingerprint = Fingerprint.of(certificate);
        Instant now = clock.instant();
        if (now.isBefore(certificate.getNotBefore().toInstant())) {
            return Optional.empty();
        }
        return database.read(
                        handle ->
                                handle.createQuery(
                                                "SELECT * FROM owner_certificate WHERE fingerprint"
                                                        + " = :fingerprint")
                                        .bind("fingerprint", fingerprint.bytes())
                                        .map(OwnerCertificates::clientCertificate)
                                        .findOne())
                .filter(mapped -> now.isBefore(mapped.notAfter()))
                .map(
                        mapped ->
                                new Principal.OwnerPrincipal(
                                        mapped.owner(),
                                        "certificate " + fingerprint.toString().substring(0, 16)));
    }

    /**
     * Lets the owner's gateways authenticate with certificates that this authority issued. Doing it
     * again changes nothing.
     *
     * @throws IllegalArgumentException if it is not a certificate authority's
     */
    public Change<GatewayCa> trustGatewayCa(Principal actor, OwnerId owner, X509Certificate ca) {
        if (ca.getBasicConstraints() < 0) {
            throw new IllegalArgumentException(
                    "the certificate is not a certificate authority's: send the CA's own");
        }
        GatewayCa trusted = new GatewayCa(owner, Fingerprint.of(ca), ca);
        return handle -> {
            if (Owners.find(handle, owner).isEmpty()) {
                throw Owners.notFound(owner);
            }
            int added =
                    handle.execute(
                            "INSERT INTO owner_ca (owner, fingerprint, der, created_at) VALUES (?,"
                                    + " ?, ?, ?) ON CONFLICT (owner, fingerprint) DO NOTHING",
                            owner.value(),
                            trusted.fingerprint().bytes(),
                            Certificates.encoded(ca),
                            clock.millis());
            if (added > 0) {
                audit.append(
                        handle,
                        new AuditEvent(
                                actor,
                                "owner.ca.add",
                                owner.toString(),
                                Optional.of(owner),
                                Map.of("fingerprint", trusted.fingerprint().toString())));
            }
            return trusted;
        };
    }

    /** Ends what {@link #trustGatewayCa} began. */
    public Change<Boolean> distrustGatewayCa(
            Principal actor, OwnerId owner, Fingerprint fingerprint) {
        return delete(actor, owner, fingerprint, "owner_ca", "owner.ca.delete");
    }

    /** The authorities of every owner; there are few. */
    public List<GatewayCa> gatewayCas() {
        return database.read(
                handle ->
                        handle.createQuery(
                                        "SELECT owner, der FROM owner_ca ORDER BY owner,"
                                                + " fingerprint")
                                .map(
                                        (row, _) -> {
                                            X509Certificate ca =
                                                    Certificates.decoded(row.getBytes("der"));
                                            return new GatewayCa(
                                                    new OwnerId(row.getLong("owner")),
                                                    Fingerprint.of(ca),
                                                    ca);
                                        })
                                .list());
    }

    private Change<Boolean> delete(
            Principal actor, OwnerId owner, Fingerprint fingerprint, String table, String action) {
        return handle -> {
            int deleted =
                    handle.execute(
                            "DELETE FROM " + table + " WHERE fingerprint = ? AND owner = ?",
                            fingerprint.bytes(),
                            owner.value());
            if (deleted == 0) {
                throw new NotFound("owner " + owner + " has no certificate " + fingerprint);
            }
            audit.append(
                    handle,
                    new AuditEvent(
                            actor,
                            action,
                            owner.toString(),
                            Optional.of(owner),
                            Map.of("fingerprint", fingerprint.toString())));
            return true;
        };
    }

    private static ClientCertificate clientCertificate(ResultSet row, StatementContext context)
            throws SQLException {
        return new ClientCertificate(
                new Fingerprint(row.getBytes("fingerprint")),
                new OwnerId(row.getLong("owner")),
                Instant.ofEpochMilli(row.getLong("not_after")),
                Instant.ofEpochMilli(row.getLong("created_at")));
    }
}
