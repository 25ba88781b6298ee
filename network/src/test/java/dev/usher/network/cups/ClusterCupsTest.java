package dev.usher.network.cups;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.accounts.AccountId;
import dev.usher.keys.CertificateAuthority;
import dev.usher.lorawan.Eui64;
import dev.usher.network.claiming.GatewayClaiming.Targets;
import dev.usher.network.cups.ClusterCups.Outcome;
import dev.usher.network.cups.ClusterCups.SelfRegistration;
import dev.usher.network.cups.ClusterCups.Settings;
import dev.usher.network.registry.GatewayId;
import dev.usher.network.registry.GatewayServerAddress;
import dev.usher.network.registry.GatewaySettings;
import dev.usher.network.registry.KnownGateway;
import dev.usher.network.registry.NetworkGateway;
import dev.usher.network.registry.StationGateway;
import dev.usher.network.registry.StationKey;
import dev.usher.network.registry.TestRegistry;
import dev.usher.station.AuthorizationHeader;
import dev.usher.station.StationUri;
import dev.usher.station.UpdateInfoResponse;
import dev.usher.station.Why;
import dev.usher.store.EveryEngine;
import dev.usher.store.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Gateways ask, are told, and report back. */
@EveryEngine
class ClusterCupsTest {

    private static final Eui64 EUI = TestRegistry.EUI;
    private static final Eui64 OTHER = Eui64.parse("58A0CBFFFE800BE8");
    private static final StationUri CUPS = StationUri.cups("https://own:8885");
    private static final StationUri NEXT_CUPS = StationUri.cups("https://next:443");
    private static final GatewayServerAddress LNS = GatewayServerAddress.parse("own");
    private static final GatewayServerAddress NEXT_LNS = GatewayServerAddress.parse("next");
    private static final GatewaySettings DEFAULT =
            GatewaySettings.DEFAULT.withFrequencyPlanIds(List.of("EU_863_870"));
    private static final byte[] ROOT =
            CertificateAuthority.create("Test root", () -> TestRegistry.START).certificateDer();
    private static final Optional<String> NOTHING = Optional.empty();

    private final TestRegistry house;
    private final ClusterCups cups;
    private final ReportingStation station = new ReportingStation(EUI);

    ClusterCupsTest(TestDatabase engine) {
        house = new TestRegistry(engine);
        cups = cups(Optional.empty());
    }

    private ClusterCups cups(Optional<SelfRegistration> registration) {
        Trust trust = new Trust(new DialGuard(List.of(), List.of()), List.of(), house.now::get);
        for (StationUri uri : List.of(CUPS, NEXT_CUPS, LNS.lns(), NEXT_LNS.lns())) {
            trust.pin(uri, ROOT);
        }
        return new ClusterCups(
                house.database,
                house.registry,
                trust,
                new Settings(
                        new Targets(Optional.of(CUPS), LNS), Duration.ofMinutes(15), registration),
                house.now::get);
    }

    @Test
    void aGatewayIsToldItsLnsAndItsCupsAndThenNothing() {
        Optional<String> key = registered(EUI, TestRegistry.GTW1);

        ask(key);

        assertThat(station.cupsUri()).contains("https://own:8885");
        assertThat(station.lnsUri()).contains("wss://own:8887");
        assertThat(station.cupsKey()).isEqualTo(key);
        assertThat(house.registry.stations().mayLink(wanted(), station.lnsKey())).isTrue();
        assertThat(ask(station.cupsKey())).isFalse();
        assertThat(cups.why(EUI)).extracting(Why::answer).containsExactly("nothing", "cups+lns");
    }

    @Test
    void theKeyAloneIsAsGoodAsABearer() {
        String key = registered(EUI, TestRegistry.GTW1).orElseThrow();
        assertThat(key).startsWith("Bearer ");
        ask(Optional.of(key.substring(7)));
        assertThat(station.lnsUri()).isPresent();
    }

    @Test
    void aCertificateOfTheGatewayIsAsGoodAsAKey() {
        registered(EUI, TestRegistry.GTW1);
        assertThat(cups.answer(station.report(), NOTHING, Optional.of(EUI)))
                .isInstanceOf(Outcome.Answer.class);
    }

