package dev.usher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

/** What the program tells of itself. */
class HelpTest {

    @TempDir private Path directory;

    /** All commands, groups included. */
    static Stream<String> commands() {
        List<String> names = new ArrayList<>();
        collect(Usher.commandLine(terminal()), names);
        return names.stream().filter(name -> !name.equals("usher"));
    }

    private static void collect(CommandLine command, List<String> names) {
        if (!command.getCommandSpec().usageMessage().hidden()) {
            names.add(command.getCommandSpec().qualifiedName());
            command.getSubcommands().values().forEach(child -> collect(child, names));
        }
    }

    private static Terminal terminal() {
        return new Terminal(
                System.in, System.out, System.err, java.util.Set.of(), java.util.Map.of());
    }

    @Test
    void everyCommandHasAnExampleOfItself() {
        assertThat(commands())
                .hasSizeGreaterThan(40)
                .allSatisfy(
                        name -> {
                            String[] words =
                                    (name + " --help").substring("usher ".length()).split(" ");
                            Cli.Run run = Cli.alone(directory).run(words);
                            assertThat(run.exitCode()).isZero();
                            assertThat(run.err()).isEmpty();
                            assertThat(run.out()).startsWith("Usage: " + name);
                            assertThat(run.out().lines()).allMatch(line -> line.length() <= 100);
                            boolean isGroup = run.out().contains("\nCommands:\n");
                            if (!isGroup) {
                                assertThat(run.out())
                                        .containsPattern("\nExamples?:")
                                        .contains("usher ");
                            }
                        });
    }

    @Test
    void theOwnersCommandsSayWhereTheOwnerApiIs() {
        assertThat(Cli.alone(directory).run("owner list --help").out())
                .contains("https://usher.example.com:9193", "USHER_OWNER_URL")
                .doesNotContain(":8885", "admin.key");
    }

    @Test
    void helpIsACommandToo() {
        Cli cli = Cli.alone(directory);
        assertThat(cli.run("help owner claim").out())
                .isEqualTo(cli.run("owner claim --help").out());
        assertThat(cli.run("help").out()).startsWith("Usage: usher").contains("USHER_API_KEY");
    }

    @Test
    void hasAVersion() {
        assertThat(Cli.alone(directory).run("--version").out()).matches("usher \\S+\n");
    }

    @Test
    void hasNoColoursWhereNobodySeesThem() {
        assertThat(Cli.alone(directory).run("--help").out()).doesNotContain("\u001b");
        Cli person = Cli.alone(directory).withTerminal(Terminal.Stream.OUT);
        assertThat(person.run("--help").out()).contains("\u001b[");
        assertThat(person.with("NO_COLOR", "1").run("--help").out()).doesNotContain("\u001b");
    }

    @ParameterizedTest
    @EnumSource(CompletionCommand.Shell.class)
    void completionIsAScriptThatBashUnderstands(CompletionCommand.Shell shell) throws Exception {
        Cli.Run run = Cli.alone(directory).run("completion " + shell);
        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains("provision", "wrapped-key", "--lns-trust")
                .doesNotContain("warm-up");
        assertBashUnderstands(run.out());
    }

    private void assertBashUnderstands(String script) throws IOException, InterruptedException {
        Path file = Files.writeString(directory.resolve("completion"), script);
        Process bash =
                new ProcessBuilder("bash", "-n", file.toString()).redirectErrorStream(true).start();
        String output =
                new String(
                        bash.getInputStream().readAllBytes(),
                        java.nio.charset.StandardCharsets.UTF_8);
        assertThat(bash.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(output).isEmpty();
        assertThat(bash.exitValue()).isZero();
    }

    @Test
    void warmsUpInSilence() {
        Cli.Run run = Cli.alone(directory).run("warm-up");
        assertThat(run).isEqualTo(new Cli.Run(0, "", ""));
    }
}
