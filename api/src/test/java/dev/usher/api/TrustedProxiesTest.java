package dev.usher.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.usher.api.edge.Request;
import dev.usher.keys.CertificateAuthority;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Whose word counts for a client's certificate, and how it is written. */
class TrustedProxiesTest {

    private static final CertificateAuthority AUTHORITY =
            CertificateAuthority.create("Test Clients", InstantSource.system());
    private static final X509Certificate CLIENT =
            AUTHORITY.issueServer(List.of("ns.example.com"), Duration.ofHours(1)).certificate();
    private static final X509Certificate OTHER =
            AUTHORITY.issueServer(List.of("proxy.example.com"), Duration.ofHours(1)).certificate();

    private static final TrustedProxies PROXIES =
            new TrustedProxies(
                    TrustedProxies.parseSubnets("10.0.0.0/8, 2001:db8::/32, 192.0.2.7"),
                    TrustedProxies.DEFAULT_HEADER);

    @ParameterizedTest
    @CsvSource({
        "10.0.0.1, true",
        "10.255.255.255, true",
        "11.0.0.0, false",
        "192.0.2.7, true",
        "192.0.2.8, false",
        "2001:db8:1::1, true",
        "2001:db9::1, false",
        "::ffff:10.0.0.1, true",
        "::10.0.0.1, false",
        "127.0.0.1, false"
    })
    void countsFromTheAddressesNamedOnly(String address, boolean counts) {
        Request request = from(address, pem(CLIENT));

        assertThat(PROXIES.clientChain(request))
                .isEqualTo(counts ? List.of(CLIENT) : List.<X509Certificate>of());
    }

