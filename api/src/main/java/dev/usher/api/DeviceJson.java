package dev.usher.api;

import dev.usher.backend.Octets;
import dev.usher.devices.Device;
import dev.usher.devices.DeviceChange;
import dev.usher.devices.GivenRootKeys;
import dev.usher.devices.NewDevice;
import dev.usher.keys.KeyLabel;
import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.MacVersion;
import dev.usher.lorawan.NetId;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** How devices stand in the REST API's JSON. Root keys go in only. */
final class DeviceJson {

    /** What can be changed, and not be taken away. */
    private static final Set<String> LASTING =
            Set.of(
                    "joinEui",
                    "nwkKey",
                    "appKey",
                    "kekLabel",
                    "macVersion",
                    "roamingNetIds",
                    "strict",
                    "resetsJoinNonces",
                    "lifetime");

    /** The fields of a change. */
    static final Set<String> CHANGE = Fields.names(LASTING, GivenActivation.FIELDS);

    /** The fields of a new device. */
    static final Set<String> NEW =
            Fields.names(
                    CHANGE, "devEui", "profileId", "serialNumber", "ownerToken", "wrappingKey");

    private DeviceJson() {}

    static NewDevice newDevice(Fields fields) {
        return new NewDevice(
                fields.parsed("devEui", fields.requiredText("devEui"), Eui64::parseOfDevice),
                fields.parsed("joinEui", fields.requiredText("joinEui"), Eui64::parseOfDevice),
                rootKeys(fields)
                        .orElseThrow(
                                () ->
                                        new BadRequest(
                                                "a root key is missing: give appKey, or for LoRaWAN"
                                                        + " 1.1 nwkKey and appKey")),
                macVersion(fields),
                fields.text("profileId"),
                fields.text("serialNumber"),
                fields.text("ownerToken"),
                GivenActivation.read(fields).alone(),
                roamingNetIds(fields).orElse(Set.of()),
                fields.bool("strict").orElse(false),
                fields.bool("resetsJoinNonces").orElse(false),
                fields.longCount("lifetime").orElse(0L),
                fields.text("wrappingKey")
                        .map(text -> fields.parsed("wrappingKey", text, KeyLabel::new)));
    }

    static DeviceChange change(Fields fields, Device present) {
        fields.refuseNull(LASTING);
        GivenActivation activation = GivenActivation.read(fields);
        return new DeviceChange(
                fields.text("joinEui")
                        .map(text -> fields.parsed("joinEui", text, Eui64::parseOfDevice)),
                rootKeys(fields),
                macVersion(fields),
                activation.isEmpty()
                        ? Optional.empty()
                        : Optional.of(activation.over(present.activation())),
                roamingNetIds(fields),
                fields.bool("strict"),
                fields.bool("resetsJoinNonces"),
                fields.longCount("lifetime"));
    }

    /** In clear, or with a kekLabel wrapped. */
    private static Optional<GivenRootKeys> rootKeys(Fields fields) {
        Optional<String> nwkKey = fields.text("nwkKey");
        Optional<String> appKey = fields.text("appKey");
        Optional<String> kekLabel = fields.text("kekLabel");
        if (nwkKey.isEmpty() && appKey.isEmpty()) {
            if (kekLabel.isPresent()) {
                throw new BadRequest("kekLabel goes with nwkKey, appKey or both: give them");
            }
            return Optional.empty();
        }
        return Optional.of(
                kekLabel.isPresent()
                        ? new GivenRootKeys.Wrapped(
                                kekLabel.get(),
                                nwkKey.map(text -> wrapped(fields, "nwkKey", text)),
                                appKey.map(text -> wrapped(fields, "appKey", text)))
                        : new GivenRootKeys.Plain(
                                nwkKey.map(text -> fields.parsed("nwkKey", text, AesKey::parse)),
                                appKey.map(text -> fields.parsed("appKey", text, AesKey::parse))));
    }

    private static Octets wrapped(Fields fields, String name, String text) {
        if (!text.matches("(0[xX])?[0-9A-Fa-f]{48}")) {
            throw new BadRequest(
                    name
                            + ": a wrapped root key is written as 48 hex digits, with or without"
                            + " 0x; this text of "
                            + text.length()
                            + " characters is not");
        }
        return fields.parsed(name, text, Octets::parse);
    }

    private static Optional<MacVersion> macVersion(Fields fields) {
        return fields.text("macVersion")
                .map(text -> fields.parsed("macVersion", text, MacVersion::parse));
    }

    private static Optional<Set<NetId>> roamingNetIds(Fields fields) {
        return fields.texts("roamingNetIds")
                .map(
                        texts ->
                                texts.stream()
                                        .map(
                                                text ->
                                                        fields.parsed(
                                                                "roamingNetIds",
                                                                text,
                                                                NetId::parse))
                                        .collect(Collectors.toSet()));
    }

    static void write(ObjectNode node, Device device) {
        node.put("devEui", device.devEui().toString())
                .put("joinEui", device.joinEui().toString())
                .put("maker", device.maker().toString());
        device.owner().ifPresent(owner -> node.put("owner", owner.toString()));
        device.macVersion().ifPresent(version -> node.put("macVersion", version.text()));
        device.profileId().ifPresent(id -> node.put("profileId", id));
        device.serialNumber().ifPresent(serial -> node.put("serialNumber", serial));
        node.put("hasNwkKey", device.hasNwkKey())
                .put("hasAppKey", device.hasAppKey())
                .put("claimable", device.claimable())
                .put("locked", device.locked());
        GivenActivation.write(node, device.activation());
        if (!device.roamingNetIds().isEmpty()) {
            ArrayNode netIds = node.putArray("roamingNetIds");
            device.roamingNetIds().stream().map(NetId::toString).sorted().forEach(netIds::add);
        }
        device.wrappingKey().ifPresent(label -> node.put("wrappingKey", label.value()));
        node.put("strict", device.strict())
                .put("resetsJoinNonces", device.resetsJoinNonces())
                .put("lifetime", device.lifetime())
                .put("lastJoinNonce", device.lastJoinNonce());
        device.lastDevNonce().ifPresent(nonce -> node.put("lastDevNonce", nonce));
        device.lastRjCount1().ifPresent(count -> node.put("lastRjCount1", count));
        node.put("createdAt", device.createdAt().toString());
        device.claimedAt().ifPresent(at -> node.put("claimedAt", at.toString()));
    }
}
