package dev.usher.api;

import static dev.usher.api.RestApi.administrator;
import static java.util.Objects.requireNonNull;

import dev.usher.accounts.AuditEvent;
import dev.usher.accounts.Conflict;
import dev.usher.accounts.Principal;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.devices.Devices;
import dev.usher.keys.KeyLabel;
import dev.usher.keys.TransportKey;
import dev.usher.keys.Vault;
import dev.usher.keys.VaultKeys;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The server's vault in the REST API: what the twin ceremony of docs/keys.md needs, for batch root
 * keys and for the keys that root keys of devices are wrapped under. Usher's own keys open
 * everything in the database, so they travel only by the hands of whom the vault itself lets in.
 */
final class VaultRoutes {

    private static final String VAULT = "/api/v1/vault";
    private static final String TRANSPORT_KEKS = VAULT + "/transport-keks";
    private static final int MOST_REWRAPPED = 1000;

    private final RestApi.Services services;
    private final Vault vault;
    private final Kind rootKeys;
    private final Kind wrappingKeys;
    private final Changes changes;

    /**
     * The keys of one kind.
     *
     * @param event what is done to one is called in the audit log
     * @param requireUnused fails if something would be lost with a key
     */
    private record Kind(
            String path, String event, VaultKeys keys, Consumer<KeyLabel> requireUnused) {}

    VaultRoutes(RestApi.Services services, Changes changes) {
        this.services = requireNonNull(services, "services");
        this.vault = services.vault();
        this.rootKeys = new Kind(VAULT + "/keys", "vault.key.", vault, this::requireNoBatch);
        this.wrappingKeys =
                new Kind(
                        VAULT + "/wrapping-keys",
                        "vault.wrapping-key.",
                        vault.wrappingKeys(),
                        this::requireNoDevice);
        this.changes = requireNonNull(changes, "changes");
    }

    void addTo(Routes<Principal> routes) {
        routes.add("GET", VAULT, administrator(this::show));
        for (Kind kind : List.of(rootKeys, wrappingKeys)) {
            String one = kind.path() + "/{label}";
            routes.add(
                            "POST",
                            kind.path(),
                            administrator((caller, request, _) -> create(kind, caller, request)))
                    .add(
                            "DELETE",
                            one,
                            administrator(
                                    (caller, request, path) ->
                                            delete(kind, caller, request, existingLabel(path))))
                    .add(
                            "POST",
                            one + "/export",
                            administrator(
                                    (caller, request, path) ->
                                            export(kind, caller, request, existingLabel(path))))
                    .add(
                            "POST",
                            one + "/forbid-export",
                            administrator(
                                    (caller, request, path) ->
                                            forbidExport(
                                                    kind, caller, request, existingLabel(path))));
        }
        routes.add("POST", wrappingKeys.path() + "/{label}/rewrap", administrator(this::rewrap))
                .add("POST", TRANSPORT_KEKS, administrator(this::importTransportKek))
                .add(
                        "DELETE",
                        TRANSPORT_KEKS + "/{label}",
                        administrator(this::deleteTransportKek));
    }

    /** The label of a key to be made. */
    static KeyLabel newLabel(String text) {
        KeyLabel label = new KeyLabel(text);
        if (label.isReserved()) {
            throw new BadRequest(
                    "the key label '" + label + "' is Usher's own: choose another one");
        }
        return label;
    }

    private static KeyLabel existingLabel(Routes.Variables path) {
        KeyLabel label = new KeyLabel(path.get("label"));
        if (label.isReserved()) {
            throw new BadRequest(
                    "key '"
                            + label
                            + "' is Usher's own and does not leave by the network: open the vault"
                            + " itself, where it is");
        }
        return label;
    }

    private Response show(Principal caller, Request request, Routes.Variables path) {
        TransportKey transportKey = vault.transportKey();
        return Answers.json(
                200,
                node -> {
                    node.put("type", services.vaultType())
                            .put("transportKey", transportKey.pem())
                            .put("fingerprint", transportKey.fingerprint());
                    ArrayNode labels = node.putArray("labels");
                    vault.labels().forEach(label -> labels.add(label.value()));
                    writeCheckValues(node.putObject("checkValues"), vault);
                    writeCheckValues(node.putObject("wrappingKeys"), vault.wrappingKeys());
                    ArrayNode keks = node.putArray("transportKeks");
                    vault.wrappingKeys().transportKeks().forEach(kek -> keks.add(kek.value()));
                });
    }

    private static void writeCheckValues(ObjectNode node, VaultKeys keys) {
        keys.labels().forEach(label -> node.put(label.value(), keys.checkValue(label)));
    }

