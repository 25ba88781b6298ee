package dev.usher.network.traffic;

import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.DataFrame;
import dev.usher.lorawan.DataMessage;
import dev.usher.lorawan.DevAddr;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.FrameCryptography;
import dev.usher.lorawan.FrameFlag;
import dev.usher.lorawan.JoinCryptography;
import dev.usher.lorawan.JoinRequest;
import dev.usher.lorawan.MacCommand;
import dev.usher.lorawan.MicContext;
import dev.usher.lorawan.NetworkSessionKeys;
import dev.usher.lorawan.Received;
import dev.usher.lorawan.RootKeys;
import dev.usher.station.LnsDownlink;
import java.util.List;
import java.util.Set;

/** The device's side of a join and of what follows it. */
final class VirtualDevice {

    static final Eui64 JOIN_EUI = Eui64.parse("70B3D57ED0000000");
    static final AesKey APP_KEY = AesKey.parse("000102030405060708090A0B0C0D0E0F");
    static final AesKey NWK_KEY = AesKey.parse("01020304050607080102030405060708");
    static final RootKeys R1_0 = RootKeys.r1_0(APP_KEY);
    static final RootKeys R1_1 = RootKeys.r1_1(NWK_KEY, APP_KEY);

    final Eui64 devEui;
    final RootKeys keys;
    private int devNonce;
    private JoinRequest request;
    private NetworkSessionKeys sessionKeys;
    private AesKey appSKey;
    private DevAddr devAddr;
    private long fCntUp;

    VirtualDevice(Eui64 devEui, RootKeys keys) {
        this.devEui = devEui;
        this.keys = keys;
        this.request = JoinCryptography.request(keys, JOIN_EUI, devEui, devNonce);
        this.sessionKeys = new NetworkSessionKeys.R1_0(APP_KEY);
        this.appSKey = APP_KEY;
        this.devAddr = new DevAddr(0);
    }

    JoinRequest join() {
        request = JoinCryptography.request(keys, JOIN_EUI, devEui, ++devNonce);
        return request;
    }

    /** The join-accept has come. */
    void joined(LnsDownlink.ClassA downlink) {
        Received received = JoinCryptography.open(keys, request, downlink.pdu());
        sessionKeys = NetworkSessionKeys.of(received.keys());
        appSKey = received.keys().appSKey();
        devAddr = received.accept().devAddr();
        fCntUp = 0;
    }

    DevAddr devAddr() {
        return devAddr;
    }

    AesKey appSKey() {
        return appSKey;
    }

    DataFrame send(int port, byte[] payload, FrameFlag... flags) {
        return seal(
                DataMessage.up(devAddr, fCntUp++).with(Set.of(flags)).withPayload(port, payload));
    }

    DataFrame send(MacCommand... commands) {
        return seal(DataMessage.up(devAddr, fCntUp++).withCommands(List.of(commands)));
    }

    /** Sends nothing so many times. */
    void skip(int frames) {
        fCntUp += frames;
    }

    private DataFrame seal(DataMessage message) {
        return FrameCryptography.seal(sessionKeys, appSKey, message, TestTraffic.MIC_CONTEXT);
    }

    /**
     * Whether a downlink is for this device and counts so.
     *
     * @param acknowledged the counter of the uplink it acknowledges
     */
    boolean accepts(DataFrame downlink, long fCnt, int acknowledged) {
        return downlink.devAddr().equals(devAddr)
                && FrameCryptography.isAuthentic(
                        sessionKeys, downlink, fCnt, new MicContext(acknowledged, 0, 0));
    }

    byte[] payload(DataFrame downlink, long fCnt) {
        return FrameCryptography.payload(appSKey, downlink, fCnt);
    }

    byte[] commands(DataFrame downlink, long fCnt) {
        return FrameCryptography.commands(sessionKeys, downlink, fCnt);
    }
}
