package dev.usher.accounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.usher.store.Database;
import dev.usher.store.EveryEngine;
import dev.usher.store.TestDatabase;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@EveryEngine
class AuditLogTest {

    private static final OwnerId ACME = OwnerId.parse("::1");

    private final Database database;
    private final AuditLog audit;

    AuditLogTest(TestDatabase engine) {
        database = engine.emptied();
        audit = new AuditLog(database, InstantSource.fixed(Instant.parse("2026-11-21T10:00:00Z")));
    }

    /** What a test took away, and emptying leaves. */
    @AfterEach
    void putTheHeadBack() {
        database.write(
                handle ->
                        handle.execute(
                                "INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '') ON"
                                        + " CONFLICT (id) DO NOTHING"));
    }

    @Test
    void remembersWhoDidWhatInOrder() {
        append(
                event("gateway.claim", "58A0CBFFFE800BE7"),
                event("gateway.setup", "58A0CBFFFE800BE7"));
        append(event("gateway.claim", "58A0CBFFFE800BE8"));

        assertThat(audit.list(AuditLog.Filter.ALL, 0, 10))
                .extracting(AuditEntry::seq, AuditEntry::action, AuditEntry::detail)
                .containsExactly(
                        tuple(1L, "gateway.claim", "{\"batch\":\"femto\"}"),
                        tuple(2L, "gateway.setup", "{\"batch\":\"femto\"}"),
                        tuple(3L, "gateway.claim", "{\"batch\":\"femto\"}"));
        assertThat(
                        audit.list(
                                new AuditLog.Filter(
                                        Optional.of("58A0CBFFFE800BE7"), Optional.of(ACME)),
                                1,
                                10))
                .extracting(AuditEntry::seq)
                .containsExactly(2L);
        assertThat(
                        audit.list(
                                new AuditLog.Filter(
                                        Optional.empty(), Optional.of(OwnerId.parse("::2"))),
                                0,
                                10))
                .isEmpty();
    }

    @Test
    void verifiesAnUntouchedLog() {
        assertThat(audit.verify()).isEqualTo(new AuditLog.Verdict.Intact(0, ""));
        for (int i = 0; i < 25; i++) {
            append(event("gateway.claim", "eui" + i), event("gateway.delete", "eui" + i));
        }
        assertThat(audit.verify())
                .isInstanceOfSatisfying(
                        AuditLog.Verdict.Intact.class,
                        intact -> {
                            assertThat(intact.entries()).isEqualTo(50);
                            assertThat(intact.head()).hasSize(64);
                        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    UPDATE audit SET actor = 'somebody else' WHERE seq = 3          | 3
                    UPDATE audit SET detail = '{}' WHERE seq = 1                    | 1
                    UPDATE audit SET owner = 2 WHERE seq = 5                        | 5
                    UPDATE audit SET at = at + 1 WHERE seq = 2                      | 2
                    DELETE FROM audit WHERE seq = 4                                 | 4
                    DELETE FROM audit WHERE seq = 6                                 | 6
                    UPDATE audit SET hash = '' WHERE seq = 6                        | 6
                    UPDATE audit SET seq = 9 WHERE seq = 6                          | 6
                    UPDATE audit_head SET seq = 5 WHERE id = 1                      | 5
                    UPDATE audit_head SET hash = 'ab' WHERE id = 1                  | 6
                    DELETE FROM audit_head                                          | 1
                    DELETE FROM audit                                               | 1
                    """)
    void findsTheFirstLinkThatWasTamperedWith(String tampering, long broken) {
        for (int i = 0; i < 6; i++) {
            append(event("gateway.claim", "eui" + i));
        }
        database.write(handle -> handle.execute(tampering));

        assertThat(audit.verify())
                .isInstanceOfSatisfying(
                        AuditLog.Verdict.Broken.class,
                        verdict -> assertThat(verdict.seq()).isEqualTo(broken));
    }

    @Test
    void findsAnEntryThatWasPutBehindTheHead() {
        append(event("gateway.claim", "eui"));
        database.write(
                handle ->
                        handle.execute(
                                "INSERT INTO audit SELECT 2, at, actor, action, subject, owner,"
                                        + " detail, hash FROM audit"));

        assertThat(audit.verify())
                .isEqualTo(new AuditLog.Verdict.Broken(2, "there are entries behind the head"));
    }

    @Test
    void anEntryThatWasRewrittenWithItsHashBreaksTheNext() {
        append(event("gateway.claim", "eui"), event("gateway.delete", "eui"));
        AuditEntry first = audit.list(AuditLog.Filter.ALL, 0, 1).getFirst();
        String forged =
                AuditEntry.hash(
                        "", 1, first.at(), "nobody", "x", "x", Optional.empty(), first.detail());
        database.write(
                handle ->
                        handle.execute(
                                "UPDATE audit SET actor = 'nobody', action = 'x', subject = 'x',"
                                        + " owner = NULL, hash = ? WHERE seq = 1",
                                forged));

        assertThat(audit.verify())
                .isInstanceOfSatisfying(
                        AuditLog.Verdict.Broken.class,
                        verdict -> assertThat(verdict.seq()).isEqualTo(2));
    }

    @Test
    void twoEntriesWhoseFieldsReadTheSameHaveDifferentHashes() {
        Instant at = Instant.EPOCH;
        assertThat(AuditEntry.hash("", 1, at, "ab", "c", "d", Optional.empty(), "{}"))
                .isNotEqualTo(AuditEntry.hash("", 1, at, "a", "bc", "d", Optional.empty(), "{}"));
        assertThat(AuditEntry.hash("", 1, at, "a", "b", "c", Optional.of(new OwnerId(0)), "{}"))
                .isNotEqualTo(AuditEntry.hash("", 1, at, "a", "b", "c", Optional.empty(), "{}"));
    }

    @Test
    void verifiesALogOfManyPages() {
        append(
                IntStream.range(0, 2_500)
                        .mapToObj(i -> event("gateway.claim", "eui" + i))
                        .toArray(AuditEvent[]::new));
        assertThat(audit.verify())
                .isInstanceOfSatisfying(
                        AuditLog.Verdict.Intact.class,
                        intact -> assertThat(intact.entries()).isEqualTo(2_500));

        database.write(handle -> handle.execute("DELETE FROM audit WHERE seq > 2000"));
        assertThat(audit.verify())
                .isEqualTo(new AuditLog.Verdict.Broken(2_001, "the entry is missing"));
    }

    @Test
    void anEntryExistsOnlyWithItsChange() {
        try {
            database.write(
                    handle -> {
                        audit.append(handle, event("gateway.claim", "eui"));
                        throw new IllegalStateException("the change failed after it was audited");
                    });
        } catch (IllegalStateException expected) {
            assertThat(expected).hasMessageContaining("after it was audited");
        }
        assertThat(audit.list(AuditLog.Filter.ALL, 0, 10)).isEmpty();
    }

    private void append(AuditEvent... events) {
        database.write(
                handle -> {
                    audit.append(handle, List.of(events));
                    return true;
                });
    }

    private static AuditEvent event(String action, String subject) {
        return new AuditEvent(
                "owner ::1 key x", action, subject, Optional.of(ACME), Map.of("batch", "femto"));
    }
}
