package dev.usher.api;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Principal;
import dev.usher.api.edge.Handler;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.devices.ActivationSettings;
import dev.usher.devices.ActivationSettings.AsKek;
import dev.usher.devices.ClaimOutcome;
import dev.usher.devices.ClaimStatus;
import dev.usher.devices.DeviceClaims;
import dev.usher.devices.UnclaimOutcome;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.Kek;
import dev.usher.lorawan.NetId;
import dev.usher.store.Database;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import tools.jackson.databind.node.ObjectNode;

/**
 * The claim API of The Things Join Server, version 2, as the claiming servers of networks call it:
 * {@code PUT}, {@code GET} and {@code DELETE} of {@code /api/v2/devices/{DevEUI}/claim}, and {@code
 * DELETE} of {@code /api/v2/devices/{DevEUI,DevEUI,…}/claims}. See docs/devices.md.
 *
 * <p>It shares a port with the Backend Interfaces, where messages are posted to any path; whatever
 * is not a call of its own is left to them.
 */
public final class DeviceClaimApi implements Handler {

    private final Database database;
    private final DeviceClaims claims;
    private final Authenticator authenticator;
    private final TrustedProxies proxies;
    private final Handler others;

    /**
     * @param others answers all other requests
     */
    public DeviceClaimApi(
            Database database,
            DeviceClaims claims,
            Authenticator authenticator,
            TrustedProxies proxies,
            Handler others) {
        this.database = requireNonNull(database, "database");
        this.claims = requireNonNull(claims, "claims");
        this.authenticator = requireNonNull(authenticator, "authenticator");
        this.proxies = requireNonNull(proxies, "proxies");
        this.others = requireNonNull(others, "others");
    }

    @Override
    public Response handle(Request request) throws Exception {
        return isClaimCall(request) ? answer(request) : others.handle(request);
    }

    @Override
    public Optional<CompletableFuture<Response>> begin(Request request, Executor loop) {
        return isClaimCall(request) ? Optional.empty() : others.begin(request, loop);
    }

    private static boolean isClaimCall(Request request) {
        if (request.method().equals("POST") || !request.path().startsWith("/api/v2/devices/")) {
            return false;
        }
        List<String> path = request.segments();
        return path.size() == 5 && (path.get(4).equals("claim") || path.get(4).equals("claims"));
    }

    private Response answer(Request request) {
        try {
            Optional<Principal> caller =
                    authenticator.principalOrPassword(
                            request.withClientChain(proxies.clientChain(request)));
            if (caller.isEmpty()) {
                return message(
                                401,
                                "who is asking? Send an owner's API key ('Authorization: Bearer"
                                        + " KEY', or as the password of Basic), or show an owner's"
                                        + " client certificate")
                        .withHeader("WWW-Authenticate", "Bearer");
            }
            return caller.get() instanceof Principal.OwnerPrincipal owner
                    ? answer(owner, request)
                    : message(403, "this key is no owner's: devices are claimed for an owner");
        } catch (RuntimeException e) {
            Refusal refusal = Refusal.of(e);
            return message(refusal.status(), refusal.sentence());
        }
    }

    private Response answer(Principal.OwnerPrincipal caller, Request request) {
        String devices = request.segments().get(3);
        return switch (request.segments().get(4) + " " + request.method()) {
            case "claim PUT" -> claim(caller, Eui64.parseOfDevice(devices), request);
            case "claim GET" -> status(caller.id(), Eui64.parseOfDevice(devices));
            case "claim DELETE" -> unclaim(caller, Eui64.parseOfDevice(devices));
            case "claims DELETE" -> unclaimAll(caller, devices);
            case "claims GET", "claims PUT" ->
                    message(405, "use DELETE").withHeader("Allow", "DELETE");
            default ->
                    message(405, "use PUT, GET or DELETE").withHeader("Allow", "DELETE, GET, PUT");
        };
    }

    private Response claim(Principal.OwnerPrincipal caller, Eui64 devEui, Request request) {
        DeviceClaims.Claim claim = claim(devEui, Fields.ofOpenBody(request.body()));
        ClaimOutcome outcome =
                database.write(claims.claim(caller, caller.id(), List.of(claim))).getFirst();
        return switch (outcome) {
            case ClaimOutcome.Claimed(Optional<String> token) ->
                    json(201, body -> token.ifPresent(made -> body.put("ownerToken", made)));
            case ClaimOutcome.Denied() -> message(403, ClaimOutcome.Denied.MESSAGE);
            case ClaimOutcome.TooManyGuesses() -> message(403, ClaimOutcome.TooManyGuesses.MESSAGE);
            case ClaimOutcome.NotProvisioned() -> message(404, ClaimOutcome.NotProvisioned.MESSAGE);
        };
    }

