package dev.usher.devices;

import static dev.usher.devices.TestJoinServer.ADMIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.usher.accounts.Conflict;
import dev.usher.accounts.NotFound;
import dev.usher.keys.CertificateAuthority;
import dev.usher.keys.IssuedCertificate;
import dev.usher.lorawan.NetId;
import dev.usher.store.EveryEngine;
import dev.usher.store.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who is meant by a SenderID. */
@EveryEngine
class PeersTest {

    private static final Duration HOUR = Duration.ofHours(1);

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
        house.rotateKek("as-hex", "kek", Duration.ZERO);
        assertThat(applicationKek("c0ffee")).hasValue("kek");
        assertThat(applicationKek("C0FFEE")).isEmpty();
    }

    @Test
    void ofSeveralApplicationServersWithOneAsIdKeysAreWrappedForOneThatHasAKek() {
        house.peer("as-a", new PeerRole.ApplicationServer("as"));
        house.peer("as-b", new PeerRole.ApplicationServer("as"));
        assertThat(applicationKek("as")).isEmpty();

        house.rotateKek("as-b", "kek-b", Duration.ZERO);

        assertThat(applicationKek("as")).hasValue("kek-b");
    }

    @Test
    void ofSeveralWithOneSenderIdItIsTheOneThatIsProven() {
        house.peer("ns-2", new PeerRole.NetworkServer(NetId.parse("C0FFEE")));

        assertThat(asking("0xc0ffee", "ns")).hasValue("ns");
        assertThat(asking("0xc0ffee", "ns-2")).hasValue("ns-2");
        assertThat(asking("0xc0ffee", "ns-home")).isEmpty();
    }

    @Test
    void aCertificateOfAServerIsNoClients() throws Exception {
        CertificateAuthority authority = CertificateAuthority.create("NS", house.now::get);
        house.database.write(
                house.server
                        .peers()
                        .set(
                                ADMIN,
                                "ns",
                                settings -> settings,
                                new CredentialChange(
                                        List.of(
                                                new PeerCredential.ClientCertificate(
                                                        authority.certificate(),
                                                        Optional.of("ns.example.com"))),
                                        Set.of())));
        house.server.peers().refresh();

        assertThat(asking(authority.issueServer(List.of("ns.example.com"), HOUR))).isEmpty();
        assertThat(asking(authority.issueOwner("other.example.com", HOUR))).isEmpty();
        assertThat(asking(authority.issueOwner("ns.example.com", HOUR))).hasValue("ns");
    }

    private Optional<String> asking(IssuedCertificate issued) {
        return house.server
                .peers()
                .authenticate(
                        "C0FFEE",
                        new PeerProof(List.of(issued.certificate()), Optional.empty(), "/"))
                .map(StoredPeer::name);
    }

    @ParameterizedTest
    @CsvSource({
        "/a, /a, true",
        "/a, /a/, true",
        "/a, /a/b, true",
        "/a, /ab, false",
        "/a, /, false",
        "/a/, /a/b, true",
        "/a/, /a, false"
    })
    void aPathPrefixEndsWhereASegmentEnds(String prefix, String path, boolean isBelow) {
        house.peer(
                "ns-path",
                new PeerSettings(
                        new PeerRole.NetworkServer(NetId.parse("C0FFEE")),
                        List.of(),
                        false,
                        Optional.empty(),
                        Optional.of(prefix)));
        PeerProof proof =
                new PeerProof(
                        List.of(), Optional.of("Bearer " + TestJoinServer.token("ns-path")), path);

        assertThat(house.server.peers().authenticate("C0FFEE", proof).isPresent())
                .isEqualTo(isBelow);
    }

    @Test
    void aPeerKeepsAWayToProveWhoItIs() {
        CredentialChange none =
                new CredentialChange(List.of(), Set.of(PeerCredential.Kind.BEARER_TOKEN));

        assertThatExceptionOfType(Conflict.class)
                .isThrownBy(() -> set("ns", none))
                .withMessage(
                        "peer 'ns' could not prove who it is any more: give it another credential,"
                                + " or delete it");
        set(
                "ns",
                new CredentialChange(
                        List.of(new PeerCredential.UserAndPassword("ns", "password")),
                        Set.of(PeerCredential.Kind.BEARER_TOKEN)));
        assertThat(asking("C0FFEE", "ns")).isEmpty();
    }

    private void set(String name, CredentialChange credentials) {
        house.database.write(
                house.server.peers().set(ADMIN, name, settings -> settings, credentials));
        house.server.peers().refresh();
    }

    @Test
    void aKekThatIsToBeginLaterCanBeTakenBack() {
        house.rotateKek("as-hex", "old", Duration.ZERO);
        house.rotateKek("as-hex", "wrong", Duration.ofDays(1));
        Instant tomorrow = TestJoinServer.START.plus(Duration.ofDays(1));

        deleteKek("wrong");

        assertThat(house.server.peers().applicationKek("c0ffee", tomorrow))
                .map(StoredPeer.StoredKek::label)
                .hasValue("old");
        assertThatExceptionOfType(NotFound.class)
                .isThrownBy(() -> deleteKek("wrong"))
                .withMessage("peer 'as-hex' has no KEK 'wrong'");
        deleteKek("old");
        assertThat(applicationKek("c0ffee")).isEmpty();
    }

    @Test
    void aLabelNeverNamesAnotherKekOfAPeer() {
        house.rotateKek("as-hex", "first", Duration.ZERO);
        for (int day = 1; day < 4; day++) {
            house.now.set(TestJoinServer.START.plus(Duration.ofDays(day)));
            house.rotateKek("as-hex", "kek-" + day, Duration.ofDays(day));
        }
        assertThat(house.server.peers().get("as-hex").keks())
                .extracting(Peer.PeerKek::label)
                .containsExactly("kek-2", "kek-3");

        assertThatExceptionOfType(Conflict.class)
                .isThrownBy(() -> house.rotateKek("as-hex", "first", Duration.ofDays(3)))
                .withMessageContaining("peer 'as-hex' has or had a KEK 'first' already");
        assertThatExceptionOfType(NotFound.class).isThrownBy(() -> deleteKek("first"));

        // One that was taken back has wrapped nothing that counts.
        deleteKek("kek-3");
        house.rotateKek("as-hex", "kek-3", Duration.ofDays(3));
        assertThat(house.server.peers().applicationKek("c0ffee", house.now.get()))
                .map(StoredPeer.StoredKek::label)
                .hasValue("kek-3");
    }

    private void deleteKek(String label) {
        house.database.write(house.server.peers().deleteKek(ADMIN, "as-hex", label));
        house.server.peers().refresh();
    }

    @Test
    void aKekThatWouldNeverBeUsedIsRefused() {
        house.rotateKek("as-hex", "in-use", Duration.ZERO);
        house.rotateKek("as-hex", "next", Duration.ofDays(2));

        assertThatExceptionOfType(Conflict.class)
                .isThrownBy(() -> house.rotateKek("as-hex", "late", Duration.ofDays(-1)))
                .withMessage(
                        "KEK 'late' would never be used: the one in use, 'in-use', began at"
                                + " 2026-11-21T10:00:00Z, after 2026-11-20T10:00:00Z");
        house.rotateKek("as-hex", "between", Duration.ofDays(1));
        assertThat(applicationKek("c0ffee")).hasValue("in-use");
    }

    private Optional<String> applicationKek(String asId) {
        return house.server
                .peers()
                .applicationKek(asId, TestJoinServer.START)
                .map(StoredPeer.StoredKek::label);
    }

    private Optional<String> asking(String senderId, String proven) {
        return house.server
                .peers()
                .authenticate(senderId, TestJoinServer.proof(proven))
                .map(StoredPeer::name);
    }
}
