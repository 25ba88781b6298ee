package dev.usher.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keeps docs/configuration.md true. */
class ConfigurationReferenceTest {

    private static final Path REFERENCE = Path.of("../docs/configuration.md");
    private static final Pattern ROW =
            Pattern.compile("\\| `([a-z.-]+)` \\| `(USHER_[A-Z_]+)` \\| (?:`(.*?)`)? ?\\| .+ \\|");

    @TempDir Path directory;

    private record Row(String key, String variable, String defaultValue) {}

    @Test
    void listsEveryKeyWithItsVariableAndItsDefault() throws IOException {
        Settings settings = new Settings(null, Map.of());
        UsherConfig.read(settings);

        List<Row> listed =
                Files.readAllLines(REFERENCE).stream()
                        .map(ROW::matcher)
                        .filter(Matcher::matches)
                        .map(
                                row ->
                                        new Row(
                                                row.group(1),
                                                row.group(2),
                                                Optional.ofNullable(row.group(3)).orElse("")))
                        .toList();

        assertThat(listed)
                .isEqualTo(
                        settings.known().stream()
                                .map(key -> new Row(key.name(), key.variable(), key.defaultValue()))
                                .toList());
    }

    @Test
    void showsAnExampleThatWorks() throws IOException {
        String text = Files.readString(REFERENCE);
        String yaml =
                text.substring(text.indexOf("```yaml\n") + 8, text.indexOf("```\n\nUsher does"));
        Path file = Files.writeString(directory.resolve("usher.yml"), yaml);

        UsherConfig config = UsherConfig.load(Optional.of(file), Map.of());

        assertThat(config.hostname()).isEqualTo("usher.example.org");
        assertThat(config.vault().type()).isEqualTo("pkcs11");
        assertThat(config.ownerApi().guessesPerDay()).isEqualTo(5);
    }
}
