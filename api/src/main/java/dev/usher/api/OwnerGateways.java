package dev.usher.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.usher.accounts.IdempotentAnswers;
import dev.usher.api.edge.Response;
import dev.usher.gateways.Claims;
import dev.usher.gateways.EndpointChange;
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
import java.io.ByteArrayOutputStream;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What an owner asks of gateways. */
final class OwnerGateways {

    /** How many gateways of a request are written with one commit, so that others get theirs. */
    private static final int GATEWAYS_PER_CHANGE = 1000;

    private static final int MOST_INFO = 128;
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
    private final IdempotentAnswers idempotentAnswers;

    OwnerGateways(
            Database database, GatewayJoinServer server, IdempotentAnswers idempotentAnswers) {
        this.database = requireNonNull(database, "database");
        this.server = requireNonNull(server, "server");
        this.idempotentAnswers = requireNonNull(idempotentAnswers, "idempotentAnswers");
    }

    Response claim(OwnerCall call) {
        Fields fields = call.fields(Set.of(call.one(), call.many(), "claim"));
        List<OwnerItem<Claims.Claim>> items =
                OwnerItem.items(
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

    Response setup(OwnerCall call) {
        Set<String> known = new HashSet<>(SETUP_FIELDS);
        known.addAll(List.of(call.one(), call.many()));
        Fields fields = call.fields(known);
        SetupChange common = fields.has(call.many()) ? setupChange(fields) : SetupChange.NONE;
        List<OwnerItem<Setups.Setup>> items =
                OwnerItem.items(
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

    Response delete(OwnerCall call) {
        Fields fields = call.fields(Set.of(call.one(), call.many()));
        List<OwnerItem<Eui64>> items =
                OwnerItem.items(call, fields, Set.of(), true, (eui, _) -> eui);
        boolean dryRun = call.isDryRun(fields);
        return perGateway(
                call,
                dryRun,
                items,
                euis -> server.claims().release(call.owner(), call.owner().id(), euis, dryRun));
    }

    Response add(OwnerCall call) {
        Fields fields = call.fields(Set.of(call.one(), call.many(), "flavorid", "token"));
        List<OwnerItem<Claims.Addition>> items =
                OwnerItem.items(
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
            OwnerCall call,
            boolean dryRun,
            List<OwnerItem<T>> items,
            Function<List<T>, Change<List<ItemResult>>> change) {
        Optional<String> key = call.idempotencyKey(dryRun);
        byte[] hash = call.hash();
        // As bytes, because the answer to a long request is longer than the request.
        ByteArrayOutputStream answers = new ByteArrayOutputStream();
        answers.write('[');
        for (int from = 0; from < items.size(); from += GATEWAYS_PER_CHANGE) {
            List<OwnerItem<T>> part =
                    items.subList(from, Math.min(items.size(), from + GATEWAYS_PER_CHANGE));
            Change<List<ItemResult>> made =
                    change.apply(part.stream().flatMap(item -> item.asked().stream()).toList());
            Change<String> answered = handle -> answer(call, part, made.apply(handle)).toString();
            int number = from / GATEWAYS_PER_CHANGE;
            String answer =
                    database.write(
                            idempotentAnswers.onceForPart(
                                    call.owner(), key, number, hash, answered));
            if (from > 0) {
                answers.write(',');
            }
            answers.writeBytes(answer.substring(1, answer.length() - 1).getBytes(UTF_8));
        }
        answers.write(']');
        return Response.of(200, Answers.JSON_TYPE, answers.toByteArray());
    }

    private static <T> ArrayNode answer(
            OwnerCall call, List<OwnerItem<T>> items, List<ItemResult> results) {
        ArrayNode answer = Fields.JSON.createArrayNode();
        int next = 0;
        for (OwnerItem<T> item : items) {
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

    Response info(OwnerCall call) {
        Fields fields = call.fields(Set.of(call.one(), call.many()));
        List<OwnerItem<Eui64>> items =
                OwnerItem.items(call, fields, Set.of(), true, (eui, _) -> eui);
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
        for (OwnerItem<Eui64> item : items) {
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
        return OwnerApi.json(answer.toString());
    }

    private static void write(ObjectNode node, OwnerCall call, GatewaySetup setup) {
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
                            order.after()
                                    .ifPresent(after -> node.put("fwafter", OwnerApi.time(after)));
                            order.offeredAt()
                                    .ifPresent(at -> node.put("fwOffered", OwnerApi.time(at)));
                        });
        gateway.claimedAt().ifPresent(at -> node.put("claimed", OwnerApi.time(at)));
        gateway.setupAt().ifPresent(at -> node.put("lastSetup", OwnerApi.time(at)));
        gateway.seen().ifPresent(seen -> write(node, seen));
    }

    private static void write(ObjectNode node, Seen seen) {
        node.put("lastSeen", OwnerApi.time(seen.at())).put("httpStatus", 200);
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
                                        .put("at", OwnerApi.time(one.at()))
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

    Response list(OwnerCall call) {
        call.fields(Set.of());
        ArrayNode answer = Fields.JSON.createArrayNode();
        server.gateways().ofOwner(call.owner().id()).forEach(eui -> answer.add(eui.id6()));
        return OwnerApi.json(answer.toString());
    }

    Response token(OwnerCall call) {
        Fields fields = call.fields(Set.of(call.one(), call.many(), "flavorid"));
        List<OwnerItem<Eui64>> items =
                OwnerItem.items(call, fields, Set.of("flavorid"), true, (eui, _) -> eui);
        List<Claims.TokenResult> tokens =
                server.claims()
                        .tokens(
                                call.owner().id(),
                                items.stream().flatMap(item -> item.asked().stream()).toList());
        ArrayNode answer = Fields.JSON.createArrayNode();
        int next = 0;
        for (OwnerItem<Eui64> item : items) {
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
        return OwnerApi.json(answer.toString());
    }
}
