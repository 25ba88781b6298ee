package dev.usher.cli;

import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code usher trust}: which roots gateways are told to trust. */
@Command(
        name = "trust",
        description = "The roots that gateways are told to trust for the servers they are sent to.",
        addMethodSubcommands = false)
final class TrustCommand {

    private static final String PATH = "/api/v1/network/trust";

    @Command(
            name = "list",
            aliases = "ls",
            description = "List the servers, their roots, and what needs attention.",
            footer = {"%nExample:", "  usher trust list"})
    void list(@Mixin Connection connection, @Mixin Output output) {
        try (Listing servers =
                output.listing(
                        List.of(
                                Column.of("SERVER", "server"),
                                Column.of("ROOT", "subject"),
                                Column.of("PINNED", "pinned"),
                                Column.of("ENDS", "endsAt"),
                                Column.of("CHECKED", "checkedAt"),
                                Column.of("REMARK", "remark")))) {
            connection.rest().list(PATH, Map.of(), Long.MAX_VALUE, servers::add);
            servers.finish();
        }
    }

    @Shows(Shows.Result.SERVER)
    @Command(
            name = "pin",
            description = {
                "Say which root a server has, instead of having it asked: for one that is not"
                        + " reachable from here, has a self-signed certificate, or will soon have"
                        + " another root.",
                "Gateways that go there are given it the next time they ask."
            },
            footer = {"%nExample:", "  usher trust pin lns.example.com:8887 --root root.pem"})
    void pin(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Option(
                            names = "--root",
                            required = true,
                            paramLabel = "FILE",
                            description = "One certificate, PEM or DER.")
                    Path root,
            @Parameters(paramLabel = "HOST:PORT", description = "The server.") String server) {
        output.show(
                connection
                        .rest()
                        .put(
                                path(server),
                                Json.object()
                                        .put(
                                                "root",
                                                Base64.getEncoder()
                                                        .encodeToString(LocalFile.read(root))),
                                change));
    }

    @Shows(Shows.Result.DELETED)
    @Command(
            name = "unpin",
            description = "Have a server asked again which root it has.",
            footer = {"%nExample:", "  usher trust unpin lns.example.com:8887"})
    void unpin(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(paramLabel = "HOST:PORT", description = "The server.") String server) {
        connection.rest().delete(path(server), change);
        output.show(change.deleted(server));
    }

    @Shows(Shows.Result.SERVER)
    @Command(
            name = "check",
            description = "Look now which root a server has.",
            footer = {"%nExample:", "  usher trust check lns.example.com:8887"})
    void check(
            @Mixin Connection connection,
            @Mixin Output output,
            @Parameters(paramLabel = "HOST:PORT", description = "The server.") String server) {
        output.show(connection.rest().post(path(server) + "/check", Json.object()));
    }

    private static String path(String server) {
        return PATH + "/" + RemoteServer.segment(server);
    }
}
