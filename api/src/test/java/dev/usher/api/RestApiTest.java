package dev.usher.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.usher.accounts.AuditEntry;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Principal;
import dev.usher.api.House.Answer;
import dev.usher.api.edge.Request;
import dev.usher.devices.GivenRootKeys;
import dev.usher.devices.NewDevice;
import dev.usher.keys.CertificateAuthority;
import dev.usher.keys.ClaimPin;
import dev.usher.keys.FileVault;
import dev.usher.keys.IssuedCertificate;
import dev.usher.keys.KeyLabel;
import dev.usher.keys.MasterKey;
import dev.usher.keys.TransportKey;
import dev.usher.keys.Vault;
import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.EuiRange;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
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
    void anAdministratorsKeyCanBeTakenAway() throws Exception {
        JsonNode made = house.askRest("POST", "/api/v1/api-keys", "{\"name\":\"ci\"}").json();
        String key = made.get("key").stringValue();
        assertThat(House.ask(house.rest, "GET", "/api/v1/batches", key, "").status())
                .isEqualTo(200);
        Answer listed = house.askRest("GET", "/api/v1/api-keys", "");
        assertThat(listed.json().get("items").findValuesAsString("name"))
                .containsExactlyInAnyOrder("admin", "ci");
        assertThat(listed.body()).doesNotContain("USHER.");

        String path = "/api/v1/api-keys/" + made.get("id").stringValue();
        assertThat(house.askRest("DELETE", path, "").status()).isEqualTo(204);

        assertThat(House.ask(house.rest, "GET", "/api/v1/batches", key, "").status())
                .isEqualTo(401);
        assertThat(house.askRest("DELETE", path, "").status()).isEqualTo(404);
        assertThat(House.ask(house.rest, "GET", "/api/v1/api-keys", house.acmeKey, "").status())
                .isEqualTo(403);
    }

    @Test
    void tellsWhoMeansTheOwnerApiWhereItIs() throws Exception {
        assertThat(house.askRest("POST", "/api/v1/gateway/list", "{}").body())
                .contains("there is nothing at /api/v1/gateway/list: calls of the Owner API are");
        assertThat(house.askRest("POST", "/api/v1/nothing/list", "{}").body())
                .contains("there is nothing at /api/v1/nothing/list\"");
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
    void tellsTheNewPinOfAReleasedGatewayThatIsNamedAndTheFactorysForARange() throws Exception {
        String old = house.pinOf(House.GATEWAY);
        String claim = "{\"ownerid\":\"::1\",\"gateway\":\"%s\",\"claim\":\"%s\"}";
        house.ask("gateway/claim", claim.formatted(House.GATEWAY, old));
        house.ask(
                "gateway/delete",
                "{\"ownerid\":\"::1\",\"gateway\":\"%s\"}".formatted(House.GATEWAY));

        String now = provisionedPin("{\"eui\":\"58A0CBFFFE800BE7\"}");
        assertThat(provisionedPin("{\"euis\":[\"58A0CBFFFE800BE7\"]}")).isEqualTo(now);
        assertThat(provisionedPin("{\"range\":\"58A0CBFFFE800BE7-58A0CBFFFE800BE7\"}"))
                .isEqualTo(old);

        assertThat(house.ask("gateway/claim", claim.formatted(House.GATEWAY, old)).body())
                .contains("error");
        assertThat(house.ask("gateway/claim", claim.formatted(House.GATEWAY, now)).body())
                .doesNotContain("error");
    }

    private String provisionedPin(String which) throws Exception {
        Answer answer = house.askRest("POST", "/api/v1/batches/femto/provision", which);
        JsonNode line = Fields.JSON.readTree(answer.body().lines().toList().getLast());
        return line.get("pin").stringValue();
    }

    @Test
    void anOwnersAuthoritySpeaksForItsGatewaysAtOnceAndNoLongerThanItIsThere() throws Exception {
        house.ask(
                "gateway/claim",
                "{\"ownerid\":\"::1\",\"gateway\":\"%s\",\"claim\":\"%s\"}"
                        .formatted(House.GATEWAY, house.pinOf(House.GATEWAY)));
        CertificateAuthority acme = CertificateAuthority.create("Acme", house.now::get);
        IssuedCertificate gateway = acme.issueGateway(House.GATEWAY, Duration.ofDays(1));
        assertThat(checkIn(gateway)).isZero();

        Answer added =
                house.askRest(
                        "POST",
                        "/api/v1/owners/::1/ca",
                        Fields.JSON
                                .createObjectNode()
                                .put("certificate", acme.certificatePem())
                                .toString());
        assertThat(added.status()).isEqualTo(201);
        assertThat(checkIn(gateway)).isEqualTo(200);

        String path = "/api/v1/owners/::1/ca/" + added.json().get("fingerprint").stringValue();
        assertThat(house.askRest("DELETE", path, "").status()).isEqualTo(204);
        assertThat(checkIn(gateway)).isZero();
    }

    private int checkIn(IssuedCertificate certificate) throws Exception {
        Request request =
                Request.of("POST", "/update-info")
                        .withBody(
                                "{\"router\":\"58a0:cbff:fe80:be7\",\"cupsUri\":null,\"tcUri\":null,"
                                    + "\"cupsCredCrc\":2077607535,\"tcCredCrc\":2077607535,"
                                    + "\"station\":\"2.0.6\",\"model\":\"linux\","
                                    + "\"package\":\"1.0.0\",\"keys\":[]}")
                        .withClientChain(List.of(certificate.certificate()));
        return Answer.of(house.cups.handle(request)).status();
    }

    @Test
    void aKeyMovesToATwinAndBackUnderTheSameCheckValue() throws Exception {
        try (Vault twin =
                FileVault.open(
                        directory.resolve("twin"), MasterKey.file(directory.resolve("twin.key")))) {
            JsonNode exported =
                    house.askRest(
                                    "POST",
                                    "/api/v1/vault/keys/femto/export",
                                    transportKey(twin.transportKey().pem()))
                            .json();
            byte[] wrapped = Base64.getDecoder().decode(exported.get("wrappedKey").stringValue());
            twin.importWrapped(new KeyLabel("femto"), wrapped);
            assertThat(exported.get("checkValue").stringValue())
                    .isEqualTo(twin.checkValue(new KeyLabel("femto")));
            assertThat(exported.get("fingerprint").stringValue())
                    .isEqualTo(twin.transportKey().fingerprint());

            JsonNode vault = house.askRest("GET", "/api/v1/vault", "").json();
            byte[] back =
                    twin.exportWrapped(
                            new KeyLabel("femto"),
                            TransportKey.parse(vault.get("transportKey").stringValue()));
            Answer imported =
                    house.askRest(
                            "POST",
                            "/api/v1/vault/keys",
                            Fields.JSON
                                    .createObjectNode()
                                    .put("label", "copy")
                                    .put("wrappedKey", Base64.getEncoder().encodeToString(back))
                                    .toString());
            assertThat(imported.status()).isEqualTo(201);
            assertThat(imported.json().get("checkValue")).isEqualTo(exported.get("checkValue"));
            JsonNode values = house.askRest("GET", "/api/v1/vault", "").json().get("checkValues");
            assertThat(values.get("copy")).isEqualTo(values.get("femto"));
        }
        assertThat(house.audit.list(AuditLog.Filter.ALL, 0, 100))
                .extracting(AuditEntry::action, AuditEntry::subject)
                .contains(tuple("vault.key.export", "femto"), tuple("vault.key.import", "copy"));
    }

    private static String transportKey(String pem) {
        return Fields.JSON.createObjectNode().put("transportKey", pem).toString();
    }

    @Test
    void aWrappingKeyIsMadeShownAndDeleted() throws Exception {
        Answer made = house.askRest("POST", "/api/v1/vault/wrapping-keys", "{\"label\":\"femto\"}");
        assertThat(made.status()).isEqualTo(201);
        JsonNode shown = house.askRest("GET", "/api/v1/vault", "").json();
        assertThat(shown.at("/wrappingKeys/femto")).isEqualTo(made.json().get("checkValue"));
        // The root key of the same label is another.
        assertThat(shown.at("/checkValues/femto")).isNotEqualTo(made.json().get("checkValue"));

        Answer exported =
                house.askRest(
                        "POST",
                        "/api/v1/vault/wrapping-keys/femto/export",
                        transportKey(house.vault.transportKey().pem()));
        Answer imported =
                house.askRest(
                        "POST",
                        "/api/v1/vault/wrapping-keys",
                        Fields.JSON
                                .createObjectNode()
                                .put("label", "copy")
                                .set("wrappedKey", exported.json().get("wrappedKey"))
                                .toString());
        assertThat(imported.json().get("checkValue")).isEqualTo(made.json().get("checkValue"));

        String path = "/api/v1/vault/wrapping-keys/copy";
        assertThat(house.askRest("POST", path + "/forbid-export", "{}").status()).isEqualTo(200);
        assertThat(house.askRest("DELETE", path + "?dryRun=true", "").status()).isEqualTo(200);
        assertThat(house.askRest("DELETE", path, "").status()).isEqualTo(204);
        assertThat(house.vault.wrappingKeys().labels()).containsExactly(new KeyLabel("femto"));
        assertThat(house.vault.contains(new KeyLabel("femto"))).isTrue();
        assertThat(house.audit.list(AuditLog.Filter.ALL, 0, 100))
                .extracting(AuditEntry::action, AuditEntry::subject)
                .contains(
                        tuple("vault.wrapping-key.create", "femto"),
                        tuple("vault.wrapping-key.export", "femto"),
                        tuple("vault.wrapping-key.import", "copy"),
                        tuple("vault.wrapping-key.forbid-export", "copy"),
                        tuple("vault.wrapping-key.delete", "copy"));
    }

    @Test
    void devicesMoveFromOneWrappingKeyToTheNext() throws Exception {
        house.vault.wrappingKeys().create(new KeyLabel("one"));
        house.vault.wrappingKeys().create(new KeyLabel("two"));
        Eui64 joinEui = Eui64.parse("70B3D57ED0000000");
        Principal admin = new Principal.Administrator("test");
        house.database.write(
                house.joinServer
                        .joinEuis()
                        .assign(admin, new EuiRange(joinEui, joinEui), OwnerId.parse("::1")));
        NewDevice device =
                NewDevice.of(
                                House.GATEWAY,
                                joinEui,
                                GivenRootKeys.Plain.r1_0(AesKey.of(new byte[16])))
                        .withWrappingKey(new KeyLabel("one"));
        house.database.write(
                house.joinServer.provisioning().provision(admin, List.of(device), false));

        String one = "/api/v1/vault/wrapping-keys/one";
        assertThat(house.askRest("DELETE", one, "").json().get("detail").stringValue())
                .isEqualTo(
                        "the root keys of device 58A0CBFFFE800BE7 are under wrapping key 'one':"
                                + " rewrap them under another one first");
        String rewrap = "/api/v1/vault/wrapping-keys/two/rewrap";
        assertThat(house.askRest("POST", rewrap, "{}").json())
                .isEqualTo(
                        Fields.JSON
                                .createObjectNode()
                                .put("rewrapped", 1)
                                .put("after", "58A0CBFFFE800BE7"));
        assertThat(house.askRest("POST", rewrap, "{\"after\":\"58A0CBFFFE800BE7\"}").json())
                .isEqualTo(Fields.JSON.createObjectNode().put("rewrapped", 0));
        assertThat(house.askRest("DELETE", one, "").status()).isEqualTo(204);
    }

    @Test
    void aTransportKekGoesIntoTheVault() throws Exception {
        // Any wrapping key that was exported for this vault will do as one.
        house.vault.wrappingKeys().create(new KeyLabel("one"));
        byte[] wrapped =
                house.vault
                        .wrappingKeys()
                        .exportWrapped(new KeyLabel("one"), house.vault.transportKey());
        String body =
                Fields.JSON
                        .createObjectNode()
                        .put("label", "1.line-1")
                        .put("wrappedKey", Base64.getEncoder().encodeToString(wrapped))
                        .toString();

        assertThat(house.askRest("POST", "/api/v1/vault/transport-keks", body).status())
                .isEqualTo(201);
        assertThat(house.askRest("GET", "/api/v1/vault", "").json().at("/transportKeks/0"))
                .hasToString("\"1.line-1\"");
        String path = "/api/v1/vault/transport-keks/1.line-1";
        assertThat(house.askRest("DELETE", path, "").status()).isEqualTo(204);
        assertThat(house.vault.wrappingKeys().transportKeks()).isEmpty();
    }

    @Test
    void aKeyWhoseExportWasForbiddenStays() throws Exception {
        String twin = transportKey(house.vault.transportKey().pem());
        String path = "/api/v1/vault/keys/femto/";
        assertThat(house.askRest("POST", path + "forbid-export?dryRun=true", "{}").status())
                .isEqualTo(200);
        assertThat(house.askRest("POST", path + "export", twin).status()).isEqualTo(200);
        assertThat(house.askRest("POST", path + "forbid-export", "{}").status()).isEqualTo(200);
        Answer refused = house.askRest("POST", path + "export", twin);
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.json().get("detail").stringValue()).contains("forbidden for good");
    }

    @Test
    void aKeyIsDeletedWhenNoBatchNeedsIt() throws Exception {
        assertThat(house.askRest("POST", "/api/v1/vault/keys", "{\"label\":\"spare\"}").status())
                .isEqualTo(201);
        house.askRest("DELETE", "/api/v1/vault/keys/spare?dryRun=true", "");
        assertThat(house.vault.contains(new KeyLabel("spare"))).isTrue();
        assertThat(house.askRest("DELETE", "/api/v1/vault/keys/spare", "").status()).isEqualTo(204);
        assertThat(house.vault.contains(new KeyLabel("spare"))).isFalse();
    }

    @Test
    void aDryRunDeletesNothing() throws Exception {
        house.askRest("POST", "/api/v1/batches", "{\"name\":\"b\",\"range\":\"::1/64\"}");
        String path = "/api/v1/batches/b";
        assertThat(house.askRest("DELETE", path + "?dryRun=true", "").body())
                .isEqualTo("{\"dryRun\":true}");
        assertThat(house.askRest("GET", path, "").status()).isEqualTo(200);
        assertThat(house.askRest("DELETE", path, "").status()).isEqualTo(204);
        assertThat(house.askRest("DELETE", path + "?dryRun=true", "").status()).isEqualTo(404);
    }

    @Test
    void aWrappedBatchKeyIsImportedOnceWhenTheRequestIsRepeated() throws Exception {
        byte[] wrapped =
                house.vault.exportWrapped(new KeyLabel("femto"), house.vault.transportKey());
        String body =
                Fields.JSON
                        .createObjectNode()
                        .put("name", "twin")
                        .put("range", "0016C001F1000000/40")
                        .put("wrappedKey", Base64.getEncoder().encodeToString(wrapped))
                        .toString();

        Answer first = repeatable("/api/v1/batches", body);
        assertThat(first.status()).isEqualTo(201);
        assertThat(repeatable("/api/v1/batches", body)).isEqualTo(first);
    }

    @Test
    void anImportThatIsRepeatedIsMadeOnce() throws Exception {
        String body = "[{\"eui\":\"0000000000000ABC\",\"code\":\"wifi-password\"}]";
        Answer first = repeatable("/api/v1/gateways/import", body);
        assertThat(first.body()).isEqualTo("[{\"eui\":\"0000000000000ABC\"}]");
        house.ask(
                "gateway/claim",
                "{\"ownerid\":\"::1\",\"gateway\":\"::abc\",\"claim\":\"wifi-password\"}");

        // Asked for anew, it would fail: the gateway is somebody's now.
        assertThat(repeatable("/api/v1/gateways/import", body)).isEqualTo(first);
    }

    private Answer repeatable(String path, String body) throws Exception {
        return Answer.of(
                house.rest.handle(
                        Request.of("POST", path)
                                .withHeader("Authorization", "Bearer " + house.administratorKey)
                                .withHeader("Idempotency-Key", "once")
                                .withBody(body)));
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
        Answer ready = Answer.of(house.rest.handle(Request.of("GET", "/health/ready")));
        assertThat(ready.status()).isEqualTo(503);
        assertThat(ready.body())
                .isEqualTo("{\"status\":\"down\",\"reason\":\"the database cannot be reached\"}");
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
                    POST | /api/v1/vault/keys        | {"label":"usher.seal.9"}                               | 400 | Usher's own
                    POST | /api/v1/vault/keys        | {"label":"femto"}                                      | 409 | exists already
                    POST | /api/v1/vault/keys        | {"label":"x","wrappedKey":"AAAA"}                      | 409 | not a wrapped key
                    POST | /api/v1/vault/keys/usher.hash.1/export | {"transportKey":"x"}                      | 400 | does not leave by the network
                    POST | /api/v1/vault/keys/femto/export | {"transportKey":"x"}                             | 400 | transportKey
                    POST | /api/v1/vault/keys/none/forbid-export | {}                                         | 409 | 'none'
                    DELETE | /api/v1/vault/keys/femto |                                                       | 409 | batch femto is derived from key 'femto'
                    DELETE | /api/v1/vault/keys/usher.hash.1 |                                                | 400 | Usher's own
                    POST | /api/v1/vault/wrapping-keys | {"label":"usher.seal.9"}                             | 400 | Usher's own
                    POST | /api/v1/vault/wrapping-keys/none/export | {"transportKey":"x"}                     | 400 | transportKey
                    POST | /api/v1/vault/wrapping-keys/none/forbid-export | {}                                | 409 | there is no wrapping key 'none'
                    DELETE | /api/v1/vault/wrapping-keys/none |                                               | 409 | there is no wrapping key 'none'
                    POST | /api/v1/vault/wrapping-keys/none/rewrap | {"after":"x"}                            | 400 | after
                    POST | /api/v1/vault/transport-keks | {"label":"x"}                                       | 400 | wrappedKey
                    POST | /api/v1/vault/transport-keks | {"label":"x","wrappedKey":"AAAA"}                   | 409 | not a wrapped key
                    DELETE | /api/v1/vault/transport-keks/none |                                              | 409 | there is no transport KEK 'none'
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
