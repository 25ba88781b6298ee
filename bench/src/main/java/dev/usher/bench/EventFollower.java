package dev.usher.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;

/**
 * An application that follows the event stream of the network. The payload of each uplink is the
 * {@link System#nanoTime} at which it was sent.
 */
final class EventFollower implements AutoCloseable {

    private static final String PAYLOAD = "\"payload\":\"";
    private static final String MISSED = "\"type\":\"missed\",\"count\":";

    /** If none comes for so long, no more will. */
    private static final Duration LAST_ONES = Duration.ofSeconds(2);

    private final InputStream stream;
    private long[] latencies = new long[1 << 16];
    private int count;
    private long missed;

    /** What was missed when it was last taken. */
    private long taken;

    private EventFollower(InputStream stream) {
        this.stream = stream;
    }

    /** Begins to follow a node. */
    static EventFollower open(Path data, int webPort) throws IOException, InterruptedException {
        HttpClient client =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .sslContext(Client.trusting(data.resolve("ca.pem")))
                        .build();
        HttpRequest request =
                HttpRequest.newBuilder(
                                URI.create(
                                        "https://localhost:"
                                                + webPort
                                                + "/api/v1/network/events?type=uplink"))
                        .header(
                                "Authorization",
                                "Bearer " + Files.readString(data.resolve("admin.key")).strip())
                        .build();
        HttpResponse<InputStream> response =
                client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        if (response.statusCode() != 200) {
            throw new IOException("the event stream answers " + response.statusCode());
        }
        EventFollower follower = new EventFollower(response.body());
        Thread.ofPlatform().daemon().name("bench-events").start(follower::read);
        return follower;
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                long now = System.nanoTime();
                int at = line.indexOf(PAYLOAD);
                if (at >= 0) {
                    int begin = at + PAYLOAD.length();
                    byte[] payload =
                            Base64.getDecoder()
                                    .decode(line.substring(begin, line.indexOf('"', begin)));
                    add(now - ByteBuffer.wrap(payload).getLong());
                } else if (line.contains(MISSED)) {
                    String rest = line.substring(line.indexOf(MISSED) + MISSED.length());
                    missed(Long.parseLong(rest.replaceAll("[^0-9].*", "")));
                }
            }
        } catch (IOException _) {
            // the end of the benchmark
        }
    }

    private synchronized void add(long latency) {
        if (count == latencies.length) {
            latencies = Arrays.copyOf(latencies, 2 * count);
        }
        latencies[count++] = latency;
    }

    private synchronized void missed(long more) {
        missed += more;
    }

    /**
     * Of the uplinks since the last call, sorted, in nanoseconds.
     *
     * @param wanted how many are waited for, as long as some still come
     */
    synchronized long[] take(long wanted) throws InterruptedException {
        int before = -1;
        while (count + missed - taken < wanted && count > before) {
            before = count;
            wait(LAST_ONES.toMillis());
        }
        taken = missed;
        long[] sorted = Arrays.copyOf(latencies, count);
        Arrays.sort(sorted);
        count = 0;
        return sorted;
    }

    /** How many uplinks the stream left out because it was read too slowly. */
    synchronized long missed() {
        return missed;
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
