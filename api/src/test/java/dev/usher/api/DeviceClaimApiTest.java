package dev.usher.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.accounts.ApiKeys;
import dev.usher.accounts.OwnerCertificates;
import dev.usher.api.House.Answer;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.devices.Device;
import dev.usher.devices.GivenRootKeys;
import dev.usher.devices.NewDevice;
import dev.usher.keys.CertificateAuthority;
import dev.usher.keys.IssuedCertificate;
import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.EuiRange;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The claim API of The Things Join Server, as a claiming server of a network calls it. */
class DeviceClaimApiTest {

    private static final Eui64 DEVICE = Eui64.parse("0102030405060708");
    private static final String CLAIM = "/api/v2/devices/0102030405060708/claim";
    private static final String BODY =
            "{\"ownerToken\":\"TOKEN1\",\"homeNetID\":\"000013\","
                + "\"homeNSID\":\"EC656E0000000001\",\"asID\":\"as.example.com\",\"lock\":true}";

    private @TempDir Path directory;
    private House house;
    private DeviceClaimApi api;

    @BeforeEach
    void open() {
        house = new House(directory);
        house.database.write(
                house.joinServer
                        .joinEuis()
                        .assign(House.ADMIN, EuiRange.parse("70B3D57ED0000000/40"), House.ACME));
        house.joinServer.joinEuis().refresh();
        provision("0102030405060708", "TOKEN1");
        provision("0102030405060709", "TOKEN2");
        api =
                new DeviceClaimApi(
                        house.database,
                        house.joinServer.claims(),
                        new Authenticator(
                                new ApiKeys(house.database, house.audit, house.now::get),
                                new OwnerCertificates(house.database, house.audit, house.now::get)),
                        TrustedProxies.NONE,
                        request -> Response.of(418));
    }

    @AfterEach
    void close() {
        house.close();
    }

    private void provision(String devEui, String token) {
        NewDevice plain =
                NewDevice.of(
                        Eui64.parse(devEui),
                        Eui64.parse("70B3D57ED0000001"),
                        GivenRootKeys.Plain.r1_0(AesKey.parse("000102030405060708090A0B0C0D0E0F")));
        house.database.write(
                house.joinServer
                        .provisioning()
                        .provision(
                                House.ADMIN,
                                List.of(
                                        new NewDevice(
                                                plain.devEui(),
                                                plain.joinEui(),
                                                plain.rootKeys(),
                                                plain.macVersion(),
                                                plain.profileId(),
                                                plain.serialNumber(),
                                                Optional.of(token),
                                                plain.activation(),
                                                plain.roamingNetIds(),
                                                plain.strict(),
                                                plain.resetsJoinNonces(),
                                                plain.lifetime())),
                                /* dryRun= */ false));
    }

    @Test
    void claimsADeviceAndTellsItsStatusUntilItIsGivenBack() throws Exception {
        assertThat(ask("GET", CLAIM, ""))
                .isEqualTo(new Answer(404, "{\"message\":\"the device is not claimed\"}"));

        assertThat(ask("PUT", CLAIM, BODY)).isEqualTo(new Answer(201, "{}"));
        assertThat(ask("GET", CLAIM, ""))
                .isEqualTo(
                        new Answer(
                                200,
                                "{\"homeNetID\":\"000013\",\"homeNSID\":\"EC656E0000000001\","
                                        + "\"locked\":true}"));
        Device device = house.joinServer.devices().get(DEVICE);
        assertThat(device.owner()).contains(House.ACME);
        assertThat(device.activation().asId()).contains("as.example.com");

        assertThat(ask("DELETE", CLAIM, "")).isEqualTo(new Answer(204, ""));
        assertThat(ask("GET", CLAIM, "").status()).isEqualTo(404);
        // The token in the QR code still holds.
        assertThat(askAs(house.otherKey, "PUT", CLAIM, BODY).status()).isEqualTo(201);
    }

