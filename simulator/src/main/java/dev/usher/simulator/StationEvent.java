package dev.usher.simulator;

/** Something that happens to a virtual station, in the order in which it happens. */
public sealed interface StationEvent {

    /**
     * It begins a contact with CUPS.
     *
     * @param attempt 1 for the first after a success or the start
     */
    record Connecting(CredentialSet set, String uri, int attempt) implements StationEvent {}

    /** It ran an update, and runs this package version now. */
    record Updated(String version) implements StationEvent {}

    /** The contact is over. */
    record CheckedIn(CupsOutcome outcome) implements StationEvent {}

    /** It does not start any more, until somebody repairs its files. */
    record Bricked(String reason) implements StationEvent {}

    /** Its LNS told it where to connect for traffic. */
    record Discovered(String uri) implements StationEvent {}

    /** It is connected for traffic, and has said who it is. */
    record LnsConnected(String uri) implements StationEvent {}

    /**
     * Its radio runs as the LNS said.
     *
     * @param region as station calls it; empty for one it does not know, where it drops downlinks
     * @param channels how many it listens to
     */
    record Configured(String region, int channels) implements StationEvent {}

    /** It is not connected to its LNS any more, or could not connect. */
    record LnsLost(String reason) implements StationEvent {}

    /** It has given up on its LNS for now, and asks CUPS. */
    record LnsGivenUp() implements StationEvent {}

    /** A message of its LNS came to nothing, which a real station tells nobody but its log. */
    record Dropped(String reason) implements StationEvent {}

    /** It passed on what a device has sent; {@code msgType} is jreq, updf or propdf. */
    record Heard(String msgType) implements StationEvent {}

    /** A downlink is on the air. */
    record Transmitted(long diid, Transmission transmission) implements StationEvent {}

    /** It knows which time it is: GPS, microseconds since 1980-01-06, at a time of its own. */
    record TimeSynced(long gpsTime) implements StationEvent {}

    /** Its LNS had something run on it. */
    record CommandRun(String command) implements StationEvent {}
}
