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
import static dev.usher.devices.TestJoinServer.R1_0;
import static dev.usher.devices.TestJoinServer.joinReq;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.tuple;

import dev.usher.accounts.AuditEntry;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.Conflict;
import dev.usher.accounts.NotFound;
import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Principal;
import dev.usher.backend.Octets;
import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.Kek;
import dev.usher.lorawan.MacVersion;
import dev.usher.lorawan.NetId;
import dev.usher.lorawan.RootKeys;
import dev.usher.store.Change;
import dev.usher.store.EveryEngine;
import dev.usher.store.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@EveryEngine
class DevicesTest {

    private static final Principal AS_MAKER = new Principal.OwnerPrincipal(MAKER, "key test");
    private static final Principal AS_OWNER = new Principal.OwnerPrincipal(ACME, "key test");
    private static final Principal AS_STRANGER =
            new Principal.OwnerPrincipal(OwnerId.parse("::9"), "key test");
    private static final Kek KEK = Kek.parse("404142434445464748494A4B4C4D4E4F");

    private final TestJoinServer house;

    DevicesTest(TestDatabase engine) {
        house = new TestJoinServer(engine);
    }

    @AfterEach
    void close() {
        house.close();
    }

    @Test
    void anOwnerChangesItsDevice() {
        house.device(R1_0);
        Device before = house.server.devices().get(DEV_EUI);

        Device after =
                house.database.write(
                        house.server
                                .devices()
                                .set(
                                        AS_OWNER,
                                        DEV_EUI,
                                        new DeviceChange(
                                                Optional.empty(),
                                                Optional.empty(),
                                                Optional.of(MacVersion.V1_0_4),
                                                Optional.of(ActivationChange.to(withKek())),
                                                Optional.of(Set.of(FOREIGN)),
                                                Optional.of(true),
                                                Optional.of(true),
                                                Optional.of(60L))));

        assertThat(after.macVersion()).hasValue(MacVersion.V1_0_4);
        assertThat(after.activation().asKekLabel()).hasValue("as-kek");
        assertThat(after.roamingNetIds()).containsExactly(FOREIGN);
        assertThat(after.strict()).isTrue();
        assertThat(after.resetsJoinNonces()).isTrue();
        assertThat(after.lifetime()).isEqualTo(60);
        assertThat(after.lastJoinNonce()).isEqualTo(before.lastJoinNonce() + 1);
        assertThat(after).isEqualTo(house.server.devices().get(DEV_EUI));
        assertThat(auditOf())
                .extracting(AuditEntry::action, AuditEntry::owner, AuditEntry::detail)
                .containsExactly(
                        tuple(
                                "device.set",
                                Optional.of(ACME),
                                "{\"activation\":\"changed\",\"asId\":\"as.example.com\","
                                        + "\"asKek\":\"changed\",\"homeNetId\":\"000013\","
                                        + "\"kekLabel\":\"as-kek\",\"lifetime\":\"60\","
                                        + "\"macVersion\":\"1.0.4\","
                                        + "\"resetsJoinNonces\":\"true\",\"roaming\":\"000014\","
                                        + "\"strict\":\"true\"}"));
    }

