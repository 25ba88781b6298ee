package dev.usher.network.claiming;

import static dev.usher.network.registry.TestRegistry.ACME;
import static dev.usher.network.registry.TestRegistry.ANN;
import static dev.usher.network.registry.TestRegistry.AS_ANN;
import static dev.usher.network.registry.TestRegistry.AS_BOB;
import static dev.usher.network.registry.TestRegistry.BOB;
import static dev.usher.network.registry.TestRegistry.EUI;
import static dev.usher.network.registry.TestRegistry.GTW1;
import static dev.usher.network.registry.TestRegistry.GUESSES;
import static dev.usher.network.registry.TestRegistry.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.usher.accounts.AccountId;
import dev.usher.accounts.AuditEntry;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.Caller;
import dev.usher.accounts.Conflict;
import dev.usher.accounts.NotFound;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.EuiRange;
import dev.usher.network.claiming.ClaimFailure.Reason;
import dev.usher.network.claiming.FakeUpstream.Step;
import dev.usher.network.registry.ClaimState;
import dev.usher.network.registry.GatewayId;
import dev.usher.network.registry.GatewayServerAddress;
import dev.usher.network.registry.GatewaySettings;
import dev.usher.network.registry.NetworkGateway;
import dev.usher.network.registry.NetworkGateways;
import dev.usher.network.registry.StationGateway;
import dev.usher.network.registry.StationGateways;
import dev.usher.network.registry.StationKey;
import dev.usher.network.registry.TestRegistry;
import dev.usher.station.AuthorizationHeader;
import dev.usher.station.StationUri;
import dev.usher.store.EveryEngine;
import dev.usher.store.TestDatabase;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How a gateway comes to this network by the code on its label, whatever goes wrong. */
@EveryEngine
class GatewayClaimingTest {

    private static final String CODE = "VfjK89h3";
    private static final String HANDOVER = "SELL-2-BOB-1";
    private static final StationUri CUPS = StationUri.cups("https://eu1.example.com:443");
    private static final byte[] TRUST = {0x30, 1, 2};
    private static final byte[] NEXT_TRUST = {0x30, 3, 4};
    private static final Eui64 UNKNOWN = Eui64.parse("AA00000000000001");

    private final TestRegistry house;
    private final NetworkGateways gateways;
    private final StationGateways stations;
    private final FakeUpstream upstream = new FakeUpstream();
    private boolean isTargetAway;
    private byte[] trust = TRUST;

    GatewayClaimingTest(TestDatabase engine) {
        house = new TestRegistry(engine);
        gateways = house.registry.gateways();
        stations = house.registry.stations();
        upstream.codes.put(EUI, CODE);
    }

    private GatewayClaiming claiming(Optional<StationUri> cups) {
        return new GatewayClaiming(
                house.database,
                house.registry.reservations(),
                new Upstreams(
                        List.of(
                                new Upstreams.Upstream(
                                        "factory",
                                        List.of(EuiRange.parse("58A0CBFFFE800000/48")),
                                        upstream))),
                uri -> {
                    if (isTargetAway) {
                        throw new IOException(uri + " does not answer");
                    }
                    return trust;
                },
                new GatewayClaiming.Targets(cups, GatewayServerAddress.parse("eu1.example.com")));
    }

    private NetworkGateway claim(Caller caller, ClaimRequest request) {
        return claiming(Optional.of(CUPS)).claim(caller, request);
    }

    private static ClaimRequest request(AccountId collaborator, String code) {
        return new ClaimRequest(
                EUI,
                code,
                collaborator,
                Optional.of(GTW1),
                Optional.empty(),
                Optional.empty(),
                List.of("EU_863_870"));
    }

    private static ClaimRequest sentTo(String cups, ClaimRequest request) {
        return new ClaimRequest(
                request.eui(),
                request.code(),
                request.collaborator(),
                request.targetId(),
                Optional.of(StationUri.cups(cups)),
                request.targetAddress(),
                request.targetFrequencyPlanIds());
    }

