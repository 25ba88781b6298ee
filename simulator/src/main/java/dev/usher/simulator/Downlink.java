package dev.usher.simulator;

import dev.usher.simulator.RadioSetup.Window;
import dev.usher.station.MalformedMessageException;
import java.util.Optional;

/**
 * A frame that station is to transmit (dnmsg, {@code s2e.c:1330-1510}).
 *
 * @param deviceClass 0 for A, 1 for B, 2 for C
 * @param rxDelay seconds from the end of its uplink to RX1
 * @param xtime of the uplink; 0 if there was none
 */
record Downlink(
        int deviceClass,
        long devEui,
        long diid,
        byte[] pdu,
        int rxDelay,
        Optional<Window> rx1,
        Optional<Window> rx2,
        long xtime,
        int priority) {

    static final int CLASS_A = 0;
    static final int CLASS_B = 1;
    static final int CLASS_C = 2;

    private static final int LONGEST_PDU = 255;

    /**
     * Reads a dnmsg.
     *
     * @throws MalformedMessageException if station drops it, which it tells nobody
     */
    static Downlink read(StationJson json, RadioSetup setup) {
        int deviceClass = (int) json.wholeWithin("dC", 0, 2);
        long devEui = json.eui(json.has("DevEui") ? "DevEui" : "DevEUI");
        long diid = json.whole(json.has("diid") ? "diid" : "seqno");
        byte[] pdu = json.octets("pdu");
        if (pdu.length > LONGEST_PDU) {
            throw StationJson.wrong("pdu", "TX pdu too large. Maximum is 255 bytes.");
        }
        long rxDelay = json.has("RxDelay") ? json.wholeWithin("RxDelay", 0, 15) : 0;
        int priority = json.has("priority") ? (int) json.wholeWithin("priority", 0, 255) : 0;
        json.whole("rctx", 0);
        if (json.has("MuxTime")) {
            json.number("MuxTime");
        }
        boolean inSlot = json.has("DR");
        return new Downlink(
                deviceClass,
                devEui,
                diid,
                pdu,
                inSlot ? 0 : (int) Math.max(1, rxDelay),
                window(json, setup, inSlot ? "" : "RX1"),
                window(json, setup, "RX2"),
                json.whole("xtime", 0),
                priority);
    }

    private static Optional<Window> window(StationJson json, RadioSetup setup, String which) {
        if (json.has(which + "DR") != json.has(which + "Freq")) {
            throw new MalformedMessageException(
                    "some mandatory fields are missing: %sDR and %sFreq go together"
                            .formatted(which, which));
        }
        return json.has(which + "DR")
                ? Optional.of(setup.window(json, which + "DR", which + "Freq"))
                : Optional.empty();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Downlink that && diid == that.diid && xtime == that.xtime;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(diid);
    }

    @Override
    public String toString() {
        return "diid " + diid;
    }
}
