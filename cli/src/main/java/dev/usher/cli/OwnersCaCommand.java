package dev.usher.cli;

import dev.usher.lorawan.Eui64;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code usher owners ca}: the CAs an owner's gateways have their certificates from. */
@Command(
        name = "ca",
        description = "The CAs whose certificates an owner's gateways may authenticate with.",
        addMethodSubcommands = false)
final class OwnersCaCommand {

    @Shows(Shows.Result.OWNERS_CA)
    @Command(
            name = "add",
            description = "Let an owner's gateways authenticate with certificates of a CA.",
            footer = {"%nExample:", "  usher owners ca add ::1 acme-gateways-ca.pem"})
    void add(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(index = "0", paramLabel = "OWNERID", description = "As in ::1.")
                    Eui64 owner,
            @Parameters(index = "1", paramLabel = "FILE", description = "PEM.") Path file) {
        output.show(
                connection
                        .rest()
                        .post(path(owner), OwnersCertificateCommand.certificate(file), change));
    }

    @Command(
            name = "list",
            description = "List the CAs of an owner's gateways.",
            footer = {"%nExample:", "  usher owners ca list ::1"})
    void list(
            @Mixin Connection connection,
            @Mixin Output output,
            @Parameters(paramLabel = "OWNERID", description = "As in ::1.") Eui64 owner) {
        try (Listing cas =
                output.listing(
                        List.of(
                                Column.of("FINGERPRINT", "fingerprint"),
                                Column.of("SUBJECT", "subject"),
                                Column.of("EXPIRES", "notAfter")))) {
            connection.rest().list(path(owner), Map.of(), Long.MAX_VALUE, cas::add);
            cas.finish();
        }
    }

    @Shows(Shows.Result.DELETED)
    @Command(
            name = "delete",
            description = "No longer accept certificates of a CA.",
            footer = {"%nExample:", "  usher owners ca delete ::1 3f5a…"})
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

    private static String path(Eui64 owner) {
        return OwnersCommand.path(owner) + "/ca";
    }
}
