package dev.usher.gateways;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.AuditEvent;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.Certificates;
import dev.usher.accounts.Conflict;
import dev.usher.accounts.NotFound;
import dev.usher.accounts.Principal;
import dev.usher.keys.KeyLabel;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.EuiRange;
import dev.usher.lorawan.Printable;
import dev.usher.store.Change;
import dev.usher.store.Database;
import dev.usher.store.Snapshot;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * The batches of this Gateway Join Server. There are few of them and every check-in asks for one,
 * so they are kept in memory ({@link Snapshot}). Changes do not rely on that: they read the batches
 * anew.
 */
public final class Batches {

    private final Database database;
    private final AuditLog audit;
    private final Snapshot<ByEui> snapshot;

    public Batches(Database database, AuditLog audit) {
        this.database = requireNonNull(database, "database");
        this.audit = requireNonNull(audit, "audit");
        this.snapshot = new Snapshot<>(database, Batches::in);
    }

    /**
     * Adds a batch. Fails with {@link Conflict} if the name is taken, or if its range overlaps
     * another batch's or holds a gateway that was added or imported on its own. Its root key is
     * expected to be in the vault already.
     */
    public Change<Batch> create(Principal actor, Batch batch) {
        return handle -> {
            for (Batch other : list(handle)) {
                if (other.name().equals(batch.name())) {
                    throw new Conflict(
                            "batch " + batch.name() + " exists already: choose another name");
                }
                if (other.range().overlaps(batch.range())) {
                    throw new Conflict(
                            "range %s overlaps batch %s (%s): batches share no EUI"
                                    .formatted(batch.range(), other.name(), other.range()));
                }
            }
            standalone(handle, batch.range())
                    .ifPresent(
                            eui -> {
                                throw new Conflict(
                                        "range "
                                                + batch.range()
                                                + " holds gateway "
                                                + eui
                                                + ", which was added or imported on its own: leave"
                                                + " it out of the range or delete it first");
                            });
            handle.execute(
                    """
                    INSERT INTO batch (name, first_eui, last_eui, flavor, key_label, maker_ca,
                        retire_pin_on_release, created_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                    batch.name(),
                    batch.range().first().value(),
                    batch.range().last().value(),
                    batch.flavor(),
                    batch.keyLabel().value(),
                    batch.makerCa().map(Certificates::encoded).orElse(null),
                    batch.retirePinOnRelease() ? 1 : 0,
                    batch.createdAt().toEpochMilli());
            audit.append(
                    handle,
                    new AuditEvent(
                            actor,
                            "batch.create",
                            batch.name(),
                            Optional.empty(),
                            Map.of(
                                    "range",
                                    batch.range().toString(),
                                    "key",
                                    batch.keyLabel().value())));
            return batch;
        };
    }

    /** A gateway in the range that was added or imported on its own. */
    private static Optional<Eui64> standalone(Handle handle, EuiRange range) {
        return signedParts(range).stream()
                .flatMap(
                        part ->
                                handle
                                        .createQuery(
                                                "SELECT eui FROM gateway WHERE origin <> 'batch'"
                                                        + " AND eui BETWEEN :first AND :last"
                                                        + " LIMIT 1")
                                        .bind("first", part.first().value())
                                        .bind("last", part.last().value())
                                        .mapTo(Long.class)
                                        .list()
                                        .stream())
                .map(Eui64::new)
                .findFirst();
    }

    /**
     * Takes a batch out, not its key, and forgets what is known of its gateways, such as which PINs
     * were retired. Fails with {@link Conflict} while a gateway of it is claimed.
     */
    public Change<Boolean> delete(Principal actor, String name) {
        return handle -> {
            Batch batch = find(list(handle), name);
            long claimed = claimed(handle, batch);
            if (claimed > 0) {
                throw new Conflict(
                        "batch "
                                + name
                                + " has "
                                + claimed
                                + " claimed gateways: release them first");
            }
            for (EuiRange part : signedParts(batch.range())) {
                for (String table : List.of("gateway_seen", "gateway")) {
                    handle.execute(
                            "DELETE FROM " + table + " WHERE eui BETWEEN ? AND ?",
                            part.first().value(),
                            part.last().value());
                }
            }
            handle.execute("DELETE FROM batch WHERE name = ?", name);
            audit.append(
                    handle,
                    new AuditEvent(actor, "batch.delete", name, Optional.empty(), Map.of()));
            return true;
        };
    }

    /**
     * Reads the batches again at once, and with them the authorities that may speak for gateways.
     * Call it after a change of either, so that check-ins on this node know of it without delay.
     */
    public void refresh() {
        snapshot.refresh();
    }

    public List<Batch> list() {
        return database.read(Batches::list);
    }

    /** The batch, or {@link NotFound} with a sentence. */
    public Batch get(String name) {
        return find(list(), name);
    }

    private static Batch find(List<Batch> batches, String name) {
        return batches.stream()
                .filter(batch -> batch.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new NotFound("there is no batch '" + Printable.of(name) + "'"));
    }

    /** How many gateways of the batch are claimed. */
    public long claimed(Batch batch) {
        return database.read(handle -> claimed(handle, batch));
    }

    private static long claimed(Handle handle, Batch batch) {
        long claimed = 0;
        for (EuiRange part : signedParts(batch.range())) {
            claimed +=
                    handle.createQuery(
                                    "SELECT count(*) FROM gateway WHERE eui BETWEEN :first AND"
                                            + " :last AND owner IS NOT NULL")
                            .bind("first", part.first().value())
                            .bind("last", part.last().value())
                            .mapTo(Long.class)
                            .one();
        }
        return claimed;
    }

    /**
     * The database orders EUIs as signed numbers, so a range that crosses from 7F… to 80… is two
     * there.
     */
    static List<EuiRange> signedParts(EuiRange range) {
        if (range.first().value() >= 0 && range.last().value() < 0) {
            return List.of(
                    new EuiRange(range.first(), new Eui64(Long.MAX_VALUE)),
                    new EuiRange(new Eui64(Long.MIN_VALUE), range.last()));
        }
        return List.of(range);
    }

    /** The batch this gateway comes from, as of two seconds ago at most. */
    public Optional<Batch> of(Eui64 eui) {
        return current().of(eui);
    }

    /**
     * The batches as of two seconds ago at most. Do not call it within a read or a change: it may
     * have to read itself.
     */
    ByEui current() {
        return snapshot.current();
    }

    /** The batches as the change sees them that {@code handle} belongs to. */
    static ByEui in(Handle handle) {
        return new ByEui(list(handle));
    }

    static final class ByEui {
        private final TreeMap<Eui64, Batch> byFirst = new TreeMap<>();

        private ByEui(List<Batch> batches) {
            batches.forEach(batch -> byFirst.put(batch.range().first(), batch));
        }

        Optional<Batch> of(Eui64 eui) {
            Map.@Nullable Entry<Eui64, Batch> candidate = byFirst.floorEntry(eui);
            return candidate != null && candidate.getValue().range().contains(eui)
                    ? Optional.of(candidate.getValue())
                    : Optional.empty();
        }

        Collection<Batch> all() {
            return byFirst.values();
        }
    }

    private static List<Batch> list(Handle handle) {
        return handle.createQuery("SELECT * FROM batch ORDER BY name").map(Batches::batch).list();
    }

    private static Batch batch(ResultSet row, StatementContext context) throws SQLException {
        byte @Nullable [] makerCa = row.getBytes("maker_ca");
        return new Batch(
                row.getString("name"),
                new EuiRange(
                        new Eui64(row.getLong("first_eui")), new Eui64(row.getLong("last_eui"))),
                row.getString("flavor"),
                new KeyLabel(row.getString("key_label")),
                Optional.ofNullable(makerCa).map(Certificates::decoded),
                row.getInt("retire_pin_on_release") != 0,
                Instant.ofEpochMilli(row.getLong("created_at")));
    }
}
