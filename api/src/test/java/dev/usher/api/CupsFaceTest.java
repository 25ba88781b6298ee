package dev.usher.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.api.House.Answer;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.keys.IssuedCertificate;
import dev.usher.lorawan.Eui64;
import dev.usher.station.Credentials;
import dev.usher.station.UpdateInfoResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CupsFaceTest {

    private static final Eui64 GATEWAY = House.GATEWAY;

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
    void aGenuineGatewayNobodyHasClaimedIsToldNothing() throws Exception {
        Response.Full answer =
                (Response.Full) house.cups.handle(withToken(house.secretsOf(GATEWAY).token()));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(new byte[14]);
    }

    @Test
    void aClaimedGatewayIsToldWhereItsOwnerWantsItAndThenNothing() throws Exception {
        claimAndSetUp();

        Response.Full answer =
                (Response.Full)
                        house.cups.handle(withToken("Bearer " + house.secretsOf(GATEWAY).token()));

        UpdateInfoResponse.Decoded response = UpdateInfoResponse.parse(answer.body());
        assertThat(response.tcUri()).hasValue("wss://lns.example.com:8887");
        assertThat(response.cupsUri()).isEmpty();
        int crc = Credentials.parseBlob(response.tcCredentials()).crc();
        Request next =
                request("\"wss://lns.example.com:8887\"", Integer.toUnsignedString(crc))
                        .withHeader("Authorization", house.secretsOf(GATEWAY).token());
        assertThat(((Response.Full) house.cups.handle(next)).body()).isEqualTo(new byte[14]);
    }

    @Test
    void aCertificateOfTheBuiltInAuthorityIsAsGoodAsAToken() throws Exception {
        IssuedCertificate certificate = house.authority.issueGateway(GATEWAY, Duration.ofDays(1));
        Request mutual =
                request("null", "2077607535").withClientChain(List.of(certificate.certificate()));
        assertThat(Answer.of(house.cups.handle(mutual)).status()).isEqualTo(200);

        IssuedCertificate others =
                house.authority.issueGateway(Eui64.parse("58A0CBFFFE800BE8"), Duration.ofDays(1));
        Request wrong =
                request("null", "2077607535").withClientChain(List.of(others.certificate()));
        assertThat(house.cups.handle(wrong)).isEqualTo(Response.close());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Bearer ",
                "wrong",
                "Bearer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
            })
    void whoeverIsNotTheGatewayIsClosedWithoutAByte(String token) throws Exception {
        claimAndSetUp();
        assertThat(house.cups.handle(withToken(token))).isEqualTo(Response.close());
        assertThat(house.cups.handle(request("null", "2077607535"))).isEqualTo(Response.close());
    }

    @Test
    void aGatewayNobodyKnowsIsClosedWithoutAByte() throws Exception {
        Request unknown =
                Request.of("POST", "/update-info")
                        .withHeader("Authorization", house.secretsOf(GATEWAY).token())
                        .withBody(body("::abc", "null", "2077607535"));
        assertThat(house.cups.handle(unknown)).isEqualTo(Response.close());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "{}", "{\"router\":\"nonsense\"}", "\u0000"})
    void whatIsNotARequestIsClosedWithoutAByte(String body) throws Exception {
        assertThat(house.cups.handle(Request.of("POST", "/update-info").withBody(body)))
                .isEqualTo(Response.close());
    }

    @Test
    void everythingElseIsClosedWithoutAByte() throws Exception {
        assertThat(house.cups.handle(Request.of("GET", "/update-info")))
                .isEqualTo(Response.close());
        assertThat(house.cups.handle(Request.of("POST", "/"))).isEqualTo(Response.close());
    }

    private void claimAndSetUp() throws Exception {
        house.ask(
                "gateway/claim",
                "{\"ownerid\":\"::1\",\"gateway\":\""
                        + GATEWAY
                        + "\",\"claim\":\""
                        + house.pinOf(GATEWAY)
                        + "\"}");
        Answer setup =
                house.ask(
                        "gateway/setup",
                        "{\"ownerid\":\"::1\",\"gateway\":\"%s\",\"lnsUri\":\"wss://lns.example.com:8887\",\"lnsTrust\":\"%s\",\"lnsKey\":\"%s\"}"
                                .formatted(
                                        GATEWAY,
                                        Base64.getEncoder()
                                                .encodeToString(house.authority.certificateDer()),
                                        Base64.getEncoder()
                                                .encodeToString(
                                                        "Authorization: x\r\n"
                                                                .getBytes(
                                                                        StandardCharsets
                                                                                .US_ASCII))));
        assertThat(setup.json().get(0).has("error")).isFalse();
    }

    private Request withToken(String authorization) {
        return request("null", "2077607535").withHeader("Authorization", authorization);
    }

    private static Request request(String tcUri, String tcCredCrc) {
        return Request.of("POST", "/update-info").withBody(body(GATEWAY.id6(), tcUri, tcCredCrc));
    }

    private static String body(String router, String tcUri, String tcCredCrc) {
        return "{\"router\":\""
                + router
                + "\",\"cupsUri\":null,\"tcUri\":"
                + tcUri
                + ",\"cupsCredCrc\":2077607535,\"tcCredCrc\":"
                + tcCredCrc
                + ",\"station\":\"2.0.6\",\"model\":\"linux\",\"package\":\"1.0.0\",\"keys\":[]}";
    }
}
