package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.DeviceLabel;
import dev.usher.lorawan.Eui64;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code usher devices}: the devices of the Join Server, for makers, owners, administrators. */
@Command(
        name = "devices",
        aliases = {"device", "dev"},
        description = "The devices of the Join Server: made, claimed, and where they are at home.",
        addMethodSubcommands = false)
final class DevicesCommand {

    static final String PATH = "/api/v1/devices";

    private final Terminal terminal;

    DevicesCommand(Terminal terminal) {
        this.terminal = requireNonNull(terminal, "terminal");
    }

    @Shows(Shows.Result.PROVISIONED)
    @Command(
            name = "provision",
            description = {
                "Provision a device; its owner token and label are shown this once.",
                "The same device again has no effect."
            },
            footer = {
                "%nExamples:",
                "  usher devices provision 0102030405060708 --join-eui 70B3D57ED0000001 \\",
                "      --app-key @app.key --show",
                "  usher devices provision 0102030405060708 --join-eui 70B3D57ED0000001 \\",
                "      --mac-version 1.1 --nwk-key - --app-key - < keys"
            })
    void provision(
            @Mixin Connection connection,
            @Mixin DeviceOptions device,
            @Mixin Change change,
            @Mixin Output output,
            @Option(
                            names = "--owner-token",
                            paramLabel = "TOKEN",
                            description =
                                    "What claims it, @FILE, or - for stdin. Default: one is made.")
                    @Nullable Secret ownerToken,
            @Option(
                            names = "--profile-id",
                            paramLabel = "HEX",
                            description = "VendorID and VendorProfileID on its label.")
                    @Nullable String profileId,
            @Option(
                            names = "--serial-number",
                            paramLabel = "TEXT",
                            description = "The serial number on its label.")
                    @Nullable String serialNumber,
            @Option(names = "--show", description = "Show its QR code in the terminal too.")
                    boolean show,
            @Parameters(
                            paramLabel = "DEVEUI",
                            description = "The device.",
                            converter = DeviceEui.class)
                    Eui64 devEui) {
        ObjectNode wish = device.ofNew().put("devEui", devEui.toString());
        if (ownerToken != null) {
            wish.put("ownerToken", ownerToken.reveal(terminal));
        }
        if (profileId != null) {
            wish.put("profileId", profileId);
        }
        if (serialNumber != null) {
            wish.put("serialNumber", serialNumber);
        }
        JsonNode made = connection.rest().post(PATH, wish, change);
        String label = Json.text(made, "label");
        if (show && !label.isEmpty()) {
            output.print(Qr.render(label, terminal.hasColours()));
        }
        output.show(made);
    }

    @Command(
            name = "list",
            aliases = "ls",
            description = "List devices.",
            footer = {
                "%nExamples:",
                "  usher devices list",
                "  usher devices list --maker ::1 --join-eui 70B3D57ED0000001"
            })
    void list(
            @Mixin Connection connection,
            @Mixin DeviceFilter filter,
            @Mixin Output output,
            @Option(
                            names = "--limit",
                            paramLabel = "COUNT",
                            description = "At most so many. Default: all.")
                    @Nullable Long limit) {
        boolean[] isEmpty = {true};
        try (Listing devices =
                output.listing(
                        List.of(
                                Column.of("DEVEUI", "devEui"),
                                Column.of("JOINEUI", "joinEui"),
                                Column.of("VERSION", "macVersion"),
                                Column.of("MAKER", "maker"),
                                Column.of("OWNER", "owner"),
                                Column.of("CLAIMED", "claimedAt"),
                                new Column("NETID", DevicesCommand::homeNetId)))) {
            connection
                    .rest()
                    .list(
                            PATH,
                            filter.query(),
                            limit == null ? Long.MAX_VALUE : limit,
                            device -> {
                                devices.add(device);
                                isEmpty[0] = false;
                            });
            devices.finish();
        }
        if (isEmpty[0] && filter.isOfOwners()) {
            terminal.say(
                    "No device is listed. To an owner's key, what it made and nobody has claimed is"
                            + " listed with --maker ID.");
        }
    }

