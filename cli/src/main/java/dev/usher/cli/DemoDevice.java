package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.MacVersion;
import dev.usher.lorawan.RootKeys;
import dev.usher.server.config.UsherConfig;
import dev.usher.simulator.VirtualDevice;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * A device of the demo.
 *
 * @param name what people call it
 * @param nwkKey of a device of LoRaWAN 1.1
 * @param says what it sends, with the number of times in it
 * @param confirmed whether it wants that to be acknowledged
 */
record DemoDevice(
        String name,
        Eui64 joinEui,
        Eui64 devEui,
        MacVersion version,
        AesKey appKey,
        Optional<AesKey> nwkKey,
        String says,
        boolean confirmed) {

    /** Who makes all of them, on either node. */
    static final String MAKER = "::2";

    private static final SecureRandom RANDOM = new SecureRandom();

    DemoDevice {
        requireNonNull(name, "name");
        requireNonNull(joinEui, "joinEui");
        requireNonNull(devEui, "devEui");
        requireNonNull(version, "version");
        requireNonNull(appKey, "appKey");
        requireNonNull(nwkKey, "nwkKey");
        requireNonNull(says, "says");
    }

    /** A device with root keys that nobody else has. */
    static DemoDevice make(
            String name,
            String joinEui,
            String devEui,
            MacVersion version,
            String says,
            boolean confirmed) {
        return new DemoDevice(
                name,
                Eui64.parse(joinEui),
                Eui64.parse(devEui),
                version,
                AesKey.random(RANDOM),
                version.isR1_1() ? Optional.of(AesKey.random(RANDOM)) : Optional.empty(),
                says,
                confirmed);
    }

    VirtualDevice.Identity identity() {
        return new VirtualDevice.Identity(
                joinEui,
                devEui,
                nwkKey.map(key -> RootKeys.r1_1(key, appKey))
                        .orElseGet(() -> RootKeys.r1_0(appKey)));
    }

    /** As its maker gives it to a Join Server. */
    ObjectNode provisioned() {
        ObjectNode node =
                Json.object()
                        .put("devEui", devEui.toString())
                        .put("joinEui", joinEui.toString())
                        .put("appKey", hex(appKey))
                        .put("macVersion", version.text())
                        .put("homeNetId", UsherConfig.Network.DEFAULT.netId().toString())
                        .put("asId", UsherConfig.Network.DEFAULT.asId());
        nwkKey.ifPresent(key -> node.put("nwkKey", hex(key)));
        return node;
    }

    /** As the network takes it in. */
    ObjectNode served() {
        return Json.object()
                .put("devEui", devEui.toString())
                .put("joinEui", joinEui.toString())
                .put("macVersion", version.text())
                .put("name", name);
    }

    private static String hex(AesKey key) {
        return HexFormat.of().formatHex(key.bytes());
    }

    @Override
    public String toString() {
        return "DemoDevice[" + name + ", " + devEui + "]";
    }
}
