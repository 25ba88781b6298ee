package dev.usher.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.usher.lorawan.Activation;
import dev.usher.lorawan.Aes128;
import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.CfList;
import dev.usher.lorawan.DevAddr;
import dev.usher.lorawan.DlSettings;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.JoinAccept;
import dev.usher.lorawan.JoinCryptography;
import dev.usher.lorawan.JoinRequest;
import dev.usher.lorawan.Kek;
import dev.usher.lorawan.KeyScheme;
import dev.usher.lorawan.NetId;
import dev.usher.lorawan.RejoinRequest;
import dev.usher.lorawan.RootKeys;
import dev.usher.lorawan.SessionKeys;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the wrapping keys of every vault do alike. */
@Timeout(60)
abstract class WrappingKeysContract {

    static final KeyLabel LABEL = new KeyLabel("devices-1");
    static final KeyLabel NEXT = new KeyLabel("devices-2");
    static final KeyLabel MAKER = new KeyLabel("maker");
    static final AesKey ROOT_KEY = AesKey.parse("01020304050607080102030405060708");
    static final AesKey APP_KEY = AesKey.parse("00000000000000000000000000000000");
    static final byte[] BLOCK = new byte[16];

    // RFC 3394 section 4.1: a key of 128 bits under a KEK of 128 bits
    private static final Kek KEK = Kek.parse("000102030405060708090A0B0C0D0E0F");
    private static final AesKey DELIVERED = AesKey.parse("00112233445566778899AABBCCDDEEFF");
    static final byte[] DELIVERY =
            HexFormat.of().parseHex("1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5");

    /** The vault under test, without wrapping keys and transport KEKs. */
    abstract Vault vault();

    WrappingKeys keys() {
        return vault().wrappingKeys();
    }

    @AfterEach
    void deleteKeys() {
        keys().labels().forEach(keys()::delete);
        keys().transportKeks().forEach(keys()::deleteTransportKek);
        vault().labels().forEach(vault()::delete);
    }

    // Joins

    private static final Eui64 JOIN_EUI = Eui64.parse("0807060504030201");
    private static final Eui64 DEV_EUI = Eui64.parse("0102030405060708");
    private static final String REQUEST = "00010203040506070808070605040302010201cde6acb8";

    private static JoinAccept accept(String dlSettings) {
        return new JoinAccept(
                65536,
                NetId.parse("010203"),
                DevAddr.parse("01020304"),
                DlSettings.parse(dlSettings),
                1,
                Optional.of(CfList.parse("988d8468958400000000000000000000")));
    }

    /** Frames and keys as others publish them; {@code JoinCryptographyTest} has the same. */
    @Test
    void joinsADeviceOf1_0() {
        keys().create(LABEL);
        byte[] wrapped = keys().wrap(LABEL, ROOT_KEY);
        JoinRequest request = JoinRequest.parse(HexFormat.of().parseHex(REQUEST));

        Activation activation =
                keys().use(
                                LABEL,
                                wrapped,
                                key -> {
                                    RootKeys keys = RootKeys.r1_0(key);
                                    assertThat(JoinCryptography.isAuthentic(keys, request))
                                            .isTrue();
                                    return JoinCryptography.activate(
                                            keys, KeyScheme.R1_0, request, accept("15"));
                                });

        assertThat(HexFormat.of().formatHex(activation.phyPayload()))
                .isEqualTo("2026f4b247f0a5d7e46a720e61c8bccbc5179f4566e185ed6889589bb1a9c68cc0");
        assertThat(activation.keys())
                .isEqualTo(
                        new SessionKeys.R1_0(
                                AesKey.parse("df53c35f3034ccced0ff354c70de04df"),
                                AesKey.parse("927b9c911183cffe4cb2ff4b75545f6d")));
    }

