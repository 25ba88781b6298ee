package dev.usher.api;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Locale.ROOT;
import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.awaitility.Awaitility.await;

import dev.usher.api.House.Answer;
import dev.usher.api.edge.Edge;
import dev.usher.api.edge.Handler;
import dev.usher.api.edge.ListenerOptions;
import dev.usher.api.edge.Request;
import dev.usher.keys.CertificateAuthority;
import dev.usher.lorawan.Eui64;
import dev.usher.network.registry.GatewayId;
import dev.usher.network.registry.GatewaySettings;
import dev.usher.network.registry.StationKey;
import dev.usher.network.traffic.TrafficEvent;
import dev.usher.network.traffic.TrafficEvents;
import dev.usher.station.DiscoveryRequest;
import dev.usher.station.DiscoveryResponse;
import dev.usher.station.StationUri;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What somebody may try against the network: with a stolen key, with a certificate of another
 * gateway, with the ID of somebody else's, with a Host header.
 */
class ThreatsTest {

    private static final StationUri OWN = StationUri.lns("wss://lns.example.com:8887");
    private static final String GATEWAYS = "/api/v1/network/gateways";
    private static final Eui64 OURS = Eui64.parse("58A0CBFFFE800BE7");
    private static final Eui64 OTHER = Eui64.parse("58A0CBFFFE800BE8");
    private static final Eui64 UNKNOWN = Eui64.parse("58A0CBFFFE800BE9");

    private @TempDir Path directory;
    private NetworkHouse house;
    private CertificateAuthority authority;
    private LnsFace face;
    private Handler lns;

    @BeforeEach
    void open() {
        house = new NetworkHouse(directory);
        authority = CertificateAuthority.create("Usher CA", house.house.now::get);
        face =
                new LnsFace(
                        house.registry.stations(),
                        new StationCertificates(authority, house.house.now::get),
                        house.traffic,
                        (_, _) -> {},
                        house.cups::refused,
                        new AddressWatch(
                                "lns",
                                Duration.ofMinutes(10),
                                TrustedProxies.NONE,
                                house.house.now::get,
                                new SimpleMeterRegistry(),
                                (gateway, why) -> {
                                    house.cups.alert(gateway, why);
                                    house.traffic.alert(gateway, why);
                                }),
                        LnsFace.Settings.DEFAULT,
                        house.house.now::get,
                        new SimpleMeterRegistry());
        lns = face.at(OWN);
        for (Eui64 eui : List.of(OURS, OTHER)) {
            house.house.database.write(
                    house.registry
                            .gateways()
                            .create(
                                    House.ADMIN,
                                    NetworkHouse.ANN,
                                    GatewayId.ofEui(eui),
                                    eui,
                                    GatewaySettings.DEFAULT.withFrequencyPlanIds(
                                            List.of("EU_863_870"))));
        }
    }

    @AfterEach
    void close() {
        face.close();
        house.close();
    }

    // Row 2: a key that was taken from one gateway

    @Test
    void theKeyOfAGatewayIsNoneOfAnother() throws Exception {
        String key = lnsKey(OTHER);
        assertThat(status(connects(OTHER).withHeader("Authorization", key))).isEqualTo(101);

        Answer stolen = answer(connects(OURS).withHeader("Authorization", key));
        assertThat(stolen.status()).isEqualTo(401);
        assertThat(stolen)
                .isEqualTo(answer(connects(OURS).withHeader("Authorization", "Bearer USHER.no")))
                .isEqualTo(answer(connects(UNKNOWN).withHeader("Authorization", key)));
    }

    private static final List<String> IN_TURN =
            List.of("192.0.2.1", "198.51.100.1", "192.0.2.1", "198.51.100.1");

    private static final String USED_IN_TWO_PLACES =
            "what it proves itself with is used in two places in turn, 192.0.2.0/24 and"
                    + " 198.51.100.0/24";

    @Test
    void aKeyOfTheLnsThatTwoUseAtATimeIsNoticed() throws Exception {
        String key = lnsKey(OURS);
        TrafficEvents.Subscription events =
                house.traffic.events().subscribe(TrafficEvent.GatewayAlert.class::isInstance);
        for (String address : IN_TURN) {
            assertThat(events.next(0)).isEmpty();
            status(
                    connects(OURS)
                            .withHeader("Authorization", "Bearer no")
                            .withRemoteAddress(from("203.0.113.9")));
            status(
                    connects(OURS)
                            .withHeader("Authorization", key)
                            .withRemoteAddress(from(address)));
        }

        assertThat(events.next(10_000))
                .singleElement(as(type(TrafficEvent.GatewayAlert.class)))
                .satisfies(alert -> assertThat(alert.gateway()).isEqualTo(OURS))
                .satisfies(alert -> assertThat(alert.why()).startsWith(USED_IN_TWO_PLACES));
        assertThat(
                        house.asAnn("GET", GATEWAYS + "/" + GatewayId.ofEui(OURS) + "/stats", "")
                                .json()
                                .at("/why/0/reason")
                                .stringValue())
                .startsWith(USED_IN_TWO_PLACES);
    }