    /** Makes a key, or takes one that was wrapped for this vault. */
    private Response create(Kind kind, Principal caller, Request request) {
        Fields fields = Fields.ofBody(request.body(), Set.of("label", "wrappedKey", "dryRun"));
        KeyLabel label = newLabel(fields.requiredText("label"));
        Optional<byte[]> wrapped = fields.bytes("wrappedKey");
        return changes.makeAfter(
                () ->
                        wrapped.ifPresentOrElse(
                                bytes -> kind.keys().importWrapped(label, bytes),
                                () -> kind.keys().create(label)),
                caller,
                request,
                fields,
                201,
                changes.recorded(
                        event(kind, caller, wrapped.isPresent() ? "import" : "create", label)),
                (node, _) -> write(node, kind, label));
    }

    /** Wraps a root key for the vault whose transport key is in the request. */
    Response export(Principal caller, Request request, KeyLabel label) {
        return export(rootKeys, caller, request, label);
    }

    private Response export(Kind kind, Principal caller, Request request, KeyLabel label) {
        Fields fields = Fields.ofBody(request.body(), Set.of("transportKey"));
        TransportKey twin =
                fields.parsed(
                        "transportKey", fields.requiredText("transportKey"), TransportKey::parse);
        byte[] wrapped = kind.keys().exportWrapped(label, twin);
        services.database()
                .write(
                        changes.recorded(
                                event(
                                        caller,
                                        kind.event() + "export",
                                        label,
                                        Map.of("transportKey", twin.fingerprint()))));
        return Answers.json(
                200,
                node -> {
                    write(node, kind, label);
                    node.put("fingerprint", twin.fingerprint())
                            .put("wrappedKey", Base64.getEncoder().encodeToString(wrapped));
                });
    }

    private Response forbidExport(Kind kind, Principal caller, Request request, KeyLabel label) {
        Fields fields = Fields.ofBody(request.body(), Set.of("dryRun"));
        return changes.makeAfter(
                () -> kind.keys().forbidExport(label),
                caller,
                request,
                fields,
                200,
                changes.recorded(event(kind, caller, "forbid-export", label)),
                (node, _) -> write(node, kind, label));
    }

    private Response delete(Kind kind, Principal caller, Request request, KeyLabel label) {
        kind.requireUnused().accept(label);
        if (!Changes.isDryRun(request)) {
            kind.keys().delete(label);
        }
        return changes.delete(
                caller, request, changes.recorded(event(kind, caller, "delete", label)));
    }

    private void requireNoBatch(KeyLabel label) {
        services.gateways().batches().list().stream()
                .filter(batch -> batch.keyLabel().equals(label))
                .findFirst()
                .ifPresent(
                        batch -> {
                            throw new Conflict(
                                    "batch "
                                            + batch.name()
                                            + " is derived from key '"
                                            + label
                                            + "': delete the batch first");
                        });
    }

    private void requireNoDevice(KeyLabel label) {
        services.joinServer()
                .devices()
                .anyUnder(label)
                .ifPresent(
                        devEui -> {
                            throw new Conflict(
                                    "the root keys of device "
                                            + devEui
                                            + " are under wrapping key '"
                                            + label
                                            + "': rewrap them under another one first");
                        });
    }

    /** Wraps root keys of devices under this key, some at a time: go on after the last one. */
    private Response rewrap(Principal caller, Request request, Routes.Variables path) {
        Fields fields = Fields.ofBody(request.body(), Set.of("after"));
        Devices.Rewrapped some =
                services.joinServer()
                        .devices()
                        .rewrap(caller, existingLabel(path), fields.eui("after"), MOST_REWRAPPED);
        return Answers.json(
                200,
                node -> {
                    node.put("rewrapped", some.rewrapped());
                    some.last().ifPresent(last -> node.put("after", last.toString()));
                });
    }

    private Response importTransportKek(Principal caller, Request request, Routes.Variables path) {
        Fields fields = Fields.ofBody(request.body(), Set.of("label", "wrappedKey", "dryRun"));
        KeyLabel label = newLabel(fields.requiredText("label"));
        fields.requiredText("wrappedKey");
        byte[] wrapped = fields.bytes("wrappedKey").orElseThrow();
        return changes.makeAfter(
                () -> vault.wrappingKeys().importTransportKek(label, wrapped),
                caller,
                request,
                fields,
                201,
                changes.recorded(event(caller, "vault.transport-kek.import", label, Map.of())),
                (node, _) -> node.put("label", label.value()));
    }

    private Response deleteTransportKek(Principal caller, Request request, Routes.Variables path) {
        KeyLabel label = existingLabel(path);
        if (!Changes.isDryRun(request)) {
            vault.wrappingKeys().deleteTransportKek(label);
        }
        return changes.delete(
                caller,
                request,
                changes.recorded(event(caller, "vault.transport-kek.delete", label, Map.of())));
    }

    private static void write(ObjectNode node, Kind kind, KeyLabel label) {
        node.put("label", label.value()).put("checkValue", kind.keys().checkValue(label));
    }

    private static AuditEvent event(Kind kind, Principal caller, String action, KeyLabel label) {
        return event(caller, kind.event() + action, label, Map.of());
    }

    private static AuditEvent event(
            Principal caller, String action, KeyLabel label, Map<String, String> detail) {
        return new AuditEvent(caller, action, label.value(), Optional.empty(), detail);
    }
}
