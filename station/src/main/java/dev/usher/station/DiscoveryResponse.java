package dev.usher.station;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.Printable;
import java.util.regex.Pattern;

/**
 * The answer to a {@link DiscoveryRequest}: where to exchange radio traffic, or why not ({@code
 * tc.c:145-245}). Either is one text frame, after which station closes the socket.
 */
public sealed interface DiscoveryResponse {

    /** The gateway that asked. */
    Eui64 router();

    /**
     * The gateway is to connect to the socket at this address, called muxs.
     *
     * @param muxs what serves that socket; station only logs it
     * @param lns scheme, host and port
     * @param path begins with a slash; may have a query
     */
    record Found(Eui64 router, Eui64 muxs, StationUri lns, String path)
            implements DiscoveryResponse {

        private static final Pattern PATH = Pattern.compile("/[A-Za-z0-9/._~!$&'()*+,;=:@%?-]*");

        public Found {
            requireNonNull(router, "router");
            requireNonNull(muxs, "muxs");
            requireNonNull(lns, "lns");
            requireNonNull(path, "path");
            if (lns.scheme().isCups()) {
                throw new IllegalArgumentException(
                        "'" + lns + "' is the address of a CUPS server: an LNS has ws or wss");
            }
            if (!PATH.matcher(path).matches()) {
                throw new IllegalArgumentException(
                        "path '"
                                + Printable.of(path)
                                + "' does not begin with a slash, or has characters that no path"
                                + " has");
            }
            int length = (lns + path).length();
            if (length > StationUri.LONGEST) {
                throw new IllegalArgumentException(
                        "URI of %d characters: station keeps at most %d"
                                .formatted(length, StationUri.LONGEST));
            }
        }

        @Override
        public String toJson() {
            return Json.write(
                    json -> {
                        json.writeStringProperty("router", router.id6());
                        json.writeStringProperty("muxs", muxs.id6());
                        json.writeStringProperty("uri", lns + path);
                    });
        }
    }

    /**
     * The gateway is not served here. It asks CUPS again within a minute, if it has one.
     *
     * @param error goes into the gateway's log
     */
    record Refused(Eui64 router, String error) implements DiscoveryResponse {

        public Refused {
            requireNonNull(router, "router");
            requireNonNull(error, "error");
        }

        @Override
        public String toJson() {
            return Json.write(
                    json -> {
                        json.writeStringProperty("router", router.id6());
                        json.writeStringProperty("error", error);
                    });
        }
    }

    /** The text frame. */
    String toJson();

    /**
     * Reads the text frame, as a gateway does.
     *
     * @throws MalformedMessageException if it is neither of the two
     */
    static DiscoveryResponse parse(String json) {
        JsonObject object = JsonObject.parse(json);
        Eui64 router = object.requireEui("router");
        if (object.has("error")) {
            return new Refused(router, object.requireText("error"));
        }
        String uri = object.requireText("uri");
        int authority = uri.indexOf("://") + 3;
        int path = uri.indexOf('/', authority);
        if (authority < 3 || path < 0) {
            throw new MalformedMessageException(
                    "field 'uri' is not ws(s)://HOST:PORT/PATH: '" + Printable.of(uri) + "'");
        }
        try {
            return new Found(
                    router,
                    object.requireEui("muxs"),
                    StationUri.lns(uri.substring(0, path)),
                    uri.substring(path));
        } catch (IllegalArgumentException e) {
            throw new MalformedMessageException("field 'uri': " + e.getMessage(), e);
        }
    }
}
