package dev.usher.gateways;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import dev.usher.station.UpdateInfoRequest;
import dev.usher.station.Why;
import dev.usher.store.Change;
import dev.usher.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers what gateways report and why they were answered, without making any of them wait: what
 * happened in the last second is written in one change.
 *
 * <p>While the database is away it is tried less and less often, once a minute at last. What is new
 * is kept for up to {@value #MOST_WAITING} gateways and written when the database is back; more
 * than that is forgotten, as none of it is needed to answer rightly.
 */
final class SeenLog implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SeenLog.class);
    private static final Duration PERIOD = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    private static final Duration LONGEST_FAREWELL = Duration.ofSeconds(5);
    private static final int MOST_WAITING = 100_000;
    private static final int ROWS_PER_CHANGE = 500;

    private final Consumer<Change<Boolean>> database;
    private final Object lock = new Object();
    private final Object writing = new Object();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread writer;
    private Map<Eui64, News> waiting = new HashMap<>();

    /** What a gateway said of itself when it last proved to be it. */
    private record Report(UpdateInfoRequest request, Instant at) {}

    /** What is new of one gateway since the last write; {@code why} newest first. */
    private record News(Optional<Report> report, List<Why> why) {

        /** This and what happened after it. */
        News and(News later) {
            return new News(later.report().or(this::report), Why.with(why, later.why()));
        }
    }

    /**
     * @param database makes a change durable, or throws {@link StoreException} while it cannot
     */
    SeenLog(Consumer<Change<Boolean>> database) {
        this.database = requireNonNull(database, "database");
        this.writer = Thread.ofPlatform().name("usher-seen").daemon().start(this::writeNowAndThen);
    }

    /** Notes a check-in of a genuine gateway. */
    void checkedIn(UpdateInfoRequest reported, Why why) {
        note(
                reported.router(),
                new News(Optional.of(new Report(reported, why.at())), List.of(why)));
    }

    /** Notes something of a gateway that it did not report itself, such as that it was refused. */
    void noted(Eui64 gateway, Why why) {
        note(gateway, new News(Optional.empty(), List.of(why)));
    }

    private void note(Eui64 gateway, News news) {
        synchronized (lock) {
            if (waiting.size() < MOST_WAITING || waiting.containsKey(gateway)) {
                waiting.merge(gateway, news, News::and);
            }
        }
    }

    private void writeNowAndThen() {
        Duration pause = PERIOD;
        try {
            while (!closing.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                pause = flush() ? PERIOD : longer(pause);
            }
        } catch (InterruptedException e) {
            LOG.error("what gateways report is no longer written: the writer was interrupted", e);
        }
    }

    private static Duration longer(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
    }

    /** Writes what is waiting now; whether the database took it. */
    boolean flush() {
        synchronized (writing) {
            List<Map.Entry<Eui64, News>> news = takeWaiting();
            for (int from = 0; from < news.size(); from += ROWS_PER_CHANGE) {
                int to = Math.min(news.size(), from + ROWS_PER_CHANGE);
                try {
                    List<Map.Entry<Eui64, News>> part = news.subList(from, to);
                    database.accept(handle -> write(handle, part));
                } catch (StoreException e) {
                    LOG.warn(
                            "what {} gateways reported could not be written yet: {}",
                            news.size() - from,
                            e.getMessage());
                    putBack(news.subList(from, news.size()));
                    return false;
                } catch (RuntimeException e) {
                    // The database is there and does not want it. Without these the next can be
                    // written.
                    LOG.error("what {} gateways reported could not be written", to - from, e);
                }
            }
            return true;
        }
    }

    private List<Map.Entry<Eui64, News>> takeWaiting() {
        synchronized (lock) {
            if (waiting.isEmpty()) {
                return List.of();
            }
            List<Map.Entry<Eui64, News>> taken = List.copyOf(waiting.entrySet());
            waiting = new HashMap<>();
            return taken;
        }
    }

    private void putBack(List<Map.Entry<Eui64, News>> earlier) {
        synchronized (lock) {
            for (Map.Entry<Eui64, News> entry : earlier) {
                News later = waiting.get(entry.getKey());
                if (later != null) {
                    waiting.put(entry.getKey(), entry.getValue().and(later));
                } else if (waiting.size() < MOST_WAITING) {
                    waiting.put(entry.getKey(), entry.getValue());
                }
            }
        }
    }

    private static boolean write(Handle handle, List<Map.Entry<Eui64, News>> news) {
        Map<Eui64, Seen> before =
                Seen.findAll(handle, news.stream().map(Map.Entry::getKey).toList());
        PreparedBatch reports =
                handle.prepareBatch(
                        """
                        INSERT INTO gateway_seen (eui, at, station, model, package, key_crcs,
                            cups_uri, lns_uri, cups_crc, lns_crc, why)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                        ON CONFLICT (eui) DO UPDATE SET at = excluded.at,
                            station = excluded.station, model = excluded.model,
                            package = excluded.package, key_crcs = excluded.key_crcs,
                            cups_uri = excluded.cups_uri, lns_uri = excluded.lns_uri,
                            cups_crc = excluded.cups_crc, lns_crc = excluded.lns_crc,
                            why = excluded.why
                        """);
        PreparedBatch refusals =
                handle.prepareBatch("UPDATE gateway_seen SET why = ? WHERE eui = ?");
        for (Map.Entry<Eui64, News> entry : news) {
            Eui64 eui = entry.getKey();
            Optional<Seen> seen = Optional.ofNullable(before.get(eui));
            List<Why> why = Why.with(seen.map(Seen::why).orElse(List.of()), entry.getValue().why());
            Optional<Report> report = entry.getValue().report();
            if (report.isPresent()) {
                bind(reports, report.get(), why);
            } else if (seen.isPresent()) {
                refusals.bind(0, Seen.whyColumn(why)).bind(1, eui.value()).add();
            }
        }
        reports.execute();
        refusals.execute();
        return true;
    }

    private static void bind(PreparedBatch rows, Report report, List<Why> why) {
        UpdateInfoRequest reported = report.request();
        rows.bind(0, reported.router().value())
                .bind(1, report.at().toEpochMilli())
                .bind(2, reported.station().orElse(null))
                .bind(3, reported.model().orElse(null))
                .bind(4, reported.packageVersion().orElse(null))
                .bind(5, Seen.column(reported.keyCrcs()))
                .bind(6, reported.cupsUri().orElse(null))
                .bind(7, reported.tcUri().orElse(null))
                .bind(8, reported.cupsCredCrc())
                .bind(9, reported.tcCredCrc())
                .bind(10, Seen.whyColumn(why))
                .add();
    }

    /** Writes what is waiting, if the database takes it, and stops. */
    @Override
    public void close() {
        closing.countDown();
        try {
            if (writer.join(LONGEST_FAREWELL)) {
                flush();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
