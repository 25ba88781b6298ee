package dev.usher.accounts;

import static java.util.Objects.requireNonNull;

import dev.usher.store.Database;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.StatementContext;
import tools.jackson.databind.json.JsonMapper;

/**
 * The memory of every change: append-only and hash-chained.
 *
 * <p>Entries are written in the transaction of the change they tell of, so that neither exists
 * without the other. Each entry's hash covers the one before it and the head covers the last, so an
 * entry altered, removed or put in between shows in {@link #verify}. Whoever can rewrite the whole
 * table can rewrite the chain too: keep the head that {@code usher audit verify} prints somewhere
 * else to notice even that.
 */
public final class AuditLog {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int PAGE = 1000;

    private final Database database;
    private final InstantSource clock;

    public AuditLog(Database database, InstantSource clock) {
        this.database = requireNonNull(database, "database");
        this.clock = requireNonNull(clock, "clock");
    }

    /** Appends the events, in order, in the change that {@code handle} belongs to. */
    public void append(Handle handle, List<AuditEvent> events) {
        if (events.isEmpty()) {
            return;
        }
        Head head = head(handle);
        long seq = head.seq();
        String hash = head.hash();
        Instant now = Instant.ofEpochMilli(clock.millis());
        PreparedBatch rows =
                handle.prepareBatch(
                        "INSERT INTO audit (seq, at, actor, action, subject, owner, detail, hash)"
                                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
        for (AuditEvent event : events) {
            seq++;
            String detail = JSON.writeValueAsString(event.detail());
            hash =
                    AuditEntry.hash(
                            hash,
                            seq,
                            now,
                            event.actor(),
                            event.action(),
                            event.subject(),
                            event.owner(),
                            detail);
            rows.bind(0, seq)
                    .bind(1, now.toEpochMilli())
                    .bind(2, event.actor())
                    .bind(3, event.action())
                    .bind(4, event.subject())
                    .bind(5, event.owner().map(OwnerId::value).orElse(null))
                    .bind(6, detail)
                    .bind(7, hash)
                    .add();
        }
        rows.execute();
        handle.execute("UPDATE audit_head SET seq = ?, hash = ? WHERE id = 1", seq, hash);
    }

    public void append(Handle handle, AuditEvent event) {
        append(handle, List.of(event));
    }

    /** Which entries to list. */
    public record Filter(Optional<String> subject, Optional<OwnerId> owner) {
        public static final Filter ALL = new Filter(Optional.empty(), Optional.empty());

        public Filter {
            requireNonNull(subject, "subject");
            requireNonNull(owner, "owner");
        }
    }

    /** The next entries after {@code seq}, oldest first. */
    public List<AuditEntry> list(Filter filter, long afterSeq, int limit) {
        StringBuilder sql = new StringBuilder("SELECT * FROM audit WHERE seq > :after");
        filter.subject().ifPresent(_ -> sql.append(" AND subject = :subject"));
        filter.owner().ifPresent(_ -> sql.append(" AND owner = :owner"));
        return database.read(
                handle -> {
                    var query =
                            handle.createQuery(sql.append(" ORDER BY seq LIMIT :limit"))
                                    .bind("after", afterSeq)
                                    .bind("limit", limit);
                    filter.subject().ifPresent(subject -> query.bind("subject", subject));
                    filter.owner().ifPresent(owner -> query.bind("owner", owner.value()));
                    return query.map(AuditLog::entry).list();
                });
    }

    /** What {@link #verify} found. */
    public sealed interface Verdict {

        /**
         * Every link holds; keep {@code head} to notice later that the whole chain was rewritten.
         */
        record Intact(long entries, String head) implements Verdict {}

        /** The first place where the chain does not hold. */
        record Broken(long seq, String reason) implements Verdict {}
    }

    /** Reads the whole log and checks every link. */
    public Verdict verify() {
        // Head and end are read first and together: entries appended meanwhile are left for the
        // next time.
        Optional<End> end = database.read(AuditLog::end);
        if (end.isEmpty()) {
            return new Verdict.Broken(1, "the head is missing");
        }
        Head head = end.get().head();
        String previous = "";
        long expected = 1;
        while (expected <= head.seq()) {
            List<AuditEntry> page = list(Filter.ALL, expected - 1, PAGE);
            for (AuditEntry entry : page) {
                if (expected > head.seq()) {
                    break;
                }
                if (entry.seq() != expected) {
                    return new Verdict.Broken(expected, "the entry is missing");
                }
                if (!entry.hash().equals(entry.expectedHash(previous))) {
                    return new Verdict.Broken(
                            expected, "the entry or its hash was altered, or the entry before it");
                }
                previous = entry.hash();
                expected++;
            }
            if (page.isEmpty()) {
                return new Verdict.Broken(expected, "the entry is missing");
            }
        }
        if (!previous.equals(head.hash())) {
            return new Verdict.Broken(head.seq(), "the head does not match the last entry");
        }
        return end.get().lastSeq() > head.seq()
                ? new Verdict.Broken(head.seq() + 1, "there are entries behind the head")
                : new Verdict.Intact(head.seq(), head.hash());
    }

    private record Head(long seq, String hash) {}

    private record End(Head head, long lastSeq) {}

    private static Head head(Handle handle) {
        return handle.createQuery("SELECT seq, hash FROM audit_head WHERE id = 1")
                .map((row, _) -> new Head(row.getLong("seq"), row.getString("hash")))
                .one();
    }

    private static Optional<End> end(Handle handle) {
        return handle.createQuery(
                        "SELECT seq, hash, (SELECT max(seq) FROM audit) AS last_seq FROM audit_head"
                                + " WHERE id = 1")
                .map(
                        (row, _) ->
                                new End(
                                        new Head(row.getLong("seq"), row.getString("hash")),
                                        row.getLong("last_seq")))
                .findOne();
    }

    private static AuditEntry entry(ResultSet row, StatementContext context) throws SQLException {
        long owner = row.getLong("owner");
        Optional<OwnerId> ofOwner =
                row.wasNull() ? Optional.empty() : Optional.of(new OwnerId(owner));
        return new AuditEntry(
                row.getLong("seq"),
                Instant.ofEpochMilli(row.getLong("at")),
                row.getString("actor"),
                row.getString("action"),
                row.getString("subject"),
                ofOwner,
                row.getString("detail"),
                row.getString("hash"));
    }
}
