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

/** {@code usher owner firmware}: what an owner's gateways can be updated with. */
@Command(
        name = "firmware",
        description = "The firmware your gateways can be updated with.",
        addMethodSubcommands = false)
final class OwnerFirmwareCommand {

    @Shows(Shows.Result.FIRMWARE)
    @Command(
            name = "add",
            description = "Upload a firmware.",
            footer = {
                "%nExample:",
                "  usher owner firmware add update.bin --version 2.1.0 --ownerid ::1"
            })
    void add(
            @Mixin OwnerConnection owner,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(paramLabel = "FILE", description = "The firmware.") Path file,
            @Option(
                            names = "--version",
                            required = true,
                            paramLabel = "VERSION",
                            description = "Its version, as the gateway will report it.")
                    String version,
            @Option(names = "--model", paramLabel = "MODEL", description = "What it is made for.")
                    @Nullable String model,
            @Option(
                            names = "--crc",
                            paramLabel = "CRC",
                            description = "Its CRC-32, where the maker has a way of its own.")
                    @Nullable Crc crc) {
        ObjectNode firmware =
                Json.object()
                        .put("firmware", Base64.getEncoder().encodeToString(LocalFile.read(file)))
                        .put("version", version);
        if (model != null) {
            firmware.put("model", model);
        }
        if (crc != null) {
            firmware.put("fwcrc", crc.value());
        }
        output.show(owner.open().call("firmware", "add", firmware, change));
    }

    @Command(
            name = "list",
            description = "List your firmware.",
            footer = {"%nExample:", "  usher owner firmware list --ownerid ::1"})
    void list(@Mixin OwnerConnection owner, @Mixin Output output) {
        try (Listing firmware =
                output.listing(
                        List.of(
                                Crc.column("FWCRC", "fwcrc"),
                                Column.of("VERSION", "version"),
                                Column.of("MODEL", "model")))) {
            owner.open().list("firmware").forEach(firmware::add);
            firmware.finish();
        }
    }

    @Shows(Shows.Result.FIRMWARE)
    @Command(
            name = "delete",
            description = "Delete a firmware.",
            footer = {"%nExample:", "  usher owner firmware delete 3735928559 --ownerid ::1"})
    void delete(
            @Mixin OwnerConnection owner,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(paramLabel = "FWCRC", description = "As 'list' shows it.") Crc crc) {
        ObjectNode firmware = Json.object().put("fwcrc", crc.value());
        JsonNode answer = owner.open().call("firmware", "delete", firmware, change);
        output.show(answer.isEmpty() ? firmware : answer);
    }
}
