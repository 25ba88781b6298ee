package dev.usher.api;

import dev.usher.accounts.AccountId;
import dev.usher.lorawan.Eui64;
import dev.usher.network.claiming.ClaimRequest;
import dev.usher.network.registry.ClaimState;
import dev.usher.network.registry.GatewayId;
import dev.usher.network.registry.GatewayServerAddress;
import dev.usher.network.registry.GatewaySettings;
import dev.usher.network.registry.NetworkGateway;
import dev.usher.station.AuthorizationHeader;
import dev.usher.station.StationUri;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** How gateways of the network stand in the REST API's JSON. */
final class NetworkGatewayJson {

    /** What can be changed, and not be taken away. */
    private static final Set<String> LASTING =
            Set.of("frequencyPlanIds", "requireAuthenticatedConnection", "enforceDutyCycle");

    /** The fields of the settings. */
    static final Set<String> SETTINGS =
            Fields.names(LASTING, "name", "description", "gatewayServerAddress", "targetCupsUri");

    /** The fields of a claim. */
    static final Set<String> CLAIM =
            Set.of(
                    "eui",
                    "authenticationCode",
                    "collaborator",
                    "targetGatewayId",
                    "targetCupsUri",
                    "targetGatewayServerAddress",
                    "targetFrequencyPlanIds");

    private static final String BEARER = "Bearer ";

    private NetworkGatewayJson() {}

    /** The settings that are, with what the fields say of them; null takes away. */
    static GatewaySettings settings(Fields fields, GatewaySettings present) {
        fields.refuseNull(LASTING);
        return new GatewaySettings(
                text(fields, "name", present.name()),
                text(fields, "description", present.description()),
                fields.texts("frequencyPlanIds").orElse(present.frequencyPlanIds()),
                parsed(
                        fields,
                        "gatewayServerAddress",
                        GatewayServerAddress::parse,
                        present.address()),
                fields.bool("requireAuthenticatedConnection")
                        .orElse(present.requireAuthenticatedConnection()),
                fields.bool("enforceDutyCycle").orElse(present.enforceDutyCycle()),
                parsed(fields, "targetCupsUri", StationUri::cups, present.targetCupsUri()));
    }

    private static String text(Fields fields, String name, String present) {
        return fields.has(name) ? fields.text(name).orElse("") : present;
    }

    private static <T> Optional<T> parsed(
            Fields fields, String name, Function<String, T> parser, Optional<T> present) {
        return fields.has(name) ? parsed(fields, name, parser) : present;
    }

    private static <T> Optional<T> parsed(Fields fields, String name, Function<String, T> parser) {
        return fields.text(name)
                .filter(text -> !text.isBlank())
                .map(text -> fields.parsed(name, text, parser));
    }

    /**
     * A key as somebody else's server gave it: {@code Bearer TOKEN}, the token alone, or a whole
     * header line; nothing takes it away.
     */
    static Optional<AuthorizationHeader> key(Fields fields, String name) {
        return parsed(fields, name, NetworkGatewayJson::header);
    }

    private static AuthorizationHeader header(String text) {
        String key = text.strip();
        if (key.contains(": ")) {
            return AuthorizationHeader.of(key);
        }
        return AuthorizationHeader.of(
                "Authorization: " + (key.indexOf(' ') < 0 ? BEARER + key : key));
    }

    static ClaimRequest claim(Fields fields) {
        return new ClaimRequest(
                fields.requiredEui("eui"),
                fields.requiredText("authenticationCode"),
                fields.parsed("collaborator", fields.requiredText("collaborator"), AccountId::new),
                fields.text("targetGatewayId")
                        .map(text -> fields.parsed("targetGatewayId", text, GATEWAY_ID)),
                parsed(fields, "targetCupsUri", StationUri::cups),
                parsed(fields, "targetGatewayServerAddress", GatewayServerAddress::parse),
                fields.texts("targetFrequencyPlanIds").orElse(List.of()));
    }

    /** An ID that nobody takes for an EUI; a path may have either. */
    static final Function<String, GatewayId> GATEWAY_ID =
            text -> {
                if (isEui(text)) {
                    throw new IllegalArgumentException(
                            "'" + text + "' is an EUI: for an ID write eui-" + text);
                }
                return new GatewayId(text);
            };

    static boolean isEui(String text) {
        return text.matches("[0-9A-Fa-f]{16}");
    }

    static GatewayId newId(Fields fields, Eui64 eui) {
        return fields.text("id")
                .map(text -> fields.parsed("id", text, GATEWAY_ID))
                .orElseGet(() -> GatewayId.ofEui(eui));
    }

    static void write(ObjectNode node, NetworkGateway gateway) {
        GatewaySettings settings = gateway.settings();
        node.put("id", gateway.id().value()).put("eui", gateway.eui().toString());
        if (!settings.name().isEmpty()) {
            node.put("name", settings.name());
        }
        if (!settings.description().isEmpty()) {
            node.put("description", settings.description());
        }
        ArrayNode plans = node.putArray("frequencyPlanIds");
        settings.frequencyPlanIds().forEach(plans::add);
        settings.address()
                .ifPresent(address -> node.put("gatewayServerAddress", address.toString()));
        settings.targetCupsUri().ifPresent(uri -> node.put("targetCupsUri", uri.toString()));
        node.put("requireAuthenticatedConnection", settings.requireAuthenticatedConnection())
                .put("enforceDutyCycle", settings.enforceDutyCycle());
        write(node, gateway.claim());
        gateway.claimableUntil().ifPresent(at -> node.put("claimableUntil", at.toString()));
        node.put("createdAt", gateway.createdAt().toString());
        writeTarget(node, gateway);
    }

    private static void write(ObjectNode node, ClaimState claim) {
        switch (claim) {
            case ClaimState.Registered() -> node.put("origin", "registered");
            case ClaimState.Claiming(String upstream, var until) ->
                    node.put("origin", "claiming")
                            .put("upstream", upstream)
                            .put("claimingUntil", until.toString());
            case ClaimState.Transferred(String upstream) ->
                    node.put("origin", "transferred").put("upstream", upstream);
            case ClaimState.Claimed(String upstream, var at) ->
                    node.put("origin", "claimed")
                            .put("upstream", upstream)
                            .put("claimedAt", at.toString());
        }
    }

    /** When it was sent elsewhere, and what became of that. */
    static void writeTarget(ObjectNode node, NetworkGateway gateway) {
        node.put("targetChangedAt", gateway.targetChangedAt().toString());
        gateway.workingAt().ifPresent(at -> node.put("workingAt", at.toString()));
        gateway.revertedAt().ifPresent(at -> node.put("revertedAt", at.toString()));
    }
}
