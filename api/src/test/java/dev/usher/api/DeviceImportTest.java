package dev.usher.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.api.House.Answer;
import dev.usher.api.edge.Request;
import dev.usher.lorawan.EuiRange;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Long lists of devices over REST: in by the maker {@code ::1}, and out again. */
class DeviceImportTest {

    private static final String IMPORT = "/api/v1/devices/import";
    private static final String APP_KEY = "000102030405060708090A0B0C0D0E0F";

    private @TempDir Path directory;
    private House house;

    @BeforeEach
    void open() {
        house = new House(directory);
        house.database.write(
                house.joinServer
                        .joinEuis()
                        .assign(House.ADMIN, EuiRange.parse("70B3D57ED0000000/40"), House.ACME));
        house.joinServer.joinEuis().refresh();
    }

    @AfterEach
    void close() {
        house.close();
    }

    /** A line of a list of devices, numbered from 1. */
    private static String line(int number) {
        return "{\"devEui\":\"%016X\",\"joinEui\":\"70B3D57ED0000001\",\"appKey\":\"%032X\"}%n"
                .formatted(number, number);
    }

    private static String lines(int count) {
        StringBuilder lines = new StringBuilder();
        for (int number = 1; number <= count; number++) {
            lines.append(line(number));
        }
        return lines.toString();
    }

    @Test
    void takesTwentyThousandInOneRequestAndExportsThem() throws Exception {
        String all = lines(20_000);

        List<JsonNode> answers = importAll(all);

        assertThat(answers).hasSize(20_000);
        assertThat(answers.getFirst().get("devEui").stringValue()).isEqualTo("0000000000000001");
        assertThat(answers.getLast().get("devEui").stringValue()).isEqualTo("0000000000004E20");
        assertThat(answers.getLast().get("line").intValue()).isEqualTo(20_000);
        assertThat(answers)
                .extracting(answer -> answer.get("result").stringValue())
                .containsOnly("created");
        assertThat(answers)
                .extracting(answer -> answer.get("ownerToken").stringValue())
                .doesNotHaveDuplicates();

        String exported = get("/api/v1/devices/export?maker=::1").body();
        assertThat(exported.lines()).hasSize(20_000);
        assertThat(exported.lines().findFirst().orElseThrow())
                .contains("\"devEui\":\"0000000000000001\"")
                .contains("\"hasAppKey\":true");
        assertThat(exported).doesNotContain("%032X".formatted(1));
    }

    @Test
    void aListThatWasCutOffIsSentAgain() throws Exception {
        String keyless = lines(700);
        importAll(keyless);

        assertThat(importAll(keyless + line(701)))
                .extracting(answer -> answer.get("result").stringValue())
                .containsOnly("unchanged", "created")
                .endsWith("unchanged", "created");
    }

    @Test
    void withTheSameKeyItGetsTheSameTokensAgain() throws Exception {
        String list = lines(700);
        Answer first = send(list, "run-1");

        assertThat(send(list, "run-1")).isEqualTo(first);
        Answer other = send(list.replace("{", "{\"strict\":true,"), "run-1");
        assertThat(other.body())
                .contains("Idempotency-Key was used for another request")
                .contains("nothing was done from here on");
    }

    @Test
    void everyRowStandsForItself() throws Exception {
        List<JsonNode> answers =
                importAll(
                        line(1)
                                + "\n{\"devEui\":\n"
                                + "[]\n"
                                + line(2).replace("appKey", "key")
                                + line(3).replace("70B3", "80B3")
                                + line(4).strip());

        assertThat(answers)
                .extracting(answer -> answer.get("line").intValue())
                .containsExactly(1, 3, 4, 5, 6, 7);
        assertThat(answers.get(0).get("result").stringValue()).isEqualTo("created");
        assertThat(error(answers.get(1))).isEqualTo("the line is not one JSON object");
        assertThat(error(answers.get(2))).isEqualTo("the line is not one JSON object");
        assertThat(error(answers.get(3))).startsWith("unknown field 'key': known are appKey");
        assertThat(error(answers.get(4))).contains("JoinEUI 80B3D57ED0000001 is in no range");
        assertThat(answers.get(5).get("result").stringValue()).isEqualTo("created");
    }

    @Test
    void readsCsv() throws Exception {
        String csv =
                """
                devEui,joinEui,appKey,ownerToken,serialNumber,strict,lifetime,roamingNetIds,homeNetId
                0000000000000001,70B3D57ED0000001,KEY,TOKEN1,"a, ""b""\",true,60,000013 000014,000015
                0000000000000002,70B3D57ED0000001,KEY,,,,,,
                0000000000000003,70B3D57ED0000001,KEY
                0000000000000004,70B3D57ED0000001,KEY,,,maybe,,,
                0000000000000005,70B3D57ED0000001,KEY,,,,a while,,
                """
                        .replace("KEY", APP_KEY);

        List<JsonNode> answers = importAll(csv);

        assertThat(answers.get(0).has("ownerToken")).isFalse();
        assertThat(answers.get(1).get("line").intValue()).isEqualTo(3);
        assertThat(answers.get(1).has("ownerToken")).isTrue();
        assertThat(error(answers.get(2))).isEqualTo("the line has 3 values for 9 columns");
        assertThat(error(answers.get(3))).isEqualTo("strict must be true or false");
        assertThat(error(answers.get(4))).isEqualTo("lifetime must be a whole number of 0 or more");
        String exported = get("/api/v1/devices/export?maker=::1&format=csv").body();
        assertThat(exported.lines())
                .startsWith(
                        "devEui,joinEui,maker,owner,macVersion,profileId,serialNumber,hasNwkKey,"
                                + "hasAppKey,claimable,locked,homeNetId,homeNsId,asId,asKekLabel,"
                                + "appSKeyInClear,roamingNetIds,strict,resetsJoinNonces,lifetime,"
                                + "lastJoinNonce,lastDevNonce,lastRjCount1,createdAt,claimedAt",
                        "0000000000000001,70B3D57ED0000001,::1,,,,\"a, \"\"b\"\"\",false,true,true,"
                                + "false,000015,,,,,000013 000014,true,false,60,0,,,"
                                + "2026-11-21T10:00:00Z,")
                .hasSize(3);
    }

