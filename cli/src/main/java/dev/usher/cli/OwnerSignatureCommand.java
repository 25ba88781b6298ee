package dev.usher.cli;

import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code usher owner signature}: what proves a firmware to a gateway. */
@Command(
        name = "signature",
        description = "The signatures that prove firmware to gateways.",
        addMethodSubcommands = false)
final class OwnerSignatureCommand {

    @Shows(Shows.Result.SIGNATURE)
    @Command(
            name = "add",
            description = "Upload the signature of a firmware: ECDSA P-256 over its SHA-512, DER.",
            footer = {
                "%nExamples:",
                "  openssl dgst -sha512 -sign sig-0.pem update.bin > update.sig",
                "  usher owner signature add update.sig --ownerid ::1 \\",
                "      --firmware-crc 3735928559 --key-file sig-0.key"
            })
    void add(
            @Mixin OwnerConnection owner,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(paramLabel = "FILE", description = "The signature.") Path file,
            @Option(
                            names = "--firmware-crc",
                            required = true,
                            paramLabel = "CRC",
                            description = "The firmware, as 'firmware list' shows it.")
                    Crc firmwareCrc,
            @Option(
                            names = "--key-crc",
                            paramLabel = "CRC",
                            description = "The CRC-32 of the key as the gateway reports it.")
                    @Nullable Crc keyCrc,
            @Option(
                            names = "--key-file",
                            paramLabel = "FILE",
                            description = "Or the gateway's file sig-N.key itself.")
                    @Nullable Path keyFile) {
        Crc key = keyFile == null || keyCrc != null ? keyCrc : Crc.of(LocalFile.read(keyFile));
        if (key == null || (keyCrc != null && keyFile != null)) {
            throw Failure.ofUsage("Which key made the signature? Give --key-crc or --key-file.");
        }
        ObjectNode signature =
                Json.object()
                        .put("fwcrc", firmwareCrc.value())
                        .put("keycrc", key.value())
                        .put("signature", Base64.getEncoder().encodeToString(LocalFile.read(file)));
        output.show(owner.open().call("signature", "add", signature, change));
    }

    @Command(
            name = "list",
            description = "List your signatures.",
            footer = {"%nExample:", "  usher owner signature list --ownerid ::1"})
    void list(@Mixin OwnerConnection owner, @Mixin Output output) {
        try (Listing signatures =
                output.listing(
                        List.of(
                                Crc.column("SIGCRC", "sigcrc"),
                                Crc.column("FWCRC", "fwcrc"),
                                Crc.column("KEYCRC", "keycrc")))) {
            owner.open().list("signature").forEach(signatures::add);
            signatures.finish();
        }
    }

    @Shows(Shows.Result.SIGNATURE)
    @Command(
            name = "delete",
            description = "Delete a signature.",
            footer = {"%nExample:", "  usher owner signature delete 305419896 --ownerid ::1"})
    void delete(
            @Mixin OwnerConnection owner,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(paramLabel = "SIGCRC", description = "As 'list' shows it.") Crc crc) {
        ObjectNode signature = Json.object().put("sigcrc", crc.value());
        JsonNode answer = owner.open().call("signature", "delete", signature, change);
        output.show(answer.isEmpty() ? signature : answer);
    }
}
