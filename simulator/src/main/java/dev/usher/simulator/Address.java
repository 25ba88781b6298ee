package dev.usher.simulator;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * Where a URI leads, read as station reads it ({@code net.c:75-194}): the scheme in any case, its
 * {@code s} in lower case only, a port that may be any text, no path, and an IPv6 address without
 * its last character.
 *
 * @param hostPort what the Host header says
 */
record Address(boolean tls, String host, String port, String hostPort) {

    private static final int LONGEST_HOST = 127;
    private static final int LONGEST_PORT = 15;

    /** Empty if station takes the URI for malformed. */
    static Optional<Address> parse(String uri, String scheme) {
        if (!uri.toLowerCase(Locale.ROOT).startsWith(scheme)) {
            return Optional.empty();
        }
        int n = scheme.length();
        boolean tls = uri.startsWith("s", n);
        int hostPortAt = n + (tls ? 1 : 0) + "://".length();
        if (!uri.startsWith("://", n + (tls ? 1 : 0))) {
            return Optional.empty();
        }
        String rest = uri.substring(hostPortAt);
        boolean bracket = rest.startsWith("[");
        int hostEnd = bracket ? rest.indexOf(']') : indexOfPortOrPath(rest);
        if (hostEnd < 0) {
            return Optional.empty();
        }
        int portAt = hostEnd + (bracket ? 1 : 0);
        String host =
                bracket ? rest.substring(1, Math.max(1, hostEnd - 1)) : rest.substring(0, hostEnd);
        if (!rest.startsWith(":", portAt) || rest.indexOf('/', portAt) >= 0) {
            return Optional.empty();
        }
        String port = rest.substring(portAt + 1);
        if (host.isEmpty()
                || port.isEmpty()
                || host.length() > LONGEST_HOST
                || port.length() > LONGEST_PORT) {
            return Optional.empty();
        }
        return Optional.of(new Address(tls, host, port, rest));
    }

    private static int indexOfPortOrPath(String rest) {
        for (int i = 0; i < rest.length(); i++) {
            if (rest.charAt(i) == ':' || rest.charAt(i) == '/') {
                return i;
            }
        }
        return -1;
    }

    /** Connects, to any address of the host that lets it, as station does. */
    Socket connect(Duration timeout) throws ContactFailure {
        IOException failure = new IOException("host has no address");
        try {
            int number = Integer.parseInt(port);
            for (InetAddress ip : InetAddress.getAllByName(host)) {
                try {
                    return connect(new InetSocketAddress(ip, number), timeout);
                } catch (IOException e) {
                    failure = e;
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new ContactFailure("connect failed: " + e.getMessage(), e);
        }
        throw new ContactFailure("connect failed: " + failure.getMessage(), failure);
    }

    private static Socket connect(InetSocketAddress address, Duration timeout) throws IOException {
        Socket socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.connect(address, Math.toIntExact(timeout.toMillis()));
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /**
     * How many bytes of its 8 KB station does without: it wants to keep {@code host:port} there,
     * and keeps {@code :port} and a zero, because it overwrites the host while it copies it.
     */
    int reservedBytes() {
        return (":" + port + "\0").length();
    }
}
