package dev.usher.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.accounts.AccountId;
import dev.usher.accounts.AccountKeys;
import dev.usher.accounts.Accounts;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.Principal;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.keys.CertificateAuthority;
import dev.usher.keys.FileVault;
import dev.usher.keys.MasterKey;
import dev.usher.keys.Vault;
import dev.usher.lorawan.Eui64;
import dev.usher.network.claiming.GatewayClaiming.Targets;
import dev.usher.network.cups.ClusterCups;
import dev.usher.network.cups.DialGuard;
import dev.usher.network.cups.Trust;
import dev.usher.network.registry.GatewayId;
import dev.usher.network.registry.GatewayRegistry;
import dev.usher.network.registry.GatewayServerAddress;
import dev.usher.network.registry.GatewaySettings;
import dev.usher.network.registry.StationKey;
import dev.usher.station.Credentials;
import dev.usher.station.UpdateInfoRequest;
import dev.usher.station.UpdateInfoResponse;
import dev.usher.store.Database;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterCupsFaceTest {

    private static final Principal ADMIN = new Principal.Administrator("test");
    private static final AccountId ANN = new AccountId("ann");
    private static final GatewayId GTW1 = new GatewayId("gtw1");
    private static final Eui64 GATEWAY = Eui64.parse("58A0CBFFFE800BE7");
    private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");
    private static final Response OTHERS = Response.of(418);

    private final AtomicReference<Instant> now = new AtomicReference<>(NOW);
    private final CertificateAuthority authority = CertificateAuthority.create("Test CA", now::get);
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    private @TempDir Path directory;
    private Vault vault;
    private Database database;
    private GatewayRegistry registry;
    private ClusterCupsFace face;

    @BeforeEach
    void open() {
        vault =
                FileVault.open(
                        directory.resolve("vault"),
                        MasterKey.file(directory.resolve("master.key")));
        database = MigratedDatabase.in(directory);
        AuditLog audit = new AuditLog(database, now::get);
        database.write(
                new Accounts(database, audit, now::get)
                        .createUser(ADMIN, ANN, "Ann", Optional.empty(), false));
        registry =
                new GatewayRegistry(
                        database,
                        vault,
                        new AccountKeys(database, audit, now::get),
                        audit,
                        now::get,
                        3);
        Targets own = new Targets(Optional.empty(), GatewayServerAddress.parse("own"));
        Trust trust = new Trust(new DialGuard(List.of(), List.of()), List.of(), now::get);
        trust.pin(own.address().lns(), authority.certificateDer());
        face =
                new ClusterCupsFace(
                        new ClusterCups(
                                database,
                                registry,
                                trust,
                                new ClusterCups.Settings(
                                        own, Duration.ofMinutes(15), Optional.empty()),
                                now::get),
                        authority,
                        now::get,
                        meters,
                        _ -> OTHERS);
    }

    @AfterEach
    void close() {
        database.close();
        vault.close();
    }

    @Test
    void aGatewayIsToldWhereToGoAndThenNothing() throws Exception {
        String key = registered();

        Response.Full answer = (Response.Full) face.handle(asks(fresh(), key));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.headers())
                .containsExactly(new Response.Header("Content-Type", "application/octet-stream"));
        UpdateInfoResponse.Decoded told = UpdateInfoResponse.parse(answer.body());
        assertThat(told.tcUri()).contains("wss://own:8887");
        UpdateInfoRequest has =
                reports(told.tcUri(), Credentials.parseBlob(told.tcCredentials()).crc());
        assertThat(((Response.Full) face.handle(asks(has, key))).body()).isEqualTo(new byte[14]);
        assertThat(count("changed")).isEqualTo(1);
        assertThat(count("nothing")).isEqualTo(1);
    }

    @Test
    void aCertificateOfTheBuiltInAuthorityIsAsGoodAsAKey() throws Exception {
        registered();
        assertThat(face.handle(shows(gatewayCertificate(authority, GATEWAY))))
                .isInstanceOf(Response.Full.class);
    }

    @Test
    void otherCertificatesAreNot() throws Exception {
        registered();
        CertificateAuthority stranger = CertificateAuthority.create("Test CA", now::get);
        assertRefused(shows(gatewayCertificate(stranger, GATEWAY)));
        assertRefused(shows(gatewayCertificate(authority, Eui64.parse("58A0CBFFFE800BE8"))));
        assertRefused(
                shows(authority.issueOwner(GATEWAY.toString(), Duration.ofDays(1)).certificate()));
        assertRefused(
                shows(
                        authority
                                .issueServer(List.of(GATEWAY.toString()), Duration.ofDays(1))
                                .certificate()));
        X509Certificate expired = gatewayCertificate(authority, GATEWAY);
        now.set(NOW.plus(Duration.ofDays(2)));
        assertRefused(shows(expired));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Bearer ", "wrong", "Bearer NNSXS.WRONG.WRONG"})
    void whoeverIsNotTheGatewayIsClosedWithoutAByte(String key) throws Exception {
        registered();
        assertRefused(asks(fresh(), key));
        assertRefused(asks(fresh()));
    }

    @Test
    void aGatewayNobodyKnowsIsClosedWithoutAByte() throws Exception {
        assertRefused(asks(fresh(), "Bearer x"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "{}", "{\"router\":\"nonsense\"}", "\u0000"})
    void whatIsNotARequestIsClosedWithoutAByte(String body) throws Exception {
        assertThat(face.handle(Request.of("POST", "/update-info").withBody(body)))
                .isEqualTo(Response.close());
        assertThat(count("malformed")).isEqualTo(1);
    }

    @Test
    void whenTheDatabaseIsAwayTheConnectionIsClosedWithoutAByte() throws Exception {
        String key = registered();
        database.close();
        assertThat(face.handle(asks(fresh(), key))).isEqualTo(Response.close());
        assertThat(count("failed")).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"GET, /update-info", "POST, /", "POST, /update-info/", "POST, /api/v1/gateways"})
    void everythingElseIsLeftToOthers(String method, String path) throws Exception {
        assertThat(face.handle(Request.of(method, path))).isSameAs(OTHERS);
    }

    private void assertRefused(Request request) throws Exception {
        double before = count("refused");
        assertThat(face.handle(request)).isEqualTo(Response.close());
        assertThat(count("refused")).isEqualTo(before + 1);
    }

    private double count(String answer) {
        return meters.get("usher.cluster.cups.answers").tag("answer", answer).counter().count();
    }

    /** A gateway with its keys; what it shows to CUPS. */
    private String registered() {
        database.write(
                registry.gateways()
                        .create(
                                ADMIN,
                                ANN,
                                GTW1,
                                GATEWAY,
                                GatewaySettings.DEFAULT.withFrequencyPlanIds(
                                        List.of("EU_863_870"))));
        database.write(registry.gateways().issueKey(ADMIN, GTW1, StationKey.LNS));
        return database.write(registry.gateways().issueKey(ADMIN, GTW1, StationKey.CUPS)).value();
    }

    private static X509Certificate gatewayCertificate(CertificateAuthority issuer, Eui64 eui) {
        return issuer.issueGateway(eui, Duration.ofDays(1)).certificate();
    }

    private static Request shows(X509Certificate certificate) {
        return asks(fresh()).withClientChain(List.of(certificate));
    }

    private static Request asks(UpdateInfoRequest reported, String authorization) {
        return asks(reported).withHeader("Authorization", authorization);
    }

    private static Request asks(UpdateInfoRequest reported) {
        return Request.of("POST", "/update-info").withBody(reported.toJson());
    }

    private static UpdateInfoRequest fresh() {
        return reports(Optional.empty(), Credentials.NONE_CRC);
    }

    private static UpdateInfoRequest reports(Optional<String> lnsUri, int lnsCrc) {
        return new UpdateInfoRequest(
                GATEWAY,
                Optional.empty(),
                lnsUri,
                Credentials.NONE_CRC,
                lnsCrc,
                Optional.of("2.0.6"),
                Optional.empty(),
                Optional.empty(),
                List.of());
    }
}
