package dev.usher.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Webhooks over REST. */
class WebhookRoutesTest {

    private static final String PATH = "/api/v1/network/webhooks";
    private static final String CREATE =
            "{'id':'hook1','account':'ann','url':'https://hooks.example.com/usher',"
                    + "'types':['uplink','join']}";

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
    void areMadeChangedAndEndedByTheirAccount() throws Exception {
        House.Answer created = house.asAnn("POST", PATH, CREATE);
        assertThat(created.status()).isEqualTo(201);
        assertThat(created.json().path("secret").asString()).startsWith("whsec_");

        JsonNode shown = house.asAnn("GET", PATH + "/hook1", "").json();
        assertThat(shown.has("secret")).isFalse();
        assertThat(shown.path("types").toString()).isEqualTo("[\"join\",\"uplink\"]");
        assertThat(shown.path("pending").asInt()).isZero();

        JsonNode set = house.asAnn("PATCH", PATH + "/hook1", "{'enabled':false,'types':[]}").json();
        assertThat(set.path("enabled").asBoolean()).isFalse();
        assertThat(set.path("types").isEmpty()).isTrue();
        assertThat(set.path("url").asString()).isEqualTo("https://hooks.example.com/usher");

        JsonNode replaced = house.asAnn("POST", PATH + "/hook1/secret", "{}").json();
        assertThat(replaced.path("secret")).isNotEqualTo(created.json().path("secret"));
        assertThat(house.asAnn("GET", PATH, "").json().path("items")).hasSize(1);
        assertThat(house.asAnn("DELETE", PATH + "/hook1", "").status()).isEqualTo(204);
        assertThat(house.asAnn("GET", PATH + "/hook1", "").status()).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource({"GET,''", "PATCH,{}", "DELETE,''", "POST /secret,{}", "POST /test,{}"})
    void areNotThereForOthers(String what, String body) throws Exception {
        house.asAnn("POST", PATH, CREATE);
        String[] words = what.split(" ", 2);
        String path = PATH + "/hook1" + (words.length == 2 ? words[1] : "");

        assertThat(house.asBob(words[0], path, body).status()).isEqualTo(404);
        assertThat(house.asBob("GET", PATH, "").json().path("items")).isEmpty();
    }

    @Test
    void areTriedAtOnce() throws Exception {
        house.asAnn("POST", PATH, "{'id':'hook1','account':'ann','url':'https://hooks.invalid/a'}");

        JsonNode trial = house.asAnn("POST", PATH + "/hook1/test", "{}").json();
        assertThat(trial.path("delivered").asBoolean()).isFalse();
        assertThat(trial.path("error").asString())
                .isEqualTo("the server has a name that cannot be resolved: check it");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "https://127.0.0.1/admin | has an address that is not public and not allowed here:"
                        + " use another, or have its network allowed",
                "http://1.1.1.1 | has port 80, which is not allowed here: use 443, or have it"
                        + " allowed",
                "http://1.1.1.1:443 | would be sent everything in clear: use https, or have its"
                        + " network allowed"
            })
    void goNowhereTheyMayNot(String url, String why) throws Exception {
        House.Answer created =
                house.asAnn(
                        "POST", PATH, "{'id':'hook1','account':'ann','url':'%s'}".formatted(url));
        assertThat(created.status()).isEqualTo(400);
        assertThat(created.json().path("detail").asString()).isEqualTo("'" + url + "' " + why);

        house.asAnn("POST", PATH, CREATE);
        assertThat(house.asAnn("PATCH", PATH + "/hook1", "{'url':'%s'}".formatted(url)).status())
                .isEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'id':'hook1','url':'https://example.com'} | 403",
                "{'id':'hook1','account':'bob','url':'https://example.com'} | 404",
                "{'id':'hook1','account':'ann','url':'ftp://example.com'} | 400",
                "{'id':'hook1','account':'ann','url':'https://example.com','types':['up']} | 400",
                "{'id':'h','account':'ann','url':'https://example.com'} | 400",
                "{'id':'hook1','account':'ann','url':'https://example.com','secret':'short'} | 400",
                "{'id':'hook1','account':'ann'} | 400"
            })
    void areRefusedWithAReason(String body, int status) throws Exception {
        House.Answer answer = house.asAnn("POST", PATH, body);

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.json().path("detail").asString()).isNotEmpty();
    }
}
