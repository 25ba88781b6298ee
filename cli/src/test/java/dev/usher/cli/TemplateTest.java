package dev.usher.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class TemplateTest {

    private static final JsonNode GATEWAY =
            Json.MAPPER.readTree(
                    """
                    {"id": "gtw1", "connected": true, "seen": {"at": "now", "rssi": -7},
                     "frequencyPlanIds": ["EU_863_870", "EU_433"], "note": "a\\u001B[2Jb"}
                    """);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {{.id}}                   | gtw1
                    {{ .id }}                 | gtw1
                    gateway {{.id}}, {{.id}}! | gateway gtw1, gtw1!
                    {{.seen.at}}/{{.connected}}/{{.seen.rssi}} | now/true/-7
                    {{.frequencyPlanIds}}     | EU_863_870, EU_433
                    {{.seen}}                 | {"at":"now","rssi":-7}
                    {{.name}}-{{.id}}         | -gtw1
                    no field                  | no field
                    } }} {                    | } }} {
                    """)
    void putsFieldsIntoText(String template, String text) {
        assertThat(Template.parse(template).fill(GATEWAY, List.of("name"))).isEqualTo(text + "\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {{.ids}}     | The result has no field 'ids': did you mean 'id'?
                    {{.seen.a}}  | The result has no field 'seen.a': did you mean 'seen.at'?
                    {{.nam}}     | The result has no field 'nam': did you mean 'name'?
                    {{.temperature}} | The result has no field 'temperature': there are connected, frequencyPlanIds, id, name, note, seen, seen.at, seen.rssi.
                    """)
    void namesTheFieldThatWasMeant(String template, String problem) {
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> Template.parse(template).fill(GATEWAY, List.of("name")))
                .withMessage(problem);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{id}}",
                "{{}}",
                "{{.}}",
                "{{.a..b}}",
                "{{range .items}}",
                "{{.id | printf}}",
                "x {{.id"
            })
    void refusesWhatIsNoField(String template) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Template.parse(template))
                .withMessageContaining("{{");
    }

    @Test
    void showsControlCharactersAndDoesNotSendThem() {
        assertThat(Template.parse("{{.note}}").fill(GATEWAY, List.of())).doesNotContain("\u001B");
    }
}
