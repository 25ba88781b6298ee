package dev.usher.api.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.usher.api.edge.TestAuthority.Identity;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.handler.ssl.OpenSsl;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Handshakes, with BoringSSL and with the JDK's TLS that stands in for it. */
@ParameterizedClass
@EnumSource(TlsEngine.class)
class TlsTest {

    private static final String GET = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

    @Parameter TlsEngine engine = TlsEngine.BORINGSSL;

    private final TestAuthority authority = new TestAuthority("Test Root");
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    private @Nullable Edge edge;

    @AfterEach
    void closeTheEdge() {
        if (edge != null) {
            edge.close();
        }
    }

    @Test
    void boringSslIsThereOnThisPlatform() {
        assumeThat(System.getProperty("os.name") + " " + System.getProperty("os.arch"))
                .isEqualTo("Linux amd64");
        assertThat(OpenSsl.isAvailable()).isTrue();
        assertThat(TlsEngine.best()).isEqualTo(TlsEngine.BORINGSSL);
    }

    @Test
    void speaksTls12And13() throws Exception {
        Listener listener = listen(TlsOptions.of(authority.server("localhost").forServer()));

        for (String protocol : List.of("TLSv1.2", "TLSv1.3")) {
            try (RawClient client = RawClient.tls(listener, authority.clientContext(), protocol)) {
                assertThat(client.session().getProtocol()).isEqualTo(protocol);
                assertThat(client.send(GET).readAnswer()).endsWith("anonymous");
            }
        }
    }

    @Test
    void speaksWithAnRsaKeyToo() throws Exception {
        Listener listener =
                listen(TlsOptions.of(authority.serverWithRsaKey("localhost").forServer()));

        try (RawClient client = RawClient.tls(listener, authority.clientContext(), "TLSv1.2")) {
            assertThat(client.session().getCipherSuite())
                    .isEqualTo("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
        }
    }

    @Test
    void refusesTls10And11() throws Exception {
        Listener listener = listen(TlsOptions.of(authority.server("localhost").forServer()));

        for (String version : List.of("-tls1", "-tls1_1")) {
            // At security level 0 openssl itself still speaks them.
            assertThat(openssl(listener, version, "-cipher", "ALL:@SECLEVEL=0"))
                    .contains("Cipher is (NONE)");
        }
        assertThat(openssl(listener, "-tls1_2", "-cipher", "ALL:@SECLEVEL=0"))
                .contains("Cipher is ECDHE-ECDSA-");
    }

    @Test
    void agreesOnP256WithAClientThatOffersP521First() throws Exception {
        Listener listener = listen(TlsOptions.of(authority.server("localhost").forServer()));

        for (String version : List.of("-tls1_2", "-tls1_3")) {
            assertThat(openssl(listener, version, "-groups", "P-521:P-384:P-256"))
                    .contains("Server Temp Key: ECDH, prime256v1, 256 bits");
        }
        assertThat(openssl(listener, "-tls1_2", "-groups", "P-521:P-384"))
                .contains("Cipher is (NONE)");
    }

    @Test
    void showsTheHandlerATrustedClient() throws Exception {
        Listener listener = listenForClients(authority.asTrust());

        for (String protocol : List.of("TLSv1.2", "TLSv1.3")) {
            assertThat(ask(listener, authority.client("gateway-1"), protocol))
                    .endsWith("CN=gateway-1");
        }
    }

    @Test
    void servesAClientWithoutACertificate() throws Exception {
        Listener listener = listenForClients(authority.asTrust());

        try (RawClient client = RawClient.tls(listener, authority.clientContext())) {
            assertThat(client.send(GET).readAnswer()).endsWith("anonymous");
        }
    }

    @Test
    void failsTheHandshakeOfAnUntrustedClient() throws Exception {
        Listener listener = listenForClients(authority.asTrust());
        Identity stranger = new TestAuthority("Another Root").client("gateway-1");

        assertThatThrownBy(() -> ask(listener, stranger, "TLSv1.2"))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> ask(listener, stranger, "TLSv1.3"))
                .isInstanceOf(IOException.class);
        Awaitility.await().until(() -> failedHandshakes() == 2);
    }

    @Test
    void failsTheHandshakeOfAnExpiredClient() throws Exception {
        Listener listener = listenForClients(authority.asTrust());

        assertThatThrownBy(() -> ask(listener, authority.expiredClient("gateway-1"), "TLSv1.2"))
                .isInstanceOf(IOException.class);
        Awaitility.await().until(() -> failedHandshakes() == 1);
    }

