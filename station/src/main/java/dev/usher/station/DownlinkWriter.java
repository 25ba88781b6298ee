package dev.usher.station;

import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.ReceiveWindow;
import java.time.Instant;
import tools.jackson.core.JsonGenerator;

/** Makes the JSON of {@link LnsDownlink}s. */
final class DownlinkWriter {

    private static final int CLASS_A = 0;
    private static final int CLASS_B = 1;
    private static final int CLASS_C = 2;

    private final JsonGenerator json;
    private final Instant now;

    private DownlinkWriter(JsonGenerator json, Instant now) {
        this.json = json;
        this.now = now;
    }

    static String write(LnsDownlink message, Instant now) {
        return Json.write(json -> new DownlinkWriter(json, now).fields(message));
    }

    private void fields(LnsDownlink message) {
        switch (message) {
            case RouterConfig config -> {
                config.writeTo(json);
                muxTime();
            }
            case LnsDownlink.Frame frame -> frame(frame);
            case LnsDownlink.Schedule schedule -> schedule(schedule);
            case LnsDownlink.TimeSyncAnswer(long txTime, long gpsTime) -> {
                msgType("timesync");
                json.writeNumberProperty("txtime", txTime);
                json.writeNumberProperty("gpstime", gpsTime);
                muxTime();
            }
            case LnsDownlink.GpsTime(long xtime, long gpsTime) -> {
                msgType("timesync");
                json.writeNumberProperty("xtime", xtime);
                json.writeNumberProperty("gpstime", gpsTime);
                muxTime();
            }
            case LnsDownlink.TimeTransfer _ -> {
                msgType("timesync");
                muxTime();
            }
            case LnsDownlink.RunCommand command -> {
                msgType("runcmd");
                json.writeStringProperty("command", command.command());
                json.writeArrayPropertyStart("arguments");
                command.arguments().forEach(json::writeString);
                json.writeEndArray();
            }
            case LnsDownlink.StartShell(int session, String user, String term) -> {
                msgType("rmtsh");
                json.writeStringProperty("user", user);
                json.writeStringProperty("term", term);
                json.writeNumberProperty("start", session);
            }
            case LnsDownlink.StopShell(int session) -> {
                msgType("rmtsh");
                json.writeNumberProperty("stop", session);
            }
            case LnsDownlink.Notice(String error) -> {
                msgType("error");
                json.writeStringProperty("error", error);
            }
            case LnsDownlink.Other(String msgType) -> msgType(msgType);
        }
    }

    private void frame(LnsDownlink.Frame frame) {
        msgType("dnmsg");
        json.writeStringProperty("DevEui", UplinkWriter.dashed(reported(frame.devEui())));
        json.writeNumberProperty(
                "dC",
                switch (frame) {
                    case LnsDownlink.ClassA _ -> CLASS_A;
                    case LnsDownlink.ClassB _ -> CLASS_B;
                    case LnsDownlink.ClassC _ -> CLASS_C;
                });
        json.writeNumberProperty("diid", frame.diid());
        Json.octets(json, "pdu", frame.pdu());
        switch (frame) {
            case LnsDownlink.ClassA a -> {
                json.writeNumberProperty("RxDelay", a.rxDelay());
                a.rx1().ifPresent(window -> window("RX1", window));
                a.rx2().ifPresent(window -> window("RX2", window));
                json.writeNumberProperty("xtime", a.xtime());
            }
            case LnsDownlink.ClassB b -> {
                window("", b.window());
                json.writeNumberProperty("gpstime", b.gpsTime());
            }
            case LnsDownlink.ClassC c -> {
                // Not used, but station warns where it is missing.
                json.writeNumberProperty("RxDelay", 1);
                window("RX2", c.rx2());
            }
        }
        json.writeNumberProperty("rctx", frame.rctx());
        json.writeNumberProperty("priority", frame.priority());
        muxTime();
    }

    /** Station reports a frame as sent (dntxed) only if the DevEUI is not 0. */
    private static Eui64 reported(Eui64 devEui) {
        return devEui.value() == 0 ? new Eui64(1) : devEui;
    }

    private void schedule(LnsDownlink.Schedule schedule) {
        msgType("dnsched");
        json.writeArrayPropertyStart("schedule");
        for (LnsDownlink.Schedule.Entry entry : schedule.entries()) {
            json.writeStartObject();
            Json.octets(json, "pdu", entry.pdu());
            window("", entry.window());
            json.writeNumberProperty("gpstime", entry.gpsTime());
            json.writeNumberProperty("rctx", entry.rctx());
            json.writeNumberProperty("priority", entry.priority());
            json.writeEndObject();
        }
        json.writeEndArray();
        muxTime();
    }

    private void window(String which, ReceiveWindow window) {
        json.writeNumberProperty(which + "DR", window.dataRate());
        json.writeNumberProperty(which + "Freq", window.frequency());
    }

    private void msgType(String msgType) {
        json.writeStringProperty("msgtype", msgType);
    }

    private void muxTime() {
        Json.time(json, "MuxTime", now);
    }
}