    private ClaimFailure refusal(Caller caller, ClaimRequest request) {
        ClaimFailure failure =
                catchThrowableOfType(ClaimFailure.class, () -> claim(caller, request));
        assertThat(failure).isNotNull();
        return failure;
    }

    private StationGateway station() {
        return stations.find(EUI).orElseThrow();
    }

    /** What the Gateway Join Server tells the gateway. */
    private UpstreamSetup told() {
        return Optional.ofNullable(upstream.setups.get(EUI)).orElseThrow();
    }

    private List<String> actions() {
        return house.audit.list(AuditLog.Filter.ALL, 0, 1000).stream()
                .filter(entry -> entry.subject().equals(EUI.toString()))
                .map(AuditEntry::action)
                .toList();
    }

    @Test
    void theCodeOnTheLabelBringsTheGateway() {
        NetworkGateway gateway = claim(AS_ANN, request(ANN, CODE));

        assertThat(gateway.id()).isEqualTo(GTW1);
        assertThat(gateway.claim()).isEqualTo(new ClaimState.Claimed("factory", START));
        assertThat(gateway.settings())
                .isEqualTo(GatewaySettings.DEFAULT.withFrequencyPlanIds(List.of("EU_863_870")));
        assertThat(gateways.get(AS_ANN, GTW1)).isEqualTo(gateway);
        UpstreamSetup told = told();
        assertThat(told.uri()).isEqualTo(CUPS);
        assertThat(told.trust()).hasValue(TRUST);
        assertThat(stations.mayConfigure(station(), told.key().map(key -> key.value()))).isTrue();
        assertThat(stations.mayLink(station(), station().lnsKey().map(key -> key.value())))
                .isTrue();
        assertThat(actions()).containsExactly("network-gateway.claim");
    }

    @Test
    void withoutCupsTheGatewayIsSentToItsLnsAtOnce() {
        claiming(Optional.empty()).claim(AS_ANN, request(ANN, CODE));
        UpstreamSetup told = told();
        assertThat(told.uri()).hasToString("wss://eu1.example.com:8887");
        assertThat(stations.mayLink(station(), told.key().map(key -> key.value()))).isTrue();
    }

    @Test
    void aGatewayIsNamedByItsEuiIfNothingIsSaid() {
        NetworkGateway gateway =
                claiming(Optional.empty())
                        .claim(
                                AS_ANN,
                                new ClaimRequest(
                                        EUI,
                                        CODE,
                                        ACME,
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.of(GatewayServerAddress.parse("ws://192.168.2.2")),
                                        List.of()));
        assertThat(gateway.id()).hasToString("eui-58a0cbfffe800be7");
        assertThat(told().key()).isEmpty();
        assertThat(gateways.list(AS_ANN, Optional.of(ACME), Optional.empty(), 10))
                .containsExactly(gateway);
    }

    @Test
    void aWrongCodeIsToldWithWhatMayHaveBeenMisread() {
        ClaimFailure failure = refusal(AS_ANN, request(ANN, "VfjKB9hl"));
        assertThat(failure.reason()).isEqualTo(Reason.CODE_MISMATCH);
        assertThat(failure)
                .hasMessage(
                        "the code does not fit gateway 58A0CBFFFE800BE7: check the EUI and the code"
                                + " on the label; in the code you typed, 9 may be g or q, B may be"
                                + " 8 or 3, l may be 1 or I");
        assertThat(stations.find(EUI)).isEmpty();
        assertThat(actions()).containsExactly("network-gateway.claim.refused");
    }

    @Test
    void afterSomeWrongCodesTheDayIsOver() {
        for (int i = 0; i < GUESSES; i++) {
            assertThat(refusal(AS_ANN, request(ANN, "wrong" + i)).reason())
                    .isEqualTo(Reason.CODE_MISMATCH);
        }
        assertThat(refusal(AS_BOB, request(BOB, CODE)).reason()).isEqualTo(Reason.TOO_MANY_GUESSES);
        assertThat(upstream.claimed).isEmpty();

        house.now.set(START.plus(Duration.ofDays(1)));
        assertThat(claim(AS_BOB, request(BOB, CODE)).id()).isEqualTo(GTW1);
    }