    @Test
    void aDeviceWithoutANwkKeyIsNotOfLorawan1_1() {
        house.device(R1_0);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> set(AS_OWNER, of(MacVersion.V1_1_0, Set.of())))
                .withMessage(
                        "a device of LoRaWAN 1.1.0 needs both a NwkKey and an AppKey: the NwkKey is"
                                + " missing");
    }

    @Test
    void aDeviceRoamsInSixtyFourNetworks() {
        house.device(R1_0);
        Set<NetId> networks =
                IntStream.range(0, 64).mapToObj(NetId::new).collect(Collectors.toSet());
        set(AS_OWNER, of(MacVersion.V1_0_3, networks));
        networks.add(new NetId(64));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> of(MacVersion.V1_0_3, networks))
                .withMessage("a device roams in at most 64 networks, not in 65");
    }

    private static DeviceChange of(MacVersion version, Set<NetId> roaming) {
        return new DeviceChange(
                Optional.empty(),
                Optional.empty(),
                Optional.of(version),
                Optional.empty(),
                Optional.of(roaming),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    @Test
    void whatAChangeDoesNotSayStays() {
        house.device(R1_0, Map.of("strict", 1, "lifetime", 7, "roaming_net_ids", "000014"));
        Device before = house.server.devices().get(DEV_EUI);

        house.database.write(house.server.devices().set(AS_OWNER, DEV_EUI, DeviceChange.NONE));

        Device after = house.server.devices().get(DEV_EUI);
        assertThat(after)
                .usingRecursiveComparison()
                .ignoringFields("lastJoinNonce")
                .isEqualTo(before);
    }

    @Test
    void theKekCanBeKeptWithoutBeingKnown() {
        house.device(R1_0);
        set(AS_OWNER, activation(ActivationChange.to(withKek())));
        set(AS_OWNER, activation(ActivationChange.keepingAsKek(at(HOME.value()))));
        assertThat(activationForJoins().asKek())
                .hasValue(new ActivationSettings.AsKek("as-kek", KEK));

        set(AS_OWNER, activation(ActivationChange.to(at(HOME.value()))));
        assertThat(activationForJoins().asKek()).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ActivationChange.keepingAsKek(withKek()))
                .withMessageContaining("leave out KEK 'as-kek'");
    }

    @Test
    void anOwnersSettingsAreSetAndShownWithoutTheKek() {
        OwnerActivation settings = house.server.ownerActivation();
        assertThat(settings.get(ACME).homeNetId()).isEmpty();

        house.database.write(settings.set(AS_OWNER, ACME, ActivationChange.to(withKek())));
        house.database.write(
                settings.set(AS_OWNER, ACME, ActivationChange.keepingAsKek(at(FOREIGN.value()))));

        assertThat(settings.get(ACME))
                .isEqualTo(
                        new ActivationView(
                                Optional.of(FOREIGN),
                                Optional.empty(),
                                Optional.of(AS_ID),
                                Optional.of("as-kek"),
                                Optional.empty()));
        assertThatExceptionOfType(NotFound.class)
                .isThrownBy(
                        () ->
                                house.database.write(
                                        settings.set(
                                                ADMIN,
                                                OwnerId.parse("::99"),
                                                ActivationChange.to(withKek()))));
        assertThat(house.audit.list(AuditLog.Filter.ALL, 0, 100).toString())
                .contains("as-kek")
                .doesNotContain("404142434445464748494A4B4C4D4E4F");
    }

    static Stream<Arguments> changes() {
        return Stream.of(
                change("set", (devices, actor) -> devices.set(actor, DEV_EUI, DeviceChange.NONE)),
                change("reset", (devices, actor) -> devices.resetNonces(actor, DEV_EUI)),
                change("delete", (devices, actor) -> devices.delete(actor, DEV_EUI)));
    }

    @FunctionalInterface
    interface By {
        Change<?> change(Devices devices, Principal actor);
    }

    private static Arguments change(String name, By by) {
        return Arguments.argumentSet(name, by);
    }

    @ParameterizedTest
    @MethodSource("changes")
    void toAStrangerADeviceIsNotThere(By by) {
        house.device(R1_0);
        assertThatExceptionOfType(NotFound.class)
                .isThrownBy(() -> write(by, AS_STRANGER))
                .withMessage("there is no device 0102030405060708");
        assertThat(house.joinNonce()).isZero();
    }

    @ParameterizedTest
    @MethodSource("changes")
    void aMakerChangesADeviceUntilItIsClaimed(By by) {
        house.device(R1_0);
        assertThatExceptionOfType(Conflict.class)
                .isThrownBy(() -> write(by, AS_MAKER))
                .withMessage(
                        "device 0102030405060708 is claimed: only its owner changes it, or its"
                                + " owner gives it back first");
        house.set("owner", null);
        write(by, AS_MAKER);
    }

    @ParameterizedTest
    @MethodSource("changes")
    void anAdministratorChangesAnyDevice(By by) {
        house.device(R1_0);
        write(by, ADMIN);
        assertThatExceptionOfType(NotFound.class)
                .isThrownBy(
                        () -> {
                            house.database.write(house.server.devices().delete(ADMIN, DEV_EUI));
                            write(by, ADMIN);
                        });
    }

    private void write(By by, Principal actor) {
        house.database.write(by.change(house.server.devices(), actor));
    }

    @Test
    void anOwnerGivesADeviceBackInsteadOfDeletingIt() {
        house.device(R1_0);
        assertThatExceptionOfType(Conflict.class)
                .isThrownBy(
                        () ->
                                house.database.write(
                                        house.server.devices().delete(AS_OWNER, DEV_EUI)))
                .withMessage(
                        "device 0102030405060708 is claimed: give it back instead of deleting it");
    }

    @Test
    void aDeletedDeviceJoinsNoMoreAndItsNoncesStayUsed() {
        house.device(R1_0);
        house.joined(joinReq(R1_0, MacVersion.V1_0_3, 5));
        int joinNonce = house.joinNonce();

        house.database.write(house.server.devices().delete(ADMIN, DEV_EUI));
        assertThat(house.join(joinReq(R1_0, MacVersion.V1_0_3, 6)).grant()).isEmpty();
        assertThat(sessions()).isZero();

        house.database.write(
                house.server
                        .provisioning()
                        .provision(
                                ADMIN,
                                List.of(
                                        NewDevice.of(
                                                DEV_EUI,
                                                JOIN_EUI,
                                                GivenRootKeys.Plain.r1_0(APP_KEY))),
                                false));
        set(ADMIN, activation(ActivationChange.to(at(HOME.value()))));
        assertThat(house.join(joinReq(R1_0, MacVersion.V1_0_3, 5)).grant()).isEmpty();
        assertThat(house.join(joinReq(R1_0, MacVersion.V1_0_3, 6)).grant()).isPresent();
        assertThat(house.joinNonce()).isGreaterThan(joinNonce);
    }

    @Test
    void aResetMakesUsedNoncesAcceptableAgainButNoJoinNonce() {
        house.device(R1_0);
        house.joined(joinReq(R1_0, MacVersion.V1_0_3, 5));
        house.joined(joinReq(R1_0, MacVersion.V1_0_4, 6));
        int joinNonce = house.joinNonce();

        Device reset = house.database.write(house.server.devices().resetNonces(AS_OWNER, DEV_EUI));

        assertThat(reset.lastDevNonce()).isEmpty();
        assertThat(reset.lastJoinNonce()).isEqualTo(joinNonce + 1);
        assertThat(house.join(joinReq(R1_0, MacVersion.V1_0_3, 5)).grant()).isPresent();
        assertThat(house.join(joinReq(R1_0, MacVersion.V1_0_3, 5)).grant()).isEmpty();
        assertThat(auditOf()).extracting(AuditEntry::action).containsExactly("device.reset-nonces");
    }

    @Test
    void aChangeMakesAJoinThatWasUnderWayBeginAnew() {
        house.device(R1_0);
        DeviceRow before = row();
        set(AS_OWNER, DeviceChange.NONE);
        assertThat(row().joinNonce()).isEqualTo(before.joinNonce() + 1);

        house.set("join_nonce", NonceLedger.LAST_JOIN_NONCE);
        set(AS_OWNER, DeviceChange.NONE);
        assertThat(row().joinNonce()).isEqualTo(NonceLedger.LAST_JOIN_NONCE);
    }

    @Test
    void countersBelongToAJoinEui() {
        house.device(
                R1_0, Map.of("dev_nonce", 7, "rj_count1", 3, "used_dev_nonces", new byte[] {0, 9}));

        set(AS_OWNER, joinEui(OTHER_JOIN_EUI));
        assertThat(row().joinEui()).isEqualTo(OTHER_JOIN_EUI);
        assertThat(row().devNonce()).isEmpty();
        assertThat(row().rjCount1()).isEmpty();
        assertThat(row().usedDevNonces().contains(9)).isFalse();
        house.set("dev_nonce", 1);

        set(AS_OWNER, joinEui(JOIN_EUI));
        assertThat(row().devNonce()).hasValue(7);
        assertThat(row().rjCount1()).hasValue(3);
        assertThat(row().usedDevNonces().contains(9)).isTrue();

        set(AS_OWNER, joinEui(OTHER_JOIN_EUI));
        assertThat(row().devNonce()).hasValue(1);
        assertThat(row().joinNonce()).isEqualTo(3);
    }

    @Test
    void aJoinEuiOfNobodyIsRefused() {
        house.device(R1_0);
        assertThatExceptionOfType(Conflict.class)
                .isThrownBy(() -> set(AS_OWNER, joinEui(Eui64.parse("70B3D57ED0000002"))))
                .withMessage("JoinEUI 70B3D57ED0000002 is in no range of the device's maker");
        assertThat(row().joinEui()).isEqualTo(JOIN_EUI);
        assertThat(row().joinNonce()).isZero();
    }

    @Test
    void rootKeysAreTheMakersUntilTheDeviceIsClaimed() {
        house.device(R1_0);
        AesKey other = AesKey.parse("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF");
        DeviceChange change = rootKeys(GivenRootKeys.Plain.r1_0(other));
        assertThatExceptionOfType(Conflict.class)
                .isThrownBy(() -> set(AS_OWNER, change))
                .withMessageContaining("only an administrator changes its root keys now");

        house.set("owner", null);
        set(AS_MAKER, change);
        assertThat(house.join(joinReq(R1_0, MacVersion.V1_0_3, 1)).grant()).isEmpty();
        assertThat(house.join(joinReq(RootKeys.r1_0(other), MacVersion.V1_0_3, 1)).grant())
                .isPresent();
    }

    @Test
    void aDeviceOfLorawan1_1KeepsBothRootKeys() {
        house.device(TestJoinServer.R1_1, Map.of("mac_version", "1.1.0"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> set(ADMIN, rootKeys(GivenRootKeys.Plain.r1_0(APP_KEY))))
                .withMessageContaining("the NwkKey is missing");
        set(ADMIN, rootKeys(GivenRootKeys.Plain.r1_1(NWK_KEY, APP_KEY)));
    }

    @Test
    void aStrangerLearnsNothingOfTransportKeks() {
        house.device(R1_0);
        GivenRootKeys wrapped =
                new GivenRootKeys.Wrapped(
                        "line-1", Optional.empty(), Optional.of(Octets.of(new byte[24])));
        assertThatExceptionOfType(NotFound.class)
                .isThrownBy(() -> set(AS_STRANGER, rootKeys(wrapped)))
                .withMessage("there is no device 0102030405060708");
    }

    @Test
    void devicesAreListedInPages() {
        List<Eui64> euis =
                Stream.of("0000000000000001", "0000000000000002", "0000000000000003")
                        .map(Eui64::parse)
                        .toList();
        house.database.write(
                house.server
                        .provisioning()
                        .provision(
                                ADMIN,
                                euis.stream()
                                        .map(
                                                eui ->
                                                        NewDevice.of(
                                                                eui,
                                                                eui.value() == 2
                                                                        ? OTHER_JOIN_EUI
                                                                        : JOIN_EUI,
                                                                GivenRootKeys.Plain.r1_0(APP_KEY)))
                                        .toList(),
                                false));
        house.database.write(
                handle ->
                        handle.execute(
                                "UPDATE device SET owner = ? WHERE dev_eui = 3", ACME.value()));

        assertThat(listed(Devices.Filter.ALL, Optional.empty(), 2))
                .containsExactly(euis.get(0), euis.get(1));
        assertThat(listed(Devices.Filter.ALL, Optional.of(euis.get(1)), 2))
                .containsExactly(euis.get(2));
        assertThat(
                        listed(
                                new Devices.Filter(
                                        Optional.of(MAKER), Optional.of(ACME), Optional.empty()),
                                Optional.empty(),
                                9))
                .containsExactly(euis.get(2));
        assertThat(
                        listed(
                                new Devices.Filter(
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.of(OTHER_JOIN_EUI)),
                                Optional.empty(),
                                9))
                .containsExactly(euis.get(1));
        assertThat(
                        listed(
                                new Devices.Filter(
                                        Optional.of(ACME), Optional.empty(), Optional.empty()),
                                Optional.empty(),
                                9))
                .isEmpty();
        List<Eui64> exported = new ArrayList<>();
        house.server.devices().export(Devices.Filter.ALL, each -> exported.add(each.devEui()));
        assertThat(exported).isEqualTo(euis);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> listed(Devices.Filter.ALL, Optional.empty(), 0))
                .withMessage("limit 0 is below 1");
    }

    @Test
    void theRowsOfManyDevicesAreFoundTogether() {
        List<Eui64> known = LongStream.range(1, 40).mapToObj(Eui64::new).toList();
        known.forEach(devEui -> house.device(devEui, TestJoinServer.R1_0));
        List<Eui64> asked = new ArrayList<>(known.reversed());
        asked.add(7, new Eui64(1_000)); // unknown
        asked.add(asked.getFirst());

        Map<Eui64, DeviceRow> rows =
                house.database.readPrepared(
                        sql -> DeviceRow.findAll(sql, house.vault.sealer(), asked));

        assertThat(rows.keySet()).containsExactlyInAnyOrderElementsOf(known);
        assertThat(rows).allSatisfy((devEui, row) -> assertThat(row.devEui()).isEqualTo(devEui));
    }

    @Test
    void transportKeksAreRegisteredRotatedAndDeleted() {
        TransportKeks keks = house.server.transportKeks();
        house.database.write(keks.register(AS_MAKER, MAKER, "line-1", KEK));
        assertThatExceptionOfType(Conflict.class)
                .isThrownBy(
                        () -> house.database.write(keks.register(AS_MAKER, MAKER, "line-1", KEK)))
                .withMessage(
                        "maker ::1 has a transport KEK 'line-1' already: rotate it, or choose"
                                + " another label");

        Kek longer = Kek.parse("FF".repeat(32));
        house.database.write(keks.rotate(AS_MAKER, MAKER, "line-1", longer));
        assertThat(keks.list(MAKER))
                .extracting(TransportKeks.TransportKek::label, TransportKeks.TransportKek::bits)
                .containsExactly(tuple("line-1", 256));
        assertThat(keks.find(MAKER, "line-1")).hasValue(longer);
        assertThat(keks.find(ACME, "line-1")).isEmpty();

        house.database.write(keks.delete(AS_MAKER, MAKER, "line-1"));
        assertThat(keks.list(MAKER)).isEmpty();
        List<Function<TransportKeks, Change<?>>> ofNone =
                List.of(
                        of -> of.delete(AS_MAKER, MAKER, "line-1"),
                        of -> of.rotate(AS_MAKER, MAKER, "line-1", KEK));
        for (Function<TransportKeks, Change<?>> change : ofNone) {
            assertThatExceptionOfType(NotFound.class)
                    .isThrownBy(() -> house.database.write(change.apply(keks)))
                    .withMessage("maker ::1 has no transport KEK 'line-1'");
        }
        assertThat(house.audit.list(AuditLog.Filter.ALL, 0, 100))
                .extracting(AuditEntry::action)
                .endsWith("transport-kek.register", "transport-kek.rotate", "transport-kek.delete");
    }

    private static ActivationSettings at(int homeNetId) {
        return new ActivationSettings(
                Optional.of(new NetId(homeNetId)),
                Optional.empty(),
                Optional.of(AS_ID),
                Optional.empty(),
                Optional.empty());
    }

    private static ActivationSettings withKek() {
        return new ActivationSettings(
                Optional.of(HOME),
                Optional.empty(),
                Optional.of(AS_ID),
                Optional.of(new ActivationSettings.AsKek("as-kek", KEK)),
                Optional.empty());
    }

    private static DeviceChange activation(ActivationChange to) {
        return change(Optional.empty(), Optional.empty(), Optional.of(to));
    }

    private static DeviceChange joinEui(Eui64 joinEui) {
        return change(Optional.of(joinEui), Optional.empty(), Optional.empty());
    }

    private static DeviceChange rootKeys(GivenRootKeys keys) {
        return change(Optional.empty(), Optional.of(keys), Optional.empty());
    }

    private static DeviceChange change(
            Optional<Eui64> joinEui,
            Optional<GivenRootKeys> rootKeys,
            Optional<ActivationChange> activation) {
        return new DeviceChange(
                joinEui,
                rootKeys,
                Optional.empty(),
                activation,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private void set(Principal actor, DeviceChange change) {
        house.database.write(house.server.devices().set(actor, DEV_EUI, change));
    }

    private DeviceRow row() {
        return house.database
                .readPrepared(sql -> DeviceRow.find(sql, house.vault.sealer(), DEV_EUI))
                .orElseThrow();
    }

    private ActivationSettings activationForJoins() {
        return row().activation();
    }

    private List<Eui64> listed(Devices.Filter filter, Optional<Eui64> after, int limit) {
        return house.server.devices().list(filter, after, limit).stream()
                .map(Device::devEui)
                .toList();
    }

    private int sessions() {
        return house.database.read(
                handle ->
                        handle.createQuery("SELECT count(*) FROM device_session")
                                .mapTo(Integer.class)
                                .one());
    }

    private List<AuditEntry> auditOf() {
        return house.audit.list(
                new AuditLog.Filter(Optional.of(DEV_EUI.toString()), Optional.empty()), 0, 100);
    }
}
