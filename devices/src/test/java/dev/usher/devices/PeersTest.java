package dev.usher.devices;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.lorawan.NetId;
import dev.usher.store.EveryEngine;
import dev.usher.store.TestDatabase;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who is meant by a SenderID. */
@EveryEngine
class PeersTest {

    private final TestJoinServer house;

    PeersTest(TestDatabase engine) {
        house = new TestJoinServer(engine);
        house.peer("ns", new PeerRole.NetworkServer(NetId.parse("C0FFEE")));
        house.peer("as-hex", new PeerRole.ApplicationServer("c0ffee"));
    }

    @AfterEach
    void close() {
        house.close();
    }

    @Test
    void aNetworkServerWritesItsNetIdAsItLikes() {
        for (String senderId : List.of("C0FFEE", "c0ffee", "0xC0FFEE", "0Xc0FfEe")) {
            assertThat(asking(senderId, "ns")).as(senderId).hasValue("ns");
        }
        for (String senderId : List.of("C0FFE", "00C0FFEE", "0x0xC0FFEE", "C0FFEF", " C0FFEE")) {
            assertThat(asking(senderId, "ns")).as(senderId).isEmpty();
        }
    }

    @Test
    void anApplicationServerIsNamedLetterByLetter() {
        assertThat(asking("c0ffee", "as-hex")).hasValue("as-hex");
        assertThat(asking("C0FFEE", "as-hex")).isEmpty();
        assertThat(asking("0xc0ffee", "as-hex")).isEmpty();
        assertThat(house.server.peers().applicationServer("c0ffee").map(StoredPeer::name))
                .hasValue("as-hex");
        assertThat(house.server.peers().applicationServer("C0FFEE")).isEmpty();
    }

    @Test
    void ofSeveralWithOneSenderIdItIsTheOneThatIsProven() {
        house.peer("ns-2", new PeerRole.NetworkServer(NetId.parse("C0FFEE")));

        assertThat(asking("0xc0ffee", "ns")).hasValue("ns");
        assertThat(asking("0xc0ffee", "ns-2")).hasValue("ns-2");
        assertThat(asking("0xc0ffee", "ns-home")).isEmpty();
    }

    private Optional<String> asking(String senderId, String proven) {
        return house.server
                .peers()
                .authenticate(senderId, TestJoinServer.proof(proven))
                .map(StoredPeer::name);
    }
}