    @Test
    void aDryRunProvisionsNothing() throws Exception {
        Answer tried =
                House.ask(house.rest, "POST", IMPORT + "?dryRun=true", house.acmeKey, lines(3));

        assertThat(tried.body().lines()).hasSize(3).allMatch(line -> !line.contains("ownerToken"));
        assertThat(get("/api/v1/devices/export?maker=::1").body()).isEmpty();
    }

    @Test
    void takesWrappedRootKeys() throws Exception {
        // RFC 3394 section 4.1: 128 bits of key data with a 128-bit KEK.
        house.askRest(
                "POST",
                "/api/v1/transport-keks",
                "{\"maker\":\"::1\",\"label\":\"line-1\",\"kek\":\"" + APP_KEY + "\"}");
        String row = line(1).replaceAll("\"appKey\":\"[0-9A-F]*\"", "\"appKey\":\"WRAPPED\"");
        String wrapped = "1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5";
        String labelled = row.replace("{", "{\"kekLabel\":\"line-1\",");

        List<JsonNode> answers =
                importAll(
                        labelled.replace("WRAPPED", wrapped)
                                + labelled.replace("WRAPPED", wrapped.replace("1FA6", "1FA7"))
                                + labelled.replace("line-1", "line-2").replace("WRAPPED", wrapped));

        assertThat(answers.get(0).get("result").stringValue()).isEqualTo("created");
        assertThat(error(answers.get(1))).contains("does not open with this 128-bit KEK");
        assertThat(error(answers.get(2))).contains("maker ::1 has no transport KEK 'line-2'");
        JsonNode inClear =
                importAll(row.replace("WRAPPED", "00112233445566778899AABBCCDDEEFF")).getFirst();
        assertThat(inClear.get("result").stringValue()).isEqualTo("unchanged");
    }

    @Test
    void passesOverAByteOrderMark() throws Exception {
        assertThat(importAll("\uFEFF" + line(1)).getFirst().get("result").stringValue())
                .isEqualTo("created");
    }

    @Test
    void doesNotRepeatAKeyThatStandsWhereAColumnIsNamed() throws Exception {
        String key = "000102030405060708090A0B0C0D0E0F";

        Answer answer = House.ask(house.rest, "POST", IMPORT, house.acmeKey, key + ",1,2\n");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).contains("does not name columns").doesNotContain(key);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    `` | there is no device
                    [{"devEui":"0000000000000001"}] | send one JSON object a line, without brackets
                    devEui,joinEui,appKey,colour | 'colour' in the first line is not a column: known are appKey
                    devEui,devEui | column devEui is named twice
                    devEui;joinEui;appKey | the first line does not name columns, with commas between them: known are appKey
                    """)
    void saysWhatIsWrongWithAList(String list, String detail) throws Exception {
        Answer answer = House.ask(house.rest, "POST", IMPORT, house.acmeKey, list);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("detail").stringValue()).contains(detail);
    }

    @Test
    void exportsToEverybodyWhatIsTheirs() throws Exception {
        importAll(lines(2));

        assertThat(get("/api/v1/devices/export").body()).isEmpty();
        assertThat(get("/api/v1/devices/export?maker=::2").status()).isEqualTo(403);
        assertThat(get("/api/v1/devices/export?format=xml").status()).isEqualTo(400);
        assertThat(house.askRest("GET", "/api/v1/devices/export", "").body().lines()).hasSize(2);
    }

    private List<JsonNode> importAll(String list) throws Exception {
        Answer answer = House.ask(house.rest, "POST", IMPORT, house.acmeKey, list);
        assertThat(answer.status()).isEqualTo(200);
        return answer.body().lines().map(Fields.JSON::readTree).toList();
    }

    private Answer send(String list, String idempotencyKey) throws Exception {
        return Answer.of(
                house.rest.handle(
                        Request.of("POST", IMPORT)
                                .withHeader("Authorization", "Bearer " + house.acmeKey)
                                .withHeader("Idempotency-Key", idempotencyKey)
                                .withBody(list)));
    }

    private Answer get(String path) throws Exception {
        return House.ask(house.rest, "GET", path, house.acmeKey, "");
    }

    private static String error(JsonNode answer) {
        return answer.get("error").stringValue();
    }
}