    @Test
    void anEuiThatNobodyKnowsCannotBeClaimed() {
        ClaimRequest request =
                new ClaimRequest(
                        UNKNOWN,
                        CODE,
                        ANN,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        List.of());
        assertThat(refusal(AS_ANN, request).reason()).isEqualTo(Reason.NOT_SUPPORTED);
        assertThat(claiming(Optional.of(CUPS)).supportsClaiming(UNKNOWN)).isFalse();
        assertThat(claiming(Optional.of(CUPS)).supportsClaiming(EUI)).isTrue();
    }

    @Test
    void aTakenIdIsToldBeforeAnythingChanges() {
        house.database.write(gateways.create(AS_BOB, BOB, GTW1, UNKNOWN, GatewaySettings.DEFAULT));
        ClaimFailure failure = refusal(AS_ANN, request(ANN, CODE));
        assertThat(failure.reason()).isEqualTo(Reason.ID_TAKEN);
        assertThat(failure)
                .hasMessage(
                        "a gateway with ID gtw1 exists already, yours or another's: choose another"
                                + " ID");
        assertThat(upstream.claimed).isEmpty();
    }

    @Test
    void anIdThatIsTakenMeanwhileGivesTheGatewayBack() {
        upstream.meanwhile =
                () ->
                        house.database.write(
                                gateways.create(
                                        AS_BOB, BOB, GTW1, UNKNOWN, GatewaySettings.DEFAULT));
        assertThat(refusal(AS_ANN, request(ANN, CODE)).reason()).isEqualTo(Reason.ID_TAKEN);
        assertThat(upstream.claimed).isEmpty();
        assertThat(stations.find(EUI)).isEmpty();
    }

    @Test
    void whoIsSlowerDoesNotTakeTheGatewayFromWhoWasFaster() {
        upstream.meanwhile = () -> claim(AS_BOB, request(BOB, CODE));
        assertThat(refusal(AS_ANN, request(ANN, CODE)).reason()).isEqualTo(Reason.BUSY);
        assertThat(upstream.claimed).containsExactly(EUI);
        assertThat(gateways.get(AS_BOB, GTW1).claim()).isInstanceOf(ClaimState.Claimed.class);
    }

    @ParameterizedTest
    @EnumSource(
            value = Step.class,
            names = {"CLAIM", "CLAIM_ANSWER", "SETUP"})
    void whateverFailsIsUndoneAndGoesWellTheNextTime(Step step) {
        upstream.failing.add(step);
        ClaimFailure failure = refusal(AS_ANN, request(ANN, CODE));
        assertThat(failure.reason()).isEqualTo(Reason.UPSTREAM_FAILED);
        assertThat(failure)
                .hasMessage(
                        "the gateway could not be claimed: it cannot be reached; nothing was"
                                + " changed, try again in a moment");
        assertNothingIsLeft();

        upstream.failing.clear();
        assertThat(claim(AS_ANN, request(ANN, CODE)).claim())
                .isInstanceOf(ClaimState.Claimed.class);
    }

    private void assertNothingIsLeft() {
        assertThat(upstream.claimed).isEmpty();
        assertThat(stations.find(EUI)).isEmpty();
        assertThat(
                        house.database.<Integer>read(
                                handle ->
                                        handle.createQuery(
                                                        "SELECT (SELECT COUNT(*) FROM account_key)"
                                                            + " + (SELECT COUNT(*) FROM"
                                                            + " collaborator WHERE entity_kind ="
                                                            + " 'gateway')")
                                                .mapTo(Integer.class)
                                                .one()))
                .isZero();
    }

    @Test
    void aTargetWhoseTrustIsUnknownIsNoTargetAndNothingIsAsked() {
        isTargetAway = true;
        upstream.failing.add(Step.CLAIM);
        ClaimFailure failure = refusal(AS_ANN, request(ANN, CODE));
        assertThat(failure.reason()).isEqualTo(Reason.TARGET_UNUSABLE);
        assertThat(failure)
                .hasMessage("https://eu1.example.com:443 does not answer; nothing was changed");
        assertNothingIsLeft();
    }

