package dev.usher.keys;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills a process while it makes keys: what it has acknowledged is there, nothing is half done. */
class FileVaultKillTest {

    private static final int KILLS = 4;

    @TempDir Path home;

    /** Makes keys {@code <run>-0}, {@code <run>-1}, … and prints each label once it is made. */
    static final class Maker {
        private Maker() {}

        public static void main(String... arguments) {
            FileVault vault = openVault(Path.of(arguments[0]));
            for (int i = 0; ; i++) {
                KeyLabel label = new KeyLabel(arguments[1] + "-" + i);
                vault.create(label);
                System.out.println(label);
            }
        }
    }

    private static FileVault openVault(Path home) {
        return FileVault.open(home.resolve("vault"), MasterKey.file(home.resolve("master.key")));
    }

    @Test
    void losesNoKeyItHasAcknowledged() throws IOException, InterruptedException {
        List<KeyLabel> acknowledged = new ArrayList<>();
        for (int run = 0; run < KILLS; run++) {
            acknowledged.addAll(makeKeysUntilKilled("run" + run, 1 + run * 40));
        }
        FileVault vault = openVault(home);
        assertThat(vault.labels()).containsAll(acknowledged);
        // At most the one key of each run that was made but not yet printed is more.
        assertThat(vault.labels().size() - acknowledged.size()).isBetween(0, KILLS);
        for (KeyLabel label : vault.labels()) {
            assertThat(vault.hmacSha256(label, new byte[1])).hasSize(32);
        }
        assertThat(leftovers()).isLessThanOrEqualTo(KILLS);
    }

    private List<KeyLabel> makeKeysUntilKilled(String run, int count)
            throws IOException, InterruptedException {
        Process maker =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Maker.class.getName(),
                                home.toString(),
                                run)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        List<KeyLabel> labels = new ArrayList<>();
        try (BufferedReader output = maker.inputReader(StandardCharsets.UTF_8)) {
            while (labels.size() < count) {
                String label = output.readLine();
                labels.add(new KeyLabel(requireNonNull(label, "the maker ended by itself")));
            }
            // Through its handle: Process.destroyForcibly would close the output as well.
            maker.toHandle().destroyForcibly();
            // What it printed before it died was acknowledged as well; a line is one write.
            output.lines().map(KeyLabel::new).forEach(labels::add);
        }
        maker.waitFor();
        return labels;
    }

    private long leftovers() throws IOException {
        try (Stream<Path> files = Files.list(home.resolve("vault").resolve("keys"))) {
            return files.filter(file -> file.getFileName().toString().startsWith(".new-")).count();
        }
    }
}
