package dev.usher.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@EveryEngine
class DatabaseTest {

    private final DatabaseUrl url;
    private final Database database;

    DatabaseTest(TestDatabase engine) {
        url = engine.freshUrl();
        database = Database.open(url);
    }

    @BeforeEach
    void createTable() {
        database.write(
                handle ->
                        handle.execute(
                                "CREATE TABLE counter (name TEXT PRIMARY KEY, value BIGINT NOT"
                                        + " NULL)"));
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void readsWhatWasWritten() {
        database.write(handle -> handle.execute("INSERT INTO counter VALUES ('a', 41)"));

        long next =
                database.write(
                        handle ->
                                handle.createQuery(
                                                "UPDATE counter SET value = value + 1 WHERE name ="
                                                        + " 'a' RETURNING value")
                                        .mapTo(Long.class)
                                        .one());

        assertThat(next).isEqualTo(42);
        assertThat(value("a")).isEqualTo(42);
    }

    @Test
    void aChangeMayCheckAndThenWriteWhileOthersDoTheSame() throws Exception {
        database.write(handle -> handle.execute("INSERT INTO counter VALUES ('a', 0)"));
        try (Database otherNode = Database.open(url);
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> increments =
                    IntStream.range(0, 200)
                            .mapToObj(
                                    i ->
                                            callers.submit(
                                                    () ->
                                                            (i % 2 == 0 ? database : otherNode)
                                                                    .write(
                                                                            handle -> {
                                                                                long seen =
                                                                                        handle.createQuery(
                                                                                                        "SELECT"
                                                                                                            + " value"
                                                                                                            + " FROM"
                                                                                                            + " counter"
                                                                                                            + " WHERE"
                                                                                                            + " name"
                                                                                                            + " = 'a'")
                                                                                                .mapTo(
                                                                                                        Long
                                                                                                                .class)
                                                                                                .one();
                                                                                return handle
                                                                                        .execute(
                                                                                                "UPDATE"
                                                                                                    + " counter"
                                                                                                    + " SET value"
                                                                                                    + " = ? WHERE"
                                                                                                    + " name"
                                                                                                    + " = 'a'",
                                                                                                seen
                                                                                                        + 1);
                                                                            })))
                            .toList();
            for (Future<Integer> increment : increments) {
                assertThat(increment.get()).isEqualTo(1);
            }
        }
        assertThat(value("a")).isEqualTo(200);
    }

    @Test
    void aChangeThatFailsIsUndoneAloneAndTheOthersOfItsGroupStand() throws Exception {
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> changes =
                    IntStream.range(0, 100)
                            .mapToObj(
                                    i ->
                                            callers.submit(
                                                    () ->
                                                            database.write(
                                                                    handle -> {
                                                                        int rows =
                                                                                handle.execute(
                                                                                        "INSERT"
                                                                                            + " INTO"
                                                                                            + " counter"
                                                                                            + " VALUES"
                                                                                            + " (?, 1)",
                                                                                        "row" + i);
                                                                        if (i % 10 == 3) {
                                                                            throw new IllegalStateException(
                                                                                    "row "
                                                                                            + i
                                                                                            + " is refused");
                                                                        }
                                                                        return rows;
                                                                    })))
                            .toList();
            for (int i = 0; i < changes.size(); i++) {
                Future<Integer> change = changes.get(i);
                if (i % 10 == 3) {
                    assertThatThrownBy(change::get).hasRootCauseMessage("row " + i + " is refused");
                } else {
                    assertThat(change.get()).isEqualTo(1);
                }
            }
        }
        assertThat(
                        database.<Long>read(
                                handle ->
                                        handle.createQuery("SELECT count(*) FROM counter")
                                                .mapTo(Long.class)
                                                .one()))
                .isEqualTo(90);
    }

