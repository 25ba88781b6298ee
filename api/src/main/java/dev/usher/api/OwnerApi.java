package dev.usher.api;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.IdempotentAnswers;
import dev.usher.accounts.Principal;
import dev.usher.accounts.Principal.OwnerPrincipal;
import dev.usher.api.edge.Handler;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.gateways.GatewayJoinServer;
import dev.usher.lorawan.Printable;
import dev.usher.store.Database;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The Owner API of a Gateway Join Server: {@code POST
 * /api/v1/gateway/{claim,setup,delete,add,info,list,token}} and {@code
 * /api/v1/{firmware,signature}/{add,delete,list}}, as Semtech's paper and the clients of its older
 * service know it; those spell gateway {@code router}, and are answered in kind.
 *
 * <p>What concerns a gateway is answered 200 with one result a gateway, in the order of the
 * request; an error of one does not keep the others from being done. What concerns the whole
 * request is answered 400, 401, 403, 404, 409 or 503 with {@code {"error": …}}.
 */
public final class OwnerApi implements Handler {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);
    private static final Set<String> RESOURCES =
            Set.of("gateway", "router", "firmware", "signature");
    private final Authenticator authenticator;
    private final OwnerGateways gateways;
    private final OwnerFirmware firmware;

    public OwnerApi(
            Database database,
            GatewayJoinServer server,
            Authenticator authenticator,
            IdempotentAnswers idempotentAnswers) {
        this.authenticator = requireNonNull(authenticator, "authenticator");
        this.gateways = new OwnerGateways(database, server, idempotentAnswers);
        this.firmware = new OwnerFirmware(database, server, idempotentAnswers);
    }

    @Override
    public Response handle(Request request) {
        try {
            return route(request);
        } catch (RuntimeException e) {
            Refusal refusal = Refusal.of(e);
            return error(refusal.status(), refusal.sentence());
        }
    }

    private static boolean hasForm(Request request) {
        List<String> path = request.segments();
        return request.method().equals("POST")
                && path.size() == 4
                && path.subList(0, 2).equals(List.of("api", "v1"));
    }

    /** Whether somebody means the Owner API, wherever the request came in. */
    static boolean isCall(Request request) {
        return hasForm(request) && RESOURCES.contains(request.segments().get(2));
    }

    private Response route(Request request) {
        List<String> path = request.segments();
        if (!hasForm(request)) {
            return error(
                    404,
                    "there is nothing here: the Owner API is POST /api/v1/gateway/…, /firmware/…"
                            + " and /signature/…");
        }
        Optional<Principal> principal = authenticator.principal(request);
        if (principal.isEmpty()) {
            return error(
                            401,
                            "who is asking? Send 'Authorization: Bearer KEY', or a client"
                                    + " certificate of an owner")
                    .withHeader("WWW-Authenticate", "Bearer");
        }
        if (!(principal.get() instanceof OwnerPrincipal owner)) {
            return error(403, "this key is not an owner's: the Owner API is for owners only");
        }
        OwnerCall call = new OwnerCall(request, owner, path.get(2), path.get(3));
        return switch (call.resource() + "/" + call.verb()) {
            case "gateway/claim", "router/claim" -> gateways.claim(call);
            case "gateway/setup", "router/setup" -> gateways.setup(call);
            case "gateway/delete", "router/delete" -> gateways.delete(call);
            case "gateway/add", "router/add" -> gateways.add(call);
            case "gateway/info", "router/info" -> gateways.info(call);
            case "gateway/list", "router/list" -> gateways.list(call);
            case "gateway/token", "router/token" -> gateways.token(call);
            case "firmware/add" -> firmware.addFirmware(call);
            case "firmware/delete" -> firmware.deleteFirmware(call);
            case "firmware/list" -> firmware.listFirmware(call);
            case "signature/add" -> firmware.addSignature(call);
            case "signature/delete" -> firmware.deleteSignature(call);
            case "signature/list" -> firmware.listSignatures(call);
            default ->
                    error(
                            404,
                            "there is no "
                                    + Printable.of(call.resource() + "/" + call.verb())
                                    + " in the Owner API");
        };
    }

    /** Times as the older service's clients read them: UTC without a zone, microseconds. */
    static String time(Instant instant) {
        return TIME.format(instant);
    }

    static Response.Full json(String body) {
        return Response.of(200, Answers.JSON_TYPE, body);
    }

    private static Response.Full error(int status, String message) {
        return Response.of(
                status,
                Answers.JSON_TYPE,
                Fields.JSON.createObjectNode().put("error", message).toString());
    }
}
