package dev.usher.cli;

import dev.usher.server.UsherServer;
import dev.usher.server.config.UsherConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/**
 * Starts a server of its own, uses it as people do, and stops it, so that a Java that watches can
 * keep what it learnt: the script {@code usher} makes its AOT cache of one such run. It prints
 * nothing and leaves nothing behind.
 */
@Command(name = "warm-up", hidden = true, description = "Use a server as most people do.")
final class WarmUpCommand implements Callable<Integer> {

    @Override
    public Integer call() throws IOException {
        Path directory = Files.createTempDirectory("usher-warm-up-");
        try (UsherServer server =
                UsherServer.start(
                        directory, UsherConfig.DEFAULT.onLoopback(), InstantSource.system())) {
            use(server, directory);
        } finally {
            LocalFile.deleteTree(directory);
        }
        return Usher.OK;
    }

    private static void use(UsherServer server, Path directory) {
        Path ownerKey = directory.resolve("owner.key");
        Path out = directory.resolve("gateways");
        Terminal administrator = silent(server, server.administratorKey());
        Terminal owner = silent(server, ownerKey);
        run(administrator, "batches create warm-up --range 58A0CBFFFE800000/44");
        run(administrator, "owners create ::1");
        run(administrator, "owners api-key create ::1 --out " + ownerKey);
        run(
                administrator,
                "factory provision --batch warm-up --range 58A0CBFFFE800000/62 --out " + out);
        run(owner, "owner claim --file " + out.resolve("labels.csv"));
        run(owner, "owner setup 58A0CBFFFE800001 --lns-uri ws://localhost:1887");
        run(owner, "owner info 58A0CBFFFE800001 -o yaml");
        run(administrator, "gateways list");
        run(administrator, "gateways list -o json");
        run(administrator, "audit verify --help");
    }

    private static void run(Terminal terminal, String command) {
        Usher.run(terminal, command.split(" ", -1));
    }

    private static Terminal silent(UsherServer server, Path apiKey) {
        String host = "https://" + server.hostname() + ":";
        return new Terminal(
                InputStream.nullInputStream(),
                new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
                new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
                Set.of(),
                Map.of(
                        "USHER_URL", host + server.webPort(),
                        "USHER_OWNER_URL", host + server.ownerApiPort(),
                        "USHER_OWNERID", "::1",
                        "USHER_API_KEY", "@" + apiKey,
                        "USHER_CA", server.authorityCertificate().toString()));
    }
}
