package dev.usher.bench;

import dev.usher.lorawan.DataMessage;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.FrameCryptography;
import dev.usher.lorawan.JoinCryptography;
import dev.usher.lorawan.JoinRequest;
import dev.usher.lorawan.MicContext;
import dev.usher.lorawan.NetworkSessionKeys;
import dev.usher.lorawan.Received;
import dev.usher.lorawan.RootKeys;
import dev.usher.station.LnsCodec;
import dev.usher.station.LnsUplink;
import dev.usher.station.Reception;
import java.util.Optional;

/** A device of the {@link Fleet} as its gateway reports it: joins, and uplinks of 8 bytes. */
final class FieldDevice {

    private static final int PORT = 10;
    private static final int DATA_RATE = 5;
    private static final int FREQUENCY = 868_100_000;

    private final Eui64 devEui;
    private final RootKeys keys;
    private int devNonce;
    private Optional<JoinRequest> asked = Optional.empty();
    private Optional<Received> session = Optional.empty();
    private long fCnt;

    FieldDevice(int number) {
        this.devEui = Fleet.devEui(number);
        this.keys = RootKeys.r1_0(Fleet.appKey(devEui));
    }

    Eui64 devEui() {
        return devEui;
    }

    boolean hasJoined() {
        return session.isPresent();
    }

    /** The jreq of its next join. */
    String join() {
        JoinRequest request = JoinCryptography.request(keys, Fleet.JOIN_EUI, devEui, devNonce++);
        asked = Optional.of(request);
        return LnsCodec.write(new LnsUplink.Join(request, reception()));
    }

    /** Opens the join-accept that answers its last join. */
    void accept(byte[] pdu) {
        session = Optional.of(JoinCryptography.open(keys, asked.orElseThrow(), pdu));
        fCnt = 0;
    }

    /** The updf of its next uplink. */
    String send(byte[] payload) {
        Received joined = session.orElseThrow();
        DataMessage message =
                DataMessage.up(joined.accept().devAddr(), fCnt++).withPayload(PORT, payload);
        return LnsCodec.write(
                new LnsUplink.Data(
                        FrameCryptography.seal(
                                NetworkSessionKeys.of(joined.keys()),
                                joined.keys().appSKey(),
                                message,
                                MicContext.NONE),
                        reception()));
    }

    /** Strong, and at a time that only the gateway understands. */
    private static Reception reception() {
        long xtime = (1L << 48) | (System.nanoTime() / 1000 & 0xFFFF_FFFF_FFFFL);
        return new Reception(DATA_RATE, FREQUENCY, 0, xtime, 0, -1, -60, 9, 0, 0);
    }
}
