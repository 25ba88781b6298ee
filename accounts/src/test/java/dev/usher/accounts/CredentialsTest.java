package dev.usher.accounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.tuple;

import dev.usher.store.Database;
import dev.usher.store.EveryEngine;
import dev.usher.store.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How owners come to be and prove who they are. */
@EveryEngine
class CredentialsTest {

    private static final Principal ADMIN = new Principal.Administrator("test");
    private static final OwnerId ACME = OwnerId.parse("::1");
    private static final OwnerId OTHER = OwnerId.parse("::2");

    private final AtomicReference<Instant> now =
            new AtomicReference<>(Instant.parse("2026-11-21T10:00:00Z"));
    private final Database database;
    private final AuditLog audit;
    private final Owners owners;
    private final ApiKeys keys;

    CredentialsTest(TestDatabase engine) {
        database = engine.emptied();
        audit = new AuditLog(database, now::get);
        owners = new Owners(database, audit, now::get);
        keys = new ApiKeys(database, audit, now::get);
    }

    @BeforeEach
    void createOwners() {
        database.write(owners.create(ADMIN, ACME, "Acme", Owner.DEFAULT_ADD_LIMIT));
        database.write(owners.create(ADMIN, OTHER, "Other", 3));
    }

    @Test
    void anOwnerIdIsTakenOnce() {
        assertThatExceptionOfType(Conflict.class)
                .isThrownBy(() -> database.write(owners.create(ADMIN, ACME, "Acme again", 64)))
                .withMessage("owner ::1 exists already: choose another id");
        assertThat(owners.list()).extracting(Owner::name).containsExactly("Acme", "Other");
        assertThat(owners.find(OTHER)).map(Owner::addLimit).hasValue(3);
        assertThatExceptionOfType(NotFound.class)
                .isThrownBy(() -> owners.get(OwnerId.parse("::3")));
    }

    @Test
    void aKeyStandsForItsOwnerAndNobodyElse() {
        ApiKey.Created created = database.write(keys.create(ADMIN, ACME, "ci", Optional.empty()));

        assertThat(keys.authenticate(created.text()))
                .hasValueSatisfying(
                        principal ->
                                assertThat(principal)
                                        .isInstanceOfSatisfying(
                                                Principal.OwnerPrincipal.class,
                                                owner -> assertThat(owner.id()).isEqualTo(ACME)));
        assertThat(created.toString()).doesNotContain(created.text());
        assertThat(
                        database.<List<String>>read(
                                handle ->
                                        handle.createQuery("SELECT detail FROM audit")
                                                .mapTo(String.class)
                                                .list()))
                .noneMatch(
                        detail ->
                                created.text().contains(detail) || detail.contains(created.text()));
    }

    @Test
    void aWrongUnknownOrMangledKeyStandsForNobody() {
        String text = database.write(keys.create(ADMIN, ACME, "ci", Optional.empty())).text();
        for (String wrong :
                List.of(
                        "",
                        "USHER.",
                        "USHER..",
                        "USHER.\0.",
                        "Bearer " + text,
                        text.substring(0, text.length() - 1),
                        text + "A",
                        text.replace("USHER.", "USHER.0"),
                        text.toLowerCase(Locale.ROOT))) {
            assertThat(keys.authenticate(wrong)).as(wrong).isEmpty();
        }
    }

    @Test
    void aKeyEndsWhenItExpiresOrIsDeleted() {
        Instant soon = now.get().plus(Duration.ofHours(1));
        ApiKey.Created expiring =
                database.write(keys.create(ADMIN, ACME, "expiring", Optional.of(soon)));
        ApiKey.Created deleted =
                database.write(keys.create(ADMIN, ACME, "deleted", Optional.empty()));
        assertThat(keys.authenticate(expiring.text())).isPresent();

        now.set(soon);
        database.write(keys.delete(ADMIN, ACME, deleted.key().id()));

        assertThat(keys.authenticate(expiring.text())).isEmpty();
        assertThat(keys.authenticate(deleted.text())).isEmpty();
        assertThat(keys.list(ACME)).extracting(ApiKey::name).containsExactly("expiring");
    }

