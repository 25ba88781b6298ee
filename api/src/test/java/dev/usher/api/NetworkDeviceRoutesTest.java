package dev.usher.api;

import static dev.usher.api.NetworkHouse.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.api.edge.Request;
import dev.usher.lorawan.EuiRange;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The devices that the network serves, and what waits for them, over REST. */
class NetworkDeviceRoutesTest {

    private static final String DEVICES = "/api/v1/network/devices";
    private static final String DEVICE = DEVICES + "/0102030405060708";
    private static final String QUEUE = DEVICE + "/downlinks";
    private static final String NEW =
            "{'devEui':'0102030405060708','joinEui':'70B3D57ED0000000','name':'Door',"
                    + "'macVersion':'1.0.3'}";

    private @TempDir Path directory;
    private NetworkHouse house;

    @BeforeEach
    void open() {
        house = new NetworkHouse(directory);
    }

    @AfterEach
    void close() {
        house.close();
    }

    @Test
    void servesADevice() throws Exception {
        assertThat(house.asAdmin("POST", DEVICES + "?dryRun=true", NEW).json())
                .isEqualTo(json("{'dryRun':true}"));
        assertThat(house.asAdmin("POST", DEVICES, NEW).json())
                .isEqualTo(
                        json(
                                "{'devEui':'0102030405060708','joinEui':'70B3D57ED0000000',"
                                        + "'name':'Door','macVersion':'1.0.3',"
                                        + "'createdAt':'2026-11-21T10:00:00Z'}"));
        assertThat(house.asAdmin("POST", DEVICES, NEW).status()).isEqualTo(409);
        assertThat(house.asAdmin("GET", DEVICE, "").status()).isEqualTo(200);
        assertThat(house.asAdmin("GET", DEVICES + "?limit=1", "").json().get("next").stringValue())
                .isEqualTo("0102030405060708");
        assertThat(house.asAdmin("DELETE", DEVICE, "").status()).isEqualTo(204);
        assertThat(house.asAdmin("GET", DEVICES, "").json().get("items")).isEmpty();
        assertThat(house.asAdmin("DELETE", DEVICE, "").status()).isEqualTo(404);
    }

    @Test
    void queuesDownlinks() throws Exception {
        house.asAdmin("POST", DEVICES, NEW);
        assertThat(
                        house.asAdmin("POST", QUEUE, "{'port':7,'payload':'AQI=','confirmed':true}")
                                .json())
                .isEqualTo(
                        json(
                                "{'seq':1,'devEui':'0102030405060708','port':7,'payload':'AQI=',"
                                        + "'confirmed':true}"));
        assertThat(house.asAdmin("POST", QUEUE, "{'port':8}").status()).isEqualTo(201);
        assertThat(house.asAdmin("GET", QUEUE, "").json().get("items")).hasSize(2);
        assertThat(house.asAdmin("DELETE", QUEUE + "?dryRun=true", "").status()).isEqualTo(200);
        assertThat(house.asAdmin("GET", QUEUE, "").json().get("items")).hasSize(2);
        assertThat(house.asAdmin("DELETE", QUEUE, "").status()).isEqualTo(204);
        assertThat(house.asAdmin("GET", QUEUE, "").json().get("items")).isEmpty();
    }

    @Test
    void queuesADownlinkOnceForAnIdempotencyKeyAndUnderANumberOfItsOwn() throws Exception {
        house.asAdmin("POST", DEVICES, NEW);
        String body = "{\"port\":7,\"payload\":\"AQI=\"}";
        Request push =
                Request.of("POST", QUEUE)
                        .withHeader("Authorization", "Bearer " + house.house.administratorKey)
                        .withHeader("Idempotency-Key", "downlink-1")
                        .withBody(body);
        assertThat(text(push)).isEqualTo(text(push));
        assertThat(house.asAdmin("GET", QUEUE, "").json().get("items")).hasSize(1);

        house.asAdmin("DELETE", QUEUE, "");
        assertThat(house.asAdmin("POST", QUEUE, "{'port':8}").json().get("seq").intValue())
                .isEqualTo(2);
    }

