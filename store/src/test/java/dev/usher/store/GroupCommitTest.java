package dev.usher.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which requests share a transaction; that they share it on disk, {@link DatabaseTest} shows. */
class GroupCommitTest {

    private final Handle handle = Jdbi.open("jdbc:sqlite::memory:");
    private final List<List<String>> committed = new CopyOnWriteArrayList<>();
    private final List<String> observed = new CopyOnWriteArrayList<>();
    private final List<String> made = new ArrayList<>();
    private final GroupCommit commits =
            new GroupCommit(
                    "commits",
                    1,
                    this::transaction,
                    (kind, size) -> observed.add(size + " " + kind));
    private final Grouped<String, String> joins = commits.kind("joins", this::make);
    private final Grouped<String, String> others = commits.kind("others", this::make);

    private boolean away;

    private void transaction(GroupCommit.Work work) {
        made.clear();
        if (away) {
            throw new DatabaseUnreachable("away", null);
        }
        try {
            work.with(handle);
        } catch (SQLException e) {
            throw new StoreException("failed", e);
        }
        committed.add(List.copyOf(made));
    }

    private List<String> make(Handle in, List<String> requests) {
        assertThat(in).isSameAs(handle);
        requests.forEach(
                request -> {
                    if (request.contains("bad")) {
                        throw new IllegalArgumentException(request);
                    }
                    made.add(request);
                });
        return requests.stream().map(request -> request + " made").toList();
    }

    /** So that what is asked for afterwards waits for one and the same transaction. */
    private CountDownLatch keepBusy() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        Grouped<String, Integer> slow =
                commits.kind(
                        "slow",
                        (_, _) -> {
                            begun.countDown();
                            awaitEnd(end);
                            return List.of(0);
                        });
        CompletableFuture<Integer> _ = slow.submit("slow");
        begun.await();
        return end;
    }

    private static void awaitEnd(CountDownLatch end) {
        try {
            end.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void close() {
        commits.close();
        handle.close();
    }

    @Test
    void changesOfAllKindsShareATransaction() throws Exception {
        CountDownLatch end = keepBusy();
        CompletableFuture<String> other = others.submit("o1");
        List<CompletableFuture<String>> joining = List.of(joins.submit("j1"), joins.submit("j2"));
        end.countDown();

        assertThat(other.get()).isEqualTo("o1 made");
        assertThat(joining).map(CompletableFuture::get).containsExactly("j1 made", "j2 made");
        assertThat(committed).containsExactly(List.of(), List.of("j1", "j2", "o1"));
        assertThat(observed).containsExactly("1 slow", "2 joins", "1 others");
    }

    @Test
    void oneThatFailsFailsAlone() throws Exception {
        CountDownLatch end = keepBusy();
        List<CompletableFuture<String>> joining =
                List.of(joins.submit("j1"), joins.submit("j2 is bad"), joins.submit("j3"));
        CompletableFuture<String> other = others.submit("o1");
        end.countDown();

        assertThat(joining.get(0).get()).isEqualTo("j1 made");
        assertThatThrownBy(joining.get(1)::get).hasRootCauseMessage("j2 is bad");
        assertThat(joining.get(2).get()).isEqualTo("j3 made");
        assertThat(other.get()).isEqualTo("o1 made");
        assertThat(committed)
                .containsExactly(List.of(), List.of("j1"), List.of("j3"), List.of("o1"));
    }

    @Test
    void whereTheDatabaseIsAwayAllAreToldAtOnce() throws Exception {
        CountDownLatch end = keepBusy();
        away = true;
        List<CompletableFuture<String>> asked =
                List.of(joins.submit("j1"), joins.submit("j2"), others.submit("o1"));
        end.countDown();

        assertThat(asked)
                .allSatisfy(one -> assertThatThrownBy(one::get).hasRootCauseMessage("away"));
        assertThat(committed).hasSize(1);
    }

    @Test
    void moreThanFitIntoATransactionAreMadeInSeveral() throws Exception {
        CountDownLatch end = keepBusy();
        List<CompletableFuture<String>> asked =
                IntStream.range(0, 1000).mapToObj(i -> joins.submit("j" + i)).toList();
        end.countDown();

        for (int i = 0; i < 1000; i++) {
            assertThat(asked.get(i).get()).isEqualTo("j" + i + " made");
        }
        assertThat(committed).hasSize(1 + 4);
    }

    @Test
    void whatIsWaitingIsMadeBeforeItCloses() throws Exception {
        CountDownLatch end = keepBusy();
        CompletableFuture<String> asked = joins.submit("j1");
        Thread closing = Thread.ofVirtual().start(commits::close);
        end.countDown();
        closing.join();

        assertThat(asked).isCompletedWithValue("j1 made");
        assertThatThrownBy(() -> joins.run("j2"))
                .isInstanceOf(StoreException.class)
                .hasMessage("the database is closed: nothing was changed");
    }

    @Test
    void whereThereMayBeSeveralTransactionsOneDoesNotWaitForAnother() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        try (GroupCommit two = new GroupCommit("two", 2, this::alone, (_, _) -> {})) {
            Grouped<String, String> requests =
                    two.kind(
                            "requests",
                            (_, some) -> {
                                if (some.contains("slow")) {
                                    begun.countDown();
                                    awaitEnd(end);
                                }
                                return some;
                            });
            CompletableFuture<String> slow = requests.submit("slow");
            begun.await();

            assertThat(requests.run("quick")).isEqualTo("quick");
            assertThat(slow).isNotDone();
            end.countDown();
            assertThat(slow.join()).isEqualTo("slow");
        }
    }

    private void alone(GroupCommit.Work work) {
        try {
            work.with(handle);
        } catch (SQLException e) {
            throw new StoreException("failed", e);
        }
    }
}
