package dev.usher.devices;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.usher.keys.Pkcs11Vault;
import dev.usher.keys.TokenPin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** A fresh SoftHSM token. The library reads SOFTHSM2_CONF once in a process; the POM sets it. */
final class SoftHsm {

    private static final String PIN = "1234";
    private static final Set<PosixFilePermission> OWNER_ONLY =
            PosixFilePermissions.fromString("rw-------");
    private static final List<String> USUAL_PLACES =
            List.of(
                    "/usr/lib/softhsm/libsofthsm2.so",
                    "/usr/lib64/softhsm/libsofthsm2.so",
                    "/usr/lib64/pkcs11/libsofthsm2.so",
                    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
                    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
                    "/usr/local/lib/softhsm/libsofthsm2.so",
                    "/opt/homebrew/lib/softhsm/libsofthsm2.so");

    private SoftHsm() {}

    /** Skips the test where SoftHSM is not installed. */
    static Pkcs11Vault open() throws IOException, InterruptedException {
        Optional<Path> library =
                USUAL_PLACES.stream().map(Path::of).filter(Files::exists).findFirst();
        assumeTrue(library.isPresent(), "SoftHSM is not installed (Debian: apt install softhsm2)");
        String configuration = System.getenv("SOFTHSM2_CONF");
        assumeTrue(configuration != null, "SOFTHSM2_CONF is not set: run these tests with Maven");
        String token = UUID.randomUUID().toString().substring(0, 8);
        make(token, Path.of(configuration));
        Path pinFile = Path.of(configuration).resolveSibling("pin-of-" + token);
        Files.writeString(
                Files.createFile(pinFile, PosixFilePermissions.asFileAttribute(OWNER_ONLY)), PIN);
        return Pkcs11Vault.open(library.get(), token, TokenPin.file(pinFile));
    }

    private static void make(String token, Path configuration)
            throws IOException, InterruptedException {
        Path tokens = configuration.resolveSibling("tokens");
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
                                token,
                                "--pin",
                                PIN,
                                "--so-pin",
                                "567890")
                        .inheritIO()
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        if (util.waitFor() != 0) {
            throw new IOException("softhsm2-util could not initialise token " + token);
        }
    }
}
