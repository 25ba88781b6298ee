package dev.usher.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.api.House.Answer;
import dev.usher.api.edge.Request;
import dev.usher.devices.AsyncTarget;
import dev.usher.keys.CertificateAuthority;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Peers and JoinEUIs over REST. */
class PeerRoutesTest {

    private static final String PEERS = "/api/v1/peers";
    private static final String NS =
            "{'name':'ns','netId':'000013','nsIds':['70B3D57ED0000001'],'strictNsId':true,"
                    + "'asyncUrl':'https://ns.example.com/answers',"
                    + "'asyncAuthorization':'Bearer secret-back','pathPrefix':'/ns',"
                    + "'bearerToken':'secret-token','user':'ns','password':'secret-password'}";

    private @TempDir Path directory;
    private House house;

    @BeforeEach
    void open() {
        house = new House(directory);
    }

    @AfterEach
    void close() {
        house.close();
    }

    @Test
    void showsAPeerWithoutItsSecrets() throws Exception {
        Answer created = post(PEERS, NS);

        assertThat(created.status()).isEqualTo(201);
        assertThat(created.json())
                .isEqualTo(
                        json(
                                "{'name':'ns','netId':'000013','nsIds':['70B3D57ED0000001'],"
                                    + "'strictNsId':true,'asyncUrl':'https://ns.example.com/answers',"
                                    + "'hasAsyncAuthorization':true,'pathPrefix':'/ns',"
                                    + "'hasBearerToken':true,'user':'ns','keks':[],"
                                    + "'createdAt':'2026-11-21T10:00:00Z'}"));
        assertThat(get(PEERS + "/ns").json()).isEqualTo(created.json());
        assertThat(get(PEERS).json().at("/items/0")).isEqualTo(created.json());
        assertThat(created.body() + get("/api/v1/audit").body()).doesNotContain("secret-");
        assertThat(house.joinServer.peers().get("ns").toString()).doesNotContain("secret-");
    }

    @Test
    void changesWhatIsGivenAndTakesAwayWhatIsNull() throws Exception {
        post(PEERS, NS);
        String ca =
                Fields.JSON
                        .createObjectNode()
                        .put(
                                "clientCa",
                                CertificateAuthority.create("NS", house.now::get).certificatePem())
                        .put("clientName", "*.example.com")
                        .putNull("bearerToken")
                        .toString();

        assertThat(patch("{'strictNsId':false,'nsIds':[],'pathPrefix':null}").status())
                .isEqualTo(200);
        assertThat(patch("{'asyncUrl':'https://ns2.example.com/'}").status()).isEqualTo(200);
        JsonNode peer = patch(ca).json();

        assertThat(peer.get("strictNsId").booleanValue()).isFalse();
        assertThat(peer.has("nsIds")).isFalse();
        assertThat(peer.has("pathPrefix")).isFalse();
        assertThat(peer.get("clientName").stringValue()).isEqualTo("*.example.com");
        assertThat(peer.get("hasBearerToken").booleanValue()).isFalse();
        assertThat(peer.get("user").stringValue()).isEqualTo("ns");
        assertThat(house.joinServer.peers().get("ns").settings().async())
                .hasValue(
                        new AsyncTarget(
                                java.net.URI.create("https://ns2.example.com/"),
                                Optional.of("Bearer secret-back")));
        JsonNode less = patch("{'asyncUrl':null,'user':null}").json();
        assertThat(less.has("asyncUrl")).isFalse();
        assertThat(less.has("user")).isFalse();
        Answer none = patch("{'clientCa':null}");
        assertThat(none.status()).isEqualTo(409);
        assertThat(none.json().get("detail").stringValue())
                .startsWith("peer 'ns' could not prove who it is any more");
    }

    @Test
    void saysWhereAnswersGoInClear() throws Exception {
        assertThat(post(PEERS, NS).json().has("asyncInClear")).isFalse();

        JsonNode peer = patch("{'asyncUrl':'HTTP://ns.example.com/'}").json();

        assertThat(peer.get("asyncInClear").booleanValue()).isTrue();
    }

