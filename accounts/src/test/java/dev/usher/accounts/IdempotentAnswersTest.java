package dev.usher.accounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.usher.keys.FileVault;
import dev.usher.keys.MasterKey;
import dev.usher.keys.Vault;
import dev.usher.store.Change;
import dev.usher.store.Database;
import dev.usher.store.EveryEngine;
import dev.usher.store.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@EveryEngine
class IdempotentAnswersTest {

    private static final Principal ACME =
            new Principal.OwnerPrincipal(OwnerId.parse("::1"), "key x");
    private static final Principal OTHER =
            new Principal.OwnerPrincipal(OwnerId.parse("::2"), "key y");
    private static final byte[] REQUEST = {1};

    private final AtomicReference<Instant> now =
            new AtomicReference<>(Instant.parse("2026-11-21T10:00:00Z"));
    private final Database database;
    private @TempDir Path directory;
    private Vault vault;
    private IdempotentAnswers answers;

    IdempotentAnswersTest(TestDatabase engine) {
        database = engine.emptied();
    }

    @BeforeEach
    void open() {
        vault =
                FileVault.open(
                        directory.resolve("vault"),
                        MasterKey.file(directory.resolve("master.key")));
        answers = new IdempotentAnswers(vault.sealer(), now::get);
        database.write(handle -> handle.execute("CREATE TABLE IF NOT EXISTS effect (n INTEGER)"));
    }

    @AfterEach
    void close() {
        vault.close();
    }

    @Test
    void theSameRequestIsAnsweredAgainAndDoneOnce() {
        assertThat(database.write(answers.once(ACME, Optional.of("k"), REQUEST, effect("first"))))
                .isEqualTo("first");
        assertThat(database.write(answers.once(ACME, Optional.of("k"), REQUEST, effect("second"))))
                .isEqualTo("first");
        assertThat(effects()).isEqualTo(1);
    }

    @Test
    void anotherRequestWithTheKeyIsRefused() {
        database.write(answers.once(ACME, Optional.of("k"), REQUEST, effect("first")));
        assertThatExceptionOfType(Conflict.class)
                .isThrownBy(
                        () ->
                                database.write(
                                        answers.once(
                                                ACME,
                                                Optional.of("k"),
                                                new byte[] {2},
                                                effect("second"))))
                .withMessageContaining("use a new key");
        assertThat(effects()).isEqualTo(1);
    }

    @Test
    void keysOfDifferentPartiesDoNotMeet() {
        database.write(answers.once(ACME, Optional.of("k"), REQUEST, effect("mine")));
        assertThat(database.write(answers.once(OTHER, Optional.of("k"), REQUEST, effect("theirs"))))
                .isEqualTo("theirs");
    }

    @Test
    void aChangeThatFailsLeavesTheKeyFree() {
        Change<String> failing =
                _ -> {
                    throw new IllegalStateException("no");
                };
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(
                        () ->
                                database.write(
                                        answers.once(ACME, Optional.of("k"), REQUEST, failing)));
        assertThat(
                        database.write(
                                answers.once(
                                        ACME, Optional.of("k"), REQUEST, effect("now it works"))))
                .isEqualTo("now it works");
    }

    @Test
    void theKeyIsForgottenAfterADay() {
        database.write(answers.once(ACME, Optional.of("k"), REQUEST, effect("first")));
        now.set(now.get().plus(Duration.ofHours(25)));
        assertThat(database.write(answers.once(ACME, Optional.of("k"), REQUEST, effect("second"))))
                .isEqualTo("second");
    }

    @Test
    void theAnswerIsNotReadableInTheDatabase() {
        database.write(answers.once(ACME, Optional.of("k"), REQUEST, effect("a secret answer")));
        byte[] stored =
                database.read(
                        handle ->
                                handle.createQuery("SELECT answer FROM idempotent_answer")
                                        .mapTo(byte[].class)
                                        .one());
        assertThat(new String(stored, StandardCharsets.ISO_8859_1)).doesNotContain("secret");
    }

    @Test
    void theKeyHasAReasonableLength() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> answers.once(ACME, Optional.of(""), REQUEST, effect("x")));
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                answers.once(
                                        ACME, Optional.of("k".repeat(256)), REQUEST, effect("x")));
    }

    private static Change<String> effect(String answer) {
        return handle -> {
            handle.execute("INSERT INTO effect VALUES (1)");
            return answer;
        };
    }

    private int effects() {
        return database.read(
                handle ->
                        handle.createQuery("SELECT count(*) FROM effect")
                                .mapTo(Integer.class)
                                .one());
    }
}
