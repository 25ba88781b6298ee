package dev.usher.accounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.usher.store.Database;
import dev.usher.store.EveryEngine;
import dev.usher.store.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How users prove who they are. */
@EveryEngine
class LoginsTest {

    private static final Caller ADMIN = new Principal.Administrator("test");
    private static final AccountId ANN = new AccountId("ann");
    private static final AccountId ROOT = new AccountId("root");
    private static final String PASSWORD = "correct horse battery";
    private static final String ISSUER = "https://login.example.com";
    private static final Logins.Identity SUBJECT = new Logins.Identity(ISSUER, "4711");

    private final AtomicReference<Instant> now =
            new AtomicReference<>(Instant.parse("2026-11-21T10:05:00Z"));
    private final Database database;
    private final Logins logins;
    private final AuditLog audit;

    LoginsTest(TestDatabase engine) {
        database = engine.emptied();
        audit = new AuditLog(database, now::get);
        Accounts accounts = new Accounts(database, audit, now::get);
        logins = new Logins(database, audit, now::get);
        database.write(accounts.createUser(ADMIN, ANN, "Ann", Optional.empty(), false));
        database.write(accounts.createUser(ADMIN, ROOT, "Root", Optional.empty(), true));
    }

    @Test
    void thePasswordSignsIn() {
        database.write(logins.setPassword(ADMIN, ANN, PASSWORD));

        assertThat(logins.withPassword(ANN, PASSWORD)).map(User::name).hasValue("Ann");
        assertThat(logins.withPassword(ANN, PASSWORD + "!")).isEmpty();
        assertThat(logins.withPassword(ANN, "")).isEmpty();
        assertThat(logins.withPassword(ROOT, PASSWORD)).isEmpty();
        assertThat(logins.withPassword(new AccountId("nobody"), PASSWORD)).isEmpty();
        assertThat(
                        database.<String>read(
                                handle ->
                                        handle.createQuery(
                                                        "SELECT password_hash FROM account WHERE id"
                                                                + " = 'ann'")
                                                .mapTo(String.class)
                                                .one()))
                .matches("\\$argon2id\\$v=19\\$m=19456,t=2,p=1\\$[^$]{22}\\$[^$]{43}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "123456789"})
    void aShortPasswordIsRefused(String password) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> logins.setPassword(ADMIN, ANN, password))
                .withMessage(
                        "the password has " + password.length() + " characters: use 10 to 1000");
    }

    @Test
    void afterTenWrongPasswordsTheHourIsOver() {
        database.write(logins.setPassword(ADMIN, ANN, PASSWORD));
        for (int i = 0; i < 10; i++) {
            assertThat(logins.withPassword(ANN, "wrong " + i)).isEmpty();
        }
        assertThat(logins.withPassword(ANN, PASSWORD)).isEmpty();

        now.set(Instant.parse("2026-11-21T11:00:00Z"));
        assertThat(logins.withPassword(ANN, PASSWORD)).isPresent();
    }

    @Test
    void aSessionStandsForItsUserUntilItEnds() {
        User ann = user(ANN);
        Logins.Session session = database.write(logins.begin(ann));
        assertThat(logins.authenticate(session.secret()))
                .hasValue(new Caller.SignedIn(ANN, "session"));
        assertThat(session.toString()).doesNotContain(session.secret());
        assertThat(logins.authenticate("another")).isEmpty();

        now.set(now.get().plus(Duration.ofHours(12)));
        assertThat(logins.authenticate(session.secret())).isEmpty();

        Logins.Session next = database.write(logins.begin(ann));
        database.write(logins.end(next.secret()));
        assertThat(logins.authenticate(next.secret())).isEmpty();
    }

    @Test
    void anAdministratorsSessionIsAnAdministrators() {
        Logins.Session session = database.write(logins.begin(user(ROOT)));
        assertThat(logins.authenticate(session.secret()))
                .hasValue(new Principal.Administrator("user root"));
    }

    @Test
    void aNewPasswordEndsTheSessions() {
        Logins.Session session = database.write(logins.begin(user(ANN)));
        database.write(logins.setPassword(new Caller.SignedIn(ANN, "session"), ANN, PASSWORD));
        assertThat(logins.authenticate(session.secret())).isEmpty();
    }

    @Test
    void aKeySetsNoPasswordThatAllowsMoreThanTheKey() {
        Rights all = Rights.ALL;
        Rights few = Rights.of(Right.USER_ALL);
        assertThatExceptionOfType(MissingRight.class)
                .isThrownBy(() -> database.write(logins.setPassword(key(ANN, few), ANN, PASSWORD)))
                .withMessageContaining("RIGHT_ALL");
        database.write(logins.setPassword(key(ANN, all), ANN, PASSWORD));
        assertThat(logins.withPassword(ANN, PASSWORD)).isPresent();

        assertThatExceptionOfType(MissingRight.class)
                .isThrownBy(
                        () -> database.write(logins.setPassword(key(ROOT, all), ROOT, PASSWORD)))
                .withMessage("only an administrator may do this");
        database.write(logins.setPassword(ADMIN, ROOT, PASSWORD));
        assertThat(logins.withPassword(ROOT, PASSWORD)).isPresent();
    }

    private static Caller key(AccountId user, Rights rights) {
        return new Caller.KeyHolder(new Entity(Entity.Kind.USER, user.value()), rights, "k");
    }

    @Test
    void aSubjectOfAProviderIsOneUser() {
        assertThat(logins.withSubject(ISSUER, "4711")).isEmpty();
        database.write(logins.link(ADMIN, ANN, SUBJECT));
        database.write(logins.link(ADMIN, ANN, SUBJECT));
        assertThat(logins.withSubject(ISSUER, "4711")).map(User::id).hasValue(ANN);
        assertThat(logins.withSubject("https://other.example.com", "4711")).isEmpty();
        assertThatExceptionOfType(Conflict.class)
                .isThrownBy(() -> database.write(logins.link(ADMIN, ROOT, SUBJECT)))
                .withMessage("this subject of the provider is another user already");
    }

    @Test
    void aSubjectThatIsUnlinkedIsNobodyAndSignedOut() {
        database.write(logins.link(ADMIN, ANN, SUBJECT));
        assertThat(logins.identities(new Caller.SignedIn(ANN, "session"), ANN))
                .containsExactly(SUBJECT);
        Logins.Session session = database.write(logins.begin(user(ANN)));

        database.write(logins.unlink(ADMIN, ANN, SUBJECT));

        assertThat(logins.withSubject(ISSUER, "4711")).isEmpty();
        assertThat(logins.authenticate(session.secret())).isEmpty();
        assertThat(logins.identities(ADMIN, ANN)).isEmpty();
        assertThatExceptionOfType(NotFound.class)
                .isThrownBy(() -> database.write(logins.unlink(ADMIN, ANN, SUBJECT)))
                .withMessage("ann is not linked to this subject of the provider");
    }

    @Test
    void nobodyLinksThemselves() {
        Caller ann = new Caller.SignedIn(ANN, "session");
        assertThatExceptionOfType(MissingRight.class)
                .isThrownBy(() -> database.write(logins.link(ann, ANN, SUBJECT)));
        assertThatExceptionOfType(NotFound.class).isThrownBy(() -> logins.identities(ann, ROOT));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " "})
    void anEmptySubjectIsRefused(String subject) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Logins.Identity(ISSUER, subject))
                .withMessage("the subject has 0 characters: use 1 to 255");
    }

    private User user(AccountId id) {
        return database.read(handle -> Accounts.user(handle, id));
    }
}
