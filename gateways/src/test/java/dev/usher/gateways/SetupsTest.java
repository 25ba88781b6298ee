package dev.usher.gateways;

import static dev.usher.gateways.TestServer.ACME;
import static dev.usher.gateways.TestServer.OTHER;
import static dev.usher.gateways.TestServer.eui;
import static dev.usher.gateways.TestServer.principal;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.usher.accounts.AuditEntry;
import dev.usher.accounts.OwnerId;
import dev.usher.keys.IssuedCertificate;
import dev.usher.lorawan.Eui64;
import dev.usher.station.CredentialFiles;
import dev.usher.store.EveryEngine;
import dev.usher.store.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@EveryEngine
class SetupsTest {

    private static final String NOT_YOURS = "the gateway is not claimed by you: claim it first";
    private static final byte[] HEADER = "Authorization: Bearer lns\r\n".getBytes(US_ASCII);
    private static final Setting<byte[]> SAME = Setting.unchanged();
    private static final Eui64 STRANGER = eui("0000000000000BAD");

    private final TestServer usher;
    private final Batch batch;
    private final Eui64 gateway;
    private final byte[] trust;

    SetupsTest(TestDatabase engine) {
        usher = TestServer.on(engine);
        batch = usher.batch("femto", "58A0CBFFFE800000/48");
        gateway = usher.claimed(ACME, batch, eui("58A0CBFFFE800BE7"));
        trust = usher.authority.certificateDer();
    }

    @AfterEach
    void close() {
        usher.close();
    }

    /** A setup of nothing but an LNS without TLS. */
    static SetupChange lns(String uri) {
        return lns(new EndpointChange(Setting.to(uri), SAME, SAME, SAME));
    }

    private static SetupChange lns(EndpointChange change) {
        return new SetupChange(
                EndpointChange.NONE,
                change,
                Setting.unchanged(),
                Setting.unchanged(),
                Setting.unchanged());
    }

    private static SetupChange cups(EndpointChange change) {
        return new SetupChange(
                change,
                EndpointChange.NONE,
                Setting.unchanged(),
                Setting.unchanged(),
                Setting.unchanged());
    }

    private static SetupChange firmware(
            Setting<Integer> fwcrc, Setting<Instant> fwafter, Setting<Boolean> fwunsigned) {
        return new SetupChange(
                EndpointChange.NONE, EndpointChange.NONE, fwcrc, fwafter, fwunsigned);
    }

    private EndpointChange secure(String uri) {
        return new EndpointChange(Setting.to(uri), Setting.to(trust), SAME, Setting.to(HEADER));
    }

    @Test
    void whatIsSetUpIsKept() {
        usher.setup(ACME, gateway, cups(secure("https://cups.example.org:443")));
        usher.now.set(TestServer.START.plusSeconds(1));
        assertThat(usher.setup(ACME, gateway, lns(secure("wss://lns.example.org:8887"))))
                .isEqualTo(ItemResult.done(gateway));

        GatewaySetup setup = usher.setupOf(ACME, gateway);

        CredentialFiles files = new CredentialFiles(trust, new byte[0], HEADER);
        assertThat(setup.cups()).hasValue(files);
        assertThat(setup.lns()).hasValue(files);
        assertThat(setup.gateway().cups())
                .hasValue(
                        new Gateway.Target(
                                "https://cups.example.org:443", OptionalInt.of(files.crc())));
        assertThat(setup.gateway().lns())
                .hasValue(
                        new Gateway.Target(
                                "wss://lns.example.org:8887", OptionalInt.of(files.crc())));
        assertThat(setup.gateway().setupAt()).hasValue(TestServer.START.plusSeconds(1));
        assertThat(setup).hasToString("GatewaySetup[58A0CBFFFE800BE7]");
        assertThat(usher.auditOf(gateway))
                .extracting(AuditEntry::action, AuditEntry::detail)
                .endsWith(
                        tuple("gateway.setup", "{\"cupsUri\":\"https://cups.example.org:443\"}"),
                        tuple(
                                "gateway.setup",
                                "{\"cupsUri\":\"https://cups.example.org:443\",\"lnsUri\":\"wss://lns.example.org:8887\"}"));
    }

