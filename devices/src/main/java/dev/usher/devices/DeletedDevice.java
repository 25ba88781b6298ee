package dev.usher.devices;

import dev.usher.accounts.EuiRows;
import dev.usher.lorawan.Eui64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/**
 * How far a device had come when it was deleted: it goes on from there when it is provisioned
 * again, so that no nonce is ever accepted or given out twice.
 */
record DeletedDevice(int joinNonce, int sessionCount, FormerCounters counters) {

    /** A device that was never there. */
    static final DeletedDevice NONE = new DeletedDevice(0, 0, FormerCounters.NONE);

    /** Those of the new devices that were there before, by DevEUI; they are forgotten here. */
    static Map<Eui64, DeletedDevice> takeAll(Handle handle, List<NewDevice> devices) {
        Map<Eui64, DeletedDevice> deleted = new HashMap<>();
        EuiRows.read(
                handle,
                "SELECT * FROM deleted_device WHERE dev_eui IN (<euis>)",
                Map.of(),
                devices.stream().map(NewDevice::devEui).toList(),
                (row, _) ->
                        Map.entry(
                                new Eui64(row.getLong("dev_eui")),
                                new DeletedDevice(
                                        row.getInt("join_nonce"),
                                        row.getInt("session_count"),
                                        FormerCounters.NONE)),
                entry -> deleted.put(entry.getKey(), entry.getValue()));
        for (NewDevice device : devices) {
            deleted.computeIfPresent(device.devEui(), (_, former) -> former.take(handle, device));
        }
        return deleted;
    }

    private DeletedDevice take(Handle handle, NewDevice device) {
        handle.execute("DELETE FROM deleted_device WHERE dev_eui = ?", device.devEui().value());
        return new DeletedDevice(
                joinNonce,
                sessionCount,
                FormerCounters.take(handle, device.devEui(), device.joinEui()).orElse(counters));
    }

    /** Keeps the counters of a device that is to be deleted; joins of it are kept out. */
    static void keep(Handle handle, Eui64 devEui) {
        FormerCounters.keep(handle, devEui);
        handle.execute(
                """
                INSERT INTO deleted_device (dev_eui, join_nonce, session_count)
                SELECT dev_eui, join_nonce, session_count FROM device WHERE dev_eui = ?
                """,
                devEui.value());
    }
}
