package dev.usher.devices;

import static dev.usher.devices.TestJoinServer.ACME;
import static dev.usher.devices.TestJoinServer.ADMIN;
import static dev.usher.devices.TestJoinServer.APP_KEY;
import static dev.usher.devices.TestJoinServer.AS_ID;
import static dev.usher.devices.TestJoinServer.DEV_EUI;
import static dev.usher.devices.TestJoinServer.HOME;
import static dev.usher.devices.TestJoinServer.JOIN_EUI;
import static dev.usher.devices.TestJoinServer.MAKER;
import static dev.usher.devices.TestJoinServer.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.tuple;

import dev.usher.accounts.AuditEntry;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.Conflict;
import dev.usher.accounts.NotFound;
import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Owners;
import dev.usher.accounts.Principal;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.Kek;
import dev.usher.lorawan.MacVersion;
import dev.usher.lorawan.NetId;
import dev.usher.store.EveryEngine;
import dev.usher.store.TestDatabase;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@EveryEngine
class DeviceClaimsTest {

    private static final OwnerId OTHER = OwnerId.parse("::3");
    private static final Eui64 STRANGER = Eui64.parse("0000000000000BAD");
    private static final String TOKEN = "AABBCCDDEEFF";
    private static final String WRONG = "000000000000";
    private static final Eui64 NS_ID = Eui64.parse("1122334455667788");
    private static final Kek KEK = Kek.parse("404142434445464748494A4B4C4D4E4F");
    private static final ClaimOutcome CLAIMED = new ClaimOutcome.Claimed(Optional.empty());
    private static final UnclaimOutcome UNCLAIMED = new UnclaimOutcome.Unclaimed(Optional.empty());

    private static final ActivationSettings SETTINGS =
            new ActivationSettings(
                    Optional.of(HOME),
                    Optional.of(NS_ID),
                    Optional.of(AS_ID),
                    Optional.of(new ActivationSettings.AsKek("as-kek", KEK)),
                    Optional.empty());

    private final TestJoinServer house;

    DeviceClaimsTest(TestDatabase engine) {
        house = new TestJoinServer(engine);
        Owners owners = new Owners(house.database, house.audit, house.now::get);
        house.database.write(owners.create(ADMIN, OTHER, "other", 0));
        house.database.write(
                house.server
                        .peers()
                        .set(
                                ADMIN,
                                "ns-home",
                                settings ->
                                        new PeerSettings(
                                                settings.role(),
                                                List.of(NS_ID),
                                                false,
                                                Optional.empty(),
                                                Optional.empty()),
                                CredentialChange.NONE));
        house.server.peers().refresh();
        provision(DEV_EUI, TOKEN);
    }

    @AfterEach
    void close() {
        house.close();
    }

    @Test
    void theOwnerTokenClaims() {
        assertThat(claim(ACME, new DeviceClaims.Claim(DEV_EUI, TOKEN, SETTINGS, true, false)))
                .isEqualTo(CLAIMED);

        Device device = device();
        assertThat(device.owner()).hasValue(ACME);
        assertThat(device.claimedAt()).hasValue(START);
        assertThat(device.locked()).isTrue();
        assertThat(device.claimable()).isFalse();
        assertThat(device.activation())
                .isEqualTo(
                        new ActivationView(
                                Optional.of(HOME),
                                Optional.of(NS_ID),
                                Optional.of(AS_ID),
                                Optional.of("as-kek"),
                                Optional.empty()));
        assertThat(status(ACME))
                .isEqualTo(new ClaimStatus.Claimed(Optional.of(HOME), Optional.of(NS_ID), true));
        assertThat(auditOf(ACME))
                .extracting(AuditEntry::action, AuditEntry::subject, AuditEntry::detail)
                .containsExactly(
                        tuple(
                                "device.claim",
                                DEV_EUI.toString(),
                                "{\"asId\":\"as.example.com\",\"homeNetId\":\"000013\","
                                        + "\"homeNsId\":\"1122334455667788\","
                                        + "\"kekLabel\":\"as-kek\",\"locked\":\"true\"}"));
    }

    @Test
    void aClaimedDeviceJoinsTheNetworkItIsClaimedFor() {
        var join = TestJoinServer.joinReq(TestJoinServer.R1_0, MacVersion.V1_0_3, 1);
        assertThat(house.join(join).grant()).isEmpty();

        claim(ACME, new DeviceClaims.Claim(DEV_EUI, TOKEN, SETTINGS, true, false));
        assertThat(house.join(join).grant()).isPresent();
    }

