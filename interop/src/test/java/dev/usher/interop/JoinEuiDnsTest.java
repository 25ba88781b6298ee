package dev.usher.interop;

import static dev.usher.interop.Setting.DEV_EUI;
import static dev.usher.interop.Setting.JOIN_EUI;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.usher.interop.DnsQuestions.DnsException;
import dev.usher.interop.JoinEuiDns.HostPort;
import dev.usher.interop.JoinServerConfig.Address;
import dev.usher.interop.JoinServerConfig.Lookup;
import dev.usher.interop.JoinServerConfig.Scheme;
import dev.usher.interop.Outcome.Answered;
import dev.usher.interop.Outcome.NoJoinServer;
import dev.usher.interop.Outcome.Unreachable;
import dev.usher.lorawan.Eui64;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JoinEuiDnsTest {

    private static final String NAME = "1.0.0.0.0.0.0.d.e.7.5.d.3.b.0.7.joineuis.example";

    @TempDir private Path directory;
    private final TestDns dns = new TestDns();

    @AfterEach
    void close() {
        dns.close();
    }

    private List<HostPort> locate() throws DnsException {
        return locate(Scheme.HTTPS);
    }

    private List<HostPort> locate(Scheme scheme) throws DnsException {
        return new JoinEuiDns(
                        new Address.InDns(Lookup.NAPTR, "joineuis.example", List.of(dns.address())),
                        scheme,
                        443,
                        new Random(1))
                .locate(JOIN_EUI, Deadline.in(Setting.PATIENCE));
    }

    @Test
    void aJoinEuiHasAName() {
        assertThat(JoinEuiDns.name(Eui64.parse("00005E100000002F"), "JOINEUIS.LORA-ALLIANCE.ORG"))
                .isEqualTo("f.2.0.0.0.0.0.0.0.1.e.5.0.0.0.0.JOINEUIS.LORA-ALLIANCE.ORG");
    }

    @Test
    void goesFromNaptrToSrv() throws Exception {
        dns.naptr(NAME, 10, 1, "S", "LWNS", "_LWNS._J2H.operator.example")
                .srv("_LWNS._J2H.operator.example", 20, 0, 7010, "later.operator.example")
                .srv("_LWNS._J2H.operator.example", 10, 0, 7009, "js.operator.example");
        assertThat(locate())
                .containsExactly(
                        new HostPort("js.operator.example", 7009),
                        new HostPort("later.operator.example", 7010));
    }

    @Test
    void takesTheLowestOrderAndPreferenceThatItUnderstands() throws Exception {
        dns.naptr(NAME, 1, 1, "U", "LWNS", "")
                .naptr(NAME, 2, 1, "A", "LWN", "plain.example")
                .naptr(NAME, 3, 1, "S", "LWNS", "_nowhere.example")
                .naptr(NAME, 4, 2, "A", "LWNS", "second.example")
                .naptr(NAME, 4, 1, "a", "lwns", "first.example");
        assertThat(locate()).containsExactly(new HostPort("first.example", 443));
        assertThat(locate(Scheme.HTTP)).containsExactly(new HostPort("plain.example", 443));
    }

    @Test
    void followsNaptrToNaptr() throws Exception {
        dns.naptr(NAME, 1, 1, "P", "LWNS", "next.example")
                .naptr("next.example", 1, 1, "", "LWNS", "last.example")
                .naptr("last.example", 1, 1, "A", "LWNS", "js.operator.example");
        assertThat(locate()).containsExactly(new HostPort("js.operator.example", 443));
    }

    @Test
    void doesNotGoRoundForEver() throws Exception {
        dns.naptr(NAME, 1, 1, "P", "LWNS", NAME);
        assertThat(locate()).isEmpty();
        assertThat(dns.questions()).hasSize(3);
    }

    @Test
    void asksSoMuchAndNoMore() {
        for (int i = 0; i < 12; i++) {
            dns.naptr(NAME, i, 1, "S", "LWNS", "_" + i + ".example");
        }
        assertThatThrownBy(this::locate)
                .isInstanceOf(DnsException.class)
                .hasMessage("DNS leads on and on, at last to _7.example");
        assertThat(dns.questions()).hasSize(8);
    }

    @Test
    void knowsNobodyWhereDnsKnowsNobody() throws Exception {
        assertThat(locate()).isEmpty();
    }

    @Test
    void tellsThatDnsDoesNotAnswer() {
        dns.fallSilent();
        assertThatThrownBy(this::locate)
                .isInstanceOf(DnsException.class)
                .hasMessage("DNS does not answer for " + NAME);
    }

    @Test
    void heavierHostsAreMoreOftenTheFirst() throws Exception {
        dns.naptr(NAME, 1, 1, "S", "LWNS", "_j.example")
                .srv("_j.example", 1, 90, 1, "heavy.example")
                .srv("_j.example", 1, 10, 2, "light.example");
        Random random = new Random(1);
        JoinEuiDns lookUp =
                new JoinEuiDns(
                        new Address.InDns(Lookup.NAPTR, "joineuis.example", List.of(dns.address())),
                        Scheme.HTTPS,
                        443,
                        random);
        int heavy = 0;
        for (int i = 0; i < 200; i++) {
            List<HostPort> hosts = lookUp.locate(JOIN_EUI, Deadline.in(Duration.ofSeconds(20)));
            assertThat(hosts).hasSize(2);
            heavy += hosts.getFirst().host().equals("heavy.example") ? 1 : 0;
        }
        assertThat(heavy).isBetween(160, 195);
    }

    @Test
    void theClientGoesOnToTheNextHostWhenOneTakesNoConnections() {
        int closedPort;
        try (TestJoinServer closed = TestJoinServer.plain()) {
            closedPort = closed.port();
        }
        try (TestJoinServer joinServer = TestJoinServer.plain();
                InteropClient client = client("naptr, servers: [%s]".formatted(dns.address()))) {
            dns.naptr(NAME, 1, 1, "S", "LWN", "_j.example")
                    .srv("_j.example", 1, 1, closedPort, "js2.example")
                    .srv("_j.example", 2, 1, joinServer.port(), "js.operator.example");
            assertThat(client.homeNs(JOIN_EUI, DEV_EUI)).isInstanceOf(Answered.class);
        }
    }

    private InteropClient client(String lookup) {
        return client(lookup, 443);
    }

    private InteropClient client(String lookup, int port) {
        return new Setting(directory)
                .writeOne(
                        """
                        scheme: http
                        port: %d
                        protocol: BI1.0
                        dns: {suffix: joineuis.example, lookup: %s}
                        """
                                .formatted(port, lookup))
                .client();
    }

    @Test
    void theClientRemembersWhatDnsSaid() {
        try (TestJoinServer joinServer = TestJoinServer.plain();
                InteropClient client = client("naptr, servers: [%s]".formatted(dns.address()))) {
            dns.naptr(NAME, 1, 1, "S", "LWN", "_j.example")
                    .srv("_j.example", 1, 1, joinServer.port(), "js.operator.example");
            assertThat(client.homeNs(JOIN_EUI, DEV_EUI)).isInstanceOf(Answered.class);
            assertThat(client.homeNs(JOIN_EUI, DEV_EUI)).isInstanceOf(Answered.class);
            assertThat(dns.questions()).hasSize(2);
        }
    }

    @Test
    void theClientAsksTheHostOfThatName() {
        try (TestJoinServer joinServer = TestJoinServer.plain();
                InteropClient client = client("host", joinServer.port())) {
            assertThat(client.homeNs(JOIN_EUI, DEV_EUI)).isInstanceOf(Answered.class);
            assertThat(joinServer.received().getFirst().headers())
                    .containsEntry("host", NAME + ":" + joinServer.port());
            Eui64 other = Eui64.parse("0000000000000001");
            assertThat(client.homeNs(other, DEV_EUI)).isEqualTo(new NoJoinServer<>(other));
        }
    }

    @Test
    void theClientTellsThatDnsDoesNotAnswer() {
        dns.fallSilent();
        try (InteropClient client = client("naptr, servers: [%s]".formatted(dns.address()))) {
            assertThat(client.homeNs(JOIN_EUI, DEV_EUI))
                    .isEqualTo(
                            new Unreachable<>(
                                    "the Join Server of "
                                            + JOIN_EUI
                                            + " cannot be found: DNS does not answer for "
                                            + NAME));
        }
    }
}
