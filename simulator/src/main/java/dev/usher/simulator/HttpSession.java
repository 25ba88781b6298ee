package dev.usher.simulator;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One request and its answer on one connection, through the one buffer station has for both ({@code
 * net.c:353-417, 961-1012}).
 *
 * <p>The answer comes in chunks: the whole header and as much of the body as fits behind it, then
 * one full buffer after the other. A chunk is seen only when it is complete. There is no chunked
 * encoding and no body without a Content-Length, and bytes that arrive with a chunk but lie beyond
 * the Content-Length end the session.
 */
final class HttpSession implements AutoCloseable {

    private static final Pattern STATUS_LINE = Pattern.compile("..../1\\.. ([0-9]{1,9})");
    private static final Pattern CONTENT_LENGTH =
            Pattern.compile("\ncontent-length:(?:[ \t]|\r\n[ \t])*([0-9]{1,18})");

    private final Socket socket;
    private final Duration timeout;
    private final byte[] buffer;
    private long deadline;
    private int chunkBegin;
    private int chunkEnd;
    private int filled;
    private long remaining;

    HttpSession(Socket socket, int bufferSize, Duration timeout) {
        this.socket = socket;
        this.timeout = timeout;
        this.buffer = new byte[bufferSize];
        extendDeadline();
    }

    /** Sends a request, or what of it fits into the buffer. */
    void send(byte[] request) throws ContactFailure {
        try {
            // TLS shakes hands with the first write, and has to be done in time too.
            socket.setSoTimeout(millisLeft());
            socket.getOutputStream().write(request, 0, Math.min(request.length, buffer.length));
            socket.getOutputStream().flush();
        } catch (SocketTimeoutException e) {
            throw timedOut(e);
        } catch (IOException e) {
            throw new ContactFailure("cannot send the request: " + e.getMessage(), e);
        }
    }

    /**
     * Reads the header and the first chunk of the body.
     *
     * @return the status, or -1 if it has none that station knows
     */
    int readHead() throws ContactFailure {
        int headEnd = endOfHead();
        while (headEnd < 0) {
            if (filled == buffer.length) {
                throw new ContactFailure(
                        "header of the answer does not fit into " + buffer.length + " bytes");
            }
            fill();
            headEnd = endOfHead();
        }
        String head = new String(buffer, 0, headEnd, ISO_8859_1);
        int contentLength = contentLength(head);
        readChunk(headEnd, Math.min(contentLength, buffer.length - headEnd));
        remaining = contentLength - (long) (chunkEnd - chunkBegin);
        Matcher status = STATUS_LINE.matcher(head);
        return status.lookingAt() ? Integer.parseInt(status.group(1)) : -1;
    }

    /** The chunk that was read last. */
    byte[] chunk() {
        return Arrays.copyOfRange(buffer, chunkBegin, chunkEnd);
    }

    /** Reads the next chunk; empty when the announced content is over. */
    Optional<byte[]> nextChunk() throws ContactFailure {
        if (remaining == 0) {
            return Optional.empty();
        }
        extendDeadline();
        filled = 0;
        readChunk(0, (int) Math.min(remaining, buffer.length));
        remaining -= chunkEnd;
        return Optional.of(chunk());
    }

    private void readChunk(int begin, int length) throws ContactFailure {
        chunkBegin = begin;
        chunkEnd = begin + length;
        while (filled < chunkEnd) {
            fill();
        }
        if (filled > chunkEnd) {
            throw new ContactFailure(
                    "received more data than expected HTTP content size: "
                            + (filled - chunkEnd)
                            + " extra bytes");
        }
    }

    private void fill() throws ContactFailure {
        try {
            socket.setSoTimeout(millisLeft());
            InputStream in = socket.getInputStream();
            int count = in.read(buffer, filled, buffer.length - filled);
            if (count < 0) {
                throw new ContactFailure("connection closed unexpectedly");
            }
            filled += count;
        } catch (SocketTimeoutException e) {
            throw timedOut(e);
        } catch (IOException e) {
            throw new ContactFailure("cannot read the answer: " + e.getMessage(), e);
        }
    }

    private int endOfHead() {
        for (int i = 3; i < filled; i++) {
            if (buffer[i] == '\n'
                    && buffer[i - 1] == '\r'
                    && buffer[i - 2] == '\n'
                    && buffer[i - 3] == '\r') {
                return i + 1;
            }
        }
        return -1;
    }

    /** The first Content-Length; 0 if there is none. */
    private static int contentLength(String head) {
        Matcher header = CONTENT_LENGTH.matcher(head.toLowerCase(Locale.ROOT));
        return header.find() ? Math.max(0, (int) Long.parseLong(header.group(1))) : 0;
    }

    private void extendDeadline() {
        deadline = System.nanoTime() + timeout.toNanos();
    }

    private int millisLeft() throws ContactFailure {
        long millis = (deadline - System.nanoTime()) / 1_000_000;
        if (millis <= 0) {
            throw new ContactFailure("CUPS timed out");
        }
        return (int) Math.min(millis, Integer.MAX_VALUE);
    }

    private static ContactFailure timedOut(SocketTimeoutException e) {
        return new ContactFailure("CUPS timed out", e);
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (
                @SuppressWarnings("unused")
                IOException e) {
            // what there was to learn has been learned
        }
    }
}
