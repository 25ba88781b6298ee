package dev.usher.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Roots over REST. */
class TrustRoutesTest {

    private static final String PATH = "/api/v1/network/trust";

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

    private String root() {
        return "{'root':'"
                + Answers.pem(house.house.services.serverTrust().get()).replace("\n", "\\n")
                + "'}";
    }

    @Test
    void arePinnedListedAndUnpinned() throws Exception {
        House.Answer pinned = house.asAdmin("PUT", PATH + "/lns.example.com:8887", root());
        assertThat(pinned.status()).isEqualTo(200);
        assertThat(pinned.json().path("pinned").asBoolean()).isTrue();

        JsonNode item = house.asAdmin("GET", PATH, "").json().path("items").path(0);
        assertThat(item.path("server").asString()).isEqualTo("lns.example.com:8887");
        assertThat(item.path("root").asString()).startsWith("-----BEGIN CERTIFICATE-----");
        assertThat(item.has("endsAt")).isTrue();
        assertThat(house.asAdmin("DELETE", PATH + "/lns.example.com:8887", "").status())
                .isEqualTo(204);
        assertThat(house.asAdmin("GET", PATH, "").json().path("items")).isEmpty();
    }

    @Test
    void areForAdministrators() throws Exception {
        assertThat(house.asAnn("GET", PATH, "").status()).isEqualTo(403);
        assertThat(house.asAnn("PUT", PATH + "/lns.example.com:8887", root()).status())
                .isEqualTo(403);
    }

    @Test
    void areCheckedNow() throws Exception {
        JsonNode checked = house.asAdmin("POST", PATH + "/127.0.0.1:8887/check", "{}").json();

        assertThat(checked.path("remark").asString())
                .startsWith("has an address that is not public");
    }

    @ParameterizedTest
    @ValueSource(strings = {"lns.example.com:x", "-:8887", "lns.example.com:0"})
    void belongToServers(String server) throws Exception {
        assertThat(house.asAdmin("PUT", PATH + "/" + server, root()).status()).isEqualTo(400);
    }
}
