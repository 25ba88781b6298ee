package dev.usher.api.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/                      | []",
                "/a                     | [a]",
                "/a/                    | [a, ]",
                "/api/v1/x%2Fy          | [api, v1, x/y]",
                "/gateways/%3A%3A1      | [gateways, ::1]",
                "/gateways/::1?a=/b     | [gateways, ::1]",
                "/a+b%20c               | [a+b c]",
                "/%C3%A9                | [é]",
                "http://host:1/a/b      | [a, b]",
                "https://host           | []"
            })
    void takesThePathApart(String target, String segments) {
        assertThat(Request.of("GET", target).segments()).hasToString(segments);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "*", "/%", "/%zz", "/%0", "/a?b=%x", "/%00", "/a?b=%00"})
    void refusesATargetItCannotDecode(String target) {
        assertThatThrownBy(() -> Request.of("GET", target))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void decodesTheQuery() {
        Request request = Request.of("GET", "/a?q=1&q=%26+x&&flag&=v");

        assertThat(request.query())
                .containsEntry("q", List.of("1", "& x"))
                .containsEntry("flag", List.of(""))
                .containsEntry("", List.of("v"))
                .hasSize(3);
        assertThat(request.query("q")).contains("1");
        assertThat(request.query("other")).isEmpty();
    }

    @Test
    void findsHeadersInAnyCase() {
        Request request = Request.of("GET", "/").withHeader("X-Key", "1").withHeader("x-key", "2");

        assertThat(request.header("X-KEY")).contains("1");
        assertThat(request.headers().get("x-Key")).containsExactly("1", "2");
        assertThat(request.header("other")).isEmpty();
    }

    @Test
    void isWhatItWasMadeOf() {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 5);
        TestAuthority authority = new TestAuthority("Test Root");
        Request request =
                Request.of("POST", "/update-info?x")
                        .withBody("{}")
                        .withRemoteAddress(address)
                        .withClientChain(List.of(authority.certificate()));

        assertThat(request.method()).isEqualTo("POST");
        assertThat(request.path()).isEqualTo("/update-info");
        assertThat(request.body()).isEqualTo("{}".getBytes(StandardCharsets.UTF_8));
        assertThat(request.remoteAddress()).isEqualTo(address);
        assertThat(request.clientChain()).containsExactly(authority.certificate());
    }

    @Test
    void keepsSecretsOutOfItsText() {
        Request request =
                Request.of("GET", "/a?token=secret")
                        .withHeader("Authorization", "Bearer secret")
                        .withBody("secret");

        assertThat(request.toString()).startsWith("GET /a (").doesNotContain("secret");
        assertThat(request.id()).matches("[0-9a-f]{16}");
    }
}
