package dev.usher.network.outlets;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * Posts over HTTP/1.1 to addresses that were vetted: a client that looks the name up again itself
 * could be led elsewhere. Follows no redirections, and reads only so much of an answer as it takes
 * to use the connection again. For one thread at a time.
 */
final class HttpConnection implements AutoCloseable {

    private static final int LONGEST_HEAD = 16 * 1024;
    private static final int LONGEST_BODY = 64 * 1024;

    private final URI url;
    private final Socket socket;
    private final InputStream in;
    private boolean open = true;
    private long deadline;

    private HttpConnection(URI url, Socket socket, long deadline) throws IOException {
        this.url = url;
        this.socket = socket;
        this.deadline = deadline;
        this.in = new BufferedInputStream(timed(socket.getInputStream()));
    }

    /** What the other side says, without what it says it in. */
    record Answer(int status, Map<String, String> headers) {

        Answer {
            headers = Map.copyOf(headers);
        }

        Optional<String> header(String lowerCaseName) {
            return Optional.ofNullable(headers.get(lowerCaseName));
        }
    }

    /** The port of a URL, also where it is left out. */
    static int port(URI url) {
        if (url.getPort() >= 0) {
            return url.getPort();
        }
        return url.getScheme().equals("https") ? 443 : 80;
    }

    /**
     * Connects to the first of the addresses that answers.
     *
     * @param time for all of it
     */
    static HttpConnection open(
            URI url, List<InetSocketAddress> addresses, SSLSocketFactory tls, Duration time)
            throws IOException {
        long deadline = System.nanoTime() + time.toNanos();
        IOException last = new IOException("there is no address");
        for (InetSocketAddress address : addresses) {
            Socket socket = new Socket(Proxy.NO_PROXY);
            try {
                socket.connect(address, remaining(deadline));
                socket.setTcpNoDelay(true);
                return new HttpConnection(
                        url,
                        url.getScheme().equals("https")
                                ? secured(url, socket, tls, deadline)
                                : socket,
                        deadline);
            } catch (IOException e) {
                socket.close();
                last = e;
            }
        }
        throw last;
    }

    private static Socket secured(URI url, Socket plain, SSLSocketFactory tls, long deadline)
            throws IOException {
        SSLSocket socket =
                (SSLSocket)
                        tls.createSocket(plain, url.getHost(), port(url), /* autoClose= */ true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        if (!isAddress(url.getHost())) {
            parameters.setServerNames(List.of(new SNIHostName(url.getHost())));
        }
        socket.setSSLParameters(parameters);
        socket.setSoTimeout(remaining(deadline));
        socket.startHandshake();
        return socket;
    }

    private static boolean isAddress(String host) {
        return host.startsWith("[") || host.matches("[0-9.]+");
    }

    /** Whether it can be used for another request. */
    boolean isOpen() {
        return open;
    }

    /**
     * Posts, and waits for the answer.
     *
     * @param time for all of it
     * @throws IOException if there is no answer that can be understood
     */
    Answer post(Map<String, String> headers, byte[] body, Duration time) throws IOException {
        deadline = System.nanoTime() + time.toNanos();
        boolean answered = false;
        try {
            socket.getOutputStream().write(head(headers, body.length));
            socket.getOutputStream().write(body);
            socket.getOutputStream().flush();
            Answer answer = readAnswer();
            answered = true;
            return answer;
        } finally {
            if (!answered || !open) {
                close();
            }
        }
    }

    private byte[] head(Map<String, String> headers, int length) {
        String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
        String port = url.getPort() < 0 ? "" : ":" + url.getPort();
        StringBuilder head =
                new StringBuilder("POST ")
                        .append(path)
                        .append(query)
                        .append(" HTTP/1.1\r\nHost: ")
                        .append(url.getHost())
                        .append(port)
                        .append("\r\nContent-Length: ")
                        .append(length)
                        .append("\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        return head.append("\r\n").toString().getBytes(ISO_8859_1);
    }

    private Answer readAnswer() throws IOException {
        while (true) {
            String line = readLine();
            String[] words = line.split(" ", 3);
            if (words.length < 2
                    || !words[0].matches("HTTP/1\\.[01]")
                    || !words[1].matches("[1-5][0-9][0-9]")) {
                throw new IOException("what it answers is not HTTP");
            }
            int status = Integer.parseInt(words[1]);
            Map<String, String> headers = readHeaders();
            if (status >= 200) {
                open = skipBody(words[0], status, headers);
                return new Answer(status, headers);
            }
        }
    }

    private Map<String, String> readHeaders() throws IOException {
        Map<String, String> headers = new HashMap<>();
        int length = 0;
        String line = readLine();
        while (!line.isEmpty()) {
            length += line.length();
            if (length > LONGEST_HEAD) {
                throw new IOException("its answer is too long");
            }
            int colon = line.indexOf(':');
            if (colon > 0) {
                headers.put(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip());
            }
            line = readLine();
        }
        return headers;
    }

    /** Whether the connection stands at the next answer afterwards. */
    private boolean skipBody(String version, int status, Map<String, String> headers)
            throws IOException {
        if (!version.equals("HTTP/1.1")
                || headers.getOrDefault("connection", "").equalsIgnoreCase("close")) {
            return false;
        }
        if (status == 204 || status == 304) {
            return true;
        }
        String length = headers.getOrDefault("content-length", "");
        if (headers.containsKey("transfer-encoding") || !length.matches("[0-9]{1,6}")) {
            return false;
        }
        int left = Integer.parseInt(length);
        if (left > LONGEST_BODY) {
            return false;
        }
        in.skipNBytes(left);
        return true;
    }

    private String readLine() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int octet = in.read(); octet != '\n'; octet = in.read()) {
            if (octet < 0) {
                throw new EOFException("it hung up without an answer");
            }
            if (line.length() == LONGEST_HEAD) {
                throw new IOException("its answer is too long");
            }
            line.append((char) octet);
        }
        return line.toString().stripTrailing();
    }

    /** Every read ends by the deadline, however slowly bytes come in. */
    private InputStream timed(InputStream from) {
        return new FilterInputStream(from) {
            @Override
            public int read(byte[] to, int offset, int length) throws IOException {
                socket.setSoTimeout(remaining(deadline));
                return super.read(to, offset, length);
            }
        };
    }

    private static int remaining(long deadline) throws SocketTimeoutException {
        long millis = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
        if (millis <= 0) {
            throw new SocketTimeoutException("it took too long");
        }
        return Math.toIntExact(millis);
    }

    @Override
    public void close() {
        open = false;
        try {
            socket.close();
        } catch (IOException e) {
            // It is of no use any more either way.
        }
    }
}
