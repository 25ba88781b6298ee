package dev.usher.station;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.DataFrame;
import dev.usher.lorawan.Direction;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.JoinRequest;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a gateway sends to its LNS over the muxs socket; {@link LnsCodec} reads and writes it. */
public sealed interface LnsUplink {

    /**
     * The first message: what runs on the gateway ({@code tc.c:62-74}). The gateway does nothing
     * until a {@link RouterConfig} answers it.
     *
     * @param station version and platform, {@code 2.0.6(linux/testsim)}
     * @param protocol 2
     * @param features {@code rmtsh}, {@code prod}, {@code gps}
     */
    record Version(
            Optional<String> station,
            Optional<String> firmware,
            Optional<String> packageVersion,
            Optional<String> model,
            int protocol,
            Set<String> features)
            implements LnsUplink {

        public Version {
            requireNonNull(station, "station");
            requireNonNull(firmware, "firmware");
            requireNonNull(packageVersion, "packageVersion");
            requireNonNull(model, "model");
            features = Set.copyOf(features);
        }

        /** Whether it is built for production: limits on transmitting cannot be lifted. */
        public boolean isProduction() {
            return features.contains("prod");
        }

        /** Whether it knows {@link LnsDownlink.StartShell}. */
        public boolean hasRemoteShell() {
            return features.contains("rmtsh");
        }
    }

    /** A join-request was heard (jreq). */
    record Join(JoinRequest request, Reception reception) implements LnsUplink {
        public Join {
            requireNonNull(request, "request");
            requireNonNull(reception, "reception");
        }
    }

    /** A data frame of a device was heard (updf). */
    record Data(DataFrame frame, Reception reception) implements LnsUplink {
        public Data {
            requireNonNull(frame, "frame");
            requireNonNull(reception, "reception");
            if (frame.direction() != Direction.UP) {
                throw new IllegalArgumentException("the data frame is a downlink: " + frame);
            }
        }
    }

    /**
     * A frame of another format was heard (propdf).
     *
     * @param phyPayload the whole frame; its first octet is E0 to FF
     */
    record Proprietary(byte[] phyPayload, Reception reception) implements LnsUplink {
        public Proprietary {
            phyPayload = phyPayload.clone();
            requireNonNull(reception, "reception");
        }

        /** A copy. */
        @Override
        public byte[] phyPayload() {
            return phyPayload.clone();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Proprietary that
                    && Arrays.equals(phyPayload, that.phyPayload)
                    && reception.equals(that.reception);
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(phyPayload) + reception.hashCode();
        }
    }

    /**
     * A downlink is on the air (dntxed). There is no message for one that failed: what is not
     * reported in time was not sent.
     *
     * @param diid the number the downlink was given
     * @param xtime when it began, in the concentrator's time
     * @param txTime the same in seconds of the gateway's own clock, which began at its start
     * @param gpsTime when it was to be sent as class B, microseconds since 1980-01-06; else 0
     */
    record Transmitted(long diid, Eui64 devEui, long rctx, long xtime, double txTime, long gpsTime)
            implements LnsUplink {
        public Transmitted {
            requireNonNull(devEui, "devEui");
            if (!Double.isFinite(txTime)) {
                throw new IllegalArgumentException("txTime " + txTime + " is no time");
            }
        }
    }

    /**
     * The gateway asks what GPS time it is (timesync); {@link LnsDownlink.TimeSyncAnswer} is of use
     * within 2 seconds.
     *
     * @param txTime microseconds of the gateway's own clock; the answer gives it back
     */
    record TimeSync(long txTime) implements LnsUplink {}

    /** Which remote shells run; answers {@link LnsDownlink.StartShell} and the like (rmtsh). */
    record RemoteShells(List<Shell> shells) implements LnsUplink {

        /**
         * A shell, or the place for one.
         *
         * @param user who started it; empty if nobody did yet
         * @param started whether it runs
         * @param age seconds since its last input or output; -1 if there was none
         * @param pid process number; 0 if none
         */
        public record Shell(String user, boolean started, int age, int pid) {
            public Shell {
                requireNonNull(user, "user");
            }
        }

        public RemoteShells {
            shells = List.copyOf(shells);
        }
    }

    /**
     * A message with another purpose, as alarm, event or getxtime, or a frame that another gateway
     * transmitted (jacc, dndf).
     */
    record Other(String msgType) implements LnsUplink {
        public Other {
            requireNonNull(msgType, "msgType");
        }
    }
}