    @Shows(Shows.Result.PROVISIONED_DEVICE)
    @Command(
            name = "get",
            description = "Show one device, without its secrets.",
            footer = {"%nExample:", "  usher devices get 0102030405060708"})
    void get(
            @Mixin Connection connection,
            @Mixin Output output,
            @Parameters(
                            paramLabel = "DEVEUI",
                            description = "The device.",
                            converter = DeviceEui.class)
                    Eui64 devEui) {
        output.show(connection.rest().get(path(devEui)));
    }

    @Shows(Shows.Result.PROVISIONED_DEVICE)
    @Command(
            name = "set",
            description = {
                "Change a device.",
                "What is not given stays as it is; an empty value takes an activation setting"
                        + " away."
            },
            footer = {
                "%nExamples:",
                "  usher devices set 0102030405060708 --home-net-id 000013 --as-id as.example.com",
                "  usher devices set 0102030405060708 --home-ns-id '' --lifetime 86400"
            })
    void set(
            @Mixin Connection connection,
            @Mixin DeviceOptions device,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(
                            paramLabel = "DEVEUI",
                            description = "The device.",
                            converter = DeviceEui.class)
                    Eui64 devEui) {
        ObjectNode wish = device.ofChange();
        if (wish.isEmpty()) {
            throw Failure.ofUsage("There is nothing to change: give --home-net-id or others.");
        }
        output.show(connection.rest().patch(path(devEui), wish, change));
    }

    @Shows(Shows.Result.DELETED)
    @Command(
            name = "delete",
            description = "Delete a device that nobody has claimed.",
            footer = {"%nExample:", "  usher devices delete 0102030405060708"})
    void delete(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(
                            paramLabel = "DEVEUI",
                            description = "The device.",
                            converter = DeviceEui.class)
                    Eui64 devEui) {
        connection.rest().delete(path(devEui), change);
        output.show(change.deleted(devEui.toString()));
    }

    @Shows(Shows.Result.CLAIMED_DEVICE)
    @Command(
            name = "claim",
            description = {
                "Make a device yours: the owner token in its QR code proves that it is.",
                "Name the device and its token, or give all that its QR code says."
            },
            footer = {
                "%nExamples:",
                "  usher devices claim 0102030405060708 @token --home-net-id 000013",
                "  usher devices claim LW:D0:70B3D57ED0000001:0102030405060708::OABCDEFGH"
            })
    void claim(
            @Mixin Connection connection,
            @Mixin ActivationOptions activation,
            @Mixin Change change,
            @Mixin Output output,
            @Option(
                            names = "--owner",
                            paramLabel = "ID",
                            description = "For whom; administrators say it.")
                    @Nullable String owner,
            @Option(
                            names = "--lock",
                            arity = "0..1",
                            fallbackValue = "true",
                            paramLabel = "true|false",
                            description = "Whether nobody else can claim it then. Default: true.")
                    @Nullable Boolean lock,
            @Option(names = "--new-token", description = "Make the token in its QR code worthless.")
                    boolean newToken,
            @Parameters(
                            index = "0",
                            paramLabel = "DEVEUI",
                            description = "The device, or the text of its QR code.")
                    Secret device,
            @Parameters(
                            index = "1",
                            arity = "0..1",
                            paramLabel = "TOKEN",
                            description = "The owner token, @FILE, or - for stdin.")
                    @Nullable Secret token) {
        DeviceLabel label = labelled(device.reveal(terminal));
        Eui64 devEui =
                label.devEui().orElseThrow(() -> Failure.ofUsage("The label names no device."));
        String ownerToken =
                Optional.ofNullable(token)
                        .map(given -> given.reveal(terminal))
                        .or(label::ownerToken)
                        .orElseThrow(
                                () ->
                                        Failure.ofUsage(
                                                "Give the owner token of "
                                                        + devEui
                                                        + " after it."));
        ObjectNode wish = Json.object().put("ownerToken", ownerToken);
        activation.put(wish);
        if (owner != null) {
            wish.put("owner", owner);
        }
        if (lock != null) {
            wish.put("lock", lock);
        }
        if (newToken) {
            wish.put("regenerateOwnerToken", true);
        }
        output.show(connection.rest().post(path(devEui) + "/claim", wish, change));
    }

