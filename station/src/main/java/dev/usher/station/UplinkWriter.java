package dev.usher.station;

import dev.usher.lorawan.DataFrame;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.FrameFlag;
import dev.usher.lorawan.JoinRequest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.TreeSet;
import tools.jackson.core.JsonGenerator;

/** Makes the JSON of {@link LnsUplink}s, with the fields in the order of station. */
final class UplinkWriter {

    private static final int FCTRL = 5;

    private final JsonGenerator json;

    private UplinkWriter(JsonGenerator json) {
        this.json = json;
    }

    static String write(LnsUplink message) {
        return Json.write(json -> new UplinkWriter(json).fields(message));
    }

    private void fields(LnsUplink message) {
        switch (message) {
            case LnsUplink.Version version -> version(version);
            case LnsUplink.Join(JoinRequest request, Reception reception) -> {
                msgType("jreq");
                json.writeNumberProperty("MHdr", 0);
                json.writeStringProperty("JoinEui", dashed(request.joinEui()));
                json.writeStringProperty("DevEui", dashed(request.devEui()));
                json.writeNumberProperty("DevNonce", request.devNonce());
                json.writeNumberProperty("MIC", Integer.reverseBytes(request.mic()));
                reception(reception);
            }
            case LnsUplink.Data(DataFrame frame, Reception reception) -> {
                msgType("updf");
                data(frame);
                reception(reception);
            }
            case LnsUplink.Proprietary proprietary -> {
                msgType("propdf");
                Json.octets(json, "FRMPayload", proprietary.phyPayload());
                reception(proprietary.reception());
            }
            case LnsUplink.Transmitted transmitted -> transmitted(transmitted);
            case LnsUplink.TimeSync timeSync -> {
                msgType("timesync");
                json.writeNumberProperty("txtime", timeSync.txTime());
            }
            case LnsUplink.RemoteShells shells -> remoteShells(shells);
            case LnsUplink.Other other -> msgType(other.msgType());
        }
    }

    private void msgType(String msgType) {
        json.writeStringProperty("msgtype", msgType);
    }

    private void version(LnsUplink.Version version) {
        msgType("version");
        text("station", version.station());
        text("firmware", version.firmware());
        text("package", version.packageVersion());
        text("model", version.model());
        json.writeNumberProperty("protocol", version.protocol());
        json.writeStringProperty("features", String.join(" ", new TreeSet<>(version.features())));
    }

    private void text(String name, Optional<String> text) {
        text.ifPresent(present -> json.writeStringProperty(name, present));
    }

    private void data(DataFrame frame) {
        ByteBuffer bytes = ByteBuffer.wrap(frame.phyPayload()).order(ByteOrder.LITTLE_ENDIAN);
        json.writeNumberProperty("MHdr", frame.has(FrameFlag.CONFIRMED) ? 0x80 : 0x40);
        json.writeNumberProperty("DevAddr", frame.devAddr().value());
        json.writeNumberProperty("FCtrl", bytes.get(FCTRL) & 0xFF);
        json.writeNumberProperty("FCnt", frame.fCnt());
        Json.octets(json, "FOpts", frame.fOpts());
        json.writeNumberProperty("FPort", frame.fPort().orElse(-1));
        Json.octets(json, "FRMPayload", frame.frmPayload());
        json.writeNumberProperty("MIC", Integer.reverseBytes(frame.mic()));
    }

    private void reception(Reception reception) {
        Json.decimal(json, "RefTime", reception.refTime(), 6);
        json.writeNumberProperty("DR", reception.dataRate());
        json.writeNumberProperty("Freq", reception.frequency());
        json.writeObjectPropertyStart("upinfo");
        json.writeNumberProperty("rctx", reception.rctx());
        json.writeNumberProperty("xtime", reception.xtime());
        json.writeNumberProperty("gpstime", reception.gpsTime());
        json.writeNumberProperty("fts", reception.fts());
        Json.number(json, "rssi", reception.rssi());
        Json.number(json, "snr", reception.snr());
        Json.decimal(json, "rxtime", reception.rxTime(), 6);
        json.writeEndObject();
    }

    private void transmitted(LnsUplink.Transmitted transmitted) {
        msgType("dntxed");
        json.writeNumberProperty("seqno", transmitted.diid());
        json.writeNumberProperty("diid", transmitted.diid());
        json.writeStringProperty("DevEui", dashed(transmitted.devEui()));
        json.writeNumberProperty("rctx", transmitted.rctx());
        json.writeNumberProperty("xtime", transmitted.xtime());
        Json.decimal(json, "txtime", transmitted.txTime(), 6);
        json.writeNumberProperty("gpstime", transmitted.gpsTime());
    }

    private void remoteShells(LnsUplink.RemoteShells shells) {
        msgType("rmtsh");
        json.writeArrayPropertyStart("rmtsh");
        for (LnsUplink.RemoteShells.Shell shell : shells.shells()) {
            json.writeStartObject();
            json.writeStringProperty("user", shell.user());
            json.writeBooleanProperty("started", shell.started());
            json.writeNumberProperty("age", shell.age());
            json.writeNumberProperty("pid", shell.pid());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    /** {@code 00-00-00-00-00-00-00-A1}. */
    static String dashed(Eui64 eui) {
        return eui.toString().replaceAll("(..)(?=.)", "$1-");
    }
}