    @Test
    void whoeverIsNotTheGatewayIsRefused() {
        Optional<String> key = registered(EUI, TestRegistry.GTW1);
        Optional<String> others = registered(OTHER, new GatewayId("gtw2"));

        assertRefused(NOTHING, Optional.empty());
        assertRefused(Optional.of(""), Optional.empty());
        assertRefused(Optional.of("Bearer "), Optional.empty());
        assertRefused(Optional.of("Bearer NNSXS.wrong.key"), Optional.empty());
        assertRefused(others, Optional.empty());
        assertRefused(NOTHING, Optional.of(OTHER));
        assertRefused(key, Optional.of(OTHER));
        Optional<String> lnsKey =
                house.registry
                        .stations()
                        .find(EUI)
                        .orElseThrow()
                        .lnsKey()
                        .map(AuthorizationHeader::value);
        assertRefused(lnsKey, Optional.empty());

        assertThat(cups.why(EUI))
                .containsExactly(
                        new Why(
                                TestRegistry.START,
                                "refused",
                                "it showed neither a key nor a certificate of this gateway",
                                8));
    }

    @Test
    void aGatewayThatIsNotKnownIsRefusedAndForgotten() {
        assertRefused(NOTHING, Optional.of(EUI));
        assertThat(cups.why(EUI)).isEmpty();
    }

    @Test
    void aGatewayOfTheRegistryIsAnsweredThoughThereIsNothingForIt() {
        house.database.write(
                house.registry
                        .gateways()
                        .create(
                                TestRegistry.AS_ANN,
                                TestRegistry.ANN,
                                TestRegistry.GTW1,
                                EUI,
                                GatewaySettings.DEFAULT));
        assertThat(cups.answer(station.report(), NOTHING, Optional.of(EUI)))
                .isInstanceOf(Outcome.Answer.class);
        assertThat(cups.why(EUI))
                .singleElement()
                .satisfies(
                        why ->
                                assertThat(why.reason())
                                        .isEqualTo(
                                                "its LNS is left as it is: there is no key for"
                                                        + " wss://own:8887, set one; it has no"
                                                        + " frequency plan, so the LNS cannot use"
                                                        + " it: set one"));
    }

    // The key for this CUPS

    @Test
    void theOldKeyIsGoodUntilTheGatewayHasTheNewOne() {
        Optional<String> old = registered(EUI, TestRegistry.GTW1);
        ask(old);
        Optional<String> fresh = issue(TestRegistry.GTW1, StationKey.CUPS);

        // The first answer may be lost on the way.
        cups.answer(station.report(), old, Optional.empty());
        ask(old);
        assertThat(station.cupsKey()).isEqualTo(fresh);
        // It reports the new key, but is here on its backup set.
        ask(old);
        ask(fresh);

        assertRefused(old, Optional.empty());
        assertThat(ask(fresh)).isFalse();
    }

    // Gateways that register themselves

    @Test
    void anUnknownGatewayRegistersItselfWhereThatIsAllowed() {
        ClusterCups open = cups(Optional.of(selfRegistration(5)));

        // The first answer may be lost on the way; then there is no key to show yet.
        open.answer(station.report(), NOTHING, Optional.empty());
        station.take(answer(open.answer(station.report(), NOTHING, Optional.empty())));

        NetworkGateway gateway = house.registry.gateways().get(TestRegistry.AS_ANN, EUI);
        assertThat(gateway.id()).isEqualTo(GatewayId.ofEui(EUI));
        assertThat(gateway.settings()).isEqualTo(DEFAULT);
        assertThat(station.lnsUri()).contains("wss://own:8887");
        station.take(answer(open.answer(station.report(), station.cupsKey(), Optional.empty())));
        // From now on it has a key to show.
        assertThat(open.answer(station.report(), NOTHING, Optional.empty()))
                .isEqualTo(new Outcome.Refused());
    }

    @Test
    void aGatewayThatTheHouseKnowsDoesNotRegisterItself() {
        house.knownAtHome.put(EUI, new KnownGateway(Optional.empty()));
        assertThat(registers(cups(Optional.of(selfRegistration(5))), EUI.value())).isFalse();
    }

    @Test
    void whyTheLnsDidNotLetAGatewayInIsToldBesideWhatItWasTold() {
        cups.refused(EUI, "its key is not valid");
        assertThat(cups.why(EUI))
                .containsExactly(
                        new Why(
                                TestRegistry.START,
                                "refused",
                                "the LNS did not let it in: its key is not valid",
                                1));
    }

    @Test
    void nobodyIsToldTheKeysOfWhoeverHasTheGatewayNow() {
        ClusterCups open = cups(Optional.of(selfRegistration(5)));
        assertThat(registers(open, EUI.value())).isTrue();
        assertThat(open.answer(station.report(), NOTHING, Optional.of(OTHER)))
                .isEqualTo(new Outcome.Refused());
        house.now.set(TestRegistry.START.plusSeconds(60));
        assertThat(registers(open, EUI.value())).isTrue();

        house.database.write(
                house.registry.gateways().delete(TestRegistry.AS_ANN, GatewayId.ofEui(EUI)));
        registered(EUI, TestRegistry.GTW1);
        assertThat(registers(open, EUI.value())).isFalse();
    }

