package dev.usher.gateways;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.OwnerId;
import dev.usher.gateways.GatewayRow.EndpointKind;
import dev.usher.gateways.GatewayRow.EndpointRow;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.EuiRange;
import dev.usher.station.CredentialFiles;
import dev.usher.store.Database;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** What is known of gateways, for their owners and for the operator. */
public final class Gateways {

    private final Database database;
    private final EndpointStore endpoints;

    Gateways(Database database, EndpointStore endpoints) {
        this.database = requireNonNull(database, "database");
        this.endpoints = requireNonNull(endpoints, "endpoints");
    }

    /** A gateway that has been heard of, or that a batch vouches for. */
    public Optional<Gateway> find(Eui64 eui) {
        return database.read(
                handle -> {
                    Optional<Batch> batch = Batches.in(handle).of(eui);
                    return GatewayRow.find(handle, eui)
                            .or(() -> batch.map(b -> GatewayRow.untouched(eui, b)))
                            .map(row -> gateway(row, batch, Seen.find(handle, eui)));
                });
    }

    /**
     * Which gateways to list; those of a batch that nothing is known of beyond it are not among
     * them.
     */
    public record Filter(Optional<OwnerId> owner, Optional<Batch> batch) {
        public Filter {
            requireNonNull(owner, "owner");
            requireNonNull(batch, "batch");
        }
    }

    /** The next gateways after one, at most so many, in the order of the database. */
    public List<Gateway> list(Filter filter, Optional<Eui64> after, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit " + limit + " is below 1");
        }
        StringBuilder sql =
                new StringBuilder("SELECT " + GatewayRow.COLUMNS + " FROM gateway WHERE 1 = 1");
        Map<String, Object> arguments = new HashMap<>();
        filter.owner()
                .ifPresent(
                        owner -> {
                            sql.append(" AND owner = :owner");
                            arguments.put("owner", owner.value());
                        });
        filter.batch()
                .ifPresent(
                        batch -> {
                            List<String> parts = new ArrayList<>();
                            for (EuiRange part : Batches.signedParts(batch.range())) {
                                parts.add(
                                        "eui BETWEEN :first"
                                                + parts.size()
                                                + " AND :last"
                                                + parts.size());
                                arguments.put("first" + (parts.size() - 1), part.first().value());
                                arguments.put("last" + (parts.size() - 1), part.last().value());
                            }
                            sql.append(" AND (").append(String.join(" OR ", parts)).append(")");
                        });
        after.ifPresent(
                eui -> {
                    sql.append(" AND eui > :after");
                    arguments.put("after", eui.value());
                });
        sql.append(" ORDER BY eui LIMIT :limit");
        arguments.put("limit", limit);
        return database.read(
                handle -> {
                    List<GatewayRow> rows =
                            handle.createQuery(sql)
                                    .bindMap(arguments)
                                    .map((row, _) -> GatewayRow.read(row))
                                    .list();
                    Map<Eui64, Seen> seen =
                            Seen.findAll(handle, rows.stream().map(GatewayRow::eui).toList());
                    Batches.ByEui batches = Batches.in(handle);
                    return rows.stream()
                            .map(
                                    row ->
                                            gateway(
                                                    row,
                                                    batches.of(row.eui()),
                                                    Optional.ofNullable(seen.get(row.eui()))))
                            .toList();
                });
    }

    /** How often the secrets of the gateway were retired. */
    int generation(Eui64 eui) {
        return database.read(handle -> GatewayRow.find(handle, eui))
                .map(GatewayRow::generation)
                .orElse(0);
    }

    /** All gateways an owner has claimed, in the order of the database. */
    public List<Eui64> ofOwner(OwnerId owner) {
        return database.read(
                handle ->
                        handle.createQuery("SELECT eui FROM gateway WHERE owner = ? ORDER BY eui")
                                .bind(0, owner.value())
                                .map((row, _) -> new Eui64(row.getLong("eui")))
                                .list());
    }

    /** Those of the gateways that this owner has claimed, with what it set up for them. */
    public Map<Eui64, GatewaySetup> setups(OwnerId owner, List<Eui64> euis) {
        return database.read(
                handle -> {
                    Map<Eui64, GatewaySetup> setups = new HashMap<>();
                    Map<Eui64, GatewayRow> rows = GatewayRow.findAll(handle, euis);
                    Map<Eui64, Seen> seen = Seen.findAll(handle, euis);
                    Batches.ByEui batches = Batches.in(handle);
                    for (GatewayRow row : rows.values()) {
                        if (row.isClaimedBy(owner)) {
                            setups.put(
                                    row.eui(),
                                    new GatewaySetup(
                                            gateway(
                                                    row,
                                                    batches.of(row.eui()),
                                                    Optional.ofNullable(seen.get(row.eui()))),
                                            files(handle, EndpointKind.CUPS, row.eui(), row.cups()),
                                            files(handle, EndpointKind.LNS, row.eui(), row.lns())));
                        }
                    }
                    return setups;
                });
    }

    private Optional<CredentialFiles> files(
            Handle handle, EndpointKind kind, Eui64 eui, Optional<EndpointRow> endpoint) {
        return endpoint.flatMap(row -> endpoints.files(handle, kind, eui, row));
    }

    private static Gateway gateway(GatewayRow row, Optional<Batch> batch, Optional<Seen> seen) {
        return new Gateway(
                row.eui(),
                row.origin(),
                batch.map(Batch::name),
                row.flavor(),
                row.owner(),
                row.claimedAt(),
                row.setupAt(),
                row.cups().map(Gateways::target),
                row.lns().map(Gateways::target),
                row.firmware(),
                seen);
    }

    private static Gateway.Target target(EndpointRow row) {
        return new Gateway.Target(row.uri(), row.crc());
    }
}
