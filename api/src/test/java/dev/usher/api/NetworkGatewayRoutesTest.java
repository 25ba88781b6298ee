package dev.usher.api;

import static dev.usher.api.NetworkHouse.GATEWAY;
import static dev.usher.api.NetworkHouse.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.api.House.Answer;
import dev.usher.api.edge.Request;
import dev.usher.lorawan.Eui64;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The gateways of the network over REST: registered, claimed, handed over, by whom may do it. */
class NetworkGatewayRoutesTest {

    private static final String GATEWAYS = "/api/v1/network/gateways";
    private static final String GTW1 = GATEWAYS + "/gtw1";
    private static final String CLAIM =
            "{'eui':'58A0CBFFFE800BE7','authenticationCode':'VfjK89h3','collaborator':'ann',"
                    + "'targetGatewayId':'gtw1','targetFrequencyPlanIds':['EU_863_870']}";
    private static final String REGISTRATION =
            "{'eui':'AA00000000000001','id':'gtw1','collaborator':'ann'}";

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
    void registersChangesAndDeletes() throws Exception {
        Answer created = house.asAnn("POST", GATEWAYS, REGISTRATION);
        assertThat(created.json())
                .isEqualTo(
                        json(
                                "{'id':'gtw1','eui':'AA00000000000001','frequencyPlanIds':[],"
                                        + "'requireAuthenticatedConnection':true,"
                                        + "'enforceDutyCycle':true,'origin':'registered',"
                                        + "'createdAt':'2026-11-21T10:00:00Z',"
                                        + "'targetChangedAt':'2026-11-21T10:00:00Z'}"));
        assertThat(created.status()).isEqualTo(201);
        assertThat(house.asAnn("POST", GATEWAYS, REGISTRATION).status()).isEqualTo(409);

        JsonNode set =
                house.asAnn(
                                "PATCH",
                                GTW1,
                                "{'name':'Roof','frequencyPlanIds':['EU_863_870'],"
                                        + "'gatewayServerAddress':'ws://192.168.2.2:1887',"
                                        + "'lnsKey':'s3cret'}")
                        .json();
        assertThat(set.get("gatewayServerAddress").stringValue())
                .isEqualTo("ws://192.168.2.2:1887");
        assertThat(set.get("name").stringValue()).isEqualTo("Roof");
        assertThat(house.asAnn("GET", GTW1 + "/keys/lns", "").json())
                .isEqualTo(json("{'key':'Bearer s3cret'}"));
        JsonNode home =
                house.asAnn("PATCH", GTW1, "{'gatewayServerAddress':null,'lnsKey':null}").json();
        assertThat(home.has("gatewayServerAddress")).isFalse();
        assertThat(home.get("name").stringValue()).isEqualTo("Roof");
        assertThat(house.asAnn("GET", GTW1 + "/keys/lns", "").status()).isEqualTo(404);

        assertThat(house.asAnn("GET", GATEWAYS + "/AA00000000000001", "").json()).isEqualTo(home);
        assertThat(house.asAnn("DELETE", GTW1 + "?dryRun=true", "").status()).isEqualTo(200);
        assertThat(house.asAnn("DELETE", GTW1, "").status()).isEqualTo(204);
        assertThat(house.asAnn("GET", GTW1, "").status()).isEqualTo(404);
    }

    @Test
    void showsEverybodyTheirOwn() throws Exception {
        house.asAnn("POST", GATEWAYS, REGISTRATION);
        assertThat(house.asBob("GET", GTW1, "").body())
                .isEqualTo(house.asBob("GET", GATEWAYS + "/gtw2", "").body().replace("tw2", "tw1"));
        assertThat(house.asBob("DELETE", GTW1, "").status()).isEqualTo(404);
        assertThat(house.asBob("GET", GATEWAYS, "").json().get("items")).isEmpty();
        assertThat(house.asAnn("GET", GATEWAYS, "").json().get("items")).hasSize(1);
        JsonNode page = house.asAdmin("GET", GATEWAYS + "?collaborator=ann&limit=1", "").json();
        assertThat(page.get("next").stringValue()).isEqualTo("gtw1");
        assertThat(house.asBob("POST", GATEWAYS, REGISTRATION.replace("gtw1", "gtw2")).status())
                .isEqualTo(404);
        assertThat(house.ask(house.house.acmeKey, "GET", GTW1, "").status()).isEqualTo(404);
        assertThat(house.ask("USHER.none", "GET", GTW1, "").status()).isEqualTo(401);

        assertThat(
                        house.asAnn(
                                        "PUT",
                                        GTW1 + "/collaborators/bob",
                                        "{'rights':['RIGHT_GATEWAY_INFO']}")
                                .json())
                .isEqualTo(json("{'account':'bob','rights':['RIGHT_GATEWAY_INFO']}"));
        assertThat(house.asBob("GET", GTW1, "").status()).isEqualTo(200);
        Answer missing = house.asBob("PATCH", GTW1, "{'name':'Mine'}");
        assertThat(missing.status()).isEqualTo(403);
        assertThat(missing.json().get("detail").stringValue())
                .contains("RIGHT_GATEWAY_SETTINGS_BASIC");
        assertThat(house.asAnn("DELETE", GTW1 + "/collaborators/bob", "").status()).isEqualTo(204);
        assertThat(house.asBob("GET", GTW1, "").status()).isEqualTo(404);
    }

