package dev.usher.devices;

import static dev.usher.devices.TestJoinServer.ACME;
import static dev.usher.devices.TestJoinServer.APP_KEY;
import static dev.usher.devices.TestJoinServer.DEV_EUI;
import static dev.usher.devices.TestJoinServer.FOREIGN;
import static dev.usher.devices.TestJoinServer.HOME;
import static dev.usher.devices.TestJoinServer.JOIN_EUI;
import static dev.usher.devices.TestJoinServer.KEK;
import static dev.usher.devices.TestJoinServer.OTHER_JOIN_EUI;
import static dev.usher.devices.TestJoinServer.R1_0;
import static dev.usher.devices.TestJoinServer.R1_1;
import static dev.usher.devices.TestJoinServer.header;
import static dev.usher.devices.TestJoinServer.joinReq;
import static dev.usher.devices.TestJoinServer.proof;
import static dev.usher.devices.TestJoinServer.rejoinReq;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.backend.AppSKeyAns;
import dev.usher.backend.AppSKeyReq;
import dev.usher.backend.BackendCodec;
import dev.usher.backend.Header;
import dev.usher.backend.HomeNsAns;
import dev.usher.backend.HomeNsReq;
import dev.usher.backend.JoinAns;
import dev.usher.backend.JoinReq;
import dev.usher.backend.KeyEnvelope;
import dev.usher.backend.MalformedBackendMessageException;
import dev.usher.backend.NetworkKeys;
import dev.usher.backend.Octets;
import dev.usher.backend.ProtocolVersion;
import dev.usher.backend.RejoinReq;
import dev.usher.backend.Result;
import dev.usher.backend.ResultCode;
import dev.usher.backend.SessionGrant;
import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.EuiRange;
import dev.usher.lorawan.JoinCryptography;
import dev.usher.lorawan.JoinRequest;
import dev.usher.lorawan.MacVersion;
import dev.usher.lorawan.NetId;
import dev.usher.lorawan.Received;
import dev.usher.lorawan.RejoinRequest;
import dev.usher.lorawan.RootKeys;
import dev.usher.lorawan.SessionKeys;
import dev.usher.store.EveryEngine;
import dev.usher.store.TestDatabase;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@EveryEngine
class JoinsTest {

    private static final BackendLog.Filter OF_ACME =
            new BackendLog.Filter(Optional.empty(), Optional.empty(), Optional.of(ACME));

    private final TestJoinServer house;

    JoinsTest(TestDatabase engine) {
        house = new TestJoinServer(engine);
    }

    @AfterEach
    void close() {
        house.close();
    }

    // What the device makes of the answer

    @Test
    void aDeviceOfLoRaWan1_0OpensItsJoinAccept() {
        house.device(R1_0);

        for (int devNonce : List.of(258, 7)) {
            JoinReq request = joinReq(R1_0, MacVersion.V1_0_3, devNonce);
            SessionGrant grant = house.joined(request);

            Received received = received(R1_0, request, grant);
            assertThat(received.accept().netId()).isEqualTo(HOME);
            assertThat(received.accept().devAddr()).isEqualTo(request.devAddr());
            assertThat(received.keys())
                    .isInstanceOfSatisfying(
                            SessionKeys.R1_0.class,
                            keys ->
                                    assertThat(grant.networkKeys())
                                            .isEqualTo(
                                                    new NetworkKeys.R1_0(
                                                            KeyEnvelope.clear(keys.nwkSKey()))));
            assertThat(appSKey(grant)).isEqualTo(received.keys().appSKey());
        }
    }

    @Test
    void aDeviceOfLoRaWan1_1OpensItsJoinAccept() {
        house.device(R1_1);
        JoinReq request = joinReq(R1_1, MacVersion.V1_1_0, 1);

        SessionGrant grant = house.joined(request);

        Received received = received(R1_1, request, grant);
        assertThat(received.keys())
                .isInstanceOfSatisfying(
                        SessionKeys.R1_1.class,
                        keys ->
                                assertThat(grant.networkKeys())
                                        .isEqualTo(
                                                new NetworkKeys.R1_1(
                                                        KeyEnvelope.clear(keys.fNwkSIntKey()),
                                                        KeyEnvelope.clear(keys.sNwkSIntKey()),
                                                        KeyEnvelope.clear(keys.nwkSEncKey()))));
        assertThat(appSKey(grant)).isEqualTo(received.keys().appSKey());
    }

    @Test
    void aDeviceOfLoRaWan1_1JoinsANetworkOf1_0() {
        house.device(R1_1);
        JoinReq request = joinReq(R1_1, MacVersion.V1_0_3, 1);

        SessionGrant grant = house.joined(request);

        assertThat(received(R1_1, request, grant).keys()).isInstanceOf(SessionKeys.R1_0.class);
    }

    @Test
    void aNetworkServerThatContradictsItselfIsRefusedOnlyWhereTheDeviceIsStrict() {
        house.device(R1_1);
        Header header = header(ProtocolVersion.V1_1, HOME);

        assertThat(code(house.join(joinReq(R1_1, MacVersion.V1_1_0, "00", 1, header))))
                .isEqualTo(ResultCode.SUCCESS);

        house.set("strict", 1);
        assertThat(code(house.join(joinReq(R1_1, MacVersion.V1_1_0, "00", 2, header))))
                .isEqualTo(ResultCode.JOIN_REQ_FAILED);
    }

    @Test
    void aDeviceOfLoRaWan1_0IsNeverActivatedBy1_1() {
        house.device(R1_1, Map.of("mac_version", "1.0.3"));

        assertThat(code(house.join(joinReq(R1_1, MacVersion.V1_1_0, 1))))
                .isEqualTo(ResultCode.JOIN_REQ_FAILED);
        assertThat(newest().why())
                .isEqualTo(
                        "MACVersion 1.1.0 cannot be: the device is built to LoRaWAN 1.0.3, and"
                                + " could not make the keys");
        assertThat(rejoinType1(R1_1, 1)).isEqualTo(ResultCode.JOIN_REQ_FAILED);
        assertThat(house.joinNonce()).isZero();
        assertThat(code(house.join(joinReq(R1_1, MacVersion.V1_0_3, 1))))
                .isEqualTo(ResultCode.SUCCESS);
    }

