package dev.usher.api;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.NotFound;
import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Principal;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.devices.ActivationChange;
import dev.usher.devices.ActivationView;
import dev.usher.devices.BackendLog;
import dev.usher.devices.ClaimOutcome;
import dev.usher.devices.Device;
import dev.usher.devices.DeviceClaims;
import dev.usher.devices.Devices;
import dev.usher.devices.JoinServer;
import dev.usher.devices.NewDevice;
import dev.usher.devices.OwnerActivation;
import dev.usher.devices.ProvisionResult;
import dev.usher.devices.Provisioning;
import dev.usher.devices.UnclaimOutcome;
import dev.usher.lorawan.DeviceLabel;
import dev.usher.lorawan.Eui64;
import dev.usher.store.Change;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The devices of the Join Server in the REST API. An owner's key sees and changes what is its own:
 * the devices it has claimed, and those it made until somebody claims them. Root keys go in only,
 * owner tokens come out once.
 */
final class DeviceRoutes {

    private static final String PATH = "/api/v1/devices";
    private static final String DEVICE = PATH + "/{devEui}";

    private final Provisioning provisioning;
    private final Devices devices;
    private final DeviceClaims claims;
    private final OwnerActivation ownerActivation;
    private final BackendLogRoutes backendLog;
    private final Changes changes;
    private final DeviceImport deviceImport;

    DeviceRoutes(JoinServer joinServer, BackendLogRoutes backendLog, Changes changes) {
        this.provisioning = joinServer.provisioning();
        this.devices = joinServer.devices();
        this.claims = joinServer.claims();
        this.ownerActivation = joinServer.ownerActivation();
        this.backendLog = requireNonNull(backendLog, "backendLog");
        this.changes = requireNonNull(changes, "changes");
        this.deviceImport = new DeviceImport(provisioning, changes);
    }

    void addTo(Routes<Principal> routes) {
        routes.add("GET", PATH, this::list)
                .add("POST", PATH, this::provision)
                .add("POST", PATH + "/import", deviceImport::answer)
                .add("GET", PATH + "/export", this::export)
                .add("GET", DEVICE, this::get)
                .add("PATCH", DEVICE, this::set)
                .add("DELETE", DEVICE, this::delete)
                .add("POST", DEVICE + "/reset-nonces", this::resetNonces)
                .add("POST", DEVICE + "/owner-token", this::regenerateOwnerToken)
                .add("POST", DEVICE + "/claim", this::claim)
                .add("POST", DEVICE + "/release", this::release)
                .add("GET", DEVICE + "/label", this::label)
                .add("GET", DEVICE + "/joins", this::joins);
    }

    /** What of a list a caller sees; a page of it may have fewer devices than its limit. */
    private record View(Principal caller, Devices.Filter filter) {

        static View of(Principal caller, Request request) {
            Optional<OwnerId> maker = request.query("maker").map(OwnerId::parse);
            Optional<OwnerId> owner = request.query("owner").map(OwnerId::parse);
            if (maker.isPresent()) {
                Callers.owner(caller, "maker", maker);
            } else {
                owner = Callers.owner(caller, "owner", owner);
            }
            return new View(
                    caller,
                    new Devices.Filter(
                            maker, owner, request.query("joinEui").map(Eui64::parseOfDevice)));
        }

        boolean shows(Device device) {
            return mayKnow(caller, device);
        }
    }

    private static boolean mayKnow(Principal caller, Device device) {
        return switch (caller) {
            case Principal.Administrator _ -> true;
            case Principal.OwnerPrincipal(OwnerId id, _) -> device.keeper().equals(id);
        };
    }

    private Response list(Principal caller, Request request, Routes.Variables path) {
        View view = View.of(caller, request);
        int limit = Answers.limit(request);
        Map<OwnerId, ActivationView> ofOwners = new HashMap<>();
        List<Device> page =
                devices.list(
                        view.filter(), request.query("after").map(Eui64::parseOfDevice), limit);
        return Answers.json(
                200,
                node -> {
                    ArrayNode items = node.putArray("items");
                    page.stream()
                            .filter(view::shows)
                            .forEach(device -> write(items.addObject(), device, ofOwners));
                    if (page.size() == limit) {
                        node.put("next", page.getLast().devEui().toString());
                    }
                });
    }

    private Response export(Principal caller, Request request, Routes.Variables path) {
        View view = View.of(caller, request);
        return DeviceExport.answer(
                request, consumer -> devices.export(view.filter(), consumer), view::shows);
    }

    private Response get(Principal caller, Request request, Routes.Variables path) {
        Device device = visible(caller, path);
        return Answers.json(200, node -> write(node, device, new HashMap<>()));
    }

