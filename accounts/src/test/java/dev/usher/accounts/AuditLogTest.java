package dev.usher.accounts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.store.Database;
import dev.usher.store.EveryEngine;
import dev.usher.store.TestDatabase;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
        database = engine.fresh();
        audit = new AuditLog(database, InstantSource.fixed(Instant.parse("2026-11-21T10:00:00Z")));
    }

    @AfterEach
    void close() {
        database.close();
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
                        org.assertj.core.groups.Tuple.tuple(
                                1L, "gateway.claim", "{\"batch\":\"femto\"}"),
                        org.assertj.core.groups.Tuple.tuple(
                                2L, "gateway.setup", "{\"batch\":\"femto\"}"),
                        org.assertj.core.groups.Tuple.tuple(
                                3L, "gateway.claim", "{\"batch\":\"femto\"}"));
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
                    UPDATE audit_head SET seq = 5 WHERE id = 1                    | 5
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
