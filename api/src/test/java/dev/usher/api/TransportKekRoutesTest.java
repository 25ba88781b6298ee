package dev.usher.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.api.House.Answer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Transport KEKs and activation settings over REST: what an owner keeps for all its devices. */
class TransportKekRoutesTest {

    private static final String KEKS = "/api/v1/transport-keks";
    private static final String ACTIVATION = "/api/v1/owners/::1/activation";
    private static final String KEK = "000102030405060708090A0B0C0D0E0F";

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
    void registersRotatesAndDeletes() throws Exception {
        JsonNode given = ask("POST", KEKS, "{'label':'line 1/a','kek':'" + KEK + "'}").json();
        assertThat(given)
                .isEqualTo(
                        json(
                                "{'maker':'::1','label':'line 1/a','bits':128,"
                                        + "'createdAt':'2026-11-21T10:00:00Z'}"));
        assertThat(ask("POST", KEKS, "{'label':'line 1/a'}").status()).isEqualTo(409);

        JsonNode made = ask("POST", KEKS, "{'label':'made','bits':256}").json();
        assertThat(made.get("kek").stringValue()).matches("[0-9A-F]{64}");
        JsonNode rotated = ask("POST", KEKS + "/line%201%2Fa/rotate", "{}").json();
        assertThat(rotated.get("kek").stringValue()).matches("[0-9A-F]{32}");
        assertThat(ask("GET", KEKS, "").json().get("items").findValuesAsString("label"))
                .containsExactly("line 1/a", "made");
        assertThat(ask("GET", KEKS, "").body()).doesNotContain("\"kek\"");
        assertThat(house.askRest("GET", "/api/v1/audit", "").body())
                .contains("transport-kek.rotate")
                .doesNotContain(KEK)
                .doesNotContain(rotated.get("kek").stringValue());

        assertThat(ask("DELETE", KEKS + "/made?dryRun=true", "").status()).isEqualTo(200);
        assertThat(ask("DELETE", KEKS + "/made", "").status()).isEqualTo(204);
        assertThat(ask("DELETE", KEKS + "/made", "").status()).isEqualTo(404);
        assertThat(ask("POST", KEKS + "/made/rotate", "{}").status()).isEqualTo(404);
    }

    @Test
    void areOfOneMaker() throws Exception {
        assertThat(house.askRest("POST", KEKS, "{\"label\":\"a\"}").status()).isEqualTo(400);
        assertThat(
                        house.askRest("POST", KEKS, "{\"label\":\"a\",\"maker\":\"::2\"}")
                                .json()
                                .get("maker")
                                .stringValue())
                .isEqualTo("::2");
        assertThat(ask("GET", KEKS, "").json().get("items")).isEmpty();
        assertThat(house.askRest("GET", KEKS + "?maker=::2", "").json().get("items")).hasSize(1);
        assertThat(house.askRest("DELETE", KEKS + "/a?maker=::2", "").status()).isEqualTo(204);
        Answer foreign = ask("GET", KEKS + "?maker=::2", "");
        assertThat(foreign.status()).isEqualTo(403);
        assertThat(foreign.json().get("detail").stringValue())
                .isEqualTo("maker is ::2: with this key you can ask for ::1 only");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {} | label is missing
                    {'label':''} | is not a KEK label
                    {'label':'a','kek':'0D0E0F'} | kek: a KEK is written as
                    {'label':'a','bits':64} | bits is 64: a KEK has 128, 192 or 256
                    {'label':'a','kek':'000102030405060708090A0B0C0D0E0F','bits':128} | bits is for a KEK that is made here
                    {'label':'a','maker':'x:y'} | 'x:y' is not an EUI
                    """)
    void saysWhatIsWrong(String body, String detail) throws Exception {
        Answer answer = ask("POST", KEKS, body);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("detail").stringValue())
                .contains(detail)
                .doesNotContain("0D0E0F");
    }

    @Test
    void anOwnerSetsWhereItsDevicesAreAtHome() throws Exception {
        assertThat(ask("GET", ACTIVATION, "").body()).isEqualTo("{}");
        JsonNode set =
                ask(
                                "PATCH",
                                ACTIVATION,
                                "{'homeNetId':'000013','homeNsId':'EC656E0000000001','asId':'as',"
                                        + "'asKekLabel':'k','asKek':'"
                                        + KEK
                                        + "','appSKeyInClear':false}")
                        .json();
        assertThat(set)
                .isEqualTo(
                        json(
                                "{'homeNetId':'000013','homeNsId':'EC656E0000000001','asId':'as',"
                                        + "'asKekLabel':'k','appSKeyInClear':false}"));
        assertThat(ask("PATCH", ACTIVATION, "{'homeNsId':null,'asId':'other'}").json())
                .isEqualTo(
                        json(
                                "{'homeNetId':'000013','asId':'other','asKekLabel':'k',"
                                        + "'appSKeyInClear':false}"));
        assertThat(ask("PATCH", ACTIVATION + "?dryRun=true", "{'asId':null}").status())
                .isEqualTo(200);
        assertThat(house.askRest("GET", ACTIVATION, "").json().get("asId").stringValue())
                .isEqualTo("other");
        assertThat(House.ask(house.rest, "GET", ACTIVATION, house.otherKey, "").status())
                .isEqualTo(403);
        assertThat(house.askRest("PATCH", "/api/v1/owners/::9/activation", "{}").status())
                .isEqualTo(404);
    }

    private Answer ask(String method, String path, String body) throws Exception {
        return House.ask(house.rest, method, path, house.acmeKey, body.replace('\'', '"'));
    }

    private static JsonNode json(String text) {
        return Fields.JSON.readTree(text.replace('\'', '"'));
    }
}
