package dev.usher.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of docs/interop.md, each of which begins with the name of its file. */
class DocumentationTest {

    private static final Pattern EXAMPLE =
            Pattern.compile("```yaml\n# (\\S+)\n(.*?)```", Pattern.DOTALL);

    @TempDir private Path directory;
    private final Map<String, String> examples = new LinkedHashMap<>();

    @BeforeEach
    void writeExamples() throws IOException {
        String page = Files.readString(Path.of("../docs/interop.md"));
        Matcher matcher = EXAMPLE.matcher(page);
        while (matcher.find()) {
            examples.put(matcher.group(1), matcher.group(2));
        }
        assertThat(page.split("```yaml", -1)).hasSize(examples.size() + 1);

        Certificates authority = new Certificates();
        Certificates.Issued client = authority.issue("ns.example");
        Setting setting = new Setting(directory);
        examples.forEach(setting::write);
        for (String prefix : new String[] {"example/path/to/client", "semtech/", "dns/"}) {
            setting.write(prefix + "ca.pem", authority.authority().certificatePem())
                    .write(prefix + "cert.pem", client.certificatePem())
                    .write(prefix + "key.pem", client.keyPem());
        }
    }

    @Test
    void theExamplesWork() {
        assertThat(examples)
                .containsOnlyKeys(
                        "config.yml",
                        "example/js.yml",
                        "semtech/js.yml",
                        "fallback/js.yml",
                        "dns/js.yml");
        assertThat(InteropConfig.check(directory)).isEmpty();
        assertThat(InteropConfig.read(directory)).hasToString("InteropConfig[3 Join Servers]");
    }

    @Test
    void theExampleWithDnsWorks() {
        new Setting(directory)
                .write(
                        "config.yml",
                        "join-servers: [{file: dns/js.yml, join-euis: [0000000000000000/0]}]");
        assertThat(InteropConfig.check(directory)).isEmpty();
    }
}