    @Test
    void claims() throws Exception {
        assertThat(
                        house.asAnn("POST", GATEWAYS + "/claim/info", "{'eui':'" + GATEWAY + "'}")
                                .json())
                .isEqualTo(json("{'eui':'58A0CBFFFE800BE7','supportsClaiming':true}"));
        assertThat(house.asAnn("POST", GATEWAYS + "/claim?dryRun=true", CLAIM).status())
                .isEqualTo(400);

        Answer claimed = claimAgainAndAgain("once");
        assertThat(claimed.status()).isEqualTo(201);
        assertThat(claimed.json().get("id").stringValue()).isEqualTo("gtw1");
        assertThat(claimed.json().get("origin").stringValue()).isEqualTo("claimed");
        assertThat(claimed.json().get("upstream").stringValue()).isEqualTo("factory");
        assertThat(claimAgainAndAgain("once")).isEqualTo(claimed);
        assertThat(house.asAnn("DELETE", GTW1, "").status()).isEqualTo(409);

        assertThat(house.asBob("DELETE", GTW1 + "/claim", "").status()).isEqualTo(404);
        assertThat(house.asAnn("DELETE", GTW1 + "/claim", "").status()).isEqualTo(204);
        assertThat(house.claimed).isEmpty();
        assertThat(house.asAnn("DELETE", GTW1 + "/claim", "").status()).isEqualTo(404);
    }