    @Test
    void whatTheClaimDoesNotSayItsOwnersSettingsDo() {
        house.database.write(
                house.server.ownerActivation().set(ADMIN, ACME, ActivationChange.to(SETTINGS)));
        claim(ACME, TOKEN);

        assertThat(status(ACME))
                .isEqualTo(new ClaimStatus.Claimed(Optional.of(HOME), Optional.of(NS_ID), true));
        assertThat(device().activation().homeNetId()).isEmpty();
    }

    @Test
    void aWrongTokenAndAnothersDeviceCannotBeToldApart() {
        Eui64 theirs = Eui64.parse("0102030405060709");
        provision(theirs, TOKEN);
        claim(OTHER, theirs, TOKEN);

        assertThat(
                        house.database.write(
                                house.server
                                        .claims()
                                        .claim(
                                                principal(ACME),
                                                ACME,
                                                List.of(
                                                        simple(DEV_EUI, WRONG),
                                                        simple(theirs, WRONG),
                                                        simple(theirs, TOKEN)))))
                .containsOnly(new ClaimOutcome.Denied());
        assertThat(auditOf(ACME))
                .extracting(AuditEntry::action, AuditEntry::detail)
                .containsOnly(tuple("device.claim.refused", "{\"why\":\"wrong\"}"));
        assertThat(house.server.devices().get(theirs).owner()).hasValue(OTHER);
    }

    /** The Things Stack compares the text. */
    @Test
    void theMessageOfADeniedClaimIsTheOneThatClaimersKnow() {
        assertThat(ClaimOutcome.Denied.MESSAGE).isEqualTo("claim failed with given owner token");
    }

    @Test
    void aDeviceThatIsNotThereIsNotProvisioned() {
        assertThat(claim(ACME, STRANGER, TOKEN)).isEqualTo(new ClaimOutcome.NotProvisioned());
        assertThat(house.server.claims().status(ACME, STRANGER))
                .isEqualTo(new ClaimStatus.NotProvisioned());
        assertThat(unclaim(ACME, STRANGER)).isEqualTo(new UnclaimOutcome.NotProvisioned());
    }

    @Test
    void onesOwnDeviceIsClaimedAgainWithItsNewSettings() {
        claim(ACME, new DeviceClaims.Claim(DEV_EUI, TOKEN, SETTINGS, true, true));
        house.now.set(START.plusSeconds(60));
        ActivationSettings other =
                new ActivationSettings(
                        Optional.of(new NetId(0x14)),
                        Optional.empty(),
                        Optional.of(AS_ID),
                        Optional.empty(),
                        Optional.empty());

        // The token on the label is of no use any more, but its owner needs none.
        assertThat(claim(ACME, new DeviceClaims.Claim(DEV_EUI, TOKEN, other, true, false)))
                .isEqualTo(CLAIMED);

        assertThat(device().activation().homeNetId()).hasValue(new NetId(0x14));
        assertThat(device().activation().asKekLabel()).isEmpty();
        assertThat(device().claimedAt()).hasValue(START);
    }

    @Test
    void whatItsMakerSetUpIsNotLostByTheFirstClaimNorByClaimingAgain() {
        house.set("roaming_net_ids", "000014");

        claim(ACME, TOKEN);
        claim(ACME, TOKEN);

        assertThat(device().roamingNetIds()).containsExactly(new NetId(0x14));
    }

    @Test
    void onlyItsOwnerCanKeepTheKekOfADevice() {
        claim(ACME, new DeviceClaims.Claim(DEV_EUI, TOKEN, SETTINGS, false, false));
        DeviceClaims.Claim keeping =
                new DeviceClaims.Claim(
                        DEV_EUI,
                        TOKEN,
                        ActivationChange.keepingAsKek(ActivationSettings.NONE),
                        false,
                        false);

        claim(ACME, keeping);
        assertThat(device().activation().asKekLabel()).hasValue("as-kek");
        assertThat(device().activation().homeNetId()).isEmpty();

        claim(OTHER, keeping);
        assertThat(device().activation().asKekLabel()).isEmpty();
    }

    @Test
    void aTokenIsTypedInEitherCase() {
        String made = regenerate(principal(MAKER));

        assertThat(claim(ACME, made.toLowerCase(Locale.ROOT))).isEqualTo(CLAIMED);
    }

