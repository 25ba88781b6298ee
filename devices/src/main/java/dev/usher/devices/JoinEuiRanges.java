package dev.usher.devices;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.AuditEvent;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.Conflict;
import dev.usher.accounts.NotFound;
import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Owners;
import dev.usher.accounts.Principal;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.EuiRange;
import dev.usher.store.Change;
import dev.usher.store.Database;
import dev.usher.store.Snapshot;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * The JoinEUIs this Join Server answers for, and which maker may provision devices under them. They
 * are few, and kept in memory ({@link Snapshot}).
 */
public final class JoinEuiRanges {

    private final Database database;
    private final AuditLog audit;
    private final Snapshot<List<Assigned>> snapshot;

    /** JoinEUIs of a maker. */
    public record Assigned(EuiRange range, OwnerId maker) {
        public Assigned {
            requireNonNull(range, "range");
            requireNonNull(maker, "maker");
        }
    }

    JoinEuiRanges(Database database, AuditLog audit) {
        this.database = requireNonNull(database, "database");
        this.audit = requireNonNull(audit, "audit");
        this.snapshot = new Snapshot<>(database, JoinEuiRanges::list);
    }

    /** Gives a range to a maker; fails with {@link Conflict} if a part of it is given already. */
    public Change<Assigned> assign(Principal actor, EuiRange range, OwnerId maker) {
        return handle -> {
            if (Owners.find(handle, maker).isEmpty()) {
                throw new NotFound("there is no owner " + maker + ": create it first");
            }
            for (Assigned other : list(handle)) {
                if (other.range().overlaps(range)) {
                    throw new Conflict(
                            "JoinEUI range %s overlaps %s of maker %s: delete that first, for ranges share no JoinEUI"
                                    .formatted(range, other.range(), other.maker()));
                }
            }
            handle.execute(
                    "INSERT INTO join_eui_range (first_eui, last_eui, maker) VALUES (?, ?, ?)",
                    range.first().value(),
                    range.last().value(),
                    maker.value());
            audited(handle, actor, "join-eui.assign", range, maker);
            return new Assigned(range, maker);
        };
    }

    /**
     * Takes a range back. Its devices stay, but this Join Server does not answer for them any more;
     * so where there are some it fails with {@link Conflict}, unless {@code evenWithDevices}.
     */
    public Change<Boolean> withdraw(Principal actor, EuiRange range, boolean evenWithDevices) {
        return handle -> {
            OwnerId maker =
                    list(handle).stream()
                            .filter(assigned -> assigned.range().equals(range))
                            .map(Assigned::maker)
                            .findFirst()
                            .orElseThrow(() -> new NotFound("no maker has JoinEUI range " + range));
            long devices = devicesIn(handle, range);
            if (devices > 0 && !evenWithDevices) {
                throw new Conflict(
                        "%d device%s a JoinEUI of %s and could not join any more: force it (--force) if that is meant"
                                .formatted(devices, devices == 1 ? " has" : "s have", range));
            }
            handle.execute("DELETE FROM join_eui_range WHERE first_eui = ?", range.first().value());
            audited(handle, actor, "join-eui.withdraw", range, maker);
            return true;
        };
    }

    /** The numbers are signed, the range is not. */
    private static long devicesIn(Handle handle, EuiRange range) {
        long first = range.first().value();
        long last = range.last().value();
        String inRange =
                first <= last
                        ? "join_eui >= ? AND join_eui <= ?"
                        : "(join_eui >= ? OR join_eui <= ?)";
        return handle.createQuery("SELECT count(*) FROM device WHERE " + inRange)
                .bind(0, first)
                .bind(1, last)
                .mapTo(Long.class)
                .one();
    }

    private void audited(
            Handle handle, Principal actor, String action, EuiRange range, OwnerId maker) {
        audit.append(
                handle,
                new AuditEvent(actor, action, range.toString(), Optional.of(maker), Map.of()));
    }

    public List<Assigned> list() {
        return database.read(JoinEuiRanges::list);
    }

    static List<Assigned> list(Handle handle) {
        return handle.createQuery("SELECT * FROM join_eui_range ORDER BY first_eui")
                .map(
                        (row, _) ->
                                new Assigned(
                                        new EuiRange(
                                                new Eui64(row.getLong("first_eui")),
                                                new Eui64(row.getLong("last_eui"))),
                                        new OwnerId(row.getLong("maker"))))
                .list();
    }

    /** Reads the ranges again at once. Call it after a change. */
    public void refresh() {
        snapshot.refresh();
    }

    /** Whether this Join Server answers for the JoinEUI. */
    boolean contains(Eui64 joinEui) {
        return contains(snapshot.current(), joinEui);
    }

    /** As {@link #contains}, without ever reading the database; {@code false} if it had to. */
    boolean isKnownToContain(Eui64 joinEui) {
        return snapshot.fresh().filter(assigned -> contains(assigned, joinEui)).isPresent();
    }

    /** As {@link #contains} said last, for a step of something that has asked before. */
    boolean contained(Eui64 joinEui) {
        return contains(snapshot.latest(), joinEui);
    }

    private static boolean contains(List<Assigned> all, Eui64 joinEui) {
        return all.stream().anyMatch(assigned -> assigned.range().contains(joinEui));
    }

    /** Whose devices have this JoinEUI, as the change sees it that {@code handle} belongs to. */
    static Optional<OwnerId> makerOf(Handle handle, Eui64 joinEui) {
        return list(handle).stream()
                .filter(assigned -> assigned.range().contains(joinEui))
                .map(Assigned::maker)
                .findFirst();
    }
}