    @Test
    void saysWithTheOneTextWhatClientsTakeForAWrongTokenAndAClaimedDevice() throws Exception {
        Answer denied = new Answer(403, "{\"message\":\"claim failed with given owner token\"}");

        assertThat(ask("PUT", CLAIM, BODY.replace("TOKEN1", "WRONG"))).isEqualTo(denied);
        ask("PUT", CLAIM, BODY);
        assertThat(askAs(house.otherKey, "PUT", CLAIM, BODY)).isEqualTo(denied);
    }

    @Test
    void locksADeviceAfterTooManyGuesses() throws Exception {
        for (int guess = 0; guess < 10; guess++) {
            ask("PUT", CLAIM, BODY.replace("TOKEN1", "WRONG"));
        }

        Answer locked = ask("PUT", CLAIM, BODY);
        assertThat(locked.status()).isEqualTo(403);
        assertThat(locked.body()).contains("try again tomorrow").doesNotContain("claim failed");
    }

    @Test
    void regeneratesTheTokenOnRequest() throws Exception {
        Answer claimed = ask("PUT", CLAIM, BODY.replace("{", "{\"regenerateOwnerToken\":true,"));

        String token = claimed.json().get("ownerToken").stringValue();
        ask("DELETE", CLAIM, "");
        assertThat(askAs(house.otherKey, "PUT", CLAIM, BODY).status()).isEqualTo(403);
        assertThat(askAs(house.otherKey, "PUT", CLAIM, BODY.replace("TOKEN1", token)).status())
                .isEqualTo(201);
    }

    @ParameterizedTest
    @CsvSource({
        "000102030405060708090A0B0C0D0E0F",
        "AAECAwQFBgcICQoLDA0ODw==",
        "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F",
    })
    void takesAKekInHexOrBase64(String key) throws Exception {
        String kek = "{\"kek\":{\"label\":\"as\",\"key\":\"" + key + "\"},";

        assertThat(ask("PUT", CLAIM, BODY.replace("{", kek)).status()).isEqualTo(201);
        assertThat(house.joinServer.devices().get(DEVICE).activation().asKekLabel()).contains("as");
    }

    @Test
    void readsWhatClientsLeaveEmptyOrAddOneDay() throws Exception {
        assertThat(
                        ask(
                                        "PUT",
                                        CLAIM,
                                        "{\"ownerToken\":\"TOKEN1\",\"homeNetID\":\"000013\","
                                                + "\"homeNSID\":null,\"asID\":\"\",\"new\":{}}")
                                .status())
                .isEqualTo(201);
        assertThat(house.joinServer.devices().get(DEVICE).activation().asId()).isEmpty();
    }

