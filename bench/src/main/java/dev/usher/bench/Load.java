package dev.usher.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * Gateways that check in over and over, each time with a new connection and a full handshake, as stations do.
 *
 * @param gateways taken in turn
 */
record Load(int port, List<Visitor> gateways, int threads) {

    /**
     * One gateway: what it shows and what it sends.
     *
     * @param context with its client certificate, if it has one
     */
    record Visitor(SSLContext context, byte[] request) {

        static byte[] request(String eui, String authorization, String lnsUri) {
            String uri = lnsUri.isEmpty() ? "null" : "\"" + lnsUri + "\"";
            String body = "{\"router\":\"" + eui + "\",\"cupsUri\":\"https://localhost:9191\",\"tcUri\":" + uri
                    + ",\"cupsCredCrc\":2077607535,\"tcCredCrc\":2077607535,"
                    + "\"station\":\"2.0.6(linux/std) 2026-01-01 00:00:00\",\"model\":\"linux\",\"package\":\"1.0.0\",\"keys\":[]}";
            return ("POST /update-info HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
                            + String.format("%5d", body.length()) + "\r\n" + authorization + "\r\n" + body)
                    .getBytes(StandardCharsets.US_ASCII);
        }
    }

    /**
     * What came of it.
     *
     * @param latencies of every request in nanoseconds, ascending
     */
    record Result(long[] latencies, Duration took, int failures) {

        double perSecond() {
            return latencies.length / (took.toNanos() / 1e9);
        }

        double millis(double quantile) {
            return latencies.length == 0
                    ? 0
                    : latencies[(int) Math.min(latencies.length - 1, latencies.length * quantile)] / 1e6;
        }
    }

    Result run(Duration duration) throws InterruptedException {
        long end = System.nanoTime() + duration.toNanos();
        AtomicInteger next = new AtomicInteger();
        AtomicInteger failures = new AtomicInteger();
        long start = System.nanoTime();
        List<long[]> all = new ArrayList<>();
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Callable<long[]>> work = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                work.add(() -> {
                    long[] latencies = new long[1024];
                    int count = 0;
                    while (System.nanoTime() < end) {
                        Visitor visitor = gateways.get(Math.floorMod(next.getAndIncrement(), gateways.size()));
                        long began = System.nanoTime();
                        if (!checkIn(visitor)) {
                            failures.incrementAndGet();
                            continue;
                        }
                        if (count == latencies.length) {
                            latencies = Arrays.copyOf(latencies, count * 2);
                        }
                        latencies[count++] = System.nanoTime() - began;
                    }
                    return Arrays.copyOf(latencies, count);
                });
            }
            for (Future<long[]> done : pool.invokeAll(work)) {
                all.add(done.resultNow());
            }
        }
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        long[] latencies = all.stream().flatMapToLong(Arrays::stream).sorted().toArray();
        return new Result(latencies, took, failures.get());
    }

    /** One check-in; whether it was answered with 14 zero bytes. */
    private boolean checkIn(Visitor visitor) {
        try (Socket plain = new Socket()) {
            plain.setTcpNoDelay(true);
            plain.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 10_000);
            plain.setSoTimeout(10_000);
            try (SSLSocket socket = (SSLSocket)
                    visitor.context().getSocketFactory().createSocket(plain, "localhost", port, true)) {
                OutputStream out = socket.getOutputStream();
                out.write(visitor.request());
                out.flush();
                return isNothing(socket.getInputStream());
            }
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isNothing(InputStream in) throws IOException {
        byte[] answer = new byte[1024];
        int length = 0;
        while (length < answer.length) {
            int read = in.read(answer, length, answer.length - length);
            if (read < 0) {
                return false;
            }
            length += read;
            String text = new String(answer, 0, length, StandardCharsets.ISO_8859_1);
            int body = text.indexOf("\r\n\r\n") + 4;
            if (body >= 4 && length - body >= 14) {
                return text.startsWith("HTTP/1.1 200") && text.endsWith("\0".repeat(14));
            }
        }
        return false;
    }
}