    @Test
    void anOwnerCannotDeleteAnothersKey() {
        ApiKey.Created created = database.write(keys.create(ADMIN, ACME, "ci", Optional.empty()));
        assertThatExceptionOfType(NotFound.class)
                .isThrownBy(() -> database.write(keys.delete(ADMIN, OTHER, created.key().id())));
        assertThat(keys.authenticate(created.text())).isPresent();
    }

    @Test
    void aKeyIsForAnOwnerThatExists() {
        assertThatExceptionOfType(NotFound.class)
                .isThrownBy(
                        () ->
                                database.write(
                                        keys.create(
                                                ADMIN,
                                                OwnerId.parse("::3"),
                                                "ci",
                                                Optional.empty())))
                .withMessage("there is no owner ::3: create it first");
    }

    @ParameterizedTest
    @ValueSource(strings = {"two\nlines", "a\0b", "\u0085"})
    void namesAreOneLine(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> owners.create(ADMIN, OwnerId.parse("::3"), name, 1))
                .withMessageContaining("control character");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> keys.create(ADMIN, ACME, name, Optional.empty()))
                .withMessageContaining("control character");
    }

    @Test
    void refusesWhatNoOwnerAndNoKeyCanBe() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> owners.create(ADMIN, OwnerId.parse("::3"), "x".repeat(201), 1))
                .withMessage("the owner's name has 201 characters: use at most 200");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> owners.create(ADMIN, OwnerId.parse("::3"), "x", -1))
                .withMessage("the add limit -1 is negative: use 0 or more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> keys.create(ADMIN, ACME, "x", Optional.of(Instant.MAX)))
                .withMessageContaining("leave the end out");
    }

    @Test
    void anAdministratorsKeyEndsWhenItIsDeleted() {
        ApiKey.Created first =
                database.write(keys.createAdministrator(ADMIN, "first", Optional.empty()));
        ApiKey.Created second =
                database.write(keys.createAdministrator(ADMIN, "second", Optional.empty()));
        ApiKey.Created owners = database.write(keys.create(ADMIN, ACME, "ci", Optional.empty()));
        assertThat(keys.authenticate(first.text()))
                .hasValueSatisfying(
                        principal ->
                                assertThat(principal).isInstanceOf(Principal.Administrator.class));

        database.write(keys.deleteAdministrator(ADMIN, first.key().id()));

        assertThat(keys.authenticate(first.text())).isEmpty();
        assertThat(keys.listAdministrators()).containsExactly(second.key());
        for (String id : List.of(first.key().id(), owners.key().id())) {
            assertThatExceptionOfType(NotFound.class)
                    .isThrownBy(() -> database.write(keys.deleteAdministrator(ADMIN, id)))
                    .withMessage("no administrator has an API key of this id");
        }
        assertThat(keys.authenticate(owners.text())).isPresent();
    }

    @Test
    void theKeyOfANodeEndsTheOneItReplaces() {
        ApiKey.Created first =
                database.write(keys.createAdministratorOfNode("a", Optional.empty()));
        ApiKey.Created second =
                database.write(keys.createAdministratorOfNode("b", Optional.of(first.key().id())));

        assertThat(keys.authenticate(first.text())).isEmpty();
        assertThat(keys.authenticate(second.text())).isPresent();
        assertThat(audit.list(AuditLog.Filter.ALL, 0, 100))
                .extracting(AuditEntry::actor, AuditEntry::action)
                .endsWith(
                        tuple("usher", "api-key.create"),
                        tuple("usher", "api-key.delete"),
                        tuple("usher", "api-key.create"));
        database.write(keys.createAdministratorOfNode("c", Optional.of("gone")));
        assertThat(keys.listAdministrators()).hasSize(2);
    }
}
