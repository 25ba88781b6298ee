package dev.usher.devices;

import static java.util.Objects.requireNonNull;

import dev.usher.backend.Octets;
import dev.usher.backend.SessionGrant;
import dev.usher.keys.Sealer;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.MacVersion;
import dev.usher.store.Database;
import dev.usher.store.Grouped;
import dev.usher.store.Rows;
import dev.usher.store.Statements;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/**
 * Sees to it that a DevNonce or RJcount is accepted once and a JoinNonce given out once.
 *
 * <p>All who ask at a time share one transaction: it reads their devices, lets each agree with the
 * Join Server, and writes what they use up together with their sessions. Nobody is told before that
 * is durable.
 *
 * <p>How two joins of one device at the same time are told apart: each is computed for the
 * JoinNonce after the last one its device had when it was read, and is written only if that is
 * still the last one. Everything else that bears on a join of the device also moves its JoinNonce
 * on, so whoever comes second finds that it has moved, and begins again with what is there then.
 */
final class NonceLedger {

    /** JoinNonces have 24 bits, and never begin again. */
    static final int LAST_JOIN_NONCE = 0xFF_FFFF;

    /** While one waits for the disk, the next is agreed on. */
    private static final int AT_A_TIME_ON_POSTGRESQL = 2;

    private final Sealer sealer;
    private final Grouped<Attempt, Outcome> attempts;

    NonceLedger(Database database, Sealer sealer) {
        this.sealer = requireNonNull(sealer, "sealer");
        this.attempts =
                requireNonNull(database, "database")
                        .grouped("joins", AT_A_TIME_ON_POSTGRESQL, this::attempt);
    }

    /** What of a device's stock of nonces an activation uses up. */
    sealed interface Use {

        /** A DevNonce of a device that counts them. */
        record Counted(int devNonce) implements Use {}

        /** A DevNonce of a device that draws them, after which these are used. */
        record Drawn(UsedDevNonces used) implements Use {}

        /** An RJcount1. */
        record RjCount1(int rjCount1) implements Use {}

        /** An RJcount0 of that session; of no session where none is known any more. */
        record RjCount0(Optional<Octets> session, int rjCount0) implements Use {}
    }

    /**
     * An activation that is to become true.
     *
     * @param joinEui the device's when the activation was computed
     * @param session the session it begins; its JoinNonce is the one the activation uses
     */
    record Activated(Eui64 joinEui, Use use, Session session) {}

    /** What a device and the Join Server agree on; it holds once the activation is durable. */
    record Agreed(Activated activated, Granted granted) {}

    /** How they come to agree. It has no effect, and is asked again if the transaction is. */
    @FunctionalInterface
    interface Agreement {

        /**
         * Agrees, or throws why not.
         *
         * @param device as it is now; empty: not known
         */
        Agreed with(Optional<DeviceRow> device);
    }

    /** What becomes of an attempt to activate a device. */
    sealed interface Outcome {}

    /**
     * It is activated, and that is durable.
     *
     * @param nonce the DevNonce or RJcount that was used
     */
    record Granted(SessionGrant grant, int nonce) implements Outcome {}

    /** It is not, and nothing has changed. */
    record NotAgreed(RuntimeException why) implements Outcome {}

    /** The device has moved on since it was read: what it is now decides. */
    record Overtaken() implements Outcome {}

    /** Its root keys are inside a token, and everybody else would wait for that. */
    record ToAgreeElsewhere(DeviceRow device) implements Outcome {}

    private sealed interface Attempt {

        record ToAgree(Eui64 devEui, Agreement agreement) implements Attempt {}

        record ToCommit(Agreed agreed) implements Attempt {}
    }