    @Test
    void whatIsNotSaidStaysAsItIs() {
        usher.setup(ACME, gateway, lns(secure("wss://lns.example.org:8887")));
        usher.setup(
                ACME,
                gateway,
                cups(new EndpointChange(Setting.to("http://c:80"), SAME, SAME, SAME)));
        usher.setup(ACME, gateway, lns("wss://new.example.org:8887"));

        GatewaySetup setup = usher.setupOf(ACME, gateway);

        assertThat(setup.lns()).hasValue(new CredentialFiles(trust, new byte[0], HEADER));
        assertThat(setup.gateway().lns())
                .map(Gateway.Target::uri)
                .hasValue("wss://new.example.org:8887");
        assertThat(setup.gateway().cups())
                .hasValue(new Gateway.Target("http://c:80", OptionalInt.empty()));
        assertThat(setup.cups()).isEmpty();
    }

    @Test
    void aCertificateAndItsKeyAreKept() {
        IssuedCertificate client = usher.authority.issueGateway(gateway, Duration.ofDays(30));

        usher.setup(
                ACME,
                gateway,
                cups(
                        new EndpointChange(
                                Setting.to("https://cups.example.org:443"),
                                Setting.to(trust),
                                Setting.to(client.certificateDer()),
                                Setting.to(client.privateKeyPkcs8()))));

        CredentialFiles files = usher.setupOf(ACME, gateway).cups().orElseThrow();
        assertThat(files.certificate()).isEqualTo(client.certificateDer());
        assertThat(files.trust()).isEqualTo(trust);
        assertThat(files.key()).isNotEmpty();
    }

    @Test
    void oneThatFailsKeepsNobodyFromBeingSetUp() {
        Eui64 second = usher.claimed(ACME, batch, eui("58A0CBFFFE800001"));
        Eui64 theirs = usher.claimed(OTHER, batch, eui("58A0CBFFFE800002"));

        List<ItemResult> results =
                usher.setup(
                        ACME,
                        new Setups.Setup(theirs, lns("ws://a:1")),
                        new Setups.Setup(gateway, lns("ws://a:1/path")),
                        new Setups.Setup(second, lns("ws://a:1")),
                        new Setups.Setup(STRANGER, lns("ws://a:1")));

        assertThat(results)
                .extracting(ItemResult::gateway, ItemResult::isDone)
                .containsExactly(
                        tuple(theirs, false),
                        tuple(gateway, false),
                        tuple(second, true),
                        tuple(STRANGER, false));
        assertThat(results.getFirst().error())
                .isEqualTo(results.getLast().error())
                .hasValue(NOT_YOURS);
        assertThat(usher.gateway(gateway).setupAt()).isEmpty();
        assertThat(usher.gateway(theirs).setupAt()).isEmpty();
        assertThat(usher.gateway(second).lns()).isPresent();
        assertThat(usher.auditOf(gateway))
                .extracting(AuditEntry::action)
                .containsOnly("gateway.claim");
    }

    @Test
    void nothingIsHalfDone() {
        SetupChange goodCupsBadLns =
                new SetupChange(
                        secure("https://cups.example.org:443"),
                        secure("wss://lns.example.org"),
                        Setting.unchanged(),
                        Setting.unchanged(),
                        Setting.unchanged());
        SetupChange goodUrisBadFirmware =
                new SetupChange(
                        secure("https://cups.example.org:443"),
                        secure("wss://lns.example.org:8887"),
                        Setting.to(4711),
                        Setting.unchanged(),
                        Setting.unchanged());

        assertThat(usher.setup(ACME, gateway, goodCupsBadLns).error())
                .hasValueSatisfying(error -> assertThat(error).startsWith("lnsUri: "));
        assertThat(usher.setup(ACME, gateway, goodUrisBadFirmware).error())
                .hasValue("there is no firmware 00001267: add it with firmware/add first");

        assertThat(usher.gateway(gateway).cups()).isEmpty();
        assertThat(usher.gateway(gateway).lns()).isEmpty();
        assertThat(usher.gateway(gateway).setupAt()).isEmpty();
        assertThat(count("certificate")).isZero();
    }

