package dev.usher.api;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.IdempotentAnswers;
import dev.usher.accounts.NotFound;
import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Principal;
import dev.usher.accounts.Principal.OwnerPrincipal;
import dev.usher.api.edge.Handler;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.gateways.Claims;
import dev.usher.gateways.EndpointChange;
import dev.usher.gateways.Firmwares;
import dev.usher.gateways.Gateway;
import dev.usher.gateways.GatewayJoinServer;
import dev.usher.gateways.GatewaySetup;
import dev.usher.gateways.ItemResult;
import dev.usher.gateways.Seen;
import dev.usher.gateways.SetupChange;
import dev.usher.gateways.Setups;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.Printable;
import dev.usher.station.CredentialFiles;
import dev.usher.store.Change;
import dev.usher.store.Database;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

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

    /**
     * How many gateways of a request are written with one commit, when no Idempotency-Key ties them
     * together.
     */
    private static final int GATEWAYS_PER_CHANGE = 1000;

    private static final int MOST_INFO = 128;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);
    private static final Set<String> RESOURCES =
            Set.of("gateway", "router", "firmware", "signature");
    private static final Set<String> SETUP_FIELDS =
            Set.of(
                    "cupsUri",
                    "cupsKey",
                    "cupsCrt",
                    "cupsTrust",
                    "lnsUri",
                    "lnsKey",
                    "lnsCrt",
                    "lnsTrust",
                    "fwcrc",
                    "fwafter",
                    "fwunsigned");

    private final Database database;
    private final GatewayJoinServer server;
    private final Authenticator authenticator;
    private final IdempotentAnswers idempotentAnswers;

    public OwnerApi(
            Database database,
            GatewayJoinServer server,
            Authenticator authenticator,
            IdempotentAnswers idempotentAnswers) {
        this.database = requireNonNull(database, "database");
        this.server = requireNonNull(server, "server");
        this.authenticator = requireNonNull(authenticator, "authenticator");
        this.idempotentAnswers = requireNonNull(idempotentAnswers, "idempotentAnswers");
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
        Call call = new Call(request, owner, path.get(2), path.get(3));
        return switch (call.resource() + "/" + call.verb()) {
            case "gateway/claim", "router/claim" -> claim(call);
            case "gateway/setup", "router/setup" -> setup(call);
            case "gateway/delete", "router/delete" -> delete(call);
            case "gateway/add", "router/add" -> add(call);
            case "gateway/info", "router/info" -> info(call);
            case "gateway/list", "router/list" -> list(call);
            case "gateway/token", "router/token" -> token(call);
            case "firmware/add" -> addFirmware(call);
            case "firmware/delete" -> deleteFirmware(call);
            case "firmware/list" -> listFirmware(call);
            case "signature/add" -> addSignature(call);
            case "signature/delete" -> deleteSignature(call);
            case "signature/list" -> listSignatures(call);
            default ->
                    error(
                            404,
                            "there is no "
                                    + Printable.of(call.resource() + "/" + call.verb())
                                    + " in the Owner API");
        };
    }

    /** A request of an owner, with the words it uses for gateways. */
    private record Call(Request request, OwnerPrincipal owner, String resource, String verb) {

        String one() {
            return resource;
        }

        String many() {
            return resource + "s";
        }

        /** The body's fields, after checking that the owner in it is the one who asks. */
        Fields fields(Set<String> known) {
            Set<String> all = new HashSet<>(known);
            all.addAll(List.of("ownerid", "dryRun"));
            Fields fields = Fields.ofBody(request.body(), all);
            OwnerId owner = fields.ownerId();
            if (!owner.equals(this.owner.id())) {
                throw new Forbidden("you are not owner " + owner + ": send your own ownerid");
            }
            return fields;
        }

        boolean isDryRun(Fields fields) {
            return fields.bool("dryRun").orElse(false)
                    || request.query("dryRun").filter("true"::equals).isPresent();
        }
    }

    /** One gateway of a request: what is asked for it, or why that cannot be understood. */
    private record Item<T>(String name, Optional<T> asked, Optional<String> error) {}

    private static <T> Item<T> item(String name, Function<Eui64, T> asked) {
        try {
            return new Item<>(name, Optional.of(asked.apply(Eui64.parse(name))), Optional.empty());
        } catch (BadRequest | IllegalArgumentException e) {
            return new Item<>(name, Optional.empty(), Optional.of(String.valueOf(e.getMessage())));
        }
    }

    /**
     * The gateways of a request, single or bulk; each is an object that has a gateway field and
     * those known, or just its name.
     */
    private static <T> List<Item<T>> items(
            Call call,
            Fields fields,
            Set<String> known,
            boolean plain,
            BiFunction<Eui64, Fields, T> asked) {
        if (fields.has(call.one()) == fields.has(call.many())) {
            throw new BadRequest("send either '" + call.one() + "' or '" + call.many() + "'");
        }
        if (fields.has(call.one())) {
            return List.of(item(fields.requiredText(call.one()), eui -> asked.apply(eui, fields)));
        }
        List<JsonNode> nodes = fields.list(call.many()).orElse(List.of());
        Set<String> all = new HashSet<>(known);
        all.add(call.one());
        List<Item<T>> items = new ArrayList<>(nodes.size());
        for (int i = 0; i < nodes.size(); i++) {
            JsonNode node = nodes.get(i);
            if (plain && node.isString()) {
                items.add(item(node.stringValue(), eui -> asked.apply(eui, fields)));
            } else {
                Fields own = Fields.of(node, call.many() + "[" + i + "]", all);
                items.add(item(own.requiredText(call.one()), eui -> asked.apply(eui, own)));
            }
        }
        return items;
    }

    private Response claim(Call call) {
        Fields fields = call.fields(Set.of(call.one(), call.many(), "claim"));
        List<Item<Claims.Claim>> items =
                items(
                        call,
                        fields,
                        Set.of("claim"),
                        false,
                        (eui, own) -> new Claims.Claim(eui, own.requiredText("claim")));
        boolean dryRun = call.isDryRun(fields);
        return perGateway(
                call,
                dryRun,
                items,
                claims -> server.claims().claim(call.owner(), call.owner().id(), claims, dryRun));
    }

    private Response setup(Call call) {
        Set<String> known = new HashSet<>(SETUP_FIELDS);
        known.addAll(List.of(call.one(), call.many()));
        Fields fields = call.fields(known);
        SetupChange common = fields.has(call.many()) ? setupChange(fields) : SetupChange.NONE;
        List<Item<Setups.Setup>> items =
                items(
                        call,
                        fields,
                        SETUP_FIELDS,
                        true,
                        (eui, own) ->
                                new Setups.Setup(
                                        eui,
                                        own == fields && fields.has(call.many())
                                                ? common
                                                : setupChange(own).or(common)));
        boolean dryRun = call.isDryRun(fields);
        return perGateway(
                call,
                dryRun,
                items,
                setups -> server.setups().setup(call.owner(), call.owner().id(), setups, dryRun));
    }

    private static SetupChange setupChange(Fields fields) {
        return new SetupChange(
                endpointChange(fields, "cups"),
                endpointChange(fields, "lns"),
                fields.setting("fwcrc", fields::crc),
                fields.setting("fwafter", fields::time),
                fields.setting("fwunsigned", fields::bool));
    }

    private static EndpointChange endpointChange(Fields fields, String prefix) {
        return new EndpointChange(
                fields.setting(prefix + "Uri", fields::text),
                fields.setting(prefix + "Trust", fields::bytes),
                fields.setting(prefix + "Crt", fields::bytes),
                fields.setting(prefix + "Key", fields::bytes));
    }

    private Response delete(Call call) {
        Fields fields = call.fields(Set.of(call.one(), call.many()));
        List<Item<Eui64>> items = items(call, fields, Set.of(), true, (eui, _) -> eui);
        boolean dryRun = call.isDryRun(fields);
        return perGateway(
                call,
                dryRun,
                items,
                euis -> server.claims().release(call.owner(), call.owner().id(), euis, dryRun));
    }

    private Response add(Call call) {
        Fields fields = call.fields(Set.of(call.one(), call.many(), "flavorid", "token"));
        List<Item<Claims.Addition>> items =
                items(
                        call,
                        fields,
                        Set.of("flavorid", "token"),
                        false,
                        (eui, own) ->
                                new Claims.Addition(
                                        eui,
                                        own.text("flavorid").orElse(""),
                                        own.requiredText("token")));
        boolean dryRun = call.isDryRun(fields);
        return perGateway(
                call,
                dryRun,
                items,
                additions ->
                        server.claims().add(call.owner(), call.owner().id(), additions, dryRun));
    }

    /**
     * Makes the change of each gateway that was understood, and answers all in the order of the
     * request.
     */
    private <T> Response perGateway(
            Call call,
            boolean dryRun,
            List<Item<T>> items,
            Function<List<T>, Change<List<ItemResult>>> change) {
        List<T> asked = items.stream().flatMap(item -> item.asked().stream()).toList();
        Optional<String> key = idempotencyKey(call, dryRun);
        if (key.isPresent()) {
            Change<List<ItemResult>> whole = change.apply(asked);
            return json(
                    database.write(
                            idempotentAnswers.once(
                                    call.owner(),
                                    key.get(),
                                    hash(call),
                                    handle ->
                                            answer(call, items, whole.apply(handle)).toString())));
        }
        List<ItemResult> results = new ArrayList<>(asked.size());
        for (int from = 0; from < asked.size(); from += GATEWAYS_PER_CHANGE) {
            List<T> part = asked.subList(from, Math.min(asked.size(), from + GATEWAYS_PER_CHANGE));
            results.addAll(database.write(change.apply(part)));
        }
        return json(answer(call, items, results).toString());
    }

    private static <T> ArrayNode answer(Call call, List<Item<T>> items, List<ItemResult> results) {
        ArrayNode answer = Fields.JSON.createArrayNode();
        int next = 0;
        for (Item<T> item : items) {
            ObjectNode node = answer.addObject();
            if (item.asked().isEmpty()) {
                node.put(call.one(), Printable.of(item.name()))
                        .put("error", item.error().orElseThrow());
                continue;
            }
            ItemResult result = results.get(next++);
            node.put(call.one(), result.gateway().id6());
            result.error().ifPresent(error -> node.put("error", error));
            result.notice().ifPresent(notice -> node.put("notice", notice));
        }
        return answer;
    }

    private Response info(Call call) {
        Fields fields = call.fields(Set.of(call.one(), call.many()));
        List<Item<Eui64>> items = items(call, fields, Set.of(), true, (eui, _) -> eui);
        if (items.size() > MOST_INFO) {
            throw new BadRequest(
                    items.size()
                            + " "
                            + call.many()
                            + " are too many for info: ask for at most "
                            + MOST_INFO);
        }
        Map<Eui64, GatewaySetup> setups =
                server.gateways()
                        .setups(
                                call.owner().id(),
                                items.stream().flatMap(item -> item.asked().stream()).toList());
        ArrayNode answer = Fields.JSON.createArrayNode();
        for (Item<Eui64> item : items) {
            ObjectNode node = answer.addObject();
            GatewaySetup setup = item.asked().map(setups::get).orElse(null);
            if (setup == null) {
                node.put(
                                call.one(),
                                item.asked()
                                        .map(Eui64::id6)
                                        .orElseGet(() -> Printable.of(item.name())))
                        .put(
                                "error",
                                item.error()
                                        .orElse(
                                                "the gateway is not claimed by you: claim it"
                                                        + " first"));
            } else {
                write(node, call, setup);
            }
        }
        return json(answer.toString());
    }

    private static void write(ObjectNode node, Call call, GatewaySetup setup) {
        Gateway gateway = setup.gateway();
        node.put(call.one(), gateway.eui().id6())
                .put("ownerid", call.owner().id().toString())
                .put("flavorid", gateway.flavor());
        write(node, "cups", gateway.cups(), setup.cups());
        write(node, "lns", gateway.lns(), setup.lns());
        gateway.firmware()
                .ifPresent(
                        order -> {
                            node.put("fwcrc", order.fwcrc());
                            order.after().ifPresent(after -> node.put("fwafter", time(after)));
                            order.offeredAt().ifPresent(at -> node.put("fwOffered", time(at)));
                        });
        gateway.claimedAt().ifPresent(at -> node.put("claimed", time(at)));
        gateway.setupAt().ifPresent(at -> node.put("lastSetup", time(at)));
        gateway.seen().ifPresent(seen -> write(node, seen));
    }

    private static void write(ObjectNode node, Seen seen) {
        node.put("lastSeen", time(seen.at())).put("httpStatus", 200);
        seen.station().ifPresent(station -> node.put("station", station));
        seen.model().ifPresent(model -> node.put("model", model));
        seen.packageVersion().ifPresent(version -> node.put("package", version));
        ArrayNode keys = node.putArray("keys");
        seen.keyCrcs().forEach(keys::add);
        ArrayNode why = node.putArray("why");
        seen.why()
                .forEach(
                        one ->
                                why.addObject()
                                        .put("at", time(one.at()))
                                        .put("answer", one.answer())
                                        .put("reason", one.reason())
                                        .put("times", one.times()));
    }

    private static void write(
            ObjectNode node,
            String prefix,
            Optional<Gateway.Target> target,
            Optional<CredentialFiles> files) {
        target.ifPresent(
                to -> {
                    node.put(prefix + "Uri", to.uri());
                    to.credCrc().ifPresent(crc -> node.put(prefix + "CredCrc", crc));
                });
        files.ifPresent(
                credentials -> {
                    write(node, prefix + "Trust", credentials.trust());
                    write(node, prefix + "Crt", credentials.certificate());
                    write(node, prefix + "Key", credentials.key());
                });
    }

    private static void write(ObjectNode node, String name, byte[] bytes) {
        if (bytes.length > 0) {
            node.put(name, Base64.getEncoder().encodeToString(bytes));
        }
    }

    private Response list(Call call) {
        call.fields(Set.of());
        ArrayNode answer = Fields.JSON.createArrayNode();
        server.gateways().ofOwner(call.owner().id()).forEach(eui -> answer.add(eui.id6()));
        return json(answer.toString());
    }

    private Response token(Call call) {
        Fields fields = call.fields(Set.of(call.one(), call.many(), "flavorid"));
        List<Item<Eui64>> items = items(call, fields, Set.of("flavorid"), true, (eui, _) -> eui);
        List<Claims.TokenResult> tokens =
                server.claims()
                        .tokens(
                                call.owner().id(),
                                items.stream().flatMap(item -> item.asked().stream()).toList());
        ArrayNode answer = Fields.JSON.createArrayNode();
        int next = 0;
        for (Item<Eui64> item : items) {
            ObjectNode node = answer.addObject();
            if (item.asked().isEmpty()) {
                node.put(call.one(), Printable.of(item.name()))
                        .put("error", item.error().orElseThrow());
                continue;
            }
            Claims.TokenResult token = tokens.get(next++);
            node.put(call.one(), token.gateway().id6());
            token.token().ifPresent(text -> node.put("token", text));
            token.error().ifPresent(error -> node.put("error", error));
        }
        return json(answer.toString());
    }

    private Response addFirmware(Call call) {
        Fields fields = call.fields(Set.of("firmware", "version", "fwcrc", "model"));
        boolean dryRun = call.isDryRun(fields);
        OptionalInt fwcrc = fields.crc("fwcrc").map(OptionalInt::of).orElse(OptionalInt.empty());
        byte[] firmware =
                fields.bytes("firmware").orElseThrow(() -> new BadRequest("firmware is missing"));
        return whole(
                call,
                dryRun,
                node -> fwcrc.ifPresent(crc -> node.put("fwcrc", crc)),
                () ->
                        server.firmwares()
                                .add(
                                        call.owner(),
                                        call.owner().id(),
                                        firmware,
                                        fields.requiredText("version"),
                                        fields.text("model"),
                                        fwcrc,
                                        dryRun),
                (node, crc) -> node.put("fwcrc", crc));
    }

    private Response deleteFirmware(Call call) {
        Fields fields = call.fields(Set.of("fwcrc"));
        boolean dryRun = call.isDryRun(fields);
        int fwcrc = fields.requiredCrc("fwcrc");
        return whole(
                call,
                dryRun,
                _ -> {},
                () -> server.firmwares().delete(call.owner(), call.owner().id(), fwcrc, dryRun),
                (_, _) -> {});
    }

    private Response listFirmware(Call call) {
        call.fields(Set.of());
        ArrayNode answer = Fields.JSON.createArrayNode();
        for (Firmwares.Firmware firmware : server.firmwares().list(call.owner().id())) {
            ObjectNode node =
                    answer.addObject()
                            .put("version", firmware.version())
                            .put("fwcrc", firmware.fwcrc())
                            .put("model", firmware.model().orElse(""));
            node.put("size", firmware.size()).put("added", time(firmware.createdAt()));
        }
        return json(answer.toString());
    }

    private Response addSignature(Call call) {
        Fields fields = call.fields(Set.of("fwcrc", "keycrc", "signature"));
        boolean dryRun = call.isDryRun(fields);
        int fwcrc = fields.requiredCrc("fwcrc");
        int keycrc = fields.requiredCrc("keycrc");
        byte[] signature =
                fields.bytes("signature").orElseThrow(() -> new BadRequest("signature is missing"));
        return whole(
                call,
                dryRun,
                _ -> {},
                () ->
                        server.firmwares()
                                .addSignature(
                                        call.owner(),
                                        call.owner().id(),
                                        fwcrc,
                                        keycrc,
                                        signature,
                                        dryRun),
                (node, sigcrc) -> node.put("sigcrc", sigcrc));
    }

    private Response deleteSignature(Call call) {
        Fields fields = call.fields(Set.of("sigcrc"));
        boolean dryRun = call.isDryRun(fields);
        int sigcrc = fields.requiredCrc("sigcrc");
        return whole(
                call,
                dryRun,
                _ -> {},
                () ->
                        server.firmwares()
                                .deleteSignature(call.owner(), call.owner().id(), sigcrc, dryRun),
                (_, _) -> {});
    }

    private Response listSignatures(Call call) {
        call.fields(Set.of());
        ArrayNode answer = Fields.JSON.createArrayNode();
        for (Firmwares.Signature signature : server.firmwares().signatures(call.owner().id())) {
            answer.addObject()
                    .put("sigcrc", signature.sigcrc())
                    .put("fwcrc", signature.fwcrc())
                    .put("keycrc", signature.keycrc());
        }
        return json(answer.toString());
    }

    /**
     * Makes one change that concerns no single gateway; what is wrong with it is told in the
     * answer's {@code error}.
     */
    private <T> Response whole(
            Call call,
            boolean dryRun,
            Consumer<ObjectNode> onError,
            Supplier<Change<T>> change,
            BiConsumer<ObjectNode, T> onSuccess) {
        try {
            Change<T> made = change.get();
            Change<String> answered =
                    handle -> {
                        ObjectNode node = Fields.JSON.createObjectNode();
                        onSuccess.accept(node, made.apply(handle));
                        return node.toString();
                    };
            Optional<String> key = idempotencyKey(call, dryRun);
            return json(
                    database.write(
                            key.isPresent()
                                    ? idempotentAnswers.once(
                                            call.owner(), key.get(), hash(call), answered)
                                    : answered));
        } catch (IllegalArgumentException | NotFound e) {
            return refusal(e, onError);
        }
    }

    private static Response refusal(RuntimeException e, Consumer<ObjectNode> onError) {
        ObjectNode node = Fields.JSON.createObjectNode();
        onError.accept(node);
        return json(node.put("error", String.valueOf(e.getMessage())).toString());
    }

    private static Optional<String> idempotencyKey(Call call, boolean dryRun) {
        return dryRun ? Optional.empty() : call.request().header("Idempotency-Key");
    }

    private static byte[] hash(Call call) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(
                    (call.resource() + "/" + call.verb() + "\n").getBytes(StandardCharsets.UTF_8));
            return sha256.digest(call.request().body());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Times as the older service's clients read them: UTC without a zone, microseconds. */
    private static String time(Instant instant) {
        return TIME.format(instant);
    }

    private static Response.Full json(String body) {
        return Response.of(200, "application/json; charset=utf-8", body);
    }

    private static Response.Full error(int status, String message) {
        return Response.of(
                status,
                "application/json; charset=utf-8",
                Fields.JSON.createObjectNode().put("error", message).toString());
    }
}
