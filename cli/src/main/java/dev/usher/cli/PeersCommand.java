package dev.usher.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** {@code usher peers}: the Network and Application Servers that may ask the Join Server. */
@Command(
        name = "peers",
        aliases = "peer",
        description = "The Network and Application Servers that may ask the Join Server.",
        addMethodSubcommands = false)
final class PeersCommand {

    private static final String PATH = "/api/v1/peers";

    @Shows(Shows.Result.PEER)
    @Command(
            name = "create",
            description = {
                "Register a Network Server or an Application Server.",
                "It needs one way, or several, to prove who it is: a token, a user and password, or"
                        + " a client certificate."
            },
            footer = {
                "%nExamples:",
                "  usher peers create ns1 --net-id 000013 --new-bearer-token",
                "  usher peers create ns2 --net-id 000013 --client-ca ns-ca.pem \\",
                "      --client-name ns.example.com --async-url https://ns.example.com/answers",
                "  usher peers create as --as-id as.example.com --user as --password @as.password"
            })
    void create(
            @Mixin Connection connection,
            @Mixin PeerOptions options,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(paramLabel = "NAME", description = "What you call it.") String name) {
        ObjectNode wish = options.read().put("name", name);
        show((ObjectNode) connection.rest().post(PATH, wish, change), options, change, output);
    }

    @Command(
            name = "list",
            description = "List all peers.",
            footer = {"%nExample:", "  usher peers list"})
    void list(@Mixin Connection connection, @Mixin Output output) {
        try (Listing peers =
                output.listing(
                        List.of(
                                Column.of("NAME", "name"),
                                Column.of("NETID", "netId"),
                                Column.of("AS-ID", "asId"),
                                Column.of("ANSWERS TO", "asyncUrl"),
                                Column.of("PATH", "pathPrefix"),
                                new Column(
                                        "KEKS",
                                        peer ->
                                                String.join(
                                                        ", ",
                                                        peer.path("keks")
                                                                .findValuesAsString("label"))),
                                Column.of("CREATED", "createdAt")))) {
            connection.rest().list(PATH, Map.of(), Long.MAX_VALUE, peers::add);
            peers.finish();
        }
    }

    @Shows(Shows.Result.PEER)
    @Command(
            name = "get",
            description = "Show one peer, without its secrets.",
            footer = {"%nExample:", "  usher peers get ns1"})
    void get(
            @Mixin Connection connection,
            @Mixin Output output,
            @Parameters(paramLabel = "NAME", description = "As 'list' shows it.") String name) {
        output.show(connection.rest().get(path(name)));
    }

    @Shows(Shows.Result.PEER)
    @Command(
            name = "set",
            description = {
                "Change a peer.",
                "What is not given stays as it is; an empty value takes away."
            },
            footer = {
                "%nExamples:",
                "  usher peers set ns1 --async-url https://ns.example.com/answers",
                "  usher peers set ns1 --client-ca ns-ca.pem --bearer-token ''"
            })
    void set(
            @Mixin Connection connection,
            @Mixin PeerOptions options,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(paramLabel = "NAME", description = "As 'list' shows it.") String name) {
        ObjectNode wish = options.read();
        if (wish.isEmpty()) {
            throw Failure.ofUsage("There is nothing to change: give --path-prefix or others.");
        }
        show(
                (ObjectNode) connection.rest().patch(path(name), wish, change),
                options,
                change,
                output);
    }

    @Shows(Shows.Result.DELETED)
    @Command(
            name = "delete",
            description = "Delete a peer: it is a stranger at once.",
            footer = {"%nExample:", "  usher peers delete ns1"})
    void delete(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(paramLabel = "NAME", description = "As 'list' shows it.") String name) {
        connection.rest().delete(path(name), change);
        output.show(change.deleted(name));
    }

    @Shows(Shows.Result.PEER)
    @Command(
            name = "rotate-kek",
            description = {
                "Wrap keys for a peer with another KEK from now, or from --from on.",
                "The one before stays in use until then. A KEK that is made here is shown this"
                        + " once."
            },
            footer = {
                "%nExamples:",
                "  usher peers rotate-kek ns1 --label ns:000013:1 --out ns1.kek",
                "  usher peers rotate-kek ns1 --label ns:000013:2 --kek @ns1.kek --from 2026-12-01"
            })
    void rotateKek(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(paramLabel = "NAME", description = "As 'list' shows it.") String name,
            @Option(
                            names = "--label",
                            required = true,
                            paramLabel = "LABEL",
                            description = "The KEKLabel: how both sides call it; a new one.")
                    String label,
            @Option(
                            names = "--kek",
                            paramLabel = "HEX",
                            description =
                                    "The KEK in hex: 128, 192 or 256 bits; or @FILE. Default: one"
                                            + " is made.")
                    @Nullable Secret kek,
            @Option(
                            names = "--bits",
                            paramLabel = "BITS",
                            description = "How long a KEK to make. Default: 128.")
                    @Nullable Integer bits,
            @Option(
                            names = "--from",
                            paramLabel = "TIME",
                            description = "When it begins. Default: now.")
                    @Nullable Time from,
            @Option(
                            names = "--out",
                            paramLabel = "FILE",
                            description = "Write a KEK made here into this new file (mode 0600).")
                    @Nullable Path out) {
        if (out != null && kek != null) {
            throw Failure.ofUsage("--out is for a KEK made here: leave out --kek, or --out.");
        }
        if (out != null) {
            LocalFile.requireNew(out);
        }
        ObjectNode wish = Json.object().put("label", label);
        if (kek != null) {
            wish.put("kek", kek.reveal());
        }
        if (bits != null) {
            wish.put("bits", bits);
        }
        if (from != null) {
            wish.put("from", from.toString());
        }
        ObjectNode made = (ObjectNode) connection.rest().post(path(name) + "/kek", wish, change);
        if (out != null && !change.isDryRun()) {
            LocalFile.writeSecret(
                    out, (Json.text(made, "kek") + "\n").getBytes(StandardCharsets.UTF_8));
            made.put("kek", "@" + out);
        }
        output.show(made);
    }

    @Shows(Shows.Result.DELETED)
    @Command(
            name = "delete-kek",
            description = {
                "Forget one KEK of a peer, such as one that is to begin later and is wrong.",
                "If it is in use, the one before it is again; without any, keys are not wrapped."
            },
            footer = {"%nExample:", "  usher peers delete-kek ns1 --label ns:000013:2"})
    void deleteKek(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(paramLabel = "NAME", description = "As 'list' shows it.") String name,
            @Option(
                            names = "--label",
                            required = true,
                            paramLabel = "LABEL",
                            description = "The KEKLabel, as 'get' shows it.")
                    String label) {
        connection.rest().delete(path(name) + "/kek/" + RemoteServer.segment(label), change);
        output.show(change.deleted(label));
    }

    private static void show(ObjectNode made, PeerOptions options, Change change, Output output) {
        if (!change.isDryRun()) {
            options.tell(made);
        }
        output.show(made);
    }

    private static String path(String name) {
        return PATH + "/" + RemoteServer.segment(name);
    }
}
