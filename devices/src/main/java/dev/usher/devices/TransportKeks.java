package dev.usher.devices;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.AuditEvent;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.Conflict;
import dev.usher.accounts.NotFound;
import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Owners;
import dev.usher.accounts.Principal;
import dev.usher.keys.Sealer;
import dev.usher.lorawan.Kek;
import dev.usher.lorawan.Printable;
import dev.usher.store.Change;
import dev.usher.store.Database;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * The transport KEKs of makers: what the root keys of their devices are wrapped with on the way
 * here, so that whatever carries them never has them in clear.
 */
public final class TransportKeks {

    private final Database database;
    private final Sealer sealer;
    private final AuditLog audit;
    private final InstantSource clock;

    TransportKeks(Database database, Sealer sealer, AuditLog audit, InstantSource clock) {
        this.database = requireNonNull(database, "database");
        this.sealer = requireNonNull(sealer, "sealer");
        this.audit = requireNonNull(audit, "audit");
        this.clock = requireNonNull(clock, "clock");
    }

    /**
     * A KEK as it can be shown.
     *
     * @param bits 128, 192 or 256
     */
    public record TransportKek(String label, int bits, Instant createdAt) {
        public TransportKek {
            requireNonNull(label, "label");
            requireNonNull(createdAt, "createdAt");
        }
    }

    /** Registers a KEK; fails with {@link Conflict} if the maker has one with this label. */
    public Change<TransportKek> register(Principal actor, OwnerId maker, String label, Kek kek) {
        KekLabel.check(label);
        byte[] sealed = sealer.seal(context(maker, label), kek.bytes());
        Instant now = now();
        return handle -> {
            if (Owners.find(handle, maker).isEmpty()) {
                throw new NotFound("there is no owner " + maker + ": create it first");
            }
            int created =
                    handle.execute(
                            """
                            INSERT INTO transport_kek (maker, label, bits, kek, created_at)
                            VALUES (?, ?, ?, ?, ?) ON CONFLICT (maker, label) DO NOTHING
                            """,
                            maker.value(),
                            label,
                            kek.bits(),
                            sealed,
                            now.toEpochMilli());
            if (created == 0) {
                throw new Conflict(
                        "maker "
                                + maker
                                + " has a transport KEK '"
                                + Printable.of(label)
                                + "' already: rotate it, or choose another label");
            }
            audited(handle, actor, "transport-kek.register", maker, label);
            return new TransportKek(label, kek.bits(), now);
        };
    }

    /**
     * Puts another KEK in the place of one. What is still under way wrapped under the former does
     * not open any more; for an overlap, register the new one under a label of its own.
     */
    public Change<TransportKek> rotate(Principal actor, OwnerId maker, String label, Kek kek) {
        byte[] sealed = sealer.seal(context(maker, label), kek.bytes());
        Instant now = now();
        return handle -> {
            int rotated =
                    handle.execute(
                            """
                            UPDATE transport_kek SET bits = ?, kek = ?, created_at = ?
                            WHERE maker = ? AND label = ?
                            """,
                            kek.bits(),
                            sealed,
                            now.toEpochMilli(),
                            maker.value(),
                            label);
            requireOne(rotated, maker, label);
            audited(handle, actor, "transport-kek.rotate", maker, label);
            return new TransportKek(label, kek.bits(), now);
        };
    }

    /** Forgets a KEK. The devices that came with it stay as they are. */
    public Change<Boolean> delete(Principal actor, OwnerId maker, String label) {
        return handle -> {
            int deleted =
                    handle.execute(
                            "DELETE FROM transport_kek WHERE maker = ? AND label = ?",
                            maker.value(),
                            label);
            requireOne(deleted, maker, label);
            audited(handle, actor, "transport-kek.delete", maker, label);
            return true;
        };
    }

    private static void requireOne(int rows, OwnerId maker, String label) {
        if (rows == 0) {
            throw new NotFound(
                    "maker " + maker + " has no transport KEK '" + Printable.of(label) + "'");
        }
    }

    /** The maker's KEKs, by label. */
    public List<TransportKek> list(OwnerId maker) {
        return database.read(
                handle ->
                        handle.createQuery(
                                        "SELECT label, bits, created_at FROM transport_kek"
                                                + " WHERE maker = ? ORDER BY label")
                                .bind(0, maker.value())
                                .map(
                                        (row, _) ->
                                                new TransportKek(
                                                        row.getString("label"),
                                                        row.getInt("bits"),
                                                        Instant.ofEpochMilli(
                                                                row.getLong("created_at"))))
                                .list());
    }

    Optional<Kek> find(OwnerId maker, String label) {
        return database.read(
                handle ->
                        handle.createQuery(
                                        "SELECT kek FROM transport_kek WHERE maker = ? AND label"
                                                + " = ?")
                                .bind(0, maker.value())
                                .bind(1, label)
                                .map(
                                        (row, _) ->
                                                Kek.of(
                                                        sealer.open(
                                                                context(maker, label),
                                                                row.getBytes("kek"))))
                                .findOne());
    }

    private static String context(OwnerId maker, String label) {
        return "maker/" + maker + "/transport-kek/" + label;
    }

    private Instant now() {
        return Instant.ofEpochMilli(clock.millis());
    }

    private void audited(
            Handle handle, Principal actor, String action, OwnerId maker, String label) {
        audit.append(
                handle,
                new AuditEvent(
                        actor,
                        action,
                        maker.toString(),
                        Optional.of(maker),
                        Map.of("label", label)));
    }
}
