package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What a device is, as options. */
final class DeviceOptions {

    private final Terminal terminal;

    @Option(
            names = "--join-eui",
            paramLabel = "EUI",
            converter = DeviceEui.class,
            description = "Its JoinEUI (AppEUI).")
    private @Nullable Eui64 joinEui;

    @Option(
            names = "--app-key",
            paramLabel = "HEX",
            description =
                    "Its AppKey: hex, @FILE, or - for the next line of stdin. Default:"
                            + " USHER_APP_KEY.")
    private @Nullable Secret appKey;

    @Option(
            names = "--nwk-key",
            paramLabel = "HEX",
            description = "Its NwkKey (LoRaWAN 1.1), likewise. Default: USHER_NWK_KEY.")
    private @Nullable Secret nwkKey;

    @Option(
            names = "--kek-label",
            paramLabel = "LABEL",
            description = "The transport KEK that its root keys are wrapped under.")
    private @Nullable String kekLabel;

    @Option(
            names = "--mac-version",
            paramLabel = "VERSION",
            description =
                    "The LoRaWAN version it is built to: how its DevNonces go, and that 1.1 does"
                            + " not activate an older one. Default: what its network says.")
    private @Nullable String macVersion;

    @Mixin private final ActivationOptions activation;

    @Option(
            names = "--roaming",
            paramLabel = "NETID[,NETID...]",
            description = "Other networks that may activate it.")
    private @Nullable String roaming;

    @Option(
            names = "--strict",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "true|false",
            description =
                    "Refuse a network that contradicts itself and, for a device of 1.1, one that"
                            + " says 1.0.")
    private @Nullable Boolean strict;

    @Option(
            names = "--resets-join-nonces",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "true|false",
            description = "Let it use nonces again: for tests only.")
    private @Nullable Boolean resetsJoinNonces;

    @Option(
            names = "--lifetime",
            paramLabel = "SECONDS",
            description = "How long its sessions last. Default: 0, without end.")
    private @Nullable Long lifetime;

    DeviceOptions(Terminal terminal) {
        this.terminal = requireNonNull(terminal, "terminal");
        this.activation = new ActivationOptions(terminal);
    }

    /** A new device's root keys may come from the environment. */
    ObjectNode ofNew() {
        return read(
                revealed(appKey).or(() -> terminal.variable("USHER_APP_KEY")),
                revealed(nwkKey).or(() -> terminal.variable("USHER_NWK_KEY")));
    }

    /** What is to be changed of a device; empty if nothing is. */
    ObjectNode ofChange() {
        return read(revealed(appKey), revealed(nwkKey));
    }

    private Optional<String> revealed(@Nullable Secret secret) {
        return Optional.ofNullable(secret).map(given -> given.reveal(terminal));
    }

    private ObjectNode read(Optional<String> app, Optional<String> nwk) {
        ObjectNode device = Json.object();
        if (joinEui != null) {
            device.put("joinEui", joinEui.toString());
        }
        app.ifPresent(key -> device.put("appKey", key));
        nwk.ifPresent(key -> device.put("nwkKey", key));
        if (kekLabel != null) {
            device.put("kekLabel", kekLabel);
        }
        if (macVersion != null) {
            device.put("macVersion", macVersion);
        }
        activation.put(device);
        if (roaming != null) {
            ArrayNode netIds = device.putArray("roamingNetIds");
            if (!roaming.isBlank()) {
                for (String netId : roaming.split(",", -1)) {
                    netIds.add(netId.strip());
                }
            }
        }
        if (strict != null) {
            device.put("strict", strict);
        }
        if (resetsJoinNonces != null) {
            device.put("resetsJoinNonces", resetsJoinNonces);
        }
        if (lifetime != null) {
            device.put("lifetime", lifetime);
        }
        return device;
    }
}
