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
}
