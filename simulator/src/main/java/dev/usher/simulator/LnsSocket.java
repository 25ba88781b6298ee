package dev.usher.simulator;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jdk.net.ExtendedSocketOptions;

/**
 * A WebSocket as station speaks it ({@code net.c:353-440, 480-732}): it sends a key that is always
 * the same and looks at nothing but the status 101; frames of the server are whole, unmasked, not
 * compressed, have at most 16 bits of length, and fit into 40 KB. Anything else ends the
 * connection.
 *
 * <p>One thread reads; any may send.
 */
final class LnsSocket implements AutoCloseable {

    /** Why a station closes. */
    static final int NORMAL = 1000;

    private static final int BUFFER = 40 * 1024;
    private static final int HEAD = 8192;
    private static final Pattern STATUS_LINE = Pattern.compile("..../1\\.. ([0-9]{1,9})");

    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;

    /** A frame with something in it for the station. */
    sealed interface Message {
        record Text(String text) implements Message {}

        record Binary(byte[] bytes) implements Message {}
    }

    private final Socket socket;
    private final Socket connection;
    private final InputStream in;
    private boolean closing;

    private LnsSocket(Socket socket, Socket connection) throws IOException {
        this.socket = socket;
        this.connection = connection;
        this.in = new BufferedInputStream(socket.getInputStream());
    }

    /**
     * Connects.
     *
     * @param tls of the credentials; needed if the address asks for it
     * @param timeout until the server has agreed; none is for ever
     */
    static LnsSocket open(
            Address address,
            String path,
            Optional<Tls> tls,
            Duration connect,
            Optional<Duration> timeout)
            throws ContactFailure {
        Socket connection = address.connect(connect);
        Socket socket = tls.isPresent() ? tls.get().over(connection, address) : connection;
        try {
            keepAlive(connection);
            LnsSocket opened = new LnsSocket(socket, connection);
            socket.setSoTimeout(timeout.map(t -> Math.toIntExact(t.toMillis())).orElse(0));
            opened.upgrade(address, path, tls.map(Tls::headerLines).orElse(""));
            socket.setSoTimeout(0);
            return opened;
        } catch (SocketTimeoutException e) {
            closeQuietly(socket);
            throw new ContactFailure("TC engine timed out", e);
        } catch (IOException e) {
            closeQuietly(socket);
            throw new ContactFailure("connection failed: " + e.getMessage(), e);
        } catch (ContactFailure e) {
            closeQuietly(socket);
            throw e;
        }
    }

    /** Station's own pings are those of TCP ({@code net.c}): after 60 s, each 15 s, four times. */
    private static void keepAlive(Socket connection) throws IOException {
        connection.setKeepAlive(true);
        connection.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, 60);
        connection.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, 15);
        connection.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, 4);
    }

    private void upgrade(Address address, String path, String headerLines)
            throws IOException, ContactFailure {
        String request =
                """
                GET %s HTTP/1.1\r
                Host: %s\r
                Upgrade: websocket\r
                Connection: upgrade\r
                Sec-WebSocket-Key: bpse8nVmEl6ZlX4lSb6RMw==\r
                Sec-WebSocket-Version: 13\r
                %s\r
                """
                        .formatted(path, address.hostPort(), headerLines);
        socket.getOutputStream().write(request.getBytes(ISO_8859_1));
        socket.getOutputStream().flush();
        Matcher status = STATUS_LINE.matcher(readHead());
        int code = status.lookingAt() ? Integer.parseInt(status.group(1)) : -1;
        if (code != 101) {
            throw new ContactFailure("WS upgrade failed with HTTP status code: " + code);
        }
    }

    private String readHead() throws IOException, ContactFailure {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int ends = 0;
        while (ends < 4) {
            int next = require(in.read());
            head.write(next);
            ends = next == (ends % 2 == 0 ? '\r' : '\n') ? ends + 1 : next == '\r' ? 1 : 0;
            if (head.size() > HEAD) {
                throw new ContactFailure("header of the answer does not end");
            }
        }
        return head.toString(ISO_8859_1);
    }

    /**
     * Waits for the next message; answers pings meanwhile.
     *
     * @return empty once the server has closed
     * @throws ContactFailure if the connection broke, or the server sent what station cannot read
     */
    Optional<Message> next() throws ContactFailure {
        try {
            while (true) {
                int first = require(in.read());
                int second = require(in.read());
                if ((first & 0xF0) != 0x80 || second >= 127) {
                    throw new ContactFailure(
                            "illegal WS frame: %02X:%02X".formatted(first, second));
                }
                int length = second < 126 ? second : (require(in.read()) << 8) | require(in.read());
                if (length > BUFFER) {
                    throw new ContactFailure("Recv buffer too small for " + length + " bytes");
                }
                byte[] payload = in.readNBytes(length);
                if (payload.length < length) {
                    throw closedUnexpectedly();
                }
                switch (first & 0x0F) {
                    case TEXT -> {
                        return Optional.of(new Message.Text(new String(payload, UTF_8)));
                    }
                    case BINARY -> {
                        return Optional.of(new Message.Binary(payload));
                    }
                    case PING -> send(PONG, payload);
                    case CLOSE -> {
                        echoClose(payload);
                        return Optional.empty();
                    }
                    default -> {
                        // Pongs, and opcodes that station does not know, are passed over.
                    }
                }
            }
        } catch (IOException e) {
            throw new ContactFailure("connection lost: " + e.getMessage(), e);
        }
    }

    private static int require(int next) throws ContactFailure {
        if (next < 0) {
            throw closedUnexpectedly();
        }
        return next;
    }

    private static ContactFailure closedUnexpectedly() {
        return new ContactFailure("connection closed unexpectedly");
    }

    private void echoClose(byte[] payload) throws IOException {
        int reason = payload.length < 2 ? NORMAL : ((payload[0] & 0xFF) << 8) | (payload[1] & 0xFF);
        sendClose(reason);
    }

    /** Sends a text frame; one that cannot be sent any more is lost, as the reader will notice. */
    void send(String text) {
        try {
            send(TEXT, text.getBytes(UTF_8));
        } catch (
                @SuppressWarnings("unused")
                IOException lost) {
            close();
        }
    }

    /** Sends a frame, masked with ones as station masks it. */
    private synchronized void send(int opcode, byte[] payload) throws IOException {
        if (closing) {
            return;
        }
        boolean isLong = payload.length > 125;
        byte[] frame = new byte[(isLong ? 8 : 6) + payload.length];
        int at = 0;
        frame[at++] = (byte) (0x80 | opcode);
        frame[at++] = (byte) (0x80 | (isLong ? 126 : payload.length));
        if (isLong) {
            frame[at++] = (byte) (payload.length >> 8);
            frame[at++] = (byte) payload.length;
        }
        for (int i = 0; i < 4; i++) {
            frame[at++] = 1;
        }
        for (byte each : payload) {
            frame[at++] = (byte) (each ^ 1);
        }
        socket.getOutputStream().write(frame);
        socket.getOutputStream().flush();
    }

    /** Says goodbye; it is for the server to hang up then, or for {@link #close}. */
    synchronized void sendClose(int reason) {
        try {
            send(CLOSE, new byte[] {(byte) (reason >> 8), (byte) reason});
        } catch (
                @SuppressWarnings("unused")
                IOException lost) {
            close();
        }
        closing = true;
    }

    /** Hangs up without waiting for anything, as TLS would. */
    @Override
    public void close() {
        closeQuietly(connection);
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (
                @SuppressWarnings("unused")
                IOException e) {
            // what there was to learn has been learned
        }
    }
}
