package dev.usher.bench;

import dev.usher.lorawan.Eui64;

/** The gateways of {@link LnsBench}; server and load know them by their number alone. */
record Stations(int count) {

    private static final long FIRST = 0x58A0_CBFF_FE00_0000L;

    /** In which file of the data directory their keys are, one a line. */
    static final String KEYS = "station-keys";

    static final String PLAN = "EU_863_870";

    static Eui64 eui(int number) {
        return new Eui64(FIRST + number);
    }
}
