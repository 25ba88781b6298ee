package dev.usher.station;

import dev.usher.lorawan.DataFrame;
import dev.usher.lorawan.Direction;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.JoinRequest;
import dev.usher.lorawan.MalformedFrameException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Makes {@link LnsUplink}s of their JSON. */
final class UplinkReader {

    private static final int NO_PORT = -1;
    private static final int WITHOUT_OPTIONS_AND_PAYLOAD = 12;

    private final JsonObject json;

    private UplinkReader(JsonObject json) {
        this.json = json;
    }

    static LnsUplink read(String text) {
        JsonObject json = JsonObject.parse(text);
        UplinkReader reader = new UplinkReader(json);
        String msgType = json.requireText("msgtype");
        return switch (msgType) {
            case "version" -> reader.version();
            case "jreq" -> reader.join();
            case "updf" -> reader.data();
            case "propdf" ->
                    new LnsUplink.Proprietary(json.requireOctets("FRMPayload"), reader.reception());
            case "dntxed" -> reader.transmitted();
            case "timesync" ->
                    new LnsUplink.TimeSync(json.requireNumber("txtime", 0, Long.MAX_VALUE));
            case "rmtsh" -> reader.remoteShells();
            default -> new LnsUplink.Other(UpdateInfoRequest.storable(msgType));
        };
    }

    private LnsUplink.Version version() {
        return new LnsUplink.Version(
                storable("station"),
                storable("firmware"),
                storable("package"),
                storable("model"),
                (int) json.number("protocol", 0, Integer.MAX_VALUE, 0),
                storable("features").map(UplinkReader::words).orElse(Set.of()));
    }

    private Optional<String> storable(String name) {
        return json.text(name).map(UpdateInfoRequest::storable);
    }

    private static Set<String> words(String text) {
        return Arrays.stream(text.split(" ", -1))
                .filter(word -> !word.isEmpty())
                .collect(Collectors.toUnmodifiableSet());
    }

    private LnsUplink.Join join() {
        if (json.requireInt("MHdr", 0, 255) != 0) {
            throw new MalformedMessageException(
                    "field 'MHdr' of a join-request is not 0 but "
                            + json.requireInt("MHdr", 0, 255));
        }
        return new LnsUplink.Join(
                new JoinRequest(
                        // The other spelling comes from a gateway told of a "JoinEUI" filter.
                        json.requireEui(json.has("JoinEUI") ? "JoinEUI" : "JoinEui"),
                        devEui(),
                        json.requireInt("DevNonce", 0, 0xFFFF),
                        Integer.reverseBytes(json.require32Bits("MIC"))),
                reception());
    }

    private Eui64 devEui() {
        return json.requireEui(json.has("DevEUI") ? "DevEUI" : "DevEui");
    }

    /** Puts the frame together again, since its MIC is over its bytes. */
    private LnsUplink.Data data() {
        int fCtrl = json.requireInt("FCtrl", 0, 255);
        byte[] fOpts = json.requireOctets("FOpts");
        int fPort = json.requireInt("FPort", NO_PORT, 255);
        byte[] frmPayload = json.requireOctets("FRMPayload");
        if (fOpts.length != (fCtrl & 0x0F)) {
            throw new MalformedMessageException(
                    "field 'FOpts' has %d bytes, and FCtrl %d announces %d"
                            .formatted(fOpts.length, fCtrl, fCtrl & 0x0F));
        }
        if (fPort == NO_PORT && frmPayload.length > 0) {
            throw new MalformedMessageException("field 'FRMPayload' has data, but FPort is -1");
        }
        int length =
                WITHOUT_OPTIONS_AND_PAYLOAD
                        + fOpts.length
                        + (fPort == NO_PORT ? 0 : 1)
                        + frmPayload.length;
        ByteBuffer frame = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        frame.put((byte) json.requireInt("MHdr", 0, 255));
        frame.putInt(json.require32Bits("DevAddr"));
        frame.put((byte) fCtrl);
        frame.putShort((short) json.requireInt("FCnt", 0, 0xFFFF));
        frame.put(fOpts);
        if (fPort != NO_PORT) {
            frame.put((byte) fPort);
        }
        frame.put(frmPayload).putInt(json.require32Bits("MIC"));
        return new LnsUplink.Data(uplink(frame.array()), reception());
    }

    private static DataFrame uplink(byte[] phyPayload) {
        DataFrame frame;
        try {
            frame = DataFrame.parse(phyPayload);
        } catch (MalformedFrameException e) {
            throw new MalformedMessageException("updf is no data frame: " + e.getMessage(), e);
        }
        if (frame.direction() != Direction.UP) {
            throw new MalformedMessageException("updf holds a downlink: " + frame);
        }
        return frame;
    }

    private Reception reception() {
        JsonObject info =
                json.object("upinfo")
                        .orElseThrow(
                                () -> new MalformedMessageException("field 'upinfo' is missing"));
        return new Reception(
                json.requireInt("DR", 0, 15),
                json.requireInt("Freq", 1, Integer.MAX_VALUE),
                info.requireNumber("rctx", Long.MIN_VALUE, Long.MAX_VALUE),
                info.requireNumber("xtime", Long.MIN_VALUE, Long.MAX_VALUE),
                info.number("gpstime", Long.MIN_VALUE, Long.MAX_VALUE, 0),
                (int) info.number("fts", -1, Integer.MAX_VALUE, -1),
                info.requireDecimal("rssi"),
                info.requireDecimal("snr"),
                info.decimal("rxtime"),
                json.decimal("RefTime"));
    }

    private LnsUplink.Transmitted transmitted() {
        return new LnsUplink.Transmitted(
                // Stations before 2.0.4 have the old name alone, later ones both.
                json.requireNumber(
                        json.has("diid") ? "diid" : "seqno", Long.MIN_VALUE, Long.MAX_VALUE),
                devEui(),
                json.number("rctx", Long.MIN_VALUE, Long.MAX_VALUE, 0),
                json.number("xtime", Long.MIN_VALUE, Long.MAX_VALUE, 0),
                json.decimal("txtime"),
                json.number("gpstime", Long.MIN_VALUE, Long.MAX_VALUE, 0));
    }

    private LnsUplink.RemoteShells remoteShells() {
        List<LnsUplink.RemoteShells.Shell> shells = new ArrayList<>();
        for (JsonObject shell : json.objects("rmtsh")) {
            shells.add(
                    new LnsUplink.RemoteShells.Shell(
                            UpdateInfoRequest.storable(shell.text("user").orElse("")),
                            shell.flag("started"),
                            (int) shell.number("age", -1, Integer.MAX_VALUE, -1),
                            (int) shell.number("pid", 0, Integer.MAX_VALUE, 0)));
        }
        return new LnsUplink.RemoteShells(shells);
    }
}