    /** Who is connected, what the header says, and where the client is. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            textBlock =
                    """
                    192.0.2.9 | -                                  | 192.0.2.9
                    192.0.2.9 | 198.51.100.1                       | 192.0.2.9
                    10.0.0.1  | 198.51.100.1                       | 198.51.100.1
                    10.0.0.1  | 203.0.113.9, 198.51.100.1          | 198.51.100.1
                    10.0.0.1  | 203.0.113.9, 198.51.100.1,10.0.0.2 | 198.51.100.1
                    10.0.0.1  | nonsense, 198.51.100.1             | 198.51.100.1
                    10.0.0.1  | 2001:db9::7                        | 2001:db9:0:0:0:0:0:7
                    10.0.0.1  | ::ffff:198.51.100.1                | 198.51.100.1
                    10.0.0.1  | 10.0.0.2                           | -
                    10.0.0.1  | -                                  | -
                    10.0.0.1  | ''                                 | -
                    10.0.0.1  | localhost                          | -
                    10.0.0.1  | 198.51.100.1, unknown              | -
                    """)
    void sayWhereAClientIs(String connected, @Nullable String forwarded, @Nullable String client) {
        Request request = Request.of("GET", "/").withRemoteAddress(address(connected));
        Request told =
                forwarded == null ? request : request.withHeader("X-Forwarded-For", forwarded);

        assertThat(PROXIES.clientAddress(told).map(InetAddress::getHostAddress))
                .isEqualTo(Optional.ofNullable(client));
    }

    @Test
    void sayItInSeveralHeadersToo() {
        Request request =
                Request.of("GET", "/")
                        .withRemoteAddress(address("10.0.0.1"))
                        .withHeader("X-Forwarded-For", "203.0.113.9, 198.51.100.1")
                        .withHeader("X-Forwarded-For", "10.0.0.2");
        assertThat(PROXIES.clientAddress(request).map(InetAddress::getHostAddress))
                .hasValue("198.51.100.1");
    }

    @Test
    void aProxysOwnCertificateStandsForNoClient() {
        Request unforwarded =
                Request.of("POST", "/")
                        .withRemoteAddress(address("10.0.0.1"))
                        .withClientChain(List.of(OTHER));
        assertThat(PROXIES.clientChain(unforwarded)).isEmpty();

        Request direct = unforwarded.withRemoteAddress(address("127.0.0.1"));
        assertThat(PROXIES.clientChain(direct)).containsExactly(OTHER);
        assertThat(TrustedProxies.NONE.clientChain(unforwarded)).containsExactly(OTHER);
    }

    static Stream<Arguments> forms() {
        String base64 = Base64.getEncoder().encodeToString(encoded(CLIENT));
        String other = Base64.getEncoder().encodeToString(encoded(OTHER));
        List<X509Certificate> one = List.of(CLIENT);
        List<X509Certificate> two = List.of(CLIENT, OTHER);
        return Stream.of(
                Arguments.of("base64", base64, one),
                Arguments.of("base64, a chain", base64 + "," + other, two),
                Arguments.of("base64, encoded", URLEncoder.encode(base64, UTF_8), one),
                Arguments.of(
                        "base64, a chain, encoded",
                        URLEncoder.encode(base64 + "," + other, UTF_8),
                        two),
                Arguments.of(
                        "PEM, encoded, blanks as plus", URLEncoder.encode(pem(CLIENT), UTF_8), one),
                Arguments.of(
                        "PEM, encoded, blanks as %20",
                        URLEncoder.encode(pem(CLIENT), UTF_8).replace("+", "%20"), one),
                Arguments.of(
                        "PEM, encoded but for plus, slash and equals",
                        URLEncoder.encode(pem(CLIENT), UTF_8)
                                .replace("+", "%20")
                                .replace("%2B", "+")
                                .replace("%2F", "/")
                                .replace("%3D", "="),
                        one),
                Arguments.of("PEM, a chain", pem(CLIENT) + pem(OTHER), two),
                Arguments.of("PEM with tabs for line ends", pem(CLIENT).replace('\n', '\t'), one),
                Arguments.of("empty", "", List.of()),
                Arguments.of("not base64", "%%%", List.of()),
                Arguments.of("no certificate", "AAAA", List.of()),
                Arguments.of("the first is no certificate", "AAAA," + base64, List.of()),
                Arguments.of("cut off", base64.substring(0, 100), List.of()),
                Arguments.of(
                        "eleven",
                        String.join(",", java.util.Collections.nCopies(11, base64)),
                        List.of()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("forms")
    void readsWhatProxiesWrite(String name, String value, List<X509Certificate> chain) {
        assertThat(PROXIES.clientChain(from("10.0.0.1", value))).isEqualTo(chain);
    }

    @Test
    void believesNobodyWhereAClientMayHaveAddedAHeader() {
        Request request =
                from("10.0.0.1", pem(OTHER)).withHeader(TrustedProxies.DEFAULT_HEADER, pem(CLIENT));

        assertThat(PROXIES.clientChain(request)).isEmpty();
    }

    @Test
    void looksAtOneHeaderOnly() {
        TrustedProxies nginx =
                new TrustedProxies(TrustedProxies.parseSubnets("10.0.0.1"), "X-SSL-Client-Cert");

        assertThat(nginx.clientChain(from("10.0.0.1", pem(CLIENT)))).isEmpty();
        Request request =
                Request.of("POST", "/")
                        .withRemoteAddress(address("10.0.0.1"))
                        .withHeader("x-ssl-client-cert", URLEncoder.encode(pem(CLIENT), UTF_8));
        assertThat(nginx.clientChain(request)).containsExactly(CLIENT);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    10.0.0.1/8        | 10.0.0.1/8 has bits set after its prefix
                    10.0.0.0/33       | prefix length 33 is not 0 to 32
                    2001:db8::/129    | prefix length 129 is not 0 to 128
                    10.0.0/24         | '10.0.0/24' is not a network
                    300.0.0.1         | '300.0.0.1' is not a network
                    proxy.example.com | 'proxy.example.com' is not a network
                    fe80::1%eth0      | 'fe80::1%eth0' is not a network
                    10.0.0.0/         | '10.0.0.0/' is not a network
                    10.0.0.1,,::1     | '' is not a network
                    """)
    void saysWhichNetworkItCannotRead(String text, String message) {
        assertThatThrownBy(() -> TrustedProxies.parseSubnets(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    private static Request from(String address, String header) {
        return Request.of("POST", "/")
                .withRemoteAddress(address(address))
                .withHeader(TrustedProxies.DEFAULT_HEADER, header);
    }

    private static InetSocketAddress address(String literal) {
        return new InetSocketAddress(InetAddress.ofLiteral(literal), 1);
    }

    private static String pem(X509Certificate certificate) {
        return Answers.pem(certificate);
    }

    private static byte[] encoded(X509Certificate certificate) {
        return dev.usher.accounts.Certificates.encoded(certificate);
    }
}
