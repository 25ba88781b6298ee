package dev.usher.api;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.AccountId;
import dev.usher.accounts.Caller;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.MacVersion;
import dev.usher.network.traffic.Downlinks;
import dev.usher.network.traffic.NetworkDevice;
import dev.usher.network.traffic.NetworkDevices;
import dev.usher.network.traffic.Traffic;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** The devices that the network serves, in the REST API, and what is to be sent to them. */
final class NetworkDeviceRoutes {

    private static final String PATH = "/api/v1/network/devices";
    private static final String DEVICE = PATH + "/{devEui}";
    private static final String QUEUE = DEVICE + "/downlinks";

    private final NetworkDevices devices;
    private final Downlinks downlinks;
    private final RightsRoutes rights;
    private final Changes changes;

    NetworkDeviceRoutes(Traffic traffic, RightsRoutes rights, Changes changes) {
        this.devices = traffic.devices();
        this.downlinks = traffic.downlinks();
        this.rights = requireNonNull(rights, "rights");
        this.changes = requireNonNull(changes, "changes");
    }

    void addTo(Routes<Caller> routes) {
        routes.add("GET", PATH, this::list)
                .add("POST", PATH, this::create)
                .add("GET", DEVICE, this::get)
                .add("DELETE", DEVICE, this::delete)
                .add("GET", QUEUE, this::queue)
                .add("POST", QUEUE, this::push)
                .add("DELETE", QUEUE, this::clear);
        RightsRoutes.Named named = (caller, path) -> devices.entity(caller, devEui(path));
        rights.addKeysTo(routes, DEVICE, named);
        rights.addCollaboratorsTo(routes, DEVICE, named);
    }

    private Response list(Caller caller, Request request, Routes.Variables path) {
        int limit = Answers.limit(request);
        List<NetworkDevice> page =
                devices.list(
                        caller,
                        request.query("collaborator").map(AccountId::new),
                        request.query("after").map(Eui64::parse),
                        limit);
        return Answers.page(
                page, limit, NetworkDeviceRoutes::write, device -> device.devEui().toString());
    }

    private Response create(Caller caller, Request request, Routes.Variables path) {
        Fields fields =
                Fields.ofBody(
                        request.body(),
                        Set.of(
                                "devEui",
                                "joinEui",
                                "name",
                                "macVersion",
                                "collaborator",
                                "dryRun"));
        return changes.make(
                caller,
                request,
                fields,
                201,
                devices.create(
                        caller,
                        fields.text("collaborator")
                                .map(
                                        account ->
                                                fields.parsed(
                                                        "collaborator", account, AccountId::new)),
                        fields.requiredEui("devEui"),
                        fields.requiredEui("joinEui"),
                        fields.text("name").orElse(""),
                        fields.parsed(
                                "macVersion",
                                fields.requiredText("macVersion"),
                                MacVersion::parse)),
                NetworkDeviceRoutes::write);
    }

    private Response get(Caller caller, Request request, Routes.Variables path) {
        NetworkDevice device = devices.get(caller, devEui(path));
        return Answers.json(200, node -> write(node, device));
    }

    private Response delete(Caller caller, Request request, Routes.Variables path) {
        return changes.delete(caller, request, devices.delete(caller, devEui(path)));
    }

    private Response queue(Caller caller, Request request, Routes.Variables path) {
        return Answers.list(downlinks.list(caller, devEui(path)), NetworkDeviceRoutes::write);
    }

    private Response push(Caller caller, Request request, Routes.Variables path) {
        Fields fields =
                Fields.ofBody(request.body(), Set.of("port", "payload", "confirmed", "dryRun"));
        int port =
                fields.count("port")
                        .orElseThrow(() -> new BadRequest("port is missing: choose one of 1..255"));
        byte[] payload = fields.bytes("payload").orElseGet(() -> new byte[0]);
        return changes.make(
                caller,
                request,
                fields,
                201,
                downlinks.push(
                        caller,
                        devEui(path),
                        port,
                        payload,
                        fields.bool("confirmed").orElse(false)),
                NetworkDeviceRoutes::write);
    }

    private Response clear(Caller caller, Request request, Routes.Variables path) {
        return changes.delete(caller, request, downlinks.clear(caller, devEui(path)));
    }

    private static Eui64 devEui(Routes.Variables path) {
        return Eui64.parse(path.get("devEui"));
    }

    private static void write(ObjectNode node, NetworkDevice device) {
        node.put("devEui", device.devEui().toString()).put("joinEui", device.joinEui().toString());
        if (!device.name().isEmpty()) {
            node.put("name", device.name());
        }
        node.put("macVersion", device.macVersion().text())
                .put("createdAt", device.createdAt().toString());
    }

    private static void write(ObjectNode node, Downlinks.Queued queued) {
        node.put("seq", queued.seq())
                .put("devEui", queued.devEui().toString())
                .put("port", queued.port())
                .put("payload", Base64.getEncoder().encodeToString(queued.payload()))
                .put("confirmed", queued.confirmed());
    }
}
