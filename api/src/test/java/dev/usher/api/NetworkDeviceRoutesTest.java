package dev.usher.api;

import static dev.usher.api.NetworkHouse.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.api.edge.Request;
import java.nio.file.Path;
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

    @Test
    void isForAdministrators() throws Exception {
        assertThat(house.asAnn("GET", DEVICES, "").status()).isEqualTo(403);
        assertThat(house.asAnn("POST", QUEUE, "{'port':1}").status()).isEqualTo(403);
        assertThat(house.asAdmin("POST", QUEUE, "{'port':1}").status()).isEqualTo(404);
    }
}