    /**
     * Why the DevNonce of a genuine join-request is not acceptable.
     *
     * <p>A nonce is used up for good, however it was used: a counter does not make the drawn ones
     * acceptable again, and where a device once counted, all up to that count are gone.
     *
     * @param version what the Network Server says the device is built to; where that is known of
     *     the device itself, it does not matter
     */
    static Optional<String> refusal(DeviceRow device, MacVersion version, int devNonce) {
        if (device.resetsJoinNonces()) {
            return Optional.empty();
        }
        if (device.usedDevNonces().contains(devNonce)) {
            return Optional.of("DevNonce " + devNonce + " was used before");
        }
        if (device.devNonce().isEmpty() || devNonce > device.devNonce().getAsInt()) {
            return Optional.empty();
        }
        return Optional.of(
                "DevNonce "
                        + devNonce
                        + " is not above the last one, "
                        + device.devNonce().getAsInt()
                        + (counts(device, version)
                                ? ": a replay, or the device lost its count"
                                : ", which the device counted to under LoRaWAN 1.0.4 or later"));
    }

    /** What the DevNonce of a join-request uses up. */
    static Use use(DeviceRow device, MacVersion version, int devNonce) {
        return counts(device, version)
                ? new Use.Counted(devNonce)
                : new Use.Drawn(device.usedDevNonces().with(devNonce));
    }

    private static boolean counts(DeviceRow device, MacVersion version) {
        return device.macVersion().orElse(version).countsDevNonces();
    }

    /** Why an RJcount is not acceptable after the last one. */
    static Optional<String> refusal(DeviceRow device, String which, int count, OptionalInt last) {
        return device.resetsJoinNonces() || last.isEmpty() || count > last.getAsInt()
                ? Optional.empty()
                : Optional.of(
                        which + " " + count + " is not above the last one, " + last.getAsInt());
    }

    /** Activates the device if it agrees, unless that takes longer than others can wait. */
    CompletableFuture<Outcome> activate(Eui64 devEui, Agreement agreement) {
        return attempts.submit(new Attempt.ToAgree(devEui, agreement));
    }

    /** Activates a device that has agreed, if it still is as it was read. */
    CompletableFuture<Outcome> activate(Agreed agreed) {
        return attempts.submit(new Attempt.ToCommit(agreed));
    }

    private List<Outcome> attempt(Statements statements, List<Attempt> attempts)
            throws SQLException {
        Map<Eui64, DeviceRow> devices =
                DeviceRow.findAll(
                        statements,
                        sealer,
                        attempts.stream()
                                .filter(Attempt.ToAgree.class::isInstance)
                                .map(attempt -> ((Attempt.ToAgree) attempt).devEui())
                                .toList());
        Outcome[] outcomes = new Outcome[attempts.size()];
        List<Agreed> agreed = new ArrayList<>(attempts.size());
        List<Integer> places = new ArrayList<>(attempts.size());
        for (int i = 0; i < outcomes.length; i++) {
            switch (attempts.get(i)) {
                case Attempt.ToAgree(Eui64 devEui, Agreement agreement) -> {
                    Optional<DeviceRow> device = Optional.ofNullable(devices.get(devEui));
                    if (device.filter(row -> row.rootKeys().label().isPresent()).isPresent()) {
                        outcomes[i] = new ToAgreeElsewhere(device.get());
                        continue;
                    }
                    try {
                        agreed.add(agreement.with(device));
                    } catch (RuntimeException e) {
                        outcomes[i] = new NotAgreed(e);
                        continue;
                    }
                }
                case Attempt.ToCommit(Agreed before) -> agreed.add(before);
            }
            places.add(i);
        }
        List<Boolean> written = write(statements, agreed.stream().map(Agreed::activated).toList());
        for (int i = 0; i < written.size(); i++) {
            outcomes[places.get(i)] = written.get(i) ? agreed.get(i).granted() : new Overtaken();
        }
        return List.of(outcomes);
    }

    private static final List<Rows.Column> MOVE =
            List.of(
                    Rows.Column.int32("join_nonce"),
                    Rows.Column.int32("dev_nonce"),
                    Rows.Column.bytes("used_dev_nonces"),
                    Rows.Column.int32("rj_count1"),
                    Rows.Column.bytes("session_id"),
                    Rows.Column.int32("session_count"),
                    Rows.Column.int64("dev_eui"),
                    Rows.Column.int32("last_join_nonce"),
                    Rows.Column.int64("join_eui"));

