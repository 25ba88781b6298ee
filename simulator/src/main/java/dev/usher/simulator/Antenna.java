package dev.usher.simulator;

import java.util.function.Consumer;

/** The radio of a gateway, as the devices in its reach know it. */
public interface Antenna {

    /** A device has transmitted; the gateway may understand it or not. */
    void hear(Transmission uplink);

    /** From now on tells the listener what the gateway transmits, as it begins. */
    void addListener(Consumer<Transmission> listener);
}
