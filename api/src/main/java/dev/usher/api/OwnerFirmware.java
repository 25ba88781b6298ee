package dev.usher.api;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.IdempotentAnswers;
import dev.usher.accounts.NotFound;
import dev.usher.api.edge.Response;
import dev.usher.gateways.Firmwares;
import dev.usher.gateways.GatewayJoinServer;
import dev.usher.store.Change;
import dev.usher.store.Database;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What an owner asks of firmware and its signatures. */
final class OwnerFirmware {

    private final Database database;
    private final GatewayJoinServer server;
    private final IdempotentAnswers idempotentAnswers;

    OwnerFirmware(
            Database database, GatewayJoinServer server, IdempotentAnswers idempotentAnswers) {
        this.database = requireNonNull(database, "database");
        this.server = requireNonNull(server, "server");
        this.idempotentAnswers = requireNonNull(idempotentAnswers, "idempotentAnswers");
    }

    Response addFirmware(OwnerCall call) {
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

    Response deleteFirmware(OwnerCall call) {
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

    Response listFirmware(OwnerCall call) {
        call.fields(Set.of());
        ArrayNode answer = Fields.JSON.createArrayNode();
        for (Firmwares.Firmware firmware : server.firmwares().list(call.owner().id())) {
            ObjectNode node =
                    answer.addObject()
                            .put("version", firmware.version())
                            .put("fwcrc", firmware.fwcrc())
                            .put("model", firmware.model().orElse(""));
            node.put("size", firmware.size()).put("added", OwnerApi.time(firmware.createdAt()));
        }
        return OwnerApi.json(answer.toString());
    }

    Response addSignature(OwnerCall call) {
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

    Response deleteSignature(OwnerCall call) {
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

    Response listSignatures(OwnerCall call) {
        call.fields(Set.of());
        ArrayNode answer = Fields.JSON.createArrayNode();
        for (Firmwares.Signature signature : server.firmwares().signatures(call.owner().id())) {
            answer.addObject()
                    .put("sigcrc", signature.sigcrc())
                    .put("fwcrc", signature.fwcrc())
                    .put("keycrc", signature.keycrc());
        }
        return OwnerApi.json(answer.toString());
    }

    /**
     * Makes one change that concerns no single gateway; what is wrong with it is told in the
     * answer's {@code error}.
     */
    private <T> Response whole(
            OwnerCall call,
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
            return OwnerApi.json(
                    database.write(
                            idempotentAnswers.once(
                                    call.owner(),
                                    call.idempotencyKey(dryRun),
                                    call.hash(),
                                    answered)));
        } catch (IllegalArgumentException | NotFound e) {
            return refusal(e, onError);
        }
    }

    private static Response refusal(RuntimeException e, Consumer<ObjectNode> onError) {
        ObjectNode node = Fields.JSON.createObjectNode();
        onError.accept(node);
        return OwnerApi.json(node.put("error", String.valueOf(e.getMessage())).toString());
    }
}
