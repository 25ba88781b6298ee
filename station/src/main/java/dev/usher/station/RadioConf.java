package dev.usher.station;

/**
 * What the radio part of a {@link RouterConfig} is called. Station takes both for either kind of
 * concentrator; the older name is the one every version knows.
 */
public enum RadioConf {
    SX1301("sx1301_conf"),
    SX1302("sx1302_conf");

    private final String field;

    RadioConf(String field) {
        this.field = field;
    }

    String field() {
        return field;
    }
}
