package dev.usher.lorawan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class JoinCryptographyTest {

    private static final AesKey ONES = AesKey.parse("01010101010101010101010101010101");
    private static final AesKey KEY = AesKey.parse("01020304050607080102030405060708");
    private static final AesKey ZEROS = AesKey.parse("00000000000000000000000000000000");
    private static final Eui64 JOIN_EUI = Eui64.parse("0807060504030201");
    private static final Eui64 DEV_EUI = Eui64.parse("0102030405060708");

    /** Frames and keys that other Join Servers publish with their source. */
    @Nested
    class AgreesWithOthers {

        @Test
        void onJoinRequests() {
            assertThat(
                            JoinCryptography.isAuthentic(
                                    RootKeys.r1_0(ONES),
                                    JoinRequest.parse(
                                            hex("00040302010403020105040302050403022d106a990e12"))))
                    .isTrue();
            JoinRequest request =
                    JoinCryptography.request(
                            RootKeys.r1_0(ONES),
                            Eui64.parse("0102030405060708"),
                            Eui64.parse("0102030405060708"),
                            0x0102);
            assertThat(request.phyPayload())
                    .isEqualTo(hex("0008070605040302010807060504030201" + "0201" + "e6e10c55"));
        }

        @Test
        void onAcceptsOf1_0() {
            Activation activation =
                    JoinCryptography.activate(
                            RootKeys.r1_0(AesKey.parse("00112233445566778899aabbccddeeff")),
                            KeyScheme.R1_0,
                            new JoinRequest(JOIN_EUI, DEV_EUI, 0, 0),
                            accept(5704647, "221101", "02031980", "00", 0));
            assertThat(activation.phyPayload())
                    .isEqualTo(hex("20493eeb51fba2116f810edb3742975142"));

            Activation another =
                    JoinCryptography.activate(
                            RootKeys.r1_0(ONES),
                            KeyScheme.R1_0,
                            new JoinRequest(JOIN_EUI, DEV_EUI, 0, 0),
                            accept(0x010203, "010203", "01020304", "00", 1));
            assertThat(another.phyPayload()).isEqualTo(hex("20c9fbb259e11649096a568a9e3b7117c3"));
        }

        @Test
        void onAWholeJoinOf1_0() {
            RootKeys keys = RootKeys.r1_0(KEY);
            JoinRequest request = JoinCryptography.request(keys, JOIN_EUI, DEV_EUI, 258);
            assertThat(request.phyPayload())
                    .isEqualTo(hex("00010203040506070808070605040302010201cde6acb8"));

            Activation activation =
                    JoinCryptography.activate(keys, KeyScheme.R1_0, request, accept("15"));

            assertThat(activation.phyPayload())
                    .isEqualTo(
                            hex(
                                    "2026f4b247f0a5d7e46a720e61c8bccbc5"
                                            + "179f4566e185ed6889589bb1a9c68cc0"));
            assertThat(activation.keys())
                    .isEqualTo(
                            new SessionKeys.R1_0(
                                    AesKey.parse("df53c35f3034ccced0ff354c70de04df"),
                                    AesKey.parse("927b9c911183cffe4cb2ff4b75545f6d")));
        }

        /** A 1.1 device on a 1.0 network: the NwkKey does everything, the AppKey nothing. */
        @Test
        void onAJoinOf1_0WithANwkKey() {
            JoinRequest request =
                    JoinRequest.parse(hex("00010203040506070808070605040302010201cde6acb8"));
            RootKeys keys = RootKeys.r1_1(KEY, ZEROS);
            assertThat(JoinCryptography.isAuthentic(keys, request)).isTrue();
            assertThat(
                            JoinCryptography.activate(keys, KeyScheme.R1_0, request, accept("15"))
                                    .keys())
                    .isEqualTo(
                            new SessionKeys.R1_0(
                                    AesKey.parse("df53c35f3034ccced0ff354c70de04df"),
                                    AesKey.parse("927b9c911183cffe4cb2ff4b75545f6d")));
        }

        @Test
        void onAWholeJoinOf1_1() {
            RootKeys keys = RootKeys.r1_1(KEY, ZEROS);
            JoinRequest request = JoinCryptography.request(keys, JOIN_EUI, DEV_EUI, 258);

            Activation activation =
                    JoinCryptography.activate(keys, KeyScheme.R1_1, request, accept("95"));

            assertThat(JoinCryptography.jsIntKey(keys, DEV_EUI))
                    .isEqualTo(AesKey.parse("b8ae379696825f22c8abbec24c31a84b"));
            assertThat(activation.phyPayload())
                    .isEqualTo(
                            hex(
                                    "20a4c899795a42f5d16067a822c21b379a"
                                            + "f8aaa301a90d1c60d4cb792cb8eeb0a3"));
            assertThat(activation.keys())
                    .isEqualTo(
                            new SessionKeys.R1_1(
                                    AesKey.parse("537f8aae896c79e015d102d06286354e"),
                                    AesKey.parse("589498993092cfdb5fd2e02ac7510bf1"),
                                    AesKey.parse("9898283c4f66eb6c6fd5165882046c40"),
                                    AesKey.parse("01621215d1ca08febf0c602cc2ad90fa")));
        }

        @Test
        void onKeys() {
            AesKey key = AesKey.parse("BEC499C69E9C939E413B663961636C61");
            RootKeys keys = RootKeys.r1_1(key, key);
            Eui64 devEui = Eui64.parse("0042004213424341");
            JoinRequest request =
                    new JoinRequest(Eui64.parse("0000001223224242"), devEui, 0x7369, 0);
            JoinAccept accept = accept(0xAE3B1C, "020101", "00000000", "80", 1);

            assertThat(JoinCryptography.activate(keys, KeyScheme.R1_1, request, accept).keys())
                    .isEqualTo(
                            new SessionKeys.R1_1(
                                    AesKey.parse("379084E7CE22FF191BFF4B77536F2AA3"),
                                    AesKey.parse("63C59309D53485BC5164DBF71627AEB9"),
                                    AesKey.parse("CE07A009A3970AC0519A099ED53E550B"),
                                    AesKey.parse("B035CCE24E4A040EB5CECBF21724412D")));
            assertThat(JoinCryptography.activate(keys, KeyScheme.R1_0, request, accept).keys())
                    .isEqualTo(
                            new SessionKeys.R1_0(
                                    AesKey.parse("0DB924EE6AF90698E05FC7CE48303C01"),
                                    AesKey.parse("8C1E0543A229088DE6F84E74BB46BD62")));
            assertThat(JoinCryptography.jsIntKey(keys, devEui))
                    .isEqualTo(AesKey.parse("CB8E9EE114C3FB5CE472A5AA13AB1855"));
            assertThat(JoinCryptography.jsEncKey(keys, devEui))
                    .isEqualTo(AesKey.parse("BB711EEFB9829B4A75866F8616BACD6D"));
        }

        /** The MIC of a 1.1 accept, where the published vector takes any key for the JSIntKey. */
        @Test
        void onTheMicOfA1_1Accept() {
            assertThat(
                            Cmac.mic(
                                    ONES,
                                    hex(
                                            "ff0102030405060708"
                                                    + "0102"
                                                    + "20030201030201"
                                                    + "040302010001")))
                    .isEqualTo(0x48e9be5f);
        }

        /** As above: these vectors take any key for the JSIntKey and the SNwkSIntKey. */
        @Test
        void onRejoinRequests() {
            assertThat(Cmac.mic(ONES, hex("c00108070605040302010807060504030201" + "0201")))
                    .isEqualTo(0x67f9abe7);
            RejoinRequest.Type0Or2 type2 =
                    JoinCryptography.rejoin(ONES, 2, NetId.parse("010203"), DEV_EUI, 0x0102);
            assertThat(type2.phyPayload())
                    .isEqualTo(hex("c002030201" + "0807060504030201" + "0201" + "2b459cf0"));
            assertThat(JoinCryptography.isAuthentic(ONES, type2)).isTrue();
        }

        @Test
        void onAWholeRejoin() {
            RootKeys keys = RootKeys.r1_1(KEY, ZEROS);
            RejoinRequest.Type1 request = JoinCryptography.rejoin(keys, JOIN_EUI, DEV_EUI, 123);

            Activation activation =
                    JoinCryptography.activate(keys, request, JOIN_EUI, accept("95"));

            assertThat(JoinCryptography.jsEncKey(keys, DEV_EUI))
                    .isEqualTo(AesKey.parse("d4bd9461adaa3b4e601953ebd08bffc6"));
            assertThat(activation.phyPayload())
                    .isEqualTo(
                            hex(
                                    "20df04b2ac9d57d1124724b5c24811a12f"
                                            + "93423bbb4ca1f432ce8d67f097ce5f0c"));
            assertThat(activation.keys())
                    .isEqualTo(
                            new SessionKeys.R1_1(
                                    AesKey.parse("7aae91b421cd273a1573d1edf5b23e75"),
                                    AesKey.parse("c4f1b16a0468e82070b6ad7dee6ca23d"),
                                    AesKey.parse("b2b6ee36b4a683fb67e2e7d11bffca94"),
                                    AesKey.parse("fe357ecee6df7b7c1a178324db1d1a7a")));
        }
    }

    /** One device, and what a network tells it. */
    record Device(AesKey nwkKey, AesKey appKey, Eui64 joinEui, Eui64 devEui, int nonce) {}

    @Provide
    Arbitrary<Device> devices() {
        Arbitrary<AesKey> keys = Arbitraries.bytes().array(byte[].class).ofSize(16).map(AesKey::of);
        Arbitrary<Eui64> euis = Arbitraries.longs().map(Eui64::new);
        return Combinators.combine(
                        keys, keys, euis, euis, Arbitraries.integers().between(0, 0xFFFF))
                .as(Device::new);
    }

    @Provide
    Arbitrary<JoinAccept> accepts() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 0xFF_FFFF),
                        Arbitraries.integers().between(0, 0xFF_FFFF).map(NetId::new),
                        Arbitraries.integers().map(DevAddr::new),
                        Arbitraries.integers().between(0, 0xFF).map(DlSettings::new),
                        Arbitraries.integers().between(0, 15),
                        Arbitraries.bytes()
                                .array(byte[].class)
                                .ofSize(16)
                                .map(CfList::of)
                                .optional())
                .as(JoinAccept::new);
    }

    @Property(tries = 500)
    void aDevice1_0OpensWhatTheServerMakes(
            @ForAll("devices") Device device, @ForAll("accepts") JoinAccept accept) {
        RootKeys keys = RootKeys.r1_0(device.appKey());
        assertThatOpens(keys, MacVersion.V1_0_3, device, accept);
    }

    /** Whichever OptNeg says, on a 1.1 network and on a 1.0 network. */
    @Property(tries = 500)
    void aDevice1_1OpensWhatTheServerMakes(
            @ForAll("devices") Device device, @ForAll("accepts") JoinAccept accept) {
        RootKeys keys = RootKeys.r1_1(device.nwkKey(), device.appKey());
        assertThatOpens(keys, MacVersion.V1_1_0, device, accept);
        if (!accept.dlSettings().optNeg()) {
            assertThatOpens(keys, MacVersion.V1_0_4, device, accept);
        }
    }

    private static void assertThatOpens(
            RootKeys keys, MacVersion version, Device device, JoinAccept accept) {
        JoinRequest sent =
                JoinCryptography.request(keys, device.joinEui(), device.devEui(), device.nonce());
        JoinRequest heard = JoinRequest.parse(sent.phyPayload());
        assertThat(JoinCryptography.isAuthentic(keys, heard)).isTrue();
        KeyScheme scheme = KeyScheme.decide(version, keys, accept.dlSettings(), false);

        Activation activation = JoinCryptography.activate(keys, scheme, heard, accept);

        assertThat(JoinCryptography.open(keys, sent, activation.phyPayload()))
                .isEqualTo(new Received(accept, activation.keys()));
    }

    @Property(tries = 500)
    void aDeviceOpensTheAnswerToItsRejoin(
            @ForAll("devices") Device device,
            @ForAll("accepts") JoinAccept any,
            @ForAll @IntRange(max = 2) int type) {
        RootKeys keys = RootKeys.r1_1(device.nwkKey(), device.appKey());
        AesKey sNwkSIntKey = device.appKey();
        JoinAccept accept = withOptNeg(any);
        RejoinRequest sent =
                type == 1
                        ? JoinCryptography.rejoin(
                                keys, device.joinEui(), device.devEui(), device.nonce())
                        : JoinCryptography.rejoin(
                                sNwkSIntKey, type, any.netId(), device.devEui(), device.nonce());
        RejoinRequest heard = RejoinRequest.parse(sent.phyPayload());
        assertThat(
                        switch (heard) {
                            case RejoinRequest.Type1 r -> JoinCryptography.isAuthentic(keys, r);
                            case RejoinRequest.Type0Or2 r ->
                                    JoinCryptography.isAuthentic(sNwkSIntKey, r);
                        })
                .isTrue();

        Activation activation = JoinCryptography.activate(keys, heard, device.joinEui(), accept);

        assertThat(JoinCryptography.open(keys, sent, device.joinEui(), activation.phyPayload()))
                .isEqualTo(new Received(accept, activation.keys()));
    }

    @Property(tries = 500)
    void noChangedFrameIsAuthentic(
            @ForAll("devices") Device device, @ForAll @IntRange(min = 8, max = 183) int bit) {
        RootKeys keys = RootKeys.r1_1(device.nwkKey(), device.appKey());
        byte[] join =
                JoinCryptography.request(keys, device.joinEui(), device.devEui(), device.nonce())
                        .phyPayload();
        flip(join, bit);
        assertThat(JoinCryptography.isAuthentic(keys, JoinRequest.parse(join))).isFalse();

        byte[] rejoin =
                JoinCryptography.rejoin(keys, device.joinEui(), device.devEui(), device.nonce())
                        .phyPayload();
        flip(rejoin, bit + 8);
        assertThat(
                        JoinCryptography.isAuthentic(
                                keys, (RejoinRequest.Type1) RejoinRequest.parse(rejoin)))
                .isFalse();
    }

    @Property(tries = 500)
    void noDeviceOpensAChangedAccept(
            @ForAll("devices") Device device,
            @ForAll("accepts") JoinAccept accept,
            @ForAll @IntRange(min = 8, max = 135) int bit) {
        RootKeys keys = RootKeys.r1_0(device.appKey());
        JoinRequest request = new JoinRequest(device.joinEui(), device.devEui(), device.nonce(), 0);
        byte[] phyPayload =
                JoinCryptography.activate(keys, KeyScheme.R1_0, request, accept).phyPayload();
        flip(phyPayload, bit);
        assertThatExceptionOfType(MalformedFrameException.class)
                .isThrownBy(() -> JoinCryptography.open(keys, request, phyPayload))
                .withMessageStartingWith("the MIC of the join-accept is wrong");
    }

    @Property
    void openingNeverFailsButAsDeclared(@ForAll @Size(max = 40) byte[] bytes) {
        RootKeys keys = RootKeys.r1_1(KEY, ZEROS);
        JoinRequest request = new JoinRequest(JOIN_EUI, DEV_EUI, 1, 0);
        for (int length : new int[] {bytes.length, 17, 33}) {
            byte[] phyPayload = Arrays.copyOf(bytes, length);
            if (length > 0) {
                phyPayload[0] = 0x20;
            }
            assertThatExceptionOfType(MalformedFrameException.class)
                    .isThrownBy(() -> JoinCryptography.open(keys, request, phyPayload))
                    .withMessageContaining("join-accept");
        }
    }

    /** An accept is bound to the request by DevNonce and JoinEUI, and to the device by its keys. */
    @Test
    void noDeviceOpensTheAnswerToAnotherRequest() {
        RootKeys keys = RootKeys.r1_1(KEY, ONES);
        JoinRequest request = JoinCryptography.request(keys, JOIN_EUI, DEV_EUI, 1);
        byte[] phyPayload =
                JoinCryptography.activate(keys, KeyScheme.R1_1, request, accept("80")).phyPayload();
        JoinRequest next = JoinCryptography.request(keys, JOIN_EUI, DEV_EUI, 2);
        assertThatExceptionOfType(MalformedFrameException.class)
                .isThrownBy(() -> JoinCryptography.open(keys, next, phyPayload));
    }

    @Test
    void refusesWhatOnly1_1Knows() {
        RootKeys only1_0 = RootKeys.r1_0(KEY);
        RootKeys noAppKey = new RootKeys(Optional.of(KEY), Optional.empty());
        JoinRequest join = new JoinRequest(JOIN_EUI, DEV_EUI, 1, 0);
        RejoinRequest.Type1 rejoin = new RejoinRequest.Type1(JOIN_EUI, DEV_EUI, 1, 0);
        assertThat(JoinCryptography.isAuthentic(only1_0, rejoin)).isFalse();
        assertThatRefuses(
                "the device has no NwkKey",
                () -> JoinCryptography.activate(only1_0, KeyScheme.R1_1, join, accept("80")));
        assertThatRefuses(
                "the device has no AppKey",
                () -> JoinCryptography.activate(noAppKey, KeyScheme.R1_1, join, accept("80")));
        assertThatRefuses(
                "the device has no NwkKey",
                () -> JoinCryptography.activate(only1_0, rejoin, JOIN_EUI, accept("80")));
        assertThatRefuses(
                "DLSettings 15 has OptNeg unset",
                () ->
                        JoinCryptography.activate(
                                RootKeys.r1_1(KEY, KEY), rejoin, JOIN_EUI, accept("15")));
        assertThatRefuses(
                "the rejoin-request names JoinEUI 0807060504030201",
                () ->
                        JoinCryptography.activate(
                                RootKeys.r1_1(KEY, KEY), rejoin, DEV_EUI, accept("80")));
    }

    private static void assertThatRefuses(String message, Runnable activation) {
        assertThatExceptionOfType(ActivationRefusedException.class)
                .isThrownBy(activation::run)
                .withMessageStartingWith(message);
    }

    /** In a token every call is a round trip, so their number is a promise. */
    @Test
    void callsATokenSeldom() {
        Counted nwkKey = new Counted(KEY, new AtomicInteger());
        Counted appKey = new Counted(ZEROS, new AtomicInteger());
        RootKeys r1_0 = RootKeys.r1_0(appKey);
        JoinRequest request = JoinCryptography.request(RootKeys.r1_0(ZEROS), JOIN_EUI, DEV_EUI, 1);

        assertThat(JoinCryptography.isAuthentic(r1_0, request)).isTrue();
        assertThat(appKey.calls().getAndSet(0)).isEqualTo(2);
        JoinCryptography.activate(r1_0, KeyScheme.R1_0, request, accept("15"));
        assertThat(appKey.calls().getAndSet(0)).isEqualTo(3);

        RootKeys r1_1 = RootKeys.r1_1(nwkKey, appKey);
        JoinCryptography.activate(r1_1, KeyScheme.R1_1, request, accept("95"));
        assertThat(nwkKey.calls().getAndSet(0)).isEqualTo(2);
        assertThat(appKey.calls().getAndSet(0)).isEqualTo(1);
    }

    private record Counted(Aes128 key, AtomicInteger calls) implements Aes128 {
        @Override
        public byte[] encrypt(byte[] blocks) {
            calls.incrementAndGet();
            return key.encrypt(blocks);
        }

        @Override
        public byte[] decrypt(byte[] blocks) {
            calls.incrementAndGet();
            return key.decrypt(blocks);
        }
    }

    /** The accept of the whole joins above. */
    private static JoinAccept accept(String dlSettings) {
        return new JoinAccept(
                65536,
                NetId.parse("010203"),
                DevAddr.parse("01020304"),
                DlSettings.parse(dlSettings),
                1,
                Optional.of(CfList.parse("988d8468958400000000000000000000")));
    }

    private static JoinAccept accept(
            int joinNonce, String netId, String devAddr, String dlSettings, int rxDelay) {
        return new JoinAccept(
                joinNonce,
                NetId.parse(netId),
                DevAddr.parse(devAddr),
                DlSettings.parse(dlSettings),
                rxDelay,
                Optional.empty());
    }

    private static JoinAccept withOptNeg(JoinAccept accept) {
        return new JoinAccept(
                accept.joinNonce(),
                accept.netId(),
                accept.devAddr(),
                new DlSettings(accept.dlSettings().octet() | 0x80),
                accept.rxDelay(),
                accept.cfList());
    }

    private static void flip(byte[] frame, int bit) {
        frame[bit / 8] ^= (byte) (1 << (bit % 8));
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }
}
