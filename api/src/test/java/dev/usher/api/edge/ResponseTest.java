package dev.usher.api.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResponseTest {

    @Test
    void addsHeadersInTheirOrder() {
        Response.Full response =
                Response.of(200, "text/plain", "a").withHeader("X-A", "1").withHeader("X-A", "2");

        assertThat(response.headers())
                .containsExactly(
                        new Response.Header("Content-Type", "text/plain"),
                        new Response.Header("X-A", "1"),
                        new Response.Header("X-A", "2"));
        assertThat(response.body()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "'', x",
        "'a b', x",
        "'a:', x",
        "Content-Length, 5",
        "transfer-encoding, chunked",
        "Connection, close",
    })
    void refusesAHeaderNameThatWouldBreakTheMessage(String name, String value) {
        assertThatThrownBy(() -> Response.of(200).withHeader(name, value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'" + name + "' cannot be set as a header");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nSet-Cookie: x", "a\nb", "a\rb", "\0", "\u20AC"})
    void refusesAHeaderValueThatWouldBreakTheMessage(String value) {
        assertThatThrownBy(() -> Response.of(200).withHeader("Location", value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("The value of Location holds a character no header may have");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 100, 199, 600, -200})
    void refusesAStatusThatIsNone(int status) {
        assertThatThrownBy(() -> Response.of(status))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("status is " + status + ", must be 200 to 599");
    }

    @Test
    void refusesANegativeLength() {
        assertThatThrownBy(() -> Response.stream(200, "text/plain", -1, out -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("length is -1, must be 0 or more");
    }
}