    @Test
    void aHandoverToATargetWhoseTrustIsUnknownDoesNotBegin() {
        claim(AS_ANN, request(ANN, CODE));
        house.database.write(
                gateways.authorize(AS_ANN, GTW1, HANDOVER, START.plus(Duration.ofDays(7))));
        isTargetAway = true;
        assertThat(refusal(AS_BOB, request(BOB, HANDOVER)).reason())
                .isEqualTo(Reason.TARGET_UNUSABLE);
        assertThat(gateways.get(AS_ANN, GTW1).claim()).isInstanceOf(ClaimState.Claimed.class);
    }

    @ParameterizedTest
    @EnumSource(
            value = Step.class,
            names = {"CLAIM_ANSWER", "SETUP"})
    void theCodeIsGoodAgainAfterAClaimThatWasUndone(Step step) {
        upstream.retiresCodes = true;
        upstream.failing.add(step);
        refusal(AS_ANN, request(ANN, CODE));
        upstream.failing.clear();
        claim(AS_ANN, request(ANN, CODE));

        claiming(Optional.of(CUPS)).unclaim(AS_ANN, GTW1);
        assertThat(refusal(AS_ANN, request(ANN, CODE)).reason()).isEqualTo(Reason.CODE_MISMATCH);
    }

    @Test
    void aPlanThatNoStationCanTransmitInIsRefusedBeforeAnythingIsAsked() {
        ClaimRequest request =
                new ClaimRequest(
                        EUI,
                        CODE,
                        ANN,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        List.of("IN_865_867"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> claim(AS_ANN, request))
                .withMessageContaining("cannot transmit in frequency plan IN_865_867");
        assertThat(upstream.claimed).isEmpty();
    }

    @Test
    void anotherClusterIsReachedOverTlsAlone() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                new ClaimRequest(
                                        EUI,
                                        CODE,
                                        ANN,
                                        Optional.empty(),
                                        Optional.of(StationUri.cups("http://example.com:80")),
                                        Optional.empty(),
                                        List.of()))
                .withMessage("'http://example.com:80' is not a CUPS URI: write https://HOST:PORT");
    }

    @Test
    void aClaimThatCannotBeUndoneGoesOnWhenItIsMadeAgain() {
        upstream.failing.addAll(List.of(Step.SETUP, Step.RELEASE));
        assertThat(refusal(AS_ANN, request(ANN, CODE)))
                .hasMessage(
                        "the gateway could not be claimed: it cannot be reached; claim it again to"
                                + " go on, else it is given back later");
        assertThat(gateways.get(AS_ANN, GTW1).claim())
                .isEqualTo(new ClaimState.Claiming("factory", START.plus(Duration.ofMinutes(15))));
        var key = station().cupsKey();
        assertThat(refusal(AS_BOB, request(BOB, CODE)).reason()).isEqualTo(Reason.BUSY);

        upstream.failing.clear();
        assertThat(claim(AS_ANN, request(ANN, CODE)).claim())
                .isInstanceOf(ClaimState.Claimed.class);
        assertThat(station().cupsKey()).as("what it may have been told").isEqualTo(key);
        assertThat(told().key()).isEqualTo(key);
    }

    @Test
    void aClaimThatIsTakenUpUnderAnotherIdLeavesNothingOfTheFirst() {
        upstream.failing.addAll(List.of(Step.SETUP, Step.RELEASE));
        refusal(AS_ANN, request(ANN, CODE));
        upstream.failing.clear();
        GatewayId other = new GatewayId("gtw2");
        ClaimRequest again =
                new ClaimRequest(
                        EUI,
                        CODE,
                        ANN,
                        Optional.of(other),
                        Optional.empty(),
                        Optional.empty(),
                        List.of());
        assertThat(claim(AS_ANN, again).id()).isEqualTo(other);
        assertThatExceptionOfType(NotFound.class).isThrownBy(() -> gateways.get(AS_ANN, GTW1));
    }

    @Test
    void aClaimThatNobodyGoesOnWithIsUndone() {
        upstream.failing.addAll(List.of(Step.SETUP, Step.RELEASE));
        refusal(AS_ANN, request(ANN, CODE));
        upstream.failing.clear();
        GatewayClaiming claiming = claiming(Optional.of(CUPS));
        assertThat(claiming.sweep()).isZero();

        house.now.set(START.plus(Duration.ofMinutes(15)));
        assertThat(claiming.sweep()).isEqualTo(1);
        assertNothingIsLeft();
        assertThat(actions()).containsExactly("network-gateway.claim.undo");
    }

    @Test
    void whatIsCompletedMeanwhileIsNotUndone() {
        upstream.failing.addAll(List.of(Step.SETUP, Step.RELEASE));
        refusal(AS_ANN, request(ANN, CODE));
        upstream.failing.clear();
        house.now.set(START.plus(Duration.ofMinutes(15)));
        var reservations = house.registry.reservations();
        var left = reservations.expired().getFirst();

        claim(AS_ANN, request(ANN, CODE));
        assertThat(house.database.write(reservations.end(left))).isEmpty();
        assertThat(house.database.write(reservations.undo(AS_ANN, left))).isFalse();
        assertThat(gateways.get(AS_ANN, GTW1).claim()).isInstanceOf(ClaimState.Claimed.class);
    }

    @Test
    void anExpiredClaimKeepsNobodyElseFromClaiming() {
        upstream.failing.addAll(List.of(Step.SETUP, Step.RELEASE));
        refusal(AS_ANN, request(ANN, CODE));
        upstream.failing.clear();
        house.now.set(START.plus(Duration.ofMinutes(15)));

        assertThat(claim(AS_BOB, request(BOB, CODE)).claim())
                .isInstanceOf(ClaimState.Claimed.class);
        assertThatExceptionOfType(NotFound.class).isThrownBy(() -> gateways.get(AS_ANN, GTW1));
        assertThat(claiming(Optional.of(CUPS)).sweep()).isZero();
    }

    @Test
    void aRegisteredGatewayIsNotForOthers() {
        claim(AS_ANN, request(ANN, CODE));
        ClaimFailure failure = refusal(AS_BOB, request(BOB, CODE));
        assertThat(failure.reason()).isEqualTo(Reason.NOT_AUTHORIZED);
        assertThat(failure)
                .hasMessage(
                        "gateway 58A0CBFFFE800BE7 is registered already and not authorized for"
                                + " claiming: whoever has it must authorize that first, or unclaim"
                                + " it");
        ClaimFailure own = refusal(AS_ANN, request(ANN, CODE));
        assertThat(own.reason()).isEqualTo(Reason.OWN_ALREADY);
        assertThat(own).hasMessage("you have gateway 58A0CBFFFE800BE7 already, as gtw1");
    }

    @Test
    void anAuthorizedGatewayIsHandedOverAndTheFormerOwnersKeysEnd() {
        claim(AS_ANN, request(ANN, CODE));
        String formerCups = station().cupsKey().orElseThrow().value();
        String formerLns = station().lnsKey().orElseThrow().value();
        house.database.write(
                gateways.authorize(AS_ANN, GTW1, HANDOVER, START.plus(Duration.ofDays(7))));

        assertThat(refusal(AS_BOB, request(BOB, CODE)).reason()).isEqualTo(Reason.CODE_MISMATCH);
        NetworkGateway gateway = claim(AS_BOB, request(BOB, "sell2bob1"));

        assertThat(gateway.claim()).isEqualTo(new ClaimState.Claimed("factory", START));
        assertThat(gateway.claimableUntil()).isEmpty();
        assertThat(gateways.get(AS_BOB, GTW1)).isEqualTo(gateway);
        assertThatExceptionOfType(NotFound.class).isThrownBy(() -> gateways.get(AS_ANN, GTW1));
        assertThat(stations.mayConfigure(station(), Optional.of(formerCups))).isFalse();
        assertThat(stations.mayLink(station(), Optional.of(formerLns))).isFalse();
        assertThat(told().key()).isEqualTo(station().cupsKey());
        assertThat(actions())
                .containsSubsequence(
                        "network-gateway.claim.authorize",
                        "network-gateway.claim.refused",
                        "network-gateway.transfer.out",
                        "network-gateway.transfer.in",
                        "network-gateway.claim");
    }

    @Test
    void anAuthorizationEndsWithItsTimeOrWhenItIsTakenBack() {
        claim(AS_ANN, request(ANN, CODE));
        house.database.write(
                gateways.authorize(AS_ANN, GTW1, HANDOVER, START.plus(Duration.ofDays(7))));
        house.database.write(gateways.unauthorize(AS_ANN, GTW1));
        assertThat(refusal(AS_BOB, request(BOB, HANDOVER)).reason())
                .isEqualTo(Reason.NOT_AUTHORIZED);

        house.database.write(
                gateways.authorize(AS_ANN, GTW1, HANDOVER, START.plus(Duration.ofDays(7))));
        house.now.set(START.plus(Duration.ofDays(7)));
        assertThat(refusal(AS_BOB, request(BOB, HANDOVER)).reason())
                .isEqualTo(Reason.NOT_AUTHORIZED);
    }

    @Test
    void theHandoverCodeIsGuessedOnlySoOften() {
        claim(AS_ANN, request(ANN, CODE));
        house.database.write(
                gateways.authorize(AS_ANN, GTW1, HANDOVER, START.plus(Duration.ofDays(7))));
        for (int i = 0; i < GUESSES; i++) {
            assertThat(refusal(AS_BOB, request(BOB, "wrong" + i)).reason())
                    .isEqualTo(Reason.CODE_MISMATCH);
        }
        assertThat(refusal(AS_BOB, request(BOB, HANDOVER)).reason())
                .isEqualTo(Reason.TOO_MANY_GUESSES);
    }

    @Test
    void aHandoverWhoseServerIsAwayIsFinishedLater() {
        claim(AS_ANN, request(ANN, CODE));
        house.database.write(
                gateways.authorize(AS_ANN, GTW1, HANDOVER, START.plus(Duration.ofDays(7))));
        upstream.failing.add(Step.SETUP);
        assertThat(refusal(AS_BOB, request(BOB, HANDOVER)))
                .hasMessage(
                        "gateway 58A0CBFFFE800BE7 is yours now, but its Gateway Join Server could"
                                + " not be told yet: it cannot be reached; it is tried again, or"
                                + " claim the gateway again");
        assertThat(gateways.get(AS_BOB, GTW1).claim())
                .isEqualTo(new ClaimState.Transferred("factory"));

        upstream.failing.clear();
        assertThat(claiming(Optional.of(CUPS)).sweep()).isEqualTo(1);
        assertThat(gateways.get(AS_BOB, GTW1).claim()).isInstanceOf(ClaimState.Claimed.class);
        assertThat(told().key()).isEqualTo(station().cupsKey());
    }

    @Test
    void aHandoverThatIsFinishedLaterSendsTheGatewayWhereItWasToGo() {
        claim(AS_ANN, request(ANN, CODE));
        house.database.write(
                gateways.authorize(AS_ANN, GTW1, HANDOVER, START.plus(Duration.ofDays(7))));
        upstream.failing.add(Step.SETUP);
        refusal(AS_BOB, sentTo("https://one.example:443", request(BOB, HANDOVER)));
        refusal(AS_BOB, sentTo("https://two.example:443", request(BOB, HANDOVER)));

        upstream.failing.clear();
        assertThat(claiming(Optional.of(CUPS)).sweep()).isEqualTo(1);
        assertThat(told().uri()).hasToString("https://two.example:443");
    }

    @Test
    void aGatewayThatFallsBackToItsJoinServerIsToldTheKeyThatIsInUse() {
        claim(AS_ANN, request(ANN, CODE));
        GatewayClaiming claiming = claiming(Optional.of(CUPS));
        assertThat(claiming.sweep()).isZero();
        AuthorizationHeader first = station().cupsKey().orElseThrow();
        AuthorizationHeader second =
                house.database.write(gateways.issueKey(AS_ANN, GTW1, StationKey.CUPS));

        // The gateway has the new key, and may get the old one from there still.
        upstream.failing.add(Step.SETUP);
        assertThat(claiming.sweep()).isZero();
        house.database.write(stations.confirmCupsKey(EUI));
        assertThat(told().key()).hasValue(first);
        assertThat(stations.mayConfigure(station(), Optional.of(first.value()))).isTrue();

        upstream.failing.clear();
        assertThat(claiming.sweep()).isEqualTo(1);
        assertThat(told().key()).hasValue(second);
        house.database.write(stations.confirmCupsKey(EUI));
        assertThat(stations.mayConfigure(station(), Optional.of(first.value()))).isFalse();
        assertThat(claiming.sweep()).isZero();
    }

    @Test
    void aGatewayThatFallsBackToItsJoinServerIsToldTheRootThatThisNetworkHasNow() {
        claim(AS_ANN, request(ANN, CODE));
        trust = NEXT_TRUST;
        GatewayClaiming claiming = claiming(Optional.of(CUPS));
        isTargetAway = true;
        assertThat(claiming.sweep()).isZero();
        assertThat(told().trust()).hasValue(TRUST);

        isTargetAway = false;
        assertThat(claiming.sweep()).isEqualTo(1);
        assertThat(told().trust()).hasValue(NEXT_TRUST);
        assertThat(told().key()).isEqualTo(station().cupsKey());
        assertThat(claiming.sweep()).isZero();
    }

    @Test
    void aGatewayThatWasSentToAnotherClusterIsToldThatAgain() {
        claim(AS_ANN, sentTo("https://one.example:443", request(ANN, CODE)));
        trust = NEXT_TRUST;
        assertThat(claiming(Optional.of(CUPS)).sweep()).isEqualTo(1);
        assertThat(told().uri()).hasToString("https://one.example:443");
        assertThat(told().trust()).hasValue(NEXT_TRUST);
    }

    @Test
    void aKeyThatIsIssuedWhileTheJoinServerIsToldAnotherIsToldAfterThat() {
        claim(AS_ANN, request(ANN, CODE));
        house.database.write(gateways.issueKey(AS_ANN, GTW1, StationKey.CUPS));
        GatewayClaiming claiming = claiming(Optional.of(CUPS));
        upstream.atSetup =
                () -> house.database.write(gateways.issueKey(AS_ANN, GTW1, StationKey.CUPS));
        assertThat(claiming.sweep()).isZero();
        assertThat(claiming.sweep()).isEqualTo(1);
        assertThat(told().key()).isEqualTo(station().cupsKey());
    }

    @Test
    void anUnclaimedGatewayCanBeClaimedByWhoeverHasTheCode() {
        claim(AS_ANN, request(ANN, CODE));
        GatewayClaiming claiming = claiming(Optional.of(CUPS));
        assertThatExceptionOfType(Conflict.class)
                .isThrownBy(() -> house.database.write(gateways.delete(AS_ANN, GTW1)))
                .withMessageContaining("unclaim it");
        assertThatExceptionOfType(NotFound.class).isThrownBy(() -> claiming.unclaim(AS_BOB, GTW1));

        upstream.failing.add(Step.RELEASE);
        assertThatExceptionOfType(ClaimFailure.class)
                .isThrownBy(() -> claiming.unclaim(AS_ANN, GTW1));
        assertThat(gateways.get(AS_ANN, GTW1).claim()).isInstanceOf(ClaimState.Claimed.class);

        upstream.failing.clear();
        claiming.unclaim(AS_ANN, GTW1);
        assertNothingIsLeft();
        assertThat(claim(AS_BOB, request(BOB, CODE)).id()).isEqualTo(GTW1);
    }

    @Test
    void oneClaimsForThoseOneMayActFor() {
        assertThatExceptionOfType(NotFound.class)
                .isThrownBy(() -> claim(AS_BOB, request(ACME, CODE)));
        assertThat(upstream.claimed).isEmpty();
    }
}
