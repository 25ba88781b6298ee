package dev.usher.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NodeChannelTest {

    private final DatabaseUrl url = TestDatabase.POSTGRESQL.freshUrl();
    private final Database one = Database.open(url);
    private final Database other = Database.open(url);
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private NodeChannel sender;
    private NodeChannel listener;

    @BeforeEach
    void open() throws InterruptedException {
        sender = one.channel("test", _ -> {}).orElseThrow();
        listener = other.channel("test", heard::add).orElseThrow();
        assertThat(listener.awaitListening(Duration.ofSeconds(10))).isTrue();
    }

    @AfterEach
    void close() {
        sender.close();
        listener.close();
        one.close();
        other.close();
    }

    @Test
    void messagesArriveInTheirOrder() throws InterruptedException {
        IntStream.range(0, 100).forEach(i -> sender.send(String.valueOf(i)));
        for (int i = 0; i < 100; i++) {
            assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo(String.valueOf(i));
        }
    }

    @Test
    void theLongestMessageArrives() throws InterruptedException {
        sender.send("x".repeat(NodeChannel.LONGEST));
        assertThat(heard.poll(10, TimeUnit.SECONDS)).hasSize(NodeChannel.LONGEST);
        assertThatThrownBy(() -> sender.send("x".repeat(NodeChannel.LONGEST + 1)))
                .hasMessage("a message of 8000 characters is longer than 7999");
    }

    @Test
    void itWorksAgainAfterTheDatabaseWasAway() {
        one.write(
                handle ->
                        handle.createQuery(
                                        "SELECT pg_terminate_backend(pid)::text FROM"
                                                + " pg_stat_activity WHERE datname ="
                                                + " current_database() AND pid <> pg_backend_pid()")
                                .mapTo(String.class)
                                .list());
        Awaitility.await()
                .ignoreExceptionsInstanceOf(StoreException.class)
                .until(
                        () -> {
                            sender.send("again");
                            return "again".equals(heard.poll(100, TimeUnit.MILLISECONDS));
                        });
    }

    @Test
    void theEmbeddedDatabaseHasOneNode() {
        try (Database embedded = TestDatabase.SQLITE.fresh()) {
            assertThat(embedded.channel("test", heard::add)).isEmpty();
        }
    }
}
