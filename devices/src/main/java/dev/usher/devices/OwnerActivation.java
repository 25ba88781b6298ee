package dev.usher.devices;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.AuditEvent;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.NotFound;
import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Owners;
import dev.usher.accounts.Principal;
import dev.usher.keys.Sealer;
import dev.usher.store.Change;
import dev.usher.store.Database;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * The activation settings of owners: they hold for all devices of an owner, where a device has none
 * of its own.
 */
public final class OwnerActivation {

    private static final StoredActivation NONE =
            new StoredActivation(
                    new ActivationView(
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty()),
                    Optional.empty());

    private final Database database;
    private final Sealer sealer;
    private final AuditLog audit;

    OwnerActivation(Database database, Sealer sealer, AuditLog audit) {
        this.database = requireNonNull(database, "database");
        this.sealer = requireNonNull(sealer, "sealer");
        this.audit = requireNonNull(audit, "audit");
    }

    /** The owner's settings; where it never set any, they say nothing. */
    public ActivationView get(OwnerId owner) {
        return database.read(handle -> stored(handle, owner)).view();
    }

    /** Sets the owner's settings; they hold from the next join on. */
    public Change<ActivationView> set(Principal actor, OwnerId owner, ActivationChange change) {
        StoredActivation sealed =
                StoredActivation.seal(change.settings(), sealer, DeviceRow.kekContext(owner));
        return handle -> {
            if (Owners.find(handle, owner).isEmpty()) {
                throw new NotFound("there is no owner " + owner + ": create it first");
            }
            StoredActivation next = stored(handle, owner).after(change, sealed);
            handle.createUpdate(
                            """
                            INSERT INTO activation_settings (owner, home_net_id, home_ns_id, as_id,
                                kek_label, kek, app_s_key_in_clear)
                            VALUES (:owner, :homeNetId, :homeNsId, :asId, :kekLabel, :kek, :inClear)
                            ON CONFLICT (owner) DO UPDATE SET home_net_id = excluded.home_net_id,
                                home_ns_id = excluded.home_ns_id, as_id = excluded.as_id,
                                kek_label = excluded.kek_label, kek = excluded.kek,
                                app_s_key_in_clear = excluded.app_s_key_in_clear
                            """)
                    .bind("owner", owner.value())
                    .bindMap(next.columns())
                    .execute();
            audit.append(
                    handle,
                    new AuditEvent(
                            actor,
                            "activation.set",
                            owner.toString(),
                            Optional.of(owner),
                            next.described()));
            return next.view();
        };
    }

    private static StoredActivation stored(Handle handle, OwnerId owner) {
        return handle.createQuery("SELECT * FROM activation_settings WHERE owner = ?")
                .bind(0, owner.value())
                .map((row, _) -> StoredActivation.read(row))
                .findOne()
                .orElse(NONE);
    }
}