    /**
     * With the settings that a join goes by, of which some may be its owner's.
     *
     * @param ofOwners what was looked up before
     */
    private void write(ObjectNode node, Device device, Map<OwnerId, ActivationView> ofOwners) {
        DeviceJson.write(node, device);
        device.owner()
                .map(owner -> ofOwners.computeIfAbsent(owner, ownerActivation::get))
                .map(device.activation()::or)
                .ifPresent(holds -> GivenActivation.write(node.putObject("effective"), holds));
    }

    private Response provision(Principal caller, Request request, Routes.Variables path) {
        Fields fields = Fields.ofBody(request.body(), Fields.names(DeviceJson.NEW, "dryRun"));
        NewDevice device = DeviceJson.newDevice(fields);
        Change<List<ProvisionResult>> change =
                provisioning.provision(caller, List.of(device), /* dryRun= */ false);
        return changes.decide(
                caller,
                request,
                fields,
                handle -> provisioned(device, change.apply(handle).getFirst()));
    }

    private static Changes.Answer provisioned(NewDevice device, ProvisionResult result) {
        ObjectNode body = Fields.JSON.createObjectNode();
        DeviceImport.write(body, device, result);
        return switch (result) {
            case ProvisionResult.Created _ -> {
                // Whoever chose the token may want the label too.
                device.ownerToken()
                        .ifPresent(token -> body.put("label", device.label(token).text()));
                yield Changes.Answer.of(201, body);
            }
            case ProvisionResult.Unchanged _ -> Changes.Answer.of(200, body);
            case ProvisionResult.Failed(_, String error) ->
                    Changes.Answer.refusal(409, "conflict", "It contradicts what is there", error);
        };
    }

    /** Changes what is given; of the activation settings, null takes away. */
    private Response set(Principal caller, Request request, Routes.Variables path) {
        Fields fields = Fields.ofBody(request.body(), Fields.names(DeviceJson.CHANGE, "dryRun"));
        Device present = known(caller, path);
        return changes.make(
                caller,
                request,
                fields,
                200,
                devices.set(caller, present.devEui(), DeviceJson.change(fields, present)),
                DeviceJson::write);
    }

    private Response delete(Principal caller, Request request, Routes.Variables path) {
        return changes.delete(caller, request, devices.delete(caller, devEui(path)));
    }

    private Response resetNonces(Principal caller, Request request, Routes.Variables path) {
        return changes.make(
                caller,
                request,
                optionalBody(request, Set.of("dryRun")),
                200,
                devices.resetNonces(caller, devEui(path)),
                DeviceJson::write);
    }

    private Response regenerateOwnerToken(
            Principal caller, Request request, Routes.Variables path) {
        Device device = known(caller, path);
        return changes.make(
                caller,
                request,
                optionalBody(request, Set.of("dryRun")),
                200,
                claims.regenerateOwnerToken(caller, device.devEui()),
                (node, token) -> {
                    node.put("devEui", device.devEui().toString());
                    tell(node, device, token);
                });
    }

    /** An owner claims for itself, an administrator for the owner that it names. */
    private Response claim(Principal caller, Request request, Routes.Variables path) {
        Fields fields =
                Fields.ofBody(
                        request.body(),
                        Fields.names(
                                GivenActivation.FIELDS,
                                "ownerToken",
                                "owner",
                                "lock",
                                "regenerateOwnerToken",
                                "dryRun"));
        OwnerId owner =
                Callers.owner(caller, "owner", fields.text("owner").map(OwnerId::parse))
                        .orElseThrow(
                                () -> new BadRequest("owner is missing: say for whom you claim"));
        Eui64 devEui = devEui(path);
        Optional<Device> device = devices.find(devEui);
        Optional<Device> own =
                device.filter(known -> known.owner().filter(owner::equals).isPresent());
        GivenActivation activation = GivenActivation.read(fields);
        DeviceClaims.Claim claim =
                new DeviceClaims.Claim(
                        devEui,
                        fields.requiredText("ownerToken"),
                        // Of one's own device, what is not given stays.
                        own.map(known -> activation.over(known.activation()))
                                .orElseGet(() -> ActivationChange.to(activation.alone())),
                        fields.bool("lock").or(() -> own.map(Device::locked)).orElse(true),
                        fields.bool("regenerateOwnerToken").orElse(false));
        Change<List<ClaimOutcome>> change = claims.claim(caller, owner, List.of(claim));
        return changes.decide(
                caller,
                request,
                fields,
                handle -> claimed(devEui, device, owner, change.apply(handle).getFirst()));
    }

    private static Changes.Answer claimed(
            Eui64 devEui, Optional<Device> device, OwnerId owner, ClaimOutcome outcome) {
        return switch (outcome) {
            case ClaimOutcome.Claimed(Optional<String> token) -> {
                ObjectNode body =
                        Fields.JSON
                                .createObjectNode()
                                .put("devEui", devEui.toString())
                                .put("owner", owner.toString());
                token.ifPresent(made -> device.ifPresent(known -> tell(body, known, made)));
                yield Changes.Answer.of(200, body);
            }
            case ClaimOutcome.Denied() ->
                    Changes.Answer.refusal(
                            403,
                            "claim-denied",
                            "It cannot be claimed so",
                            "the owner token is not the one of device "
                                    + devEui
                                    + ", or the device is somebody else's");
            case ClaimOutcome.TooManyGuesses() ->
                    Changes.Answer.refusal(
                            403,
                            "too-many-guesses",
                            "It cannot be claimed now",
                            ClaimOutcome.TooManyGuesses.MESSAGE);
            case ClaimOutcome.NotProvisioned() -> missing(devEui);
        };
    }

