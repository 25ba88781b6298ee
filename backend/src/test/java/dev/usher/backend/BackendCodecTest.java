package dev.usher.backend;

import static dev.usher.backend.ProtocolVersion.V1_0;
import static dev.usher.backend.ProtocolVersion.V1_1;
import static dev.usher.backend.Samples.parse;
import static dev.usher.backend.Samples.written;
import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.lorawan.CfList;
import dev.usher.lorawan.DevAddr;
import dev.usher.lorawan.DlSettings;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.MacVersion;
import dev.usher.lorawan.NetId;
import java.util.Optional;
import java.util.OptionalLong;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BackendCodecTest {

    private static final Eui64 DEV_EUI = new Eui64(0x0102030405060708L);
    private static final Eui64 NS_ID = new Eui64(0x70B3D57ED0000001L);
    private static final Octets SESSION_KEY_ID = Octets.parse("016BFA7BAD4756346A674981E75CDBDC");

    /** From a Network Server of 1.1 to a Join Server. */
    private static final Header REQUEST =
            new Header(
                    V1_1,
                    "42FFFF",
                    "70B3D57ED0000000",
                    0,
                    Optional.of(NS_ID),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());

    @Test
    void readsAJoinReq() {
        assertThat(parse(Samples.JOIN_REQ))
                .isEqualTo(
                        new JoinReq(
                                REQUEST,
                                MacVersion.V1_0_3,
                                Octets.parse("00000000D07ED5B370080706050403020100003851F0B6"),
                                DEV_EUI,
                                new DevAddr(0x01020304),
                                new DlSettings(0),
                                5,
                                Optional.empty()));
    }

    @Test
    void readsAJoinAns() {
        assertThat(parse(Samples.JOIN_ANS))
                .isEqualTo(
                        JoinAns.success(
                                REQUEST.answer(),
                                new SessionGrant(
                                        Octets.parse("204D675073BB4153833BFE3DF4DAEB06F5"),
                                        OptionalLong.of(0),
                                        new NetworkKeys.R1_0(
                                                KeyEnvelope.wrap(
                                                        Samples.KEK, "ns:42ffff", Samples.KEY)),
                                        Optional.of(KeyEnvelope.clear(Samples.KEY)),
                                        Optional.of(SESSION_KEY_ID))));
    }

    @Test
    void readsARejoinReqInTheOtherSpelling() {
        assertThat(parse(Samples.REJOIN_REQ))
                .isEqualTo(
                        new RejoinReq(
                                new Header(
                                        V1_0,
                                        "010203",
                                        "70b3d57ed0000000",
                                        4294967295L,
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.of("0a0b"),
                                        Optional.empty()),
                                MacVersion.V1_1_0,
                                Octets.parse("C000030201080706050403020100002B459CF0"),
                                DEV_EUI,
                                new DevAddr(0x01020304),
                                new DlSettings(0x80),
                                1,
                                Optional.of(CfList.parse("184F84E85684B85E8488668458D15F00"))));
    }

    @Test
    void readsAnAppSKeyReq() {
        assertThat(parse(Samples.APP_S_KEY_REQ))
                .isEqualTo(
                        new AppSKeyReq(
                                new Header(V1_0, "as.example.com", "70B3D57ED0000000", 7),
                                DEV_EUI,
                                SESSION_KEY_ID));
    }

    @Test
    void readsAHomeNsAnsAndLeavesTheVendorsExtensionAlone() {
        assertThat(parse(Samples.HOME_NS_ANS))
                .isEqualTo(
                        new HomeNsReq(REQUEST, DEV_EUI)
                                .success(
                                        new NetId(0x13),
                                        Optional.of(new Eui64(0xEC656E0000000181L))));
    }

    @Test
    void writesAJoinReqAsTheThingsStackDoes() {
        assertThat(written(parse(Samples.JOIN_REQ)))
                .isEqualTo(
                        "{\"ProtocolVersion\":\"1.1\",\"MessageType\":\"JoinReq\","
                                + "\"TransactionID\":0,\"SenderID\":\"42FFFF\","
                                + "\"ReceiverID\":\"70B3D57ED0000000\","
                                + "\"SenderNSID\":\"70B3D57ED0000001\",\"MACVersion\":\"1.0.3\","
                                + "\"PHYPayload\":"
                                + "\"00000000D07ED5B370080706050403020100003851F0B6\","
                                + "\"DevEUI\":\"0102030405060708\",\"DevAddr\":\"01020304\","
                                + "\"DLSettings\":\"00\",\"RxDelay\":5}");
    }

    @Test
    void writesAnAnswerThatSwapsSenderAndReceiver() {
        AppSKeyReq request = (AppSKeyReq) parse(Samples.APP_S_KEY_REQ);
        assertThat(written(request.success(KeyEnvelope.clear(Samples.KEY))))
                .isEqualTo(
                        "{\"ProtocolVersion\":\"1.0\",\"MessageType\":\"AppSKeyAns\","
                                + "\"TransactionID\":7,\"SenderID\":\"70B3D57ED0000000\","
                                + "\"ReceiverID\":\"as.example.com\","
                                + "\"Result\":{\"ResultCode\":\"Success\"},"
                                + "\"DevEUI\":\"0102030405060708\","
                                + "\"AppSKey\":{\"AESKey\":\"00112233445566778899AABBCCDDEEFF\"},"
                                + "\"SessionKeyID\":\"016BFA7BAD4756346A674981E75CDBDC\"}");
    }

    @ParameterizedTest
    @CsvSource({"1.0, JoinReqFailed", "1.1, FrameReplayed"})
    void writesAResultAsTheVersionOfTheRequestKnowsIt(String version, String code) {
        Request request =
                (Request)
                        parse(
                                Samples.JOIN_REQ.replace(
                                        "\"ProtocolVersion\":\"1.1\"",
                                        "\"ProtocolVersion\":\"" + version + "\""));
        assertThat(written(request.refusal(Result.of(ResultCode.FRAME_REPLAYED, "DevNonce 0"))))
                .contains(
                        "\"Result\":{\"ResultCode\":\""
                                + code
                                + "\",\"Description\":\"DevNonce 0\"}");
    }

    @Test
    void writesNoHnsIdInVersion1_0() {
        HomeNsReq request = new HomeNsReq(new Header(V1_0, "42FFFF", "js", 1), DEV_EUI);
        assertThat(written(request.success(new NetId(0x13), Optional.of(NS_ID))))
                .contains("\"HNetID\":\"000013\"")
                .doesNotContain("HNSID");
    }

    @ParameterizedTest
    @CsvSource({
        "1.0, 1.0",
        "1.0.0, 1.0",
        "1.0.1, 1.0.1",
        "1.0.4, 1.0.4",
        "1.1, 1.1",
        "1.1.0, 1.1",
    })
    void writesTheMacVersionsThatEveryPeerKnows(String read, String written) {
        String request = Samples.JOIN_REQ.replace("\"1.0.3\"", "\"" + read + "\"");
        assertThat(written(parse(request))).contains("\"MACVersion\":\"" + written + "\"");
    }

    @Test
    void takesHexWithOrWithout0xInEitherCase() {
        String other =
                Samples.JOIN_REQ
                        .replace("\"0102030405060708\"", "\"0X0102030405060708\"")
                        .replace("\"01020304\"", "\"0x01020304\"")
                        .replace("\"00\"", "\"0x00\"")
                        .replace("\"70B3D57ED0000001\"", "\"0x70b3d57ed0000001\"")
                        .replace("\"0000", "\"0x0000")
                        .replace("D07ED5B370", "d07eD5b370");
        assertThat(parse(other)).isEqualTo(parse(Samples.JOIN_REQ));
    }

    @Test
    void takesNullAndEmptyForAbsent() {
        assertThat(
                        parse(
                                Samples.JOIN_REQ.replace(
                                        "{",
                                        """
                                        {"CFList":"","SenderToken":"","ReceiverToken":null,
                                         "ReceiverNSID":"","VSExtension":null,"Lifetime":null,
                                        """)))
                .isEqualTo(parse(Samples.JOIN_REQ));
        assertThat(parse(Samples.JOIN_REQ.replace("{", "{\"CFList\":\"0x\",")))
                .isEqualTo(parse(Samples.JOIN_REQ));
        assertThat(parse(Samples.JOIN_ANS.replace("{\"AESKey\"", "{\"KEKLabel\":\"\",\"AESKey\"")))
                .isEqualTo(parse(Samples.JOIN_ANS));
    }

    @Test
    void ignoresWhatItDoesNotKnowOrDoesNotNeed() {
        assertThat(
                        parse(
                                Samples.JOIN_REQ.replace(
                                        "{",
                                        """
                                        {"VSExtension":{"VendorID":"EC656E","Object":[{"a":[1e999]}]},
                                         "x":1,"x":2,"Lifetime":"for ever","AppSKey":7,"HNetID":[[]],
                                        """)))
                .isEqualTo(parse(Samples.JOIN_REQ));
    }

    @Test
    void takesTheFieldsInAnyOrder() {
        assertThat(
                        parse(
                                """
                                {"SessionKeyID":"016BFA7BAD4756346A674981E75CDBDC",
                                 "DevEUI":"0102030405060708","ReceiverID":"70B3D57ED0000000",
                                 "SenderID":"as.example.com","TransactionID":7,
                                 "MessageType":"AppSKeyReq","ProtocolVersion":"1.0"}\
                                """))
                .isEqualTo(parse(Samples.APP_S_KEY_REQ));
    }

    @Test
    void leavesAMissingNsIdToWhoeverKnowsThePeer() {
        Message request =
                parse(Samples.JOIN_REQ.replace("\"SenderNSID\":\"70B3D57ED0000001\",", ""));
        assertThat(request.header().senderNsId()).isEmpty();
        assertThat(request.header().nsIdProblem()).isPresent();
    }

    @Test
    void readsTheFourKeysOfLoRaWan1_1() {
        String envelope = "{\"AESKey\":\"0x00112233445566778899aabbccddeeff\"}";
        Message answer =
                parse(
                        Samples.JOIN_ANS.replace(
                                "\"NwkSKey\"",
                                "\"FNwkSIntKey\":%s,\"SNwkSIntKey\":%s,\"NwkSEncKey\":%s,\"x\""
                                        .formatted(envelope, envelope, envelope)));
        KeyEnvelope key = KeyEnvelope.clear(Samples.KEY);
        assertThat(((JoinAns) answer).grant().orElseThrow().networkKeys())
                .isEqualTo(new NetworkKeys.R1_1(key, key, key));
    }

    @Test
    void readsAFailureThatHasNothingButItsResult() {
        String failure =
                """
                {"ProtocolVersion":"1.0","MessageType":"%s","TransactionID":7,"SenderID":"js",
                 "ReceiverID":"42FFFF","PHYPayload":"","NwkSKey":null,
                 "Result":{"ResultCode":"UnknownDevEUI","Description":"who?"}}\
                """;
        Header header = new Header(V1_0, "js", "42FFFF", 7);
        Result result = Result.of(ResultCode.UNKNOWN_DEV_EUI, "who?");
        assertThat(parse(failure.formatted("JoinAns"))).isEqualTo(JoinAns.refusal(header, result));
        assertThat(parse(failure.formatted("AppSKeyAns")))
                .isEqualTo(
                        new AppSKeyAns(
                                header,
                                result,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ProfileReq",
                "PRStartReq",
                "PRStopReq",
                "HRStartReq",
                "HRStopReq",
                "XmitDataReq",
                "XmitLocReq",
                "NobodyKnowsThisReq"
            })
    void answersARequestThatIsNotServed(String type) {
        Unserved request = (Unserved) parse(Samples.JOIN_REQ.replace("JoinReq", type));
        assertThat(request.header()).isEqualTo(REQUEST);
        assertThat(request.refusal().map(Samples::written))
                .hasValueSatisfying(
                        answer ->
                                assertThat(answer)
                                        .contains(
                                                "\"MessageType\":\""
                                                        + type.replace("Req", "Ans")
                                                        + "\"",
                                                "\"SenderID\":\"70B3D57ED0000000\"",
                                                "\"ResultCode\":\"MalformedMessage\""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PRStartNotif", "ProfileAns", "JoinREQ", "?"})
    void answersNothingThatIsNoRequest(String type) {
        Unserved message = (Unserved) parse(Samples.JOIN_REQ.replace("JoinReq", type));
        assertThat(message.refusal()).isEmpty();
    }

    @Property
    void readsBackWhatItWrites(@ForAll("messages") Message message) {
        assertThat(BackendCodec.parse(BackendCodec.write(message))).isEqualTo(message);
    }

    @Property
    void neverFailsButAsDeclared(@ForAll byte[] bytes) {
        assertThatFailsOnlyAsDeclared(bytes);
    }

    @Property
    void neverFailsButAsDeclaredOnDamagedMessages(
            @ForAll("messages") Message message, @ForAll int position, @ForAll byte damage) {
        byte[] json = BackendCodec.write(message);
        json[Math.floorMod(position, json.length)] = damage;
        assertThatFailsOnlyAsDeclared(json);
    }

    @Provide
    Arbitrary<Message> messages() {
        return Messages.any();
    }

    /** Whatever the bytes are; and what can be read or answered can also be written. */
    static void assertThatFailsOnlyAsDeclared(byte[] bytes) {
        try {
            byte[] json = BackendCodec.write(BackendCodec.parse(bytes));
            byte[] again = BackendCodec.write(BackendCodec.parse(json));
            assertThat(again).isEqualTo(json);
        } catch (MalformedBackendMessageException declared) {
            assertThat(declared.reason()).isNotBlank().doesNotContain("\n");
            declared.refusal().ifPresent(refusal -> assertThat(written(refusal)).contains("Ans"));
        } catch (UnreadableHeaderException declared) {
            assertThat(declared).hasMessageMatching("(the message|[A-Z]).+");
        }
    }
}