    private String text(Request request) throws Exception {
        return House.Answer.of(house.rest.handle(request)).body();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {'port':0}                | 400 | port 0
                    {'payload':'AQ=='}        | 400 | port is missing
                    {'port':1,'payload':'!!'} | 400 | base64
                    """)
    void refusesWhatCannotBeSent(String body, int status, String why) throws Exception {
        house.asAdmin("POST", DEVICES, NEW);
        House.Answer answer = house.asAdmin("POST", QUEUE, body);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.json().get("detail").stringValue()).contains(why);
    }

    /** What somebody with some rights on a device is answered; a change is only tried. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    # rights                                                 get queue push clear delete keys sharing
                    RIGHT_APPLICATION_DEVICES_READ                         | 200 403 403 403 403 403 403
                    RIGHT_APPLICATION_DEVICES_WRITE                        | 403 403 403 403 200 403 403
                    RIGHT_APPLICATION_TRAFFIC_READ                         | 403 200 403 403 403 403 403
                    RIGHT_APPLICATION_TRAFFIC_DOWN_WRITE                   | 403 403 200 200 403 403 403
                    RIGHT_APPLICATION_SETTINGS_API_KEYS                    | 403 403 403 403 403 200 403
                    RIGHT_APPLICATION_SETTINGS_COLLABORATORS               | 403 403 403 403 403 403 200
                    RIGHT_APPLICATION_ALL                                  | 200 200 200 200 200 200 200
                    """)
    void rightsDecideWhateverWayTheyAreHad(String rights, String statuses) throws Exception {
        house.asAnn("POST", DEVICES, NEW);
        String body = "{'rights':['" + rights + "']}";
        put(DEVICE + "/collaborators/bob", body);
        assertThat(answers(house.bobKey)).as("a collaborator").isEqualTo(statuses);

        house.asAnn("DELETE", DEVICE + "/collaborators/bob", "");
        house.asAnn("POST", "/api/v1/organizations", "{'id':'acme','member':'ann'}");
        put("/api/v1/organizations/acme/collaborators/bob", body);
        put(DEVICE + "/collaborators/acme", "{'rights':['RIGHT_APPLICATION_ALL']}");
        assertThat(answers(house.bobKey)).as("a member").isEqualTo(statuses);

        assertThat(answers(key("/api/v1/users/ann", body))).as("a user's key").isEqualTo(statuses);
        assertThat(answers(key("/api/v1/organizations/acme", body)))
                .as("an organization's key")
                .isEqualTo(statuses);
        assertThat(answers(key(DEVICE, body))).as("a device's key").isEqualTo(statuses);
    }

    private String answers(String key) throws Exception {
        String tried = "?dryRun=true";
        List<Integer> statuses =
                List.of(
                        house.ask(key, "GET", DEVICE, "").status(),
                        house.ask(key, "GET", QUEUE, "").status(),
                        house.ask(key, "POST", QUEUE + tried, "{'port':1}").status(),
                        house.ask(key, "DELETE", QUEUE + tried, "").status(),
                        house.ask(key, "DELETE", DEVICE + tried, "").status(),
                        house.ask(key, "GET", DEVICE + "/api-keys", "").status(),
                        house.ask(key, "GET", DEVICE + "/collaborators", "").status());
        return statuses.stream().map(String::valueOf).collect(Collectors.joining(" "));
    }

    private void put(String path, String body) throws Exception {
        assertThat(house.asAnn("PUT", path, body).status()).as(path).isEqualTo(200);
    }

    private String key(String of, String body) throws Exception {
        return house.asAnn("POST", of + "/api-keys", body).json().get("key").stringValue();
    }