    /**
     * Gives a device back. Its owner token is replaced, unless told otherwise, so that whoever saw
     * the former one cannot claim it.
     */
    private Response release(Principal caller, Request request, Routes.Variables path) {
        Fields fields = optionalBody(request, Set.of("owner", "regenerateOwnerToken", "dryRun"));
        Eui64 devEui = devEui(path);
        Optional<Device> device = devices.find(devEui);
        Optional<OwnerId> owner =
                Callers.owner(caller, "owner", fields.text("owner").map(OwnerId::parse))
                        .or(() -> device.flatMap(Device::owner));
        if (device.isEmpty() || owner.isEmpty()) {
            throw new NotFound("there is no claimed device " + devEui);
        }
        boolean regenerates = fields.bool("regenerateOwnerToken").orElse(true);
        Change<List<UnclaimOutcome>> change =
                claims.unclaim(caller, owner.get(), List.of(devEui), regenerates);
        return changes.decide(
                caller,
                request,
                fields,
                handle -> released(device.get(), change.apply(handle).getFirst()));
    }

    private static Changes.Answer released(Device device, UnclaimOutcome outcome) {
        return switch (outcome) {
            case UnclaimOutcome.Unclaimed(Optional<String> token) -> {
                ObjectNode body =
                        Fields.JSON.createObjectNode().put("devEui", device.devEui().toString());
                token.ifPresent(made -> tell(body, device, made));
                yield Changes.Answer.of(200, body);
            }
            case UnclaimOutcome.NotClaimed() ->
                    Changes.Answer.refusal(
                            404,
                            "not-found",
                            "There is no such thing",
                            "there is no claimed device " + device.devEui());
            case UnclaimOutcome.NotProvisioned() -> missing(device.devEui());
        };
    }

    private static Changes.Answer missing(Eui64 devEui) {
        return Changes.Answer.refusal(
                404, "not-found", "There is no such thing", "there is no device " + devEui);
    }

    /** Tells a new owner token, and what to print for it. */
    private static void tell(ObjectNode node, Device device, String token) {
        node.put("ownerToken", token).put("label", device.label(token).text());
    }

    /** The label's text without an owner token, which nobody here knows any more. */
    private Response label(Principal caller, Request request, Routes.Variables path) {
        Device device = visible(caller, path);
        DeviceLabel label =
                new DeviceLabel(
                        Optional.of(device.joinEui()),
                        Optional.of(device.devEui()),
                        device.profileId(),
                        Optional.empty(),
                        device.serialNumber(),
                        Optional.empty());
        return Answers.json(
                200,
                node -> node.put("devEui", device.devEui().toString()).put("label", label.text()));
    }

    /**
     * What networks asked about a device, and why it was answered so; for its owner, since it is.
     */
    private Response joins(Principal caller, Request request, Routes.Variables path) {
        Device device = visible(caller, path);
        return backendLog.page(
                caller,
                new BackendLog.Filter(
                        request.query("peer"),
                        Optional.of(device.devEui()),
                        caller instanceof Principal.OwnerPrincipal
                                ? device.owner()
                                : Optional.empty()),
                request);
    }

    private static Eui64 devEui(Routes.Variables path) {
        return Eui64.parseOfDevice(path.get("devEui"));
    }

    /** For an owner, somebody else's device and none at all are the same. */
    private Device visible(Principal caller, Routes.Variables path) {
        return devices.find(devEui(path))
                .filter(device -> mayKnow(caller, device))
                .orElseThrow(() -> noDevice(path));
    }

    /**
     * As {@link #visible}, and to its maker also when it is claimed, who is then told just that.
     */
    private Device known(Principal caller, Routes.Variables path) {
        return devices.find(devEui(path))
                .filter(
                        device ->
                                mayKnow(caller, device)
                                        || (caller
                                                        instanceof
                                                        Principal.OwnerPrincipal(OwnerId id, _)
                                                && device.maker().equals(id)))
                .orElseThrow(() -> noDevice(path));
    }

    private static NotFound noDevice(Routes.Variables path) {
        return new NotFound("there is no device " + devEui(path) + " that you could see");
    }

    /** For calls that need no body. */
    private static Fields optionalBody(Request request, Set<String> known) {
        byte[] body = request.body();
        return Fields.ofBody(
                body.length == 0 ? "{}".getBytes(StandardCharsets.UTF_8) : body, known);
    }
}
