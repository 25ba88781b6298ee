package dev.usher.devices;

import static dev.usher.devices.TestJoinServer.ADMIN;
import static dev.usher.devices.TestJoinServer.APP_KEY;
import static dev.usher.devices.TestJoinServer.DEV_EUI;
import static dev.usher.devices.TestJoinServer.HOME;
import static dev.usher.devices.TestJoinServer.JOIN_EUI;
import static dev.usher.devices.TestJoinServer.MAKER;
import static dev.usher.devices.TestJoinServer.NWK_KEY;
import static dev.usher.devices.TestJoinServer.R1_0;
import static dev.usher.devices.TestJoinServer.R1_1;
import static dev.usher.devices.TestJoinServer.joinReq;
import static dev.usher.devices.TestJoinServer.rejoinReq;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.usher.accounts.AuditEntry;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.Principal;
import dev.usher.backend.JoinReq;
import dev.usher.backend.Octets;
import dev.usher.backend.ResultCode;
import dev.usher.backend.SessionGrant;
import dev.usher.keys.KeyLabel;
import dev.usher.keys.TransportKey;
import dev.usher.keys.Vault;
import dev.usher.keys.VaultException;
import dev.usher.keys.WrappingKeys;
import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.JoinCryptography;
import dev.usher.lorawan.Kek;
import dev.usher.lorawan.MacVersion;
import dev.usher.lorawan.RootKeys;
import dev.usher.store.TestDatabase;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.crypto.Cipher;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Devices whose root keys are used inside the vault alone: what is true of every vault. */
abstract class WrappedRootKeysContract {

    private static final Principal AS_MAKER = new Principal.OwnerPrincipal(MAKER, "key test");
    private static final KeyLabel LABEL = new KeyLabel("devices-1");
    private static final KeyLabel NEXT = new KeyLabel("devices-2");
    private static final Kek KEK = Kek.parse("404142434445464748494A4B4C4D4E4F");
    private static final GivenRootKeys CLEAR_1_0 = GivenRootKeys.Plain.r1_0(APP_KEY);
    private static final GivenRootKeys CLEAR_1_1 = GivenRootKeys.Plain.r1_1(NWK_KEY, APP_KEY);
    private static final GivenRootKeys DELIVERED =
            new GivenRootKeys.Wrapped(
                    "line-1",
                    Optional.of(Octets.of(KEK.wrap(NWK_KEY))),
                    Optional.of(Octets.of(KEK.wrap(APP_KEY))));

    private final TestJoinServer house;

    WrappedRootKeysContract(TestDatabase engine, Vault vault) {
        WrappingKeys keys = vault.wrappingKeys();
        keys.labels().forEach(keys::delete);
        keys.transportKeks().forEach(keys::deleteTransportKek);
        keys.create(LABEL);
        house = new TestJoinServer(engine, vault, Optional.of(LABEL));
    }

    @AfterEach
    void close() {
        house.close();
    }

    private WrappingKeys keys() {
        return house.vault.wrappingKeys();
    }

    private ProvisionResult provision(NewDevice device) {
        return house.database
                .write(house.server.provisioning().provision(AS_MAKER, List.of(device), false))
                .getFirst();
    }

    private ProvisionResult provision(GivenRootKeys keys) {
        return provision(NewDevice.of(DEV_EUI, JOIN_EUI, keys));
    }

    private Optional<KeyLabel> wrappingKey() {
        return house.server.devices().get(DEV_EUI).wrappingKey();
    }

    private void atHome() {
        house.set("home_net_id", HOME.value());
        house.set("as_id", TestJoinServer.AS_ID);
        house.set("owner", TestJoinServer.ACME.value());
    }

    private SessionGrant joined(RootKeys keys, MacVersion version, int devNonce) {
        return house.joined(joinReq(keys, version, devNonce));
    }

    private void deliverKek(Kek kek) {
        keys().importTransportKek(
                        new KeyLabel("1.line-1"), forVault(kek, house.vault.transportKey()));
    }

    // Joins