    @Test
    void looksToStrangersAsIfItWereNotThere() throws Exception {
        house.asAnn("POST", DEVICES, NEW);
        String theirs = answers(house.bobKey);
        String body = house.asBob("GET", DEVICE, "").body();
        house.asAnn("DELETE", DEVICE, "");

        assertThat(theirs).isEqualTo("404 404 404 404 404 404 404");
        assertThat(answers(house.bobKey)).isEqualTo(theirs);
        assertThat(house.asBob("GET", DEVICE, "").body()).isEqualTo(body);
    }

    @Test
    void isWhoseItIsServedFor() throws Exception {
        assertThat(house.asBob("POST", DEVICES, with("{'collaborator':'ann'}")).status())
                .isEqualTo(404);
        assertThat(house.asAdmin("POST", DEVICES, with("{'collaborator':'ann'}")).status())
                .isEqualTo(201);
        assertThat(house.asBob("POST", DEVICES, NEW).status()).isEqualTo(409);
        house.asBob("POST", DEVICES, NEW.replace("08'", "09'"));
        house.asAdmin("POST", DEVICES, NEW.replace("08'", "0A'"));

        assertThat(listed(house.annKey, "")).containsExactly("0102030405060708");
        assertThat(listed(house.bobKey, "")).containsExactly("0102030405060709");
        assertThat(listed(house.bobKey, "?after=0102030405060709")).isEmpty();
        assertThat(listed(house.house.administratorKey, "")).hasSize(3);
        assertThat(listed(house.house.administratorKey, "?collaborator=bob"))
                .containsExactly("0102030405060709");
        assertThat(house.asBob("GET", DEVICES + "?collaborator=ann", "").status()).isEqualTo(404);
    }

