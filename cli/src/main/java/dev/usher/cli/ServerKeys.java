package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import dev.usher.keys.KeyLabel;
import dev.usher.keys.TransportKey;
import java.util.Base64;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The keys of one kind in a server's vault, through its REST API. */
final class ServerKeys implements KeysOfVault {

    private static final String VAULT = "/api/v1/vault";

    private final RemoteServer server;
    private final KindOfKey kind;

    ServerKeys(RemoteServer server, KindOfKey kind) {
        this.server = requireNonNull(server, "server");
        this.kind = requireNonNull(kind, "kind");
    }

    @Override
    public ObjectNode show() {
        return object(server.get(VAULT));
    }

    @Override
    public ObjectNode create(KeyLabel label) {
        return object(server.post(path(kind), Json.object().put("label", label.value())));
    }

    @Override
    public ObjectNode exportWrapped(KeyLabel label, TransportKey twin) {
        return object(
                server.post(
                        path(label) + "/export", Json.object().put("transportKey", twin.pem())));
    }

    @Override
    public ObjectNode importWrapped(KeyLabel label, byte[] wrapped) {
        return object(
                server.post(
                        path(kind),
                        Json.object()
                                .put("label", label.value())
                                .put("wrappedKey", Base64.getEncoder().encodeToString(wrapped))));
    }

    @Override
    public ObjectNode forbidExport(KeyLabel label) {
        return object(server.post(path(label) + "/forbid-export", Json.object()));
    }

    @Override
    public void delete(KeyLabel label) {
        server.delete(path(label), new Change());
    }

    private String path(KeyLabel label) {
        return path(kind, label);
    }

    static String path(KindOfKey kind, KeyLabel label) {
        return path(kind) + "/" + RemoteServer.segment(label.value());
    }

    private static String path(KindOfKey kind) {
        return VAULT + "/" + kind.path();
    }

    private static ObjectNode object(JsonNode answer) {
        return (ObjectNode) answer;
    }
}
