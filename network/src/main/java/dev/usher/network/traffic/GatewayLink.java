package dev.usher.network.traffic;

import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.FrequencyPlan;
import dev.usher.station.LnsDownlink;

/** A gateway that is connected now. */
public interface GatewayLink {

    Eui64 gateway();

    /** The plan its radios are set to, in which the data rates of its receptions count. */
    FrequencyPlan plan();

    /** Sends a message without waiting; it is lost if the gateway has gone. */
    void send(LnsDownlink message);

    /** Ends the connection. */
    void close(String why);
}