    @Test
    void onlyAStrictDeviceOfLoRaWan1_1IsKeptOutOfNetworksOf1_0() {
        house.device(R1_1, Map.of("mac_version", "1.1.0"));
        assertThat(code(house.join(joinReq(R1_1, MacVersion.V1_0_3, 1))))
                .isEqualTo(ResultCode.SUCCESS);

        house.set("strict", 1);
        assertThat(code(house.join(joinReq(R1_1, MacVersion.V1_0_3, 2))))
                .isEqualTo(ResultCode.JOIN_REQ_FAILED);
        assertThat(code(house.join(joinReq(R1_1, MacVersion.V1_1_0, 3))))
                .isEqualTo(ResultCode.SUCCESS);
    }

    // Nonces

    @Test
    void aDrawnDevNonceIsAcceptedOnceAndNeverForgotten() {
        house.device(R1_0);
        for (int devNonce = 0; devNonce < 30; devNonce++) {
            assertThat(code(house.join(joinReq(R1_0, MacVersion.V1_0_2, devNonce))))
                    .isEqualTo(ResultCode.SUCCESS);
        }
        for (int devNonce = 0; devNonce < 30; devNonce++) {
            assertThat(code(house.join(joinReq(R1_0, MacVersion.V1_0_2, devNonce))))
                    .isEqualTo(ResultCode.FRAME_REPLAYED);
        }
        assertThat(house.joinNonce()).isEqualTo(30);
    }

    @Test
    void aCountedDevNonceHasToGrow() {
        house.device(R1_0);
        assertThat(join1_0_4(0)).isEqualTo(ResultCode.SUCCESS);
        assertThat(join1_0_4(0)).isEqualTo(ResultCode.FRAME_REPLAYED);
        assertThat(join1_0_4(5)).isEqualTo(ResultCode.SUCCESS);
        assertThat(join1_0_4(4)).isEqualTo(ResultCode.FRAME_REPLAYED);
        assertThat(join1_0_4(65_535)).isEqualTo(ResultCode.SUCCESS);
        assertThat(join1_0_4(65_535)).isEqualTo(ResultCode.FRAME_REPLAYED);
    }

    @Test
    void aNonceUsedUnderOneVersionIsUsedUnderEveryOther() {
        house.device(R1_0);
        assertThat(code(house.join(joinReq(R1_0, MacVersion.V1_0_2, 500))))
                .isEqualTo(ResultCode.SUCCESS);
        assertThat(join1_0_4(500)).isEqualTo(ResultCode.FRAME_REPLAYED);
        assertThat(join1_0_4(600)).isEqualTo(ResultCode.SUCCESS);
        assertThat(code(house.join(joinReq(R1_0, MacVersion.V1_0_2, 600))))
                .isEqualTo(ResultCode.FRAME_REPLAYED);
        assertThat(code(house.join(joinReq(R1_0, MacVersion.V1_0_2, 599))))
                .isEqualTo(ResultCode.FRAME_REPLAYED);
        assertThat(code(house.join(joinReq(R1_0, MacVersion.V1_0_2, 601))))
                .isEqualTo(ResultCode.SUCCESS);
    }

    @Test
    void aDeviceThatIsKnownToCountIsHeldToItWhateverTheNetworkServerSays() {
        house.device(R1_0, Map.of("mac_version", "1.0.4"));

        assertThat(code(house.join(joinReq(R1_0, MacVersion.V1_0_2, 9))))
                .isEqualTo(ResultCode.SUCCESS);
        assertThat(code(house.join(joinReq(R1_0, MacVersion.V1_0_2, 8))))
                .isEqualTo(ResultCode.FRAME_REPLAYED);
    }

    @Test
    void aDeviceThatIsKnownToDrawIsNotHeldToACountWhateverTheNetworkServerSays() {
        house.device(R1_0, Map.of("mac_version", "1.0.3"));

        assertThat(join1_0_4(60_000)).isEqualTo(ResultCode.SUCCESS);
        assertThat(join1_0_4(5)).isEqualTo(ResultCode.SUCCESS);
        assertThat(join1_0_4(60_000)).isEqualTo(ResultCode.FRAME_REPLAYED);
        assertThat(join1_0_4(5)).isEqualTo(ResultCode.FRAME_REPLAYED);
        assertThat(code(house.join(joinReq(R1_0, MacVersion.V1_0_2, 5))))
                .isEqualTo(ResultCode.FRAME_REPLAYED);
    }

    @Test
    void aDeviceOfLoRaWan1_1CountsInANetworkOf1_0() {
        house.device(R1_1, Map.of("mac_version", "1.1.0"));

        assertThat(code(house.join(joinReq(R1_1, MacVersion.V1_0_3, 9))))
                .isEqualTo(ResultCode.SUCCESS);
        assertThat(code(house.join(joinReq(R1_1, MacVersion.V1_0_3, 8))))
                .isEqualTo(ResultCode.FRAME_REPLAYED);
        assertThat(code(house.join(joinReq(R1_1, MacVersion.V1_1_1, 10))))
                .isEqualTo(ResultCode.SUCCESS);
    }

    @Test
    void aTestDeviceMayUseItsNoncesAgainButGetsNewJoinNonces() {
        house.device(R1_0, Map.of("resets_join_nonces", 1));
        Set<Octets> accepts = new HashSet<>();
        for (int i = 0; i < 5; i++) {
            accepts.add(house.joined(joinReq(R1_0, MacVersion.V1_0_2, 1)).phyPayload());
            accepts.add(house.joined(joinReq(R1_0, MacVersion.V1_0_4, 1)).phyPayload());
        }
        assertThat(accepts).hasSize(10);
        assertThat(house.joinNonce()).isEqualTo(10);
    }

    @Test
    void ofAHundredIdenticalRequestsAtATimeExactlyOneSucceeds() throws Exception {
        house.device(R1_0);
        try (TestJoinServer other = house.otherNode();
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (MacVersion version : List.of(MacVersion.V1_0_2, MacVersion.V1_0_4)) {
                int devNonce = version == MacVersion.V1_0_2 ? 7 : 8;
                List<Future<ResultCode>> answers =
                        IntStream.range(0, 100)
                                .mapToObj(
                                        i ->
                                                callers.submit(
                                                        () ->
                                                                code(
                                                                        (i % 2 == 0 ? house : other)
                                                                                .join(
                                                                                        joinReq(
                                                                                                R1_0,
                                                                                                version,
                                                                                                devNonce)))))
                                .toList();
                assertThat(answers)
                        .extracting(Future::get)
                        .containsOnly(ResultCode.SUCCESS, ResultCode.FRAME_REPLAYED)
                        .containsOnlyOnce(ResultCode.SUCCESS);
            }
        }
        assertThat(house.joinNonce()).isEqualTo(2);
    }