    @Test
    void whatWasAcknowledgedIsThereAfterReopening() {
        database.write(handle -> handle.execute("INSERT INTO counter VALUES ('a', 7)"));
        database.close();
        try (Database reopened = Database.open(url)) {
            assertThat(
                            reopened.<Long>read(
                                    handle ->
                                            handle.createQuery(
                                                            "SELECT value FROM counter WHERE name ="
                                                                    + " 'a'")
                                                    .mapTo(Long.class)
                                                    .one()))
                    .isEqualTo(7);
        }
    }

    @Test
    void refusesChangesOnceClosed() {
        database.close();
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(
                        () ->
                                database.write(
                                        handle ->
                                                handle.execute(
                                                        "INSERT INTO counter VALUES ('a', 1)")))
                .withMessageContaining("nothing was changed");
        assertThat(database.trouble()).contains("the database cannot be reached");
    }

    @Test
    void saysThatTheDiskIsFullUntilThereIsRoomAgain() {
        Change<Integer> large =
                handle -> handle.execute("INSERT INTO counter VALUES (?, 1)", "a".repeat(100_000));
        Change<Integer> tooLarge =
                switch (database.engine()) {
                    case SQLITE ->
                            handle -> {
                                handle.execute("PRAGMA max_page_count = 1"); // no more than now
                                return large.apply(handle);
                            };
                    case POSTGRESQL ->
                            handle ->
                                    handle.execute(
                                            "DO 'BEGIN RAISE EXCEPTION ''no space left on device'' "
                                                    + "USING ERRCODE = ''53100''; END'");
                };

        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> database.write(tooLarge))
                .withMessage(
                        "the disk that the database is on is full: nothing was changed, and its"
                                + " operator must make room on it");
        assertThat(database.trouble()).contains("the disk that the database is on is full");

