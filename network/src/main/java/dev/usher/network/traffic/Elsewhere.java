package dev.usher.network.traffic;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.FrequencyPlan;
import dev.usher.station.LnsDownlink;

/**
 * A gateway that is connected to another node, which answers for it: what it heard counts here, and
 * nothing is sent through it from here.
 */
record Elsewhere(Eui64 gateway, FrequencyPlan plan) implements GatewayLink {

    Elsewhere {
        requireNonNull(gateway, "gateway");
        requireNonNull(plan, "plan");
    }

    @Override
    public void send(LnsDownlink message) {
        throw new IllegalStateException("gateway " + gateway + " is connected to another node");
    }

    @Override
    public void close(String why) {
        throw new IllegalStateException("gateway " + gateway + " is connected to another node");
    }
}
