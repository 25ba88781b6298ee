package dev.usher.devices;

import static dev.usher.devices.TestJoinServer.ACME;
import static dev.usher.devices.TestJoinServer.ADMIN;
import static dev.usher.devices.TestJoinServer.APP_KEY;
import static dev.usher.devices.TestJoinServer.AS_ID;
import static dev.usher.devices.TestJoinServer.DEV_EUI;
import static dev.usher.devices.TestJoinServer.FOREIGN;
import static dev.usher.devices.TestJoinServer.HOME;
import static dev.usher.devices.TestJoinServer.JOIN_EUI;
import static dev.usher.devices.TestJoinServer.MAKER;
import static dev.usher.devices.TestJoinServer.NWK_KEY;
import static dev.usher.devices.TestJoinServer.OTHER_JOIN_EUI;
import static dev.usher.devices.TestJoinServer.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.usher.accounts.AuditEntry;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.Conflict;
import dev.usher.accounts.Principal;
import dev.usher.backend.Octets;
import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.DeviceLabel;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.EuiRange;
import dev.usher.lorawan.Kek;
import dev.usher.lorawan.MacVersion;
import dev.usher.store.EveryEngine;
import dev.usher.store.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@EveryEngine
class ProvisioningTest {

    private static final Principal AS_MAKER = new Principal.OwnerPrincipal(MAKER, "key test");
    private static final Principal AS_ACME = new Principal.OwnerPrincipal(ACME, "key test");
    private static final String TOKEN = "AABBCCDDEEFF";
    private static final GivenRootKeys R1_0 = GivenRootKeys.Plain.r1_0(APP_KEY);
    private static final GivenRootKeys R1_1 = GivenRootKeys.Plain.r1_1(NWK_KEY, APP_KEY);
    private static final Kek KEK = Kek.parse("404142434445464748494A4B4C4D4E4F");

    private static final NewDevice COMPLETE =
            new NewDevice(
                    DEV_EUI,
                    JOIN_EUI,
                    R1_1,
                    Optional.of(MacVersion.V1_1_0),
                    Optional.of("AABB1122"),
                    Optional.of("YYWWNNNNNN"),
                    Optional.of(TOKEN),
                    new ActivationSettings(
                            Optional.of(HOME),
                            Optional.of(Eui64.parse("1122334455667788")),
                            Optional.of(AS_ID),
                            Optional.of(new ActivationSettings.AsKek("as-kek", KEK)),
                            Optional.of(false)),
                    Set.of(FOREIGN),
                    true,
                    true,
                    3600);

    private final TestJoinServer house;

    ProvisioningTest(TestDatabase engine) {
        house = new TestJoinServer(engine);
    }

    @AfterEach
    void close() {
        house.close();
    }

    @Test
    void aMakerProvisionsADevice() {
        assertThat(provision(AS_MAKER, COMPLETE))
                .isEqualTo(new ProvisionResult.Created(DEV_EUI, Optional.empty()));

        Device device = house.server.devices().get(DEV_EUI);
        assertThat(device.joinEui()).isEqualTo(JOIN_EUI);
        assertThat(device.maker()).isEqualTo(MAKER);
        assertThat(device.owner()).isEmpty();
        assertThat(device.macVersion()).hasValue(MacVersion.V1_1_0);
        assertThat(device.profileId()).hasValue("AABB1122");
        assertThat(device.serialNumber()).hasValue("YYWWNNNNNN");
        assertThat(device.hasNwkKey()).isTrue();
        assertThat(device.hasAppKey()).isTrue();
        assertThat(device.claimable()).isTrue();
        assertThat(device.activation())
                .isEqualTo(
                        new ActivationView(
                                Optional.of(HOME),
                                Optional.of(Eui64.parse("1122334455667788")),
                                Optional.of(AS_ID),
                                Optional.of("as-kek"),
                                Optional.of(false)));
        assertThat(device.roamingNetIds()).containsExactly(FOREIGN);
        assertThat(device.strict()).isTrue();
        assertThat(device.resetsJoinNonces()).isTrue();
        assertThat(device.lifetime()).isEqualTo(3600);
        assertThat(device.lastJoinNonce()).isZero();
        assertThat(device.lastDevNonce()).isEmpty();
        assertThat(device.createdAt()).isEqualTo(START);
        assertThat(auditOf(DEV_EUI))
                .extracting(AuditEntry::action)
                .containsExactly("device.provision");
    }

