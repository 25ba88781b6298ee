package dev.usher.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** The program, as a test calls it. */
final class Cli {

    /** What became of a call. */
    record Run(int exitCode, String out, String err) {}

    private final Map<String, String> environment = new HashMap<>();
    private final Set<Terminal.Stream> interactive = EnumSet.noneOf(Terminal.Stream.class);
    private byte[] input = new byte[0];

    /** Somewhere without a server. */
    static Cli alone(Path dataDirectory) {
        return new Cli().with("USHER_DATA_DIR", dataDirectory.toString());
    }

    /** With the address and the CA of a server, and a key for it. */
    static Cli of(TestServer server, Certificates certificates, Path directory) throws IOException {
        Path ca = certificates.authority().writeCertificate(directory.resolve("server-ca.pem"));
        return alone(directory)
                .with("USHER_URL", server.url())
                .with("USHER_OWNER_URL", server.url())
                .with("USHER_CA", ca.toString())
                .with("USHER_API_KEY", "secret-key")
                .with("USHER_OWNERID", "::1");
    }

    Cli with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    Cli without(String variable) {
        environment.remove(variable);
        return this;
    }

    Cli withInput(String text) {
        return withInput(text.getBytes(StandardCharsets.UTF_8));
    }

    Cli withInput(byte[] bytes) {
        input = bytes;
        return this;
    }

    Cli withTerminal(Terminal.Stream stream) {
        interactive.add(stream);
        return this;
    }

    Run run(String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int exitCode =
                Usher.run(
                        new Terminal(
                                new ByteArrayInputStream(input),
                                new PrintStream(out, false, StandardCharsets.UTF_8),
                                new PrintStream(err, false, StandardCharsets.UTF_8),
                                interactive,
                                environment),
                        args);
        return new Run(
                exitCode,
                out.toString(StandardCharsets.UTF_8),
                err.toString(StandardCharsets.UTF_8));
    }

    /** Splits at blanks; for arguments without any. */
    Run run(String commandLine) {
        return run(commandLine.split(" ", -1));
    }
}
