package dev.usher.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.accounts.AuditEntry;
import dev.usher.accounts.AuditLog;
import dev.usher.api.House.Answer;
import dev.usher.api.edge.Request;
import dev.usher.lorawan.Eui64;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class OwnerApiTest {

    private static final Eui64 GATEWAY = House.GATEWAY;
    private static final Eui64 SECOND = Eui64.parse("58A0CBFFFE800BE8");

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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "58-A0-CB-FF-FE-80-0B-E7",
                "58a0cbfffe800be7",
                "58A0CB800BE7",
                "58:A0:CB:80:0B:E7",
                "58a0:cbff:fe80:be7"
            })
    void claimsAGatewayInEverySpellingAndAnswersId6(String spelling) throws Exception {
        Answer answer = claim(spelling, house.pinOf(GATEWAY));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("[{\"gateway\":\"58a0:cbff:fe80:be7\"}]");
        assertThat(house.ask("gateway/list", "{\"ownerid\":\"::1\"}").body())
                .isEqualTo("[\"58a0:cbff:fe80:be7\"]");
    }

    @Test
    void saysThatTheVaultIsAway() throws Exception {
        String gateway = "{\"ownerid\":\"::1\",\"gateway\":\"" + House.GATEWAY + "\"";
        house.ask("gateway/claim", gateway + ",\"claim\":\"" + house.pinOf(House.GATEWAY) + "\"}");
        house.vault.isAway = true;

        for (Answer answer :
                List.of(
                        house.ask("gateway/token", gateway + "}"),
                        house.ask("gateway/claim", gateway + ",\"claim\":\"XXX-XXX-XXX\"}"))) {
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.json().get("error").stringValue())
                    .isEqualTo("the token 'one' failed: look after it; try again in a moment");
        }
        Answer rest =
                house.askRest(
                        "POST",
                        "/api/v1/batches/femto/provision",
                        "{\"eui\":\"" + House.GATEWAY + "\"}");
        assertThat(rest.status()).isEqualTo(503);
        assertThat(rest.json().get("type").stringValue())
                .isEqualTo("urn:usher:problem:vault-unavailable");
    }

    @Test
    void answersOlderClientsInTheirOwnWords() throws Exception {
        Answer answer =
                house.ask(
                        "router/claim",
                        "{\"ownerid\":\"::1\",\"router\":\"58A0CB800BE7\",\"claim\":\""
                                + house.pinOf(GATEWAY)
                                + "\"}");
        assertThat(answer.body()).isEqualTo("[{\"router\":\"58a0:cbff:fe80:be7\"}]");
        assertThat(
                        house.ask(
                                        "router/info",
                                        "{\"ownerid\":\"::1\",\"routers\":[\"58A0CB800BE7\"]}")
                                .json()
                                .get(0)
                                .get("router")
                                .stringValue())
                .isEqualTo("58a0:cbff:fe80:be7");
    }

    @Test
    void doesWhatItCanOfABulkRequestAndSaysWhatItCouldNot() throws Exception {
        Answer answer =
                house.ask(
                        "gateway/claim",
                        """
                        {"ownerid": "::1", "gateways": [
                            {"gateway": "58A0CB800BE7", "claim": "%s"},
                            {"gateway": "nonsense", "claim": "x"},
                            {"gateway": "58A0CB800BE8"},
                            {"gateway": "58A0CB800BE9", "claim": "222222222"}
                        ]}\
                        """
                                .formatted(house.pinOf(GATEWAY)));

        JsonNode items = answer.json();
        assertThat(answer.status()).isEqualTo(200);
        assertThat(items.get(0).has("error")).isFalse();
        assertThat(items.get(1).get("error").stringValue()).contains("'nonsense' is not an EUI");
        assertThat(items.get(2).get("error").stringValue()).contains("claim is missing");
        assertThat(items.get(3).get("error").stringValue()).contains("does not fit");
        assertThat(items.size()).isEqualTo(4);
    }

    @Test
    void aWrongCodeAnUnknownGatewayAndAnothersLookTheSame() throws Exception {
        House.ask(
                house.ownerApi,
                "POST",
                "/api/v1/gateway/claim",
                house.otherKey,
                "{\"ownerid\":\"::2\",\"gateway\":\""
                        + SECOND
                        + "\",\"claim\":\""
                        + house.pinOf(SECOND)
                        + "\"}");

        String wrong =
                claim(GATEWAY.toString(), "AAAAAAAAX").body().replace(GATEWAY.id6(), "GATEWAY");
        String unknown = claim("0000000000000ABC", "AAAAAAAAX").body().replace("::abc", "GATEWAY");
        String anothers =
                claim(SECOND.toString(), house.pinOf(SECOND))
                        .body()
                        .replace(SECOND.id6(), "GATEWAY");

        assertThat(anothers)
                .isEqualTo(
                        claim(GATEWAY.toString(), house.pinOf(SECOND))
                                .body()
                                .replace(GATEWAY.id6(), "GATEWAY"));
        assertThat(wrong).isEqualTo(unknown);
    }

    @Test
    void setsUpManyWithWhatTheyHaveInCommonAndWhatIsTheirOwn() throws Exception {
        claim(GATEWAY.toString(), house.pinOf(GATEWAY));
        claim(SECOND.toString(), house.pinOf(SECOND));
        String trust = Base64.getEncoder().encodeToString(house.authority.certificateDer());

        Answer answer =
                house.ask(
                        "gateway/setup",
                        """
                        {"ownerid": "::1", "lnsUri": "wss://lns.example.com:8887", "lnsTrust": "%s", "gateways": [
                            {"gateway": "%s", "lnsKey": "%s"},
                            {"gateway": "%s", "lnsUri": "ws://10.0.0.1:1887", "lnsTrust": ""}
                        ]}\
                        """
                                .formatted(trust, GATEWAY, base64("Authorization: one"), SECOND));

        assertThat(answer.json().get(0).get("notice").stringValue())
                .isEqualTo("the CRLF missing at the end of lnsKey was added");
        assertThat(answer.json().get(1).has("error")).isFalse();
        JsonNode info =
                house.ask(
                                "gateway/info",
                                "{\"ownerid\":\"::1\",\"gateways\":[\""
                                        + GATEWAY
                                        + "\",\""
                                        + SECOND
                                        + "\"]}")
                        .json();
        assertThat(info.get(0).get("lnsUri").stringValue()).isEqualTo("wss://lns.example.com:8887");
        assertThat(Base64.getDecoder().decode(info.get(0).get("lnsKey").stringValue()))
                .asString(StandardCharsets.US_ASCII)
                .isEqualTo("Authorization: one\r\n");
        assertThat(info.get(0).get("lastSetup").stringValue())
                .isEqualTo("2026-11-21T10:00:00.000000");
        assertThat(info.get(1).get("lnsUri").stringValue()).isEqualTo("ws://10.0.0.1:1887");
        assertThat(info.get(1).has("lnsKey")).isFalse();
    }

    @Test
    void releasesAGatewaySoThatOthersCanClaimItWithItsNewPin() throws Exception {
        claim(GATEWAY.toString(), house.pinOf(GATEWAY));
        String oldPin = house.pinOf(GATEWAY);

        assertThat(
                        house.ask(
                                        "gateway/delete",
                                        "{\"ownerid\":\"::1\",\"gateways\":[\""
                                                + GATEWAY.id6()
                                                + "\"]}")
                                .body())
                .isEqualTo("[{\"gateway\":\"58a0:cbff:fe80:be7\"}]");

        assertThat(house.ask("gateway/list", "{\"ownerid\":\"::1\"}").body()).isEqualTo("[]");
        // The batch retires PINs on release, so the one on the old label is dead.
        assertThat(claim(GATEWAY.toString(), oldPin).json().get(0).has("error")).isTrue();
    }

    @Test
    void addsGatewaysWithoutABatchAndNeverOnesThatHaveOne() throws Exception {
        assertThat(
                        house.ask(
                                        "gateway/add",
                                        "{\"ownerid\":\"::1\",\"gateway\":\"00-00-00-FF-FE-00-0A-BC\",\"flavorid\":\"Kerlink\",\"token\":\"HJg87hjgsadi8732kh==\"}")
                                .body())
                .isEqualTo("[{\"gateway\":\"0:ff:fe00:abc\"}]");
        assertThat(
                        house.ask(
                                        "gateway/add",
                                        "{\"ownerid\":\"::1\",\"gateways\":[{\"gateway\":\"::abc\",\"token\":\"a\\r"
                                            + "\\n"
                                            + "Host:"
                                            + " evil\"},{\"gateway\":\"58A0CB800BE7\",\"token\":\"x\"}]}")
                                .json()
                                .findValuesAsString("error"))
                .satisfiesExactly(
                        injection -> assertThat(injection).isNotBlank(),
                        inBatch -> assertThat(inBatch).contains("lies in a batch"));
    }

    @Test
    void tellsTheTokenOfItsOwnGatewaysOnly() throws Exception {
        claim(GATEWAY.toString(), house.pinOf(GATEWAY));
        JsonNode tokens =
                house.ask(
                                "gateway/token",
                                "{\"ownerid\":\"::1\",\"gateways\":[\""
                                        + GATEWAY
                                        + "\",\""
                                        + SECOND
                                        + "\"]}")
                        .json();
        assertThat(tokens.get(0).get("token").stringValue())
                .isEqualTo(house.secretsOf(GATEWAY).token());
        assertThat(tokens.get(1).has("token")).isFalse();
        assertThat(tokens.get(1).get("error").stringValue()).contains("claim it first");
    }

    @Test
    void keepsFirmwareAndTakesOnlySignaturesThatVerify() throws Exception {
        byte[] firmware = "#!/bin/sh\necho updated\n".getBytes(StandardCharsets.US_ASCII);
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair key = generator.generateKeyPair();
        Signature signer = Signature.getInstance("SHA512withECDSA");
        signer.initSign(key.getPrivate());
        signer.update(firmware);
        byte[] signature = signer.sign();
        int keycrc =
                dev.usher.station.SignatureKey.ofPublicKey((ECPublicKey) key.getPublic()).crc();

        JsonNode added =
                house.ask(
                                "firmware/add",
                                "{\"ownerid\":\"::1\",\"version\":\"2.0\",\"firmware\":\""
                                        + base64(firmware)
                                        + "\"}")
                        .json();
        int fwcrc = added.get("fwcrc").intValue();
        String sign = "{\"ownerid\":\"::1\",\"fwcrc\":%d,\"keycrc\":%d,\"signature\":\"%s\"}";

        assertThat(
                        house.ask("signature/add", sign.formatted(fwcrc, keycrc, base64(signature)))
                                .json()
                                .has("sigcrc"))
                .isTrue();
        assertThat(
                        house.ask(
                                        "signature/add",
                                        sign.formatted(fwcrc, keycrc + 1, base64(signature)))
                                .json()
                                .get("error")
                                .stringValue())
                .contains("does not verify");
        assertThat(
                        house.ask(
                                        "signature/add",
                                        sign.formatted(fwcrc + 1, keycrc, base64(signature)))
                                .json()
                                .get("error")
                                .stringValue())
                .contains("there is no firmware");
        assertThat(
                        house.ask("firmware/list", "{\"ownerid\":\"::1\"}")
                                .json()
                                .get(0)
                                .get("version")
                                .stringValue())
                .isEqualTo("2.0");
        assertThat(house.ask("signature/list", "{\"ownerid\":\"::1\"}").json().size()).isEqualTo(1);
        assertThat(
                        house.ask(
                                        "firmware/delete",
                                        "{\"ownerid\":\"::1\",\"fwcrc\":" + fwcrc + "}")
                                .body())
                .isEqualTo("{}");
        assertThat(house.ask("signature/list", "{\"ownerid\":\"::1\"}").body()).isEqualTo("[]");
    }

    @Test
    void repeatsTheAnswerToARepeatedRequest() throws Exception {
        Request request =
                Request.of("POST", "/api/v1/gateway/claim")
                        .withHeader("Authorization", "Bearer " + house.acmeKey)
                        .withHeader("Idempotency-Key", "once")
                        .withBody(
                                "{\"ownerid\":\"::1\",\"gateway\":\""
                                        + GATEWAY
                                        + "\",\"claim\":\"AAAAAAAAX\"}");

        String first = Answer.of(house.ownerApi.handle(request)).body();
        for (int i = 0; i < 20; i++) {
            assertThat(Answer.of(house.ownerApi.handle(request)).body()).isEqualTo(first);
        }

        // Repeating did not guess again, so the right PIN still works.
        assertThat(claim(GATEWAY.toString(), house.pinOf(GATEWAY)).json().get(0).has("error"))
                .isFalse();
        assertThat(
                        Answer.of(house.ownerApi.handle(request.withBody("{\"ownerid\":\"::1\"}")))
                                .status())
                .isIn(400, 409);
    }

    @Test
    void aLongRequestIsDoneInPartsAndEachOfThemOnce() throws Exception {
        String claims =
                LongStream.range(0, 1000)
                        .mapToObj(i -> new Eui64(0x58A0_CBFF_FE80_2000L + i))
                        .map(eui -> claimOf(eui, house.pinOf(eui)))
                        .collect(Collectors.joining(","));
        Request request =
                Request.of("POST", "/api/v1/gateway/claim")
                        .withHeader("Authorization", "Bearer " + house.acmeKey)
                        .withHeader("Idempotency-Key", "k".repeat(255))
                        .withBody(
                                "{\"ownerid\":\"::1\",\"gateways\":["
                                        + claims
                                        + ","
                                        + claimOf(GATEWAY, "AAAAAAAAX")
                                        + "]}");

        Answer first = Answer.of(house.ownerApi.handle(request));
        assertThat(first.status()).isEqualTo(200);
        assertThat(first.json()).hasSize(1001);
        assertThat(first.json().get(999).has("error")).isFalse();
        assertThat(first.json().get(1000).has("error")).isTrue();
        for (int i = 0; i < 12; i++) {
            assertThat(Answer.of(house.ownerApi.handle(request)).body()).isEqualTo(first.body());
        }

        // Repeating did not guess again, so the right PIN still works.
        assertThat(claim(GATEWAY.toString(), house.pinOf(GATEWAY)).json().get(0).has("error"))
                .isFalse();
    }

    private static String claimOf(Eui64 gateway, String code) {
        return "{\"gateway\":\"%s\",\"claim\":\"%s\"}".formatted(gateway, code);
    }

    @Test
    void aTrialIsNamedClearlyOrRefused() throws Exception {
        String claim =
                "{\"ownerid\":\"::1\",\"gateway\":\"%s\",\"claim\":\"%s\"}"
                        .formatted(GATEWAY, house.pinOf(GATEWAY));

        Answer unclear = house.ask("gateway/claim?dryRun=1", claim);

        assertThat(unclear.status()).isEqualTo(400);
        assertThat(unclear.body()).contains("dryRun is '1': say true or false");
        assertThat(house.ask("gateway/list", "{\"ownerid\":\"::1\"}").body()).isEqualTo("[]");
    }

    @Test
    void aDryRunChangesNothingAndStillCountsGuesses() throws Exception {
        String dry =
                "{\"ownerid\":\"::1\",\"dryRun\":true,\"gateway\":\""
                        + GATEWAY
                        + "\",\"claim\":\"%s\"}";
        assertThat(house.ask("gateway/claim", dry.formatted(house.pinOf(GATEWAY))).body())
                .isEqualTo("[{\"gateway\":\"58a0:cbff:fe80:be7\"}]");
        assertThat(house.ask("gateway/list", "{\"ownerid\":\"::1\"}").body()).isEqualTo("[]");

        for (int i = 0; i < 10; i++) {
            house.ask("gateway/claim", dry.formatted("AAAAAAAAX"));
        }
        assertThat(claim(GATEWAY.toString(), house.pinOf(GATEWAY)).body())
                .contains("too many wrong codes");
    }

    @Test
    void whatWouldTakeMostOfTheMemoryIsNotRead() throws Exception {
        Answer answer =
                house.ask(
                        "gateway/claim",
                        "{\"ownerid\":\"::1\",\"gateways\":[" + "{},".repeat(1_000_000) + "{}]}");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body())
                .contains(
                        "the body has more than 2000000 names, values and brackets: send it in"
                                + " parts");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {                                                                | 400 | is not JSON
                    []                                                               | 400 | must be a JSON object
                    {"gateway":"::1","claim":"x"}                                    | 400 | ownerid is missing
                    {"ownerid":"zzz","gateway":"::1","claim":"x"}                    | 400 | is not an EUI
                    {"ownerid":1,"gateway":"::1","claim":"x"}                        | 400 | ownerid must be a string
                    {"ownerid":"::2","gateway":"::1","claim":"x"}                    | 403 | you are not owner ::2
                    {"ownerid":"::1","claim":"x"}                                    | 400 | send either 'gateway' or 'gateways'
                    {"ownerid":"::1","gateway":"::1","gateways":[],"claim":"x"}      | 400 | send either 'gateway' or 'gateways'
                    {"ownerid":"::1","gateways":{}}                                  | 400 | gateways must be an array
                    {"ownerid":"::1","gateways":["::1"]}                             | 400 | gateways[0] must be a JSON object
                    {"ownerid":"::1","gateways":[{"gateway":"::1","clam":"x"}]}      | 400 | unknown field 'clam' in gateways[0]
                    {"ownerid":"::1","gateway":"::1","pin":"x"}                      | 400 | unknown field 'pin'
                    {"ownerid":"::1","ownerid":"::2","gateway":"::1","claim":"x"}    | 400 | is not JSON
                    {"ownerid":"::1","gateway":"::1","claim":"x"} trailing           | 400 | is not JSON
                    """)
    void saysWhatIsWrongWithARequestAndDoesNothing(String body, int status, String message)
            throws Exception {
        long before = audited();
        Answer answer = house.ask("gateway/claim", body);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.json().get("error").stringValue()).contains(message);
        assertThat(audited()).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    "lnsUri":"wss://lns.example.com"                                 | lnsUri
                    "lnsUri":"wss://lns.example.com:8887/path"                       | lnsUri
                    "lnsUri":"wss://lns.example.com:8887"                            | lnsTrust is missing
                    "lnsUri":"https://lns.example.com:8887"                          | lnsUri
                    "cupsUri":"wss://cups.example.com:443"                           | cupsUri
                    "lnsTrust":"AAAA"                                                | lnsUri is missing
                    "lnsUri":"wss://a:1","lnsTrust":"AAAA"                           | lnsTrust
                    "lnsUri":"wss://a:1","lnsTrust":"***"                            | lnsTrust is not base64
                    "lnsUri":"wss://a:1","lnsTrust":"TRUST","lnsKey":"QTogeA0KQjogeQ0K" | lnsKey
                    "lnsUri":"wss://a:1","lnsTrust":"TRUST","lnsCrt":"TRUST"         | lns
                    "fwcrc":1                                                        | there is no firmware
                    "fwcrc":99999999999                                              | fwcrc must be a CRC-32
                    "fwafter":"2026-11-21T10:00:00Z"                                 | fwcrc is missing
                    "fwafter":"tomorrow"                                             | fwafter is not a time
                    """)
    void refusesWhatWouldHurtAGateway(String fields, String message) throws Exception {
        claim(GATEWAY.toString(), house.pinOf(GATEWAY));
        long before = audited();
        String trust = Base64.getEncoder().encodeToString(house.authority.certificateDer());

        Answer answer =
                house.ask(
                        "gateway/setup",
                        "{\"ownerid\":\"::1\",\"gateway\":\""
                                + GATEWAY
                                + "\","
                                + fields.replace("TRUST", trust)
                                + "}");

        assertThat(answer.body()).contains(message);
        assertThat(answer.json().findValuesAsString("error")).hasSize(1);
        assertThat(audited()).isEqualTo(before);
        assertThat(
                        house.ask(
                                        "gateway/info",
                                        "{\"ownerid\":\"::1\",\"gateway\":\"" + GATEWAY + "\"}")
                                .json()
                                .get(0)
                                .has("lnsUri"))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "GET,  /api/v1/gateway/claim,  404",
        "POST, /api/v1/gateway/steal,  404",
        "POST, /api/v2/gateway/claim,  404",
        "POST, /,                      404",
    })
    void knowsNothingElse(String method, String path, int status) throws Exception {
        assertThat(House.ask(house.ownerApi, method, path, house.acmeKey, "{}").status())
                .isEqualTo(status);
    }

    @Test
    void wantsToKnowWhoIsAsking() throws Exception {
        String body = "{\"ownerid\":\"::1\"}";
        assertThat(
                        House.ask(
                                        house.ownerApi,
                                        "POST",
                                        "/api/v1/gateway/list",
                                        "USHER.0.wrong",
                                        body)
                                .status())
                .isEqualTo(401);
        assertThat(
                        Answer.of(
                                        house.ownerApi.handle(
                                                Request.of("POST", "/api/v1/gateway/list")
                                                        .withBody(body)))
                                .status())
                .isEqualTo(401);
        assertThat(
                        House.ask(
                                        house.ownerApi,
                                        "POST",
                                        "/api/v1/gateway/list",
                                        house.administratorKey,
                                        body)
                                .status())
                .isEqualTo(403);
        assertThat(
                        House.ask(
                                        house.ownerApi,
                                        "POST",
                                        "/api/v1/gateway/list",
                                        house.otherKey,
                                        body)
                                .status())
                .isEqualTo(403);
    }

    @Test
    void infoIsForAHundredAndTwentyEightAtATime() throws Exception {
        String ids =
                String.join(
                        ",",
                        IntStream.range(0, 129)
                                .mapToObj(i -> "\"::" + Integer.toHexString(i + 1) + "\"")
                                .toList());
        assertThat(
                        house.ask(
                                        "gateway/info",
                                        "{\"ownerid\":\"::1\",\"gateways\":[" + ids + "]}")
                                .status())
                .isEqualTo(400);
    }

    @Test
    void neitherPinNorTokenNorKeyIsInTheAuditLogOrAnyError() throws Exception {
        String pin = house.pinOf(GATEWAY);
        claim(GATEWAY.toString(), pin);
        String trust = Base64.getEncoder().encodeToString(house.authority.certificateDer());
        String answer =
                house.ask(
                                "gateway/setup",
                                "{\"ownerid\":\"::1\",\"gateway\":\"%s\",\"lnsUri\":\"wss://a:1\",\"lnsTrust\":\"%s\",\"lnsKey\":\"%s\"}"
                                        .formatted(
                                                GATEWAY,
                                                trust,
                                                base64("Authorization: planted-secret")))
                        .body();
        List<AuditEntry> entries = house.audit.list(AuditLog.Filter.ALL, 0, 1000);
        assertThat(entries)
                .extracting(AuditEntry::action)
                .contains("gateway.claim", "gateway.setup");
        assertThat(entries.toString() + answer)
                .doesNotContain(pin, "planted-secret", house.secretsOf(GATEWAY).token());
    }

    private Answer claim(String gateway, String pin) throws Exception {
        return house.ask(
                "gateway/claim",
                "{\"ownerid\":\"::1\",\"gateway\":\"" + gateway + "\",\"claim\":\"" + pin + "\"}");
    }

    private long audited() {
        return house.audit.list(AuditLog.Filter.ALL, 0, 1000).size();
    }

    private static String base64(String text) {
        return base64(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