    @Test
    void aDeviceWithoutAVersionOrSettingsWillDo() {
        provision(AS_MAKER, NewDevice.of(DEV_EUI, JOIN_EUI, R1_0));

        Device device = house.server.devices().get(DEV_EUI);
        assertThat(device.macVersion()).isEmpty();
        assertThat(device.hasNwkKey()).isFalse();
        assertThat(device.hasAppKey()).isTrue();
        assertThat(device.activation().homeNetId()).isEmpty();
        assertThat(device.roamingNetIds()).isEmpty();
    }

    @Test
    void aTokenIsMadeWhereNoneIsGivenAndClaims() {
        String token = madeToken(provision(AS_MAKER, NewDevice.of(DEV_EUI, JOIN_EUI, R1_0)));

        assertThat(token).matches("[2-9A-Z]{16}");
        assertThat(claim(token)).isInstanceOf(ClaimOutcome.Claimed.class);
    }

    @Test
    void theLabelSaysTheToken() {
        assertThat(COMPLETE.label(TOKEN).textWithoutChecksum())
                .isEqualTo(
                        "LW:D0:70B3D57ED0000000:0102030405060708:AABB1122:OAABBCCDDEEFF"
                                + ":SYYWWNNNNNN");

        provision(AS_MAKER, COMPLETE);
        DeviceLabel label = house.server.devices().get(DEV_EUI).label(TOKEN);
        assertThat(DeviceLabel.scan(label.text()).warnings()).isEmpty();
        assertThat(DeviceLabel.parse(label.text())).isEqualTo(label);
        assertThat(claim(label.ownerToken().orElseThrow()))
                .isInstanceOf(ClaimOutcome.Claimed.class);
    }

    @Test
    void theSameAgainHasNoEffect() {
        provision(AS_MAKER, COMPLETE);
        assertThat(provision(AS_MAKER, COMPLETE)).isEqualTo(new ProvisionResult.Unchanged(DEV_EUI));
        assertThat(provision(ADMIN, COMPLETE)).isEqualTo(new ProvisionResult.Unchanged(DEV_EUI));
        assertThat(auditOf(DEV_EUI)).hasSize(1);
    }

    @Test
    void whatTheOwnerChangedIsNoDifference() {
        provision(AS_MAKER, COMPLETE);
        house.database.write(
                house.server
                        .claims()
                        .claim(
                                AS_ACME,
                                ACME,
                                List.of(
                                        new DeviceClaims.Claim(
                                                DEV_EUI,
                                                TOKEN,
                                                ActivationSettings.NONE,
                                                true,
                                                true))));
        assertThat(provision(AS_MAKER, COMPLETE)).isEqualTo(new ProvisionResult.Unchanged(DEV_EUI));
    }

    static Stream<Arguments> otherContent() {
        NewDevice of = COMPLETE;
        AesKey otherKey = AesKey.parse("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF");
        return Stream.of(
                Arguments.of("JoinEUI", with(of, OTHER_JOIN_EUI, of.rootKeys(), TOKEN, 3600)),
                Arguments.of(
                        "root keys",
                        with(
                                of,
                                JOIN_EUI,
                                new GivenRootKeys.Plain(
                                        Optional.of(otherKey), Optional.of(APP_KEY)),
                                TOKEN,
                                3600)),
                Arguments.of("owner token", with(of, JOIN_EUI, of.rootKeys(), "OTHER", 3600)),
                Arguments.of("lifetime", with(of, JOIN_EUI, of.rootKeys(), TOKEN, 0)));
    }

