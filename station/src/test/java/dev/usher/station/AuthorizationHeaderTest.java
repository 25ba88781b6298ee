package dev.usher.station;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthorizationHeaderTest {

    @Test
    void takesOneLine() {
        AuthorizationHeader header = AuthorizationHeader.of("Authorization: Bearer abc.def\r\n");
        assertThat(header.name()).isEqualTo("Authorization");
        assertThat(header.value()).isEqualTo("Bearer abc.def");
        assertThat(header.completed()).isFalse();
        assertThat(header.bytes()).asString().isEqualTo("Authorization: Bearer abc.def\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Authorization: SomeSecretGatewayToken!", "X-Api-Key: a: b\n"})
    void addsAMissingLineEndAndSaysSo(String line) {
        AuthorizationHeader header = AuthorizationHeader.of(line);
        assertThat(header.completed()).isTrue();
        assertThat(header.bytes()).asString().isEqualTo(line.strip() + "\r\n");
        assertThat(header).isEqualTo(AuthorizationHeader.of(line.strip() + "\r\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"authorization: x", "X-a: x", "x-api_key: x", "Authorization:  x"})
    void takesOtherSpellings(String line) {
        assertThat(AuthorizationHeader.of(line).value().strip()).isEqualTo("x");
    }

    static Stream<Arguments> badLines() {
        return Stream.of(
                Arguments.of("", "is empty"),
                Arguments.of("\r\n", "is empty"),
                Arguments.of("Authorization: a\r\nX-B: b\r\n", "more than one line"),
                Arguments.of("Authorization: a\nX-B: b", "more than one line"),
                Arguments.of("Authorization: a\r\n\r\n", "more than one line"),
                Arguments.of("Authorization: a\n\n", "more than one line"),
                Arguments.of("Authorization: a\rb", "more than one line"),
                Arguments.of("Authorization: a\r", "more than one line"),
                Arguments.of("Authorization: a\0b", "a control character"),
                Arguments.of("Authorization: a\tb", "a control character"),
                Arguments.of("Authorization: \u007f", "a control character"),
                Arguments.of("Authorization: \u00e9", "not ASCII"),
                Arguments.of("Authorization: \u20ac", "not ASCII"),
                Arguments.of("Authorization:abc", "no colon and space after its name"),
                Arguments.of("Bearer abc", "no colon and space after its name"),
                Arguments.of(" Authorization: a", "has a name of other characters"),
                Arguments.of(": a", "has a name of other characters"),
                Arguments.of("Authorization : a", "has a name of other characters"),
                Arguments.of("Auth.Token: a", "has a name of other characters"),
                Arguments.of("Host: a", "use Authorization, or one that begins with X-"),
                Arguments.of("Content-Length: 0", "use Authorization, or one that begins with X-"),
                Arguments.of("Transfer-Encoding: chunked", "use Authorization, or one"),
                Arguments.of("X-: a", "use Authorization, or one"),
                Arguments.of("Authorization-X: a", "use Authorization, or one"),
                Arguments.of("Authorization: ", "has no value"),
                Arguments.of("Authorization:   \r\n", "has no value"),
                Arguments.of(
                        "Authorization: " + "a".repeat(6128), "has 6145 bytes, and only 6144"));
    }

    @ParameterizedTest
    @MethodSource("badLines")
    void refuses(String line, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AuthorizationHeader.of(line))
                .withMessageStartingWith("the header line ")
                .withMessageContaining(message);
    }

    @Test
    void takesTheLongestLine() {
        assertThat(AuthorizationHeader.of("Authorization: " + "a".repeat(6127)).bytes())
                .hasSize(AuthorizationHeader.LONGEST);
    }

    @Test
    void keepsItsValueToItself() {
        assertThat(AuthorizationHeader.of("Authorization: secret"))
                .hasToString("AuthorizationHeader[Authorization, 23 bytes]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AuthorizationHeader.of("se-cret: se-cret"))
                .withMessageNotContaining("cret");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AuthorizationHeader.of("Authorization: se\u00e9cret"))
                .withMessageNotContaining("cret");
    }

    @Property
    void isAlwaysOneCleanLine(@ForAll byte[] bytes) {
        assertThatIsCleanOrRefused(bytes);
    }

    @Property
    void isAlwaysOneCleanLineAfterAGoodName(@ForAll String value) {
        assertThatIsCleanOrRefused(("Authorization: " + value).getBytes(ISO_8859_1));
    }

    private static void assertThatIsCleanOrRefused(byte[] bytes) {
        try {
            assertThat(AuthorizationHeader.of(bytes).bytes())
                    .asString(ISO_8859_1)
                    .matches("[A-Za-z0-9_-]+: [ -~]+\r\n");
        } catch (IllegalArgumentException declared) {
            assertThat(declared).hasMessageStartingWith("the header line ");
        }
    }
}
