package dev.usher.station;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.usher.lorawan.Eui64;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class UpdateInfoRequestTest {

    /** What LoRa Basics Station 2.0.6 sent, with Content-Length 219 and the sig-0.key used here. */
    private static final String FROM_STATION =
            "{\"router\":\"::1\",\"cupsUri\":\"http://localhost:17001\",\"tcUri\":null,"
                    + "\"cupsCredCrc\":2077607535,\"tcCredCrc\":2077607535,"
                    + "\"station\":\"2.0.6(linux/testsim) 2026-11-21 09:50:31\","
                    + "\"model\":\"linux\",\"package\":\"1.0.0\",\"keys\":[3040552719]}";

    private static UpdateInfoRequest parse(String json) {
        return UpdateInfoRequest.parse(json.getBytes(UTF_8));
    }

    @Test
    void readsWhatStationSends() {
        assertThat(FROM_STATION).hasSize(219);
        assertThat(parse(FROM_STATION))
                .isEqualTo(
                        new UpdateInfoRequest(
                                Eui64.parse("0000000000000001"),
                                Optional.of("http://localhost:17001"),
                                Optional.empty(),
                                Credentials.NONE_CRC,
                                Credentials.NONE_CRC,
                                Optional.of("2.0.6(linux/testsim) 2026-11-21 09:50:31"),
                                Optional.of("linux"),
                                Optional.of("1.0.0"),
                                List.of(new SignatureKey(Bytes.ofFile("sig-0.key")).crc())));
    }

    @Test
    void writesByteForByteWhatStationSends() {
        assertThat(parse(FROM_STATION).toJson()).asString(UTF_8).isEqualTo(FROM_STATION);
    }

    @Test
    void needsNothingButTheRouter() {
        assertThat(parse("{\"router\":\"58A0CBFFFE800BE7\"}"))
                .isEqualTo(
                        new UpdateInfoRequest(
                                Eui64.parse("58A0CBFFFE800BE7"),
                                Optional.empty(),
                                Optional.empty(),
                                Credentials.NONE_CRC,
                                Credentials.NONE_CRC,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                List.of()));
    }

    @Test
    void takesNullForEverythingElse() {
        assertThat(
                        parse(
                                """
                                {"keys":null,"package":null,"model":null,"station":null,
                                 "tcCredCrc":null,"cupsCredCrc":null,"tcUri":null,"cupsUri":null,
                                 "router":"::1"}\
                                """))
                .isEqualTo(parse("{\"router\":\"::1\"}"));
    }

    @ParameterizedTest
    @CsvSource({
        "'\"::1\"',                       0000000000000001",
        "'\"0:ff:fe00:abc\"',             000000FFFE000ABC",
        "'\"router-b827:ebff:fe12:3456\"', B827EBFFFE123456",
        "'\"58-A0-CB-FF-FE-80-0B-E7\"',   58A0CBFFFE800BE7",
        "'\"58:a0:cb:80:0b:e7\"',         58A0CBFFFE800BE7",
        "'\"\\u003A:1\"',                 0000000000000001",
        "1,                               0000000000000001",
        "18446744073709551615,            FFFFFFFFFFFFFFFF",
        "-1,                              FFFFFFFFFFFFFFFF",
    })
    void readsEveryFormOfTheRouter(String router, String eui) {
        assertThat(parse("{\"router\":" + router + "}").router()).hasToString(eui);
    }

    @ParameterizedTest
    @CsvSource({
        "0,           00000000",
        "2077607535,  7BD5C66F",
        "4294967295,  FFFFFFFF",
        "-1,          FFFFFFFF",
        "-2147483648, 80000000",
        "2147483648,  80000000",
    })
    void readsSignedAndUnsignedCrcs(String crc, String hex) {
        UpdateInfoRequest request =
                parse("{\"router\":1,\"cupsCredCrc\":" + crc + ",\"keys\":[" + crc + "]}");
        assertThat(request.cupsCredCrc()).isEqualTo(Integer.parseUnsignedInt(hex, 16));
        assertThat(request.keyCrcs()).containsExactly(Integer.parseUnsignedInt(hex, 16));
    }

    @Test
    void ignoresWhatItDoesNotKnow() {
        assertThat(
                        parse(
                                """
                                 {"os":"linux","x":{"y":[{"router":"::2"},1e999,true]},"x":null,
                                 "router" : "::1" , "z":[[[[]]]]} \
                                """))
                .isEqualTo(parse("{\"router\":\"::1\"}"));
    }

    @Test
    void servesAGatewayWithOddTexts() {
        String odd = "v".repeat(1000);
        UpdateInfoRequest request =
                parse(
                        """
                        {"router":1,"station":"%s","model":"","package":"1.\\u0000\\ud800.\\ud83d\\ude00"}\
                        """
                                .formatted(odd));
        assertThat(request.station()).contains("v".repeat(255));
        assertThat(request.model()).contains("");
        assertThat(request.packageVersion()).contains("1.\uFFFD\uFFFD.\uD83D\uDE00");
    }

    @Test
    void keepsAtMost255Keys() {
        String keys = String.join(",", Collections.nCopies(3000, "7"));
        assertThat(parse("{\"router\":1,\"keys\":[" + keys + "]}").keyCrcs()).hasSize(255);
    }

    static Stream<Arguments> badRequests() {
        String deep = "[".repeat(40) + "]".repeat(40);
        return Stream.of(
                Arguments.of("", "not a JSON object"),
                Arguments.of("null", "not a JSON object"),
                Arguments.of("[]", "not a JSON object"),
                Arguments.of("router=::1", "not JSON"),
                Arguments.of("{}", "names no router"),
                Arguments.of("{\"router\":null}", "names no router"),
                Arguments.of("{\"router\":\"\"}", "is not an EUI"),
                Arguments.of("{\"router\":\"gateway-7\"}", "field 'router': 'gateway-7' is not"),
                Arguments.of("{\"router\":[1]}", "field 'router' is not an EUI but an array"),
                Arguments.of("{\"router\":1.0}", "but a number with a fraction"),
                Arguments.of("{\"router\":18446744073709551616}", "not a number of 64 bits"),
                Arguments.of("{\"router\":-9223372036854775809}", "not a number of 64 bits"),
                Arguments.of("{\"router\":1,\"router\":2}", "field 'router' comes twice"),
                Arguments.of("{\"router\":1,\"keys\":[],\"keys\":[]}", "'keys' comes twice"),
                Arguments.of("{\"router\":1,\"cupsCredCrc\":\"7\"}", "whole number but a text"),
                Arguments.of("{\"router\":1,\"tcCredCrc\":7e3}", "but a number with a fraction"),
                Arguments.of("{\"router\":1,\"tcCredCrc\":4294967296}", "not a number of 32 bits"),
                Arguments.of("{\"router\":1,\"tcCredCrc\":-2147483649}", "number of 32 bits"),
                Arguments.of(
                        "{\"router\":1,\"tcCredCrc\":" + "9".repeat(900) + "}",
                        "9… is not a number"),
                Arguments.of("{\"router\":" + "9".repeat(2000) + "}", "not JSON"),
                Arguments.of("{\"router\":1,\"cupsUri\":7}", "'cupsUri' is not a text but a num"),
                Arguments.of("{\"router\":1,\"model\":{}}", "'model' is not a text but an object"),
                Arguments.of("{\"router\":1,\"package\":true}", "is not a text but true or false"),
                Arguments.of("{\"router\":1,\"keys\":7}", "array of whole numbers but a number"),
                Arguments.of("{\"router\":1,\"keys\":[null]}", "array of whole numbers but null"),
                Arguments.of("{\"router\":1,\"keys\":[\"7\"]}", "whole numbers but a text"),
                Arguments.of("{\"router\":1,\"keys\":[[7]]}", "whole numbers but an array"),
                Arguments.of("{\"router\":1,\"x\":" + deep + "}", "nesting depth"),
                Arguments.of("{\"router\":1}{", "goes on after"),
                Arguments.of("{\"router\":1}]", "not JSON"),
                Arguments.of("{\"router\":1} 1", "goes on after"),
                Arguments.of("{\"router\":1", "not JSON"),
                Arguments.of("{\"router\":1,}", "not JSON"),
                Arguments.of("{\"router\":1,\"a\":\"\n\"}", "not JSON"),
                Arguments.of("{\"router\":1,\"a\":NaN}", "not JSON"),
                Arguments.of("{/* */\"router\":1}", "not JSON"),
                Arguments.of("{\"router\":1}" + " ".repeat(65536), "at most 65536 are read"));
    }

    @ParameterizedTest
    @MethodSource("badRequests")
    void refuses(String json, String message) {
        assertThatExceptionOfType(MalformedMessageException.class)
                .isThrownBy(() -> parse(json))
                .withMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource({"80", "ED A0 80", "C0 AF", "F5 80 80 80", "E2 82"})
    void refusesWhatIsNotUtf8(String hex) {
        byte[] bytes = Bytes.ofHex(hex);
        String json = "{\"router\":1,\"model\":\"" + new String(bytes, ISO_8859_1) + "\"}";
        assertThatExceptionOfType(MalformedMessageException.class)
                .isThrownBy(() -> UpdateInfoRequest.parse(json.getBytes(ISO_8859_1)))
                .withMessageContaining("not UTF-8");
    }

    @Test
    void refusesOtherEncodings() {
        assertThatExceptionOfType(MalformedMessageException.class)
                .isThrownBy(() -> UpdateInfoRequest.parse("{\"router\":1}".getBytes(UTF_16LE)));
    }

    @Property
    void readsBackWhatItWrites(@ForAll("requests") UpdateInfoRequest request) {
        assertThat(UpdateInfoRequest.parse(request.toJson())).isEqualTo(request);
    }

    @Property
    void neverFailsButAsDeclared(@ForAll byte[] bytes) {
        assertThatFailsOnlyAsDeclared(bytes);
    }

    @Property
    void neverFailsButAsDeclaredOnDamagedRequests(
            @ForAll("requests") UpdateInfoRequest request,
            @ForAll int position,
            @ForAll byte damage) {
        byte[] json = request.toJson();
        json[Math.floorMod(position, json.length)] = damage;
        assertThatFailsOnlyAsDeclared(json);
    }

    private static void assertThatFailsOnlyAsDeclared(byte[] bytes) {
        try {
            assertThat(UpdateInfoRequest.parse(bytes).keyCrcs()).hasSizeLessThan(256);
        } catch (MalformedMessageException declared) {
            assertThat(declared).hasMessageMatching("(update-info request|field) .+");
        }
    }

    @Provide
    Arbitrary<UpdateInfoRequest> requests() {
        Arbitrary<Optional<String>> texts =
                Arbitraries.strings()
                        .filter(text -> text.chars().noneMatch(c -> c == 0 || isSurrogate(c)))
                        .optional();
        return Combinators.combine(
                        Arbitraries.longs().map(Eui64::new),
                        texts,
                        texts,
                        Arbitraries.integers(),
                        Arbitraries.integers(),
                        texts,
                        texts,
                        Combinators.combine(texts, Arbitraries.integers().list().ofMaxSize(4))
                                .as(Tail::new))
                .as(
                        (router, cupsUri, tcUri, cupsCrc, tcCrc, station, model, tail) ->
                                new UpdateInfoRequest(
                                        router,
                                        cupsUri,
                                        tcUri,
                                        cupsCrc,
                                        tcCrc,
                                        station,
                                        model,
                                        tail.packageVersion,
                                        tail.keyCrcs));
    }

    private record Tail(Optional<String> packageVersion, List<Integer> keyCrcs) {}

    private static boolean isSurrogate(int c) {
        return Character.isSurrogate((char) c);
    }
}
