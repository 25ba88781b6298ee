package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import dev.usher.server.StartupException;
import dev.usher.server.UsherServer;
import dev.usher.server.config.ConfigException;
import dev.usher.server.config.UsherConfig;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs a node of Usher until it is told to stop. */
@Command(
        name = "serve",
        description = "Run the server.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  usher serve",
            "  USHER_HOSTNAME=gwjs.example.com usher serve --data-dir /var/lib/usher",
            "  usher serve --config /etc/usher/usher.yml"
        })
final class ServeCommand implements Callable<Integer> {

    private final Terminal terminal;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description =
                    "Where it keeps its files; made if there is none. Default: USHER_DATA_DIR, else"
                            + " ./data.")
    private @Nullable Path dataDirectory;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "The configuration, in YAML; without one everything has its default.")
    private @Nullable Path config;

    ServeCommand(Terminal terminal) {
        this.terminal = requireNonNull(terminal, "terminal");
    }

    @Override
    public Integer call() throws InterruptedException {
        UsherServer server;
        try {
            server =
                    UsherServer.start(
                            dataDirectory(),
                            UsherConfig.load(Optional.ofNullable(config), terminal.environment()),
                            InstantSource.system());
        } catch (StartupException | ConfigException e) {
            throw new Failure(String.valueOf(e.getMessage()), e);
        }
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(
                                () -> {
                                    server.close();
                                    stopped.countDown();
                                },
                                "usher-stop"));
        announce(server);
        stopped.await();
        return Usher.OK;
    }

    private Path dataDirectory() {
        return Optional.ofNullable(dataDirectory)
                .or(() -> terminal.variable("USHER_DATA_DIR").map(Path::of))
                .orElse(Path.of("data"));
    }

    private void announce(UsherServer server) {
        PrintStream out = terminal.out();
        String host = server.hostname();
        out.printf("Usher is ready.%n");
        out.printf("  Gateway API (CUPS)  https://%s:%d%n", host, server.gatewayApiPort());
        out.printf("  Owner API           https://%s:%d%n", host, server.ownerApiPort());
        out.printf("  Backend Interfaces  https://%s:%d%n", host, server.backendPort());
        out.printf("  REST API            https://%s:%d%n", host, server.webPort());
        out.printf("  LNS                 ws://%s:%d%n", host, server.lnsPort());
        out.printf("  LNS with TLS        wss://%s:%d%n", host, server.lnsTlsPort());
        out.printf("  Administrator key   %s%n", server.administratorKey());
        out.printf("  CA certificate      %s%n", server.authorityCertificate());
        out.flush();
    }
}
