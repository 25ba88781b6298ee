package dev.usher.gateways;

import dev.usher.accounts.EuiRows;
import dev.usher.accounts.OwnerId;
import dev.usher.lorawan.Eui64;
import dev.usher.station.StationUri;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * One row of table {@code gateway}, with hashes and sealed keys; {@link Gateway} is what others see
 * of it.
 */
record GatewayRow(
        Eui64 eui,
        Origin origin,
        String flavor,
        int generation,
        Optional<byte[]> codeHash,
        Optional<byte[]> tokenHash,
        Optional<OwnerId> owner,
        Optional<Instant> claimedAt,
        Optional<Instant> setupAt,
        Optional<EndpointRow> cups,
        Optional<EndpointRow> lns,
        Optional<FirmwareOrder> firmware) {

    /**
     * Where a gateway is to go, as stored: the URI, the SHA-256 of trust and certificate, the
     * sealed key.
     *
     * @param crc CRC-32 of the credentials as station computes it; empty without credentials (http,
     *     ws)
     */
    record EndpointRow(
            String uri,
            Optional<byte[]> trust,
            Optional<byte[]> certificate,
            Optional<byte[]> key,
            OptionalInt crc) {}

    /**
     * Which of the two endpoints; also how its columns begin and what the sealed key is bound to.
     */
    enum EndpointKind {
        CUPS("cups"),
        LNS("lns");

        final String prefix;

        EndpointKind(String prefix) {
            this.prefix = prefix;
        }

        /**
         * Reads a URI of this kind.
         *
         * @throws IllegalArgumentException if station could not use it
         */
        StationUri uri(String text) {
            return switch (this) {
                case CUPS -> StationUri.cups(text);
                case LNS -> StationUri.lns(text);
            };
        }

        String sealContext(Eui64 eui) {
            return "gateway/" + eui + "/" + prefix + "-key";
        }
    }

    /** What is known of a gateway of a batch before it has a row. */
    static GatewayRow untouched(Eui64 eui, Batch batch) {
        return new GatewayRow(
                eui,
                Origin.BATCH,
                batch.flavor(),
                0,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    boolean isClaimedBy(OwnerId candidate) {
        return owner.filter(candidate::equals).isPresent();
    }

    GatewayRow withSetup(
            Instant at,
            Optional<EndpointRow> newCups,
            Optional<EndpointRow> newLns,
            Optional<FirmwareOrder> newFirmware) {
        return new GatewayRow(
                eui,
                origin,
                flavor,
                generation,
                codeHash,
                tokenHash,
                owner,
                claimedAt,
                Optional.of(at),
                newCups,
                newLns,
                newFirmware);
    }

    static Optional<GatewayRow> find(Handle handle, Eui64 eui) {
        return handle.createQuery("SELECT * FROM gateway WHERE eui = ?")
                .bind(0, eui.value())
                .map(GatewayRow::read)
                .findOne();
    }

    static Map<Eui64, GatewayRow> findAll(Handle handle, Collection<Eui64> euis) {
        Map<Eui64, GatewayRow> found = HashMap.newHashMap(euis.size());
        EuiRows.read(
                handle,
                "SELECT * FROM gateway WHERE eui IN (<euis>)",
                Map.of(),
                euis,
                GatewayRow::read,
                row -> found.put(row.eui(), row));
        return found;
    }

    static GatewayRow read(ResultSet row, StatementContext context) throws SQLException {
        long owner = row.getLong("owner");
        Optional<OwnerId> claimedBy =
                row.wasNull() ? Optional.empty() : Optional.of(new OwnerId(owner));
        return new GatewayRow(
                new Eui64(row.getLong("eui")),
                Origin.ofColumn(row.getString("origin")),
                row.getString("flavor"),
                row.getInt("generation"),
                bytes(row, "code_hash"),
                bytes(row, "token_hash"),
                claimedBy,
                instant(row, "claimed_at"),
                instant(row, "setup_at"),
                endpoint(row, EndpointKind.CUPS),
                endpoint(row, EndpointKind.LNS),
                order(row));
    }

    private static Optional<EndpointRow> endpoint(ResultSet row, EndpointKind kind)
            throws SQLException {
        String uri = row.getString(kind.prefix + "_uri");
        if (uri == null) {
            return Optional.empty();
        }
        int crc = row.getInt(kind.prefix + "_crc");
        OptionalInt ofCredentials = row.wasNull() ? OptionalInt.empty() : OptionalInt.of(crc);
        return Optional.of(
                new EndpointRow(
                        uri,
                        bytes(row, kind.prefix + "_trust"),
                        bytes(row, kind.prefix + "_crt"),
                        bytes(row, kind.prefix + "_key"),
                        ofCredentials));
    }

    private static Optional<FirmwareOrder> order(ResultSet row) throws SQLException {
        int crc = row.getInt("fw_crc");
        return row.wasNull()
                ? Optional.empty()
                : Optional.of(
                        new FirmwareOrder(
                                crc,
                                instant(row, "fw_after"),
                                row.getInt("fw_unsigned") != 0,
                                instant(row, "fw_offered_at")));
    }

    private static Optional<byte[]> bytes(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getBytes(column));
    }

    private static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
    }
}