    @Test
    void asksTheTrustOnceForEachClientUntilItsRevisionChanges() throws Exception {
        Counting trust = new Counting(authority.asTrust());
        Listener listener = listenForClients(trust);
        Identity gateway = authority.client("gateway-1");

        ask(listener, gateway, "TLSv1.2");
        ask(listener, gateway, "TLSv1.3");
        assertThat(trust.asked).hasValue(1);
        trust.revision.incrementAndGet();
        ask(listener, gateway, "TLSv1.2");
        assertThat(trust.asked).hasValue(2);
    }

    @Test
    void letsNoClientPassByTheTrustByResumingItsSession() throws Exception {
        Counting trust = new Counting(authority.asTrust());
        Listener listener = listenForClients(trust);

        for (String protocol : List.of("TLSv1.2", "TLSv1.3")) {
            SSLContext client = authority.clientContext(authority.client("gateway-1"));
            trust.asked.set(0);
            for (int connections = 1; connections <= 3; connections++) {
                trust.revision.incrementAndGet();
                try (RawClient again = RawClient.tls(listener, client, protocol)) {
                    again.send(GET).readAnswer();
                }
                assertThat(trust.asked).hasValue(connections);
            }
        }
    }

    @Test
    void showsAnotherCertificateAfterAReload() throws Exception {
        Identity first = authority.server("localhost");
        Identity second = authority.server("localhost");
        Listener listener = listen(TlsOptions.of(first.forServer()));

        try (RawClient before = RawClient.tls(listener, authority.clientContext())) {
            assertThat(before.session().getPeerCertificates()).contains(first.certificate());
            listener.reload(second.forServer());

            try (RawClient after = RawClient.tls(listener, authority.clientContext())) {
                assertThat(after.session().getPeerCertificates()).contains(second.certificate());
            }
            assertThat(before.send(GET).readAnswer()).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void countsAHandshakeThatNeverStarts() throws Exception {
        Listener listener = listen(TlsOptions.of(authority.server("localhost").forServer()));

        RawClient.plain(listener).close();

        Awaitility.await().until(() -> failedHandshakes() == 1);
        Awaitility.await().until(() -> listener.connections() == 0);
    }

    @Test
    void cannotReloadWithoutTls() throws Exception {
        Listener listener =
                open().listen(ListenerOptions.of("web", "127.0.0.1", 0), r -> Response.of(200));

        assertThatThrownBy(() -> listener.reload(authority.server("localhost").forServer()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("web has no TLS");
    }

    private static final class Counting implements ClientTrust {

        private final AtomicInteger asked = new AtomicInteger();
        private final AtomicLong revision = new AtomicLong();
        private final ClientTrust trust;

        Counting(ClientTrust trust) {
            this.trust = trust;
        }

        @Override
        public Instant check(List<X509Certificate> chain) throws CertificateException {
            asked.incrementAndGet();
            return trust.check(chain);
        }

        @Override
        public long revision() {
            return revision.get();
        }
    }

    private Listener listenForClients(ClientTrust trust) throws IOException {
        return listen(TlsOptions.of(authority.server("localhost").forServer(), trust));
    }

    private Listener listen(TlsOptions tls) throws IOException {
        return open().listen(
                        ListenerOptions.of("gateway-api", "127.0.0.1", 0).withTls(tls),
                        request ->
                                Response.of(
                                        200,
                                        "text/plain",
                                        request.clientChain().stream()
                                                .findFirst()
                                                .map(
                                                        leaf ->
                                                                leaf.getSubjectX500Principal()
                                                                        .getName())
                                                .orElse("anonymous")));
    }

    private Edge open() {
        edge = Edge.create(meters, engine);
        return edge;
    }

    private String ask(Listener listener, Identity identity, String protocol) throws IOException {
        try (RawClient client =
                RawClient.tls(listener, authority.clientContext(identity), protocol)) {
            return client.send(GET).readAnswer();
        }
    }

    private double failedHandshakes() {
        return meters.get("usher.edge.handshakes.failed").functionCounter().count();
    }

    /** What openssl s_client says of a handshake; skips the test where there is no openssl. */
    private static String openssl(Listener listener, String... options) throws Exception {
        List<String> command =
                new ArrayList<>(
                        List.of("openssl", "s_client", "-connect", "127.0.0.1:" + listener.port()));
        command.addAll(List.of(options));
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            assumeThat(e).as("openssl is not installed").isNull();
            throw e;
        }
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        return output;
    }
}
