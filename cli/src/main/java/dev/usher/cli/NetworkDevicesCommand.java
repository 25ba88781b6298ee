package dev.usher.cli;

import dev.usher.lorawan.Eui64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** {@code usher network devices}: the devices that this network serves. */
@Command(
        name = "devices",
        aliases = {"device", "dev"},
        description = "The devices that this network serves; their keys are their Join Server's.",
        addMethodSubcommands = false)
final class NetworkDevicesCommand implements Shared {

    static final String PATH = "/api/v1/network/devices";

    @Shows(Shows.Result.DEVICE)
    @Command(
            name = "create",
            aliases = "add",
            description = "Serve a device.",
            footer = {
                "%nExample:",
                "  usher network devices create 0102030405060708 --join-eui 70B3D57ED0000001 \\",
                "      --mac-version 1.0.3 --organization-id acme",
                "%nWithout --user-id or --organization-id it is for whoever asks; what an"
                        + " administrator has served so is administrators' alone."
            })
    void create(
            @Mixin Connection connection,
            @Mixin AccountOption account,
            @Mixin Change change,
            @Mixin Output output,
            @Option(
                            names = "--join-eui",
                            required = true,
                            paramLabel = "EUI",
                            description = "Which Join Server has its keys.")
                    Eui64 joinEui,
            @Option(
                            names = "--mac-version",
                            required = true,
                            paramLabel = "VERSION",
                            description = "The LoRaWAN version it is built to, as in 1.0.3.")
                    String macVersion,
            @Option(names = "--name", paramLabel = "NAME", description = "A name for people.")
                    @Nullable String name,
            @Parameters(paramLabel = "DEVEUI", description = "The device.") Eui64 devEui) {
        ObjectNode wish =
                Json.object()
                        .put("devEui", devEui.toString())
                        .put("joinEui", joinEui.toString())
                        .put("macVersion", macVersion);
        if (name != null) {
            wish.put("name", name);
        }
        account.given().ifPresent(whose -> wish.put("collaborator", whose));
        output.show(connection.rest().post(PATH, wish, change));
    }

    @Command(
            name = "list",
            aliases = "ls",
            description = "List the devices you may see.",
            footer = {
                "%nExamples:",
                "  usher network devices list",
                "  usher network devices list --organization-id acme"
            })
    void list(
            @Mixin Connection connection,
            @Mixin AccountOption account,
            @Mixin Output output,
            @Option(
                            names = "--limit",
                            paramLabel = "COUNT",
                            description = "At most so many. Default: all.")
                    @Nullable Long limit) {
        Map<String, String> query = new TreeMap<>();
        account.given().ifPresent(whose -> query.put("collaborator", whose));
        try (Listing devices =
                output.listing(
                        List.of(
                                Column.of("DEVEUI", "devEui"),
                                Column.of("JOINEUI", "joinEui"),
                                Column.of("NAME", "name"),
                                Column.of("VERSION", "macVersion"),
                                Column.of("CREATED", "createdAt")))) {
            connection
                    .rest()
                    .list(PATH, query, limit == null ? Long.MAX_VALUE : limit, devices::add);
            devices.finish();
        }
    }

    @Shows(Shows.Result.DEVICE)
    @Command(
            name = "get",
            description = "Show one device.",
            footer = {"%nExample:", "  usher network devices get 0102030405060708"})
    void get(
            @Mixin Connection connection,
            @Mixin Output output,
            @Parameters(paramLabel = "DEVEUI", description = "The device.") Eui64 devEui) {
        output.show(connection.rest().get(path(devEui)));
    }

    @Shows(Shows.Result.DELETED)
    @Command(
            name = "delete",
            aliases = {"remove", "rm"},
            description = "Serve a device no longer; its sessions and queue are forgotten.",
            footer = {"%nExample:", "  usher network devices delete 0102030405060708"})
    void delete(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(paramLabel = "DEVEUI", description = "The device.") Eui64 devEui) {
        connection.rest().delete(path(devEui), change);
        output.show(change.deleted(devEui.toString()));
    }

    @Override
    public String thing(String name) {
        return path(Eui64.parse(name));
    }

    static String path(Eui64 devEui) {
        return PATH + "/" + devEui;
    }
}
