package dev.usher.network.traffic;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.JoinRequest;
import dev.usher.store.Database;
import dev.usher.store.Engine;
import dev.usher.store.Grouped;
import dev.usher.store.Statements;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Of several nodes that heard a join-request, one takes it up: whichever writes it down first. */
final class JoinTurns {

    private record Turn(JoinRequest request, long at) {}

    private final InstantSource clock;
    private final Duration latestCopy;
    private final boolean isShared;
    private final Grouped<Turn, Boolean> turns;

    /**
     * Turns at the join-requests of devices.
     *
     * @param latestCopy after what time the same join-request is one of its own
     */
    JoinTurns(Database database, Duration latestCopy, InstantSource clock) {
        this.clock = requireNonNull(clock, "clock");
        this.latestCopy = requireNonNull(latestCopy, "latestCopy");
        this.isShared = database.engine() == Engine.POSTGRESQL;
        this.turns = database.grouped("network-joins", this::take);
    }

    /** Whether this node is the one. */
    boolean take(JoinRequest request) {
        return !isShared || turns.run(new Turn(request, clock.millis()));
    }

    private static final String TAKE =
            """
            INSERT INTO network_join (dev_eui, dev_nonce, heard_at) VALUES (?, ?, ?)
            ON CONFLICT (dev_eui) DO UPDATE SET dev_nonce = excluded.dev_nonce,
                heard_at = excluded.heard_at
            WHERE network_join.dev_nonce <> excluded.dev_nonce
                OR network_join.heard_at < excluded.heard_at - ?
            """;

    /** In the order of their keys, so that two nodes never wait for each other in a circle. */
    private List<Boolean> take(Statements statements, List<Turn> all) throws SQLException {
        Boolean[] taken = new Boolean[all.size()];
        List<Integer> inOrder =
                IntStream.range(0, all.size())
                        .boxed()
                        .sorted(Comparator.comparing(i -> all.get(i).request().devEui()))
                        .toList();
        PreparedStatement take = statements.prepare(TAKE);
        for (int i : inOrder) {
            JoinRequest request = all.get(i).request();
            take.setLong(1, request.devEui().value());
            take.setInt(2, request.devNonce());
            take.setLong(3, all.get(i).at());
            take.setLong(4, latestCopy.toMillis());
            taken[i] = take.executeUpdate() == 1;
        }
        return List.of(taken);
    }
}
