package dev.usher.bench;

import dev.usher.api.edge.ClientTrust;
import dev.usher.api.edge.Edge;
import dev.usher.api.edge.Handler;
import dev.usher.api.edge.Listener;
import dev.usher.api.edge.ListenerOptions;
import dev.usher.api.edge.ServerCertificate;
import dev.usher.api.edge.TlsOptions;
import dev.usher.backend.BackendCodec;
import dev.usher.keys.CertificateAuthority;
import dev.usher.keys.IssuedCertificate;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/** What a Join Server listens with, on loopback: one port with TLS and one without. */
record JoinListeners(Edge edge, Listener http, Listener https) implements AutoCloseable {

    static JoinListeners open(Handler handler, MeterRegistry meters) throws IOException {
        IssuedCertificate own =
                CertificateAuthority.create("bench", InstantSource.system())
                        .issueServer(List.of("localhost"), Duration.ofDays(1));
        ClientTrust anybody = chain -> chain.getFirst().getNotAfter().toInstant();
        Edge edge = Edge.create(meters);
        TlsOptions tls =
                TlsOptions.of(ServerCertificate.of(own.certificate(), own.privateKey()), anybody);
        return new JoinListeners(
                edge,
                edge.listen(options("backend-http"), handler),
                edge.listen(options("backend").withTls(tls), handler));
    }

    private static ListenerOptions options(String name) {
        ListenerOptions options = ListenerOptions.of(name, "127.0.0.1", 0);
        return options.withLimits(options.limits().withBodyBytes(BackendCodec.LARGEST));
    }

    /** Says the ports, as {@link ServerProcess} expects it. */
    void announce() {
        System.out.println("ports " + http.port() + " " + https.port());
    }

    @Override
    public void close() {
        edge.close();
    }
}