    @Test
    void joinsADeviceOf1_1AndLetsItRejoin() {
        keys().create(LABEL);
        byte[] nwkKey = keys().wrap(LABEL, ROOT_KEY);
        byte[] appKey = keys().wrap(LABEL, APP_KEY);
        RootKeys clear = RootKeys.r1_1(ROOT_KEY, APP_KEY);
        JoinRequest request = JoinRequest.parse(HexFormat.of().parseHex(REQUEST));
        RejoinRequest.Type1 rejoin = JoinCryptography.rejoin(clear, JOIN_EUI, DEV_EUI, 7);

        List<Activation> activations =
                keys().use(
                                LABEL,
                                nwkKey,
                                nwk ->
                                        keys().use(
                                                        LABEL,
                                                        appKey,
                                                        app ->
                                                                both(
                                                                        RootKeys.r1_1(nwk, app),
                                                                        request,
                                                                        rejoin)));

        assertThat(activations.getFirst().keys())
                .isEqualTo(
                        new SessionKeys.R1_1(
                                AesKey.parse("537f8aae896c79e015d102d06286354e"),
                                AesKey.parse("589498993092cfdb5fd2e02ac7510bf1"),
                                AesKey.parse("9898283c4f66eb6c6fd5165882046c40"),
                                AesKey.parse("01621215d1ca08febf0c602cc2ad90fa")));
        assertThat(activations).usingRecursiveComparison().isEqualTo(both(clear, request, rejoin));
    }

    private static List<Activation> both(
            RootKeys keys, JoinRequest request, RejoinRequest.Type1 rejoin) {
        assertThat(JoinCryptography.isAuthentic(keys, request)).isTrue();
        assertThat(JoinCryptography.isAuthentic(keys, rejoin)).isTrue();
        return List.of(
                JoinCryptography.activate(keys, KeyScheme.R1_1, request, accept("95")),
                JoinCryptography.activate(keys, rejoin, JOIN_EUI, accept("95")));
    }

    // Use

    @ParameterizedTest
    @ValueSource(ints = {0, 16, 32, 160})
    void encryptsAndDecryptsAnyNumberOfBlocks(int length) {
        keys().create(LABEL);
        byte[] wrapped = keys().wrap(LABEL, ROOT_KEY);
        byte[] blocks = new byte[length];
        for (int i = 0; i < length; i++) {
            blocks[i] = (byte) i;
        }

        assertThat(keys().<byte[]>use(LABEL, wrapped, key -> key.encrypt(blocks)))
                .isEqualTo(ROOT_KEY.encrypt(blocks));
        assertThat(keys().<byte[]>use(LABEL, wrapped, key -> key.decrypt(blocks)))
                .isEqualTo(ROOT_KEY.decrypt(blocks));
    }