    private static NewDevice with(
            NewDevice of, Eui64 joinEui, GivenRootKeys keys, String token, long lifetime) {
        return new NewDevice(
                of.devEui(),
                joinEui,
                keys,
                of.macVersion(),
                of.profileId(),
                of.serialNumber(),
                Optional.of(token),
                of.activation(),
                of.roamingNetIds(),
                of.strict(),
                of.resetsJoinNonces(),
                lifetime);
    }

    @ParameterizedTest
    @MethodSource("otherContent")
    void otherContentIsRefused(String what, NewDevice other) {
        provision(AS_MAKER, COMPLETE);
        Device before = house.server.devices().get(DEV_EUI);

        assertThat(provision(AS_MAKER, other))
                .isEqualTo(
                        new ProvisionResult.Failed(
                                DEV_EUI,
                                "device 0102030405060708 is provisioned already with other content"
                                        + " ("
                                        + what
                                        + "): set what is to change, or delete it first"));
        assertThat(house.server.devices().get(DEV_EUI)).isEqualTo(before);
    }

    @Test
    void aMakerProvisionsOnlyUnderItsJoinEuis() {
        Eui64 unassigned = Eui64.parse("70B3D57ED0000002");
        assertThat(provision(AS_ACME, COMPLETE))
                .isEqualTo(
                        new ProvisionResult.Failed(
                                DEV_EUI,
                                "JoinEUI 70B3D57ED0000000 is in no range of yours: ask the operator"
                                        + " of the Join Server to assign it to you"));
        assertThat(provision(ADMIN, NewDevice.of(DEV_EUI, unassigned, R1_0)))
                .isEqualTo(
                        new ProvisionResult.Failed(
                                DEV_EUI,
                                "JoinEUI 70B3D57ED0000002 is in no range of this Join Server:"
                                        + " assign it to its maker first"));
        assertThat(house.server.devices().find(DEV_EUI)).isEmpty();
    }

    @Test
    void anotherMakersDevEuiIsTaken() {
        Eui64 joinEui = Eui64.parse("70B3D57ED0000002");
        house.database.write(
                house.server.joinEuis().assign(ADMIN, new EuiRange(joinEui, joinEui), ACME));
        provision(AS_MAKER, COMPLETE);

        assertThat(provision(AS_ACME, NewDevice.of(DEV_EUI, joinEui, R1_0)))
                .isEqualTo(
                        new ProvisionResult.Failed(
                                DEV_EUI,
                                "the DevEUI is taken: a device of another maker is provisioned with"
                                        + " it"));
    }

    @Test
    void aRangeWithdrawnMeanwhileRefuses() {
        var change = house.server.provisioning().provision(AS_MAKER, List.of(COMPLETE), false);
        house.database.write(
                house.server
                        .joinEuis()
                        .withdraw(ADMIN, new EuiRange(JOIN_EUI, OTHER_JOIN_EUI), false));

        assertThat(house.database.write(change))
                .singleElement()
                .isInstanceOf(ProvisionResult.Failed.class);
    }

    @Test
    void aRangeWithDevicesIsTakenBackOnlyByForce() {
        EuiRange range = new EuiRange(JOIN_EUI, OTHER_JOIN_EUI);
        EuiRange all = new EuiRange(new Eui64(0), new Eui64(-1));
        provision(AS_MAKER, COMPLETE);

        assertThatExceptionOfType(Conflict.class)
                .isThrownBy(
                        () ->
                                house.database.write(
                                        house.server.joinEuis().withdraw(ADMIN, range, false)))
                .withMessage(
                        "1 device has a JoinEUI of "
                                + range
                                + " and could not join any more: force it (--force) if that is"
                                + " meant");
        assertThatExceptionOfType(Conflict.class)
                .isThrownBy(
                        () ->
                                house.database.write(
                                        house.server.joinEuis().assign(ADMIN, all, ACME)))
                .withMessageContaining("of maker ::1: delete that first");
        assertThat(house.server.joinEuis().list()).hasSize(1);

        house.database.write(house.server.joinEuis().withdraw(ADMIN, range, true));
        house.database.write(house.server.joinEuis().assign(ADMIN, all, ACME));
        assertThatExceptionOfType(Conflict.class)
                .isThrownBy(
                        () ->
                                house.database.write(
                                        house.server.joinEuis().withdraw(ADMIN, all, false)))
                .withMessageStartingWith("1 device has");
    }

