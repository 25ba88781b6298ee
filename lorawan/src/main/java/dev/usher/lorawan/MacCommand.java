package dev.usher.lorawan;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;

/**
 * A MAC command (LoRaWAN 1.0.4 section 5, 1.1 section 5): the ones a network needs to take a device
 * in and keep it, and {@link Other} for the rest.
 */
public sealed interface MacCommand {

    /** The identifier, 0..255; a request and its answer share one. */
    int cid();

    /** What follows the identifier. */
    byte[] payload();

    /** The device asks how well it is heard. */
    record LinkCheckReq() implements MacCommand {
        @Override
        public int cid() {
            return 0x02;
        }

        @Override
        public byte[] payload() {
            return new byte[0];
        }
    }

    /**
     * How well the device is heard.
     *
     * @param margin dB above the demodulation floor, 0..254
     * @param gatewayCount how many gateways heard it, 1..255
     */
    record LinkCheckAns(int margin, int gatewayCount) implements MacCommand {
        public LinkCheckAns {
            checkOctet("margin", margin);
            checkOctet("gateway count", gatewayCount);
        }

        @Override
        public int cid() {
            return 0x02;
        }

        @Override
        public byte[] payload() {
            return new byte[] {(byte) margin, (byte) gatewayCount};
        }
    }

    /**
     * Sets data rate, power, channels and repetitions of the device.
     *
     * @param dataRate 0..15; 15 leaves it as it is (1.0.4, 1.1)
     * @param txPower index, 0 the strongest; 15 leaves it as it is
     * @param chMask one bit for each of 16 channels, the first the lowest
     * @param chMaskCntl which channels the mask is about, 0..7; the region knows
     * @param nbTrans how often to send an unconfirmed uplink, 1..15; 0 leaves it as it is
     */
    record LinkAdrReq(int dataRate, int txPower, int chMask, int chMaskCntl, int nbTrans)
            implements MacCommand {
        public LinkAdrReq {
            Channel.checkDataRate(dataRate);
            check("TXPower", txPower, 15);
            check("ChMask", chMask, 0xFFFF);
            check("ChMaskCntl", chMaskCntl, 7);
            check("NbTrans", nbTrans, 15);
        }

        @Override
        public int cid() {
            return 0x03;
        }

        @Override
        public byte[] payload() {
            byte[] payload = new byte[4];
            payload[0] = (byte) ((dataRate << 4) | txPower);
            LittleEndian.put(payload, 1, 2, chMask);
            payload[3] = (byte) ((chMaskCntl << 4) | nbTrans);
            return payload;
        }
    }

    /** What the device took of a LinkADRReq; unless all three, it changed nothing. */
    record LinkAdrAns(boolean powerAck, boolean dataRateAck, boolean channelMaskAck)
            implements MacCommand {

        /** Whether the device does as it was told. */
        public boolean isAccepted() {
            return powerAck && dataRateAck && channelMaskAck;
        }

        @Override
        public int cid() {
            return 0x03;
        }

        @Override
        public byte[] payload() {
            int status = (powerAck ? 4 : 0) | (dataRateAck ? 2 : 0) | (channelMaskAck ? 1 : 0);
            return new byte[] {(byte) status};
        }
    }

    /** The device asks for the time. */
    record DeviceTimeReq() implements MacCommand {
        @Override
        public int cid() {
            return 0x0D;
        }

        @Override
        public byte[] payload() {
            return new byte[0];
        }
    }

    /**
     * The time when the uplink with the request ended, of GPS: without leap seconds.
     *
     * @param sinceGpsEpoch since 1980-01-06T00:00:00Z; carried in steps of 1/256 second, and
     *     without its 33rd bit of seconds
     */
    record DeviceTimeAns(Duration sinceGpsEpoch) implements MacCommand {

        public DeviceTimeAns {
            if (requireNonNull(sinceGpsEpoch, "sinceGpsEpoch").isNegative()) {
                throw new IllegalArgumentException(sinceGpsEpoch + " is before the GPS epoch");
            }
        }

        /** The answer to an uplink that ended at this time. */
        public static DeviceTimeAns at(Instant end) {
            return new DeviceTimeAns(GpsTime.of(end));
        }

        @Override
        public int cid() {
            return 0x0D;
        }

        @Override
        public byte[] payload() {
            byte[] payload = new byte[5];
            LittleEndian.put(payload, 0, 4, sinceGpsEpoch.getSeconds());
            payload[4] = (byte) (sinceGpsEpoch.getNano() * 256L / 1_000_000_000);
            return payload;
        }
    }

    /**
     * A 1.1 device that was personalised says that it has reset everything; it repeats that until
     * {@link ResetConf}.
     *
     * @param minor of its LoRaWAN version: 1
     */
    record ResetInd(int minor) implements MacCommand {
        public ResetInd {
            check("minor version", minor, 15);
        }

        @Override
        public int cid() {
            return 0x01;
        }

        @Override
        public byte[] payload() {
            return new byte[] {(byte) minor};
        }
    }

    /** Answers {@link ResetInd}. */
    record ResetConf(int minor) implements MacCommand {
        public ResetConf {
            check("minor version", minor, 15);
        }

        @Override
        public int cid() {
            return 0x01;
        }

        @Override
        public byte[] payload() {
            return new byte[] {(byte) minor};
        }
    }

    /**
     * A 1.1 device that has joined says that it uses its new keys; it repeats that until {@link
     * RekeyConf}.
     *
     * @param minor of its LoRaWAN version: 1
     */
    record RekeyInd(int minor) implements MacCommand {
        public RekeyInd {
            check("minor version", minor, 15);
        }

        @Override
        public int cid() {
            return 0x0B;
        }

        @Override
        public byte[] payload() {
            return new byte[] {(byte) minor};
        }
    }

    /** Answers {@link RekeyInd}. */
    record RekeyConf(int minor) implements MacCommand {
        public RekeyConf {
            check("minor version", minor, 15);
        }

        @Override
        public int cid() {
            return 0x0B;
        }

        @Override
        public byte[] payload() {
            return new byte[] {(byte) minor};
        }
    }

    /** One whose length is known, and no more. */
    record Other(int cid, byte[] payload) implements MacCommand {
        public Other {
            checkOctet("command", cid);
            payload = payload.clone();
        }

        @Override
        public byte[] payload() {
            return payload.clone();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Other that
                    && cid == that.cid
                    && Arrays.equals(payload, that.payload);
        }

        @Override
        public int hashCode() {
            return 31 * cid + Arrays.hashCode(payload);
        }

        @Override
        public String toString() {
            return "Other[" + Hex.format(cid, 2) + " " + Hex.format(payload) + "]";
        }
    }

    private static void checkOctet(String what, int value) {
        check(what, value, 255);
    }

    private static void check(String what, int value, int largest) {
        if (value < 0 || value > largest) {
            throw new IllegalArgumentException(what + " " + value + " is not in 0.." + largest);
        }
    }
}