    /**
     * Who has a device served whose keys are at the Join Server of the house: Ann is the
     * organization {@code acme}, which is the owner {@code ::1} there; Bob is a member of it who
     * may have devices served for it, and is {@code other}, the owner {@code ::2}; {@code idle} is
     * nobody there.
     */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            textBlock =
                    """
                    # claimed by | asked by | served for | answered
                    unknown      | ann      | -          | 201
                    unknown      | bob      | other      | 201
                    -            | ann      | -          | 403
                    -            | ann      | acme       | 403
                    -            | ann      | idle       | 403
                    -            | admin    | -          | 201
                    -            | admin    | acme       | 201
                    acme         | ann      | acme       | 201
                    acme         | ann      | -          | 403
                    acme         | ann      | idle       | 403
                    acme         | bob      | acme       | 201
                    acme         | bob      | -          | 403
                    acme         | bob      | other      | 403
                    acme         | ann      | other      | 404
                    acme         | acme     | -          | 201
                    acme         | admin    | -          | 201
                    acme         | admin    | bob        | 201
                    other        | ann      | acme       | 403
                    other        | bob      | other      | 201
                    other        | acme     | -          | 403
                    other        | admin    | acme       | 201
                    """)
    void whatTheHousesJoinServerKnowsIsServedForWhoeverClaimedItThere(
            String claimedBy, String asker, String holder, int status) throws Exception {
        String acme = organizations();
        if (!"unknown".equals(claimedBy)) {
            provision();
        }
        if ("acme".equals(claimedBy)) {
            claim(house.house.acmeKey);
        } else if ("other".equals(claimedBy)) {
            claim(house.house.otherKey);
        }
        String key =
                switch (asker) {
                    case "ann" -> house.annKey;
                    case "bob" -> house.bobKey;
                    case "acme" -> acme;
                    default -> house.house.administratorKey;
                };
        House.Answer answer = create(key, holder);
        assertThat(answer.status()).isEqualTo(status);
        if (status == 403) {
            assertThat(answer.json().get("detail").stringValue())
                    .isEqualTo(
                            "device 0102030405060708 has its keys at this house's Join Server:"
                                + " claim it there first, with its owner token, and have it served"
                                + " for the organization that has claimed it");
        }
    }

    @Test
    void isTakenByWhoeverClaimedItSince() throws Exception {
        organizations();
        provision();
        claim(house.house.otherKey);
        assertThat(create(house.bobKey, "other").status()).isEqualTo(201);
        house.asBob("POST", QUEUE, "{'port':7}");
        String bobs = DEVICE + "/collaborators/bob";
        house.asBob("PUT", bobs, "{'rights':['RIGHT_APPLICATION_ALL']}");
        assertThat(create(house.annKey, "acme").status()).isEqualTo(403);

        String device = "/api/v1/devices/0102030405060708";
        house.ask(
                house.house.otherKey,
                "POST",
                device + "/release",
                "{'regenerateOwnerToken':false}");
        claim(house.house.acmeKey);
        assertThat(create(house.bobKey, "other").status()).isEqualTo(403);
        assertThat(create(house.annKey, "acme").status()).isEqualTo(201);
        assertThat(create(house.annKey, "acme").status()).isEqualTo(409);
        assertThat(house.asBob("GET", DEVICE, "").status()).isEqualTo(404);
        assertThat(house.asAnn("GET", QUEUE, "").json().get("items")).isEmpty();
        assertThat(house.asAnn("GET", DEVICE + "/collaborators", "").json())
                .isEqualTo(
                        json(
                                "{'items':[{'account':'acme',"
                                        + "'rights':['RIGHT_APPLICATION_ALL']}]}"));
        assertThat(house.asAdmin("GET", "/api/v1/audit?limit=100", "").body())
                .contains("network-device.take");
    }

    /** Makes them; the answer is a key of {@code acme}. */
    private String organizations() throws Exception {
        house.asAnn("POST", "/api/v1/organizations", "{'id':'acme','member':'ann'}");
        house.asAnn("POST", "/api/v1/organizations", "{'id':'idle','member':'ann'}");
        house.asBob("POST", "/api/v1/organizations", "{'id':'other','member':'bob'}");
        put(
                "/api/v1/organizations/acme/collaborators/bob",
                "{'rights':['RIGHT_ORGANIZATION_APPLICATIONS_CREATE']}");
        String owner = "/api/v1/organizations/acme/owner";
        assertThat(house.asAnn("PUT", owner, "{'ownerid':'::1'}").status()).isEqualTo(403);
        assertThat(house.asAdmin("PUT", owner, "{'ownerid':'::1'}").json().get("ownerid"))
                .hasToString("\"::1\"");
        house.asAdmin("PUT", "/api/v1/organizations/other/owner", "{'ownerid':'::2'}");
        return key("/api/v1/organizations/acme", "{'rights':['RIGHT_ORGANIZATION_ALL']}");
    }

    private void provision() throws Exception {
        house.house.database.write(
                house.house
                        .joinServer
                        .joinEuis()
                        .assign(House.ADMIN, EuiRange.parse("70B3D57ED0000000/40"), House.ACME));
        house.house.joinServer.joinEuis().refresh();
        String device =
                "{'devEui':'0102030405060708','joinEui':'70B3D57ED0000000','ownerToken':'TOKEN1',"
                        + "'appKey':'000102030405060708090A0B0C0D0E0F'}";
        assertThat(house.asAdmin("POST", "/api/v1/devices", device).status()).isEqualTo(201);
    }

    private void claim(String ownerKey) throws Exception {
        String path = "/api/v1/devices/0102030405060708/claim";
        assertThat(house.ask(ownerKey, "POST", path, "{'ownerToken':'TOKEN1'}").status())
                .isEqualTo(200);
    }

    private House.Answer create(String key, @Nullable String holder) throws Exception {
        return house.ask(
                key,
                "POST",
                DEVICES,
                holder == null ? NEW : with("{'collaborator':'" + holder + "'}"));
    }

    @Test
    void listsWhatMayBeSeenInWhateverWay() throws Exception {
        house.asAnn("POST", "/api/v1/organizations", "{'id':'acme','member':'ann'}");
        house.asAnn("POST", DEVICES, NEW);
        house.asAnn("POST", DEVICES, with("{'collaborator':'acme'}").replace("08'", "09'"));
        house.asAnn("POST", DEVICES, NEW.replace("08'", "0A'"));
        String read = "{'rights':['RIGHT_APPLICATION_DEVICES_READ']}";
        String listen = "{'rights':['RIGHT_APPLICATION_TRAFFIC_READ']}";
        put(DEVICE + "/collaborators/bob", listen);
        put("/api/v1/organizations/acme/collaborators/bob", read);
        put(DEVICES + "/010203040506070A/collaborators/bob", read);

        String acme = "0102030405060709";
        String anns = "010203040506070A";
        assertThat(listed(house.annKey, "")).containsExactly("0102030405060708", acme, anns);
        assertThat(listed(house.bobKey, "")).containsExactly(acme, anns);
        assertThat(listed(house.bobKey, "?limit=1")).containsExactly(acme);
        assertThat(listed(house.bobKey, "?limit=1&after=" + acme)).containsExactly(anns);
        assertThat(listed(key("/api/v1/organizations/acme", read), "")).containsExactly(acme);
        assertThat(listed(key("/api/v1/organizations/acme", listen), "")).isEmpty();
        assertThat(listed(key(DEVICE, read), "")).containsExactly("0102030405060708");
        assertThat(listed(key(DEVICE, read), "?after=0102030405060708")).isEmpty();
        assertThat(listed(key(DEVICE, listen), "")).isEmpty();
        assertThat(listed(house.annKey, "?collaborator=acme")).containsExactly(acme);
    }

    @Test
    void isGivenToSomebodyOnlyWhenItIsThere() throws Exception {
        String all = "{'rights':['RIGHT_APPLICATION_ALL']}";
        String bob = DEVICE + "/collaborators/bob";
        assertThat(house.asAdmin("PUT", bob, all).status()).isEqualTo(404);
        assertThat(house.asAdmin("POST", DEVICE + "/api-keys", all).status()).isEqualTo(404);

        house.asAdmin("POST", DEVICES, NEW);
        assertThat(house.asBob("GET", DEVICE, "").status()).isEqualTo(404);
        assertThat(house.asAdmin("PUT", bob, all).status()).isEqualTo(200);
        assertThat(house.asBob("GET", DEVICE, "").status()).isEqualTo(200);
    }

    @Test
    void endsEverybodysRightsWithTheDevice() throws Exception {
        house.asAnn("POST", DEVICES, NEW);
        put(DEVICE + "/collaborators/bob", "{'rights':['RIGHT_APPLICATION_ALL']}");
        String key = key(DEVICE, "{'rights':['RIGHT_APPLICATION_ALL']}");
        house.asAnn("DELETE", DEVICE, "");
        house.asAdmin("POST", DEVICES, NEW);

        assertThat(house.asBob("GET", DEVICE, "").status()).isEqualTo(404);
        assertThat(house.asAnn("GET", DEVICE, "").status()).isEqualTo(404);
        assertThat(house.ask(key, "GET", DEVICE, "").status()).isEqualTo(401);
    }

    @Test
    void keepsAUserWhoAloneHasADevice() throws Exception {
        house.asAnn("POST", DEVICES, NEW);
        assertThat(house.asAdmin("DELETE", "/api/v1/users/ann", "").json().get("detail"))
                .hasToString(
                        "\"ann alone has all rights on device 0102030405060708: delete it, or give"
                                + " somebody else all rights on it first\"");
    }

    private static String with(String more) {
        return NEW.replace("}", "," + more.substring(1));
    }

    private List<String> listed(String key, String query) throws Exception {
        return house.ask(key, "GET", DEVICES + query, "").json().get("items").values().stream()
                .map(device -> device.get("devEui").stringValue())
                .toList();
    }
}