    /** What names a device: its EUI, or all that its QR code says. */
    private DeviceLabel labelled(String text) {
        try {
            return made(
                    Optional.empty(),
                    Optional.of(Eui64.parseOfDevice(text)),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());
        } catch (IllegalArgumentException _) {
            DeviceQr scanned = DeviceQr.scanned(text);
            scanned.warn(terminal);
            return scanned.label();
        }
    }

    @Shows(Shows.Result.OWNER_TOKEN)
    @Command(
            name = "release",
            description = {
                "Give a device back, with a new owner token, which is shown this once.",
                "Whoever has the new token can claim it; the one in its QR code is worthless."
            },
            footer = {"%nExample:", "  usher devices release 0102030405060708"})
    void release(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(
                            paramLabel = "DEVEUI",
                            description = "The device.",
                            converter = DeviceEui.class)
                    Eui64 devEui) {
        giveBack(connection, change, output, devEui, true);
    }

    @Shows(Shows.Result.OWNER_TOKEN)
    @Command(
            name = "unclaim",
            description = "Give a device back; whoever has the token in its QR code can claim it.",
            footer = {"%nExample:", "  usher devices unclaim 0102030405060708"})
    void unclaim(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(
                            paramLabel = "DEVEUI",
                            description = "The device.",
                            converter = DeviceEui.class)
                    Eui64 devEui) {
        giveBack(connection, change, output, devEui, false);
    }

    private static void giveBack(
            Connection connection, Change change, Output output, Eui64 devEui, boolean newToken) {
        ObjectNode wish = Json.object().put("regenerateOwnerToken", newToken);
        output.show(connection.rest().post(path(devEui) + "/release", wish, change));
    }

    @Shows(Shows.Result.PROVISIONED_DEVICE)
    @Command(
            name = "reset-nonces",
            description = {
                "Forget which nonces a device used, for one that lost its memory.",
                "Its old join-requests can be replayed from then on, once each."
            },
            footer = {"%nExample:", "  usher devices reset-nonces 0102030405060708"})
    void resetNonces(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(
                            paramLabel = "DEVEUI",
                            description = "The device.",
                            converter = DeviceEui.class)
                    Eui64 devEui) {
        output.show(connection.rest().post(path(devEui) + "/reset-nonces", Json.object(), change));
    }

    @Shows(Shows.Result.OWNER_TOKEN)
    @Command(
            name = "owner-token",
            description = "Make a new owner token, shown this once; the former is worthless.",
            footer = {"%nExample:", "  usher devices owner-token 0102030405060708 --show"})
    void ownerToken(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Option(names = "--show", description = "Show its QR code in the terminal too.")
                    boolean show,
            @Parameters(
                            paramLabel = "DEVEUI",
                            description = "The device.",
                            converter = DeviceEui.class)
                    Eui64 devEui) {
        JsonNode made =
                connection.rest().post(path(devEui) + "/owner-token", Json.object(), change);
        String label = Json.text(made, "label");
        if (show && !label.isEmpty()) {
            output.print(Qr.render(label, terminal.hasColours()));
        }
        output.show(made);
    }