    private Answer claimAgainAndAgain(String idempotencyKey) throws Exception {
        return Answer.of(
                house.rest.handle(
                        Request.of("POST", GATEWAYS + "/claim")
                                .withHeader("Authorization", "Bearer " + house.annKey)
                                .withHeader("Idempotency-Key", idempotencyKey)
                                .withBody(CLAIM.replace('\'', '"'))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    VfjK89h3         | wrong            | 403 | code-mismatch          | check the EUI and the code on the label
                    58A0CBFFFE800BE7 | AA00000000000002 | 404 | claiming-not-supported | no Gateway Join Server is known
                    gtw1             | taken            | 409 | id-taken               | choose another ID
                    EU_863_870       | EU_868           | 400 | bad-request            | EU_868
                    gtw1             | 58a0cbfffe800be7 | 400 | bad-request            | write eui-58a0cbfffe800be7
                    'ann'            | 'bob'            | 404 | not-found              | bob
                    """)
    void saysWhyAClaimFails(String right, String wrong, int status, String type, String why)
            throws Exception {
        house.asAdmin(
                "POST", GATEWAYS, "{'eui':'AA00000000000001','id':'taken','collaborator':'bob'}");

        Answer answer = house.asAnn("POST", GATEWAYS + "/claim", CLAIM.replace(right, wrong));

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.json().get("type").stringValue()).isEqualTo("urn:usher:problem:" + type);
        assertThat(answer.json().get("detail").stringValue()).contains(why);
    }

    @Test
    void saysThatTheGatewayJoinServerIsAway() throws Exception {
        house.isUpstreamAway = true;
        Answer answer = house.asAnn("POST", GATEWAYS + "/claim", CLAIM);
        assertThat(answer.status()).isEqualTo(502);
        assertThat(answer.json().get("detail").stringValue()).contains("it cannot be reached");
    }

    @Test
    void handsOverWithACode() throws Exception {
        house.asAnn("POST", GATEWAYS + "/claim", CLAIM);
        String bobs =
                CLAIM.replace("ann", "bob")
                        .replace("gtw1", "gtw2")
                        .replace("VfjK89h3", "SELL2BOB1");
        assertThat(house.asBob("POST", GATEWAYS + "/claim", bobs).json().get("title").stringValue())
                .isEqualTo("Gateway not authorized for claiming");

        assertThat(house.asAnn("POST", GTW1 + "/authorize", "{'code':'SELL2BOB1'}").status())
                .isEqualTo(400);
        assertThat(
                        house.asAnn(
                                        "POST",
                                        GTW1 + "/authorize",
                                        "{'code':'SELL2BOB1','until':'2026-12-01T00:00:00Z'}")
                                .json()
                                .get("claimableUntil")
                                .stringValue())
                .isEqualTo("2026-12-01T00:00:00Z");
        assertThat(house.asAnn("DELETE", GTW1 + "/authorize", "").status()).isEqualTo(204);
        assertThat(house.asBob("POST", GATEWAYS + "/claim", bobs).status()).isEqualTo(403);
        house.asAnn(
                "POST", GTW1 + "/authorize", "{'code':'SELL2BOB1','until':'2026-12-01T00:00:00Z'}");
        assertThat(house.asBob("POST", GATEWAYS + "/claim", bobs).json().get("id").stringValue())
                .isEqualTo("gtw2");
        assertThat(house.asAnn("GET", GTW1, "").status()).isEqualTo(404);
    }

    @Test
    void givesKeys() throws Exception {
        house.asAnn("POST", GATEWAYS, REGISTRATION);
        JsonNode made =
                house.asAnn(
                                "POST",
                                GTW1 + "/api-keys",
                                "{'name':'watch','rights':['RIGHT_GATEWAY_INFO'],"
                                        + "'expiresAt':'2026-12-01T00:00:00Z'}")
                        .json();
        String key = made.get("key").stringValue();
        assertThat(house.ask(key, "GET", GTW1, "").status()).isEqualTo(200);
        assertThat(house.ask(key, "DELETE", GTW1, "").status()).isEqualTo(403);
        assertThat(house.ask(key, "GET", GTW1 + "/stats", "").status()).isEqualTo(403);
        assertThat(house.ask(key, "GET", "/api/v1/network/events?gateway=gtw1", "").status())
                .isEqualTo(403);
        assertThat(house.asAnn("GET", GTW1 + "/api-keys", "").json().get("items"))
                .hasSize(1)
                .allSatisfy(item -> assertThat(item.has("key")).isFalse());
        assertThat(
                        house.asAnn(
                                        "DELETE",
                                        GTW1 + "/api-keys/" + made.get("id").stringValue(),
                                        "")
                                .status())
                .isEqualTo(204);
        assertThat(house.ask(key, "GET", GTW1, "").status()).isEqualTo(401);
        assertThat(
                        house.asAdmin(
                                        "POST",
                                        GATEWAYS + "/none/api-keys",
                                        "{'rights':['RIGHT_GATEWAY_INFO']}")
                                .status())
                .isEqualTo(404);

        String lns = house.asAnn("POST", GTW1 + "/keys/lns", "").json().get("key").stringValue();
        assertThat(lns).startsWith("Bearer USHER.");
        assertThat(house.asAnn("POST", GTW1 + "/keys/cups", "{}").status()).isEqualTo(201);
        assertThat(house.asAnn("POST", GTW1 + "/keys/target-cups", "").status()).isEqualTo(400);
        assertThat(house.asAnn("POST", GTW1 + "/keys/other", "").status()).isEqualTo(404);
        assertThat(house.house.askRest("GET", "/api/v1/audit", "").body()).doesNotContain(lns);
    }

    @Test
    void tellsWhetherItIsConnected() throws Exception {
        house.asAnn("POST", GATEWAYS, REGISTRATION);
        assertThat(house.asAnn("GET", GTW1 + "/stats", "").json().get("connected").booleanValue())
                .isFalse();
        house.connectedSince.put(
                Eui64.parse("AA00000000000001"), Instant.parse("2026-11-21T09:00:00Z"));
        JsonNode stats = house.asAnn("GET", GTW1 + "/stats", "").json();
        assertThat(stats.get("connected").booleanValue()).isTrue();
        assertThat(stats.get("since").stringValue()).isEqualTo("2026-11-21T09:00:00Z");
    }

    @Test
    void showsNobodyWhatAGatewayWasToldForItsFormerOwner() throws Exception {
        house.asAnn("POST", GATEWAYS, REGISTRATION);
        house.cups.refused(Eui64.parse("AA00000000000001"), "its LNS is wss://lns.ann.example");
        assertThat(house.asAnn("GET", GTW1 + "/stats", "").json().get("why")).hasSize(1);

        house.asAnn("DELETE", GTW1, "");
        house.house.now.updateAndGet(now -> now.plusSeconds(1));
        house.asBob("POST", GATEWAYS, REGISTRATION.replace("'ann'", "'bob'"));

        assertThat(house.asBob("GET", GTW1 + "/stats", "").json().get("why")).isEmpty();
    }
}
