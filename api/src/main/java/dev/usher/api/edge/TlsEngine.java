package dev.usher.api.edge;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslCachingX509KeyManagerFactory;
import io.vertx.core.Vertx;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.SSLEngineOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.core.net.TrustOptions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who does the TLS: BoringSSL, or the JDK where there is no BoringSSL for the platform. */
enum TlsEngine {
    BORINGSSL {
        @Override
        SSLEngineOptions options() {
            return new FullHandshakes();
        }

        @Override
        List<String> groups() {
            return List.of("P-256", "X25519");
        }

        @Override
        KeyManagerFactory keys(Vertx vertx, KeyCertOptions keys) throws Exception {
            return new OpenSslCachingX509KeyManagerFactory(keys.getKeyManagerFactory(vertx));
        }
    },
    JDK {
        @Override
        SSLEngineOptions options() {
            return new JdkSSLEngineOptions();
        }

        @Override
        List<String> groups() {
            return List.of("secp256r1", "x25519");
        }

        @Override
        KeyManagerFactory keys(Vertx vertx, KeyCertOptions keys) throws Exception {
            return keys.getKeyManagerFactory(vertx);
        }
    };

    private static final Logger LOG = LoggerFactory.getLogger(TlsEngine.class);

    /** TLS 1.3, then 1.2; what mbedTLS 2.28, the station's TLS, has of them too. */
    private static final List<String> SUITES =
            List.of(
                    "TLS_AES_128_GCM_SHA256",
                    "TLS_AES_256_GCM_SHA384",
                    "TLS_CHACHA20_POLY1305_SHA256",
                    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
                    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    /** Loads BoringSSL, if there is one for this platform. */
    static void load() {
        boolean _ = OpenSsl.isAvailable();
    }

    static TlsEngine best() {
        if (OpenSsl.isAvailable()) {
            return BORINGSSL;
        }
        LOG.warn(
                "No BoringSSL for this platform ({}): TLS is done by the JDK, at four to five times"
                        + " the CPU time for each new connection.",
                String.valueOf(OpenSsl.unavailabilityCause()));
        return JDK;
    }

    abstract SSLEngineOptions options();

    /**
     * The key exchange groups in order of preference, as this engine spells them. Left to itself a
     * server may follow the client, and mbedTLS offers P-521 first, which costs eight to twenty
     * times as much.
     */
    abstract List<String> groups();

    abstract KeyManagerFactory keys(Vertx vertx, KeyCertOptions keys) throws Exception;

    /** What Vert.x is to do for a listener with these options. */
    ServerSSLOptions server(Vertx vertx, TlsOptions tls, Duration handshake) {
        ServerSSLOptions options =
                new ServerSSLOptions()
                        .setKeyCertOptions(keyOptions(vertx, tls.certificate()))
                        .setEnabledSecureTransportProtocols(Set.of("TLSv1.3", "TLSv1.2"))
                        .setKeyExchangeGroups(groups())
                        .setUseAlpn(false)
                        .setSslHandshakeTimeout(handshake.toMillis())
                        .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
        SUITES.forEach(options::addEnabledCipherSuite);
        tls.clients()
                .ifPresent(
                        trust ->
                                options.setClientAuth(ClientAuth.REQUEST)
                                        .setTrustOptions(
                                                TrustOptions.wrap(
                                                        new ClientCertificateCheck(
                                                                trust, InstantSource.system()))));
        return options;
    }

    private KeyCertOptions keyOptions(Vertx vertx, ServerCertificate certificate) {
        try {
            return KeyCertOptions.wrap(
                    keys(vertx, KeyCertOptions.wrap(new ServerKey(certificate))));
        } catch (Exception e) {
            throw new IllegalStateException("The TLS engine refused the server's key", e);
        }
    }
}