    @Test
    void takesAKekBack() throws Exception {
        post(PEERS, NS);
        post(PEERS + "/ns/kek", "{'label':'ns:1'}");
        post(PEERS + "/ns/kek", "{'label':'ns/2','from':'2026-12-01T00:00:00Z'}");
        String kek = PEERS + "/ns/kek/ns%2F2";

        assertThat(house.askRest("DELETE", kek + "?dryRun=true", "").status()).isEqualTo(200);
        assertThat(house.askRest("DELETE", kek, "").status()).isEqualTo(204);
        assertThat(house.askRest("DELETE", kek, "").status()).isEqualTo(404);

        assertThat(get(PEERS + "/ns").json().get("keks").findValuesAsString("label"))
                .containsExactly("ns:1");
        assertThat(
                        post(PEERS + "/ns/kek", "{'label':'old','from':'2020-01-01T00:00:00Z'}")
                                .status())
                .isEqualTo(409);
    }

    @Test
    void makesAKekAndTellsItOnce() throws Exception {
        post(PEERS, NS);

        Answer made = post(PEERS + "/ns/kek", "{'label':'ns:000013'}");
        assertThat(made.status()).isEqualTo(201);
        assertThat(made.json().get("kek").stringValue()).matches("[0-9A-F]{32}");

        Answer given =
                post(
                        PEERS + "/ns/kek",
                        "{'label':'ns:000013:2','kek':'"
                                + "0x00112233445566778899aabbccddeeff0011223344556677"
                                + "','from':'2026-12-01T00:00:00Z'}");
        assertThat(given.status()).isEqualTo(201);
        assertThat(given.json().has("kek")).isFalse();
        assertThat(given.json().get("keks"))
                .isEqualTo(
                        json(
                                "[{'label':'ns:000013','bits':128,'from':'2026-11-21T10:00:00Z'},"
                                        + "{'label':'ns:000013:2','bits':192,"
                                        + "'from':'2026-12-01T00:00:00Z'}]"));
        assertThat(post(PEERS + "/ns/kek", "{'label':'ns:000013'}").status()).isEqualTo(409);
        assertThat(get(PEERS + "/ns").body())
                .doesNotContain(made.json().get("kek").stringValue())
                .doesNotContainIgnoringCase("8899aabb");
    }

