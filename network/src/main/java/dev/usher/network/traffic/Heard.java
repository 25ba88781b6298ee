package dev.usher.network.traffic;

import static java.util.Objects.requireNonNull;

import dev.usher.station.Reception;
import java.util.Comparator;
import java.util.List;

/** A frame as one gateway heard it. */
public record Heard(GatewayLink link, Reception reception) {

    private static final Comparator<Heard> BY_SIGNAL =
            Comparator.<Heard>comparingDouble(heard -> heard.reception().snr())
                    .thenComparingDouble(heard -> heard.reception().rssi());

    public Heard {
        requireNonNull(link, "link");
        requireNonNull(reception, "reception");
    }

    /** The best first: an answer through it is heard most likely. */
    static List<Heard> bestFirst(List<Heard> copies) {
        return copies.stream().sorted(BY_SIGNAL.reversed()).toList();
    }
}