    @Command(
            name = "import",
            description = {
                "Provision many devices; owner tokens and labels made here are shown this once.",
                "A run that was cut off is repeated: what is there already has no effect, and"
                        + " within a day the same tokens are shown again."
            },
            footer = {
                "%nExamples:",
                "  usher devices import --file devices.csv -o json > made.json",
                "  usher devices import --join-eui 70B3D57ED0000001 --kek-label line-1 < keys.csv",
                "%nA file has the columns devEui, joinEui, appKey and any of nwkKey, kekLabel,"
                    + " macVersion, profileId, serialNumber, ownerToken, homeNetId, homeNsId, asId,"
                    + " asKekLabel, asKek, appSKeyInClear, roamingNetIds, strict, resetsJoinNonces,"
                    + " lifetime; or is JSON: one object after the other, or an array of them."
            })
    int importAll(
            @Mixin Connection connection,
            @Mixin BulkChange change,
            @Mixin Output output,
            @Option(
                            names = "--join-eui",
                            paramLabel = "EUI",
                            converter = DeviceEui.class,
                            description = "The JoinEUI of those that name none.")
                    @Nullable Eui64 joinEui,
            @Option(
                            names = "--kek-label",
                            paramLabel = "LABEL",
                            description =
                                    "The transport KEK that the root keys of those that name none"
                                            + " are wrapped under.")
                    @Nullable String kekLabel) {
        ObjectNode common = Json.object();
        if (joinEui != null) {
            common.put("joinEui", joinEui.toString());
        }
        if (kekLabel != null) {
            common.put("kekLabel", kekLabel);
        }
        return new DevicesImport(connection.rest(), terminal, common).run(change, output);
    }

    @Command(
            name = "export",
            description = {
                "Write all devices, without root keys and tokens.",
                "A maker's own that nobody has claimed yet are written with --maker."
            },
            footer = {
                "%nExamples:",
                "  usher devices export --format csv --out devices.csv",
                "  usher devices export --maker ::1 | jq -r .devEui"
            })
    void export(
            @Mixin Connection connection,
            @Mixin DeviceFilter filter,
            @Option(
                            names = "--format",
                            paramLabel = "FORMAT",
                            defaultValue = "ndjson",
                            description =
                                    "ndjson (one JSON object a line) or csv. Default:"
                                            + " ${DEFAULT-VALUE}.")
                    String format,
            @Option(
                            names = "--out",
                            paramLabel = "FILE",
                            description = "Write into this file. Default: stdout.")
                    @Nullable Path out) {
        Map<String, String> query = filter.query();
        query.put("format", format);
        String path = RemoteServer.withQuery(PATH + "/export", query);
        RemoteServer server = connection.rest();
        if (out == null) {
            server.copy(path, terminal.out());
            return;
        }
        try (OutputStream file = Files.newOutputStream(out)) {
            server.copy(path, file);
        } catch (IOException e) {
            throw LocalFile.unwritable(out, e);
        }
    }

    @Command(
            name = "joins",
            description = "Show what networks asked about a device, and why it was answered so.",
            footer = {"%nExample:", "  usher devices joins 0102030405060708 --limit 5"})
    void joins(
            @Mixin Connection connection,
            @Mixin Output output,
            @Option(
                            names = "--limit",
                            paramLabel = "COUNT",
                            defaultValue = "20",
                            description = "The last so many. Default: ${DEFAULT-VALUE}.")
                    long limit,
            @Parameters(
                            paramLabel = "DEVEUI",
                            description = "The device.",
                            converter = DeviceEui.class)
                    Eui64 devEui) {
        try (Listing entries =
                output.listing(
                        List.of(
                                Column.of("AT", "at"),
                                Column.of("TYPE", "type"),
                                Column.of("NONCE", "nonce"),
                                Column.of("RESULT", "result"),
                                Column.of("PEER", "peer"),
                                Column.of("WHY", "why")))) {
            connection
                    .rest()
                    .list(path(devEui) + "/joins", "before", Map.of(), limit, entries::add);
            entries.finish();
        }
    }

