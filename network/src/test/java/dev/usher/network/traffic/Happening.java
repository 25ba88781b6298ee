package dev.usher.network.traffic;

/** Lets something happen without a gateway. */
public final class Happening {

    private Happening() {}

    public static TrafficEvents events() {
        return new TrafficEvents(_ -> {});
    }

    public static void of(TrafficEvents events, TrafficEvent event) {
        events.publish(event);
    }
}