    @Test
    void aJoinOf1_0IsAnsweredAsWithKeysInClear() {
        house.device(R1_0);
        SessionGrant inClear = joined(R1_0, MacVersion.V1_0_3, 258);
        house.database.write(house.server.devices().delete(ADMIN, DEV_EUI));
        house.database.write(handle -> handle.execute("DELETE FROM deleted_device"));

        provision(CLEAR_1_0);
        atHome();

        assertThat(wrappingKey()).hasValue(LABEL);
        assertSame(joined(R1_0, MacVersion.V1_0_3, 258), inClear);
    }

    @Test
    void aJoinAndARejoinOf1_1AreAnsweredAsWithKeysInClear() {
        house.device(R1_1);
        SessionGrant joined = joined(R1_1, MacVersion.V1_1_0, 1);
        SessionGrant rejoined = rejoined(0);
        house.database.write(house.server.devices().delete(ADMIN, DEV_EUI));
        house.database.write(handle -> handle.execute("DELETE FROM deleted_device"));

        provision(CLEAR_1_1);
        atHome();

        assertThat(wrappingKey()).hasValue(LABEL);
        assertSame(joined(R1_1, MacVersion.V1_1_0, 1), joined);
        assertSame(rejoined(0), rejoined);
    }

    private SessionGrant rejoined(int rjCount1) {
        return house.rejoin(rejoinReq(JoinCryptography.rejoin(R1_1, JOIN_EUI, DEV_EUI, rjCount1)))
                .grant()
                .orElseThrow();
    }

    /** All but the SessionKeyID, which is drawn. */
    private static void assertSame(SessionGrant one, SessionGrant other) {
        assertThat(one.phyPayload()).isEqualTo(other.phyPayload());
        assertThat(one.networkKeys()).isEqualTo(other.networkKeys());
        assertThat(one.appSKey()).isEqualTo(other.appSKey());
        assertThat(one.lifetime()).isEqualTo(other.lifetime());
    }

    @Test
    void aWrongMicIsStillRefused() {
        provision(CLEAR_1_0);
        atHome();
        RootKeys others = RootKeys.r1_0(NWK_KEY);

        assertThat(code(joinReq(others, MacVersion.V1_0_3, 1))).isEqualTo(ResultCode.MIC_FAILED);
        assertThat(code(joinReq(R1_0, MacVersion.V1_0_3, 1))).isEqualTo(ResultCode.SUCCESS);
        assertThat(code(joinReq(R1_0, MacVersion.V1_0_3, 1))).isEqualTo(ResultCode.FRAME_REPLAYED);
    }

    private ResultCode code(JoinReq request) {
        return house.join(request).result().code();
    }

    @Test
    void aKeyThatDoesNotOpenFailsTheJoinAndLeavesTheNonce() {
        provision(CLEAR_1_0);
        atHome();
        keys().create(NEXT);
        house.set("key_label", NEXT.value());

        assertThat(code(joinReq(R1_0, MacVersion.V1_0_3, 1))).isEqualTo(ResultCode.JOIN_REQ_FAILED);
        house.set("key_label", "gone");
        assertThat(house.join(joinReq(R1_0, MacVersion.V1_0_3, 1)).result().description())
                .hasValue("the device's root keys cannot be used");
        house.set("key_label", LABEL.value());
        assertThat(code(joinReq(R1_0, MacVersion.V1_0_3, 1))).isEqualTo(ResultCode.SUCCESS);
    }

    @Test
    void aWrappedKeyIsBoundToItsPlace() {
        provision(CLEAR_1_1);
        atHome();
        house.database.write(
                handle -> handle.execute("UPDATE device SET nwk_key = app_key, app_key = nwk_key"));

        assertThat(code(joinReq(R1_1, MacVersion.V1_1_0, 1))).isEqualTo(ResultCode.JOIN_REQ_FAILED);
    }

    // Provisioning