    @Test
    void makesAChangeOnceForAKeyAndNotAtAllInADryRun() throws Exception {
        assertThat(post(PEERS + "?dryRun=true", NS).json()).isEqualTo(json("{'dryRun':true}"));
        assertThat(get(PEERS).json().get("items")).isEmpty();

        Answer first = once(PEERS, NS);
        assertThat(first.status()).isEqualTo(201);
        assertThat(once(PEERS, NS).body()).isEqualTo(first.body());
        Answer kek = once(PEERS + "/ns/kek", "{'label':'a','bits':256}");
        assertThat(once(PEERS + "/ns/kek", "{'label':'a','bits':256}").body())
                .isEqualTo(kek.body());

        assertThat(house.askRest("DELETE", PEERS + "/ns?dryRun=true", "").status()).isEqualTo(200);
        assertThat(get(PEERS + "/ns").status()).isEqualTo(200);
        assertThat(house.askRest("DELETE", PEERS + "/ns", "").status()).isEqualTo(204);
        assertThat(get(PEERS + "/ns").status()).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {'name':'a','bearerToken':'12345678'} | say what the peer is
                    {'name':'a','netId':'13','bearerToken':'12345678'} | netId:
                    {'name':'a','netId':'000013','asId':'as','bearerToken':'12345678'} | make two of it
                    {'name':'a','netId':'000013'} | say how the peer proves who it is
                    {'name':'a','netId':'000013','bearerToken':'short'} | the peer's token is shorter than
                    {'name':'a','netId':'000013','user':'u'} | user and password go together
                    {'name':'a','netId':'000013','clientName':'x','bearerToken':'12345678'} | clientName goes with clientCa
                    {'name':'a','netId':'000013','asyncAuthorization':'Bearer x','bearerToken':'12345678'} | asyncAuthorization goes with asyncUrl
                    {'name':'a','netId':'000013','asyncUrl':'ftp://x','bearerToken':'12345678'} | 'ftp://x' is no URL
                    {'name':'a','netId':'000013','asyncUrl':'a b','bearerToken':'12345678'} | 'a b' is not a URL
                    {'name':'a','netId':'000013','asyncUrl':'https://x','asyncAuthorization':'hidden','bearerToken':'12345678'} | not the value of an Authorization header
                    {'name':'a','asId':'as','nsIds':['70B3D57ED0000001'],'bearerToken':'12345678'} | an Application Server has no NSID
                    {'name':'a','netId':'000013','nsIds':[7],'bearerToken':'12345678'} | nsIds must be an array of strings
                    {'name':'a','netId':'000013','pathPrefix':'x','bearerToken':'12345678'} | not the beginning of a path
                    {'name':'A b','netId':'000013','bearerToken':'12345678'} | is not a name for a peer
                    {'name':'a','netID':'000013','bearerToken':'12345678'} | unknown field 'netID'
                    """)
    void saysWhatIsWrong(String body, String detail) throws Exception {
        Answer answer = post(PEERS, body);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("detail").stringValue())
                .contains(detail)
                .doesNotContain("12345678")
                .doesNotContain("hidden");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {} | label is missing
                    {'label':'a','kek':'00'} | kek:
                    {'label':'a','bits':64} | bits is 64: a KEK has 128, 192 or 256
                    {'label':'a','kek':'000102030405060708090A0B0C0D0E0F','bits':128} | bits is for a KEK that is made here
                    {'label':'a','from':'soon'} | from is not a time
                    """)
    void saysWhatIsWrongWithAKek(String body, String detail) throws Exception {
        post(PEERS, NS);

        Answer answer = post(PEERS + "/ns/kek", body);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("detail").stringValue())
                .contains(detail)
                .doesNotContain("0D0E0F");
    }

    @Test
    void assignsAndWithdrawsJoinEuis() throws Exception {
        Answer assigned =
                post("/api/v1/join-euis", "{'range':'70B3D57ED0000000/40','maker':'::1'}");

        assertThat(assigned.status()).isEqualTo(201);
        assertThat(assigned.json())
                .isEqualTo(
                        json(
                                "{'range':'70B3D57ED0000000/40','first':'70B3D57ED0000000',"
                                        + "'last':'70B3D57ED0FFFFFF','maker':'::1'}"));
        assertThat(
                        post(
                                        "/api/v1/join-euis",
                                        "{'range':'70B3D57ED0000001-70B3D57ED0000002',"
                                                + "'maker':'::2'}")
                                .status())
                .isEqualTo(409);
        assertThat(get("/api/v1/join-euis").json().at("/items/0")).isEqualTo(assigned.json());
        String path = "/api/v1/join-euis/70B3D57ED0000000%2F40";
        assertThat(house.askRest("DELETE", path + "?dryRun=true", "").status()).isEqualTo(200);
        post(
                "/api/v1/devices",
                "{'devEui':'0102030405060708','joinEui':'70B3D57ED0000001',"
                        + "'appKey':'000102030405060708090A0B0C0D0E0F'}");
        Answer kept = house.askRest("DELETE", path, "");
        assertThat(kept.status()).isEqualTo(409);
        assertThat(kept.json().get("detail").stringValue())
                .startsWith("1 device has a JoinEUI of 70B3D57ED0000000/40");
        assertThat(house.askRest("DELETE", path + "?force=true", "").status()).isEqualTo(204);
        assertThat(house.askRest("DELETE", path, "").status()).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /api/v1/peers",
        "POST, /api/v1/peers",
        "GET, /api/v1/peers/ns",
        "PATCH, /api/v1/peers/ns",
        "DELETE, /api/v1/peers/ns",
        "POST, /api/v1/peers/ns/kek",
        "DELETE, /api/v1/peers/ns/kek/x",
        "GET, /api/v1/join-euis",
        "POST, /api/v1/join-euis",
        "DELETE, /api/v1/join-euis/x"
    })
    void isForAdministrators(String method, String path) throws Exception {
        assertThat(House.ask(house.rest, method, path, house.acmeKey, "{}").status())
                .isEqualTo(403);
    }

    private Answer get(String path) throws Exception {
        return house.askRest("GET", path, "");
    }

    private Answer post(String path, String body) throws Exception {
        return house.askRest("POST", path, body.replace('\'', '"'));
    }

    private Answer patch(String body) throws Exception {
        return house.askRest("PATCH", PEERS + "/ns", body.replace('\'', '"'));
    }

    private Answer once(String path, String body) throws Exception {
        return Answer.of(
                house.rest.handle(
                        Request.of("POST", path)
                                .withHeader("Authorization", "Bearer " + house.administratorKey)
                                .withHeader("Idempotency-Key", "key-of-" + path)
                                .withBody(body.replace('\'', '"'))));
    }

    private static JsonNode json(String text) {
        return Fields.JSON.readTree(text.replace('\'', '"'));
    }
}
