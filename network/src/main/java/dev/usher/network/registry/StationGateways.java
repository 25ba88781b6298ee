package dev.usher.network.registry;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.Access;
import dev.usher.accounts.AccountKeys;
import dev.usher.accounts.AuditEvent;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.Caller;
import dev.usher.accounts.Principal;
import dev.usher.accounts.Right;
import dev.usher.accounts.Rights;
import dev.usher.lorawan.Eui64;
import dev.usher.store.Change;
import dev.usher.store.Database;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * The gateways of this network, as LNS and CUPS see them: whatever connects, and no person whose
 * rights would matter. Reading one is cheap.
 */
public final class StationGateways {

    private static final String HOUSE = "usher";

    private final Database database;
    private final StationKeys stationKeys;
    private final AccountKeys accountKeys;
    private final AuditLog audit;
    private final InstantSource clock;

    StationGateways(
            Database database,
            StationKeys stationKeys,
            AccountKeys accountKeys,
            AuditLog audit,
            InstantSource clock) {
        this.database = requireNonNull(database, "database");
        this.stationKeys = requireNonNull(stationKeys, "stationKeys");
        this.accountKeys = requireNonNull(accountKeys, "accountKeys");
        this.audit = requireNonNull(audit, "audit");
        this.clock = requireNonNull(clock, "clock");
    }

    /** The gateway with this EUI, also while it is being claimed. */
    public Optional<StationGateway> find(Eui64 eui) {
        return database.readPrepared(
                statements -> {
                    PreparedStatement query =
                            statements.prepare("SELECT * FROM network_gateway WHERE eui = ?");
                    query.setLong(1, eui.value());
                    try (ResultSet row = query.executeQuery()) {
                        return row.next() ? Optional.of(station(row, eui)) : Optional.empty();
                    }
                });
    }

    private StationGateway station(ResultSet row, Eui64 eui) throws SQLException {
        return new StationGateway(
                GatewayTable.gateway(row),
                stationKeys.get(row, eui, StationKey.LNS),
                stationKeys.get(row, eui, StationKey.CUPS),
                !row.getString("former_cups_key_ids").isEmpty(),
                stationKeys.get(row, eui, StationKey.TARGET_CUPS),
                row.getLong("revision"));
    }

    /**
     * Whether whoever sends this may connect as the gateway.
     *
     * @param authorization the value of the Authorization header, {@code Bearer …} or the key alone
     */
    public boolean mayLink(StationGateway gateway, Optional<String> authorization) {
        return may(gateway, authorization, Right.GATEWAY_LINK);
    }

    /** Likewise, whether they may have its configuration, secrets included. */
    public boolean mayConfigure(StationGateway gateway, Optional<String> authorization) {
        return may(
                gateway,
                authorization,
                Right.GATEWAY_INFO,
                Right.GATEWAY_SETTINGS_BASIC,
                Right.GATEWAY_READ_SECRETS);
    }

    private boolean may(StationGateway gateway, Optional<String> authorization, Right... needed) {
        Optional<Caller.KeyHolder> holder =
                authorization.map(StationGateways::key).flatMap(accountKeys::authenticate);
        if (holder.isEmpty()) {
            return false;
        }
        // A gateway's own key needs no look at who has which rights on it.
        Rights rights =
                holder.get().entity().equals(gateway.id().entity())
                        ? holder.get().rights()
                        : database.read(
                                handle -> Access.of(handle, holder.get(), gateway.id().entity()));
        return Arrays.stream(needed).allMatch(rights::includes);
    }

    private static String key(String authorization) {
        String value = authorization.strip();
        return value.regionMatches(true, 0, "Bearer ", 0, 7) ? value.substring(7).strip() : value;
    }

    /**
     * The gateway reported that it has the CUPS key in use: the former ones end, unless its Gateway
     * Join Server still gives it one of them.
     */
    public Change<Boolean> confirmCupsKey(Eui64 eui) {
        return handle -> {
            Optional<NetworkGateway> gateway =
                    GatewayTable.find(handle, eui).filter(_ -> !isToBeTold(handle, eui));
            gateway.ifPresent(
                    known -> {
                        StationKeys.endFormer(handle, eui, known.id(), StationKey.CUPS);
                        GatewayTable.changed(handle, eui);
                    });
            return gateway.isPresent();
        };
    }

