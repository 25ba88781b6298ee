package dev.usher.network.registry;

/** A gateway has this ID already; it does not say whose. */
public final class IdTaken extends RuntimeException {

    private static final long serialVersionUID = 1;

    IdTaken(GatewayId id) {
        super("gateway ID " + id + " is taken: choose another");
    }
}