    @Test
    void aTokenOfTheRootCupsThatTwoUseAtATimeIsNoticed() throws Exception {
        String token = house.house.secretsOf(OURS).token();
        for (String address : IN_TURN) {
            Request request =
                    Request.of("POST", "/update-info")
                            .withHeader("Authorization", token)
                            .withRemoteAddress(from(address))
                            .withBody(
                                    "{\"router\":\""
                                            + OURS.toString().replaceAll("(.{4})(?!$)", "$1:")
                                            + "\",\"cupsUri\":null,\"tcUri\":null,"
                                            + "\"cupsCredCrc\":0,\"tcCredCrc\":0,"
                                            + "\"station\":\"2.0.6\",\"model\":\"m\","
                                            + "\"package\":null,\"keys\":[]}");
            assertThat(Answer.of(house.house.cups.handle(request)).status()).isEqualTo(200);
        }

        await().untilAsserted(
                        () ->
                                assertThat(
                                                house.house
                                                        .askRest(
                                                                "GET",
                                                                "/api/v1/gateways/" + OURS,
                                                                "")
                                                        .body())
                                        .contains("\"alert\"", USED_IN_TWO_PLACES));
    }

    private static InetSocketAddress from(String address) {
        return new InetSocketAddress(address, 49152);
    }

    // Row 8: somebody else's things

    private static final String OF_A_GATEWAY =
            """
            GET    |                    |
            PATCH  |                    | {'name':'Mine'}
            DELETE |                    |
            DELETE | /claim             |
            POST   | /authorize         | {'code':'12345678','until':'2026-12-24T00:00:00Z'}
            DELETE | /authorize         |
            GET    | /keys/lns          |
            POST   | /keys/lns          | {}
            GET    | /keys/cups         |
            GET    | /stats             |
            POST   | /commands          | {'command':'reboot'}
            GET    | /api-keys          |
            POST   | /api-keys          | {'name':'x','rights':['RIGHT_GATEWAY_ALL']}
            DELETE | /api-keys/abc      |
            GET    | /collaborators     |
            PUT    | /collaborators/bob | {'rights':['RIGHT_GATEWAY_ALL']}
            DELETE | /collaborators/ann |
            """;

    @Test
    void whatIsSomebodyElsesLooksAsIfItWereNotThere() throws Exception {
        String id = GatewayId.ofEui(OURS).value();
        String nobodys = "eui-58a0cbfffe800bff";
        for (String line : OF_A_GATEWAY.lines().toList()) {
            List<String> row = Arrays.stream(line.split("\\|", -1)).map(String::strip).toList();
            String method = row.get(0);
            String rest = row.get(1);
            String body = row.get(2);

            Answer somebodys = house.asBob(method, GATEWAYS + "/" + id + rest, body);
            assertThat(somebodys.status()).as(line + somebodys.body()).isEqualTo(404);
            assertThat(somebodys.body().replace(id, nobodys))
                    .isEqualTo(house.asBob(method, GATEWAYS + "/" + nobodys + rest, body).body());

            Answer byEui = house.asBob(method, GATEWAYS + "/" + OURS + rest, body);
            assertThat(byEui.status()).as(line + byEui.body()).isEqualTo(404);
            assertThat(byEui.body().replace("58A0CBFFFE800BE7", "58A0CBFFFE800BFF"))
                    .isEqualTo(
                            house.asBob(method, GATEWAYS + "/58A0CBFFFE800BFF" + rest, body)
                                    .body());
        }
    }

    @Test
    void nobodyActsAsAnAccountThatIsNotTheirs() throws Exception {
        Answer answer =
                house.asBob(
                        "POST",
                        GATEWAYS,
                        "{'id':'gtw9','eui':'58A0CBFFFE800BE9','collaborator':'ann'}");
        assertThat(answer.status()).isEqualTo(404);
        assertThat(
                        house.asBob("GET", GATEWAYS + "?collaborator=ann", "")
                                .body()
                                .replace("ann", "zoe"))
                .isEqualTo(house.asBob("GET", GATEWAYS + "?collaborator=zoe", "").body());
        assertThat(house.asBob("GET", "/api/v1/network/events?gateway=" + OURS, "").status())
                .isEqualTo(404);
    }

    // Row 9: client certificates

    @Test
    void aCertificateLetsItsOwnGatewayIn() throws Exception {
        assertThat(status(shows(OURS, certificate(authority, OURS)))).isEqualTo(101);
    }