    private static boolean isToBeTold(Handle handle, Eui64 eui) {
        return handle.createQuery(
                                "SELECT COUNT(*) FROM network_gateway WHERE eui = :eui AND"
                                        + " claim_state IS NOT NULL AND claim_told IS NULL")
                        .bind("eui", eui.value())
                        .mapTo(Long.class)
                        .one()
                > 0;
    }

    /**
     * The gateway works with what it is told: it goes back to this if it fails with what it is told
     * later. Its former LNS keys end.
     */
    public Change<Boolean> markWorking(Eui64 eui) {
        return handle -> {
            Optional<NetworkGateway> gateway = GatewayTable.find(handle, eui);
            gateway.ifPresent(
                    known -> {
                        handle.execute(
                                """
                                UPDATE network_gateway SET working_address = address,
                                    working_lns_key = lns_key, working_lns_key_id = lns_key_id,
                                    working_target_cups_uri = target_cups_uri,
                                    working_target_cups_key = target_cups_key,
                                    working_at = ?
                                WHERE eui = ?
                                """,
                                clock.millis(),
                                eui.value());
                        StationKeys.endFormer(handle, eui, known.id(), StationKey.LNS);
                        GatewayTable.changed(handle, eui);
                    });
            return gateway.isPresent();
        };
    }

    /**
     * Tells the gateway again what it last worked with; false if it never worked with anything, or
     * is told that already.
     */
    public Change<Boolean> revert(Eui64 eui) {
        return handle -> {
            Optional<NetworkGateway> gateway = GatewayTable.find(handle, eui);
            if (gateway.isEmpty()
                    || gateway.get().workingAt().isEmpty()
                    || gateway.get().reverted()) {
                return false;
            }
            stationKeys.revertLnsKey(
                    handle, new Principal.Administrator(HOUSE), eui, gateway.get().id());
            handle.execute(
                    """
                    UPDATE network_gateway SET address = working_address,
                        target_cups_uri = working_target_cups_uri,
                        target_cups_key = working_target_cups_key,
                        target_changed_at = ?, reverted_at = ?
                    WHERE eui = ?
                    """,
                    clock.millis(),
                    clock.millis(),
                    eui.value());
            GatewayTable.changed(handle, eui);
            audit.append(
                    handle,
                    new AuditEvent(
                            HOUSE,
                            "network-gateway.revert",
                            eui.toString(),
                            Optional.empty(),
                            Map.of("id", gateway.get().id().value())));
            return true;
        };
    }

    /**
     * A gateway that changed, or went.
     *
     * @param revision grows from one change to the next
     */
    public record Changed(long revision, Eui64 eui) {}

    /** The next changes after a revision, whichever node made them. */
    public List<Changed> changes(long afterRevision, int limit) {
        return database.readPrepared(
                statements -> {
                    PreparedStatement query =
                            statements.prepare(
                                    "SELECT revision, eui FROM network_gateway_change WHERE"
                                            + " revision > ? ORDER BY revision LIMIT ?");
                    query.setLong(1, afterRevision);
                    query.setInt(2, limit);
                    List<Changed> changes = new ArrayList<>();
                    try (ResultSet row = query.executeQuery()) {
                        while (row.next()) {
                            changes.add(
                                    new Changed(
                                            row.getLong("revision"),
                                            new Eui64(row.getLong("eui"))));
                        }
                    }
                    return changes;
                });
    }

    /** The revision of the last change; 0 before the first. */
    public long lastRevision() {
        return database.read(StationGateways::lastRevision);
    }

    private static long lastRevision(Handle handle) {
        return handle.createQuery("SELECT COALESCE(MAX(revision), 0) FROM network_gateway_change")
                .mapTo(Long.class)
                .one();
    }
}
