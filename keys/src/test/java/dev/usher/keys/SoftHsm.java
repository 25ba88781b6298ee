package dev.usher.keys;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Two fresh SoftHSM tokens, {@link #ONE} and {@link #TWO}, for the tests of one JVM.
 *
 * <p>The library reads SOFTHSM2_CONF of the process once, so the POM sets it, to another file in
 * each JVM; every test class in it shares the tokens. Without the library the tests are skipped.
 */
public final class SoftHsm {

    public static final String ONE = "one";
    public static final String TWO = "two";

    /** Of both tokens. */
    public static final String PIN = "1234";

    private static final List<String> USUAL_PLACES =
            List.of(
                    "/usr/lib/softhsm/libsofthsm2.so",
                    "/usr/lib64/softhsm/libsofthsm2.so",
                    "/usr/lib64/pkcs11/libsofthsm2.so",
                    "/usr/lib64/libsofthsm2.so",
                    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
                    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
                    "/usr/local/lib/softhsm/libsofthsm2.so",
                    "/opt/homebrew/lib/softhsm/libsofthsm2.so");

    private static @Nullable Path initialisedLibrary;

    private SoftHsm() {}

    /** The library with both tokens initialised; skips the test where that is not possible. */
    public static synchronized Path library() throws IOException, InterruptedException {
        Path known = initialisedLibrary;
        if (known != null) {
            return known;
        }
        Optional<Path> found =
                USUAL_PLACES.stream().map(Path::of).filter(Files::exists).findFirst();
        assumeTrue(found.isPresent(), "SoftHSM is not installed (Debian: apt install softhsm2)");
        assumeTrue(isOnPath("softhsm2-util"), "softhsm2-util is not on the PATH");
        String configuration = System.getenv("SOFTHSM2_CONF");
        assumeTrue(configuration != null, "SOFTHSM2_CONF is not set: run these tests with Maven");
        makeTokens(Path.of(configuration));
        initialisedLibrary = found.get();
        return found.get();
    }

    /** The token, without the keys of other tests. */
    public static Pkcs11Vault open(String token) throws IOException, InterruptedException {
        Pkcs11Vault vault = Pkcs11Vault.open(library(), token, pin(PIN));
        vault.labels().forEach(vault::delete);
        return vault;
    }

    static TokenPin pin(String pin) {
        return TokenPin.environment("USHER_TOKEN_PIN", Map.of("USHER_TOKEN_PIN", pin));
    }

    private static void makeTokens(Path configuration) throws IOException, InterruptedException {
        Path tokens = configuration.resolveSibling("tokens");
        if (Files.exists(tokens)) {
            try (Stream<Path> old = Files.walk(tokens)) {
                for (Path path : old.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
        Files.createDirectories(tokens);
        Files.writeString(
                configuration,
                "directories.tokendir = " + tokens + "\nobjectstore.backend = file\n");
        for (String label : List.of(ONE, TWO)) {
            Process util =
                    new ProcessBuilder(
                                    "softhsm2-util",
                                    "--init-token",
                                    "--free",
                                    "--label",
                                    label,
                                    "--pin",
                                    PIN,
                                    "--so-pin",
                                    "567890")
                            .inheritIO()
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            if (util.waitFor() != 0) {
                throw new IOException("softhsm2-util could not initialise token " + label);
            }
        }
    }

    private static boolean isOnPath(String program) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }
}