    @Command(
            name = "label",
            description = {
                "Show the QR code to print on a device.",
                "The server keeps no owner token to show: give it, or make a new one with 'usher"
                        + " devices owner-token'."
            },
            footer = {"%nExample:", "  usher devices label 0102030405060708 --owner-token @token"})
    void label(
            @Mixin Connection connection,
            @Mixin Output output,
            @Option(
                            names = "--owner-token",
                            paramLabel = "TOKEN",
                            description = "Its owner token, @FILE, or - for stdin.")
                    @Nullable Secret ownerToken,
            @Parameters(
                            paramLabel = "DEVEUI",
                            description = "The device.",
                            converter = DeviceEui.class)
                    Eui64 devEui) {
        String text = Json.text(connection.rest().get(path(devEui) + "/label"), "label");
        DeviceQr known = DeviceQr.scanned(text);
        Optional<String> token =
                Optional.ofNullable(ownerToken).map(given -> given.reveal(terminal));
        DeviceQr.toPrint(
                        made(
                                known.label().joinEui(),
                                known.label().devEui(),
                                known.label().profileId(),
                                token,
                                known.label().serialNumber(),
                                Optional.empty()))
                .show(terminal, output);
    }

    @Command(
            name = "qr",
            description = {
                "Read what a QR code on a device says (LoRa Alliance TR005), or make one.",
                "Drafts of TR005 and what is met on devices are read too; what is odd about a label"
                        + " is said."
            },
            footer = {
                "%nExamples:",
                "  usher devices qr LW:D0:1122334455667788:AABBCCDDEEFF0011:AABB1122:OAABBCC",
                "  usher devices qr --dev-eui 0102030405060708 --join-eui 70B3D57ED0000001 \\",
                "      --owner-token @token"
            })
    void qr(
            @Mixin Output output,
            @Option(
                            names = "--dev-eui",
                            paramLabel = "EUI",
                            converter = DeviceEui.class,
                            description = "The device.")
                    @Nullable Eui64 devEui,
            @Option(
                            names = "--join-eui",
                            paramLabel = "EUI",
                            converter = DeviceEui.class,
                            description = "Its JoinEUI.")
                    @Nullable Eui64 joinEui,
            @Option(
                            names = "--profile-id",
                            paramLabel = "HEX",
                            description = "VendorID and VendorProfileID, 8 hex digits.")
                    @Nullable String profileId,
            @Option(
                            names = "--owner-token",
                            paramLabel = "TOKEN",
                            description = "Its owner token, @FILE, or - for stdin.")
                    @Nullable Secret ownerToken,
            @Option(
                            names = "--serial-number",
                            paramLabel = "TEXT",
                            description = "Its serial number.")
                    @Nullable String serialNumber,
            @Option(
                            names = "--proprietary",
                            paramLabel = "TEXT",
                            description = "Whatever its vendor wants.")
                    @Nullable String proprietary,
            @Parameters(
                            arity = "0..1",
                            paramLabel = "LABEL",
                            description = "What a scanner saw, @FILE, or - for stdin.")
                    @Nullable Secret label) {
        if ((label == null) == (devEui == null && joinEui == null)) {
            throw Failure.ofUsage("Give the text of a label, or --dev-eui and others to make one.");
        }
        DeviceQr qr =
                label != null
                        ? DeviceQr.scanned(label.reveal(terminal))
                        : DeviceQr.toPrint(
                                made(
                                        Optional.ofNullable(joinEui),
                                        Optional.ofNullable(devEui),
                                        Optional.ofNullable(profileId),
                                        Optional.ofNullable(ownerToken)
                                                .map(token -> token.reveal(terminal)),
                                        Optional.ofNullable(serialNumber),
                                        Optional.ofNullable(proprietary)));
        qr.show(terminal, output);
    }

    private static DeviceLabel made(
            Optional<Eui64> joinEui,
            Optional<Eui64> devEui,
            Optional<String> profileId,
            Optional<String> ownerToken,
            Optional<String> serialNumber,
            Optional<String> proprietary) {
        try {
            return new DeviceLabel(
                    joinEui, devEui, profileId, ownerToken, serialNumber, proprietary);
        } catch (IllegalArgumentException e) {
            throw Failure.ofUsage(e.getMessage() + ".");
        }
    }

    /** The network that may activate it, by its own settings or its owner's. */
    private static String homeNetId(JsonNode device) {
        String own = Json.text(device, "homeNetId");
        return own.isEmpty() ? Json.text(device.path("effective"), "homeNetId") : own;
    }

    private static String path(Eui64 devEui) {
        return PATH + "/" + devEui;
    }
}
