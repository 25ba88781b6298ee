package dev.usher.backend;

import static dev.usher.backend.Samples.parse;
import static dev.usher.backend.Samples.written;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong with a message, and whether it can be answered. */
class BadMessagesTest {

    static Stream<Arguments> unreadableHeaders() {
        return Stream.of(
                Arguments.of("", "not a JSON object"),
                Arguments.of("null", "not a JSON object"),
                Arguments.of("\"JoinReq\"", "not a JSON object"),
                Arguments.of("[" + Samples.JOIN_REQ + "]", "not a JSON object"),
                Arguments.of("ProtocolVersion=1.0", "not JSON at line 1, column"),
                Arguments.of("{\"a\":" + "[".repeat(50), "more than 16 levels"),
                Arguments.of("{}", "MessageType is missing"),
                Arguments.of(joinReq("\"MessageType\":\"JoinReq\",", ""), "MessageType is missi"),
                Arguments.of(joinReq("\"JoinReq\"", "\"\""), "MessageType is missing"),
                Arguments.of(joinReq("\"JoinReq\"", "7"), "MessageType is not a text but a whole"),
                Arguments.of(joinReq("\"JoinReq\"", "\"Join\\nReq\""), "other characters than"),
                Arguments.of(joinReq("\"1.1\"", "null"), "ProtocolVersion is missing"),
                Arguments.of(joinReq("\"1.1\"", "1.1"), "ProtocolVersion is not a text but a num"),
                Arguments.of(joinReq("\"42FFFF\"", "\"\""), "SenderID is missing"),
                Arguments.of(
                        joinReq("\"42FFFF\"", "[\"42FFFF\"]"), "SenderID is not a text but an"),
                Arguments.of(joinReq("42FFFF", "42\\u0000"), "SenderID has other characters"),
                Arguments.of(joinReq("42FFFF", "a".repeat(256)), "SenderID has 256 characters"),
                Arguments.of(joinReq("{", "{\"SenderID\":\"000013\","), "SenderID is there sever"),
                Arguments.of(joinReq("{", "{\"SenderID\":null,"), "SenderID is there several"),
                Arguments.of(joinReq("\"70B3D57ED0000000\"", "{}"), "ReceiverID is not a text but"),
                Arguments.of(transaction("\"0\""), "TransactionID is not a whole number but a te"),
                Arguments.of(transaction("0.0"), "TransactionID is not a whole number but a num"),
                Arguments.of(transaction("true"), "not a whole number but true or false"),
                Arguments.of(transaction("-1"), "TransactionID -1 is not between 0 and"),
                Arguments.of(transaction("4294967296"), "TransactionID 4294967296 is not betwe"),
                Arguments.of(transaction("9".repeat(20)), "but a number of more than 64 bits"),
                Arguments.of(transaction("9".repeat(65)), "a number of more than 64 digits"),
                Arguments.of(transaction("9".repeat(1 << 20)), "at most 32768 are read"),
                Arguments.of(Samples.JOIN_REQ + " ".repeat(32768), "at most 32768 are read"));
    }

