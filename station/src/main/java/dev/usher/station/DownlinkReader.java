package dev.usher.station;

import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.Printable;
import dev.usher.lorawan.ReceiveWindow;
import java.util.Optional;

/** Makes {@link LnsDownlink}s of their JSON, as much of it as a gateway without radio needs. */
final class DownlinkReader {

    private final JsonObject json;

    private DownlinkReader(JsonObject json) {
        this.json = json;
    }

    static LnsDownlink read(String text) {
        JsonObject json = JsonObject.parse(text);
        DownlinkReader reader = new DownlinkReader(json);
        String msgType = json.requireText("msgtype");
        try {
            return switch (msgType) {
                case "dnmsg" -> reader.frame();
                case "timesync" -> reader.timeSync();
                case "runcmd" ->
                        new LnsDownlink.RunCommand(
                                json.requireText("command"), json.texts("arguments"));
                case "error" -> new LnsDownlink.Notice(json.requireText("error"));
                default -> new LnsDownlink.Other(msgType);
            };
        } catch (MalformedMessageException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new MalformedMessageException(
                    "message of type '%s': %s".formatted(Printable.of(msgType), e.getMessage()), e);
        }
    }

    private LnsDownlink timeSync() {
        long gpsTime = any("gpstime");
        if (json.has("xtime")) {
            return new LnsDownlink.GpsTime(any("xtime"), gpsTime);
        }
        return json.has("txtime")
                ? new LnsDownlink.TimeSyncAnswer(any("txtime"), gpsTime)
                : new LnsDownlink.TimeTransfer();
    }

    private LnsDownlink.Frame frame() {
        long diid = json.requireNumber("diid", Long.MIN_VALUE, Long.MAX_VALUE);
        Eui64 devEui = json.requireEui("DevEui");
        byte[] pdu = json.requireOctets("pdu");
        int priority = (int) json.number("priority", 0, 255, 0);
        long rctx = any("rctx");
        return switch (json.requireInt("dC", 0, 2)) {
            case 0 ->
                    new LnsDownlink.ClassA(
                            diid,
                            devEui,
                            pdu,
                            (int) Math.max(1, json.number("RxDelay", 0, 15, 1)),
                            window("RX1"),
                            window("RX2"),
                            any("xtime"),
                            rctx,
                            priority);
            case 1 ->
                    new LnsDownlink.ClassB(
                            diid, devEui, pdu, requireWindow(""), any("gpstime"), rctx, priority);
            default ->
                    new LnsDownlink.ClassC(diid, devEui, pdu, requireWindow("RX2"), rctx, priority);
        };
    }

    private Optional<ReceiveWindow> window(String which) {
        return json.has(which + "Freq") ? Optional.of(requireWindow(which)) : Optional.empty();
    }

    private ReceiveWindow requireWindow(String which) {
        return new ReceiveWindow(
                json.requireInt(which + "Freq", 1, Integer.MAX_VALUE),
                json.requireInt(which + "DR", 0, 15));
    }

    private long any(String name) {
        return json.number(name, Long.MIN_VALUE, Long.MAX_VALUE, 0);
    }
}
