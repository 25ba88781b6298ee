package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The Owner API of a Gateway Join Server, Usher's or another one, as one owner uses it: {@code POST
 * /api/v1/gateway/…}, {@code /firmware/…} and {@code /signature/…}. Older servers say {@code
 * router} where newer ones say {@code gateway}; here it is always {@code gateway}.
 */
final class OwnerApi {

    private static final String GATEWAY = "gateway";

    /** The calls whose bulk form is an array of names. */
    private static final Set<String> TAKE_NAMES = Set.of("delete", "info");

    private final RemoteServer server;
    private final String ownerId;
    private final String word;

    /**
     * @param word {@code gateway} or {@code router}
     */
    OwnerApi(RemoteServer server, String ownerId, String word) {
        this.server = requireNonNull(server, "server");
        this.ownerId = requireNonNull(ownerId, "ownerId");
        this.word = requireNonNull(word, "word");
    }

    /**
     * Asks {@code info} or {@code token} of some gateways.
     *
     * @param common what the gateways have in common
     * @param gateways one object each, its name in the field gateway
     * @return one result for each gateway, in their order
     */
    JsonNode ask(String call, ObjectNode common, ArrayNode gateways) {
        return spoken(server.post(path(call), body(call, common, gateways, false)));
    }

    /**
     * Makes a change, {@code claim, setup, delete} or {@code add}, to some gateways.
     *
     * @param salt the same salt and content make the same change at most once
     */
    JsonNode change(
            String call, ObjectNode common, ArrayNode gateways, boolean dryRun, String salt) {
        ObjectNode body = body(call, common, gateways, dryRun);
        return spoken(
                dryRun
                        ? server.post(path(call), body)
                        : server.post(
                                path(call), body, server.idempotencyKey(path(call) + salt, body)));
    }

    private String path(String call) {
        return "/api/v1/" + word + "/" + call;
    }

    private ObjectNode body(String call, ObjectNode common, ArrayNode gateways, boolean dryRun) {
        ObjectNode body = body(dryRun);
        body.setAll(common);
        if (gateways.size() == 1) {
            body.setAll((ObjectNode) gateways.get(0));
        } else {
            body.set("gateways", TAKE_NAMES.contains(call) ? names(gateways) : gateways);
        }
        return spelled(body);
    }

    /** All there is of {@code gateway} (the ID6 of each), {@code firmware} or {@code signature}. */
    List<JsonNode> list(String resource) {
        String path = resource.equals(GATEWAY) ? path("list") : "/api/v1/" + resource + "/list";
        return List.copyOf(succeeded(server.post(path, body(false))).values());
    }

    /** Calls {@code add} or {@code delete} of {@code firmware} or {@code signature}. */
    JsonNode call(String resource, String call, ObjectNode fields, Change change) {
        ObjectNode body = body(change.isDryRun());
        body.setAll(fields);
        String path = "/api/v1/" + resource + "/" + call;
        return succeeded(
                change.isDryRun()
                        ? server.post(path, body)
                        : server.post(path, body, change.key()));
    }

    private static JsonNode succeeded(JsonNode answer) {
        String error = Json.text(answer, "error");
        if (!error.isEmpty()) {
            throw new Failure(Terminal.visible(error).replaceFirst("\\.$", "") + ".");
        }
        return answer;
    }

    private ObjectNode body(boolean dryRun) {
        ObjectNode body = Json.object().put("ownerid", ownerId);
        return dryRun ? body.put("dryRun", true) : body;
    }

    private static ArrayNode names(ArrayNode gateways) {
        ArrayNode names = Json.array();
        gateways.forEach(gateway -> names.add(Json.text(gateway, GATEWAY)));
        return names;
    }

    /** In the server's words. */
    private ObjectNode spelled(ObjectNode body) {
        if (!word.equals(GATEWAY)) {
            rename(body, GATEWAY + "s", word + "s");
            rename(body, GATEWAY, word);
            body.path(word + "s").forEach(gateway -> rename(gateway, GATEWAY, word));
        }
        return body;
    }

    /** In our words. */
    private JsonNode spoken(JsonNode answer) {
        succeeded(answer).forEach(result -> rename(result, word, GATEWAY));
        return answer;
    }

    private static void rename(JsonNode node, String from, String to) {
        if (node instanceof ObjectNode object && !from.equals(to)) {
            Optional.ofNullable(object.remove(from)).ifPresent(value -> object.set(to, value));
        }
    }
}