    @Test
    void unclaimsManyAndNamesThoseThatCouldNotBe() throws Exception {
        String both = "/api/v2/devices/0102030405060708,0102030405060709/claims";
        ask("PUT", CLAIM, BODY);

        assertThat(ask("DELETE", both, ""))
                .isEqualTo(
                        new Answer(
                                400,
                                "{\"0102030405060709\":{\"message\":\"the device is not"
                                        + " claimed\"}}"));
        assertThat(ask("GET", CLAIM, "").status()).isEqualTo(404);

        ask("PUT", CLAIM, BODY);
        ask("PUT", CLAIM.replace("0708", "0709"), BODY.replace("TOKEN1", "TOKEN2"));
        assertThat(ask("DELETE", both, "")).isEqualTo(new Answer(204, ""));

        ask("PUT", CLAIM, BODY);
        String twice = "/api/v2/devices/0102030405060708,0102030405060708/claims";
        assertThat(ask("DELETE", twice, "")).isEqualTo(new Answer(204, ""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    PUT | 0102030405060708/claim | {} | 400 | ownerToken is missing
                    PUT | 0102030405060708/claim | no | 400 | the body is not JSON
                    PUT | 0102030405060708/claim | [] | 400 | the body must be a JSON object
                    PUT | 0102030405060708/claim | {"ownerToken":"A:B"} | 400 | an owner token is
                    PUT | 0102030405060708/claim | {"ownerToken":"A","homeNetID":"1"} | 400 | homeNetID:
                    PUT | 0102030405060708/claim | {"ownerToken":"A","homeNSID":"EC656E0000000001"} | 400 | has no home NetID
                    PUT | 0102030405060708/claim | {"ownerToken":"A","homeNetID":"000013","homeNSID":"EC656E000000"} | 400 | homeNSID: 'EC656E000000' has 12 hex digits: a DevEUI, JoinEUI or NSID has 16
                    PUT | 0102030405060708/claim | {"ownerToken":"A","kek":{"label":"x","key":"secret"}} | 400 | kek.key: a KEK is 16, 24 or 32 bytes
                    PUT | 0102030405060708/claim | {"ownerToken":"A","lock":"yes"} | 400 | lock must be true or false
                    PUT | x/claim | {} | 400 | 'x' is not an EUI
                    PUT | 0102030405060700/claim | {"ownerToken":"A"} | 404 | the device is not provisioned
                    GET | 0102030405060700/claim | `` | 404 | the device is not provisioned
                    DELETE | 0102030405060700/claim | `` | 404 | the device is not provisioned
                    DELETE | 0102030405060708/claim | `` | 404 | the device is not claimed
                    DELETE | 0102030405060708,/claims | `` | 400 | '' is not an EUI
                    PATCH | 0102030405060708/claim | {} | 405 | use PUT, GET or DELETE
                    GET | 0102030405060708/claims | `` | 405 | use DELETE
                    """)
    void saysWhatIsWrong(String method, String path, String body, int status, String message)
            throws Exception {
        Answer answer = ask(method, "/api/v2/devices/" + path, body);

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.json().get("message").stringValue())
                .contains(message)
                .doesNotContain("secret");
    }

    @Test
    void knowsOwnersByKeyPasswordAndCertificate() throws Exception {
        CertificateAuthority ca = CertificateAuthority.create("Networks", house.now::get);
        IssuedCertificate certificate = ca.issueOwner("ns.example.com", Duration.ofDays(1));
        house.database.write(
                new OwnerCertificates(house.database, house.audit, house.now::get)
                        .map(House.ADMIN, House.ACME, certificate.certificate()));

        assertThat(status(basic("as.example.com:" + house.acmeKey))).isEqualTo(404);
        assertThat(
                        status(
                                Request.of("GET", CLAIM)
                                        .withClientChain(List.of(certificate.certificate()))))
                .isEqualTo(404);
        List<Request> strangers =
                new ArrayList<>(
                        List.of(
                                Request.of("GET", CLAIM),
                                basic("as.example.com:wrong"),
                                basic("no-colon"),
                                Request.of("GET", CLAIM).withHeader("Authorization", "Basic %%%"),
                                Request.of("GET", CLAIM)
                                        .withHeader("Authorization", "Bearer wrong")));
        for (Request stranger : strangers) {
            assertThat(status(stranger)).isEqualTo(401);
        }
        assertThat(askAs(house.administratorKey, "GET", CLAIM, "").status()).isEqualTo(403);
    }

    @Test
    void leavesToTheBackendInterfacesWhatIsPosted() throws Exception {
        assertThat(ask("POST", CLAIM, BODY).status()).isEqualTo(418);
        assertThat(ask("GET", "/api/v2/devices/0102030405060708", "").status()).isEqualTo(418);
        assertThat(ask("PUT", "/", "").status()).isEqualTo(418);
    }

    private static Request basic(String credentials) {
        return Request.of("GET", CLAIM)
                .withHeader(
                        "Authorization",
                        "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(UTF_8)));
    }

    private int status(Request request) throws Exception {
        return Answer.of(api.handle(request)).status();
    }

    private Answer ask(String method, String path, String body) throws Exception {
        return askAs(house.acmeKey, method, path, body);
    }

    private Answer askAs(String key, String method, String path, String body) throws Exception {
        return House.ask(api, method, path, key, body);
    }
}