    /** Clients write what they do not know as empty texts. */
    private static DeviceClaims.Claim claim(Eui64 devEui, Fields fields) {
        return new DeviceClaims.Claim(
                devEui,
                fields.requiredText("ownerToken"),
                new ActivationSettings(
                        said(fields, "homeNetID")
                                .map(text -> fields.parsed("homeNetID", text, NetId::parse)),
                        said(fields, "homeNSID")
                                .map(text -> fields.parsed("homeNSID", text, Eui64::parseOfDevice)),
                        said(fields, "asID"),
                        fields.openObject("kek").map(DeviceClaimApi::asKek),
                        Optional.empty()),
                fields.bool("lock").orElse(true),
                fields.bool("regenerateOwnerToken").orElse(false));
    }

    private static Optional<String> said(Fields fields, String name) {
        return fields.text(name).filter(text -> !text.isEmpty());
    }

    private static AsKek asKek(Fields fields) {
        return new AsKek(
                fields.requiredText("label"),
                fields.parsed("key", fields.requiredText("key"), DeviceClaimApi::kek));
    }

    /** In hex as everywhere here, or in base64 as JSON has bytes in other clients. */
    private static Kek kek(String text) {
        try {
            return text.matches(".*[+/=g-zG-Z].*")
                    ? Kek.of(Base64.getDecoder().decode(text))
                    : Kek.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "a KEK is 16, 24 or 32 bytes in hex or base64; this text of "
                            + text.length()
                            + " characters is not",
                    e);
        }
    }

    private Response status(OwnerId owner, Eui64 devEui) {
        return switch (claims.status(owner, devEui)) {
            case ClaimStatus.Claimed claimed ->
                    json(
                            200,
                            body -> {
                                claimed.homeNetId()
                                        .ifPresent(id -> body.put("homeNetID", id.toString()));
                                claimed.homeNsId()
                                        .ifPresent(id -> body.put("homeNSID", id.toString()));
                                body.put("locked", claimed.locked());
                            });
            case ClaimStatus.NotClaimed() -> message(404, ClaimStatus.NotClaimed.MESSAGE);
            case ClaimStatus.NotProvisioned() -> message(404, ClaimStatus.NotProvisioned.MESSAGE);
        };
    }

    private Response unclaim(Principal.OwnerPrincipal caller, Eui64 devEui) {
        return error(unclaim(caller, List.of(devEui)).getFirst())
                .map(error -> message(404, error))
                .orElseGet(() -> Response.of(204));
    }

    private Response unclaimAll(Principal.OwnerPrincipal caller, String list) {
        List<Eui64> devEuis =
                Arrays.stream(list.split(",", -1)).map(Eui64::parseOfDevice).distinct().toList();
        List<UnclaimOutcome> outcomes = unclaim(caller, devEuis);
        Map<Eui64, String> errors = new LinkedHashMap<>();
        for (int i = 0; i < outcomes.size(); i++) {
            Eui64 devEui = devEuis.get(i);
            error(outcomes.get(i)).ifPresent(error -> errors.put(devEui, error));
        }
        return errors.isEmpty()
                ? Response.of(204)
                : json(
                        400,
                        body ->
                                errors.forEach(
                                        (devEui, error) ->
                                                body.putObject(devEui.toString())
                                                        .put("message", error)));
    }

    /** The token in the QR code stays: the network gives a device back, its holder has it still. */
    private List<UnclaimOutcome> unclaim(Principal.OwnerPrincipal caller, List<Eui64> devEuis) {
        return database.write(
                claims.unclaim(caller, caller.id(), devEuis, /* regenerateOwnerTokens= */ false));
    }

    private static Optional<String> error(UnclaimOutcome outcome) {
        return switch (outcome) {
            case UnclaimOutcome.Unclaimed _ -> Optional.empty();
            case UnclaimOutcome.NotClaimed() -> Optional.of(UnclaimOutcome.NotClaimed.MESSAGE);
            case UnclaimOutcome.NotProvisioned() ->
                    Optional.of(UnclaimOutcome.NotProvisioned.MESSAGE);
        };
    }

    private static Response.Full message(int status, String message) {
        return json(status, body -> body.put("message", message));
    }

    private static Response.Full json(int status, Consumer<ObjectNode> writer) {
        ObjectNode body = Fields.JSON.createObjectNode();
        writer.accept(body);
        return Response.of(status, BackendFace.JSON, body.toString());
    }
}
