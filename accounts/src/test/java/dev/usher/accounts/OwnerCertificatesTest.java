package dev.usher.accounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.tuple;

import dev.usher.keys.CertificateAuthority;
import dev.usher.store.Database;
import dev.usher.store.EveryEngine;
import dev.usher.store.TestDatabase;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@EveryEngine
class OwnerCertificatesTest {

    private static final Principal ADMIN = new Principal.Administrator("test");
    private static final OwnerId ACME = OwnerId.parse("::1");
    private static final OwnerId OTHER = OwnerId.parse("::2");
    private static final OwnerId NOBODY = OwnerId.parse("::3");
    private static final Duration LIFETIME = Duration.ofDays(30);

    private final AtomicReference<Instant> now =
            new AtomicReference<>(Instant.parse("2026-11-21T10:00:00Z"));
    private final Database database;
    private final AuditLog audit;
    private final OwnerCertificates certificates;
    private final CertificateAuthority authority = CertificateAuthority.create("Usher", now::get);
    private final X509Certificate certificate =
            authority.issueOwner(ACME.toString(), LIFETIME).certificate();

    OwnerCertificatesTest(TestDatabase engine) {
        database = engine.emptied();
        audit = new AuditLog(database, now::get);
        certificates = new OwnerCertificates(database, audit, now::get);
    }

    @BeforeEach
    void createOwners() {
        Owners owners = new Owners(database, audit, now::get);
        database.write(owners.create(ADMIN, ACME, "Acme", Owner.DEFAULT_ADD_LIMIT));
        database.write(owners.create(ADMIN, OTHER, "Other", Owner.DEFAULT_ADD_LIMIT));
    }

    @Test
    void aMappedCertificateStandsForItsOwner() {
        assertThat(certificates.authenticate(certificate)).isEmpty();

        OwnerCertificates.ClientCertificate mapped =
                database.write(certificates.map(ADMIN, ACME, certificate));

        assertThat(mapped.fingerprint()).isEqualTo(Fingerprint.of(certificate));
        assertThat(mapped.notAfter()).isEqualTo(now.get().plus(LIFETIME));
        assertThat(certificates.list(ACME)).containsExactly(mapped);
        assertThat(certificates.list(OTHER)).isEmpty();
        assertThat(certificates.authenticate(certificate))
                .hasValueSatisfying(
                        principal ->
                                assertThat(principal)
                                        .isEqualTo(
                                                new Principal.OwnerPrincipal(
                                                        ACME,
                                                        "certificate "
                                                                + mapped.fingerprint()
                                                                        .toString()
                                                                        .substring(0, 16))));
    }

    @Test
    void aCertificateOfAnotherAuthorityWithTheSameNamesStandsForNobody() {
        database.write(certificates.map(ADMIN, ACME, certificate));
        X509Certificate forged =
                CertificateAuthority.create("Usher", now::get)
                        .issueOwner(ACME.toString(), LIFETIME)
                        .certificate();
        assertThat(forged.getSubjectX500Principal())
                .isEqualTo(certificate.getSubjectX500Principal());

        assertThat(certificates.authenticate(forged)).isEmpty();
    }

    @Test
    void aCertificateIsMappedToOneOwner() {
        database.write(certificates.map(ADMIN, ACME, certificate));
        for (OwnerId owner : new OwnerId[] {ACME, OTHER}) {
            assertThatExceptionOfType(Conflict.class)
                    .isThrownBy(() -> database.write(certificates.map(ADMIN, owner, certificate)))
                    .withMessageContaining("is mapped to an owner already");
        }
        assertThatExceptionOfType(NotFound.class)
                .isThrownBy(() -> database.write(certificates.map(ADMIN, NOBODY, certificate)));
    }

    @Test
    void anUnmappedCertificateStandsForNobody() {
        Fingerprint fingerprint = Fingerprint.of(certificate);
        database.write(certificates.map(ADMIN, ACME, certificate));
        assertThatExceptionOfType(NotFound.class)
                .isThrownBy(() -> database.write(certificates.unmap(ADMIN, OTHER, fingerprint)))
                .withMessage("owner ::2 has no certificate " + fingerprint);
        assertThat(certificates.authenticate(certificate)).isPresent();

        database.write(certificates.unmap(ADMIN, ACME, fingerprint));

        assertThat(certificates.authenticate(certificate)).isEmpty();
        assertThat(certificates.list(ACME)).isEmpty();
    }

    @Test
    void aCertificateStandsForItsOwnerOnlyBetweenItsDates() {
        database.write(certificates.map(ADMIN, ACME, certificate));
        Instant begin = certificate.getNotBefore().toInstant();
        Instant end = certificate.getNotAfter().toInstant();

        now.set(begin.minusSeconds(1));
        assertThat(certificates.authenticate(certificate)).isEmpty();
        now.set(begin);
        assertThat(certificates.authenticate(certificate)).isPresent();
        now.set(end.minusSeconds(1));
        assertThat(certificates.authenticate(certificate)).isPresent();
        now.set(end.plusSeconds(1));
        assertThat(certificates.authenticate(certificate)).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> certificates.map(ADMIN, OTHER, certificate))
                .withMessage("the certificate ended at " + end + ": use one that is valid");
    }

    @Test
    void anOwnerTrustsAuthoritiesForItsGateways() {
        X509Certificate ca = authority.certificate();
        Fingerprint fingerprint = Fingerprint.of(ca);
        database.write(certificates.trustGatewayCa(ADMIN, ACME, ca));
        database.write(certificates.trustGatewayCa(ADMIN, ACME, ca));
        database.write(certificates.trustGatewayCa(ADMIN, OTHER, ca));
        assertThat(certificates.gatewayCas())
                .extracting(
                        OwnerCertificates.GatewayCa::owner,
                        OwnerCertificates.GatewayCa::fingerprint,
                        OwnerCertificates.GatewayCa::certificate)
                .containsExactly(tuple(ACME, fingerprint, ca), tuple(OTHER, fingerprint, ca));

        database.write(certificates.distrustGatewayCa(ADMIN, ACME, fingerprint));

        assertThat(certificates.gatewayCas())
                .extracting(OwnerCertificates.GatewayCa::owner)
                .containsExactly(OTHER);
        assertThatExceptionOfType(NotFound.class)
                .isThrownBy(
                        () ->
                                database.write(
                                        certificates.distrustGatewayCa(ADMIN, ACME, fingerprint)));
        assertThat(audit.list(AuditLog.Filter.ALL, 0, 100))
                .extracting(AuditEntry::action)
                .containsExactly(
                        "owner.create",
                        "owner.create",
                        "owner.ca.add",
                        "owner.ca.add",
                        "owner.ca.delete");
    }

    @Test
    void anAuthorityIsOne() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> certificates.trustGatewayCa(ADMIN, ACME, certificate))
                .withMessageContaining("not a certificate authority's");
        assertThatExceptionOfType(NotFound.class)
                .isThrownBy(
                        () ->
                                database.write(
                                        certificates.trustGatewayCa(
                                                ADMIN, NOBODY, authority.certificate())));
    }

    @Test
    void aFingerprintReadsBackWithAndWithoutColons() {
        Fingerprint fingerprint = Fingerprint.of(certificate);
        String colons =
                fingerprint.toString().replaceAll("(..)(?!$)", "$1:").toUpperCase(Locale.ROOT);
        assertThat(Fingerprint.parse(colons)).isEqualTo(fingerprint);
        assertThat(Fingerprint.parse(fingerprint.toString())).isEqualTo(fingerprint);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Fingerprint.parse("ab:cd"))
                .withMessageContaining("64 hex digits");
    }
}