    @Test
    void aDryRunSaysTheSameAndDoesNothing() {
        Setups.Setup good = new Setups.Setup(gateway, lns(secure("wss://lns.example.org:8887")));
        Setups.Setup bad = new Setups.Setup(gateway, lns("ws://nowhere"));

        List<ItemResult> results =
                usher.database.write(
                        usher.server
                                .setups()
                                .setup(principal(ACME), ACME, List.of(good, bad), true));

        assertThat(results).extracting(ItemResult::isDone).containsExactly(true, false);
        assertThat(usher.gateway(gateway).lns()).isEmpty();
        assertThat(count("certificate")).isZero();
        assertThat(usher.auditOf(gateway)).hasSize(1);
    }

    @Test
    void aGatewayNamedTwiceBuildsOnItsFirstMention() {
        List<ItemResult> results =
                usher.setup(
                        ACME,
                        new Setups.Setup(gateway, lns(secure("wss://lns.example.org:8887"))),
                        new Setups.Setup(gateway, lns("wss://second.example.org:8887")));

        assertThat(results).allMatch(ItemResult::isDone);
        GatewaySetup setup = usher.setupOf(ACME, gateway);
        assertThat(setup.gateway().lns())
                .map(Gateway.Target::uri)
                .hasValue("wss://second.example.org:8887");
        assertThat(setup.lns()).hasValue(new CredentialFiles(trust, new byte[0], HEADER));
    }

    @Test
    void aFleetSharesItsTrust() {
        List<Eui64> fleet = batch.range().stream().limit(50).toList();
        fleet.forEach(eui -> usher.claimed(ACME, batch, eui));
        SetupChange common =
                lns(
                        new EndpointChange(
                                Setting.to("wss://lns.example.org:8887"),
                                Setting.to(trust),
                                SAME,
                                SAME));

        List<ItemResult> results =
                usher.setup(
                        ACME,
                        fleet.stream()
                                .map(
                                        eui ->
                                                new Setups.Setup(
                                                        eui,
                                                        lns(new EndpointChange(
                                                                        Setting.unchanged(),
                                                                        SAME,
                                                                        SAME,
                                                                        Setting.to(
                                                                                ("Authorization: "
                                                                                                + eui)
                                                                                        .getBytes(
                                                                                                US_ASCII))))
                                                                .or(common)))
                                .toArray(Setups.Setup[]::new));

        assertThat(results)
                .extracting(ItemResult::error, ItemResult::notice)
                .containsOnly(
                        tuple(
                                Optional.empty(),
                                Optional.of("the CRLF missing at the end of lnsKey was added")));
        assertThat(count("certificate")).isEqualTo(1);
        for (Eui64 eui : fleet) {
            assertThat(usher.setupOf(ACME, eui).lns())
                    .hasValue(
                            new CredentialFiles(
                                    trust,
                                    new byte[0],
                                    ("Authorization: " + eui + "\r\n").getBytes(US_ASCII)));
        }
    }

    @Test
    void anOrderNamesAFirmwareOfTheOwner() {
        int theirs = addFirmware(OTHER, "theirs");
        assertThat(order(Setting.to(theirs), Setting.unchanged(), Setting.unchanged()).isDone())
                .isFalse();
        assertThat(
                        order(
                                        Setting.unchanged(),
                                        Setting.to(TestServer.START),
                                        Setting.unchanged())
                                .error())
                .hasValue("fwcrc is missing: say which firmware is to be offered");
        assertThat(order(Setting.unchanged(), Setting.unchanged(), Setting.to(true)).error())
                .hasValue("fwcrc is missing: say which firmware is to be offered");
        assertThat(order(Setting.unchanged(), Setting.unchanged(), Setting.to(false)).isDone())
                .isTrue();

        int mine = addFirmware(ACME, "mine");
        assertThat(order(Setting.to(mine), Setting.to(Instant.MAX), Setting.unchanged()).error())
                .hasValue("fwafter is after the year 9999: clear fwcrc to offer nothing");
        assertThat(
                        order(Setting.to(mine), Setting.to(TestServer.START), Setting.unchanged())
                                .isDone())
                .isTrue();
        assertThat(usher.gateway(gateway).firmware())
                .hasValue(
                        new FirmwareOrder(
                                mine, Optional.of(TestServer.START), false, Optional.empty()));

        assertThat(order(Setting.unchanged(), Setting.cleared(), Setting.unchanged()).isDone())
                .isTrue();
        assertThat(usher.gateway(gateway).firmware())
                .hasValue(new FirmwareOrder(mine, Optional.empty(), false, Optional.empty()));

        assertThat(order(Setting.cleared(), Setting.unchanged(), Setting.unchanged()).isDone())
                .isTrue();
        assertThat(usher.gateway(gateway).firmware()).isEmpty();
    }

