package dev.usher.network.traffic;

import static java.util.Objects.requireNonNull;

import dev.usher.station.Reception;
import java.util.Comparator;
import java.util.List;

/** A frame as one gateway heard it. */
public record Heard(GatewayLink link, Reception reception) {

    /** Every node orders the same copies the same way. */
    private static final Comparator<Heard> BEST_FIRST =
            Comparator.<Heard>comparingDouble(heard -> heard.reception().snr())
                    .thenComparingDouble(heard -> heard.reception().rssi())
                    .reversed()
                    .thenComparing(heard -> heard.link().gateway());

    public Heard {
        requireNonNull(link, "link");
        requireNonNull(reception, "reception");
    }

    /** Whether its gateway is connected to this node. */
    boolean isHere() {
        return !(link instanceof Elsewhere);
    }

    /** The best first: an answer through it is heard most likely. */
    static List<Heard> bestFirst(List<Heard> copies) {
        return copies.stream().sorted(BEST_FIRST).toList();
    }
}