    @Test
    void aProfileIdIsWrittenInEitherCaseAndKeptInOne() {
        NewDevice lower = withProfileId("aabb1122");

        assertThat(lower).isEqualTo(withProfileId("AABB1122"));
        assertThat(lower.label("TOKEN").text()).contains(":AABB1122:");
    }

    private static NewDevice withProfileId(String profileId) {
        return new NewDevice(
                DEV_EUI,
                JOIN_EUI,
                R1_0,
                Optional.empty(),
                Optional.of(profileId),
                Optional.empty(),
                Optional.empty(),
                ActivationSettings.NONE,
                Set.of(),
                false,
                false,
                0);
    }

    @Test
    void aDryRunOnlySaysWhatWouldBe() {
        NewDevice device = NewDevice.of(DEV_EUI, JOIN_EUI, R1_0);
        assertThat(
                        house.database.write(
                                house.server
                                        .provisioning()
                                        .provision(AS_MAKER, List.of(device), true)))
                .containsExactly(new ProvisionResult.Created(DEV_EUI, Optional.empty()));
        assertThat(house.server.devices().find(DEV_EUI)).isEmpty();
        assertThat(auditOf(DEV_EUI)).isEmpty();
    }

    @Test
    void eachDeviceStandsForItself() {
        NewDevice good = device(1);
        NewDevice foreign = NewDevice.of(devEui(2), Eui64.parse("0000000000000001"), R1_0);
        NewDevice twice = NewDevice.of(devEui(1), OTHER_JOIN_EUI, R1_0);

        assertThat(
                        house.database.write(
                                house.server
                                        .provisioning()
                                        .provision(
                                                AS_MAKER,
                                                List.of(good, foreign, good, twice, device(3)),
                                                false)))
                .extracting(result -> result.getClass().getSimpleName())
                .containsExactly("Created", "Failed", "Unchanged", "Failed", "Created");
        assertThat(house.server.devices().get(devEui(1)).joinEui()).isEqualTo(JOIN_EUI);
    }

