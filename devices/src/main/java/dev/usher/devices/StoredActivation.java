package dev.usher.devices;

import dev.usher.keys.Sealer;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.Kek;
import dev.usher.lorawan.NetId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Activation settings as they are stored, in the columns that a device and an owner's settings have
 * in common.
 *
 * @param asKek sealed; what it is bound to says {@link DeviceRow#kekContext}
 */
record StoredActivation(ActivationView view, Optional<byte[]> asKek) {

    static StoredActivation seal(ActivationSettings settings, Sealer sealer, String kekContext) {
        return new StoredActivation(
                new ActivationView(
                        settings.homeNetId(),
                        settings.homeNsId(),
                        settings.asId(),
                        settings.asKek().map(ActivationSettings.AsKek::label),
                        settings.appSKeyInClear()),
                settings.asKek().map(kek -> sealer.seal(kekContext, kek.kek().bytes())));
    }

    static StoredActivation read(ResultSet row) throws SQLException {
        int homeNetId = row.getInt("home_net_id");
        Optional<NetId> home = row.wasNull() ? Optional.empty() : Optional.of(new NetId(homeNetId));
        long homeNsId = row.getLong("home_ns_id");
        Optional<Eui64> homeNs =
                row.wasNull() ? Optional.empty() : Optional.of(new Eui64(homeNsId));
        int inClear = row.getInt("app_s_key_in_clear");
        Optional<Boolean> appSKeyInClear =
                row.wasNull() ? Optional.empty() : Optional.of(inClear != 0);
        byte @Nullable [] kek = row.getBytes("kek");
        return new StoredActivation(
                new ActivationView(
                        home,
                        homeNs,
                        Optional.ofNullable(row.getString("as_id")),
                        Optional.ofNullable(row.getString("kek_label")),
                        appSKeyInClear),
                Optional.ofNullable(kek));
    }

    /** What holds after a change that was sealed. */
    StoredActivation after(ActivationChange change, StoredActivation sealed) {
        ActivationView next = sealed.view;
        return change.keepAsKek()
                ? new StoredActivation(
                        new ActivationView(
                                next.homeNetId(),
                                next.homeNsId(),
                                next.asId(),
                                view.asKekLabel(),
                                next.appSKeyInClear()),
                        asKek)
                : sealed;
    }

    /** Whether these are the settings. */
    boolean holds(ActivationSettings settings, Sealer sealer, String kekContext) {
        return seal(settings, sealer, kekContext).view().equals(view)
                && asKek.map(kek -> Kek.of(sealer.open(kekContext, kek)))
                        .equals(settings.asKek().map(ActivationSettings.AsKek::kek));
    }

    /** The columns, by the names of the parameters they are bound to. */
    Map<String, @Nullable Object> columns() {
        Map<String, @Nullable Object> columns = new HashMap<>();
        columns.put("homeNetId", view.homeNetId().map(NetId::value).orElse(null));
        columns.put("homeNsId", view.homeNsId().map(Eui64::value).orElse(null));
        columns.put("asId", view.asId().orElse(null));
        columns.put("kekLabel", view.asKekLabel().orElse(null));
        columns.put("kek", asKek.orElse(null));
        columns.put("inClear", view.appSKeyInClear().map(allowed -> allowed ? 1 : 0).orElse(null));
        return columns;
    }

    /** What an audit entry may say of them. */
    Map<String, String> described() {
        Map<String, String> described = new HashMap<>();
        view.homeNetId().ifPresent(netId -> described.put("homeNetId", netId.toString()));
        view.homeNsId().ifPresent(nsId -> described.put("homeNsId", nsId.toString()));
        view.asId().ifPresent(asId -> described.put("asId", asId));
        view.asKekLabel().ifPresent(label -> described.put("kekLabel", label));
        view.appSKeyInClear()
                .ifPresent(allowed -> described.put("appSKeyInClear", allowed.toString()));
        return described;
    }

    @Override
    public String toString() {
        return "StoredActivation[" + view + "]";
    }
}