    @Test
    void aTokenThatItsMakerChoseWithLowerCaseLettersIsComparedLetterByLetter() {
        Eui64 chosen = Eui64.parse("0102030405060709");
        provision(chosen, "Abc-12345");

        assertThat(claim(ACME, chosen, "abc-12345")).isEqualTo(new ClaimOutcome.Denied());
        assertThat(claim(ACME, chosen, "ABC-12345")).isEqualTo(new ClaimOutcome.Denied());
        assertThat(claim(ACME, chosen, "Abc-12345")).isEqualTo(CLAIMED);
    }

    @Test
    void aDeviceTwiceInOneRequestIsClaimedOnce() {
        List<ClaimOutcome> outcomes =
                house.database.write(
                        house.server
                                .claims()
                                .claim(
                                        principal(ACME),
                                        ACME,
                                        List.of(simple(DEV_EUI, TOKEN), simple(DEV_EUI, TOKEN))));
        assertThat(outcomes).containsExactly(CLAIMED, CLAIMED);
        assertThat(device().owner()).hasValue(ACME);
    }

    @Test
    void aDeviceThatIsNotLockedGoesToWhoeverHasItsToken() {
        claim(ACME, new DeviceClaims.Claim(DEV_EUI, TOKEN, SETTINGS, false, false));
        joined();
        house.set("resets_join_nonces", 1);
        house.set("roaming_net_ids", "000014");
        assertThat(device().claimable()).isTrue();
        assertThat(claim(OTHER, WRONG)).isEqualTo(new ClaimOutcome.Denied());

        assertThat(claim(OTHER, TOKEN)).isEqualTo(CLAIMED);

        assertThat(device().owner()).hasValue(OTHER);
        assertThat(device().activation().homeNetId()).isEmpty();
        assertThat(device().roamingNetIds()).isEmpty();
        assertThat(device().resetsJoinNonces()).isFalse();
        assertThat(sessions()).isZero();
        assertThat(auditOf(ACME))
                .extracting(AuditEntry::action)
                .containsExactly("device.claim", "device.unclaim");
    }

    @Test
    void aNewTokenTakesThePlaceOfTheOneInTheQrCode() {
        String token =
                ((ClaimOutcome.Claimed)
                                claim(
                                        ACME,
                                        new DeviceClaims.Claim(
                                                DEV_EUI, TOKEN, SETTINGS, true, true)))
                        .ownerToken()
                        .orElseThrow();
        unclaim(ACME, DEV_EUI);

        assertThat(claim(OTHER, TOKEN)).isEqualTo(new ClaimOutcome.Denied());
        assertThat(claim(OTHER, token)).isEqualTo(CLAIMED);
    }

    @Test
    void tenWrongTokensADayLockTheDeviceForEverybodyButItsOwner() {
        for (int i = 0; i < 10; i++) {
            assertThat(claim(ACME, WRONG)).isEqualTo(new ClaimOutcome.Denied());
        }
        assertThat(claim(ACME, TOKEN)).isEqualTo(new ClaimOutcome.TooManyGuesses());
        assertThat(claim(OTHER, TOKEN)).isEqualTo(new ClaimOutcome.TooManyGuesses());

        house.now.set(START.plus(Duration.ofDays(1)));
        assertThat(claim(ACME, TOKEN)).isEqualTo(CLAIMED);
        for (int i = 0; i < 10; i++) {
            claim(OTHER, WRONG);
        }
        assertThat(claim(ACME, TOKEN)).isEqualTo(CLAIMED);
        assertThat(claim(OTHER, WRONG)).isEqualTo(new ClaimOutcome.TooManyGuesses());
    }

    @Test
    void guessesInBulkCountAsManyTimes() {
        List<ClaimOutcome> outcomes =
                house.database.write(
                        house.server
                                .claims()
                                .claim(
                                        principal(ACME),
                                        ACME,
                                        Collections.nCopies(11, simple(DEV_EUI, WRONG))));
        assertThat(outcomes.subList(0, 10)).containsOnly(new ClaimOutcome.Denied());
        assertThat(outcomes.getLast()).isEqualTo(new ClaimOutcome.TooManyGuesses());
        assertThat(claim(ACME, TOKEN)).isEqualTo(new ClaimOutcome.TooManyGuesses());
    }