    @Test
    void refusesHalfABlock() {
        keys().create(LABEL);
        byte[] wrapped = keys().wrap(LABEL, ROOT_KEY);
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> keys().<byte[]>use(LABEL, wrapped, key -> key.encrypt(new byte[8])))
                .withMessage("8 bytes are not a whole number of 16-byte blocks");
    }

    @Test
    void lendsAKeyThatNobodyNeeds() {
        keys().create(LABEL);
        byte[] wrapped = keys().wrap(LABEL, ROOT_KEY);
        assertThat(keys().<String>use(LABEL, wrapped, key -> "unused")).isEqualTo("unused");
    }

    static Stream<Arguments> damages() {
        return Stream.of(
                Arguments.of("empty", new byte[0]),
                Arguments.of("cut", new byte[23]),
                Arguments.of("long", new byte[32]),
                Arguments.of("garbage", new byte[24]));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("damages")
    void refusesWhatIsNoWrappedKey(String what, byte[] bytes) {
        keys().create(LABEL);
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(() -> encrypt(LABEL, bytes))
                .withMessageContaining("root key");
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(() -> keys().rewrap(LABEL, LABEL, bytes))
                .withMessageContaining("root key");
    }

    @Test
    void opensAWrappedKeyWithNoOtherKey() {
        keys().create(LABEL);
        keys().create(NEXT);
        byte[] wrapped = keys().wrap(LABEL, ROOT_KEY);
        byte[] changed = wrapped.clone();
        changed[23] ^= 1;

        for (byte[] bytes : List.of(changed, keys().wrap(NEXT, ROOT_KEY))) {
            assertThatExceptionOfType(VaultException.class)
                    .isThrownBy(() -> encrypt(LABEL, bytes))
                    .withMessageStartingWith(
                            "the root key does not open with wrapping key 'devices-1' of "
                                    + vault()
                                    + ": it was wrapped under another key, or changed");
        }
        assertThat(encrypt(LABEL, wrapped)).isEqualTo(ROOT_KEY.encrypt(BLOCK));
    }

    @Test
    void namesTheKeyItDoesNotHave() {
        byte[] wrapped = new byte[24];
        Stream.<Runnable>of(
                        () -> keys().wrap(LABEL, ROOT_KEY),
                        () -> encrypt(LABEL, wrapped),
                        () -> keys().rewrap(LABEL, LABEL, wrapped),
                        () -> keys().checkValue(LABEL),
                        () -> keys().delete(LABEL),
                        () -> keys().forbidExport(LABEL),
                        () -> keys().exportWrapped(LABEL, vault().transportKey()))
                .forEach(
                        use ->
                                assertThatExceptionOfType(VaultException.class)
                                        .isThrownBy(use::run)
                                        .withMessage(
                                                "there is no wrapping key 'devices-1' in "
                                                        + vault()
                                                        + ": create it or import it"));
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(() -> keys().receive(LABEL, MAKER, wrapped))
                .withMessageContaining("there is no transport KEK 'maker' in ");
    }

    private byte[] encrypt(KeyLabel label, byte[] wrapped) {
        return keys().use(label, wrapped, key -> key.encrypt(BLOCK));
    }

    // Labels

    @Test
    void keepsItsLabelsApartFromThoseOfOtherKeys() {
        vault().create(LABEL);
        keys().create(NEXT);
        keys().create(LABEL);
        keys().importTransportKek(LABEL, wrapped(KEK));

        assertThat(vault().labels()).containsExactly(LABEL);
        assertThat(keys().labels()).containsExactly(LABEL, NEXT);
        assertThat(keys().transportKeks()).containsExactly(LABEL);
        assertThat(keys().contains(LABEL)).isTrue();
        assertThat(keys().contains(MAKER)).isFalse();

        vault().delete(LABEL);
        keys().deleteTransportKek(LABEL);
        assertThat(keys().contains(LABEL)).isTrue();
    }

    @Test
    void refusesALabelInUse() {
        keys().create(LABEL);
        keys().importTransportKek(LABEL, wrapped(KEK));
        String check = keys().checkValue(LABEL);

        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(() -> keys().create(LABEL))
                .withMessageContaining("wrapping key 'devices-1' exists already");
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(() -> keys().importTransportKek(LABEL, wrapped(KEK)))
                .withMessageContaining("transport KEK 'devices-1' exists already");
        assertThat(keys().checkValue(LABEL)).isEqualTo(check);
    }

    @Test
    void losesWhatWasWrappedUnderADeletedKey() {
        keys().create(LABEL);
        byte[] wrapped = keys().wrap(LABEL, ROOT_KEY);
        keys().delete(LABEL);
        keys().create(LABEL);
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(() -> encrypt(LABEL, wrapped))
                .withMessageContaining("does not open");
    }

    // Transport KEKs

    private byte[] wrapped(Kek kek) {
        return dev.usher.keys.RootKeys.wrap(kek, vault().transportKey());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "000102030405060708090A0B0C0D0E0F",
                "000102030405060708090A0B0C0D0E0F1011121314151617",
                "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"
            })
    void receivesWhatAMakerWrapped(String hex) {
        Kek kek = Kek.parse(hex);
        keys().create(LABEL);
        keys().importTransportKek(MAKER, wrapped(kek));

        byte[] received = keys().receive(LABEL, MAKER, kek.wrap(DELIVERED));

        assertThat(received).hasSize(24).isEqualTo(keys().wrap(LABEL, DELIVERED));
        assertThat(encrypt(LABEL, received)).isEqualTo(DELIVERED.encrypt(BLOCK));
    }

    @Test
    void refusesADeliveryUnderAnotherKek() {
        keys().create(LABEL);
        keys().importTransportKek(MAKER, wrapped(KEK));
        assertThat(keys().receive(LABEL, MAKER, DELIVERY)).hasSize(24);

        byte[] foreign = Kek.parse("0F0E0D0C0B0A09080706050403020100").wrap(DELIVERED);
        for (byte[] delivery : List.of(foreign, new byte[24], new byte[5])) {
            assertThatExceptionOfType(VaultException.class)
                    .isThrownBy(() -> keys().receive(LABEL, MAKER, delivery))
                    .withMessageContaining("root key");
        }
        keys().deleteTransportKek(MAKER);
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(() -> keys().receive(LABEL, MAKER, DELIVERY))
                .withMessageContaining("there is no transport KEK 'maker'");
    }

    // Rotation

    @Test
    void wrapsUnderTheNextKeyWhatTheFormerHas() {
        keys().create(LABEL);
        byte[] former = keys().wrap(LABEL, ROOT_KEY);
        keys().create(NEXT);

        byte[] rewrapped = keys().rewrap(LABEL, NEXT, former);
        keys().delete(LABEL);

        assertThat(rewrapped).isNotEqualTo(former).isEqualTo(keys().wrap(NEXT, ROOT_KEY));
        assertThat(encrypt(NEXT, rewrapped)).isEqualTo(ROOT_KEY.encrypt(BLOCK));
    }

    @Test
    void letsNothingGoFromAKeyWhoseExportIsForbidden() {
        keys().create(LABEL);
        keys().create(NEXT);
        byte[] wrapped = keys().wrap(LABEL, ROOT_KEY);
        keys().forbidExport(LABEL);
        keys().forbidExport(LABEL);

        Stream.<Runnable>of(
                        () -> keys().rewrap(LABEL, NEXT, wrapped),
                        () -> keys().exportWrapped(LABEL, vault().transportKey()))
                .forEach(
                        way ->
                                assertThatExceptionOfType(VaultException.class)
                                        .isThrownBy(way::run)
                                        .withMessage(
                                                "export of wrapping key 'devices-1' was forbidden"
                                                        + " for good"));
        assertThat(encrypt(LABEL, wrapped)).isEqualTo(ROOT_KEY.encrypt(BLOCK));
    }

    // Twins

    @Test
    void takesAKeyBackThatIsTheSame() {
        keys().create(LABEL);
        byte[] wrapped = keys().wrap(LABEL, ROOT_KEY);
        byte[] exported = keys().exportWrapped(LABEL, vault().transportKey());

        keys().importWrapped(NEXT, exported);

        assertThat(keys().checkValue(NEXT)).hasSize(16).isEqualTo(keys().checkValue(LABEL));
        assertThat(encrypt(NEXT, wrapped)).isEqualTo(ROOT_KEY.encrypt(BLOCK));
    }

    @Test
    void takesAKeyForNoOtherPurpose() {
        vault().create(LABEL);
        keys().create(LABEL);
        byte[] root = vault().exportWrapped(LABEL, vault().transportKey());
        byte[] wrapping = keys().exportWrapped(LABEL, vault().transportKey());

        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(() -> keys().importWrapped(NEXT, root))
                .withMessageContaining("hold a root key, not a wrapping key");
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(() -> vault().importWrapped(NEXT, wrapping))
                .withMessageContaining("hold a wrapping key, not a root key");
        assertThat(vault().labels()).containsExactly(LABEL);
        assertThat(keys().labels()).containsExactly(LABEL);
    }

    @Test
    void takesNoKeyThatIsTooShort() {
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(() -> keys().importWrapped(LABEL, wrapped(KEK)))
                .withMessage("the wrapped key for 'devices-1' has 16 bytes: such a key has 32");
        assertThat(keys().labels()).isEmpty();
    }

    @Test
    void takesNoKeyThatIsNotTheOneAnnounced() {
        byte[] wrapped = wrapped(KEK);
        wrapped[40] ^= 1;
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(() -> keys().importTransportKek(MAKER, wrapped))
                .withMessageContaining("that was announced");
        assertThat(keys().transportKeks()).isEmpty();
    }

    /** Keeps the key beyond its use. */
    Aes128 kept() {
        keys().create(LABEL);
        byte[] wrapped = keys().wrap(LABEL, ROOT_KEY);
        return keys().<Aes128>use(
                        LABEL,
                        wrapped,
                        key -> {
                            assertThat(key.encrypt(BLOCK)).isEqualTo(ROOT_KEY.encrypt(BLOCK));
                            return key;
                        });
    }
}
