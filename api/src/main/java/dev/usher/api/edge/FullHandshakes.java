package dev.usher.api.edge;

import io.netty.handler.ssl.DelegatingSslContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslProvider;
import io.netty.internal.tcnative.SSL;
import io.vertx.core.net.OpenSSLEngineOptions;
import io.vertx.core.spi.tls.DefaultSslContextFactory;
import io.vertx.core.spi.tls.SslContextFactory;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/**
 * BoringSSL that never lets a client resume a session: a resumed one would pass by {@link
 * ClientTrust}, even after its CA was removed. Stations do not resume anyway.
 */
final class FullHandshakes extends OpenSSLEngineOptions {

    @Override
    public SslContextFactory sslContextFactory() {
        return new DefaultSslContextFactory(SslProvider.OPENSSL, false) {
            @Override
            public SslContext create() throws SSLException {
                return withoutTickets(super.create());
            }
        };
    }

    private static SslContext withoutTickets(SslContext context) {
        return new DelegatingSslContext(context) {
            @Override
            protected void initEngine(SSLEngine engine) {
                // Netty gives TLS 1.3 its tickets back in each new engine, so they are taken there.
                SSL.setOptions(
                        ((ReferenceCountedOpenSslEngine) engine).sslPointer(),
                        SSL.SSL_OP_NO_TICKET);
            }
        };
    }
}
