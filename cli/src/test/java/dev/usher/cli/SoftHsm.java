package dev.usher.cli;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Fresh SoftHSM tokens. The library reads SOFTHSM2_CONF once in a process, so the POM sets it.
 *
 * @param library the PKCS#11 module
 * @param pinFile with the PIN of each token, mode 0600
 */
record SoftHsm(Path library, Path pinFile) {

    private static final String PIN = "1234";
    private static final List<String> USUAL_PLACES =
            List.of(
                    "/usr/lib/softhsm/libsofthsm2.so",
                    "/usr/lib64/softhsm/libsofthsm2.so",
                    "/usr/lib64/pkcs11/libsofthsm2.so",
                    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
                    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
                    "/usr/local/lib/softhsm/libsofthsm2.so",
                    "/opt/homebrew/lib/softhsm/libsofthsm2.so");

    /** With one token of this label; skips the test where SoftHSM is not installed. */
    static SoftHsm withToken(String label, Path directory)
            throws IOException, InterruptedException {
        Optional<Path> library =
                USUAL_PLACES.stream().map(Path::of).filter(Files::exists).findFirst();
        assumeTrue(library.isPresent(), "SoftHSM is not installed (Debian: apt install softhsm2)");
        String configuration = System.getenv("SOFTHSM2_CONF");
        assumeTrue(configuration != null, "SOFTHSM2_CONF is not set: run these tests with Maven");
        makeToken(label, Path.of(configuration));
        Path pinFile = directory.resolve("pin");
        LocalFile.writeSecret(pinFile, PIN.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        return new SoftHsm(library.get(), pinFile);
    }

    private static void makeToken(String label, Path configuration)
            throws IOException, InterruptedException {
        Path tokens = configuration.resolveSibling("tokens");
        LocalFile.deleteTree(tokens);
        Files.createDirectories(tokens);
        Files.writeString(
                configuration,
                "directories.tokendir = " + tokens + "\nobjectstore.backend = file\n");
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