    @Test
    void whatIsStoredDoesNotOpenWithoutTheWrappingKey() {
        provision(CLEAR_1_0);
        byte[] stored =
                house.database.read(
                        handle ->
                                handle.createQuery("SELECT app_key FROM device")
                                        .mapTo(byte[].class)
                                        .one());
        byte[] unsealed =
                house.vault.sealer().open("device/" + DEV_EUI + "/app-key/wrapped", stored);

        assertThat(unsealed).isEqualTo(keys().wrap(LABEL, APP_KEY));
    }

    @Test
    void keysUnderATransportKekOfTheVaultAreReceivedInsideIt() {
        deliverKek(KEK);

        assertThat(provision(DELIVERED)).isInstanceOf(ProvisionResult.Created.class);

        atHome();
        assertThat(joined(R1_1, MacVersion.V1_1_0, 1).phyPayload().length()).isEqualTo(17);
        assertThat(provision(DELIVERED)).isInstanceOf(ProvisionResult.Unchanged.class);
        assertThat(provision(CLEAR_1_1)).isInstanceOf(ProvisionResult.Unchanged.class);
    }

    @Test
    void keysUnderATransportKekOfTheDatabaseAreWrappedAsWell() {
        house.database.write(house.server.transportKeks().register(AS_MAKER, MAKER, "line-1", KEK));
        provision(DELIVERED);

        assertThat(wrappingKey()).hasValue(LABEL);
        assertThat(provision(CLEAR_1_1)).isInstanceOf(ProvisionResult.Unchanged.class);
    }

    @Test
    void keysThatDoNotOpenAreRefused() {
        deliverKek(Kek.parse("000102030405060708090A0B0C0D0E0F"));

        assertThat(provision(DELIVERED))
                .isInstanceOfSatisfying(
                        ProvisionResult.Failed.class,
                        failed ->
                                assertThat(failed.error())
                                        .contains(
                                                "does not open with transport KEK"
                                                        + " '1.line-1'"));
    }

    @Test
    void aDeviceNamesAWrappingKeyOfItsOwn() {
        keys().create(NEXT);
        provision(NewDevice.of(DEV_EUI, JOIN_EUI, CLEAR_1_0).withWrappingKey(NEXT));

        assertThat(wrappingKey()).hasValue(NEXT);
        assertThat(provision(CLEAR_1_0)).isInstanceOf(ProvisionResult.Unchanged.class);
        assertThat(provision(NewDevice.of(DEV_EUI, JOIN_EUI, CLEAR_1_0).withWrappingKey(LABEL)))
                .isInstanceOfSatisfying(
                        ProvisionResult.Failed.class,
                        failed -> assertThat(failed.error()).contains("(wrapping key)"));
        assertThat(
                        provision(
                                NewDevice.of(new Eui64(9), JOIN_EUI, CLEAR_1_0)
                                        .withWrappingKey(new KeyLabel("gone"))))
                .isEqualTo(
                        new ProvisionResult.Failed(
                                new Eui64(9),
                                "there is no wrapping key 'gone' in "
                                        + house.vault
                                        + ": create it or import it"));
    }

    @Test
    void otherKeysAreAnotherDevice() {
        provision(CLEAR_1_0);

        for (GivenRootKeys keys : List.of(GivenRootKeys.Plain.r1_0(NWK_KEY), CLEAR_1_1)) {
            assertThat(provision(keys))
                    .isInstanceOfSatisfying(
                            ProvisionResult.Failed.class,
                            failed -> assertThat(failed.error()).contains("(root keys)"));
        }
    }

    @Test
    void aDeviceThatWasThereBeforeStaysAsItIs() {
        house.device(R1_0);
        house.set("owner", null);
        house.set("home_net_id", null);
        house.set("as_id", null);
        house.set("token_hash", new byte[32]);

        assertThat(provision(CLEAR_1_0)).isInstanceOf(ProvisionResult.Unchanged.class);

        assertThat(wrappingKey()).isEmpty();
    }

