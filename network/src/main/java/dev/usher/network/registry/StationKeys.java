package dev.usher.network.registry;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.AccountKey;
import dev.usher.accounts.AccountKeys;
import dev.usher.accounts.Caller;
import dev.usher.keys.Sealer;
import dev.usher.lorawan.Eui64;
import dev.usher.station.AuthorizationHeader;
import dev.usher.store.Change;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;

/** The keys in the rows of gateways: sealed, and those of this network with their ids. */
final class StationKeys {

    private final Sealer sealer;
    private final AccountKeys keys;

    StationKeys(Sealer sealer, AccountKeys keys) {
        this.sealer = requireNonNull(sealer, "sealer");
        this.keys = requireNonNull(keys, "keys");
    }

    /**
     * Makes a key of this network and keeps it; the one before stays valid until it is known that
     * the gateway has the new one.
     */
    AuthorizationHeader issue(
            Handle handle, Caller actor, Eui64 eui, GatewayId id, StationKey kind) {
        AccountKey.Created created =
                keys.createUnasked(
                                actor,
                                id.entity(),
                                kind + " key of the gateway",
                                kind.rights(),
                                Optional.empty())
                        .apply(handle);
        AuthorizationHeader header =
                AuthorizationHeader.of("Authorization: Bearer " + created.text());
        retire(handle, eui, kind);
        put(handle, eui, kind, Optional.of(header));
        handle.execute(
                "UPDATE network_gateway SET " + kind.column() + "_id = ? WHERE eui = ?",
                created.key().id(),
                eui.value());
        if (kind == StationKey.CUPS) {
            // A gateway that falls back to its Gateway Join Server gets its key from there.
            handle.execute(
                    "UPDATE network_gateway SET claim_told = NULL WHERE eui = ?", eui.value());
        }
        return header;
    }

    /** Whether the key in use is one that this network made. */
    static boolean isIssued(Handle handle, Eui64 eui, StationKey kind) {
        return inUse(handle, eui, kind).isPresent();
    }

    /** What the gateway is told to use this key of this network for, if for anything. */
    static Optional<StationKey> useOf(Handle handle, Eui64 eui, String keyId) {
        return Stream.of(StationKey.LNS, StationKey.CUPS)
                .filter(kind -> inUse(handle, eui, kind).filter(keyId::equals).isPresent())
                .findFirst();
    }

    /** Ends any API key of the gateway. */
    Change<Boolean> delete(Caller actor, GatewayId id, String keyId) {
        return keys.delete(actor, id.entity(), keyId);
    }

    /** Keeps a key that somebody else made, or none. */
    void set(Handle handle, Eui64 eui, StationKey kind, Optional<AuthorizationHeader> header) {
        if (kind != StationKey.TARGET_CUPS) {
            retire(handle, eui, kind);
        }
        put(handle, eui, kind, header);
    }

    private void put(
            Handle handle, Eui64 eui, StationKey kind, Optional<AuthorizationHeader> header) {
        handle.execute(
                "UPDATE network_gateway SET " + kind.column() + " = ? WHERE eui = ?",
                header.map(line -> sealer.seal(kind.sealContext(eui), line.bytes())).orElse(null),
                eui.value());
    }

    /** The key in use becomes a former one. */
    private static void retire(Handle handle, Eui64 eui, StationKey kind) {
        List<String> former = new ArrayList<>(former(handle, eui, kind));
        inUse(handle, eui, kind).ifPresent(former::add);
        handle.execute(
                "UPDATE network_gateway SET %s_id = NULL, former_%s_ids = ? WHERE eui = ?"
                        .formatted(kind.column(), kind.column()),
                String.join(",", former),
                eui.value());
    }

    /**
     * Uses the LNS key again that the gateway last worked with, or another if that was deleted
     * meanwhile. The one that failed stays valid as a former one, should the gateway have it after
     * all.
     */
    void revertLnsKey(Handle handle, Caller actor, Eui64 eui, GatewayId id) {
        retire(handle, eui, StationKey.LNS);
        Optional<String> working = column(handle, eui, "working_lns_key_id");
        List<String> former = new ArrayList<>(former(handle, eui, StationKey.LNS));
        working.ifPresent(former::remove);
        handle.execute(
                """
                UPDATE network_gateway SET lns_key = working_lns_key,
                    lns_key_id = working_lns_key_id, former_lns_key_ids = ?
                WHERE eui = ?
                """,
                String.join(",", former),
                eui.value());
        if (working.filter(key -> !AccountKeys.exists(handle, id.entity(), key)).isPresent()) {
            issue(handle, actor, eui, id, StationKey.LNS);
        }
    }

    /** Ends the former keys: the gateway has the one in use. */
    static void endFormer(Handle handle, Eui64 eui, GatewayId id, StationKey kind) {
        AccountKeys.deleteAll(handle, id.entity(), former(handle, eui, kind));
        handle.execute(
                "UPDATE network_gateway SET former_" + kind.column() + "_ids = '' WHERE eui = ?",
                eui.value());
    }

    private static List<String> former(Handle handle, Eui64 eui, StationKey kind) {
        return GatewayTable.list(
                column(handle, eui, "former_" + kind.column() + "_ids").orElse(""));
    }

    private static Optional<String> inUse(Handle handle, Eui64 eui, StationKey kind) {
        return column(handle, eui, kind.column() + "_id");
    }

    private static Optional<String> column(Handle handle, Eui64 eui, String column) {
        return handle.createQuery("SELECT " + column + " FROM network_gateway WHERE eui = :eui")
                .bind("eui", eui.value())
                .map((row, _) -> Optional.ofNullable(row.getString(1)))
                .one();
    }

    Optional<AuthorizationHeader> get(Handle handle, Eui64 eui, StationKey kind) {
        return handle.createQuery(
                        "SELECT " + kind.column() + " FROM network_gateway WHERE eui = :eui")
                .bind("eui", eui.value())
                .map((row, _) -> Optional.ofNullable(row.getBytes(1)))
                .one()
                .map(bytes -> open(bytes, eui, kind));
    }

    Optional<AuthorizationHeader> get(ResultSet row, Eui64 eui, StationKey kind)
            throws SQLException {
        return Optional.ofNullable(row.getBytes(kind.column()))
                .map(bytes -> open(bytes, eui, kind));
    }

    private AuthorizationHeader open(byte[] bytes, Eui64 eui, StationKey kind) {
        return AuthorizationHeader.of(sealer.open(kind.sealContext(eui), bytes));
    }
}
