package dev.usher.station;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * The JSON on the muxs socket, for both sides: an LNS reads uplinks and writes downlinks, a virtual
 * gateway the other way round. Each message is one text frame.
 *
 * <p>Reading ignores unknown fields and unknown messages, and is strict about the types and ranges
 * of those it knows. Writing is what station's own parser takes: compact, whole numbers where it
 * wants them, no exponents.
 */
public final class LnsCodec {

    /** The largest message that is written, in bytes; station's buffer has 40 KB. */
    public static final int LARGEST_DOWNLINK = 40_000;

    private LnsCodec() {}

    /**
     * Reads a text frame of a gateway.
     *
     * @throws MalformedMessageException if it is not JSON, has no msgtype, or a field of a known
     *     message is missing or not what it should be. The message is then to be dropped; the
     *     gateway stays.
     */
    public static LnsUplink readUplink(String json) {
        return UplinkReader.read(json);
    }

    /** Writes a text frame of a gateway, with its fields in the order of station. */
    public static String write(LnsUplink message) {
        return UplinkWriter.write(message);
    }

    /**
     * Writes a text frame for a gateway.
     *
     * @param now goes along as MuxTime, wherever station takes it
     * @throws IllegalArgumentException if it has more than {@value #LARGEST_DOWNLINK} bytes, as a
     *     long command or schedule may
     */
    public static String write(LnsDownlink message, Instant now) {
        String json = DownlinkWriter.write(message, requireNonNull(now, "now"));
        int length = json.getBytes(UTF_8).length;
        if (length > LARGEST_DOWNLINK) {
            throw new IllegalArgumentException(
                    "message of %d bytes: station takes %d".formatted(length, LARGEST_DOWNLINK));
        }
        return json;
    }

    /**
     * Reads a text frame of an LNS: frames for devices, times, commands and notices. Of all others,
     * as router_config, only the type is read.
     *
     * @throws MalformedMessageException if it is not JSON, has no msgtype, or a field of one of
     *     these is missing or not what it should be
     */
    public static LnsDownlink readDownlink(String json) {
        return DownlinkReader.read(json);
    }
}
