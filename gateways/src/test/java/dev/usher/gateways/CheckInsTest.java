package dev.usher.gateways;

import static dev.usher.gateways.TestServer.ACME;
import static dev.usher.gateways.TestServer.ADMIN;
import static dev.usher.gateways.TestServer.OTHER;
import static dev.usher.gateways.TestServer.eui;
import static dev.usher.gateways.TestServer.principal;
import static dev.usher.gateways.TestServer.running;
import static dev.usher.gateways.TestServer.virgin;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.usher.accounts.Fingerprint;
import dev.usher.accounts.OwnerId;
import dev.usher.keys.CertificateAuthority;
import dev.usher.keys.IssuedCertificate;
import dev.usher.lorawan.Eui64;
import dev.usher.station.CredentialFiles;
import dev.usher.station.Credentials;
import dev.usher.station.UpdateInfoRequest;
import dev.usher.station.UpdateInfoResponse;
import dev.usher.station.Why;
import dev.usher.store.EveryEngine;
import dev.usher.store.TestDatabase;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@EveryEngine
class CheckInsTest {

    private static final Eui64 STRANGER = eui("0000000000000BAD");
    private static final Duration LIFETIME = Duration.ofDays(30);
    private static final Setting<byte[]> SAME = Setting.unchanged();
    private static final String CUPS = "https://cups.example.org:443";
    private static final String LNS = "wss://lns.example.org:8887";

    private final TestServer usher;
    private final Batch batch;
    private final Eui64 gateway = eui("58A0CBFFFE800BE7");
    private final Eui64 neighbour = eui("58A0CBFFFE800BE8");
    private final byte[] trust;

    CheckInsTest(TestDatabase engine) {
        usher = TestServer.on(engine);
        batch = usher.batch("femto", "58A0CBFFFE800000/48");
        trust = usher.authority.certificateDer();
    }

    @AfterEach
    void close() {
        usher.close();
    }

