package dev.usher.accounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.usher.store.Database;
import dev.usher.store.EveryEngine;
import dev.usher.store.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who there is, what they may do, and with which keys. */
@EveryEngine
class AccountsTest {

    private static final Principal ADMIN = new Principal.Administrator("test");
    private static final AccountId ANN = new AccountId("ann");
    private static final AccountId BOB = new AccountId("bob");
    private static final AccountId ACME = new AccountId("acme");
    private static final Caller AS_ANN = new Caller.SignedIn(ANN, "session");
    private static final Caller AS_BOB = new Caller.SignedIn(BOB, "session");
    private static final Entity GATEWAY = Entity.gateway("gtw1");
    private static final Entity ORGANIZATION = new Entity(Entity.Kind.ORGANIZATION, "acme");

    private final AtomicReference<Instant> now =
            new AtomicReference<>(Instant.parse("2026-11-21T10:00:00Z"));
    private final Database database;
    private final AuditLog audit;
    private final Accounts accounts;
    private final Collaborators collaborators;
    private final AccountKeys keys;

    AccountsTest(TestDatabase engine) {
        database = engine.emptied();
        audit = new AuditLog(database, now::get);
        accounts = new Accounts(database, audit, now::get);
        collaborators = new Collaborators(database, audit);
        keys = new AccountKeys(database, audit, now::get);
        database.write(
                accounts.createUser(ADMIN, ANN, "Ann", Optional.of("ann@example.com"), false));
        database.write(accounts.createUser(ADMIN, BOB, "Bob", Optional.empty(), false));
        database.write(accounts.createOrganization(AS_ANN, ACME, "Acme", ANN));
        give(GATEWAY, ANN, Rights.of(Right.GATEWAY_ALL));
    }

    private void give(Entity entity, AccountId account, Rights rights) {
        database.write(
                handle -> {
                    Collaborators.put(handle, entity, account, rights);
                    return true;
                });
    }

