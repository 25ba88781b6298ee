package dev.usher.api.edge;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What a handler says to a request. The edge itself writes the headers that frame the message
 * ({@code Content-Length}, {@code Transfer-Encoding}, {@code Connection}).
 */
public sealed interface Response {

    /** An answer without a body. */
    static Full of(int status) {
        return new Full(status, List.of(), new byte[0]);
    }

    static Full of(int status, String contentType, byte[] body) {
        return new Full(status, Header.contentType(contentType), body);
    }

    /** Text in UTF-8. */
    static Full of(int status, String contentType, String body) {
        return of(status, contentType, body.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * An answer too long for memory, of a length known beforehand, such as firmware.
     *
     * @param length bytes that {@code body} will write, exactly
     */
    static Streamed stream(int status, String contentType, long length, Body body) {
        return new Streamed(status, Header.contentType(contentType), OptionalLong.of(length), body);
    }

    /** An answer whose length nobody knows, such as a list line by line or server-sent events. */
    static Streamed stream(int status, String contentType, Body body) {
        return new Streamed(status, Header.contentType(contentType), OptionalLong.empty(), body);
    }

    /** Not an answer: the connection is reset without a byte, which costs both sides the least. */
    static Close close() {
        return Close.WITHOUT_A_BYTE;
    }

    /**
     * Not an answer: the connection becomes a WebSocket. Only where the request {@linkplain
     * Request#asksForWebSocket() asks for it}.
     *
     * @param ping how long a peer may be silent before it is pinged
     */
    static Upgraded webSocket(WebSocketHandler handler, Duration ping) {
        return new Upgraded(handler, ping);
    }

    /** An answer of bytes at hand, with an exact {@code Content-Length}, never chunked. */
    final class Full implements Response {

        private final int status;
        private final List<Header> headers;
        private final byte[] body;

        private Full(int status, List<Header> headers, byte[] body) {
            this.status = requireStatus(status);
            this.headers = headers;
            this.body = requireNonNull(body, "body");
        }

        /**
         * The same answer with one more header.
         *
         * @throws IllegalArgumentException if the name is no token, frames the message, or the
         *     value has a control character such as a line break
         */
        public Full withHeader(String name, String value) {
            return new Full(status, Header.add(headers, name, value), body);
        }

        public int status() {
            return status;
        }

        public List<Header> headers() {
            return headers;
        }

        /** Not a copy. */
        public byte[] body() {
            return body;
        }

        @Override
        public String toString() {
            return status + " " + headers + " " + body.length + " bytes";
        }
    }

    /**
     * An answer written piece by piece.
     *
     * @param length the exact {@code Content-Length}; unknown makes it chunked
     */
    record Streamed(int status, List<Header> headers, OptionalLong length, Body body)
            implements Response {

        public Streamed {
            requireStatus(status);
            headers = List.copyOf(headers);
            requireNonNull(body, "body");
            if (length.isPresent() && length.getAsLong() < 0) {
                throw new IllegalArgumentException(
                        "length is " + length.getAsLong() + ", must be 0 or more");
            }
        }

        /** As {@link Full#withHeader}. */
        public Streamed withHeader(String name, String value) {
            return new Streamed(status, Header.add(headers, name, value), length, body);
        }
    }

    /** The connection becomes a WebSocket. */
    record Upgraded(WebSocketHandler handler, Duration ping) implements Response {
        public Upgraded {
            requireNonNull(handler, "handler");
            if (!ping.isPositive()) {
                throw new IllegalArgumentException("ping is " + ping + ", must be longer than 0");
            }
        }
    }

    /** The connection is closed instead of answered. */
    enum Close implements Response {
        WITHOUT_A_BYTE
    }

    /** Writes a body; called on the request's virtual thread after the handler has returned. */
    @FunctionalInterface
    interface Body {

        /**
         * Writes the whole body. The stream blocks while the peer is slower and gathers small
         * pieces; {@link OutputStream#flush} sends what there is. It need not be closed.
         *
         * @throws IOException from the stream, when the peer has gone; let it pass. From elsewhere,
         *     when there is nothing more to send; the peer sees a broken answer.
         */
        void writeTo(OutputStream out) throws IOException;
    }

    /** One header line of an answer. */
    record Header(String name, String value) {

        private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
        private static final Pattern VALUE = Pattern.compile("[\\x20-\\x7E\\t\\xA0-\\xFF]*");
        private static final Set<String> FRAMING = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

        static {
            FRAMING.addAll(List.of("Content-Length", "Transfer-Encoding", "Connection"));
        }

        public Header {
            if (!TOKEN.matcher(name).matches() || FRAMING.contains(name)) {
                throw new IllegalArgumentException("'" + name + "' cannot be set as a header");
            }
            if (!VALUE.matcher(value).matches()) {
                throw new IllegalArgumentException(
                        "The value of " + name + " holds a character no header may have");
            }
        }

        private static List<Header> contentType(String type) {
            return List.of(new Header("Content-Type", type));
        }

        private static List<Header> add(List<Header> headers, String name, String value) {
            List<Header> more = new ArrayList<>(headers);
            more.add(new Header(name, value));
            return List.copyOf(more);
        }
    }

    private static int requireStatus(int status) {
        if (status < 200 || status > 599) {
            throw new IllegalArgumentException("status is " + status + ", must be 200 to 599");
        }
        return status;
    }
}
