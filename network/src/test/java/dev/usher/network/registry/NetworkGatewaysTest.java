package dev.usher.network.registry;

import static dev.usher.network.registry.TestRegistry.ACME;
import static dev.usher.network.registry.TestRegistry.ADMIN;
import static dev.usher.network.registry.TestRegistry.ANN;
import static dev.usher.network.registry.TestRegistry.AS_ANN;
import static dev.usher.network.registry.TestRegistry.AS_BOB;
import static dev.usher.network.registry.TestRegistry.BOB;
import static dev.usher.network.registry.TestRegistry.EUI;
import static dev.usher.network.registry.TestRegistry.GTW1;
import static dev.usher.network.registry.TestRegistry.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.usher.accounts.AccountKey;
import dev.usher.accounts.AuditEntry;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.Conflict;
import dev.usher.accounts.MissingRight;
import dev.usher.accounts.NotFound;
import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Owners;
import dev.usher.accounts.Right;
import dev.usher.accounts.Rights;
import dev.usher.lorawan.Eui64;
import dev.usher.station.AuthorizationHeader;
import dev.usher.station.StationUri;
import dev.usher.store.Change;
import dev.usher.store.EveryEngine;
import dev.usher.store.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How people keep gateways, and what LNS and CUPS see of them. */
@EveryEngine
class NetworkGatewaysTest {

    private static final Eui64 OTHER_EUI = Eui64.parse("58A0CBFFFE800BE8");
    private static final GatewayId GTW2 = new GatewayId("gtw2");
    private static final Rights LINK = Rights.of(Right.GATEWAY_LINK);

    private final TestRegistry house;
    private final NetworkGateways gateways;
    private final StationGateways stations;

    NetworkGatewaysTest(TestDatabase engine) {
        house = new TestRegistry(engine);
        gateways = house.registry.gateways();
        stations = house.registry.stations();
        create(GTW1, EUI);
    }

    private NetworkGateway create(GatewayId id, Eui64 eui) {
        return house.database.write(
                gateways.create(AS_ANN, ANN, id, eui, GatewaySettings.DEFAULT.withName("Roof")));
    }

    private StationGateway station() {
        return stations.find(EUI).orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({
        "lns.example.com, wss://lns.example.com:8887",
        "lns.example.com:443, wss://lns.example.com:443",
        "wss://lns.example.com, wss://lns.example.com:8887",
        "ws://192.168.2.2, ws://192.168.2.2:1887",
        "ws://192.168.2.2:1700, ws://192.168.2.2:1700"
    })
    void anAddressIsWrittenAsPeopleKnowIt(String text, String lns) {
        assertThat(GatewayServerAddress.parse(text).lns()).hasToString(lns);
        assertThat(GatewayServerAddress.parse(GatewayServerAddress.parse(text).toString()).lns())
                .hasToString(lns);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "https://cups.example.com", "a b", "host:0", "[::1]:8887", "h/p"})
    void whatStationCannotUseIsNoAddress(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> GatewayServerAddress.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ab", "Gtw", "gtw-", "g--w", "gtw 1", "gtw_1"})
    void aGatewayIdHasAForm(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GatewayId(text))
                .withMessageContaining("is not a gateway ID");
    }

    @Test
    void aGatewayThatNobodyNamedIsNamedByItsEui() {
        assertThat(GatewayId.ofEui(EUI)).hasToString("eui-58a0cbfffe800be7");
        assertThat(GatewayId.ofEui(Eui64.parse("58A0CB800BE7"))).isEqualTo(GatewayId.ofEui(EUI));
    }

    @Test
    void whoRegistersAGatewayHasItAndNobodyElseSeesIt() {
        assertThat(gateways.get(AS_ANN, GTW1).settings().name()).isEqualTo("Roof");
        assertThat(gateways.get(AS_ANN, EUI).claim()).isEqualTo(new ClaimState.Registered());
        assertThat(gateways.get(ADMIN, GTW1).createdAt()).isEqualTo(START);
        assertThatExceptionOfType(NotFound.class)
                .isThrownBy(() -> gateways.get(AS_BOB, GTW1))
                .withMessage("there is no gateway gtw1, or you may not see it: check the ID");
        assertThatExceptionOfType(NotFound.class)
                .isThrownBy(() -> gateways.get(AS_BOB, GTW2))
                .withMessage("there is no gateway gtw2, or you may not see it: check the ID");
        assertThatExceptionOfType(NotFound.class).isThrownBy(() -> gateways.get(AS_BOB, EUI));
    }