        if (database.engine() == Engine.SQLITE) {
            database.write(handle -> handle.execute("PRAGMA max_page_count = 100000"));
        }
        assertThat(database.write(large)).isEqualTo(1);
        assertThat(database.trouble()).isEmpty();
    }

    private long value(String name) {
        return database.read(
                handle ->
                        handle.createQuery("SELECT value FROM counter WHERE name = :name")
                                .bind("name", name)
                                .mapTo(Long.class)
                                .one());
    }

    @Test
    void makesChangesOfOneKindTogether() throws Exception {
        database.write(handle -> handle.execute("INSERT INTO counter VALUES ('a', 0)"));
        List<Integer> sizes = new CopyOnWriteArrayList<>();
        Grouped<Integer, Long> additions =
                database.grouped(
                        "additions",
                        (statements, requests) -> {
                            sizes.add(requests.size());
                            return addAll(statements, requests);
                        });
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Long>> results =
                    IntStream.rangeClosed(1, 500)
                            .mapToObj(i -> callers.submit(() -> additions.run(1)))
                            .toList();

            assertThat(results.stream().map(DatabaseTest::get).distinct()).hasSize(500);
        }
        assertThat(value("a")).isEqualTo(500);
        assertThat(sizes.stream().mapToInt(i -> i).sum()).isEqualTo(500);
        assertThat(sizes).hasSizeLessThan(500);
    }

    @Test
    void oneThatFailsInAGroupFailsAlone() throws Exception {
        database.write(handle -> handle.execute("INSERT INTO counter VALUES ('a', 0)"));
        Grouped<Integer, Long> additions = additionsUpwards();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Long>> results =
                    IntStream.range(0, 100)
                            .mapToObj(
                                    i -> callers.submit(() -> additions.run(i % 10 == 0 ? -1 : 1)))
                            .toList();

            for (int i = 0; i < 100; i++) {
                Future<Long> result = results.get(i);
                if (i % 10 == 0) {
                    assertThatThrownBy(result::get).hasRootCauseMessage("less");
                } else {
                    assertThat(result.get()).isPositive();
                }
            }
        }
        assertThat(value("a")).isEqualTo(90);
    }

    @Test
    void changesThatWaitForEachOtherAreBothMade() throws Exception {
        database.write(handle -> handle.execute("INSERT INTO counter VALUES ('a', 0), ('b', 0)"));
        // Against the rule that rows are touched in the order of their keys: each node holds the
        // row that the other wants next, and PostgreSQL rolls one of the two back.
        CountDownLatch bothHoldOne = new CountDownLatch(2);
        try (Database otherNode = Database.open(url);
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            Grouped<Integer, Integer> upwards =
                    database.grouped(
                            "upwards", (rows, _) -> addToBoth(rows, "a", "b", bothHoldOne));
            Grouped<Integer, Integer> downwards =
                    otherNode.grouped(
                            "downwards", (rows, _) -> addToBoth(rows, "b", "a", bothHoldOne));
            Future<Integer> up = callers.submit(() -> upwards.run(1));
            Future<Integer> down = callers.submit(() -> downwards.run(1));
            assertThat(up.get()).isEqualTo(2);
            assertThat(down.get()).isEqualTo(2);
        }
        assertThat(value("a")).isEqualTo(2);
        assertThat(value("b")).isEqualTo(2);
    }

    private static List<Integer> addToBoth(
            Statements statements, String first, String second, CountDownLatch bothHoldOne)
            throws SQLException {
        PreparedStatement add =
                statements.prepare("UPDATE counter SET value = value + 1 WHERE name = ?");
        add.setString(1, first);
        int rows = add.executeUpdate();
        bothHoldOne.countDown();
        try { // in vain on SQLite, where the other cannot begin
            boolean _ = bothHoldOne.await(300, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        add.setString(1, second);
        return List.of(rows + add.executeUpdate());
    }

    @Test
    void tellsHowManyChangesShareACommit() throws Exception {
        Map<String, Integer> changes = new ConcurrentHashMap<>();
        database.observe((kind, size) -> changes.merge(kind, size, Integer::sum));
        database.write(handle -> handle.execute("INSERT INTO counter VALUES ('a', 0)"));
        Grouped<Integer, Integer> echo =
                database.grouped("echo", (_, requests) -> List.copyOf(requests));
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 20; i++) {
                int request = i;
                callers.execute(() -> echo.run(request));
            }
        }
        assertThatThrownBy(() -> database.write(handle -> handle.execute("nonsense")))
                .isInstanceOf(RuntimeException.class);

        assertThat(changes).isEqualTo(Map.of("changes", 1, "echo", 20));
    }

    @Test
    void whatIsWrittenSoonIsSeenAtOnceAndWaitsForNoDiskOfPostgresql() {
        assertThat(database.writeSoon(this::synchronous)).isIn("2", "off"); // SQLite's FULL
        assertThat(database.write(this::synchronous)).isEqualTo(database.read(this::synchronous));

        database.writeSoon(handle -> handle.execute("INSERT INTO counter VALUES ('a', 7)"));
        assertThat(value("a")).isEqualTo(7);
        assertThatThrownBy(
                        () ->
                                database.writeSoon(
                                        handle -> {
                                            handle.execute("UPDATE counter SET value = 8");
                                            throw new IllegalStateException("no");
                                        }))
                .hasMessage("no");
        assertThat(value("a")).isEqualTo(7);
    }

    private String synchronous(Handle handle) {
        return handle.createQuery(
                        switch (database.engine()) {
                            case SQLITE -> "PRAGMA synchronous";
                            case POSTGRESQL -> "SHOW synchronous_commit";
                        })
                .mapTo(String.class)
                .one();
    }

    @Test
    void theSameStatementMayRunInsideItselfAndAfterItFailed() {
        database.write(handle -> handle.execute("INSERT INTO counter VALUES ('a', 1), ('b', 2)"));
        for (int i = 0; i < 3; i++) {
            int nested =
                    database.read(
                            handle ->
                                    handle
                                            .createQuery("SELECT name FROM counter WHERE value > ?")
                                            .bind(0, 0)
                                            .map(
                                                    (row, _) ->
                                                            handle.createQuery(
                                                                            "SELECT name FROM"
                                                                                + " counter WHERE"
                                                                                + " value > ?")
                                                                    .bind(0, 1)
                                                                    .mapTo(String.class)
                                                                    .list()
                                                                    .size())
                                            .list()
                                            .stream()
                                            .mapToInt(n -> n)
                                            .sum());
            assertThat(nested).isEqualTo(2);
            assertThatThrownBy(
                    () ->
                            database.write(
                                    handle ->
                                            handle.execute("INSERT INTO counter VALUES ('a', 1)")));
        }
        database.write(handle -> handle.execute("DELETE FROM counter WHERE name = 'a'"));
        database.write(handle -> handle.execute("INSERT INTO counter VALUES ('a', 1)"));
        assertThat(value("a")).isEqualTo(1);
    }

    @Test
    void aResultThatWasNotReadToItsEndHoldsUpNobody() {
        database.write(handle -> handle.execute("INSERT INTO counter VALUES ('a', 1), ('b', 2)"));
        for (int i = 0; i < 10; i++) {
            assertThat(
                            database.<String>read(
                                    handle ->
                                            handle.createQuery("SELECT name FROM counter")
                                                    .mapTo(String.class)
                                                    .first()))
                    .isEqualTo("a");
        }
        database.write(handle -> handle.execute("DELETE FROM counter WHERE name = 'a'"));
        assertThat(
                        database.<String>read(
                                handle ->
                                        handle.createQuery("SELECT name FROM counter")
                                                .mapTo(String.class)
                                                .first()))
                .isEqualTo("b");
    }

    private static List<Long> addAll(Statements statements, List<Integer> summands)
            throws SQLException {
        PreparedStatement add =
                statements.prepare(
                        "UPDATE counter SET value = value + ? WHERE name = 'a' RETURNING value");
        List<Long> sums = new ArrayList<>();
        for (int summand : summands) {
            add.setInt(1, summand);
            try (ResultSet row = add.executeQuery()) {
                row.next();
                sums.add(row.getLong(1));
            }
        }
        return sums;
    }

    private static long get(Future<Long> result) {
        try {
            return result.get();
        } catch (ExecutionException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void readsWithStatementsThatArePreparedOnce() {
        database.write(handle -> handle.execute("INSERT INTO counter VALUES ('a', 41)"));
        for (int i = 0; i < 3; i++) {
            assertThat(prepared("SELECT value FROM counter")).isEqualTo(41);
        }
        assertThatThrownBy(() -> prepared("SELECT nothing FROM nowhere"))
                .isInstanceOf(StoreException.class);
        assertThat(prepared("SELECT value FROM counter")).isEqualTo(41);
    }

    @Test
    void whoeverDoesNotWaitIsToldOnceItIsThere() throws Exception {
        database.write(handle -> handle.execute("INSERT INTO counter VALUES ('a', 0)"));
        Grouped<Integer, Long> additions = additionsUpwards();

        List<CompletableFuture<Boolean>> results =
                IntStream.range(0, 300)
                        .mapToObj(
                                i ->
                                        additions
                                                .submit(i % 10 == 0 ? -1 : 1)
                                                .thenApplyAsync(sum -> value("a") >= sum))
                        .toList();

        for (int i = 0; i < 300; i++) {
            CompletableFuture<Boolean> result = results.get(i);
            if (i % 10 == 0) {
                assertThatThrownBy(result::get).hasRootCauseMessage("less");
            } else {
                assertThat(result.get()).isTrue();
            }
        }
        assertThat(value("a")).isEqualTo(270);
        database.close();
        assertThatThrownBy(additions.submit(1)::get)
                .hasRootCauseMessage("the database is closed: nothing was changed");
    }

    /** Of which one that would go down fails. */
    private Grouped<Integer, Long> additionsUpwards() {
        return database.grouped(
                "additions",
                (statements, requests) -> {
                    if (requests.stream().anyMatch(plus -> plus < 0)) {
                        throw new IllegalArgumentException("less");
                    }
                    return addAll(statements, requests);
                });
    }

    private long prepared(String sql) {
        return database.readPrepared(
                statements -> {
                    try (ResultSet row = statements.prepare(sql).executeQuery()) {
                        row.next();
                        return row.getLong(1);
                    }
                });
    }
}