    @Test
    void aGatewayThatRegisteredItselfHasAQuarterOfAnHourToTakeItsKeys() {
        ClusterCups open = cups(Optional.of(selfRegistration(5)));
        assertThat(registers(open, EUI.value())).isTrue();
        house.now.set(TestRegistry.START.plus(Duration.ofMinutes(15)));
        assertThat(registers(open, EUI.value())).isFalse();
    }

    @Test
    void onlySoManyGatewaysRegisterThemselvesInAnHour() {
        ClusterCups open = cups(Optional.of(selfRegistration(2)));
        assertThat(registers(open, 1)).isTrue();
        assertThat(registers(open, 2)).isTrue();
        assertThat(registers(open, 3)).isFalse();
        assertThat(registers(open, 2)).isTrue();
        house.now.set(TestRegistry.START.plus(Duration.ofHours(1)));
        assertThat(registers(open, 3)).isTrue();
        assertThat(registers(open, 0)).isFalse();
    }

    @Test
    void nobodyRegistersUnderAnIdThatIsTakenOrForAnOwnerWhoIsNot() {
        registered(OTHER, GatewayId.ofEui(EUI));
        assertThat(registers(cups(Optional.of(selfRegistration(5))), EUI.value())).isFalse();
        ClusterCups nobodys =
                cups(Optional.of(new SelfRegistration(new AccountId("nobody"), DEFAULT, 5)));
        assertThat(registers(nobodys, 7)).isFalse();
    }

    private static SelfRegistration selfRegistration(int mostAnHour) {
        return new SelfRegistration(TestRegistry.ANN, DEFAULT, mostAnHour);
    }

    private static boolean registers(ClusterCups open, long eui) {
        return open.answer(new ReportingStation(new Eui64(eui)).report(), NOTHING, Optional.empty())
                instanceof Outcome.Answer;
    }

    // What a gateway goes back to

    @Test
    void aGatewayThatGetsNowhereIsGivenWhatItLastWorkedWith() {
        Optional<String> key = working();
        send(settings -> settings.withAddress(Optional.of(NEXT_LNS)));
        ask(key);
        assertThat(station.lnsUri()).contains("wss://next:8887");

        afterMinutes(8);
        assertThat(ask(key)).isFalse();
        afterMinutes(16);
        assertThat(ask(key)).isFalse();
        afterMinutes(24);
        assertThat(ask(key)).isTrue();

        assertThat(station.lnsUri()).contains("wss://own:8887");
        assertThat(cups.why(EUI).getFirst().reason())
                .startsWith("it does not get on with what it was told, so it is given what it last")
                .endsWith("LNS URI wss://own:8887 sent instead of wss://next:8887");
        assertThat(wanted().settings().address()).isEmpty();
        // That it goes on asking changes nothing more.
        for (int minutes = 32; minutes < 80; minutes += 8) {
            afterMinutes(minutes);
            assertThat(ask(key)).isFalse();
        }
    }

    @Test
    void aGatewayThatComesBackFromAnotherClusterIsKeptHereAgain() {
        Optional<String> key = working();
        handOn();
        ask(key);
        assertThat(station.cupsUri()).contains("https://next:443");

        afterMinutes(9);
        assertThat(ask(key)).isTrue();
        assertThat(station.cupsUri()).contains("https://next:443");
        afterMinutes(18);
        ask(key);

        assertThat(station.cupsUri()).contains("https://own:8885");
        assertThat(wanted().settings().targetCupsUri()).isEmpty();
        assertThat(ask(station.cupsKey())).isFalse();
    }

    @Test
    void aGatewayThatComesBackByItsGatewayJoinServerIsKeptHereAgain() {
        Optional<String> key = working();
        handOn();
        for (int minutes : List.of(0, 9, 18)) {
            assertThat(wanted().settings().targetCupsUri()).hasValue(NEXT_CUPS);
            afterMinutes(minutes);
            // It reports nothing of the cluster that refused it.
            cups.answer(new ReportingStation(EUI).report(), key, Optional.empty());
        }
        assertThat(wanted().settings().targetCupsUri()).isEmpty();
    }

