package dev.usher.cli;

import dev.usher.lorawan.Eui64;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** {@code usher owners certificate}: the client certificates of an owner. */
@Command(
        name = "certificate",
        description = "The client certificates of an owner.",
        addMethodSubcommands = false)
final class OwnersCertificateCommand {

    @Shows(Shows.Result.OWNERS_CERTIFICATE)
    @Command(
            name = "create",
            description = "Issue a certificate with its private key, which is shown this once.",
            footer = {
                "%nExamples:",
                "  usher owners certificate create ::1 --out acme",
                "  usher owner list --ownerid ::1 --cert acme.crt --key acme.key"
            })
    void create(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(paramLabel = "OWNERID", description = "As in ::1.") Eui64 owner,
            @Option(
                            names = "--out",
                            paramLabel = "BASE",
                            description =
                                    "Write new files BASE.crt and BASE.key (mode 0600) instead.")
                    @Nullable String out) {
        Optional<IdentityFiles> files = Optional.ofNullable(out).map(IdentityFiles::requireNew);
        ObjectNode made = (ObjectNode) connection.rest().post(path(owner), Json.object(), change);
        files.filter(_ -> !change.isDryRun()).ifPresent(to -> to.take(made));
        output.show(made);
    }

    @Shows(Shows.Result.OWNERS_CERTIFICATE)
    @Command(
            name = "add",
            description = "Let an owner authenticate with a certificate they already have.",
            footer = {"%nExample:", "  usher owners certificate add ::1 acme.crt"})
    void add(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(index = "0", paramLabel = "OWNERID", description = "As in ::1.")
                    Eui64 owner,
            @Parameters(index = "1", paramLabel = "FILE", description = "PEM.") Path file) {
        output.show(connection.rest().post(path(owner), certificate(file), change));
    }

    @Command(
            name = "list",
            description = "List an owner's certificates.",
            footer = {"%nExample:", "  usher owners certificate list ::1"})
    void list(
            @Mixin Connection connection,
            @Mixin Output output,
            @Parameters(paramLabel = "OWNERID", description = "As in ::1.") Eui64 owner) {
        try (Listing certificates =
                output.listing(
                        List.of(
                                Column.of("FINGERPRINT", "fingerprint"),
                                Column.of("EXPIRES", "notAfter")))) {
            connection.rest().list(path(owner), Map.of(), Long.MAX_VALUE, certificates::add);
            certificates.finish();
        }
    }

    @Shows(Shows.Result.DELETED)
    @Command(
            name = "delete",
            description = "No longer accept a certificate.",
            footer = {"%nExample:", "  usher owners certificate delete ::1 3f5a…"})
    void delete(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(index = "0", paramLabel = "OWNERID", description = "As in ::1.")
                    Eui64 owner,
            @Parameters(
                            index = "1",
                            paramLabel = "FINGERPRINT",
                            description = "As 'list' shows it.")
                    String fingerprint) {
        connection.rest().delete(path(owner) + "/" + RemoteServer.segment(fingerprint), change);
        output.show(change.deleted(fingerprint));
    }

    /** What the REST API takes as a certificate. */
    static ObjectNode certificate(Path pem) {
        return Json.object()
                .put("certificate", new String(LocalFile.read(pem), StandardCharsets.UTF_8));
    }

    private static String path(Eui64 owner) {
        return OwnersCommand.path(owner) + "/certificates";
    }
}