    @Test
    void aTokenThatWasChangedMeanwhileIsCheckedAnew() {
        var claim =
                house.server.claims().claim(principal(ACME), ACME, List.of(simple(DEV_EUI, TOKEN)));
        String token =
                house.database.write(house.server.claims().regenerateOwnerToken(ADMIN, DEV_EUI));

        assertThat(house.database.write(claim)).containsExactly(new ClaimOutcome.Denied());
        assertThat(claim(ACME, token)).isEqualTo(CLAIMED);
    }

    @Test
    void unclaimingForgetsWhatTheOwnerSetUpAndItsSessions() {
        claim(ACME, new DeviceClaims.Claim(DEV_EUI, TOKEN, SETTINGS, true, false));
        joined();
        house.set("resets_join_nonces", 1);
        house.set("roaming_net_ids", "000014");
        int joinNonce = house.joinNonce();
        assertThat(sessions()).isEqualTo(1);

        assertThat(unclaim(ACME, DEV_EUI)).isEqualTo(UNCLAIMED);

        Device device = device();
        assertThat(device.owner()).isEmpty();
        assertThat(device.claimedAt()).isEmpty();
        assertThat(device.claimable()).isTrue();
        assertThat(device.activation())
                .isEqualTo(
                        new ActivationView(
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()));
        assertThat(device.resetsJoinNonces()).isFalse();
        assertThat(device.roamingNetIds()).isEmpty();
        assertThat(device.lastJoinNonce()).isEqualTo(joinNonce + 1);
        assertThat(sessions()).isZero();
        assertThat(status(ACME)).isEqualTo(new ClaimStatus.NotClaimed());
        assertThat(claim(OTHER, TOKEN)).isEqualTo(CLAIMED);
    }

    @Test
    void unclaimingInBulkStopsAtNone() {
        Eui64 second = Eui64.parse("F102030405060709");
        provision(second, TOKEN);
        claim(ACME, TOKEN);
        claim(ACME, second, TOKEN);

        assertThat(
                        house.database.write(
                                house.server
                                        .claims()
                                        .unclaim(
                                                principal(ACME),
                                                ACME,
                                                List.of(second, STRANGER, DEV_EUI, DEV_EUI),
                                                false)))
                .containsExactly(
                        UNCLAIMED,
                        new UnclaimOutcome.NotProvisioned(),
                        UNCLAIMED,
                        new UnclaimOutcome.NotClaimed());
    }

    @Test
    void onlyItsOwnerGivesADeviceBack() {
        assertThat(unclaim(ACME, DEV_EUI)).isEqualTo(new UnclaimOutcome.NotClaimed());
        claim(ACME, TOKEN);
        assertThat(unclaim(OTHER, DEV_EUI)).isEqualTo(new UnclaimOutcome.NotClaimed());
        assertThat(status(OTHER)).isEqualTo(new ClaimStatus.NotClaimed());
        assertThat(device().owner()).hasValue(ACME);
    }

    @Test
    void aReleaseMakesANewToken() {
        claim(ACME, TOKEN);
        UnclaimOutcome outcome =
                house.database
                        .write(
                                house.server
                                        .claims()
                                        .unclaim(principal(ACME), ACME, List.of(DEV_EUI), true))
                        .getFirst();
        String token = ((UnclaimOutcome.Unclaimed) outcome).ownerToken().orElseThrow();

        assertThat(claim(OTHER, TOKEN)).isEqualTo(new ClaimOutcome.Denied());
        assertThat(claim(OTHER, token)).isEqualTo(CLAIMED);
    }

    @Test
    void whoKeepsTheDeviceMakesItANewToken() {
        String fromMaker = regenerate(principal(MAKER));
        assertThat(claim(ACME, TOKEN)).isEqualTo(new ClaimOutcome.Denied());
        assertThat(claim(ACME, fromMaker)).isEqualTo(CLAIMED);

        assertThat(regenerate(principal(ACME))).isNotEqualTo(fromMaker);
        assertThatExceptionOfType(Conflict.class).isThrownBy(() -> regenerate(principal(MAKER)));
        assertThatExceptionOfType(NotFound.class)
                .isThrownBy(() -> regenerate(principal(OTHER)))
                .withMessage("there is no device 0102030405060708");
    }

