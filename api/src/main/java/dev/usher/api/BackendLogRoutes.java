package dev.usher.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.usher.accounts.NotFound;
import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Principal;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.backend.ProtocolVersion;
import dev.usher.backend.ResultCode;
import dev.usher.devices.BackendLog;
import dev.usher.devices.BackendLog.Filter;
import dev.usher.devices.BackendLog.Numbered;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.NearestWord;
import dev.usher.lorawan.Printable;
import dev.usher.store.StoreException;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
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
        return page(caller, filter(caller, request), request);
    }

    /** A page of what is logged, the newest first. */
    Response page(Principal caller, Filter filter, Request request) {
        int limit = Answers.limit(request);
        long before = request.query("before").map(Answers::number).orElse(Long.MAX_VALUE);
        Page page = newest(filter, result(request), before, limit);
        if (page.entries().isEmpty() && before == Long.MAX_VALUE) {
            requirePeer(caller, filter.peer());
        }
        return Answers.json(
                200,
                node -> {
                    ArrayNode items = node.putArray("items");
                    page.entries().forEach(entry -> write(items.addObject(), entry));
                    page.next().ifPresent(next -> node.put("next", next));
                });
    }

    /** The result to look for, as the log has it: in the words of version 1.1. */
    private static Optional<String> result(Request request) {
        return request.query("result")
                .map(
                        text ->
                                ResultCode.of(text)
                                        .map(code -> code.wire(ProtocolVersion.V1_1))
                                        .orElseThrow(() -> noResult(text)));
    }

    private static BadRequest noResult(String text) {
        List<String> known =
                Arrays.stream(ResultCode.values())
                        .map(code -> code.wire(ProtocolVersion.V1_1))
                        .toList();
        return new BadRequest(
                "result '"
                        + Printable.of(text)
                        + "' does not exist: "
                        + NearestWord.to(text, known)
                                .map(near -> "did you mean " + near + "?")
                                .orElse("there are " + String.join(", ", known)));
    }

    /** That a peer has asked nothing is told only of one that there is. Owners know none. */
    private void requirePeer(Principal caller, Optional<String> peer) {
        if (caller instanceof Principal.Administrator
                && peer.filter(name -> !log.knowsPeer(name)).isPresent()) {
            throw new NotFound("there is no peer '" + Printable.of(peer.get()) + "'");
        }
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
        Optional<String> result = result(request);
        requirePeer(caller, filter.peer());
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
                Following following = following(filter, seq);
                seq = following.upTo();
                List<Numbered> told =
                        following.entries().stream().filter(e -> has(result, e)).toList();
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

    /**
     * @param upTo to where the log was read
     */
    private record Following(List<Numbered> entries, long upTo) {}

    /** Where few entries fit, the others are not read again the next time. */
    private Following following(Filter filter, long seq) {
        try {
            long newest = newest(); // before the others, lest one that comes now is skipped
            List<Numbered> entries = log.following(filter, seq, PAGE);
            long last = entries.isEmpty() ? seq : entries.getLast().seq();
            return new Following(entries, entries.size() < PAGE ? Math.max(last, newest) : last);
        } catch (StoreException e) {
            // It may come back; what happens meanwhile is told then.
            return new Following(List.of(), seq);
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