    private Rights on(Caller caller, Entity entity) {
        return database.read(handle -> Access.of(handle, caller, entity));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ab",
                "Ann",
                "-ann",
                "ann-",
                "an--n",
                "an n",
                "an_n",
                "ann\n",
                "a234567890123456789012345678901234567"
            })
    void anIdHasAForm(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AccountId(text))
                .withMessageEndingWith("use 3 to 36 lower-case letters, digits and single dashes");
    }

    @Test
    void usersAndOrganizationsShareTheirNames() {
        assertThatExceptionOfType(Conflict.class)
                .isThrownBy(
                        () -> database.write(accounts.createOrganization(AS_ANN, BOB, "B", ANN)))
                .withMessage("the ID bob is taken: choose another for the account");
        assertThat(accounts.users(ADMIN, Optional.empty(), 10))
                .extracting(User::id)
                .containsExactly(ANN, BOB);
        assertThat(accounts.users(ADMIN, Optional.of(ANN), 10))
                .extracting(User::id)
                .containsExactly(BOB);
        assertThat(accounts.organizations(AS_ANN, Optional.of(ANN), Optional.empty(), 10))
                .extracting(Organization::id)
                .containsExactly(ACME);
        assertThat(accounts.organizations(AS_BOB, Optional.of(BOB), Optional.empty(), 10))
                .isEmpty();
    }

    @Test
    void whatOneMayNotSeeLooksLikeWhatIsNotThere() {
        assertThatExceptionOfType(NotFound.class)
                .isThrownBy(() -> accounts.get(AS_BOB, ACME))
                .withMessage("there is no organization acme, or you may not see it: check the ID");
        assertThatExceptionOfType(NotFound.class)
                .isThrownBy(
                        () ->
                                database.read(
                                        handle ->
                                                Access.require(
                                                        handle,
                                                        AS_BOB,
                                                        GATEWAY,
                                                        Right.GATEWAY_DELETE)))
                .withMessage("there is no gateway gtw1, or you may not see it: check the ID");
        assertThat(accounts.get(AS_ANN, ACME).name()).isEqualTo("Acme");
    }

    @Test
    void onlyAdministratorsMakeUsers() {
        assertThatExceptionOfType(MissingRight.class)
                .isThrownBy(
                        () ->
                                database.write(
                                        accounts.createUser(
                                                AS_ANN,
                                                new AccountId("eve"),
                                                "Eve",
                                                Optional.empty(),
                                                true)));
        assertThatExceptionOfType(MissingRight.class)
                .isThrownBy(() -> accounts.users(AS_ANN, Optional.empty(), 10));
    }

    @Test
    void aMemberHasOfTheOrganizationsRightsWhatItsMembershipAllows() {
        give(ORGANIZATION, BOB, Rights.of(Right.ORGANIZATION_INFO, Right.GATEWAY_INFO));
        assertThat(on(AS_BOB, GATEWAY)).isEqualTo(Rights.NONE);

        give(GATEWAY, ACME, Rights.of(Right.GATEWAY_INFO, Right.GATEWAY_DELETE));
        assertThat(on(AS_BOB, GATEWAY)).isEqualTo(Rights.of(Right.GATEWAY_INFO));

        give(GATEWAY, BOB, Rights.of(Right.GATEWAY_STATUS_READ));
        assertThat(on(AS_BOB, GATEWAY))
                .isEqualTo(Rights.of(Right.GATEWAY_INFO, Right.GATEWAY_STATUS_READ));
    }

    @Test
    void aKeyAllowsNoMoreThanItSaysNorThanItsHolderHas() {
        Rights some = Rights.of(Right.USER_INFO, Right.GATEWAY_INFO, Right.GATEWAY_DELETE);
        Caller key = keyOf(new Entity(Entity.Kind.USER, "bob"), some);
        assertThat(on(key, GATEWAY)).isEqualTo(Rights.NONE);
        give(GATEWAY, BOB, Rights.of(Right.GATEWAY_INFO, Right.GATEWAY_LINK));
        assertThat(on(key, GATEWAY)).isEqualTo(Rights.of(Right.GATEWAY_INFO));
        assertThat(on(key, new Entity(Entity.Kind.USER, "bob")).includes(Right.USER_INFO)).isTrue();

        Caller ofAcme = keyOf(ORGANIZATION, Rights.ALL);
        assertThat(on(ofAcme, GATEWAY)).isEqualTo(Rights.NONE);
        give(GATEWAY, ACME, Rights.of(Right.GATEWAY_INFO));
        assertThat(on(ofAcme, GATEWAY)).isEqualTo(Rights.of(Right.GATEWAY_INFO));

        Caller ofGateway = keyOf(GATEWAY, Rights.of(Right.GATEWAY_LINK));
        assertThat(on(ofGateway, GATEWAY)).isEqualTo(Rights.of(Right.GATEWAY_LINK));
        assertThat(on(ofGateway, Entity.gateway("gtw2"))).isEqualTo(Rights.NONE);
        assertThat(on(ofGateway, ORGANIZATION)).isEqualTo(Rights.NONE);
        assertThat(on(new Principal.OwnerPrincipal(OwnerId.parse("::1"), "key"), GATEWAY))
                .isEqualTo(Rights.NONE);
    }

    private Caller keyOf(Entity entity, Rights rights) {
        AccountKey.Created created =
                database.write(keys.create(ADMIN, entity, "test", rights, Optional.empty()));
        return keys.authenticate(created.text()).orElseThrow();
    }

    @Test
    void nobodyMakesAKeyThatMayDoMoreThanThey() {
        give(GATEWAY, BOB, Rights.of(Right.GATEWAY_SETTINGS_API_KEYS, Right.GATEWAY_STATUS_READ));
        assertThatExceptionOfType(MissingRight.class)
                .isThrownBy(
                        () ->
                                database.write(
                                        keys.create(
                                                AS_BOB,
                                                GATEWAY,
                                                "more",
                                                Rights.of(
                                                        Right.GATEWAY_STATUS_READ,
                                                        Right.GATEWAY_DELETE),
                                                Optional.empty())))
                .withMessage(
                        "a key cannot allow what you may not do yourself on gateway gtw1: leave out"
                                + " RIGHT_GATEWAY_DELETE");
        assertThat(
                        database.write(
                                        keys.create(
                                                AS_BOB,
                                                GATEWAY,
                                                "as much",
                                                Rights.of(Right.GATEWAY_STATUS_READ),
                                                Optional.empty()))
                                .text())
                .startsWith("USHER.");
    }

    @Test
    void aKeyEndsWhenItExpiresAndWhenItIsDeleted() {
        Instant end = now.get().plus(Duration.ofDays(1));
        AccountKey.Created created =
                database.write(
                        keys.create(
                                AS_ANN,
                                GATEWAY,
                                "for a day",
                                Rights.of(Right.GATEWAY_LINK),
                                Optional.of(end)));
        assertThat(keys.authenticate(created.text()))
                .hasValue(
                        new Caller.KeyHolder(
                                GATEWAY, Rights.of(Right.GATEWAY_LINK), created.key().id()));
        assertThat(keys.authenticate(created.text().replaceFirst(".$", "~"))).isEmpty();
        assertThat(keys.list(AS_ANN, GATEWAY)).containsExactly(created.key());
        assertThat(created.toString()).doesNotContain(created.text());

        now.set(end);
        assertThat(keys.authenticate(created.text())).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                keys.create(
                                        AS_ANN,
                                        GATEWAY,
                                        "too late",
                                        Rights.of(Right.GATEWAY_LINK),
                                        Optional.of(end)))
                .withMessage("the end " + end + " is past: choose a later one");
        now.set(end.minusMillis(1));
        assertThat(keys.authenticate(created.text())).isPresent();
        database.write(keys.delete(AS_ANN, GATEWAY, created.key().id()));
        assertThat(keys.authenticate(created.text())).isEmpty();
        assertThatExceptionOfType(NotFound.class)
                .isThrownBy(() -> database.write(keys.delete(AS_ANN, GATEWAY, created.key().id())));
    }

    @Test
    void oneGivesOnlyRightsOneHas() {
        give(GATEWAY, BOB, Rights.of(Right.GATEWAY_SETTINGS_COLLABORATORS, Right.GATEWAY_INFO));
        assertThatExceptionOfType(MissingRight.class)
                .isThrownBy(
                        () ->
                                database.write(
                                        collaborators.set(
                                                AS_BOB,
                                                GATEWAY,
                                                BOB,
                                                Rights.allOn(GATEWAY.kind()))))
                .withMessageStartingWith(
                        "you cannot give or take rights that you do not have on gateway gtw1: ");
        assertThatExceptionOfType(MissingRight.class)
                .isThrownBy(() -> database.write(collaborators.delete(AS_BOB, GATEWAY, ANN)));
        database.write(collaborators.set(AS_BOB, GATEWAY, ACME, Rights.of(Right.GATEWAY_INFO)));
        assertThat(collaborators.list(AS_ANN, GATEWAY))
                .containsExactly(
                        new Collaborator(ACME, Rights.of(Right.GATEWAY_INFO)),
                        new Collaborator(ANN, Rights.of(Right.GATEWAY_ALL)),
                        new Collaborator(
                                BOB,
                                Rights.of(
                                        Right.GATEWAY_SETTINGS_COLLABORATORS, Right.GATEWAY_INFO)));
    }

    @Test
    void somebodyCanAlwaysDoEverything() {
        assertThatExceptionOfType(Conflict.class)
                .isThrownBy(() -> database.write(collaborators.delete(AS_ANN, GATEWAY, ANN)))
                .withMessage(
                        "nobody would have all rights on gateway gtw1: give them to somebody else"
                                + " first, or delete it");
        assertThatExceptionOfType(Conflict.class)
                .isThrownBy(() -> database.write(accounts.delete(ADMIN, ANN)))
                .withMessageStartingWith("ann alone has all rights on gateway gtw1: ");

        database.write(collaborators.set(AS_ANN, GATEWAY, BOB, Rights.of(Right.GATEWAY_ALL)));
        database.write(collaborators.delete(AS_ANN, GATEWAY, ANN));
        database.write(accounts.delete(ADMIN, ACME));
        database.write(accounts.delete(AS_ANN, ANN));
        assertThat(accounts.find(ANN)).isEmpty();
        assertThat(accounts.find(BOB)).isPresent();
    }

    @Test
    void organizationsBelongToUsersOnly() {
        AccountId other = new AccountId("other");
        database.write(accounts.createOrganization(AS_BOB, other, "Other", BOB));
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                database.write(
                                        collaborators.set(
                                                AS_ANN,
                                                ORGANIZATION,
                                                other,
                                                Rights.of(Right.ORGANIZATION_INFO))))
                .withMessage("other is an organization: only users belong to organizations");
    }

    @Test
    void anOrganizationIsAnOwnerWhenItWantsToBe() {
        OwnerId owner = OwnerId.parse("::a");
        assertThatExceptionOfType(NotFound.class)
                .isThrownBy(() -> database.write(accounts.makeOwner(ADMIN, ACME, owner)));
        database.write(new Owners(database, audit, now::get).create(ADMIN, owner, "Acme", 0));
        assertThat(database.write(accounts.makeOwner(ADMIN, ACME, owner)).owner()).hasValue(owner);
        assertThat(accounts.get(AS_ANN, ACME))
                .isEqualTo(new Organization(ACME, "Acme", Optional.of(owner), now.get()));
    }

    @ParameterizedTest
    @EnumSource(Right.class)
    void everyRightCanBeKept(Right right) {
        give(GATEWAY, BOB, Rights.of(right));
        assertThat(on(AS_BOB, GATEWAY).includes(right)).isTrue();
    }

    @Test
    void everyChangeIsRemembered() {
        database.write(accounts.rename(AS_ANN, ACME, "Acme Inc"));
        List<AuditEntry> log = audit.list(AuditLog.Filter.ALL, 0, 100);
        assertThat(log)
                .extracting(AuditEntry::action)
                .containsExactly(
                        "user.create", "user.create", "organization.create", "organization.update");
        assertThat(log.getLast().actor()).isEqualTo("user ann session");
    }
}
