package dev.usher.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.usher.interop.ConfigDirectory.UnreadableException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Nothing outside of the directory is ever read. */
class ConfigDirectoryTest {

    @TempDir private Path around;
    private Path inside;
    private ConfigDirectory directory;

    @BeforeEach
    void make() throws IOException {
        inside = Files.createDirectory(around.resolve("config"));
        Files.writeString(around.resolve("outside.yml"), "outside");
        Files.writeString(inside.resolve("a.yml"), "a");
        Files.createDirectory(inside.resolve("sub"));
        Files.writeString(inside.resolve("sub/b.yml"), "b");
        directory = new ConfigDirectory(inside);
    }

    private String read(String from, String name) throws UnreadableException {
        return new String(
                directory.read(directory.resolve(Path.of(from), name)), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource({
        "config.yml, a.yml, a",
        "config.yml, ./sub/b.yml, b",
        "sub/js.yml, b.yml, b",
        "sub/js.yml, ../a.yml, a",
        "config.yml, sub/../a.yml, a",
    })
    void readsWhatIsInside(String from, String name, String content) throws Exception {
        assertThat(read(from, name)).isEqualTo(content);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../outside.yml",
                "../config/a.yml",
                "sub/../../outside.yml",
                "/etc/passwd",
                "..",
                ".",
                "%2e%2e/outside.yml",
                "..\\outside.yml",
                "a.yml\0",
                "sub",
                "nofile.yml",
                "a.yml/b.yml",
            })
    void readsNothingElse(String name) {
        assertThatThrownBy(() -> read("config.yml", name))
                .isInstanceOf(UnreadableException.class)
                .message()
                .doesNotContain("\0");
    }

    @Test
    void followsNoLinkOutOfTheDirectory() throws Exception {
        Files.createSymbolicLink(inside.resolve("link.yml"), around.resolve("outside.yml"));
        Files.createSymbolicLink(inside.resolve("up"), around);
        for (String name : new String[] {"link.yml", "up/outside.yml"}) {
            assertThatThrownBy(() -> read("config.yml", name))
                    .isInstanceOf(UnreadableException.class)
                    .hasMessage(
                            "'"
                                    + name
                                    + "' leads out of the configuration's directory: put the file"
                                    + " into it");
        }
    }

    /** As Kubernetes mounts a ConfigMap. */
    @Test
    void followsLinksInside() throws Exception {
        Files.createSymbolicLink(inside.resolve("..data"), Path.of("sub"));
        Files.createSymbolicLink(inside.resolve("c.yml"), Path.of("..data/b.yml"));
        assertThat(read("config.yml", "c.yml")).isEqualTo("b");
        assertThat(read("config.yml", "..data/b.yml")).isEqualTo("b");
    }

    @Test
    void mayBeALinkItself() throws Exception {
        Path link = Files.createSymbolicLink(around.resolve("link"), inside);
        directory = new ConfigDirectory(link);
        assertThat(read("config.yml", "a.yml")).isEqualTo("a");
    }

    @Test
    void readsNoPipeAndNothingLarge() throws Exception {
        Process mkfifo = new ProcessBuilder("mkfifo", inside.resolve("pipe").toString()).start();
        assertThat(mkfifo.waitFor()).isZero();
        assertThatThrownBy(() -> read("config.yml", "pipe")).hasMessage("'pipe' is not a file");

        Files.write(inside.resolve("large.yml"), new byte[(1 << 20) + 1]);
        assertThatThrownBy(() -> read("config.yml", "large.yml"))
                .hasMessage("'large.yml' has more than 1 MiB");
    }

    @Test
    void seesChanges() throws Exception {
        read("config.yml", "a.yml");
        assertThatThrownBy(() -> read("config.yml", "c.yml"))
                .isInstanceOf(UnreadableException.class);
        Set<Path> files = directory.fingerprint().keySet();
        assertThat(ConfigDirectory.fingerprint(inside, files)).isEqualTo(directory.fingerprint());

        Files.writeString(inside.resolve("a.yml"), "A");
        assertThat(ConfigDirectory.fingerprint(inside, files))
                .isNotEqualTo(directory.fingerprint());

        Files.writeString(inside.resolve("a.yml"), "a");
        assertThat(ConfigDirectory.fingerprint(inside, files)).isEqualTo(directory.fingerprint());
        Files.writeString(inside.resolve("c.yml"), "c");
        assertThat(ConfigDirectory.fingerprint(inside, files))
                .isNotEqualTo(directory.fingerprint());
    }
}
