package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/**
 * Uses the program as people do, so that a Java that watches can keep what it learnt: the script
 * {@code usher} makes its AOT cache of one such run. It neither prints nor changes anything.
 */
@Command(name = "warm-up", hidden = true, description = "Run what most commands have in common.")
final class WarmUpCommand implements Callable<Integer> {

    /** Port 9 of this machine: nobody answers there, and trying takes no time. */
    private static final String NOBODY = "https://localhost:9";

    @Override
    public Integer call() {
        String rows = "gateway,pin\n58A0CBFFFE800BE7,ABCDEFGHJ\n";
        for (List<String> command :
                List.of(
                        List.of("--version"),
                        List.of("owner", "claim", "--help"),
                        List.of("batches", "list", "-o", "json"),
                        List.of("gateways", "list", "-o", "yaml"),
                        List.of("owner", "claim", "--ownerid", "::1"))) {
            Usher.run(silent(rows), command.toArray(String[]::new));
        }
        return Usher.OK;
    }

    private static Terminal silent(String input) {
        return new Terminal(
                new ByteArrayInputStream(requireNonNull(input).getBytes(StandardCharsets.UTF_8)),
                new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
                new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
                Set.of(),
                Map.of("USHER_URL", NOBODY, "USHER_OWNER_URL", NOBODY, "USHER_API_KEY", "none"));
    }
}
