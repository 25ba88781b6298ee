package dev.usher.api;

import dev.usher.devices.ActivationChange;
import dev.usher.devices.ActivationSettings;
import dev.usher.devices.ActivationSettings.AsKek;
import dev.usher.devices.ActivationView;
import dev.usher.gateways.Setting;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.Kek;
import dev.usher.lorawan.NetId;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.databind.node.ObjectNode;

/** The activation settings that a request names; in a change, null takes one away. */
record GivenActivation(
        Setting<NetId> homeNetId,
        Setting<Eui64> homeNsId,
        Setting<String> asId,
        Setting<AsKek> asKek,
        Setting<Boolean> appSKeyInClear) {

    static final Set<String> FIELDS =
            Set.of("homeNetId", "homeNsId", "asId", "asKekLabel", "asKek", "appSKeyInClear");

    static GivenActivation read(Fields fields) {
        return new GivenActivation(
                parsed(fields, "homeNetId", NetId::parse),
                parsed(fields, "homeNsId", Eui64::parseOfDevice),
                fields.setting("asId", fields::text),
                asKek(fields),
                fields.setting("appSKeyInClear", fields::bool));
    }

    private static <T> Setting<T> parsed(Fields fields, String name, Function<String, T> parser) {
        return fields.setting(
                name, field -> fields.text(field).map(text -> fields.parsed(field, text, parser)));
    }

    private static Setting<AsKek> asKek(Fields fields) {
        Setting<Kek> kek = parsed(fields, "asKek", Kek::parse);
        Optional<String> label = fields.text("asKekLabel");
        if (kek.value().isPresent() != label.isPresent()) {
            throw new BadRequest("asKekLabel and asKek go together: give both");
        }
        return new Setting<>(
                kek.given(), kek.value().map(key -> new AsKek(label.orElseThrow(), key)));
    }

    boolean isEmpty() {
        return !(homeNetId.given()
                || homeNsId.given()
                || asId.given()
                || asKek.given()
                || appSKeyInClear.given());
    }

    /** These, and nothing else. */
    ActivationSettings alone() {
        return new ActivationSettings(
                homeNetId.value(),
                homeNsId.value(),
                asId.value(),
                asKek.value(),
                appSKeyInClear.value());
    }

    /** These where they are given, else those that are there. */
    ActivationChange over(ActivationView present) {
        Optional<NetId> netId = homeNetId.over(present.homeNetId());
        // An NSID means nothing in another network than its own.
        Optional<Eui64> nsId =
                netId.equals(present.homeNetId())
                        ? homeNsId.over(present.homeNsId())
                        : homeNsId.value();
        ActivationSettings settings =
                new ActivationSettings(
                        netId,
                        nsId,
                        asId.over(present.asId()),
                        asKek.value(),
                        appSKeyInClear.over(present.appSKeyInClear()));
        return asKek.given()
                ? ActivationChange.to(settings)
                : ActivationChange.keepingAsKek(settings);
    }

    static void write(ObjectNode node, ActivationView activation) {
        activation.homeNetId().ifPresent(netId -> node.put("homeNetId", netId.toString()));
        activation.homeNsId().ifPresent(nsId -> node.put("homeNsId", nsId.toString()));
        activation.asId().ifPresent(asId -> node.put("asId", asId));
        activation.asKekLabel().ifPresent(label -> node.put("asKekLabel", label));
        activation.appSKeyInClear().ifPresent(inClear -> node.put("appSKeyInClear", inClear));
    }
}