    @Test
    void newRootKeysAreWrappedAsTheFormer() {
        keys().create(NEXT);
        provision(NewDevice.of(DEV_EUI, JOIN_EUI, CLEAR_1_0).withWrappingKey(NEXT));
        AesKey other = AesKey.parse("00112233445566778899AABBCCDDEEFF");
        DeviceChange change =
                new DeviceChange(
                        Optional.empty(),
                        Optional.of(GivenRootKeys.Plain.r1_0(other)),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty());
        house.database.write(house.server.devices().set(ADMIN, DEV_EUI, change));

        assertThat(wrappingKey()).hasValue(NEXT);
        atHome();
        assertThat(code(joinReq(RootKeys.r1_0(other), MacVersion.V1_0_3, 1)))
                .isEqualTo(ResultCode.SUCCESS);
    }

    @Test
    void withoutAWrappingKeyATransportKekOfTheVaultIsOfNoUse() {
        deliverKek(KEK);
        try (TestJoinServer other = house.otherNode()) {
            assertThat(
                            other.database.write(
                                    other.server
                                            .provisioning()
                                            .provision(
                                                    AS_MAKER,
                                                    List.of(
                                                            NewDevice.of(
                                                                    DEV_EUI, JOIN_EUI, DELIVERED)),
                                                    false)))
                    .first()
                    .isInstanceOfSatisfying(
                            ProvisionResult.Failed.class,
                            failed ->
                                    assertThat(failed.error())
                                            .contains("'1.line-1' is in the vault")
                                            .contains("name the wrapping key"));
        }
    }

    // Rotation

    @Test
    void allDevicesGetUnderTheNextKeyWhileTheyJoin() {
        house.device(R1_1);
        provision(NewDevice.of(new Eui64(1), JOIN_EUI, CLEAR_1_0));
        IntStream.range(2, 6)
                .forEach(eui -> provision(NewDevice.of(new Eui64(eui), JOIN_EUI, CLEAR_1_1)));
        keys().create(NEXT);
        joined(R1_1, MacVersion.V1_1_0, 1);

        int rewrapped = 0;
        Optional<Eui64> last = Optional.empty();
        do {
            Devices.Rewrapped some = house.server.devices().rewrap(ADMIN, NEXT, last, 4);
            rewrapped += some.rewrapped();
            last = some.last();
        } while (last.isPresent());

        assertThat(rewrapped).isEqualTo(6);
        assertThat(house.server.devices().anyUnder(LABEL)).isEmpty();
        assertThat(house.server.devices().anyUnder(NEXT)).isPresent();
        assertThat(house.server.devices().list(Devices.Filter.ALL, Optional.empty(), 10))
                .extracting(Device::wrappingKey)
                .containsOnly(Optional.of(NEXT));
        keys().delete(LABEL);
        joined(R1_1, MacVersion.V1_1_0, 2);
        assertThat(
                        house.audit.list(
                                new AuditLog.Filter(Optional.of(NEXT.value()), Optional.empty()),
                                0,
                                10))
                .extracting(AuditEntry::action)
                .containsExactly("device.rewrap", "device.rewrap");
    }

    @Test
    void devicesStayWhereTheirKeyIsToStay() {
        provision(CLEAR_1_0);
        keys().create(NEXT);
        keys().forbidExport(LABEL);

        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(() -> house.server.devices().rewrap(ADMIN, NEXT, Optional.empty(), 10))
                .withMessageContaining("forbidden for good");
        assertThat(wrappingKey()).hasValue(LABEL);
    }

    /** A KEK as a maker wraps it for a vault, with any tool that has RSA-OAEP. */
    static byte[] forVault(Kek kek, TransportKey vault) {
        byte[] check = kek.wrap(AesKey.of("usher/v1/wrapkey".getBytes(StandardCharsets.US_ASCII)));
        try {
            Cipher rsa = Cipher.getInstance("RSA/ECB/OAEPWithSHA-1AndMGF1Padding");
            rsa.init(Cipher.ENCRYPT_MODE, vault.key());
            byte[] ciphertext = rsa.doFinal(kek.bytes());
            return ByteBuffer.allocate(41 + ciphertext.length)
                    .put((byte) 2)
                    .put(HexFormat.of().parseHex(vault.fingerprint()))
                    .put(Arrays.copyOf(check, 8))
                    .put(ciphertext)
                    .array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
