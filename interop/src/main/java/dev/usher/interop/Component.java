package dev.usher.interop;

/** Which part of a network asks a Join Server; {@code config.yml} may list one for some only. */
public enum Component {
    /** Sends join-requests, rejoin-requests and HomeNSReq. */
    NETWORK_SERVER("ns"),
    /** Asks for the AppSKey of a session. */
    APPLICATION_SERVER("as");

    private final String text;

    Component(String text) {
        this.text = text;
    }

    /** The word in {@code components}: {@code ns} or {@code as}. */
    public String text() {
        return text;
    }
}
