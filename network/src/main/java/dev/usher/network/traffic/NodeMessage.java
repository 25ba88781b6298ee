package dev.usher.network.traffic;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.FrequencyPlan;
import dev.usher.station.LnsDownlink;
import dev.usher.station.Reception;
import java.util.Arrays;

/** What one node tells the others; {@link NodeCodec} writes and reads it. */
sealed interface NodeMessage {

    /**
     * One of its gateways heard a frame.
     *
     * @param plan what the radios of the gateway are set to
     */
    record Copy(Eui64 gateway, FrequencyPlan plan, Reception reception, byte[] phyPayload)
            implements NodeMessage {

        public Copy {
            requireNonNull(gateway, "gateway");
            requireNonNull(plan, "plan");
            requireNonNull(reception, "reception");
            requireNonNull(phyPayload, "phyPayload");
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Copy that
                    && gateway.equals(that.gateway)
                    && plan.equals(that.plan)
                    && reception.equals(that.reception)
                    && Arrays.equals(phyPayload, that.phyPayload);
        }

        @Override
        public int hashCode() {
            return 31 * gateway.hashCode() + Arrays.hashCode(phyPayload);
        }
    }

    /** Something happened at it. */
    record Happened(TrafficEvent event) implements NodeMessage {
        public Happened {
            requireNonNull(event, "event");
        }
    }

    /** Whoever has this gateway is to have it run this. */
    record Run(Eui64 gateway, LnsDownlink.RunCommand command) implements NodeMessage {
        public Run {
            requireNonNull(gateway, "gateway");
            requireNonNull(command, "command");
        }
    }
}
