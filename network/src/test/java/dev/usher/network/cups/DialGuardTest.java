package dev.usher.network.cups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.usher.station.StationUri;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the servers that people name may lead to. */
class DialGuardTest {

    private static final String HOST = "lns.example.com";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "0.1.2.3",
                "10.0.0.1",
                "10.255.255.255",
                "100.64.0.1",
                "100.100.100.200", // metadata at Alibaba Cloud
                "127.0.0.1",
                "127.255.255.254",
                "168.63.129.16", // the host of a machine at Azure
                "169.254.0.1",
                "169.254.169.254", // metadata nearly everywhere
                "172.16.0.1",
                "172.31.255.255",
                "192.0.0.192", // metadata at Oracle Cloud
                "192.0.2.1",
                "192.88.99.1",
                "192.168.1.1",
                "198.18.0.1",
                "198.51.100.1",
                "203.0.113.1",
                "224.0.0.1",
                "240.0.0.1",
                "255.255.255.255",
                "::",
                "::1",
                "::127.0.0.1",
                "::ffff:127.0.0.1",
                "::ffff:10.0.0.1",
                "64:ff9b::7f00:1",
                "64:ff9b:1::1",
                "100::1",
                "2001::1",
                "2001:db8::1",
                "2002:7f00:1::1",
                "3fff::1",
                "5f00::1",
                "fc00::1",
                "fd00:ec2::254", // metadata at AWS
                "fe80::1",
                "fec0::1",
                "ff02::1"
            })
    void refusesWhatIsNotPublic(String address) {
        DialGuard guard = guard(List.of(), address);
        assertThatIOException()
                .isThrownBy(() -> guard.vet(HOST, 443))
                .withMessage(
                        "has an address that is not public and not allowed here: use another, or"
                                + " have its network allowed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1",
                "93.184.215.14",
                "100.63.255.255",
                "100.128.0.0",
                "172.15.255.255",
                "172.32.0.0",
                "2606:4700:4700::1111",
                "2a00:1450:4001:82a::200e"
            })
    void allowsWhatIsPublic(String address) throws Exception {
        assertThat(guard(List.of(), address).vet(HOST, 443))
                .containsExactly(new InetSocketAddress(InetAddress.ofLiteral(address), 443));
    }

    @Test
    void refusesAMappedAddressThatWasNotUnwrapped() throws Exception {
        byte[] mapped = new byte[16];
        Arrays.fill(mapped, 10, 12, (byte) 0xFF);
        mapped[12] = 1;
        mapped[15] = 1;
        InetAddress address = Inet6Address.getByAddress(null, mapped, -1);
        assertThat(address).isInstanceOf(Inet6Address.class);
        DialGuard guard = new DialGuard(List.of(), List.of(), _ -> List.of(address));
        assertThatIOException().isThrownBy(() -> guard.vet(HOST, 443));
    }

    @Test
    void oneBadAddressAmongGoodOnesIsEnough() {
        DialGuard guard = guard(List.of(), "1.1.1.1", "10.0.0.1");
        assertThatIOException().isThrownBy(() -> guard.vet(HOST, 443));
        assertThatIOException().isThrownBy(() -> guard(List.of()).vet(HOST, 443));
    }

    @Test
    void allowsTheNetworksItIsToldToAllow() throws Exception {
        DialGuard guard = guard(List.of("10.1.0.0/16", "fd00:1::/32"), "10.1.2.3", "fd00:1::7");
        assertThat(guard.vet(HOST, 8887)).hasSize(2);
        assertThatIOException()
                .isThrownBy(() -> guard(List.of("10.1.0.0/16"), "10.2.0.1").vet(HOST, 443));
    }

    @Test
    void asksForTheAddressesOnceAndDialsThese() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        // What a rebinding name server does: first somewhere public, then inside.
        DialGuard guard =
                new DialGuard(
                        List.of(),
                        List.of(),
                        _ ->
                                List.of(
                                        InetAddress.ofLiteral(
                                                asked.incrementAndGet() == 1
                                                        ? "1.1.1.1"
                                                        : "127.0.0.1")));
        InetSocketAddress vetted = guard.vet(HOST, 443).getFirst();
        assertThat(vetted.isUnresolved()).isFalse();
        assertThat(vetted.getAddress()).isEqualTo(InetAddress.ofLiteral("1.1.1.1"));
        assertThat(asked).hasValue(1);
        assertThatIOException().isThrownBy(() -> guard.vet(HOST, 443));
    }

    @Test
    void triesFourAddressesAtMost() throws Exception {
        assertThat(
                        guard(List.of(), "1.0.0.1", "1.0.0.2", "1.0.0.3", "1.0.0.4", "1.0.0.5")
                                .vet(HOST, 443))
                .hasSize(4);
    }

    @ParameterizedTest
    @ValueSource(ints = {443, 8885, 8887, 9191, 12345})
    void allowsThePortsOfGatewaysAndThoseItIsToldToAllow(int port) throws Exception {
        DialGuard guard =
                new DialGuard(
                        List.of(12345), List.of(), _ -> List.of(InetAddress.ofLiteral("1.1.1.1")));
        assertThat(guard.vet(HOST, port).getFirst().getPort()).isEqualTo(port);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 22, 25, 80, 2375, 3306, 5432, 6379, 8080, 9200, 12345, 65535})
    void refusesOtherPortsWithoutLookingTheNameUp(int port) {
        DialGuard guard =
                new DialGuard(
                        List.of(),
                        List.of(),
                        _ -> {
                            throw new AssertionError("the name was looked up");
                        });
        assertThatIOException()
                .isThrownBy(() -> guard.vet(HOST, port))
                .withMessageContaining("has port " + port + ", which is not allowed");
    }

    @Test
    void saysThatANameCannotBeResolvedAndNoMore() {
        DialGuard unknown =
                new DialGuard(
                        List.of(),
                        List.of(),
                        host -> {
                            throw new UnknownHostException(host + " at 10.0.0.53");
                        });
        assertThatIOException()
                .isThrownBy(() -> unknown.vet(HOST, 443))
                .withMessage("has a name that cannot be resolved: check it");
    }

    /** What a configuration says wrong. */
    @ParameterizedTest
    @CsvSource({
        "10.0.0.1/8, has bits set after its prefix",
        "10.0.0.0/, is not a network",
        "10.0.0.0/33, prefix length 33 is not 0 to 32",
        "fd00::/129, prefix length 129 is not 0 to 128",
        "inside.example/8, is not a network"
    })
    void refusesWhatIsNoNetwork(String network, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> guard(List.of(network)))
                .withMessageContaining(message);
    }

    @Test
    void refusesWhatIsNoPort() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DialGuard(List.of(0), List.of()))
                .withMessage("port 0 is not between 1 and 65535");
    }

    /** With the real resolver: nothing of this reaches a server on this machine. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "wss://127.0.0.1:PORT",
                "wss://127.0.0.2:PORT",
                "wss://127.1:PORT",
                "wss://2130706433:PORT",
                "wss://0x7f.1:PORT",
                "wss://0x7f000001:PORT",
                "wss://0177.0.0.1:PORT",
                "wss://017700000001:PORT",
                "wss://0.0.0.0:PORT",
                "wss://0:PORT",
                "wss://localhost:PORT",
                "wss://LOCALHOST:PORT",
                "wss://localhost.:PORT",
                "wss://[::1]:PORT",
                "wss://[::]:PORT",
                "wss://[::ffff:127.0.0.1]:PORT",
                "wss://[::ffff:7f00:1]:PORT",
                "wss://[0:0:0:0:0:0:0:1]:PORT",
                "wss://user@localhost:PORT",
                "wss://example.com@127.0.0.1:PORT",
                "wss://127.0.0.1:PORT@example.com:443",
                "wss://127.0.0.1:PORT/",
                "wss://127.0.0.1:PORT#example.com:443",
                "wss://127.0.0.1:PORT?x",
                "wss://127.0.0.1%00.example.com:PORT",
                "wss://127。0。0。1:PORT",
                "WSS://127.0.0.1:PORT",
                "https://127.0.0.1:PORT",
                "file:///etc/passwd",
                "gopher://127.0.0.1:PORT"
            })
    void reachesNothingOnThisMachine(String text) throws Exception {
        try (ServerSocket canary = new ServerSocket(0)) {
            canary.setSoTimeout(1);
            DialGuard guard = new DialGuard(List.of(canary.getLocalPort()), List.of());
            Trust trust = new Trust(guard, List.of(), InstantSource.system());
            String uri = text.replace("PORT", Integer.toString(canary.getLocalPort()));

            assertThat(isReached(trust, uri)).isFalse();

            assertThatExceptionOfType(SocketTimeoutException.class)
                    .as("a connection to the canary")
                    .isThrownBy(canary::accept);
        }
    }

    private static boolean isReached(Trust trust, String uri) {
        try {
            trust.trustOf(uri.startsWith("https") ? StationUri.cups(uri) : StationUri.lns(uri));
            return true;
        } catch (IllegalArgumentException | IOException refused) {
            return false;
        }
    }

    private static DialGuard guard(List<String> allowed, String... addresses) {
        List<InetAddress> resolved = Arrays.stream(addresses).map(InetAddress::ofLiteral).toList();
        return new DialGuard(List.of(), allowed, _ -> resolved);
    }
}
