package dev.usher.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Principal;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.devices.BackendLog;
import dev.usher.devices.BackendLog.Filter;
import dev.usher.devices.BackendLog.Numbered;
import dev.usher.lorawan.Eui64;
import dev.usher.store.StoreException;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The log of Backend Interfaces in the REST API: all of it for administrators, what concerns their
 * devices for owners. It can be followed as server-sent events whose ids are the entries' numbers.
 */
final class BackendLogRoutes implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(500);
    private static final int PAGE = 500;
    private static final int MOST_SEARCHED = 20_000;
    private static final int MOST_FOLLOWERS = 100;

    private final BackendLog log;
    private final Duration heartbeat;
    private final Duration longest;
    private final Semaphore followers = new Semaphore(MOST_FOLLOWERS);
    private final CountDownLatch closing = new CountDownLatch(1);

    BackendLogRoutes(BackendLog log) {
        // Longer than an hour would outlive an API key too long; clients come back by themselves.
        this(log, Duration.ofSeconds(15), Duration.ofHours(1));
    }

    /**
     * @param heartbeat after how long a silent stream shows that it is alive, and notices that
     *     nobody reads it
     * @param longest when a stream ends
     */
    BackendLogRoutes(BackendLog log, Duration heartbeat, Duration longest) {
        this.log = requireNonNull(log, "log");
        this.heartbeat = requireNonNull(heartbeat, "heartbeat");
        this.longest = requireNonNull(longest, "longest");
    }

    void addTo(Routes<Principal> routes) {
        routes.add("GET", "/api/v1/backend-log", this::list)
                .add("GET", "/api/v1/backend-log/stream", this::follow);
    }

    private Response list(Principal caller, Request request, Routes.Variables path) {
        return page(filter(caller, request), request);
    }

    /** A page of what is logged, the newest first. */
    Response page(Filter filter, Request request) {
        int limit = Answers.limit(request);
        long before = request.query("before").map(Answers::number).orElse(Long.MAX_VALUE);
        Page page = newest(filter, request.query("result"), before, limit);
        return Answers.json(
                200,
                node -> {
                    ArrayNode items = node.putArray("items");
                    page.entries().forEach(entry -> write(items.addObject(), entry));
                    page.next().ifPresent(next -> node.put("next", next));
                });
    }

    /**
     * @param next before which entry the next page begins; empty: there is none
     */
    private record Page(List<Numbered> entries, OptionalLong next) {}

    /**
     * The last entries before {@code before}. Where few have the result, a page ends before it is
     * full, so that one request does not search through everything.
     */
    private Page newest(Filter filter, Optional<String> result, long before, int limit) {
        List<Numbered> found = new ArrayList<>();
        int step = result.isPresent() ? PAGE : limit;
        long seq = before;
        for (int searched = 0; searched < MOST_SEARCHED; searched += step) {
            List<Numbered> entries = log.newest(filter, seq, step);
            for (Numbered entry : entries) {
                seq = entry.seq();
                if (has(result, entry)) {
                    found.add(entry);
                }
                if (found.size() == limit) {
                    return new Page(found, OptionalLong.of(seq));
                }
            }
            if (entries.size() < step) {
                return new Page(found, OptionalLong.empty());
            }
        }
        return new Page(found, OptionalLong.of(seq));
    }

    private static boolean has(Optional<String> result, Numbered entry) {
        return result.isEmpty() || result.get().equals(entry.entry().result());
    }

    /** From the entry after Last-Event-ID on or, without one, from now on. */
    private Response follow(Principal caller, Request request, Routes.Variables path) {
        Filter filter = filter(caller, request);
        Optional<String> result = request.query("result");
        long after =
                request.header("Last-Event-ID")
                        .or(() -> request.query("after"))
                        .map(Answers::number)
                        .orElseGet(this::newest);
        if (!followers.tryAcquire()) {
            return Answers.problem(
                            503,
                            "busy",
                            "Too many follow the log",
                            new IllegalStateException(
                                    "the log is followed by " + MOST_FOLLOWERS + " already"))
                    .withHeader("Retry-After", "10");
        }
        return Response.stream(200, "text/event-stream", out -> follow(filter, result, after, out))
                .withHeader("Cache-Control", "no-cache");
    }

    private long newest() {
        return log.newest(Filter.ALL, Long.MAX_VALUE, 1).stream()
                .mapToLong(Numbered::seq)
                .findFirst()
                .orElse(0);
    }

    private static Filter filter(Principal caller, Request request) {
        return new Filter(
                request.query("peer"),
                request.query("device").map(Eui64::parse),
                caller instanceof Principal.OwnerPrincipal self
                        ? Optional.of(self.id())
                        : request.query("owner").map(OwnerId::parse));
    }

    private void follow(Filter filter, Optional<String> result, long after, OutputStream out)
            throws IOException {
        try {
            long began = System.nanoTime();
            long wrote = began;
            long seq = after;
            write(out, ": from entry " + seq + "\n\n");
            while (!closing.await(POLL.toMillis(), TimeUnit.MILLISECONDS)
                    && System.nanoTime() - began < longest.toNanos()) {
                List<Numbered> entries = following(filter, seq);
                if (!entries.isEmpty()) {
                    seq = entries.getLast().seq();
                }
                List<Numbered> told = entries.stream().filter(e -> has(result, e)).toList();
                if (!told.isEmpty()) {
                    write(out, events(told));
                    wrote = System.nanoTime();
                } else if (System.nanoTime() - wrote > heartbeat.toNanos()) {
                    write(out, ":\n\n");
                    wrote = System.nanoTime();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            followers.release();
        }
    }

    private List<Numbered> following(Filter filter, long seq) {
        try {
            return log.following(filter, seq, PAGE);
        } catch (StoreException e) {
            // It may come back; what happens meanwhile is told then.
            return List.of();
        }
    }

    private static String events(List<Numbered> entries) {
        StringBuilder events = new StringBuilder();
        for (Numbered entry : entries) {
            ObjectNode node = Fields.JSON.createObjectNode();
            write(node, entry);
            events.append("id: ")
                    .append(entry.seq())
                    .append("\ndata: ")
                    .append(node)
                    .append("\n\n");
        }
        return events.toString();
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(UTF_8));
        out.flush();
    }

    private static void write(ObjectNode node, Numbered numbered) {
        BackendLog.Entry entry = numbered.entry();
        node.put("seq", numbered.seq()).put("at", entry.at().toString());
        entry.peer().ifPresent(peer -> node.put("peer", peer));
        node.put("sender", entry.sender());
        entry.devEui().ifPresent(devEui -> node.put("device", devEui.toString()));
        node.put("type", entry.type()).put("version", entry.version());
        entry.nonce().ifPresent(nonce -> node.put("nonce", nonce));
        node.put("result", entry.result());
        if (!entry.why().isEmpty()) {
            node.put("why", entry.why());
        }
        node.put("micros", entry.micros());
    }

    /** Ends the streams. */
    @Override
    public void close() {
        closing.countDown();
    }
}
