package dev.usher.gateways;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import dev.usher.station.UpdateInfoRequest;
import dev.usher.store.Database;
import dev.usher.store.StoreException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers what gateways report and why they were answered, without making any of them wait: what
 * happened in the last second is written in one change.
 *
 * <p>If the database is away for long, the newest of each gateway is kept for up to {@value
 * #MOST_WAITING} gateways and written when it is back; more than that is forgotten, as none of it
 * is needed to answer rightly.
 */
final class SeenLog implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SeenLog.class);
    private static final Duration PERIOD = Duration.ofSeconds(1);
    private static final int MOST_WAITING = 100_000;
    private static final int ROWS_PER_CHANGE = 500;

    private final Database database;
    private final Object lock = new Object();
    private Map<Eui64, News> waiting = new HashMap<>();
    private final Thread writer;
    private volatile boolean closed;

    /** What is new of one gateway since the last write; {@code why} newest first. */
    private record News(Optional<UpdateInfoRequest> reported, List<Why> why) {}

    SeenLog(Database database) {
        this.database = requireNonNull(database, "database");
        this.writer = Thread.ofPlatform().name("usher-seen").daemon().start(this::writeNowAndThen);
    }

    /** Notes a check-in of a genuine gateway. */
    void checkedIn(UpdateInfoRequest reported, Why why) {
        note(reported.router(), Optional.of(reported), why);
    }

    /** Notes that somebody failed to prove to be this gateway; what he reported is not believed. */
    void refused(Eui64 gateway, Why why) {
        note(gateway, Optional.empty(), why);
    }

    private void note(Eui64 gateway, Optional<UpdateInfoRequest> reported, Why why) {
        synchronized (lock) {
            if (waiting.size() >= MOST_WAITING && !waiting.containsKey(gateway)) {
                return;
            }
            waiting.merge(
                    gateway,
                    new News(reported, List.of(why)),
                    (before, now) ->
                            new News(
                                    now.reported().or(before::reported),
                                    Why.with(before.why(), why)));
        }
    }

    private void writeNowAndThen() {
        while (!closed) {
            try {
                Thread.sleep(PERIOD);
            } catch (InterruptedException e) {
                break;
            }
            flush();
        }
    }

    /** Writes what is waiting now. */
    void flush() {
        Map<Eui64, News> news;
        synchronized (lock) {
            if (waiting.isEmpty()) {
                return;
            }
            news = waiting;
            waiting = new HashMap<>();
        }
        List<Map.Entry<Eui64, News>> entries = List.copyOf(news.entrySet());
        for (int from = 0; from < entries.size(); from += ROWS_PER_CHANGE) {
            List<Map.Entry<Eui64, News>> part =
                    entries.subList(from, Math.min(entries.size(), from + ROWS_PER_CHANGE));
            try {
                database.write(handle -> write(handle, part));
            } catch (StoreException e) {
                LOG.warn(
                        "what {} gateways reported could not be written yet: {}",
                        part.size(),
                        e.getMessage());
                putBack(entries.subList(from, entries.size()));
                return;
            }
        }
    }

    private void putBack(List<Map.Entry<Eui64, News>> entries) {
        synchronized (lock) {
            for (Map.Entry<Eui64, News> entry : entries) {
                if (waiting.size() < MOST_WAITING) {
                    waiting.putIfAbsent(entry.getKey(), entry.getValue());
                }
            }
        }
    }

    private static boolean write(Handle handle, List<Map.Entry<Eui64, News>> news) {
        Map<Eui64, Seen> before = new HashMap<>();
        handle.createQuery("SELECT * FROM gateway_seen WHERE eui IN (<ids>)")
                .bindList("ids", news.stream().map(entry -> entry.getKey().value()).toList())
                .map(Seen::read)
                .forEach(seen -> before.put(seen.gateway(), seen));
        PreparedBatch reports =
                handle.prepareBatch(
                        """
                        INSERT INTO gateway_seen (eui, at, station, model, package, key_crcs, cups_uri, lns_uri, cups_crc, lns_crc, why)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                        ON CONFLICT (eui) DO UPDATE SET at = excluded.at, station = excluded.station, model = excluded.model,
                            package = excluded.package, key_crcs = excluded.key_crcs, cups_uri = excluded.cups_uri,
                            lns_uri = excluded.lns_uri, cups_crc = excluded.cups_crc, lns_crc = excluded.lns_crc, why = excluded.why
                        """);
        PreparedBatch refusals =
                handle.prepareBatch("UPDATE gateway_seen SET why = ? WHERE eui = ?");
        for (Map.Entry<Eui64, News> entry : news) {
            Eui64 eui = entry.getKey();
            List<Why> why = Optional.ofNullable(before.get(eui)).map(Seen::why).orElse(List.of());
            for (Why next : entry.getValue().why().reversed()) {
                why = Why.with(why, next);
            }
            if (entry.getValue().reported().isPresent()) {
                bind(reports, entry.getValue().reported().get(), why);
            } else if (before.containsKey(eui)) {
                refusals.bind(0, Why.toJson(why)).bind(1, eui.value()).add();
            }
        }
        reports.execute();
        refusals.execute();
        return true;
    }

    private static void bind(PreparedBatch rows, UpdateInfoRequest reported, List<Why> why) {
        rows.bind(0, reported.router().value())
                .bind(1, why.getFirst().at().toEpochMilli())
                .bind(2, reported.station().orElse(null))
                .bind(3, reported.model().orElse(null))
                .bind(4, reported.packageVersion().orElse(null))
                .bind(5, Seen.column(reported.keyCrcs()))
                .bind(6, reported.cupsUri().orElse(null))
                .bind(7, reported.tcUri().orElse(null))
                .bind(8, reported.cupsCredCrc())
                .bind(9, reported.tcCredCrc())
                .bind(10, Why.toJson(why))
                .add();
    }

    /** Writes what is waiting and stops. */
    @Override
    public void close() {
        closed = true;
        writer.interrupt();
        try {
            writer.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        flush();
    }
}