    @Test
    void wrappedRootKeysOpenWithTheMakersTransportKek() {
        house.database.write(house.server.transportKeks().register(AS_MAKER, MAKER, "line-1", KEK));
        GivenRootKeys wrapped =
                new GivenRootKeys.Wrapped(
                        "line-1",
                        Optional.of(Octets.of(KEK.wrap(NWK_KEY))),
                        Optional.of(Octets.of(KEK.wrap(APP_KEY))));
        provision(AS_MAKER, NewDevice.of(DEV_EUI, JOIN_EUI, wrapped));

        // The same in clear is the same device.
        assertThat(provision(AS_MAKER, NewDevice.of(DEV_EUI, JOIN_EUI, R1_1)))
                .isEqualTo(new ProvisionResult.Unchanged(DEV_EUI));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    line-2 | 00112233445566778899AABBCCDDEEFF0011223344556677 | maker ::1 has no \
                    transport KEK 'line-2': register it first
                    line-1 | 00112233445566778899AABBCCDDEEFF0011223344556677 | the key does not \
                    open with this 128-bit KEK: compare the KEK and its label with the peer's
                    line-1 | 0011 | a wrapped AES-128 key has 24 bytes, this has 2
                    """)
    void keysThatDoNotOpenAreRefused(String label, String wrapped, String error) {
        house.database.write(house.server.transportKeks().register(AS_MAKER, MAKER, "line-1", KEK));
        GivenRootKeys keys =
                new GivenRootKeys.Wrapped(
                        label, Optional.empty(), Optional.of(Octets.parse(wrapped)));

        assertThat(provision(AS_MAKER, NewDevice.of(DEV_EUI, JOIN_EUI, keys)))
                .isEqualTo(new ProvisionResult.Failed(DEV_EUI, error));
    }

    @Test
    void aDeletedDeviceComesBackWhereItWas() {
        provision(AS_MAKER, NewDevice.of(DEV_EUI, JOIN_EUI, R1_0));
        house.set("join_nonce", 41);
        house.set("dev_nonce", 7);
        house.set("rj_count1", 3);
        house.set("session_count", 12);
        house.set("used_dev_nonces", new byte[] {0, 9});

        house.database.write(house.server.devices().delete(AS_MAKER, DEV_EUI));
        provision(AS_MAKER, NewDevice.of(DEV_EUI, JOIN_EUI, R1_0));

        Device device = house.server.devices().get(DEV_EUI);
        assertThat(device.lastJoinNonce()).isGreaterThan(41);
        assertThat(device.lastDevNonce()).hasValue(7);
        assertThat(device.lastRjCount1()).hasValue(3);
        DeviceRow row =
                house.database
                        .readPrepared(sql -> DeviceRow.find(sql, house.vault.sealer(), DEV_EUI))
                        .orElseThrow();
        assertThat(row.usedDevNonces().contains(9)).isTrue();
        assertThat(row.sessionCount()).isEqualTo(12);
    }

    @Test
    void anInterruptedImportIsRepeatedToTheSameEnd() {
        int all = 4 * Provisioning.AT_ONCE + 10;
        List<ProvisionResult> told = new ArrayList<>();
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(
                        () ->
                                provisionAll(
                                        IntStream.range(0, all)
                                                .peek(ProvisioningTest::breakAfterThreeChanges)
                                                .mapToObj(ProvisioningTest::device),
                                        told));
        assertThat(told).isNotEmpty().hasSizeLessThan(all);
        assertThat(exported())
                .extracting(Device::devEui)
                .containsExactlyElementsOf(told.stream().map(ProvisionResult::devEui).toList());

        List<ProvisionResult> again = new ArrayList<>();
        provisionAll(IntStream.range(0, all).mapToObj(ProvisioningTest::device), again);

        assertThat(again.subList(0, told.size()))
                .hasOnlyElementsOfType(ProvisionResult.Unchanged.class);
        assertThat(again.subList(told.size(), all))
                .hasOnlyElementsOfType(ProvisionResult.Created.class);
        assertThat(exported())
                .extracting(Device::devEui)
                .containsExactlyElementsOf(
                        IntStream.range(0, all).mapToObj(ProvisioningTest::devEui).toList());
    }

    private static void breakAfterThreeChanges(int i) {
        if (i == 3 * Provisioning.AT_ONCE + 5) {
            throw new IllegalStateException("the line went dead");
        }
    }

    private void provisionAll(Stream<NewDevice> devices, List<ProvisionResult> told) {
        house.server.provisioning().provisionAll(AS_MAKER, devices, false, told::addAll);
    }

    private List<Device> exported() {
        List<Device> devices = new ArrayList<>();
        house.server.devices().export(Devices.Filter.ALL, devices::add);
        return devices;
    }

    @Test
    void noSecretIsShownOrRemembered() {
        house.database.write(house.server.transportKeks().register(AS_MAKER, MAKER, "line-1", KEK));
        ProvisionResult result = provision(AS_MAKER, COMPLETE);
        ProvisionResult made = provision(AS_MAKER, NewDevice.of(devEui(1), JOIN_EUI, R1_0));
        String token = madeToken(made);

        String shown =
                Stream.concat(
                                Stream.of(COMPLETE, result, made, R1_0, R1_1, KEK),
                                Stream.concat(
                                        exported().stream(),
                                        house.audit.list(AuditLog.Filter.ALL, 0, 100).stream()))
                        .map(Object::toString)
                        .collect(Collectors.joining("\n"));

        assertThat(shown)
                .contains("0102030405060708")
                .doesNotContain(TOKEN, token)
                .doesNotContainIgnoringCase(
                        "000102030405060708090A0B0C0D0E0F",
                        "01020304050607080102030405060708",
                        "404142434445464748494A4B4C4D4E4F");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "has:colon", "has space", "tökén", "\n"})
    void aTokenNoLabelCanSayIsRefusedUnseen(String token) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> with(COMPLETE, JOIN_EUI, R1_1, token, 0))
                .withMessage(
                        "an owner token is 1 to 128 visible ASCII characters without colons; this"
                                + " one of "
                                + token.length()
                                + " characters is not");
    }

    static Stream<Arguments> badDevices() {
        Optional<String> none = Optional.empty();
        return Stream.of(
                Arguments.of("0000000000000000", "1.0.3", none, none, 0L, "names no device"),
                Arguments.of("0102030405060708", "1.1", none, none, 0L, "the NwkKey is missing"),
                Arguments.of(
                        "0102030405060708",
                        "1.0.3",
                        Optional.of("aabb112g"),
                        none,
                        0L,
                        "ProfileID 'aabb112g'"),
                Arguments.of(
                        "0102030405060708",
                        "1.0.3",
                        none,
                        Optional.of("A:B"),
                        0L,
                        "the serial number of a label"),
                Arguments.of(
                        "0102030405060708",
                        "1.0.3",
                        none,
                        Optional.of("A".repeat(65)),
                        0L,
                        "a serial number of 65 characters is longer than 64"),
                Arguments.of("0102030405060708", "1.0.3", none, none, -1L, "lifetime of -1 s"),
                Arguments.of(
                        "0102030405060708",
                        "1.0.3",
                        none,
                        none,
                        0x1_0000_0000L,
                        "lifetime of 4294967296 s"));
    }

    @ParameterizedTest
    @MethodSource("badDevices")
    void aDeviceThatCannotBeIsRefused(
            String devEui,
            String version,
            Optional<String> profileId,
            Optional<String> serialNumber,
            long lifetime,
            String says) {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                new NewDevice(
                                        Eui64.parse(devEui),
                                        JOIN_EUI,
                                        R1_0,
                                        Optional.of(MacVersion.parse(version)),
                                        profileId,
                                        serialNumber,
                                        Optional.empty(),
                                        ActivationSettings.NONE,
                                        Set.of(),
                                        false,
                                        false,
                                        lifetime))
                .withMessageContaining(says);
    }

    @Test
    void aDeviceWithoutARootKeyIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GivenRootKeys.Plain(Optional.empty(), Optional.empty()))
                .withMessageContaining("a device needs a root key");
    }

    private static Eui64 devEui(int i) {
        return new Eui64(0x0A00_0000_0000_0000L + i);
    }

    private static NewDevice device(int i) {
        return NewDevice.of(devEui(i), JOIN_EUI, R1_0);
    }

    private ProvisionResult provision(Principal actor, NewDevice device) {
        return house.database
                .write(house.server.provisioning().provision(actor, List.of(device), false))
                .getFirst();
    }

    private static String madeToken(ProvisionResult result) {
        return ((ProvisionResult.Created) result).ownerToken().orElseThrow();
    }

    private ClaimOutcome claim(String token) {
        return house.database
                .write(
                        house.server
                                .claims()
                                .claim(
                                        AS_ACME,
                                        ACME,
                                        List.of(
                                                new DeviceClaims.Claim(
                                                        DEV_EUI,
                                                        token,
                                                        ActivationSettings.NONE,
                                                        true,
                                                        false))))
                .getFirst();
    }

    private List<AuditEntry> auditOf(Eui64 devEui) {
        return house.audit.list(
                new AuditLog.Filter(Optional.of(devEui.toString()), Optional.empty()), 0, 100);
    }
}