    @Test
    void noOtherCertificateDoes() throws Exception {
        CertificateAuthority sameName =
                CertificateAuthority.create("Usher CA", house.house.now::get);
        Instant now = house.house.now.get();
        CertificateAuthority yesterdays =
                CertificateAuthority.restore(
                        authority.certificateDer(),
                        authority.privateKeyPkcs8(),
                        () -> now.minus(Duration.ofDays(3)));
        CertificateAuthority tomorrows =
                CertificateAuthority.restore(
                        authority.certificateDer(),
                        authority.privateKeyPkcs8(),
                        () -> now.plus(Duration.ofDays(3)));
        List<X509Certificate> wrong =
                List.of(
                        certificate(authority, OTHER),
                        certificate(sameName, OURS),
                        certificate(yesterdays, OURS),
                        certificate(tomorrows, OURS),
                        authority.issueOwner("58a0:cbff:fe80:be7", DAY).certificate(),
                        authority
                                .issueServer(List.of(OURS.toString().toLowerCase(ROOT)), DAY)
                                .certificate(),
                        authority.certificate());
        for (X509Certificate certificate : wrong) {
            assertThat(status(shows(OURS, certificate)))
                    .as(certificate.getSubjectX500Principal() + " " + certificate.getNotBefore())
                    .isEqualTo(401);
        }
    }

    @Test
    void aCertificateInAHeaderIsNone() throws Exception {
        String pem = authority.issueGateway(OURS, DAY).certificatePem().replace("\n", "%0A");
        for (String name : List.of("X-Forwarded-Client-Cert", "X-Forwarded-Tls-Client-Cert")) {
            assertThat(status(connects(OURS).withHeader(name, pem))).isEqualTo(401);
        }
    }

    // Row 13: the Host header

    @ParameterizedTest
    @ValueSource(strings = {"evil.example.com", "evil.example.com:8887", "[::1]:1"})
    void whereAGatewayIsSentIsNotWhatItsHostHeaderSays(String host) throws Exception {
        String key = lnsKey(OURS);
        try (Edge edge = Edge.create();
                Socket socket =
                        new Socket(
                                InetAddress.getLoopbackAddress(),
                                edge.listen(ListenerOptions.of("lns", "127.0.0.1", 0), lns)
                                        .port())) {
            OutputStream out = socket.getOutputStream();
            out.write(
                    ("GET /router-info HTTP/1.1\r\nHost: "
                                    + host
                                    + "\r\nX-Forwarded-Host: "
                                    + host
                                    + "\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
                                    + "Sec-WebSocket-Key: bpse8nVmEl6ZlX4lSb6RMw==\r\n"
                                    + "Sec-WebSocket-Version: 13\r\nAuthorization: "
                                    + key
                                    + "\r\n\r\n")
                            .getBytes(US_ASCII));
            DataInputStream in = new DataInputStream(socket.getInputStream());
            assertThat(line(in)).startsWith("HTTP/1.1 101");
            while (!line(in).isEmpty()) {
                // the rest of the head
            }
            byte[] question = new DiscoveryRequest(OURS).toJson().getBytes(US_ASCII);
            out.write(new byte[] {(byte) 0x81, (byte) (0x80 | question.length), 0, 0, 0, 0});
            out.write(question); // a mask of zeros leaves it as it is
            assertThat(in.readByte()).isEqualTo((byte) 0x81);
            int length = in.readByte();
            byte[] answer = new byte[length == 126 ? in.readUnsignedShort() : length];
            in.readFully(answer);
            assertThat(DiscoveryResponse.parse(new String(answer, US_ASCII)))
                    .isEqualTo(
                            new DiscoveryResponse.Found(
                                    OURS, OURS, OWN, "/traffic/eui-58a0cbfffe800be7"));
        }
    }

    private static String line(DataInputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (char next = (char) in.readByte(); next != '\n'; next = (char) in.readByte()) {
            line.append(next);
        }
        return line.toString().stripTrailing();
    }

    private static final Duration DAY = Duration.ofDays(1);

    private static X509Certificate certificate(CertificateAuthority issuer, Eui64 eui) {
        return issuer.issueGateway(eui, DAY).certificate();
    }

    private static Request upgrade(String path) {
        return Request.of("GET", path).withHeader("Upgrade", "websocket");
    }

    private String lnsKey(Eui64 gateway) {
        return house.house
                .database
                .write(
                        house.registry
                                .gateways()
                                .issueKey(House.ADMIN, GatewayId.ofEui(gateway), StationKey.LNS))
                .value();
    }

    private static Request connects(Eui64 eui) {
        return upgrade("/traffic/eui-" + eui);
    }

    private static Request shows(Eui64 eui, X509Certificate certificate) {
        return connects(eui).withClientChain(List.of(certificate));
    }

    private Answer answer(Request request) throws Exception {
        return Answer.of(lns.handle(request));
    }

    private int status(Request request) throws Exception {
        return answer(request).status();
    }
}