    @Test
    void idAndEuiAreTakenOnceAndNobodyLearnsByWhom() {
        assertThatExceptionOfType(Conflict.class)
                .isThrownBy(
                        () ->
                                house.database.write(
                                        gateways.create(
                                                AS_BOB,
                                                BOB,
                                                GTW1,
                                                OTHER_EUI,
                                                GatewaySettings.DEFAULT)))
                .withMessage("the gateway ID gtw1 is taken: choose another");
        assertThatExceptionOfType(Conflict.class)
                .isThrownBy(
                        () ->
                                house.database.write(
                                        gateways.create(
                                                AS_BOB, BOB, GTW2, EUI, GatewaySettings.DEFAULT)))
                .withMessageNotContainingAny("ann", "gtw1");
    }

    @Test
    void aGatewayThatTheHouseKnowsIsClaimedAndNotRegistered() {
        house.knownAtHome.put(OTHER_EUI, new KnownGateway(Optional.empty()));
        assertThatExceptionOfType(MissingRight.class)
                .isThrownBy(() -> create(GTW2, OTHER_EUI))
                .withMessage(
                        "gateway 58A0CBFFFE800BE8 is known to this house's Gateway Join Server:"
                                + " claim it with the code on its label");
        house.database.write(gateways.create(ADMIN, ANN, GTW2, OTHER_EUI, GatewaySettings.DEFAULT));
        assertThat(gateways.get(AS_ANN, OTHER_EUI).id()).isEqualTo(GTW2);
    }

    @Test
    void aGatewayIsRegisteredForTheOrganizationThatHasClaimedItInTheHouse() {
        OwnerId owner = OwnerId.parse("::7");
        house.knownAtHome.put(OTHER_EUI, new KnownGateway(Optional.of(owner)));
        Change<NetworkGateway> create =
                gateways.create(AS_ANN, ACME, GTW2, OTHER_EUI, GatewaySettings.DEFAULT);
        assertThatExceptionOfType(MissingRight.class)
                .isThrownBy(() -> house.database.write(create));

        house.database.write(
                new Owners(house.database, house.audit, house.now::get)
                        .create(ADMIN, owner, "Acme", 10));
        house.database.write(house.accounts.makeOwner(ADMIN, ACME, owner));
        assertThat(house.database.write(create).id()).isEqualTo(GTW2);
    }

