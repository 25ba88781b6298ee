package dev.usher.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.accounts.AuditEntry;
import dev.usher.accounts.AuditLog;
import dev.usher.api.House.Answer;
import dev.usher.api.edge.Request;
import dev.usher.keys.ClaimPin;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class RestApiTest {

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
    void makesABatchWithItsKeyAndListsIt() throws Exception {
        Answer created =
                house.askRest(
                        "POST",
                        "/api/v1/batches",
                        "{\"name\":\"pico\",\"range\":\"B827EBFFFE000000-B827EBFFFE0000FF\",\"flavor\":\"pico\"}");

        assertThat(created.status()).isEqualTo(201);
        assertThat(created.json().get("range").stringValue()).isEqualTo("B827EBFFFE000000/56");
        assertThat(created.json().get("size").stringValue()).isEqualTo("256");
        assertThat(house.vault.labels()).extracting(label -> label.value()).contains("pico");
        assertThat(
                        house.askRest("GET", "/api/v1/batches", "")
                                .json()
                                .get("items")
                                .findValuesAsString("name"))
                .containsExactly("femto", "pico");
        assertThat(house.askRest("DELETE", "/api/v1/batches/pico", "").status()).isEqualTo(204);
        assertThat(house.askRest("GET", "/api/v1/batches/pico", "").status()).isEqualTo(404);
    }

    @Test
    void provisionsWhatTheFactoryNeedsLineByLine() throws Exception {
        Answer answer =
                house.askRest(
                        "POST",
                        "/api/v1/batches/femto/provision",
                        "{\"range\":\"58A0CB800BE6-58A0CB800BE8\"}");

        List<String> lines = answer.body().lines().toList();
        assertThat(lines).hasSize(4);
        JsonNode head = Fields.JSON.readTree(lines.get(0));
        assertThat(head.get("cupsUri").stringValue()).isEqualTo("https://localhost:9191");
        assertThat(head.get("count").intValue()).isEqualTo(3);
        JsonNode second = Fields.JSON.readTree(lines.get(2));
        assertThat(second.get("eui").stringValue()).isEqualTo("58A0CBFFFE800BE7");
        assertThat(second.get("mac").stringValue()).isEqualTo("58A0CB800BE7");
        assertThat(ClaimPin.parse(second.get("pin").stringValue()))
                .hasValue(house.secretsOf(House.GATEWAY).pin());
        assertThat(second.get("token").stringValue())
                .isEqualTo(house.secretsOf(House.GATEWAY).token());
        assertThat(second.get("qr").stringValue())
                .startsWith("https://localhost/c/58a0cbfffe800be7/");
        assertThat(
                        house.askRest(
                                        "POST",
                                        "/api/v1/batches/femto/provision",
                                        "{\"eui\":\"::1\"}")
                                .status())
                .isEqualTo(400);
    }

    @Test
    void importsGatewaysWhoseSecretsWereMadeElsewhere() throws Exception {
        Answer answer =
                house.askRest(
                        "POST",
                        "/api/v1/gateways/import",
                        "[{\"eui\":\"0000000000000ABC\",\"code\":\"wifi-password\",\"token\":\"factory\"},{\"eui\":\"58A0CB800BE7\",\"code\":\"x\"}]");

        assertThat(answer.json().get(0).has("error")).isFalse();
        assertThat(answer.json().get(1).get("error").stringValue()).contains("lies in a batch");
        assertThat(
                        house.ask(
                                        "gateway/claim",
                                        "{\"ownerid\":\"::1\",\"gateway\":\"::abc\",\"claim\":\"wifi-password\"}")
                                .body())
                .isEqualTo("[{\"gateway\":\"::abc\"}]");
    }

    @Test
    void makesOwnersWithKeysAndCertificates() throws Exception {
        assertThat(
                        house.askRest(
                                        "POST",
                                        "/api/v1/owners",
                                        "{\"ownerid\":\"::3\",\"name\":\"Third\"}")
                                .status())
                .isEqualTo(201);
        JsonNode key =
                house.askRest("POST", "/api/v1/owners/::3/api-keys", "{\"name\":\"ci\"}").json();
        assertThat(
                        House.ask(
                                        house.ownerApi,
                                        "POST",
                                        "/api/v1/gateway/list",
                                        key.get("key").stringValue(),
                                        "{\"ownerid\":\"::3\"}")
                                .body())
                .isEqualTo("[]");
        assertThat(house.askRest("GET", "/api/v1/owners/::3/api-keys", "").body())
                .contains("\"ci\"")
                .doesNotContain(key.get("key").stringValue());

        JsonNode certificate =
                house.askRest("POST", "/api/v1/owners/::3/certificates", "{}").json();
        assertThat(certificate.get("certificate").stringValue())
                .startsWith("-----BEGIN CERTIFICATE-----");
        assertThat(certificate.get("key").stringValue()).contains("PRIVATE KEY");
        String path =
                "/api/v1/owners/::3/certificates/" + certificate.get("fingerprint").stringValue();
        assertThat(house.askRest("DELETE", path, "").status()).isEqualTo(204);
        assertThat(house.askRest("DELETE", path, "").status()).isEqualTo(404);
        assertThat(
                        house.askRest(
                                        "DELETE",
                                        "/api/v1/owners/::3/api-keys/"
                                                + key.get("id").stringValue(),
                                        "")
                                .status())
                .isEqualTo(204);
        assertThat(
                        House.ask(
                                        house.ownerApi,
                                        "POST",
                                        "/api/v1/gateway/list",
                                        key.get("key").stringValue(),
                                        "{\"ownerid\":\"::3\"}")
                                .status())
                .isEqualTo(401);
    }

    @Test
    void anOwnerSeesItsOwnGatewaysAndNoOthers() throws Exception {
        house.ask(
                "gateway/claim",
                "{\"ownerid\":\"::1\",\"gateway\":\""
                        + House.GATEWAY
                        + "\",\"claim\":\""
                        + house.pinOf(House.GATEWAY)
                        + "\"}");

        assertThat(
                        House.ask(house.rest, "GET", "/api/v1/gateways", house.acmeKey, "")
                                .json()
                                .get("items")
                                .findValuesAsString("eui"))
                .containsExactly("58A0CBFFFE800BE7");
        assertThat(
                        House.ask(house.rest, "GET", "/api/v1/gateways", house.otherKey, "")
                                .json()
                                .get("items")
                                .size())
                .isZero();
        Answer others =
                House.ask(
                        house.rest, "GET", "/api/v1/gateways/58A0CBFFFE800BE7", house.otherKey, "");
        Answer nobodys =
                House.ask(
                        house.rest, "GET", "/api/v1/gateways/58A0CBFFFE800BE8", house.otherKey, "");
        Answer unknown =
                House.ask(
                        house.rest, "GET", "/api/v1/gateways/0000000000000ABC", house.otherKey, "");
        assertThat(others.status()).isEqualTo(404);
        assertThat(others.body().replace("800BE7", "800BE8")).isEqualTo(nobodys.body());
        assertThat(unknown.body().replace("0000000000000ABC", "58A0CBFFFE800BE8"))
                .isEqualTo(nobodys.body());
        assertThat(
                        House.ask(
                                        house.rest,
                                        "GET",
                                        "/api/v1/gateways?owner=::1",
                                        house.otherKey,
                                        "")
                                .status())
                .isEqualTo(403);
        assertThat(House.ask(house.rest, "GET", "/api/v1/owners", house.acmeKey, "").status())
                .isEqualTo(403);
    }

    @Test
    void listsPageByPage() throws Exception {
        for (int i = 1; i <= 5; i++) {
            house.askRest(
                    "POST",
                    "/api/v1/gateways/import",
                    "[{\"eui\":\"000000000000000" + i + "\",\"code\":\"c\"}]");
        }
        JsonNode first = house.askRest("GET", "/api/v1/gateways?limit=3", "").json();
        JsonNode second =
                house.askRest(
                                "GET",
                                "/api/v1/gateways?limit=3&after=" + first.get("next").stringValue(),
                                "")
                        .json();
        assertThat(first.get("items").size()).isEqualTo(3);
        assertThat(second.get("items").findValuesAsString("id6")).containsExactly("::4", "::5");
        assertThat(second.has("next")).isFalse();
    }

    @Test
    void showsAndVerifiesTheAuditLog() throws Exception {
        JsonNode entries = house.askRest("GET", "/api/v1/audit?limit=2", "").json();
        assertThat(entries.get("items").findValuesAsString("action"))
                .containsExactly("owner.create", "owner.create");
        assertThat(entries.get("next").intValue()).isEqualTo(2);
        assertThat(
                        house.askRest("GET", "/api/v1/audit/verify", "")
                                .json()
                                .get("intact")
                                .booleanValue())
                .isTrue();
        house.database.write(
                handle -> handle.execute("UPDATE audit SET actor = 'x' WHERE seq = 2"));
        assertThat(
                        house.askRest("GET", "/api/v1/audit/verify", "")
                                .json()
                                .get("firstBroken")
                                .intValue())
                .isEqualTo(2);
    }

    @Test
    void aDryRunIsTakenBack() throws Exception {
        Answer dry = house.askRest("POST", "/api/v1/owners?dryRun=true", "{\"ownerid\":\"::3\"}");
        assertThat(dry.body()).isEqualTo("{\"dryRun\":true}");
        assertThat(house.askRest("GET", "/api/v1/owners/::3", "").status()).isEqualTo(404);
        assertThat(
                        house.askRest("POST", "/api/v1/owners?dryRun=true", "{\"ownerid\":\"::1\"}")
                                .status())
                .isEqualTo(409);
        assertThat(house.audit.list(AuditLog.Filter.ALL, 0, 100))
                .extracting(AuditEntry::subject)
                .doesNotContain("::3");
    }

    @Test
    void tellsEverybodyHowItIs() throws Exception {
        assertThat(Answer.of(house.rest.handle(Request.of("GET", "/health/ready"))).body())
                .isEqualTo("{\"status\":\"up\"}");
        assertThat(Answer.of(house.rest.handle(Request.of("GET", "/metrics"))).body())
                .isEqualTo("usher_up 1\n");
        assertThat(Answer.of(house.rest.handle(Request.of("GET", "/ca.pem"))).body())
                .isEqualTo(house.authority.certificatePem());
        house.database.close();
        assertThat(Answer.of(house.rest.handle(Request.of("GET", "/health/ready"))).status())
                .isEqualTo(503);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    POST | /api/v1/batches           | {"name":"B","range":"::1/64"}                          | 400 | 'B'
                    POST | /api/v1/batches           | {"name":"b","range":"58A0CBFFFE800000/60"}             | 409 | overlaps batch femto
                    POST | /api/v1/batches           | {"name":"femto","range":"::1/64"}                      | 409 | exists already
                    POST | /api/v1/batches           | {"name":"b","range":"58A0CBFFFE800BE7/40"}             | 400 | has bits set
                    POST | /api/v1/batches           | {"name":"b"}                                           | 400 | range is missing
                    POST | /api/v1/batches           | {"name":"b","range":"::1/64","keyLabel":"usher.x"}     | 400 | Usher's own
                    POST | /api/v1/batches           | {"name":"b","range":"::1/64","policy":{"retire":true}} | 400 | unknown field 'retire' in policy
                    POST | /api/v1/owners            | {"ownerid":"::1"}                                      | 409 | exists already
                    POST | /api/v1/owners            | {"ownerid":"::3","addLimit":-1}                        | 400 | addLimit
                    POST | /api/v1/owners/::9/api-keys | {}                                                   | 404 | there is no owner ::9
                    GET  | /api/v1/audit?limit=0     |                                                        | 400 | limit is 0
                    GET  | /api/v1/audit?after=x     |                                                        | 400 | is not a number
                    GET  | /api/v1/gateways/nonsense |                                                        | 400 | is not an EUI
                    GET  | /api/v1/nothing           |                                                        | 404 | there is nothing at
                    PUT  | /api/v1/batches           | {}                                                     | 405 | use GET, POST
                    """)
    void answersProblems(String method, String path, String body, int status, String detail)
            throws Exception {
        Answer answer = house.askRest(method, path, body == null ? "" : body);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.json().get("type").stringValue()).startsWith("urn:usher:problem:");
        assertThat(answer.json().get("status").intValue()).isEqualTo(status);
        assertThat(answer.json().get("detail").stringValue()).contains(detail);
    }

    @Test
    void wantsToKnowWhoIsAsking() throws Exception {
        Answer answer = Answer.of(house.rest.handle(Request.of("GET", "/api/v1/batches")));
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.json().get("detail").stringValue()).contains("Authorization: Bearer");
    }
}
