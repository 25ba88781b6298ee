package dev.usher.network.cups;

import static dev.usher.network.registry.TestRegistry.ADMIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.usher.accounts.AuditEntry;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.NotFound;
import dev.usher.keys.CertificateAuthority;
import dev.usher.keys.IssuedCertificate;
import dev.usher.network.registry.TestRegistry;
import dev.usher.station.StationUri;
import dev.usher.store.EveryEngine;
import dev.usher.store.TestDatabase;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What nodes know of servers, in one database. */
@EveryEngine
class TrustedServersTest {

    private static final CertificateAuthority FIRST =
            CertificateAuthority.create("Root", InstantSource.system());
    private static final CertificateAuthority SECOND =
            CertificateAuthority.create("Root", InstantSource.system());

    private final TestRegistry registry;
    private final AtomicReference<Instant> now =
            new AtomicReference<>(Instant.now().truncatedTo(ChronoUnit.MILLIS));
    private final TrustedServers servers;

    TrustedServersTest(TestDatabase engine) {
        registry = new TestRegistry(engine);
        servers =
                new TrustedServers(
                        registry.database, new AuditLog(registry.database, now::get), now::get);
    }

    private Trust node(int port) {
        return new Trust(
                new DialGuard(
                        List.of(port),
                        List.of("127.0.0.0/8"),
                        _ -> List.of(InetAddress.ofLiteral("127.0.0.1"))),
                () -> Set.of(FIRST.certificate(), SECOND.certificate()),
                ChainFetch.Limits.DEFAULT,
                Optional.of(servers),
                now::get);
    }

    private static TlsServer server(int port, CertificateAuthority authority) {
        IssuedCertificate leaf = authority.issueServer(List.of("localhost"), Duration.ofDays(30));
        return port == 0
                ? TlsServer.with(leaf.privateKey(), leaf.certificate())
                : TlsServer.at(port, leaf.privateKey(), leaf.certificate());
    }

    private static StationUri uri(int port) {
        return TrustedServers.server("localhost:" + port);
    }

    @Test
    void aPinHoldsForEveryNodeAndOverRestarts() throws Exception {
        Trust one = node(8887);
        Trust other = node(8887);
        registry.database.write(servers.pin(ADMIN, uri(8887), FIRST.certificate().getEncoded()));
        one.refresh();
        other.refresh();

        for (Trust node : List.of(one, other, node(8887))) {
            assertThat(node.trustOf(uri(8887))).isEqualTo(FIRST.certificateDer());
            assertThat(node.list())
                    .singleElement()
                    .satisfies(server -> assertThat(server.isPinned()).isTrue());
        }
        registry.database.write(servers.unpin(ADMIN, uri(8887)));
        one.refresh();
        assertThat(one.list()).isEmpty();
        assertThatThrownBy(() -> registry.database.write(servers.unpin(ADMIN, uri(8887))))
                .isInstanceOf(NotFound.class);
    }

    @Test
    void aPinComesBeforeWhatWasSeenAndBeforeANodesOwn() throws Exception {
        try (TlsServer server = server(0, FIRST)) {
            Trust trust = node(server.port());
            trust.pin(uri(server.port()), FIRST.certificate().getEncoded());
            registry.database.write(
                    servers.pin(ADMIN, uri(server.port()), SECOND.certificate().getEncoded()));
            trust.refresh();

            assertThat(trust.trustOf(uri(server.port()))).isEqualTo(SECOND.certificateDer());
            assertThat(trust.check(uri(server.port())).isPinned()).isTrue();
            assertThat(server.visits()).isZero();
        }
    }

    @Test
    void whatWasSeenIsKnownAfterARestartThoughTheServerIsAway() throws Exception {
        int port;
        try (TlsServer server = server(0, FIRST)) {
            port = server.port();
            assertThat(node(port).trustOf(uri(port))).isEqualTo(FIRST.certificateDer());
        }

        assertThat(node(port).trustOf(uri(port))).isEqualTo(FIRST.certificateDer());
    }

    @Test
    void aChangeIsAnnouncedAlsoWhenItIsSeenByAnotherRun() throws Exception {
        int port;
        try (TlsServer server = server(0, FIRST)) {
            port = server.port();
            node(port).trustOf(uri(port));
        }
        Trust later = node(port);
        now.set(now.get().plus(Duration.ofDays(1)));
        try (TlsServer server = server(port, SECOND)) {
            assertThat(later.recheck()).hasSize(1);
            assertThat(server.visits()).isEqualTo(1);
        }

        assertThat(later.trustOf(uri(port))).isEqualTo(SECOND.certificateDer());
        assertThat(later.list().getFirst().remark(now.get()).orElseThrow())
                .isEqualTo("has a chain that ends in another root since " + now.get());
        List<AuditEntry> announced =
                new AuditLog(registry.database, now::get)
                        .list(
                                new AuditLog.Filter(
                                        Optional.of("localhost:" + port), Optional.empty()),
                                0,
                                10);
        assertThat(announced).extracting(AuditEntry::action).containsExactly("trust.attention");
    }

    @Test
    void remarksOnARootThatEndsSoon() {
        Instant end = FIRST.certificate().getNotAfter().toInstant();
        TrustedServer server =
                registry.database.write(servers.pin(ADMIN, uri(8887), FIRST.certificateDer()));

        assertThat(server.remark(end.minus(Duration.ofDays(31)))).isEmpty();
        assertThat(server.remark(end.minus(Duration.ofDays(29))))
                .contains("has a root that ends at " + end);
        assertThat(server.remark(end.plusSeconds(1))).contains("has a root that ended at " + end);
    }
}