    @Test
    void aGatewayThatAsksOnceADayIsConnectedWhereverThatIs() {
        Optional<String> key = working();
        send(settings -> settings.withAddress(Optional.of(NEXT_LNS)));
        ask(key);
        assertThat(wanted().isOnProbation()).isTrue();
        afterMinutes(24 * 60);
        ask(key);
        assertThat(wanted().isOnProbation()).isTrue();
        afterMinutes(48 * 60);
        ask(key);
        assertThat(wanted().isOnProbation()).isFalse();
    }

    @Test
    void whatNeverWorkedIsNotGoneBackTo() {
        Optional<String> key = registered(EUI, TestRegistry.GTW1);
        for (int minutes = 0; minutes < 80; minutes += 8) {
            afterMinutes(minutes);
            ask(key);
        }
        assertThat(cups.why(EUI).getFirst().reason()).isEqualTo("it has what it is to have");
        assertThat(wanted().gateway().revertedAt()).isEmpty();
    }

    @Test
    void onlyAConnectionAsTheRegistryWantsItShowsThatItWorks() {
        Optional<String> key = registered(EUI, TestRegistry.GTW1);
        ask(key);
        Optional<String> former = station.lnsKey();
        Optional<String> fresh = issue(TestRegistry.GTW1, StationKey.LNS);

        cups.connected(wanted(), former);
        assertThat(wanted().isOnProbation()).isTrue();
        cups.connected(wanted(), fresh);
        assertThat(wanted().isOnProbation()).isFalse();

        afterMinutes(1);
        send(settings -> settings.withAddress(Optional.of(NEXT_LNS)));
        cups.connected(wanted(), fresh); // still here
        assertThat(wanted().isOnProbation()).isTrue();
    }

    @Test
    void remembersTheLast20OfEachGateway() {
        Optional<String> key = registered(EUI, TestRegistry.GTW1);
        for (int i = 0; i < 30; i++) {
            cups.answer(station.report(), i % 2 == 0 ? key : NOTHING, Optional.empty());
        }
        assertThat(cups.why(EUI))
                .hasSize(Why.KEPT)
                .first()
                .extracting(Why::answer)
                .isEqualTo("refused");
    }

    // The house

    /** A gateway with keys for CUPS and LNS; what it shows to CUPS. */
    private Optional<String> registered(Eui64 eui, GatewayId id) {
        house.database.write(
                house.registry
                        .gateways()
                        .create(TestRegistry.AS_ANN, TestRegistry.ANN, id, eui, DEFAULT));
        issue(id, StationKey.LNS);
        return issue(id, StationKey.CUPS);
    }

    private Optional<String> issue(GatewayId id, StationKey kind) {
        return Optional.of(
                house.database
                        .write(house.registry.gateways().issueKey(TestRegistry.AS_ANN, id, kind))
                        .value());
    }

    /** A gateway that has connected to this network's LNS. */
    private Optional<String> working() {
        Optional<String> key = registered(EUI, TestRegistry.GTW1);
        ask(key);
        cups.connected(wanted(), station.lnsKey());
        assertThat(wanted().isOnProbation()).isFalse();
        afterMinutes(0);
        return key;
    }

    /** So many minutes after an hour from the start. */
    private void afterMinutes(int minutes) {
        Instant later = TestRegistry.START.plus(Duration.ofMinutes(60 + minutes));
        house.now.set(later);
    }

    /** To the next cluster, with a key for it. */
    private void handOn() {
        house.database.write(
                house.registry
                        .gateways()
                        .setKey(
                                TestRegistry.AS_ANN,
                                TestRegistry.GTW1,
                                StationKey.TARGET_CUPS,
                                Optional.of(AuthorizationHeader.of("Authorization: next"))));
        send(settings -> settings.withTargetCupsUri(Optional.of(NEXT_CUPS)));
    }

    private void send(UnaryOperator<GatewaySettings> somewhereElse) {
        house.database.write(
                house.registry
                        .gateways()
                        .set(TestRegistry.AS_ANN, TestRegistry.GTW1, somewhereElse, Set.of()));
    }

    private StationGateway wanted() {
        return house.registry.stations().find(EUI).orElseThrow();
    }

    /** Lets the gateway ask; whether it was told anything. */
    private boolean ask(Optional<String> authorization) {
        UpdateInfoResponse response =
                answer(cups.answer(station.report(), authorization, Optional.empty()));
        station.take(response);
        return !response.isNothing();
    }

    private static UpdateInfoResponse answer(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Answer.class);
        return ((Outcome.Answer) outcome).response();
    }

    private void assertRefused(Optional<String> authorization, Optional<Eui64> certificate) {
        assertThat(cups.answer(station.report(), authorization, certificate))
                .isEqualTo(new Outcome.Refused());
    }
}