    @Test
    void ofAHundredThatNobodyWaitsForExactlyOneSucceeds() throws Exception {
        house.device(R1_0);
        JoinReq request = joinReq(R1_0, MacVersion.V1_0_4, 7);
        PeerProof proof = proof("ns-home");
        house.ask(new HomeNsReq(header(ProtocolVersion.V1_1, HOME), DEV_EUI), "ns-home");

        List<CompletableFuture<JoinServer.Reply>> replies =
                IntStream.range(0, 100)
                        .mapToObj(_ -> house.server.begin(request, proof).orElseThrow())
                        .toList();

        assertThat(replies)
                .extracting(reply -> reply.get().answer().orElseThrow().result().code())
                .containsOnly(ResultCode.SUCCESS, ResultCode.FRAME_REPLAYED)
                .containsOnlyOnce(ResultCode.SUCCESS);
        assertThat(house.joinNonce()).isEqualTo(1);
    }

    @Test
    void onlyWhoWasProvenBeforeIsAnsweredWithoutAThread() {
        house.device(R1_0);
        JoinReq request = joinReq(R1_0, MacVersion.V1_0_4, 7);
        assertThat(house.server.begin(request, proof("ns-home"))).isEmpty();

        assertThat(code(house.join(joinReq(R1_0, MacVersion.V1_0_4, 6))))
                .isEqualTo(ResultCode.SUCCESS);
        PeerProof known = proof("ns-home");
        for (PeerProof other :
                List.of(
                        new PeerProof(List.of(), Optional.empty(), "/"),
                        new PeerProof(List.of(), Optional.of("Bearer no"), "/"),
                        proof("ns-foreign"))) {
            assertThat(house.server.begin(request, other)).as(other.toString()).isEmpty();
        }
        Header elsewhere = new Header(ProtocolVersion.V1_0, HOME.toString(), "AABBCCDDEEFF0011", 0);
        assertThat(house.server.begin(joinReq(R1_0, MacVersion.V1_0_4, "00", 7, elsewhere), known))
                .isEmpty();
        assertThat(house.joinNonce()).isEqualTo(1);

        assertThat(house.server.begin(request, known)).isPresent();
    }