    @Test
    void anEuiOfZerosIsNoGateways() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> create(GTW2, new Eui64(0)))
                .withMessage("EUI 0000000000000000 is no gateway's: check it");
    }

    @ParameterizedTest
    @ValueSource(strings = {"IN_865_867", "RU_864_870_TTN", "CN_470_510_FSB_11", "AS_923_2"})
    void aPlanThatNoStationCanTransmitInIsRefused(String plan) {
        GatewaySettings settings = GatewaySettings.DEFAULT.withFrequencyPlanIds(List.of(plan));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> gateways.create(AS_ANN, ANN, GTW2, OTHER_EUI, settings))
                .withMessageContaining("cannot transmit in frequency plan " + plan);
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                house.database.write(
                                        gateways.set(AS_ANN, GTW1, _ -> settings, Set.of())));
    }

    @Test
    void anotherClusterIsReachedOverTlsAlone() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                house.database.write(
                                        gateways.set(
                                                AS_ANN,
                                                GTW1,
                                                now ->
                                                        now.withTargetCupsUri(
                                                                Optional.of(
                                                                        StationUri.cups(
                                                                                "http://a:80"))),
                                                Set.of())))
                .withMessage("'http://a:80' is not a CUPS URI: write https://HOST:PORT");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Authorization: Bearer another LNS's"})
    void aGatewayThatComesBackGetsAKeyForThisNetwork(String foreign) {
        house.database.write(gateways.issueKey(AS_ANN, GTW1, StationKey.LNS));
        Optional<AuthorizationHeader> key =
                Optional.of(foreign).filter(line -> !line.isEmpty()).map(AuthorizationHeader::of);
        house.database.write(gateways.setKey(AS_ANN, GTW1, StationKey.LNS, key));
        house.database.write(
                gateways.set(
                        AS_ANN,
                        GTW1,
                        now ->
                                now.withAddress(
                                        Optional.of(GatewayServerAddress.parse("lns.example"))),
                        Set.of()));
        assertThat(station().lnsKey()).isEqualTo(key);

        house.database.write(
                gateways.set(AS_ANN, GTW1, now -> now.withAddress(Optional.empty()), Set.of()));
        assertThat(stations.mayLink(station(), station().lnsKey().map(line -> line.value())))
                .isTrue();
    }

    @Test
    void whoMayNotReadAKeyMaySendTheGatewayElsewhereOnlyWithAnother() {
        house.database.write(gateways.issueKey(AS_ANN, GTW1, StationKey.LNS));
        house.database.write(
                gateways.setKey(
                        AS_ANN,
                        GTW1,
                        StationKey.TARGET_CUPS,
                        Optional.of(AuthorizationHeader.of("Authorization: Bearer theirs"))));
        give(GTW1, Right.GATEWAY_SETTINGS_BASIC);
        UnaryOperator<GatewaySettings> toBobsLns =
                now -> now.withAddress(Optional.of(GatewayServerAddress.parse("bob.example")));
        UnaryOperator<GatewaySettings> toBobsCups =
                now ->
                        now.withTargetCupsUri(
                                Optional.of(StationUri.cups("https://bob.example:443")));

        assertThatExceptionOfType(MissingRight.class)
                .isThrownBy(
                        () -> house.database.write(gateways.set(AS_BOB, GTW1, toBobsLns, Set.of())))
                .withMessage(
                        "bob.example:8887 would be shown the LNS key of gateway gtw1: set"
                                + " another key in the same change, or none, or have"
                                + " RIGHT_GATEWAY_READ_SECRETS on it");
        assertThatExceptionOfType(MissingRight.class)
                .isThrownBy(
                        () ->
                                house.database.write(
                                        gateways.set(
                                                AS_BOB, GTW1, toBobsCups, Set.of(StationKey.LNS))))
                .withMessageStartingWith(
                        "https://bob.example:443 would be shown the key for the target CUPS");
        assertThat(station().settings().address()).isEmpty();

        house.database.write(gateways.set(AS_BOB, GTW1, toBobsLns, Set.of(StationKey.LNS)));
        house.database.write(gateways.set(AS_ANN, GTW1, toBobsCups, Set.of()));
        assertThat(station().settings().address()).isPresent();
        assertThat(station().settings().targetCupsUri()).isPresent();
    }

    @Test
    void aGatewayKeepsTheKeyOfThisNetworkThatItHas() {
        Optional<AuthorizationHeader> key =
                Optional.of(house.database.write(gateways.issueKey(AS_ANN, GTW1, StationKey.LNS)));
        for (Optional<GatewayServerAddress> address :
                List.of(
                        Optional.of(GatewayServerAddress.parse("ws://192.168.2.2")),
                        Optional.<GatewayServerAddress>empty())) {
            house.database.write(
                    gateways.set(AS_ANN, GTW1, now -> now.withAddress(address), Set.of()));
            assertThat(station().lnsKey()).isEqualTo(key);
        }
    }

    @Test
    void oneRegistersForOneselfAndForOnesOrganization() {
        assertThatExceptionOfType(NotFound.class)
                .isThrownBy(
                        () ->
                                house.database.write(
                                        gateways.create(
                                                AS_BOB,
                                                ACME,
                                                GTW2,
                                                OTHER_EUI,
                                                GatewaySettings.DEFAULT)));
        house.database.write(
                gateways.create(AS_ANN, ACME, GTW2, OTHER_EUI, GatewaySettings.DEFAULT));

        assertThat(gateways.list(AS_ANN, Optional.empty(), Optional.empty(), 10))
                .extracting(NetworkGateway::id)
                .containsExactly(GTW1, GTW2);
        assertThat(gateways.list(AS_ANN, Optional.of(ANN), Optional.empty(), 10))
                .extracting(NetworkGateway::id)
                .containsExactly(GTW1);
        assertThat(gateways.list(AS_ANN, Optional.of(ACME), Optional.empty(), 10))
                .extracting(NetworkGateway::id)
                .containsExactly(GTW2);
        assertThat(gateways.list(ADMIN, Optional.empty(), Optional.of(GTW1), 10))
                .extracting(NetworkGateway::id)
                .containsExactly(GTW2);
        assertThat(gateways.list(AS_BOB, Optional.empty(), Optional.empty(), 10)).isEmpty();
        assertThatExceptionOfType(NotFound.class)
                .isThrownBy(() -> gateways.list(AS_BOB, Optional.of(ANN), Optional.empty(), 10));
    }

    @Test
    void aPageIsFullWhateverOneMayNotSee() {
        create(GTW2, OTHER_EUI);
        GatewayId hidden = new GatewayId("gtw0");
        create(hidden, Eui64.parse("58A0CBFFFE800BE9"));
        give(hidden, Right.GATEWAY_STATUS_READ);
        give(GTW1, Right.GATEWAY_INFO);
        give(GTW2, Right.GATEWAY_INFO);
        assertThat(gateways.list(AS_BOB, Optional.empty(), Optional.empty(), 1))
                .extracting(NetworkGateway::id)
                .containsExactly(GTW1);
        assertThat(gateways.list(AS_BOB, Optional.empty(), Optional.of(GTW1), 5))
                .extracting(NetworkGateway::id)
                .containsExactly(GTW2);
    }

    private void give(GatewayId id, Right right) {
        house.database.write(house.collaborators.set(AS_ANN, id.entity(), BOB, Rights.of(right)));
    }

    @Test
    void settingsChangeOneByOne() {
        NetworkGateway changed =
                house.database.write(
                        gateways.set(
                                AS_ANN,
                                GTW1,
                                settings ->
                                        settings.withFrequencyPlanIds(List.of("eu_863_870"))
                                                .withAddress(
                                                        Optional.of(
                                                                GatewayServerAddress.parse(
                                                                        "ws://192.168.2.2"))),
                                Set.of()));
        assertThat(changed.settings().name()).isEqualTo("Roof");
        assertThat(changed.settings().frequencyPlanIds()).containsExactly("EU_863_870");
        assertThat(changed).isEqualTo(gateways.get(AS_ANN, GTW1));
        assertThat(log())
                .last()
                .satisfies(
                        entry ->
                                assertThat(entry.detail())
                                        .isEqualTo(
                                                "{\"address\":\"ws://192.168.2.2:1887\","
                                                        + "\"frequencyPlanIds\":\"EU_863_870\","
                                                        + "\"id\":\"gtw1\"}"));
    }

    private List<AuditEntry> log() {
        return house.audit.list(AuditLog.Filter.ALL, 0, 1000);
    }

    @Test
    void badSettingsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GatewaySettings.DEFAULT.withFrequencyPlanIds(List.of("EU_1_2")))
                .withMessageContaining("EU_1_2");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                GatewaySettings.DEFAULT.withFrequencyPlanIds(
                                        List.of("EU_863_870", "EU_863_870")))
                .withMessageContaining("named twice");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                GatewaySettings.DEFAULT.withFrequencyPlanIds(
                                        List.of("EU_863_870", "US_902_928_FSB_2")))
                .withMessageContaining("different regions");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GatewaySettings.DEFAULT.withName("a\nb"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GatewaySettings.DEFAULT.withName("x".repeat(51)));
    }

    @Test
    void aGatewayGoesWithItsKeys() {
        AuthorizationHeader key =
                house.database.write(gateways.issueKey(AS_ANN, GTW1, StationKey.LNS));
        assertThat(stations.mayLink(station(), Optional.of(key.value()))).isTrue();
        StationGateway before = station();

        house.database.write(gateways.delete(AS_ANN, GTW1));
        assertThat(stations.find(EUI)).isEmpty();
        assertThat(stations.mayLink(before, Optional.of(key.value()))).isFalse();

        NetworkGateway again = create(GTW1, EUI);
        assertThat(house.collaborators.list(AS_ANN, again.id().entity())).hasSize(1);
        assertThat(stations.mayLink(station(), Optional.of(key.value()))).isFalse();
    }

    @Test
    void keysAreForThoseWhoMayReadThem() {
        AuthorizationHeader foreign = AuthorizationHeader.of("Authorization: Bearer theirs");
        house.database.write(gateways.setKey(AS_ANN, GTW1, StationKey.LNS, Optional.of(foreign)));
        house.database.write(
                house.collaborators.set(AS_ANN, GTW1.entity(), BOB, Rights.of(Right.GATEWAY_INFO)));

        assertThat(gateways.key(AS_ANN, GTW1, StationKey.LNS)).hasValue(foreign);
        assertThat(station().lnsKey()).hasValue(foreign);
        assertThatExceptionOfType(MissingRight.class)
                .isThrownBy(() -> gateways.key(AS_BOB, GTW1, StationKey.LNS))
                .withMessageContaining("RIGHT_GATEWAY_READ_SECRETS");
        assertThatExceptionOfType(MissingRight.class)
                .isThrownBy(
                        () ->
                                house.database.write(
                                        gateways.setKey(
                                                AS_BOB, GTW1, StationKey.LNS, Optional.empty())));
        assertThat(
                        house.database.<List<byte[]>>read(
                                handle ->
                                        handle.createQuery("SELECT lns_key FROM network_gateway")
                                                .mapTo(byte[].class)
                                                .list()))
                .allSatisfy(
                        bytes ->
                                assertThat(new String(bytes, StandardCharsets.ISO_8859_1))
                                        .doesNotContain("theirs"));
        assertThat(log()).noneMatch(entry -> entry.detail().contains("theirs"));

        house.database.write(gateways.setKey(AS_ANN, GTW1, StationKey.LNS, Optional.empty()));
        assertThat(station().lnsKey()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = StationKey.class,
            names = {"LNS", "CUPS"})
    void theKeyThatAGatewayIsToldToUseCannotBeDeleted(StationKey kind) {
        String first = house.database.write(gateways.issueKey(AS_ANN, GTW1, kind)).value();
        String keyId = first.split("\\.", -1)[1];
        assertThatExceptionOfType(Conflict.class)
                .isThrownBy(() -> house.database.write(gateways.deleteApiKey(AS_ANN, GTW1, keyId)))
                .withMessage(
                        "gateway gtw1 itself needs this key for its "
                                + kind
                                + ": issue another for that; this one ends when the gateway has it,"
                                + " or can be deleted then");
        assertThatExceptionOfType(NotFound.class)
                .isThrownBy(() -> house.database.write(gateways.deleteApiKey(AS_BOB, GTW1, keyId)));

        house.database.write(gateways.issueKey(AS_ANN, GTW1, kind));
        assertThat(house.keys.authenticate(bare(first))).isPresent();
        house.database.write(gateways.deleteApiKey(AS_ANN, GTW1, keyId));
        assertThat(house.keys.authenticate(bare(first))).isEmpty();
    }

    private static String bare(String key) {
        return key.substring(key.indexOf("USHER."));
    }

    @Test
    void anotherGatewaysKeyIsOfNoUse() {
        create(GTW2, OTHER_EUI);
        AuthorizationHeader key =
                house.database.write(gateways.issueKey(AS_ANN, GTW2, StationKey.LNS));
        assertThat(stations.mayLink(station(), Optional.of(key.value()))).isFalse();
        assertThat(stations.mayLink(station(), Optional.of("nonsense"))).isFalse();
        assertThat(stations.mayLink(station(), Optional.empty())).isFalse();
        assertThat(
                        stations.mayConfigure(
                                stations.find(OTHER_EUI).orElseThrow(), Optional.of(key.value())))
                .isFalse();
    }

    @Test
    void aUsersKeyConnectsTheirGatewaysIfItAllowsThat() {
        AccountKey.Created key =
                house.database.write(
                        house.keys.create(
                                AS_ANN,
                                house.accounts.get(AS_ANN, ANN).entity(),
                                "installer",
                                LINK,
                                Optional.empty()));
        assertThat(stations.mayLink(station(), Optional.of(key.text()))).isTrue();
        assertThat(stations.mayLink(station(), Optional.of("bearer " + key.text()))).isTrue();
        assertThat(stations.mayConfigure(station(), Optional.of(key.text()))).isFalse();
    }

    @Test
    void theOldCupsKeyIsGoodUntilTheGatewayHasTheNewOne() {
        AuthorizationHeader first =
                house.database.write(gateways.issueKey(AS_ANN, GTW1, StationKey.CUPS));
        AuthorizationHeader second =
                house.database.write(gateways.issueKey(AS_ANN, GTW1, StationKey.CUPS));
        AuthorizationHeader third =
                house.database.write(gateways.issueKey(AS_ANN, GTW1, StationKey.CUPS));

        assertThat(station().cupsKey()).hasValue(third);
        assertThat(station().hasFormerCupsKeys()).isTrue();
        assertThat(List.of(first, second, third))
                .allMatch(key -> stations.mayConfigure(station(), Optional.of(key.value())));

        house.database.write(stations.confirmCupsKey(EUI));
        assertThat(station().hasFormerCupsKeys()).isFalse();
        assertThat(stations.mayConfigure(station(), Optional.of(first.value()))).isFalse();
        assertThat(stations.mayConfigure(station(), Optional.of(second.value()))).isFalse();
        assertThat(stations.mayConfigure(station(), Optional.of(third.value()))).isTrue();
    }

    @Test
    void theOldLnsKeyIsGoodUntilTheGatewayConnectsWithTheNewOne() {
        AuthorizationHeader first =
                house.database.write(gateways.issueKey(AS_ANN, GTW1, StationKey.LNS));
        house.database.write(stations.markWorking(EUI));
        house.now.set(START.plus(Duration.ofHours(1)));
        AuthorizationHeader second =
                house.database.write(gateways.issueKey(AS_ANN, GTW1, StationKey.LNS));
        assertThat(station().isOnProbation()).isTrue();
        assertThat(stations.mayLink(station(), Optional.of(first.value()))).isTrue();

        house.database.write(stations.markWorking(EUI));
        assertThat(stations.mayLink(station(), Optional.of(first.value()))).isFalse();
        assertThat(stations.mayLink(station(), Optional.of(second.value()))).isTrue();
    }

    @Test
    void aGatewayGoesBackToAnotherKeyIfTheOneThatWorkedIsDeleted() {
        AuthorizationHeader own =
                house.database.write(gateways.issueKey(AS_ANN, GTW1, StationKey.LNS));
        house.database.write(stations.markWorking(EUI));
        house.now.set(START.plus(Duration.ofHours(1)));
        house.database.write(
                gateways.setKey(
                        AS_ANN,
                        GTW1,
                        StationKey.LNS,
                        Optional.of(AuthorizationHeader.of("Authorization: Bearer theirs"))));
        String unused = house.keys.list(AS_ANN, GTW1.entity()).getFirst().id();
        house.database.write(gateways.deleteApiKey(AS_ANN, GTW1, unused));
        assertThat(stations.mayLink(station(), Optional.of(own.value()))).isFalse();

        assertThat(house.database.write(stations.revert(EUI))).isTrue();
        assertThat(stations.mayLink(station(), station().lnsKey().map(key -> key.value())))
                .isTrue();
    }

    @Test
    void aGatewayThatFailsGetsItsWorkingConfigurationAgain() {
        AuthorizationHeader own =
                house.database.write(gateways.issueKey(AS_ANN, GTW1, StationKey.LNS));
        assertThat(house.database.write(stations.revert(EUI))).isFalse();
        house.database.write(stations.markWorking(EUI));
        assertThat(station().isOnProbation()).isFalse();

        house.now.set(START.plus(Duration.ofHours(1)));
        AuthorizationHeader foreign = AuthorizationHeader.of("Authorization: Bearer theirs");
        house.database.write(
                gateways.set(
                        AS_ANN,
                        GTW1,
                        settings ->
                                settings.withAddress(
                                        Optional.of(GatewayServerAddress.parse("lns.example.com"))),
                        Set.of()));
        house.database.write(gateways.setKey(AS_ANN, GTW1, StationKey.LNS, Optional.of(foreign)));
        assertThat(station().isOnProbation()).isTrue();
        assertThat(stations.mayLink(station(), Optional.of(own.value()))).isTrue();

        assertThat(house.database.write(stations.revert(EUI))).isTrue();
        assertThat(house.database.write(stations.revert(EUI))).isFalse();
        assertThat(station().settings().address()).isEmpty();
        assertThat(station().lnsKey()).hasValue(own);
        assertThat(station().gateway().revertedAt()).hasValue(house.now.get());

        // Whoever looks later sees why it is not where they sent it, until it is sent elsewhere.
        house.database.write(stations.markWorking(EUI));
        assertThat(station().gateway().revertedAt()).hasValue(house.now.get());
        assertThat(stations.mayLink(station(), Optional.of(own.value()))).isTrue();
    }

    @Test
    void everyNodeLearnsWhatChanged() {
        long before = stations.lastRevision();
        house.database.write(
                gateways.set(AS_ANN, GTW1, settings -> settings.withName("Roof"), Set.of()));
        assertThat(stations.changes(before, 10)).isEmpty();
        house.database.write(
                gateways.set(AS_ANN, GTW1, settings -> settings.withName("Tower"), Set.of()));
        assertThat(station().revision()).isEqualTo(before + 1);
        house.database.write(gateways.delete(AS_ANN, GTW1));
        assertThat(stations.changes(before, 10))
                .containsExactly(
                        new StationGateways.Changed(before + 1, EUI),
                        new StationGateways.Changed(before + 2, EUI));
        assertThat(stations.changes(before, 1)).hasSize(1);
    }
}
