package dev.usher.simulator;

/**
 * Is told what happens to virtual stations, on the thread it happens on: of a running station on
 * several.
 */
@FunctionalInterface
public interface StationListener {

    /** Looks away. */
    StationListener NONE = (station, event) -> {};

    void on(VirtualStation station, StationEvent event);
}
