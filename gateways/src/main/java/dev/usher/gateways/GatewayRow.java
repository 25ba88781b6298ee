package dev.usher.gateways;

import dev.usher.accounts.EuiRows;
import dev.usher.accounts.OwnerId;
import dev.usher.lorawan.Eui64;
import dev.usher.station.StationUri;
import dev.usher.store.Statements;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jdbi.v3.core.Handle;

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

    /**
     * The columns that {@link #read} reads by their place, which costs sqlite-jdbc a fraction of
     * reading by name.
     */
    static final String COLUMNS =
            """
            eui, origin, flavor, generation, code_hash, token_hash, owner, claimed_at, setup_at,
            cups_uri, cups_trust, cups_crt, cups_key, cups_crc,
            lns_uri, lns_trust, lns_crt, lns_key, lns_crc,
            fw_crc, fw_after, fw_unsigned, fw_offered_at
            """;

    private static final int CUPS = 10;
    private static final int LNS = 15;
    private static final int FIRMWARE = 20;

    private static final String FIND = "SELECT " + COLUMNS + " FROM gateway WHERE eui = ?";

    static Optional<GatewayRow> find(Statements statements, Eui64 eui) throws SQLException {
        PreparedStatement find = statements.prepare(FIND);
        find.setLong(1, eui.value());
        try (ResultSet row = find.executeQuery()) {
            return row.next() ? Optional.of(read(row)) : Optional.empty();
        }
    }

    static Optional<GatewayRow> find(Handle handle, Eui64 eui) {
        return Optional.ofNullable(findAll(handle, List.of(eui)).get(eui));
    }

    static Map<Eui64, GatewayRow> findAll(Handle handle, Collection<Eui64> euis) {
        Map<Eui64, GatewayRow> found = HashMap.newHashMap(euis.size());
        EuiRows.read(
                handle,
                "SELECT " + COLUMNS + " FROM gateway WHERE eui IN (<euis>)",
                Map.of(),
                euis,
                (row, _) -> read(row),
                row -> found.put(row.eui(), row));
        return found;
    }

    /** Reads {@link #COLUMNS}. */
    static GatewayRow read(ResultSet row) throws SQLException {
        long owner = row.getLong(7);
        Optional<OwnerId> claimedBy =
                row.wasNull() ? Optional.empty() : Optional.of(new OwnerId(owner));
        return new GatewayRow(
                new Eui64(row.getLong(1)),
                Origin.ofColumn(row.getString(2)),
                row.getString(3),
                row.getInt(4),
                bytes(row, 5),
                bytes(row, 6),
                claimedBy,
                instant(row, 8),
                instant(row, 9),
                endpoint(row, CUPS),
                endpoint(row, LNS),
                order(row, FIRMWARE));
    }

    /** The endpoint in the five columns that begin there. */
    private static Optional<EndpointRow> endpoint(ResultSet row, int at) throws SQLException {
        String uri = row.getString(at);
        if (uri == null) {
            return Optional.empty();
        }
        int crc = row.getInt(at + 4);
        OptionalInt ofCredentials = row.wasNull() ? OptionalInt.empty() : OptionalInt.of(crc);
        return Optional.of(
                new EndpointRow(
                        uri,
                        bytes(row, at + 1),
                        bytes(row, at + 2),
                        bytes(row, at + 3),
                        ofCredentials));
    }

    /** The order in the four columns that begin there. */
    private static Optional<FirmwareOrder> order(ResultSet row, int at) throws SQLException {
        int crc = row.getInt(at);
        return row.wasNull()
                ? Optional.empty()
                : Optional.of(
                        new FirmwareOrder(
                                crc,
                                instant(row, at + 1),
                                row.getInt(at + 2) != 0,
                                instant(row, at + 3)));
    }

    private static Optional<byte[]> bytes(ResultSet row, int column) throws SQLException {
        return Optional.ofNullable(row.getBytes(column));
    }

    private static Optional<Instant> instant(ResultSet row, int column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
    }
}
