package dev.usher.network.traffic;

import static java.util.Objects.requireNonNull;

import dev.usher.backend.Octets;
import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.DevAddr;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.FrameCounter;
import dev.usher.lorawan.MacVersion;
import dev.usher.lorawan.NetworkSessionKeys;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the network and the device share since a join, and how far they have counted.
 *
 * @param number how many sessions the device had with this one
 * @param appSKey if the network was given it
 * @param sessionKeyId what the Join Server knows the AppSKey by
 * @param rxDelay seconds from an uplink to RX1
 * @param fCntUp of the last uplink that was accepted; empty until the device is heard in the
 *     session
 * @param heardAt when that was
 * @param nFCntDown the next one to use
 * @param aFCntDown the next one to use for an application, in a session of LoRaWAN 1.1
 * @param confFCnt of the last confirmed downlink, its low 16 bits
 * @param awaitedAck the counter of the confirmed downlink that its next uplink is to acknowledge
 */
public record DeviceSession(
        Eui64 devEui,
        int number,
        DevAddr devAddr,
        Eui64 joinEui,
        MacVersion macVersion,
        NetworkSessionKeys keys,
        Optional<AesKey> appSKey,
        Optional<Octets> sessionKeyId,
        int rxDelay,
        OptionalLong fCntUp,
        Optional<Instant> heardAt,
        long nFCntDown,
        long aFCntDown,
        int confFCnt,
        OptionalLong awaitedAck) {

    public DeviceSession {
        requireNonNull(devEui, "devEui");
        requireNonNull(devAddr, "devAddr");
        requireNonNull(joinEui, "joinEui");
        requireNonNull(macVersion, "macVersion");
        requireNonNull(keys, "keys");
        requireNonNull(appSKey, "appSKey");
        requireNonNull(sessionKeyId, "sessionKeyId");
        requireNonNull(fCntUp, "fCntUp");
        requireNonNull(heardAt, "heardAt");
        requireNonNull(awaitedAck, "awaitedAck");
    }

    /** Whether applications have a downlink counter of their own. */
    boolean countsApplicationsApart() {
        return keys instanceof NetworkSessionKeys.R1_1;
    }

    /** How far its counter may jump ahead (LoRaWAN 1.0.3 section 4.3.1.5; gone since 1.0.4). */
    int maxFCntGap() {
        return macVersion.countsDevNonces() ? FrameCounter.NO_LIMIT : FrameCounter.MAX_FCNT_GAP;
    }

    DeviceSession withAppSKey(Optional<AesKey> key) {
        return new DeviceSession(
                devEui,
                number,
                devAddr,
                joinEui,
                macVersion,
                keys,
                key,
                sessionKeyId,
                rxDelay,
                fCntUp,
                heardAt,
                nFCntDown,
                aFCntDown,
                confFCnt,
                awaitedAck);
    }

    @Override
    public String toString() {
        return "DeviceSession[" + devEui + " " + number + " " + devAddr + "]";
    }
}
