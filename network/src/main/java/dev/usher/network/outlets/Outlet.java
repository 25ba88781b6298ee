package dev.usher.network.outlets;

import dev.usher.network.traffic.TrafficEvent;
import java.util.Optional;

/** A place where events go. Its methods are called by several threads. */
interface Outlet {

    /** What its deliveries and its lease go by. */
    String name();

    /** The event as it is told there; empty if it is not told. */
    Optional<TrafficEvent> share(TrafficEvent event);

    /** Delivers, or says why it did not come to that; takes seconds at most. */
    Delivery.Outcome deliver(Delivery delivery);

    /** Called when it wanted nothing any more. */
    default void end() {}
}