    @Test
    void aGatewayWithoutSignatureKeysGetsAnUnsignedUpdateOnlyWhereThatIsSaid() {
        int fwcrc = addFirmware(ACME, "2.0");
        // As long as nothing is known of its keys, the check-in decides.
        assertThat(order(Setting.to(fwcrc), Setting.unchanged(), Setting.unchanged()))
                .isEqualTo(ItemResult.done(gateway));
        reportKeys();

        assertThat(order(Setting.to(fwcrc), Setting.unchanged(), Setting.unchanged()).error())
                .hasValue(
                        "the gateway has no signature key and would run whatever it is sent: set"
                                + " fwunsigned to true to allow this update");
        assertThat(order(Setting.to(fwcrc), Setting.unchanged(), Setting.to(true)))
                .isEqualTo(ItemResult.done(gateway));
        assertThat(order(Setting.unchanged(), Setting.to(TestServer.START), Setting.unchanged()))
                .isEqualTo(ItemResult.done(gateway));

        // What was allowed for one firmware is not allowed for the next.
        int next = addFirmware(ACME, "3.0");
        assertThat(order(Setting.to(next), Setting.unchanged(), Setting.unchanged()).isDone())
                .isFalse();
    }

    @Test
    void aGatewayWithOtherKeysWaitsForASignature() {
        int fwcrc = addFirmware(ACME, "2.0");
        reportKeys(4711);

        assertThat(order(Setting.to(fwcrc), Setting.unchanged(), Setting.unchanged()).notice())
                .hasValueSatisfying(
                        notice ->
                                assertThat(notice)
                                        .endsWith(
                                                " waits: there is no signature by a key the gateway"
                                                        + " has, add one with signature/add"));
        assertThat(usher.gateway(gateway).firmware()).isPresent();
    }

    @Test
    void whatIsSetUpIsForItsOwnerOnly() {
        usher.setup(ACME, gateway, lns(secure("wss://lns.example.org:8887")));
        assertThat(usher.server.gateways().setups(OTHER, List.of(gateway, STRANGER))).isEmpty();
        assertThat(usher.server.gateways().setups(ACME, List.of(gateway, STRANGER, gateway)))
                .containsOnlyKeys(gateway);
    }

    private ItemResult order(
            Setting<Integer> fwcrc, Setting<Instant> fwafter, Setting<Boolean> fwunsigned) {
        return usher.setup(ACME, gateway, firmware(fwcrc, fwafter, fwunsigned));
    }

    private int addFirmware(OwnerId owner, String version) {
        return usher.database.write(
                usher.server
                        .firmwares()
                        .add(
                                principal(owner),
                                owner,
                                ("firmware " + version).getBytes(US_ASCII),
                                version,
                                Optional.empty(),
                                OptionalInt.empty(),
                                false));
    }

    /** The gateway checks in and says which signature keys it has. */
    private void reportKeys(Integer... keyCrcs) {
        assertThat(
                        usher.checkIn(
                                TestServer.running(gateway, "1.0", keyCrcs),
                                usher.token(batch, gateway)))
                .isInstanceOf(CheckIns.Outcome.Answer.class);
        usher.server.checkIns().flush();
    }

    private long count(String table) {
        return usher.database.read(
                handle ->
                        handle.createQuery("SELECT count(*) FROM " + table)
                                .mapTo(Long.class)
                                .one());
    }
}