    @ParameterizedTest
    @MethodSource("unreadableHeaders")
    void cannotAnswerWithoutAHeader(String json, String message) {
        assertThatExceptionOfType(UnreadableHeaderException.class)
                .isThrownBy(() -> parse(json))
                .withMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0080", "\u00ED\u00A0\u0080", "\u00C0\u00AF", "\u00E2\u0082"})
    void cannotAnswerWhatIsNotUtf8(String bytes) {
        byte[] json = joinReq("{", "{\"x\":\"" + bytes + "\",").getBytes(ISO_8859_1);
        assertThatExceptionOfType(UnreadableHeaderException.class)
                .isThrownBy(() -> BackendCodec.parse(json))
                .withMessageContaining("not UTF-8");
    }

    @Test
    void cannotAnswerOtherEncodings() {
        assertThatExceptionOfType(UnreadableHeaderException.class)
                .isThrownBy(() -> BackendCodec.parse(Samples.JOIN_REQ.getBytes(UTF_16LE)));
    }

    static Stream<Arguments> badBodies() {
        String arrays = "[".repeat(16) + "]".repeat(16);
        return Stream.of(
                Arguments.of(
                        joinReq("\"SenderNSID\":\"7", "\"SenderNSID\":\"\u00FC7"), "is not 16 hex"),
                Arguments.of(joinReq("\"70B3D57ED0000001\"", "1"), "SenderNSID is not a text but"),
                Arguments.of(joinReq("{", "{\"SenderToken\":[],"), "SenderToken is not a text"),
                Arguments.of(joinReq("\"1.0.3\"", "\"1.2\""), "MACVersion '1.2' is not a LoRaWAN"),
                Arguments.of(joinReq("\"1.0.3\"", "1.0"), "MACVersion is not a text but a number"),
                Arguments.of(joinReq("\"MACVersion\":\"1.0.3\",", ""), "MACVersion is missing"),
                Arguments.of(joinReq("F0B6", "F0B"), "F0B' is not a whole number of hex octets"),
                Arguments.of(joinReq("F0B6", "F0B-"), "PHYPayload '00000000D07ED5B3700807060"),
                Arguments.of(joinReq("\"PHYPayload\"", "\"phyPayload\""), "PHYPayload is missing"),
                Arguments.of(
                        devEui("\"0x010203040506070\""), "DevEUI '0x010203040506070' is not 16"),
                Arguments.of(devEui("\"01-02-03-04-05-06-07-08\""), "is not 16 hex digits"),
                Arguments.of(devEui("\"01020304050607\\n8\""), "DevEUI '01020304050607?8' is not"),
                Arguments.of(devEui("\"" + "0".repeat(999) + "\""), "…' is not 16 hex digits"),
                Arguments.of(devEui("{}"), "DevEUI is not a text but an object"),
                Arguments.of(devEui("null"), "DevEUI is missing"),
                Arguments.of(devEui("\"\""), "DevEUI is missing"),
                Arguments.of(
                        devEui("7,\"DevEUI\":\"0102030405060708\""), "DevEUI is there several"),
                Arguments.of(joinReq("\"01020304\"", "\"0102030\""), "DevAddr '0102030' is not 8"),
                Arguments.of(joinReq("\"DLSettings\":\"00\",", ""), "DLSettings is missing"),
                Arguments.of(joinReq("\"00\"", "\"100\""), "DLSettings '100' is not 2 hex digits"),
                Arguments.of(joinReq(",\"RxDelay\":5", ""), "RxDelay is missing"),
                Arguments.of(joinReq("\"RxDelay\":5", "\"RxDelay\":16"), "RxDelay 16 is not betw"),
                Arguments.of(joinReq("\"RxDelay\":5", "\"RxDelay\":-1"), "RxDelay -1 is not betw"),
                Arguments.of(
                        joinReq("\"RxDelay\":5", "\"RxDelay\":\"5\""), "RxDelay is not a whole"),
                Arguments.of(joinReq("{", "{\"CFList\":\"00\","), "CFList '00' is not 32 hex dig"),
                Arguments.of(joinReq("5}", "5,\"x\":" + arrays + "}"), "more than 16 levels"),
                Arguments.of(Samples.JOIN_REQ.replaceFirst("}$", ""), "not JSON at line 4, column"),
                Arguments.of(Samples.JOIN_REQ.replaceFirst("}$", ",}"), "not JSON at line 4"),
                Arguments.of(Samples.JOIN_REQ + "{}", "goes on after its JSON object"),
                Arguments.of(Samples.JOIN_REQ + "]", "not JSON at line 4"));
    }

    @ParameterizedTest
    @MethodSource("badBodies")
    void answersWithTheReasonWhateverComesFirst(String json, String reason) {
        MalformedBackendMessageException malformed =
                catchThrowableOfType(MalformedBackendMessageException.class, () -> parse(json));
        assertThat(malformed.reason()).contains(reason);
        assertThat(malformed.header().senderId()).isEqualTo("42FFFF");
        assertThat(malformed.type()).isEqualTo(MessageType.JOIN_REQ);
        assertThat(malformed.refusal())
                .contains(
                        new Refusal(
                                malformed.header().answer(),
                                MessageType.JOIN_ANS,
                                Result.of(ResultCode.MALFORMED_MESSAGE, malformed.reason())));
    }

    static Stream<Arguments> badAnswers() {
        return Stream.of(
                Arguments.of(
                        joinAns("\"Result\":{\"ResultCode\":\"Success\"},", ""), "Result is mi"),
                Arguments.of(
                        joinAns("{\"ResultCode\":\"Success\"}", "\"Success\""), "Result is not a"),
                Arguments.of(
                        joinAns("{\"ResultCode\":\"Success\"}", "{}"), "Result.ResultCode is m"),
                Arguments.of(joinAns("\"Success\"", "7"), "Result.ResultCode is not a text but"),
                Arguments.of(joinAns("PHYPayload", "x"), "PHYPayload is missing"),
                Arguments.of(joinAns("NwkSKey", "x"), "FNwkSIntKey is missing"),
                Arguments.of(joinAns("NwkSKey", "FNwkSIntKey"), "SNwkSIntKey is missing"),
                Arguments.of(
                        joinAns("\"Lifetime\":0", "\"Lifetime\":-1"), "Lifetime -1 is not bet"),
                Arguments.of(
                        joinAns("\"Lifetime\":0", "\"Lifetime\":1e3"), "Lifetime is not a who"),
                Arguments.of(joinAns("{\"AESKey\"", "{\"x\""), "AppSKey.AESKey is missing"),
                Arguments.of(joinAns("EEFF\"", "EE\""), "AppSKey: AESKey has 15 bytes"),
                Arguments.of(
                        joinAns("EEFF\"", "EE\u00B5\u00B5\""),
                        "AppSKey.AESKey is not a whole number"),
                Arguments.of(joinAns("\"KEKLabel\":\"ns:42ffff\",", ""), "NwkSKey: AESKey has 24"),
                Arguments.of(joinAns("\"ns:42ffff\"", "true"), "NwkSKey.KEKLabel is not a text"),
                Arguments.of(
                        joinAns("EEFF\"", "EEFF\",\"AESKey\":\"00\""), "AESKey is there several"),
                Arguments.of(joinAns("\"AESKey\":\"0011", "\"AESKey\":0011"), "not JSON at line"));
    }

    @ParameterizedTest
    @MethodSource("badAnswers")
    void saysWhatIsWrongWithAnAnswerButNeverTheKey(String json, String reason) {
        MalformedBackendMessageException malformed =
                catchThrowableOfType(MalformedBackendMessageException.class, () -> parse(json));
        assertThat(malformed.reason()).contains(reason);
        assertThat(malformed).hasNoCause();
        assertThat(malformed.reason()).doesNotContain("0011", "EE", "1FA6");
        assertThat(malformed.refusal()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"HNetID, HNetID is missing", "000013, HNetID '13' is not 6 hex digits"})
    void wantsTheHomeNetworkOnSuccess(String what, String reason) {
        String json = Samples.HOME_NS_ANS.replace(what, what.equals("000013") ? "13" : "x");
        assertThatExceptionOfType(MalformedBackendMessageException.class)
                .isThrownBy(() -> parse(json))
                .withMessageContaining(reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"DevEUI", "SessionKeyID"})
    void wantsBothObjectsOfAnAppSKeyReq(String object) {
        assertThatExceptionOfType(MalformedBackendMessageException.class)
                .isThrownBy(() -> parse(Samples.APP_S_KEY_REQ.replace(object, "x")))
                .withMessage(object + " is missing");
    }

    @Test
    void wantsDigitsAfter0x() {
        assertThatExceptionOfType(MalformedBackendMessageException.class)
                .isThrownBy(
                        () ->
                                parse(
                                        Samples.APP_S_KEY_REQ.replace(
                                                "016BFA7BAD4756346A674981E75CDBDC", "0x")))
                .withMessage("SessionKeyID is missing");
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.0", "1.1.0", "1.", "one"})
    void answersInVersion1_0WhoeverSpeaksAnother(String version) {
        String json = joinReq("\"1.1\"", "\"" + version + "\"").replace("DevEUI", "x");
        MalformedBackendMessageException malformed =
                catchThrowableOfType(MalformedBackendMessageException.class, () -> parse(json));
        assertThat(malformed.code()).isEqualTo(ResultCode.INVALID_PROTOCOL_VERSION);
        assertThat(malformed.refusal().map(Samples::written))
                .contains(
                        "{\"ProtocolVersion\":\"1.0\",\"MessageType\":\"JoinAns\","
                                + "\"TransactionID\":0,\"SenderID\":\"70B3D57ED0000000\","
                                + "\"ReceiverID\":\"42FFFF\",\"Result\":{\"ResultCode\":"
                                + "\"InvalidProtocolVersion\",\"Description\":\"ProtocolVersion '"
                                + version
                                + "' is not spoken here: send 1.0 or 1.1\"}}");
    }

    @Test
    void answersMalformedInTheWordsOfTheVersion() {
        String json = devEui("7");
        assertThat(refusal(json)).contains("\"ResultCode\":\"MalformedMessage\"");
        assertThat(refusal(json.replace("\"1.1\"", "\"1.0\"")))
                .contains("\"ResultCode\":\"MalformedRequest\"");
    }

    @Test
    void answersInAsciiWhateverTheReasonQuotes() {
        String json = devEui("\"\u00B5\uD83D\uDE00\\ud800\"");
        assertThat(refusal(json)).contains("DevEUI '\\u00B5\\uD83D\\uDE00?' is not 16");
    }

    @Test
    void refusesCheaply() {
        byte[] deep = ("{\"a\":" + "[".repeat(32000)).getBytes(UTF_8);
        byte[] long1 = ("{\"a\":" + "1".repeat(32000) + "}").getBytes(UTF_8);
        for (byte[] json : new byte[][] {deep, long1}) {
            assertThatExceptionOfType(UnreadableHeaderException.class)
                    .isThrownBy(() -> BackendCodec.parse(json))
                    .withMessageContaining("more than 16 levels, or a number of more than 64");
        }
    }

    private static String refusal(String json) {
        Optional<Refusal> refusal =
                catchThrowableOfType(MalformedBackendMessageException.class, () -> parse(json))
                        .refusal();
        return written(refusal.orElseThrow());
    }

    private static String joinReq(String part, String other) {
        assertThat(Samples.JOIN_REQ).contains(part);
        return Samples.JOIN_REQ.replace(part, other);
    }

    private static String devEui(String value) {
        return joinReq("\"0102030405060708\"", value);
    }

    private static String transaction(String value) {
        return joinReq("\"TransactionID\":0", "\"TransactionID\":" + value);
    }

    private static String joinAns(String part, String other) {
        assertThat(Samples.JOIN_ANS).contains(part);
        return Samples.JOIN_ANS.replace(part, other);
    }
}