    @Test
    void noSecretIsShownOrRemembered() {
        DeviceClaims.Claim claim = new DeviceClaims.Claim(DEV_EUI, TOKEN, SETTINGS, true, true);
        ClaimOutcome.Claimed outcome = (ClaimOutcome.Claimed) claim(ACME, claim);
        claim(OTHER, WRONG);
        UnclaimOutcome.Unclaimed released =
                (UnclaimOutcome.Unclaimed)
                        house.database
                                .write(
                                        house.server
                                                .claims()
                                                .unclaim(
                                                        principal(ACME),
                                                        ACME,
                                                        List.of(DEV_EUI),
                                                        true))
                                .getFirst();

        String shown =
                claim + "\n" + outcome + released + house.audit.list(AuditLog.Filter.ALL, 0, 100);
        assertThat(shown)
                .contains(DEV_EUI.toString())
                .doesNotContain(
                        TOKEN,
                        WRONG,
                        outcome.ownerToken().orElseThrow(),
                        released.ownerToken().orElseThrow(),
                        "404142434445464748494A4B4C4D4E4F");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a:b", "a b", "é"})
    void whatIsNoTokenIsABadRequest(String token) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> simple(DEV_EUI, token))
                .withMessageContaining("an owner token is 1 to 128 visible ASCII characters");
    }

    @Test
    void anOwnerThatIsNotThereClaimsNothing() {
        OwnerId nobody = OwnerId.parse("::99");
        assertThatExceptionOfType(NotFound.class)
                .isThrownBy(
                        () ->
                                house.database.write(
                                        house.server
                                                .claims()
                                                .claim(
                                                        ADMIN,
                                                        nobody,
                                                        List.of(simple(DEV_EUI, TOKEN)))))
                .withMessage("there is no owner ::99: create it first");
    }

    private static Principal principal(OwnerId owner) {
        return new Principal.OwnerPrincipal(owner, "key test");
    }

    private static DeviceClaims.Claim simple(Eui64 devEui, String token) {
        return new DeviceClaims.Claim(devEui, token, ActivationSettings.NONE, true, false);
    }

    private void provision(Eui64 devEui, String token) {
        NewDevice plain = NewDevice.of(devEui, JOIN_EUI, GivenRootKeys.Plain.r1_0(APP_KEY));
        NewDevice device =
                new NewDevice(
                        devEui,
                        JOIN_EUI,
                        plain.rootKeys(),
                        plain.macVersion(),
                        plain.profileId(),
                        plain.serialNumber(),
                        Optional.of(token),
                        plain.activation(),
                        plain.roamingNetIds(),
                        plain.strict(),
                        plain.resetsJoinNonces(),
                        plain.lifetime());
        assertThat(
                        house.database.write(
                                house.server
                                        .provisioning()
                                        .provision(principal(MAKER), List.of(device), false)))
                .containsExactly(new ProvisionResult.Created(devEui, Optional.empty()));
    }

    private ClaimOutcome claim(OwnerId owner, String token) {
        return claim(owner, DEV_EUI, token);
    }

    private ClaimOutcome claim(OwnerId owner, Eui64 devEui, String token) {
        return claim(owner, simple(devEui, token));
    }

    private ClaimOutcome claim(OwnerId owner, DeviceClaims.Claim claim) {
        return house.database
                .write(house.server.claims().claim(principal(owner), owner, List.of(claim)))
                .getFirst();
    }

    private UnclaimOutcome unclaim(OwnerId owner, Eui64 devEui) {
        return house.database
                .write(
                        house.server
                                .claims()
                                .unclaim(principal(owner), owner, List.of(devEui), false))
                .getFirst();
    }

    private String regenerate(Principal actor) {
        return house.database.write(house.server.claims().regenerateOwnerToken(actor, DEV_EUI));
    }

    private ClaimStatus status(OwnerId owner) {
        return house.server.claims().status(owner, DEV_EUI);
    }

    private Device device() {
        return house.server.devices().get(DEV_EUI);
    }

    private void joined() {
        house.joined(TestJoinServer.joinReq(TestJoinServer.R1_0, MacVersion.V1_0_3, 1));
    }

    private int sessions() {
        return house.database.read(
                handle ->
                        handle.createQuery("SELECT count(*) FROM device_session")
                                .mapTo(Integer.class)
                                .one());
    }

    private List<AuditEntry> auditOf(OwnerId owner) {
        return house.audit.list(
                new AuditLog.Filter(Optional.of(DEV_EUI.toString()), Optional.of(owner)), 0, 100);
    }
}
