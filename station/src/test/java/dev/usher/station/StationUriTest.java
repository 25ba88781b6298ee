package dev.usher.station;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.usher.station.StationUri.Scheme;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StationUriTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://gateways.example.com:9191",
                "http://localhost:80",
                "https://10.0.0.1:443",
                "https://255.255.255.255:65535",
                "https://cups-1.xn--bcher-kva.example:443",
                "http://my_lns:1",
                "http://1a.2b:9191",
                "http://A.example:9191"
            })
    void readsCupsUris(String text) {
        assertThat(StationUri.cups(text)).hasToString(text);
    }

    @Test
    void knowsItsParts() {
        assertThat(StationUri.lns("wss://lns.example.com:8887"))
                .isEqualTo(new StationUri(Scheme.WSS, "lns.example.com", 8887))
                .matches(StationUri::isSecure);
        assertThat(StationUri.lns("ws://lns:1887").isSecure()).isFalse();
        assertThat(StationUri.cups("http://cups:00443")).hasToString("http://cups:443");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    https://h                    | has no port, and station knows no default; write 'https://h:443' if
                    http://h                     | write 'http://h:80' if the server listens there
                    https://h:                   | has a port that is not between 1 and 65535
                    https://h:0                  | has a port that is not between 1 and 65535
                    https://h:65536              | has a port that is not between 1 and 65535
                    https://h:https              | has a port that is not between 1 and 65535
                    https://h:+443               | has a port that is not between 1 and 65535
                    https://h:443/               | has a path, a query or a fragment, and station adds /update-info
                    https://h:443/update-info    | itself; write 'https://h:443'
                    https://h:443?a=b            | write 'https://h:443'
                    https://h:443#a              | write 'https://h:443'
                    https://h/x:443              | write 'https://h'
                    https://me:secret@h:443      | has a user name in it
                    https://[::1]:443            | has an IPv6 address, which station misreads; write a DNS name
                    https://::1:443              | has an IPv6 address
                    https://:443                 | has no host
                    https://h h:443              | has a space, a control or a non-ASCII character
                    " https://h:443"             | has a space, a control or a non-ASCII character
                    https://bücher.example:443   | has a space, a control or a non-ASCII character
                    https://-h:443               | neither a DNS name nor an IPv4 address
                    https://h-:443               | neither a DNS name nor an IPv4 address
                    https://a..b:443             | neither a DNS name nor an IPv4 address
                    https://h.:443               | neither a DNS name nor an IPv4 address
                    https://h*:443               | neither a DNS name nor an IPv4 address
                    https://1.2.3:443            | neither a DNS name nor an IPv4 address
                    https://256.2.3.4:443        | neither a DNS name nor an IPv4 address
                    https://01.2.3.4:443         | neither a DNS name nor an IPv4 address
                    https://h.1:443              | neither a DNS name nor an IPv4 address
                    wss://h:443                  | begins with another scheme; write https://HOST:PORT or http://
                    ftp://h:443                  | begins with another scheme
                    HTTPS://h:443                | has its scheme in upper case
                    Http://h:443                 | has its scheme in upper case
                    h:443                        | write https://HOST:PORT
                    https:h:443                  | write https://HOST:PORT
                    ""                           | write https://HOST:PORT
                    """)
    void saysWhyACupsUriIsRefused(String text, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StationUri.cups(text))
                .withMessageContaining(message)
                .withMessageStartingWith("'" + text + "' is not a CUPS URI for station: it ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    https://h:443              | begins with another scheme; write wss://HOST:PORT or ws://
                    wss://h:8887/router-info   | station adds /router-info itself; write 'wss://h:8887'
                    wss://h:8887/traffic/eui-1 | write 'wss://h:8887'
                    WSS://h:8887               | has its scheme in upper case
                    """)
    void saysWhyAnLnsUriIsRefused(String text, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StationUri.lns(text))
                .withMessageContaining(message)
                .withMessageStartingWith("'" + text + "' is not an LNS URI for station: it ");
    }

    @Test
    void refusesControlCharacters() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StationUri.cups("https://h:443\r\nX: y"))
                .withMessageContaining("a control")
                .withMessageContaining("'https://h:443??X: y'");
    }

    @Test
    void keepsToTheLengthStationKeeps() {
        String host = "a".repeat(62) + "." + "b".repeat(52);
        String longest = "https://" + host + ":443";
        assertThat(longest).hasSize(127);
        assertThat(StationUri.cups(longest)).hasToString(longest);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StationUri.cups("https://" + host + ":4430"))
                .withMessageContaining("has 128 characters and station keeps at most 127");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new StationUri(Scheme.HTTPS, host, 4430))
                .withMessageContaining("URI of 128 characters");
    }

    @ParameterizedTest
    @CsvSource({
        "h,     0,     port 0 is not between 1 and 65535",
        "h,     65536, port 65536 is not",
        "h/,    1,     host 'h/' is neither a DNS name",
        "'',    1,     host '' is neither a DNS name",
        "[::1], 1,     host '[::1]' is neither a DNS name",
    })
    void refusesBadParts(String host, int port, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new StationUri(Scheme.WSS, host, port))
                .withMessageContaining(message);
    }

    @Property
    void neverFailsButAsDeclared(@ForAll String text) {
        try {
            assertThat(StationUri.lns(text)).hasToString(text);
        } catch (IllegalArgumentException declared) {
            assertThat(declared).hasMessageContaining("is not an LNS URI");
        }
    }
}