    @Test
    void aGenuineGatewayThatNobodyHasClaimedGetsFourteenZeroBytes() {
        CheckIns.Outcome outcome = usher.checkIn(gateway, usher.token(batch, gateway));

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        CheckIns.Outcome.Answer.class,
                        answer -> {
                            assertThat(answer.response().head()).isEqualTo(new byte[14]);
                            assertThat(answer.update()).isEmpty();
                        });
    }

    @Test
    void whoIsNotKnownGetsNothing() {
        assertRefused(virgin(STRANGER), usher.token(batch, gateway));
        assertRefused(
                virgin(STRANGER), usher.authority.issueGateway(gateway, LIFETIME).certificate());
    }

    @Test
    void aTokenIsTakenWithAndWithoutItsScheme() {
        String token = usher.token(batch, gateway);
        for (String presented :
                List.of(token, "Bearer " + token, "bearer " + token, " Bearer  " + token + " ")) {
            assertGenuine(virgin(gateway), presented);
        }
        for (String presented :
                List.of(
                        "",
                        "Bearer ",
                        "Basic " + token,
                        token + "x",
                        token.substring(1),
                        token.toUpperCase(Locale.ROOT),
                        usher.pin(batch, gateway))) {
            assertRefused(virgin(gateway), presented);
        }
        assertThat(
                        usher.server
                                .checkIns()
                                .checkIn(
                                        virgin(gateway),
                                        new CheckIns.Presented(Optional.empty(), Optional.empty())))
                .isInstanceOf(CheckIns.Outcome.NotGenuine.class);
    }

    @Test
    void theTokenOfOneGatewayIsNoneOfAnother() {
        usher.claimed(ACME, batch, neighbour);
        setUp(neighbour);
        assertRefused(virgin(neighbour), usher.token(batch, gateway));
        Batch other = usher.batch("other", "58A0CBFFFE900000/48");
        assertRefused(virgin(gateway), usher.token(other, other.range().first()));
    }

    @Test
    void aClaimedGatewayIsToldAllAtOnceAndThenNothing() {
        usher.claimed(ACME, batch, gateway);
        assertNothing(virgin(gateway), usher.token(batch, gateway));
        setUp(gateway);

        UpdateInfoResponse.Decoded told = told(usher.checkIn(gateway, usher.token(batch, gateway)));

        assertThat(told.cupsUri()).hasValue(CUPS);
        assertThat(told.tcUri()).hasValue(LNS);
        assertThat(CredentialFiles.split(told.cupsCredentials())).isEqualTo(files("cups"));
        assertThat(CredentialFiles.split(told.tcCredentials())).isEqualTo(files("lns"));

        // It comes back with what it got, and reports it.
        assertNothing(content(gateway), "Bearer cups");
        assertNothing(content(gateway), usher.token(batch, gateway));
    }

    @Test
    void aGatewayOnItsBackupSetIsToldAgain() {
        usher.claimed(ACME, batch, gateway);
        setUp(gateway);
        UpdateInfoRequest broken =
                reporting(gateway, "https://gone.example.org:443", 0xBAD, LNS, files("lns").crc());
        for (int i = 0; i < 2; i++) {
            UpdateInfoResponse.Decoded told =
                    told(usher.checkIn(broken, usher.token(batch, gateway)));
            assertThat(told.cupsUri()).hasValue(CUPS);
            assertThat(told.cupsCredentials()).isNotEmpty();
            assertThat(told.tcUri()).isEmpty();
            assertThat(told.tcCredentials()).isEmpty();
        }
    }

    @Test
    void aTokenFromItsOwnerIsGoodAsLongAsItIsSetUp() {
        usher.claimed(ACME, batch, gateway);
        setUp(gateway);
        assertGenuine(content(gateway), "Bearer cups");
        assertRefused(content(gateway), "cups");
        assertRefused(content(gateway), "Bearer lns");
        usher.claimed(ACME, batch, neighbour);
        assertRefused(virgin(neighbour), "Bearer cups");

        usher.setup(
                ACME,
                gateway,
                cups(new EndpointChange(Setting.unchanged(), SAME, SAME, header("Bearer new"))));
        assertRefused(content(gateway), "Bearer cups");
        assertGenuine(content(gateway), "Bearer new");

        usher.setup(
                ACME,
                gateway,
                cups(new EndpointChange(Setting.to("http://10.0.0.1:80"), SAME, SAME, SAME)));
        assertRefused(content(gateway), "Bearer new");
    }

    @Test
    void aTokenFromItsOwnerEndsWithTheRelease() {
        usher.claimed(ACME, batch, gateway);
        setUp(gateway);
        usher.release(ACME, gateway);
        assertRefused(content(gateway), "Bearer cups");
        assertNothing(content(gateway), usher.token(batch, gateway));
    }

    @Test
    void aHeaderOfAnotherNameIsNoAuthorization() {
        usher.claimed(ACME, batch, gateway);
        usher.setup(
                ACME,
                gateway,
                cups(
                        new EndpointChange(
                                Setting.to(CUPS),
                                Setting.to(trust),
                                SAME,
                                Setting.to("X-Key: cups\r\n".getBytes(US_ASCII)))));
        assertRefused(virgin(gateway), "cups");
    }

    @Test
    void aCertificateFromItsOwnerIsGoodWhoeverIssuedIt() {
        CertificateAuthority foreign = CertificateAuthority.create("Foreign", usher.now::get);
        IssuedCertificate given = foreign.issueOwner("anything", LIFETIME);
        usher.claimed(ACME, batch, gateway);
        assertRefused(virgin(gateway), given.certificate());
        usher.setup(
                ACME,
                gateway,
                cups(
                        new EndpointChange(
                                Setting.to(CUPS),
                                Setting.to(trust),
                                Setting.to(given.certificateDer()),
                                Setting.to(given.privateKeySec1()))));

        assertGenuine(virgin(gateway), given.certificate());
        assertRefused(virgin(gateway), foreign.issueOwner("anything", LIFETIME).certificate());
        usher.claimed(ACME, batch, neighbour);
        assertRefused(virgin(neighbour), given.certificate());
        usher.now.set(TestServer.START.plus(LIFETIME).plusSeconds(1));
        assertRefused(virgin(gateway), given.certificate());
        usher.now.set(TestServer.START.minus(Duration.ofDays(2)));
        assertRefused(virgin(gateway), given.certificate());
    }

    @Test
    void aCertificateOfTheBuiltInAuthorityStandsForItsGateway() {
        X509Certificate certificate = usher.authority.issueGateway(gateway, LIFETIME).certificate();
        assertGenuine(virgin(gateway), certificate);
        assertGenuine(virgin(gateway), certificate);
        assertRefused(virgin(neighbour), certificate);
        add(STRANGER);
        assertGenuine(
                virgin(STRANGER), usher.authority.issueGateway(STRANGER, LIFETIME).certificate());
    }

    @Test
    void aCertificateIsGoodBetweenItsDatesOnly() {
        X509Certificate certificate = usher.authority.issueGateway(gateway, LIFETIME).certificate();
        assertGenuine(virgin(gateway), certificate);
        usher.now.set(certificate.getNotAfter().toInstant().plusSeconds(1));
        assertRefused(virgin(gateway), certificate);
        usher.now.set(certificate.getNotBefore().toInstant().minusSeconds(1));
        assertRefused(virgin(gateway), certificate);
    }

    @Test
    void aCertificateForAnotherPurposeIsRefused() {
        assertRefused(
                virgin(gateway),
                usher.authority.issueServer(List.of(gateway.toString()), LIFETIME).certificate());
        CertificateAuthority maker = CertificateAuthority.create("Maker", usher.now::get);
        Batch made = usher.batchOfMaker("made", "58A0CBFFFE900000/48", maker.certificate());
        assertRefused(
                virgin(made.range().first()),
                maker.issueServer(List.of(made.range().first().toString()), LIFETIME)
                        .certificate());
        assertRefused(virgin(gateway), usher.authority.certificate());
    }

    @Test
    void theCertificateOfAnOwnerIsNotThatOfTheGatewayWithTheSameNumber() {
        Batch low = usher.batch("low", "0000000000000000/48");
        Eui64 sameNumber = eui("::1");
        usher.claimed(OTHER, low, sameNumber);
        X509Certificate owner = usher.authority.issueOwner(ACME.toString(), LIFETIME).certificate();
        assertThat(GatewayCertificates.euis(owner)).containsExactly(sameNumber);

        assertRefused(virgin(sameNumber), owner);
    }

    @Test
    void anAuthorityOfTheSameNameIsAnother() throws Exception {
        X509Certificate sameIssuerName =
                CertificateAuthority.create("Usher", usher.now::get)
                        .issueGateway(gateway, LIFETIME)
                        .certificate();
        assertThat(sameIssuerName.getIssuerX500Principal())
                .isEqualTo(usher.authority.certificate().getSubjectX500Principal());
        assertRefused(virgin(gateway), sameIssuerName);

        X500Name name =
                X500Name.getInstance(
                        usher.authority
                                .issueGateway(gateway, LIFETIME)
                                .certificate()
                                .getSubjectX500Principal()
                                .getEncoded());
        assertRefused(virgin(gateway), selfSigned(name, name));
        X500Name issuer =
                X500Name.getInstance(
                        usher.authority.certificate().getSubjectX500Principal().getEncoded());
        assertRefused(virgin(gateway), selfSigned(issuer, name));
    }

    @Test
    void aMakersAuthorityStandsForItsBatchOnly() {
        CertificateAuthority maker = CertificateAuthority.create("Maker", usher.now::get);
        Batch made = usher.batchOfMaker("made", "58A0CBFFFE900000/48", maker.certificate());
        Eui64 itsOwn = made.range().first();

        assertGenuine(virgin(itsOwn), maker.issueGateway(itsOwn, LIFETIME).certificate());
        assertRefused(virgin(gateway), maker.issueGateway(gateway, LIFETIME).certificate());
        add(STRANGER);
        assertRefused(virgin(STRANGER), maker.issueGateway(STRANGER, LIFETIME).certificate());
        // A certificate is good as long as its authority is.
        Eui64 second = eui("58A0CBFFFE900002");
        X509Certificate late = maker.issueGateway(second, Duration.ofDays(365 * 30)).certificate();
        usher.now.set(maker.certificate().getNotAfter().toInstant().plusSeconds(1));
        assertRefused(virgin(second), late);
    }

    @Test
    void anOwnersAuthorityStandsForTheGatewaysItHasClaimed() {
        CertificateAuthority own = CertificateAuthority.create("Fleet", usher.now::get);
        CertificateAuthority sameName = CertificateAuthority.create("Fleet", usher.now::get);
        trust(ACME, own);
        trust(OTHER, sameName);
        X509Certificate certificate = own.issueGateway(gateway, LIFETIME).certificate();
        X509Certificate theirs = sameName.issueGateway(gateway, LIFETIME).certificate();
        assertRefused(virgin(gateway), certificate);

        usher.claimed(ACME, batch, gateway);
        assertGenuine(virgin(gateway), certificate);
        assertRefused(virgin(gateway), theirs);

        usher.release(ACME, gateway);
        assertRefused(virgin(gateway), certificate);
        usher.claimed(OTHER, batch, gateway);
        assertRefused(virgin(gateway), certificate);
        assertGenuine(virgin(gateway), theirs);

        usher.database.write(
                usher.certificates.distrustGatewayCa(
                        ADMIN, OTHER, Fingerprint.of(sameName.certificate())));
        usher.server.batches().refresh();
        assertRefused(virgin(gateway), theirs);
    }

    @Test
    void twoOwnersMayTrustTheSameAuthority() {
        CertificateAuthority common = CertificateAuthority.create("Common", usher.now::get);
        trust(ACME, common);
        trust(OTHER, common);
        usher.claimed(ACME, batch, gateway);
        usher.claimed(OTHER, batch, neighbour);
        assertGenuine(virgin(gateway), common.issueGateway(gateway, LIFETIME).certificate());
        assertGenuine(virgin(neighbour), common.issueGateway(neighbour, LIFETIME).certificate());
    }

    @Test
    void aCertificateNamesItsGatewayInCnOrAlternativeName() {
        CertificateAuthority maker = CertificateAuthority.create("Maker", usher.now::get);
        assertThat(
                        GatewayCertificates.euis(
                                maker.issueServer(
                                                List.of("gateway.example.org", "58A0CBFFFE800BE7"),
                                                LIFETIME)
                                        .certificate()))
                .containsExactly(gateway);
        assertThat(
                        GatewayCertificates.euis(
                                maker.issueOwner("58-a0-cb-80-0b-e7", LIFETIME).certificate()))
                .containsExactly(gateway);
        assertThat(GatewayCertificates.euis(maker.issueOwner("nobody", LIFETIME).certificate()))
                .isEmpty();
    }

    @Test
    void whatAGatewayReportsIsKeptAndWhyItWasAnswered() {
        usher.claimed(ACME, batch, gateway);
        assertNothing(running(gateway, "1.0", 7, -1), usher.token(batch, gateway));
        usher.server.checkIns().flush();

        assertThat(usher.gateway(gateway).seen())
                .hasValue(
                        new Seen(
                                gateway,
                                TestServer.START,
                                Optional.of("2.0.6(linux/std)"),
                                Optional.of("linux"),
                                Optional.of("1.0"),
                                List.of(7, -1),
                                Optional.empty(),
                                Optional.empty(),
                                Credentials.NONE_CRC,
                                Credentials.NONE_CRC,
                                List.of(
                                        new Why(
                                                TestServer.START,
                                                "nothing",
                                                "its owner has not set it up yet"))));
    }

    @Test
    void theSameReasonAgainIsCounted() {
        usher.claimed(ACME, batch, gateway);
        for (int i = 0; i < 5; i++) {
            usher.now.set(TestServer.START.plusSeconds(i));
            assertNothing(virgin(gateway), usher.token(batch, gateway));
            if (i % 2 == 0) {
                usher.server.checkIns().flush();
            }
        }
        setUp(gateway);
        told(usher.checkIn(gateway, usher.token(batch, gateway)));
        usher.server.checkIns().flush();

        assertThat(usher.gateway(gateway).seen().orElseThrow().why())
                .extracting(Why::at, Why::answer, Why::times)
                .containsExactly(
                        tuple(TestServer.START.plusSeconds(4), "cups+lns", 1),
                        tuple(TestServer.START.plusSeconds(4), "nothing", 5));
    }

    @Test
    void theLastTwentyReasonsAreKept() {
        usher.claimed(ACME, batch, gateway);
        for (int i = 0; i < 30; i++) {
            usher.setup(ACME, gateway, SetupsTest.lns("ws://lns.example.org:" + (8000 + i)));
            told(usher.checkIn(gateway, usher.token(batch, gateway)));
            if (i % 7 == 0) {
                usher.server.checkIns().flush();
            }
        }
        usher.server.checkIns().flush();

        List<Why> why = usher.gateway(gateway).seen().orElseThrow().why();
        assertThat(why).hasSize(20);
        assertThat(why.getFirst().reason()).contains("ws://lns.example.org:8029");
        assertThat(why.getLast().reason()).contains("ws://lns.example.org:8010");
    }

    @Test
    void whoFailsToProveItIsNotBelievedAndIsRemembered() {
        usher.claimed(ACME, batch, gateway);
        assertNothing(running(gateway, "1.0"), usher.token(batch, gateway));
        usher.now.set(TestServer.START.plusSeconds(1));
        assertRefused(running(gateway, "6.66"), "wrong");
        usher.server.checkIns().flush();

        Seen seen = usher.gateway(gateway).seen().orElseThrow();
        assertThat(seen.packageVersion()).hasValue("1.0");
        assertThat(seen.at()).isEqualTo(TestServer.START);
        assertThat(seen.why())
                .extracting(Why::answer, Why::reason)
                .containsExactly(
                        tuple(
                                "refused",
                                "it showed neither a token nor a certificate of this gateway"),
                        tuple("nothing", "its owner has not set it up yet"));
        usher.now.set(TestServer.START.plusSeconds(2));
        assertRefused(running(gateway, "6.66"), "wrong");
        usher.server.checkIns().flush();
        assertThat(usher.gateway(gateway).seen().orElseThrow().why().getFirst().times())
                .isEqualTo(2);
    }

    @Test
    void strangersFillNoTable() {
        assertRefused(virgin(STRANGER), "token");
        assertRefused(virgin(gateway), "token");
        usher.claimed(ACME, batch, neighbour);
        assertRefused(virgin(neighbour), "token");
        usher.server.checkIns().flush();
        assertThat(
                        usher.database.<Long>read(
                                handle ->
                                        handle.createQuery("SELECT count(*) FROM gateway_seen")
                                                .mapTo(Long.class)
                                                .one()))
                .isZero();
    }

    @Test
    void whatWasShownIsNotShownAgain() {
        CheckIns.Presented presented =
                new CheckIns.Presented(
                        Optional.of("Bearer s3cret"), Optional.of(usher.authority.certificate()));
        assertThat(presented.toString())
                .startsWith("Presented[authorization=hidden, certificate=")
                .doesNotContain("s3cret");
        assertThat(new CheckIns.Presented(Optional.empty(), Optional.empty()))
                .hasToString("Presented[authorization=none, certificate=none]");
    }

    /** CUPS and LNS with TLS and tokens: {@code Bearer cups} and {@code Bearer lns}. */
    private void setUp(Eui64 eui) {
        assertThat(
                        usher.setup(
                                ACME,
                                eui,
                                new SetupChange(
                                        new EndpointChange(
                                                Setting.to(CUPS),
                                                Setting.to(trust),
                                                SAME,
                                                header("Bearer cups")),
                                        new EndpointChange(
                                                Setting.to(LNS),
                                                Setting.to(trust),
                                                SAME,
                                                header("Bearer lns")),
                                        Setting.unchanged(),
                                        Setting.unchanged(),
                                        Setting.unchanged())))
                .isEqualTo(ItemResult.done(eui));
    }

    private static Setting<byte[]> header(String value) {
        return Setting.to(("Authorization: " + value + "\r\n").getBytes(US_ASCII));
    }

    private static SetupChange cups(EndpointChange change) {
        return new SetupChange(
                change,
                EndpointChange.NONE,
                Setting.unchanged(),
                Setting.unchanged(),
                Setting.unchanged());
    }

    private CredentialFiles files(String token) {
        return new CredentialFiles(
                trust, new byte[0], ("Authorization: Bearer " + token + "\r\n").getBytes(US_ASCII));
    }

    /** A gateway that has all that {@link #setUp} says. */
    private UpdateInfoRequest content(Eui64 eui) {
        return reporting(eui, CUPS, files("cups").crc(), LNS, files("lns").crc());
    }

    private static UpdateInfoRequest reporting(
            Eui64 eui, String cupsUri, int cupsCrc, String lnsUri, int lnsCrc) {
        return new UpdateInfoRequest(
                eui,
                Optional.of(cupsUri),
                Optional.of(lnsUri),
                cupsCrc,
                lnsCrc,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of());
    }

    private void trust(OwnerId owner, CertificateAuthority ca) {
        usher.database.write(usher.certificates.trustGatewayCa(ADMIN, owner, ca.certificate()));
        usher.server.batches().refresh();
    }

    private void add(Eui64 eui) {
        usher.database.write(
                usher.server
                        .claims()
                        .add(
                                principal(ACME),
                                ACME,
                                List.of(new Claims.Addition(eui, "", "token")),
                                false));
    }

    private static X509Certificate selfSigned(X500Name issuer, X500Name subject) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        KeyPair keys = generator.generateKeyPair();
        return new JcaX509CertificateConverter()
                .getCertificate(
                        new JcaX509v3CertificateBuilder(
                                        issuer,
                                        BigInteger.TWO,
                                        Date.from(Instant.EPOCH),
                                        Date.from(Instant.parse("2090-01-01T00:00:00Z")),
                                        subject,
                                        keys.getPublic())
                                .build(
                                        new JcaContentSignerBuilder("SHA256withECDSA")
                                                .build(keys.getPrivate())));
    }

    private void assertGenuine(UpdateInfoRequest request, String token) {
        assertThat(usher.checkIn(request, token)).isInstanceOf(CheckIns.Outcome.Answer.class);
    }

    private void assertGenuine(UpdateInfoRequest request, X509Certificate certificate) {
        assertThat(usher.checkIn(request, certificate)).isInstanceOf(CheckIns.Outcome.Answer.class);
    }

    private void assertRefused(UpdateInfoRequest request, String token) {
        assertThat(usher.checkIn(request, token))
                .as(token)
                .isInstanceOf(CheckIns.Outcome.NotGenuine.class);
    }

    private void assertRefused(UpdateInfoRequest request, X509Certificate certificate) {
        assertThat(usher.checkIn(request, certificate))
                .isInstanceOf(CheckIns.Outcome.NotGenuine.class);
    }

    private void assertNothing(UpdateInfoRequest request, String token) {
        assertThat(usher.checkIn(request, token))
                .isInstanceOfSatisfying(
                        CheckIns.Outcome.Answer.class,
                        answer -> assertThat(answer.response().head()).isEqualTo(new byte[14]));
    }

    /** What the gateway reads out of the answer. */
    private static UpdateInfoResponse.Decoded told(CheckIns.Outcome outcome) {
        UpdateInfoResponse response = ((CheckIns.Outcome.Answer) outcome).response();
        assertThat(response.isNothing()).isFalse();
        return UpdateInfoResponse.parse(response.head());
    }
}
