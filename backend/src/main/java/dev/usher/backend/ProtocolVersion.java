package dev.usher.backend;

/** The versions of the Backend Interfaces; every message says in which one it is written. */
public enum ProtocolVersion {
    /** LoRaWAN Backend Interfaces 1.0 of October 2017. */
    V1_0("1.0"),
    /** TS002-1.1.0: names Network Servers inside a network (NSID), has more result codes. */
    V1_1("1.1");

    private final String text;

    ProtocolVersion(String text) {
        this.text = text;
    }

    /** The value of {@code ProtocolVersion} on the wire. */
    public String text() {
        return text;
    }
}