    private static final String MOVE_EACH =
            """
            UPDATE device SET join_nonce = ?, dev_nonce = COALESCE(?, dev_nonce),
                used_dev_nonces = COALESCE(?, used_dev_nonces),
                rj_count1 = COALESCE(?, rj_count1), session_id = ?, session_count = ?
            WHERE dev_eui = ? AND join_nonce = ? AND join_eui = ?
            """;

    private static final String MOVE_ALL =
            """
            UPDATE device SET join_nonce = given.join_nonce,
                dev_nonce = COALESCE(given.dev_nonce, device.dev_nonce),
                used_dev_nonces = COALESCE(given.used_dev_nonces, device.used_dev_nonces),
                rj_count1 = COALESCE(given.rj_count1, device.rj_count1),
                session_id = given.session_id, session_count = given.session_count
            FROM %s
            WHERE device.dev_eui = given.dev_eui AND device.join_nonce = given.last_join_nonce
                AND device.join_eui = given.join_eui
            RETURNING given.place
            """;

    private static final List<Rows.Column> SESSION =
            List.of(
                    Rows.Column.bytes("id"),
                    Rows.Column.int64("dev_eui"),
                    Rows.Column.int32("number"),
                    Rows.Column.bytes("previous"),
                    Rows.Column.bytes("rejoined_from"),
                    Rows.Column.int32("join_nonce"),
                    Rows.Column.int64("created_at"),
                    Rows.Column.int64("expires_at"),
                    Rows.Column.int32("net_id"),
                    Rows.Column.int32("dev_addr"),
                    Rows.Column.bytes("app_s_key"),
                    Rows.Column.bytes("s_nwk_s_int_key"));

    private static final String SET_RJ_COUNT0 =
            "UPDATE device_session SET rj_count0 = ? WHERE id = ?";

    private static List<Boolean> write(Statements statements, List<Activated> all)
            throws SQLException {
        // In the order of their keys, so that two nodes seldom wait for each other in a circle.
        List<Integer> order =
                IntStream.range(0, all.size())
                        .boxed()
                        .sorted(Comparator.comparing(i -> all.get(i).session().devEui()))
                        .toList();
        Rows moves = new Rows(MOVE);
        order.forEach(i -> addMove(moves, all.get(i)));
        boolean[] moved = statements.change(MOVE_EACH, MOVE_ALL, moves);

        Boolean[] results = new Boolean[all.size()];
        Rows sessions = new Rows(SESSION);
        for (int at = 0; at < moved.length; at++) {
            int i = order.get(at);
            results[i] = moved[at];
            if (moved[at]) {
                add(sessions, all.get(i).session());
                setRjCount0(statements, all.get(i).use());
            }
        }
        statements.insert("device_session", sessions);
        return List.of(results);
    }

    private static void addMove(Rows moves, Activated activated) {
        Session session = activated.session();
        Use use = activated.use();
        moves.add(
                session.joinNonce(),
                use instanceof Use.Counted(int devNonce) ? devNonce : null,
                use instanceof Use.Drawn(UsedDevNonces used) ? used.bytes() : null,
                use instanceof Use.RjCount1(int count) ? count : null,
                session.id().bytes(),
                session.number(),
                session.devEui().value(),
                session.joinNonce() - 1,
                activated.joinEui().value());
    }

    private static void add(Rows sessions, Session session) {
        sessions.add(
                session.id().bytes(),
                session.devEui().value(),
                session.number(),
                session.previous().map(Octets::bytes).orElse(null),
                session.origin().column(),
                session.joinNonce(),
                session.createdAt().toEpochMilli(),
                session.expiresAt().map(Instant::toEpochMilli).orElse(null),
                session.netId().value(),
                session.devAddr().value(),
                session.appSKey(),
                session.sNwkSIntKey().orElse(null));
    }

    private static void setRjCount0(Statements statements, Use use) throws SQLException {
        if (use instanceof Use.RjCount0(Optional<Octets> session, int count)
                && session.isPresent()) {
            PreparedStatement rejoined = statements.prepare(SET_RJ_COUNT0);
            rejoined.setInt(1, count);
            rejoined.setBytes(2, session.get().bytes());
            rejoined.executeUpdate();
        }
    }
}
