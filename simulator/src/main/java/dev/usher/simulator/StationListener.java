package dev.usher.simulator;

/** Is told what happens to virtual stations, on the thread that runs the station. */
@FunctionalInterface
public interface StationListener {

    /** Looks away. */
    StationListener NONE = (station, event) -> {};

    void on(VirtualStation station, StationEvent event);
}
