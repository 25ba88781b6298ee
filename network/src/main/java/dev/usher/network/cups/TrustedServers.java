package dev.usher.network.cups;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.AuditEvent;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.Caller;
import dev.usher.accounts.NotFound;
import dev.usher.station.CertificateDer;
import dev.usher.station.StationUri;
import dev.usher.store.Change;
import dev.usher.store.Database;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;

/**
 * What is known of servers that gateways are sent to, kept over restarts: the roots that were seen,
 * and those that were pinned, which every node goes by.
 */
public final class TrustedServers {

    private final Database database;
    private final AuditLog audit;
    private final InstantSource clock;

    public TrustedServers(Database database, AuditLog audit, InstantSource clock) {
        this.database = requireNonNull(database, "database");
        this.audit = requireNonNull(audit, "audit");
        this.clock = requireNonNull(clock, "clock");
    }

    /** HOST:PORT, as a server goes by here. */
    static String name(StationUri uri) {
        if (!uri.isSecure()) {
            throw new IllegalArgumentException(uri + " is not over TLS: there is nothing to trust");
        }
        return uri.host().toLowerCase(Locale.ROOT) + ":" + uri.port();
    }

    /**
     * Reads HOST:PORT.
     *
     * @throws IllegalArgumentException if it is none; the message says why
     */
    public static StationUri server(String hostAndPort) {
        return StationUri.lns("wss://" + hostAndPort);
    }

    /**
     * Says which root a server has, instead of asking it: for one that is not reachable from here,
     * has a self-signed certificate, or will soon have another root.
     *
     * @param certificate one certificate, DER or PEM
     * @throws IllegalArgumentException if a station could not use it; the message says why
     */
    public Change<TrustedServer> pin(Caller actor, StationUri uri, byte[] certificate) {
        CertificateDer root = CertificateDer.of(certificate);
        String name = name(uri);
        Instant now = Instant.ofEpochMilli(clock.millis());
        return handle -> {
            handle.execute(
                    """
                    INSERT INTO trusted_server (server, root, pinned, seen_at, tried_at)
                    VALUES (?, ?, 1, ?, ?)
                    ON CONFLICT (server) DO UPDATE SET root = excluded.root, pinned = 1,
                        seen_at = excluded.seen_at, tried_at = excluded.tried_at,
                        changed_at = NULL, problem = NULL
                    """,
                    name,
                    root.bytes(),
                    now.toEpochMilli(),
                    now.toEpochMilli());
            note(handle, actor.name(), "trust.pin", name, Map.of("root", subject(root)));
            return new TrustedServer(
                    name, Optional.of(root), true, now, Optional.empty(), Optional.empty());
        };
    }

    /** Has the server asked again; fails with {@link NotFound} if nothing is pinned for it. */
    public Change<Boolean> unpin(Caller actor, StationUri uri) {
        String name = name(uri);
        return handle -> {
            int unpinned =
                    handle.execute(
                            "DELETE FROM trusted_server WHERE server = ? AND pinned = 1", name);
            if (unpinned == 0) {
                throw new NotFound("no root is pinned for " + name);
            }
            note(handle, actor.name(), "trust.unpin", name, Map.of());
            return true;
        };
    }

    private void note(
            Handle handle, String actor, String action, String server, Map<String, String> detail) {
        audit.append(handle, new AuditEvent(actor, action, server, Optional.empty(), detail));
    }

    private static String subject(CertificateDer root) {
        return root.toX509().getSubjectX500Principal().getName();
    }

    /** A row, and when it was last looked for. */
    record Row(TrustedServer server, Instant triedAt) {}

    List<Row> all() {
        return rows("SELECT * FROM trusted_server ORDER BY server");
    }

    List<Row> pinned() {
        return rows("SELECT * FROM trusted_server WHERE pinned = 1");
    }

    private List<Row> rows(String query) {
        return database.read(handle -> handle.createQuery(query).map((row, _) -> row(row)).list());
    }

    private static Row row(ResultSet row) throws SQLException {
        byte[] root = row.getBytes("root");
        long changed = row.getLong("changed_at");
        OptionalLong changedAt = row.wasNull() ? OptionalLong.empty() : OptionalLong.of(changed);
        return new Row(
                new TrustedServer(
                        row.getString("server"),
                        Optional.ofNullable(root).map(CertificateDer::of),
                        row.getInt("pinned") != 0,
                        Instant.ofEpochMilli(row.getLong("seen_at")),
                        changedAt.isPresent()
                                ? Optional.of(Instant.ofEpochMilli(changedAt.getAsLong()))
                                : Optional.empty(),
                        Optional.ofNullable(row.getString("problem"))),
                Instant.ofEpochMilli(row.getLong("tried_at")));
    }

    /** Keeps what was seen; what is pinned stays so. */
    void seen(Row row) {
        TrustedServer server = row.server();
        database.write(
                handle ->
                        handle.execute(
                                """
                                INSERT INTO trusted_server
                                    (server, root, pinned, seen_at, tried_at, changed_at, problem)
                                VALUES (?, ?, 0, ?, ?, ?, ?)
                                ON CONFLICT (server) DO UPDATE SET root = excluded.root,
                                    seen_at = excluded.seen_at, tried_at = excluded.tried_at,
                                    changed_at = excluded.changed_at, problem = excluded.problem
                                WHERE trusted_server.pinned = 0
                                """,
                                server.server(),
                                server.root().map(CertificateDer::bytes).orElse(null),
                                server.checkedAt().toEpochMilli(),
                                row.triedAt().toEpochMilli(),
                                server.changedAt().map(Instant::toEpochMilli).orElse(null),
                                server.problem().orElse(null)));
    }

    /** Writes down that a server needs attention. */
    void announce(TrustedServer server, String remark) {
        database.write(
                handle -> {
                    note(
                            handle,
                            "usher",
                            "trust.attention",
                            server.server(),
                            Map.of("why", remark));
                    return true;
                });
    }
}
