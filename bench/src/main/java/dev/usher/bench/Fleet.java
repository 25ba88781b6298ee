package dev.usher.bench;

import dev.usher.devices.ActivationSettings;
import dev.usher.devices.GivenRootKeys;
import dev.usher.devices.NewDevice;
import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.JoinCryptography;
import dev.usher.lorawan.MacVersion;
import dev.usher.lorawan.NetId;
import dev.usher.lorawan.RootKeys;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * LoRaWAN 1.0.3 devices, each with its own root key, and what their Network Server asks for them.
 * Server and load know them by their number alone.
 */
record Fleet(int devices) {

    static final Eui64 JOIN_EUI = Eui64.parse("70B3D57ED0000000");
    static final NetId NET_ID = NetId.parse("000013");
    static final String AS_ID = "as.example.com";
    static final String TOKEN = "token-of-the-network-server";

    private static final long FIRST_DEV_EUI = 0x70B3_D57E_D100_0000L;

    /** A prime: devices ask in an order that leads from one end of the table to the other. */
    private static final long STRIDE = 514_229;

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private static final ActivationSettings AT_HOME =
            new ActivationSettings(
                    Optional.of(NET_ID),
                    Optional.empty(),
                    Optional.of(AS_ID),
                    Optional.empty(),
                    Optional.empty());

    Stream<NewDevice> asProvisioned() {
        return IntStream.range(0, devices).mapToObj(Fleet::device);
    }

    private static NewDevice device(int number) {
        Eui64 devEui = devEui(number);
        return new NewDevice(
                devEui,
                JOIN_EUI,
                GivenRootKeys.Plain.r1_0(appKey(devEui)),
                Optional.of(MacVersion.V1_0_3),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                AT_HOME,
                Set.of(),
                false,
                false,
                0);
    }

    static Eui64 devEui(int number) {
        return new Eui64(FIRST_DEV_EUI + number);
    }

    static AesKey appKey(Eui64 devEui) {
        return AesKey.of(
                ByteBuffer.allocate(16).putLong(devEui.value()).putLong(~devEui.value()).array());
    }

    /**
     * The join that is asked for as number {@code ordinal}, as it goes over the wire: each device
     * in its turn, with a DevNonce it has not used before.
     */
    byte[] request(long ordinal) {
        Eui64 devEui = devEui((int) (ordinal * STRIDE % devices));
        int devNonce = (int) (ordinal / devices);
        byte[] frame =
                JoinCryptography.request(RootKeys.r1_0(appKey(devEui)), JOIN_EUI, devEui, devNonce)
                        .phyPayload();
        String body =
                "{\"ProtocolVersion\":\"1.0\",\"SenderID\":\""
                        + NET_ID
                        + "\",\"ReceiverID\":\""
                        + JOIN_EUI
                        + "\",\"TransactionID\":"
                        + (ordinal & 0x7FFF_FFFF)
                        + ",\"MessageType\":\"JoinReq\",\"MACVersion\":\"1.0.3\",\"PHYPayload\":\""
                        + HEX.formatHex(frame)
                        + "\",\"DevEUI\":\""
                        + devEui
                        + "\",\"DevAddr\":\"26011234\",\"DLSettings\":\"00\",\"RxDelay\":1}";
        return ("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + "Authorization: Bearer "
                        + TOKEN
                        + "\r\nContent-Length: "
                        + body.length()
                        + "\r\n\r\n"
                        + body)
                .getBytes(StandardCharsets.US_ASCII);
    }
}