    @Test
    void differentRequestsOfOneDeviceAtATimeGetDifferentJoinNonces() throws Exception {
        house.device(R1_0);
        Set<Integer> joinNonces = new HashSet<>();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> answers =
                    IntStream.range(0, 60)
                            .mapToObj(
                                    devNonce ->
                                            callers.submit(
                                                    () -> {
                                                        JoinReq request =
                                                                joinReq(
                                                                        R1_0,
                                                                        MacVersion.V1_0_2,
                                                                        devNonce);
                                                        return received(
                                                                        R1_0,
                                                                        request,
                                                                        house.joined(request))
                                                                .accept()
                                                                .joinNonce();
                                                    }))
                            .toList();
            for (Future<Integer> answer : answers) {
                joinNonces.add(answer.get());
            }
        }
        assertThat(joinNonces).hasSize(60);
        assertThat(house.joinNonce()).isEqualTo(60);
    }

    @Test
    void joinNoncesNeverBeginAgain() {
        house.device(R1_0, Map.of("join_nonce", 0xFF_FFFE));

        assertThat(join1_0_4(1)).isEqualTo(ResultCode.SUCCESS);
        assertThat(join1_0_4(2)).isEqualTo(ResultCode.JOIN_REQ_FAILED);
        assertThat(house.joinNonce()).isEqualTo(0xFF_FFFF);
    }

    // Who may ask

    @Test
    void whoDoesNotHaveTheDevicesKeyLearnsNothingOfItsNonces() {
        house.device(R1_0);
        assertThat(join1_0_4(5)).isEqualTo(ResultCode.SUCCESS);
        RootKeys guessed = RootKeys.r1_0(AesKey.parse("FF".repeat(16)));

        JoinAns used = house.join(joinReq(guessed, MacVersion.V1_0_4, 5));
        JoinAns fresh = house.join(joinReq(guessed, MacVersion.V1_0_4, 6));

        assertThat(used).isEqualTo(fresh);
        assertThat(code(used)).isEqualTo(ResultCode.MIC_FAILED);
    }

    @Test
    void aNetworkServerGetsKeysOnlyForDevicesThatAreAtHomeOrRoamThere() {
        house.device(R1_0);
        JoinReq request =
                joinReq(R1_0, MacVersion.V1_0_2, "00", 1, header(ProtocolVersion.V1_0, FOREIGN));

        assertThat(house.ask(request, "ns-foreign").result().code())
                .isEqualTo(ResultCode.ACTIVATION_DISALLOWED);
        house.set("roaming_net_ids", FOREIGN.toString());
        assertThat(house.ask(request, "ns-foreign").result().code()).isEqualTo(ResultCode.SUCCESS);
    }

    @Test
    void onlyTheNetworkServerThatIsItsHomeActivatesADeviceWithAHomeNsId() {
        house.device(R1_0, Map.of("home_ns_id", 42L));
        house.peer("ns-42", nsIds(42));
        house.peer("ns-both", nsIds(7, 42));
        house.peer("ns-7", nsIds(7));

        int devNonce = 0;
        for (ProtocolVersion version : ProtocolVersion.values()) {
            assertThat(asking("ns-home", version, OptionalLong.empty(), ++devNonce))
                    .isEqualTo(ResultCode.ACTIVATION_DISALLOWED);
            assertThat(newest().why())
                    .isEqualTo(
                            "who asked named no NSID, and its home NSID is 000000000000002A:"
                                    + " register the NSIDs of peer 'ns-home', or take the device's"
                                    + " home NSID away");
            assertThat(asking("ns-home", version, OptionalLong.of(7), ++devNonce))
                    .isEqualTo(ResultCode.ACTIVATION_DISALLOWED);
            assertThat(asking("ns-home", version, OptionalLong.of(42), ++devNonce))
                    .isEqualTo(ResultCode.SUCCESS);
            assertThat(asking("ns-7", version, OptionalLong.empty(), ++devNonce))
                    .isEqualTo(ResultCode.ACTIVATION_DISALLOWED);
            assertThat(newest().why())
                    .isEqualTo("NSID 0000000000000007 asked, its home NSID is 000000000000002A");
            assertThat(asking("ns-42", version, OptionalLong.empty(), ++devNonce))
                    .isEqualTo(ResultCode.SUCCESS);
            assertThat(asking("ns-both", version, OptionalLong.empty(), ++devNonce))
                    .isEqualTo(ResultCode.SUCCESS);
            assertThat(asking("ns-both", version, OptionalLong.of(7), ++devNonce))
                    .isEqualTo(ResultCode.ACTIVATION_DISALLOWED);
        }
    }

    private static PeerSettings nsIds(long... nsIds) {
        return new PeerSettings(
                new PeerRole.NetworkServer(HOME),
                Arrays.stream(nsIds).mapToObj(Eui64::new).toList(),
                false,
                Optional.empty(),
                Optional.empty());
    }

    private ResultCode asking(
            String peer, ProtocolVersion version, OptionalLong nsId, int devNonce) {
        Header header =
                new Header(
                        version,
                        HOME.toString(),
                        JOIN_EUI.toString(),
                        0,
                        nsId.isPresent()
                                ? Optional.of(new Eui64(nsId.getAsLong()))
                                : Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty());
        return house.ask(joinReq(R1_0, MacVersion.V1_0_2, "00", devNonce, header), peer)
                .result()
                .code();
    }

    @Test
    void aDeviceWithoutAHomeIsActivatedByNobody() {
        house.device(R1_0);
        house.set("home_net_id", null);

        assertThat(code(house.join(joinReq(R1_0, MacVersion.V1_0_2, 1))))
                .isEqualTo(ResultCode.ACTIVATION_DISALLOWED);
    }

    @Test
    void theOwnersSettingsHoldWhereTheDeviceHasNone() {
        house.device(R1_0);
        house.set("home_net_id", null);
        house.database.write(
                handle ->
                        handle.execute(
                                "INSERT INTO activation_settings (owner, home_net_id) VALUES (?,"
                                        + " ?)",
                                ACME.value(),
                                HOME.value()));

        assertThat(code(house.join(joinReq(R1_0, MacVersion.V1_0_2, 1))))
                .isEqualTo(ResultCode.SUCCESS);
    }

    @Test
    void aSenderIdIsWorthNothingWithoutItsProof() {
        house.device(R1_0);
        JoinReq request = joinReq(R1_0, MacVersion.V1_0_2, 1);
        for (PeerProof proof :
                List.of(
                        new PeerProof(List.of(), Optional.empty(), "/"),
                        new PeerProof(List.of(), Optional.of("Bearer no"), "/"),
                        new PeerProof(List.of(), Optional.of("Bearer"), "/"),
                        new PeerProof(List.of(), Optional.of("Basic bm86bm8="), "/"),
                        new PeerProof(List.of(), Optional.of("Basic %%%"), "/"),
                        proof("ns-foreign"),
                        proof("as"))) {
            assertThat(house.server.answer(request, proof).answer().orElseThrow().result().code())
                    .as(proof.toString())
                    .isEqualTo(ResultCode.UNKNOWN_SENDER);
        }
        assertThat(house.joinNonce()).isZero();
    }

    @Test
    void whatIsNotForThisJoinServerIsRefused() {
        house.device(R1_0);
        Header elsewhere = new Header(ProtocolVersion.V1_0, HOME.toString(), "AABBCCDDEEFF0011", 0);
        Header nowhere = new Header(ProtocolVersion.V1_0, HOME.toString(), "js.example.com", 0);

        for (Header header : List.of(elsewhere, nowhere)) {
            assertThat(code(house.join(joinReq(R1_0, MacVersion.V1_0_2, "00", 1, header))))
                    .isEqualTo(ResultCode.UNKNOWN_RECEIVER);
        }
    }

    @Test
    void aDeviceWhoseJoinEuiWasTakenBackIsNotKnownByAnotherName() {
        house.device(R1_0);
        SessionGrant grant = house.joined(joinReq(R1_0, MacVersion.V1_0_2, 1));
        withdraw(new EuiRange(JOIN_EUI, OTHER_JOIN_EUI));
        assign(new EuiRange(OTHER_JOIN_EUI, OTHER_JOIN_EUI));
        Header another =
                new Header(ProtocolVersion.V1_0, HOME.toString(), OTHER_JOIN_EUI.toString(), 0);
        Header application =
                new Header(
                        ProtocolVersion.V1_0, TestJoinServer.AS_ID, OTHER_JOIN_EUI.toString(), 0);

        assertThat(code(house.join(joinReq(R1_0, MacVersion.V1_0_2, "00", 2, another))))
                .isEqualTo(ResultCode.UNKNOWN_DEV_EUI);
        assertThat(house.ask(new HomeNsReq(another, DEV_EUI), "ns-home").result().code())
                .isEqualTo(ResultCode.UNKNOWN_DEV_EUI);
        AppSKeyReq appSKey =
                new AppSKeyReq(application, DEV_EUI, grant.sessionKeyId().orElseThrow());
        assertThat(house.ask(appSKey, "as").result().code()).isEqualTo(ResultCode.UNKNOWN_DEV_EUI);

        assign(new EuiRange(JOIN_EUI, JOIN_EUI));
        assertThat(code(house.join(joinReq(R1_0, MacVersion.V1_0_2, "00", 2, another))))
                .isEqualTo(ResultCode.SUCCESS);
    }

    private void withdraw(EuiRange range) {
        house.database.write(house.server.joinEuis().withdraw(TestJoinServer.ADMIN, range, true));
        house.server.joinEuis().refresh();
    }

    private void assign(EuiRange range) {
        house.database.write(
                house.server.joinEuis().assign(TestJoinServer.ADMIN, range, TestJoinServer.MAKER));
        house.server.joinEuis().refresh();
    }

    @Test
    void whatContradictsItselfIsMalformed() {
        house.device(R1_0);
        JoinReq good = joinReq(R1_0, MacVersion.V1_0_2, 1);
        Octets otherDevice =
                Octets.of(JoinCryptography.request(R1_0, JOIN_EUI, new Eui64(99), 1).phyPayload());
        Octets tooShort = Octets.parse("00");
        Octets uplink = Octets.parse("40" + "00".repeat(22));
        for (Octets phyPayload : List.of(otherDevice, tooShort, uplink)) {
            assertThat(code(house.join(with(good, phyPayload))))
                    .isEqualTo(ResultCode.MALFORMED_MESSAGE);
        }
        assertThat(
                        code(
                                house.join(
                                        with(
                                                good,
                                                Octets.of(
                                                        JoinCryptography.request(
                                                                        R1_0,
                                                                        OTHER_JOIN_EUI,
                                                                        DEV_EUI,
                                                                        1)
                                                                .phyPayload())))))
                .isEqualTo(ResultCode.UNKNOWN_DEV_EUI);
        assertThat(house.joinNonce()).isZero();
    }

    // Whom the keys are for

    @Test
    void theAppSKeyIsNotForTheNetworkServer() {
        house.device(R1_0, Map.of("app_s_key_in_clear", 0));
        assertThat(house.joined(joinReq(R1_0, MacVersion.V1_0_2, 1)).appSKey()).isEmpty();

        house.set("app_s_key_in_clear", null);
        assertThat(house.joined(joinReq(R1_0, MacVersion.V1_0_2, 2)).appSKey()).isEmpty();

        house.set("app_s_key_in_clear", 1);
        assertThat(house.joined(joinReq(R1_0, MacVersion.V1_0_2, 3)).appSKey())
                .hasValueSatisfying(key -> assertThat(key.kekLabel()).isEmpty());
    }

    @Test
    void keysAreWrappedForWhoeverTheyAreFor() {
        house.device(R1_0);
        house.rotateKek("ns-home", "ns-kek", Duration.ZERO);
        house.rotateKek("as", "as-kek", Duration.ZERO);
        JoinReq request = joinReq(R1_0, MacVersion.V1_0_2, 1);

        SessionGrant grant = house.joined(request);

        SessionKeys.R1_0 keys = (SessionKeys.R1_0) received(R1_0, request, grant).keys();
        assertThat(grant.networkKeys())
                .isEqualTo(new NetworkKeys.R1_0(KeyEnvelope.wrap(KEK, "ns-kek", keys.nwkSKey())));
        assertThat(grant.appSKey()).contains(KeyEnvelope.wrap(KEK, "as-kek", keys.appSKey()));
    }

    @Test
    void aNewKekIsUsedFromItsTimeOn() {
        house.device(R1_0);
        house.rotateKek("ns-home", "old", Duration.ZERO);
        house.rotateKek("ns-home", "new", Duration.ofDays(1));

        assertThat(labelOfNwkSKey(1)).contains("old");
        house.now.set(TestJoinServer.START.plus(Duration.ofDays(1)));
        assertThat(labelOfNwkSKey(2)).contains("new");
    }

    @Test
    void theApplicationServerAsksForTheAppSKey() {
        house.device(R1_0);
        JoinReq request = joinReq(R1_0, MacVersion.V1_0_2, 1);
        SessionGrant grant = house.joined(request);

        AppSKeyAns answer = ask(grant.sessionKeyId().orElseThrow());

        assertThat(answer.appSKey())
                .contains(KeyEnvelope.clear(received(R1_0, request, grant).keys().appSKey()));
        assertThat(answer.devEui()).contains(DEV_EUI);
    }

    @Test
    void ofSeveralApplicationServersWithOneAsIdEachGetsTheKeyUnderItsOwnKek() {
        house.device(R1_0);
        house.peer("as-2", new PeerRole.ApplicationServer(TestJoinServer.AS_ID));
        house.rotateKek("as-2", "as-kek", Duration.ZERO);
        JoinReq request = joinReq(R1_0, MacVersion.V1_0_2, 1);
        SessionGrant grant = house.joined(request);
        AesKey appSKey = received(R1_0, request, grant).keys().appSKey();

        Octets id = grant.sessionKeyId().orElseThrow();
        assertThat(grant.appSKey()).contains(KeyEnvelope.wrap(KEK, "as-kek", appSKey));
        assertThat(ask(id, "as").appSKey()).contains(KeyEnvelope.clear(appSKey));
        assertThat(ask(id, "as-2").appSKey()).contains(KeyEnvelope.wrap(KEK, "as-kek", appSKey));
    }

    @Test
    void theLastTenSessionsCanBeAskedFor() {
        house.device(R1_0);
        List<Octets> ids =
                IntStream.range(0, 13)
                        .mapToObj(
                                devNonce ->
                                        house.joined(joinReq(R1_0, MacVersion.V1_0_2, devNonce))
                                                .sessionKeyId()
                                                .orElseThrow())
                        .toList();

        assertThat(ids.subList(0, 3))
                .allSatisfy(id -> assertThat(ask(id).result().isSuccess()).isFalse());
        assertThat(ids.subList(3, 13))
                .allSatisfy(id -> assertThat(ask(id).result().isSuccess()).isTrue());
    }

    @Test
    void aSessionEndsWithItsLifetime() {
        house.device(R1_0, Map.of("lifetime", 60));
        SessionGrant grant = house.joined(joinReq(R1_0, MacVersion.V1_0_2, 1));
        assertThat(grant.lifetime()).hasValue(60);
        Octets id = grant.sessionKeyId().orElseThrow();

        assertThat(ask(id).result().isSuccess()).isTrue();
        house.now.set(TestJoinServer.START.plusSeconds(60));
        assertThat(ask(id).result().isSuccess()).isFalse();
    }

    @Test
    void sessionsThatHaveEndedAreDeleted() {
        house.device(R1_0);
        IntStream.range(0, 13)
                .forEach(devNonce -> house.joined(joinReq(R1_0, MacVersion.V1_0_2, devNonce)));
        assertThat(house.sessions()).isEqualTo(13);

        assertThat(house.server.sweepSessions()).isEqualTo(3);

        assertThat(house.sessions()).isEqualTo(10);
        assertThat(house.server.sweepSessions()).isZero();
        house.set("dev_eui", DEV_EUI.value() + 1); // gone
        assertThat(house.server.sweepSessions()).isEqualTo(10);
    }

    @Test
    void aSessionThatHasExpiredIsDeletedAfterTheOneBeforeIt() {
        house.device(R1_0);
        house.joined(joinReq(R1_0, MacVersion.V1_0_2, 1));
        house.set("lifetime", 60);
        house.joined(joinReq(R1_0, MacVersion.V1_0_2, 2));
        house.joined(joinReq(R1_0, MacVersion.V1_0_2, 3));

        house.now.set(TestJoinServer.START.plusSeconds(60));
        assertThat(house.server.sweepSessions()).isZero();
        house.set("session_count", 11); // eight more, and the first no longer counts
        assertThat(house.server.sweepSessions()).isEqualTo(1);
        assertThat(house.server.sweepSessions()).isEqualTo(1);
        assertThat(house.server.sweepSessions()).isEqualTo(1);
    }

    @Test
    void anApplicationServerGetsKeysOnlyOfItsDevices() {
        house.device(R1_0, Map.of("as_id", "other.example.com"));
        SessionGrant grant = house.joined(joinReq(R1_0, MacVersion.V1_0_2, 1));

        assertThat(ask(grant.sessionKeyId().orElseThrow()).result().code())
                .isEqualTo(ResultCode.ACTIVATION_DISALLOWED);
    }

    @Test
    void tellsTheHomeNetworkToThoseItRoamsIn() {
        house.device(R1_0, Map.of("home_ns_id", 42L));

        assertThat(homeNs(HOME, "ns-home").hNetId()).contains(HOME);
        assertThat(homeNs(HOME, "ns-home").hNsId()).contains(new Eui64(42));
        assertThat(homeNs(FOREIGN, "ns-foreign").result().code())
                .isEqualTo(ResultCode.NO_ROAMING_AGREEMENT);
        house.set("roaming_net_ids", FOREIGN.toString());
        assertThat(homeNs(FOREIGN, "ns-foreign").hNetId()).contains(HOME);
    }

    // Rejoin-requests

    @Test
    void aDeviceRejoinsOverAnyNetworkWithACountThatGrows() {
        house.device(R1_1);
        RejoinRequest first = JoinCryptography.rejoin(R1_1, JOIN_EUI, DEV_EUI, 3);

        SessionGrant grant = house.rejoin(rejoinReq(first)).grant().orElseThrow();

        Received received =
                JoinCryptography.open(R1_1, first, JOIN_EUI, grant.phyPayload().bytes());
        assertThat(grant.networkKeys()).isEqualTo(inClear(received.keys()));
        assertThat(house.rejoin(rejoinReq(first)).result().code())
                .isEqualTo(ResultCode.FRAME_REPLAYED);
        assertThat(rejoinType1(R1_1, 2)).isEqualTo(ResultCode.FRAME_REPLAYED);
        assertThat(rejoinType1(R1_1, 4)).isEqualTo(ResultCode.SUCCESS);
        assertThat(rejoinType1(RootKeys.r1_1(APP_KEY, APP_KEY), 5))
                .isEqualTo(ResultCode.MIC_FAILED);
    }

    @Test
    void aDeviceRejoinsFromTheSessionItIsIn() {
        house.device(R1_1);
        JoinReq request = joinReq(R1_1, MacVersion.V1_1_0, 1);
        SessionKeys.R1_1 joined =
                (SessionKeys.R1_1) received(R1_1, request, house.joined(request)).keys();

        RejoinRequest rejoin0 = JoinCryptography.rejoin(joined.sNwkSIntKey(), 0, HOME, DEV_EUI, 7);
        SessionGrant unheard = house.rejoin(rejoinReq(rejoin0)).grant().orElseThrow();
        // The device has not heard that answer, and asks again from the session it is still in.
        RejoinRequest again = JoinCryptography.rejoin(joined.sNwkSIntKey(), 0, HOME, DEV_EUI, 8);
        SessionGrant heard = house.rejoin(rejoinReq(again)).grant().orElseThrow();
        SessionKeys.R1_1 rejoined =
                (SessionKeys.R1_1)
                        JoinCryptography.open(R1_1, again, JOIN_EUI, heard.phyPayload().bytes())
                                .keys();

        assertThat(heard.phyPayload()).isNotEqualTo(unheard.phyPayload());
        assertThat(house.rejoin(rejoinReq(rejoin0)).result().code())
                .isEqualTo(ResultCode.FRAME_REPLAYED);
        // In its new session it counts from the beginning.
        assertThat(rejoinFrom(rejoined, 2, 0)).isEqualTo(ResultCode.SUCCESS);
        assertThat(rejoinFrom(rejoined, 2, 0)).isEqualTo(ResultCode.FRAME_REPLAYED);
    }

    @Test
    void theNetworkServersWordIsTakenWhereNoSessionIsKnownAnyMore() {
        SessionKeys.R1_1 unknown = inASessionThatIsForgotten();

        assertThat(rejoinFrom(unknown, 0, 7)).isEqualTo(ResultCode.SUCCESS);
        // The device heard none of these answers: sessions it may never have begun bind nobody.
        assertThat(rejoinFrom(unknown, 0, 8)).isEqualTo(ResultCode.SUCCESS);
        assertThat(rejoinType1(R1_1, 1)).isEqualTo(ResultCode.SUCCESS);
        assertThat(rejoinFrom(unknown, 2, 9)).isEqualTo(ResultCode.SUCCESS);
    }

    @Test
    void onceItsSessionIsKnownAgainTheMicIsChecked() {
        SessionKeys.R1_1 unknown = inASessionThatIsForgotten();
        SessionKeys.R1_1 known = heard(unknown.sNwkSIntKey(), 7);

        assertThat(rejoinFrom(known, 0, 0)).isEqualTo(ResultCode.SUCCESS);

        assertThat(rejoinFrom(unknown, 0, 8)).isEqualTo(ResultCode.MIC_FAILED);
        assertThat(rejoinFrom(known, 0, 0)).isEqualTo(ResultCode.FRAME_REPLAYED);
        assertThat(rejoinFrom(known, 0, 1)).isEqualTo(ResultCode.SUCCESS);
    }

    @Test
    void aDeviceThatJoinsAnewIsInNoForgottenSession() {
        SessionKeys.R1_1 forgotten = inASessionThatIsForgotten();
        house.joined(joinReq(R1_1, MacVersion.V1_1_0, 2));

        assertThat(rejoinFrom(forgotten, 0, 7)).isEqualTo(ResultCode.MIC_FAILED);
    }

    @Test
    void aDeviceThatHearsNoAnswerStaysInItsSessionHoweverOftenItAsks() {
        house.device(R1_1);
        JoinReq request = joinReq(R1_1, MacVersion.V1_1_0, 1);
        SessionKeys.R1_1 joined =
                (SessionKeys.R1_1) received(R1_1, request, house.joined(request)).keys();

        for (int count = 0; count < 25; count++) {
            assertThat(rejoinFrom(joined, 0, count)).isEqualTo(ResultCode.SUCCESS);
            house.server.sweepSessions();
        }

        assertThat(rejoinFrom(joined, 0, 24)).isEqualTo(ResultCode.FRAME_REPLAYED);
        assertThat(house.rejoin(rejoinReq(JoinCryptography.rejoin(APP_KEY, 0, HOME, DEV_EUI, 25))))
                .extracting(answer -> answer.result().code())
                .isEqualTo(ResultCode.MIC_FAILED);
        assertThat(house.sessions()).isEqualTo(11);
    }

    @Test
    void aSessionIsNoLongerKeptWhenNoneOfTheLastWasAskedForFromIt() {
        house.device(R1_1);
        JoinReq request = joinReq(R1_1, MacVersion.V1_1_0, 1);
        SessionKeys.R1_1 joined =
                (SessionKeys.R1_1) received(R1_1, request, house.joined(request)).keys();
        assertThat(rejoinFrom(joined, 0, 0)).isEqualTo(ResultCode.SUCCESS);
        for (int devNonce = 2; devNonce < 11; devNonce++) {
            house.joined(joinReq(R1_1, MacVersion.V1_1_0, devNonce));
        }
        assertThat(house.server.sweepSessions()).isZero();

        house.joined(joinReq(R1_1, MacVersion.V1_1_0, 11));

        assertThat(house.server.sweepSessions()).isEqualTo(2);
        assertThat(house.sessions()).isEqualTo(10);
    }

    @Test
    void aDeviceThatHasNeverJoinedCannotRejoin() {
        house.device(R1_1);
        RejoinRequest rejoin = JoinCryptography.rejoin(APP_KEY, 0, HOME, DEV_EUI, 7);

        assertThat(house.rejoin(rejoinReq(rejoin)).result().code())
                .isEqualTo(ResultCode.MIC_FAILED);
        assertThat(house.joinNonce()).isZero();
        assertThat(newest().why())
                .isEqualTo("the device has never joined, so it has no session to rejoin from");
    }

    @Test
    void aRejoinWithAnotherSessionsKeyIsRefused() {
        house.device(R1_1);
        house.joined(joinReq(R1_1, MacVersion.V1_1_0, 1));
        RejoinRequest rejoin = JoinCryptography.rejoin(APP_KEY, 0, HOME, DEV_EUI, 7);

        assertThat(house.rejoin(rejoinReq(rejoin)).result().code())
                .isEqualTo(ResultCode.MIC_FAILED);
    }

    @Test
    void whoMayNotActivateADeviceDoesNotLearnItsJoinEui() {
        house.device(R1_1);
        RejoinReq asked = rejoinReq(JoinCryptography.rejoin(APP_KEY, 0, HOME, DEV_EUI, 7));
        RejoinReq elsewhere =
                new RejoinReq(
                        new Header(
                                ProtocolVersion.V1_1,
                                FOREIGN.toString(),
                                OTHER_JOIN_EUI.toString(),
                                0),
                        asked.macVersion(),
                        asked.phyPayload(),
                        asked.devEui(),
                        asked.devAddr(),
                        asked.dlSettings(),
                        asked.rxDelay(),
                        asked.cfList());

        assertThat(house.ask(elsewhere, "ns-foreign").result())
                .isEqualTo(
                        Result.of(
                                ResultCode.ACTIVATION_DISALLOWED,
                                "the device is not to be activated by this Network Server"));
    }

    // Seeing what happens

    @Test
    void tellsTheOwnerWhyAJoinWasRefused() {
        house.device(R1_0);
        house.join(joinReq(R1_0, MacVersion.V1_0_4, 5));
        house.join(joinReq(R1_0, MacVersion.V1_0_4, 5));
        house.server.log().flush();

        List<BackendLog.Numbered> log = house.server.log().newest(OF_ACME, Long.MAX_VALUE, 10);

        assertThat(log)
                .extracting(numbered -> numbered.entry().result())
                .containsExactly("FrameReplayed", "Success");
        assertThat(log.getFirst().entry())
                .satisfies(
                        entry -> {
                            assertThat(entry.devEui()).contains(DEV_EUI);
                            assertThat(entry.nonce()).hasValue(5);
                            assertThat(entry.peer()).contains("ns-home");
                            assertThat(entry.why())
                                    .isEqualTo(
                                            "DevNonce 5 is not above the last one, 5: a replay, or"
                                                    + " the device lost its count");
                        });
    }

    @Test
    void tellsTheNonceOfEveryRefusedJoin() {
        house.device(R1_0);
        house.set("home_net_id", null);
        house.join(joinReq(R1_0, MacVersion.V1_0_4, 5));
        assertThat(newest().why()).contains("it has no home NetID yet");
        assertThat(newest().nonce()).hasValue(5);

        house.server.answer(joinReq(R1_0, MacVersion.V1_0_4, 6), proof("nobody"));
        assertThat(newest().result()).isEqualTo("UnknownSender");
        assertThat(newest().nonce()).hasValue(6);

        house.rejoin(rejoinReq(JoinCryptography.rejoin(APP_KEY, 0, HOME, DEV_EUI, 7)));
        assertThat(newest().nonce()).hasValue(7);
    }

    @Test
    void tellsWhichDeviceAMessageIsAboutThatIsNotUnderstood() {
        house.device(R1_0);
        String join = new String(BackendCodec.write(joinReq(R1_0, MacVersion.V1_0_3, 9)), UTF_8);
        String notif =
                join.replace("JoinReq", "ErrorNotif")
                        .replace("}", ",\"Result\":{\"ResultCode\":\"Other\"}}");

        for (String message :
                List.of(
                        join.replace("\"1.0.3\"", "\"1.2\""),
                        join.replace("DevEUI", "DevEui"),
                        join.replace("\"ProtocolVersion\":\"1.1\"", "\"ProtocolVersion\":\"2\""),
                        notif,
                        notif.replace("ResultCode", "Result"))) {
            house.now.set(house.now.get().plusSeconds(1));
            receive(message);

            assertThat(newest().at()).as(message).isEqualTo(house.now.get());
            assertThat(newest().devEui()).as(message).contains(DEV_EUI);
            assertThat(newest().nonce()).as(message).hasValue(9);
        }
    }

    @Test
    void cutsShortWhatAStrangerSaysOfAnError() {
        String notif =
                new String(BackendCodec.write(joinReq(R1_0, MacVersion.V1_0_3, 9)), UTF_8)
                        .replace("JoinReq", "ErrorNotif")
                        .replace(
                                "}",
                                ",\"Result\":{\"ResultCode\":\"%s\",\"Description\":\"%s\"}}"
                                        .formatted("Odd".repeat(1000), "why\\n".repeat(5000)));
        receive(notif);

        assertThat(newest().result()).startsWith("OddOdd").hasSizeLessThan(100);
        assertThat(newest().why()).startsWith("why?why?").hasSizeLessThan(1000);
    }

    private void receive(String message) {
        try {
            house.server.answer(BackendCodec.parse(message.getBytes(UTF_8)), proof("ns-home"));
        } catch (MalformedBackendMessageException e) {
            house.server.answer(e, proof("ns-home"));
        }
    }

    @Test
    void whatWasAskedBeforeADeviceWasClaimedIsNotItsOwnersToSee() {
        house.device(R1_0);
        house.now.set(TestJoinServer.START.minusMillis(1));
        assertThat(join1_0_4(1)).isEqualTo(ResultCode.SUCCESS);
        house.now.set(TestJoinServer.START);
        assertThat(join1_0_4(2)).isEqualTo(ResultCode.SUCCESS);
        house.server.log().flush();

        assertThat(house.server.log().newest(OF_ACME, Long.MAX_VALUE, 10))
                .extracting(numbered -> numbered.entry().nonce())
                .containsExactly(OptionalInt.of(2));
    }

    @Test
    void strangersFillNoLog() {
        house.device(R1_0);
        for (int i = 0; i < 60; i++) {
            house.server.answer(joinReq(R1_0, MacVersion.V1_0_4, i), proof("nobody"));
        }
        assertThat(join1_0_4(100)).isEqualTo(ResultCode.SUCCESS);
        assertThat(logged()).hasSize(51);
        assertThat(house.server.log().forgotten()).isEqualTo(10);

        house.now.set(house.now.get().plusSeconds(1));
        for (int i = 0; i < 60; i++) {
            house.server.answer(joinReq(R1_0, MacVersion.V1_0_4, i), proof("nobody"));
        }
        assertThat(logged()).hasSize(56);
    }

    private List<BackendLog.Numbered> logged() {
        house.server.log().flush();
        return house.server.log().newest(BackendLog.Filter.ALL, Long.MAX_VALUE, 1000);
    }

    private ResultCode join1_0_4(int devNonce) {
        return code(house.join(joinReq(R1_0, MacVersion.V1_0_4, devNonce)));
    }

    private ResultCode rejoinType1(RootKeys keys, int count) {
        return house.rejoin(rejoinReq(JoinCryptography.rejoin(keys, JOIN_EUI, DEV_EUI, count)))
                .result()
                .code();
    }

    private ResultCode rejoinFrom(SessionKeys.R1_1 session, int type, int count) {
        return house.rejoin(
                        rejoinReq(
                                JoinCryptography.rejoin(
                                        session.sNwkSIntKey(), type, HOME, DEV_EUI, count)))
                .result()
                .code();
    }

    /** What the device goes on with that rejoins with a key and hears the answer. */
    private SessionKeys.R1_1 heard(AesKey sNwkSIntKey, int count) {
        RejoinRequest rejoin = JoinCryptography.rejoin(sNwkSIntKey, 0, HOME, DEV_EUI, count);
        SessionGrant grant = house.rejoin(rejoinReq(rejoin)).grant().orElseThrow();
        return (SessionKeys.R1_1)
                JoinCryptography.open(R1_1, rejoin, JOIN_EUI, grant.phyPayload().bytes()).keys();
    }

    /** A device whose session went with its owner. */
    private SessionKeys.R1_1 inASessionThatIsForgotten() {
        house.device(R1_1);
        JoinReq request = joinReq(R1_1, MacVersion.V1_1_0, 1);
        SessionKeys.R1_1 joined =
                (SessionKeys.R1_1) received(R1_1, request, house.joined(request)).keys();
        house.database.write(
                house.server.claims().unclaim(TestJoinServer.ADMIN, ACME, List.of(DEV_EUI), false));
        house.set("home_net_id", HOME.value());
        assertThat(house.sessions()).isZero();
        return joined;
    }

    private BackendLog.Entry newest() {
        house.server.log().flush();
        return house.server
                .log()
                .newest(BackendLog.Filter.ALL, Long.MAX_VALUE, 1)
                .getFirst()
                .entry();
    }

    private AppSKeyAns ask(Octets sessionKeyId) {
        return ask(sessionKeyId, "as");
    }

    private AppSKeyAns ask(Octets sessionKeyId, String peer) {
        return (AppSKeyAns)
                house.ask(
                        new AppSKeyReq(
                                new Header(
                                        ProtocolVersion.V1_0,
                                        TestJoinServer.AS_ID,
                                        JOIN_EUI.toString(),
                                        7),
                                DEV_EUI,
                                sessionKeyId),
                        peer);
    }

    private HomeNsAns homeNs(NetId asking, String peer) {
        return (HomeNsAns)
                house.ask(new HomeNsReq(header(ProtocolVersion.V1_1, asking), DEV_EUI), peer);
    }

    private Optional<String> labelOfNwkSKey(int devNonce) {
        NetworkKeys keys = house.joined(joinReq(R1_0, MacVersion.V1_0_2, devNonce)).networkKeys();
        return ((NetworkKeys.R1_0) keys).nwkSKey().kekLabel();
    }

    private AesKey appSKey(SessionGrant grant) {
        return ask(grant.sessionKeyId().orElseThrow())
                .appSKey()
                .orElseThrow()
                .open(_ -> Optional.empty());
    }

    private static NetworkKeys inClear(SessionKeys keys) {
        SessionKeys.R1_1 r1_1 = (SessionKeys.R1_1) keys;
        return new NetworkKeys.R1_1(
                KeyEnvelope.clear(r1_1.fNwkSIntKey()),
                KeyEnvelope.clear(r1_1.sNwkSIntKey()),
                KeyEnvelope.clear(r1_1.nwkSEncKey()));
    }

    private static Received received(RootKeys keys, JoinReq request, SessionGrant grant) {
        return JoinCryptography.open(
                keys, JoinRequest.parse(request.phyPayload().bytes()), grant.phyPayload().bytes());
    }

    private static JoinReq with(JoinReq request, Octets phyPayload) {
        return new JoinReq(
                request.header(),
                request.macVersion(),
                phyPayload,
                request.devEui(),
                request.devAddr(),
                request.dlSettings(),
                request.rxDelay(),
                request.cfList());
    }

    private static ResultCode code(JoinAns answer) {
        return answer.result().code();
    }
}
