package dev.usher.bench;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.PrintStream;
import java.util.Collection;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/** What the cryptography of a join costs, by JMH. */
public final class CryptoBench {

    private final PrintStream out;

    public CryptoBench(PrintStream out) {
        this.out = requireNonNull(out, "out");
    }

    /**
     * Runs the whole, which takes half a minute, and prints it.
     *
     * @throws IOException if JMH cannot run it
     */
    public void run() throws IOException {
        Collection<RunResult> results = measured();
        print("LoRaWAN 1.0.x, 2 keys wrapped", " (goal under 3)", of("joinR1_0", results));
        print("LoRaWAN 1.1, 4 keys wrapped", "", of("joinR1_1", results));
    }

    private static Collection<RunResult> measured() throws IOException {
        try {
            return new Runner(
                            new OptionsBuilder()
                                    .include(JoinCryptographyBenchmark.class.getName())
                                    .verbosity(VerboseMode.SILENT)
                                    .build())
                    .run();
        } catch (RunnerException e) {
            throw new IOException("JMH cannot run: " + e.getMessage(), e);
        }
    }

    private static Result<?> of(String benchmark, Collection<RunResult> results) {
        return results.stream()
                .map(RunResult::getPrimaryResult)
                .filter(result -> result.getLabel().equals(benchmark))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("JMH did not run " + benchmark));
    }

    /** The median says what it costs, also where others use the machine meanwhile. */
    private void print(String what, String goal, Result<?> result) {
        out.printf(
                "join cryptography, %-30s median %.2f us%s   mean %.2f us   p99 %.2f us%n",
                what,
                result.getStatistics().getPercentile(50),
                goal,
                result.getScore(),
                result.getStatistics().getPercentile(99));
    }
}
