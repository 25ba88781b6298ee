package dev.usher.network.outlets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.keys.CertificateAuthority;
import dev.usher.keys.IssuedCertificate;
import dev.usher.lorawan.NetId;
import dev.usher.network.cups.TlsServer;
import dev.usher.network.registry.TestRegistry;
import dev.usher.network.traffic.Traffic;
import dev.usher.store.TestDatabase;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is said of a broker whose certificate is not good. */
class MqttTlsTest {

    private static final CertificateAuthority AUTHORITY =
            CertificateAuthority.create("Broker CA", InstantSource.system());
    private static final CertificateAuthority OTHER =
            CertificateAuthority.create("Other CA", InstantSource.system());
    private static final Duration YEAR = Duration.ofDays(365);
    private static final Instant LONG_AGO = Instant.parse("2020-01-01T00:00:00Z");
    private static final CertificateAuthority OLD =
            CertificateAuthority.create("Old CA", () -> LONG_AGO);

    static Stream<Arguments> certificates() {
        return Stream.of(
                Arguments.of(
                        "another authority's",
                        AUTHORITY.issueServer(List.of("localhost"), YEAR),
                        OTHER.certificate(),
                        "its certificate comes from no authority that is trusted: name the right"
                                + " one in network.mqtt.ca"),
                Arguments.of(
                        "another name's",
                        AUTHORITY.issueServer(List.of("broker.example.com"), YEAR),
                        AUTHORITY.certificate(),
                        "its certificate is refused: No subject alternative DNS name matching"
                                + " localhost found."),
                Arguments.of(
                        "past its end",
                        OLD.issueServer(List.of("localhost"), YEAR),
                        OLD.certificate(),
                        "its certificate is refused: NotAfter: "));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("certificates")
    void saysWhyACertificateIsRefused(
            String name, IssuedCertificate shown, X509Certificate trusted, String why)
            throws Exception {
        TestRegistry registry = new TestRegistry(TestDatabase.SQLITE);
        try (TlsServer server = TlsServer.with(shown.privateKey(), shown.certificate());
                Traffic traffic =
                        new Traffic(
                                registry.database,
                                TestVault.VAULT,
                                registry.audit,
                                NetId.parse("000013"),
                                MqttBrokerTest.NOBODY,
                                Duration.ofMillis(50),
                                InstantSource.system())) {
            MqttBroker broker =
                    new MqttBroker(
                            new MqttSettings(
                                    MqttSettings.url("mqtts://localhost:" + server.port()),
                                    "usher",
                                    MqttSettings.prefix("usher"),
                                    Optional.empty(),
                                    Optional.empty(),
                                    Optional.of(trusting(trusted).getSocketFactory())),
                            traffic,
                            registry.database);
            assertThat(broker.connect()).isFalse();
            Delivery delivery = new Delivery(1, "1", "0102030405060708", "uplink", "{}", 0);
            assertThat(broker.deliver(delivery))
                    .isInstanceOfSatisfying(
                            Delivery.Outcome.Away.class,
                            away -> assertThat(away.why()).startsWith(why));
        }
    }

    private static SSLContext trusting(X509Certificate authority) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("ca", authority);
        TrustManagerFactory factory =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return context;
    }
}
