package dev.usher.network.outlets;

import static dev.usher.network.registry.TestRegistry.ACME;
import static dev.usher.network.registry.TestRegistry.ADMIN;
import static dev.usher.network.registry.TestRegistry.ANN;
import static dev.usher.network.registry.TestRegistry.AS_ANN;
import static dev.usher.network.registry.TestRegistry.AS_BOB;
import static dev.usher.network.registry.TestRegistry.BOB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.usher.accounts.Caller;
import dev.usher.accounts.Conflict;
import dev.usher.accounts.Entity;
import dev.usher.accounts.MissingRight;
import dev.usher.accounts.NotFound;
import dev.usher.accounts.Right;
import dev.usher.accounts.Rights;
import dev.usher.network.registry.TestRegistry;
import dev.usher.store.EveryEngine;
import dev.usher.store.TestDatabase;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@EveryEngine
class WebhooksTest {

    private static final WebhookId HOOK = new WebhookId("hook");
    private static final WebhookSettings SETTINGS =
            new WebhookSettings(
                    WebhookSettings.url("https://example.com/hook"), Set.of("uplink"), true);

    private final TestRegistry registry;
    private final Webhooks webhooks;

    WebhooksTest(TestDatabase engine) {
        registry = new TestRegistry(engine);
        webhooks =
                new Webhooks(
                        registry.database, TestVault.SEALER, registry.audit, registry.now::get);
    }

    private Webhook.Signed create(Caller caller, WebhookId id) {
        return registry.database.write(
                webhooks.create(caller, id, Optional.of(ANN), SETTINGS, Optional.empty()));
    }

    @Test
    void belongsToWhoMadeIt() {
        Webhook.Signed made = create(AS_ANN, HOOK);

        assertThat(made.secret()).matches("whsec_[0-9A-Za-z_-]{43}");
        assertThat(made.toString()).doesNotContain(made.secret());
        assertThat(webhooks.get(AS_ANN, HOOK).webhook()).isEqualTo(made.webhook());
        assertThat(webhooks.get(ADMIN, HOOK).webhook()).isEqualTo(made.webhook());
        assertThat(webhooks.list(AS_ANN, Optional.empty(), Optional.empty(), 10)).hasSize(1);
        assertThat(webhooks.list(AS_BOB, Optional.empty(), Optional.empty(), 10)).isEmpty();
        assertThat(webhooks.list(ADMIN, Optional.empty(), Optional.empty(), 10)).hasSize(1);
        assertThat(webhooks.list(ADMIN, Optional.of(BOB), Optional.empty(), 10)).isEmpty();
        assertThatThrownBy(() -> webhooks.get(AS_BOB, HOOK)).isInstanceOf(NotFound.class);
        assertThatThrownBy(() -> registry.database.write(webhooks.delete(AS_BOB, HOOK)))
                .isInstanceOf(NotFound.class);
        assertThatThrownBy(() -> webhooks.list(AS_BOB, Optional.of(ANN), Optional.empty(), 10))
                .isInstanceOf(NotFound.class);
    }

    @Test
    void isTheNetworksOwnForAdministratorsOnly() {
        assertThatThrownBy(
                        () ->
                                registry.database.write(
                                        webhooks.create(
                                                AS_ANN,
                                                HOOK,
                                                Optional.empty(),
                                                SETTINGS,
                                                Optional.empty())))
                .isInstanceOf(MissingRight.class);
        registry.database.write(
                webhooks.create(ADMIN, HOOK, Optional.empty(), SETTINGS, Optional.empty()));
        assertThatThrownBy(() -> webhooks.get(AS_ANN, HOOK)).isInstanceOf(NotFound.class);
    }

    @Test
    void belongsToAnOrganizationToo() {
        registry.database.write(
                webhooks.create(AS_ANN, HOOK, Optional.of(ACME), SETTINGS, Optional.empty()));

        assertThat(webhooks.list(AS_ANN, Optional.of(ACME), Optional.empty(), 10)).hasSize(1);
        assertThatThrownBy(
                        () ->
                                registry.database.write(
                                        webhooks.create(
                                                AS_BOB,
                                                new WebhookId("hook2"),
                                                Optional.of(ACME),
                                                SETTINGS,
                                                Optional.empty())))
                .isInstanceOf(NotFound.class);
    }

    @Test
    void tellsNoMoreThanWhoSetItLastMayDo() {
        Rights few =
                Rights.of(
                        Right.USER_SETTINGS_BASIC,
                        Right.GATEWAY_STATUS_READ,
                        Right.GATEWAY_TRAFFIC_READ);
        Caller key = new Caller.KeyHolder(new Entity(Entity.Kind.USER, "ann"), few, "k");
        assertThat(create(AS_ANN, HOOK).webhook().rights()).isEqualTo(Rights.ALL);

        Webhook set = registry.database.write(webhooks.set(key, HOOK, settings -> settings));

        assertThat(set.rights()).isEqualTo(few);
        assertThatThrownBy(
                        () ->
                                registry.database.write(
                                        webhooks.set(
                                                new Caller.KeyHolder(
                                                        new Entity(Entity.Kind.USER, "ann"),
                                                        Rights.of(Right.USER_INFO),
                                                        "k"),
                                                HOOK,
                                                settings -> settings)))
                .isInstanceOf(MissingRight.class);
    }

    @Test
    void tellsNoMoreOfAnOrganizationThanItsMemberMayKnow() {
        Rights few = Rights.of(Right.ORGANIZATION_SETTINGS_BASIC, Right.GATEWAY_STATUS_READ);
        registry.database.write(
                registry.collaborators.set(
                        AS_ANN, new Entity(Entity.Kind.ORGANIZATION, "acme"), BOB, few));
        WebhookId bobs = new WebhookId("bobs");

        Webhook made =
                registry.database
                        .write(
                                webhooks.create(
                                        AS_BOB,
                                        bobs,
                                        Optional.of(ACME),
                                        SETTINGS,
                                        Optional.empty()))
                        .webhook();
        registry.database.write(
                webhooks.create(AS_ANN, HOOK, Optional.of(ACME), SETTINGS, Optional.empty()));
        Webhook set = registry.database.write(webhooks.set(AS_BOB, HOOK, settings -> settings));

        assertThat(made.rights()).isEqualTo(few);
        assertThat(set.rights()).isEqualTo(few);
    }

    @Test
    void isNamedOnce() {
        create(AS_ANN, HOOK);

        assertThatThrownBy(() -> create(AS_ANN, HOOK)).isInstanceOf(Conflict.class);
    }

    @Test
    void signsWithTheFormerSecretForADay() {
        String first = create(AS_ANN, HOOK).secret();
        String second =
                registry.database
                        .write(webhooks.replaceSecret(AS_ANN, HOOK, Optional.empty()))
                        .secret();

        assertThat(webhooks.enabled().getFirst().secrets()).containsExactly(second, first);
        registry.now.set(registry.now.get().plus(Duration.ofHours(24)));
        assertThat(webhooks.enabled().getFirst().secrets()).containsExactly(second);
    }

    @Test
    void goesWithItsAccount() {
        create(AS_ANN, HOOK);
        registry.database.write(
                handle -> {
                    handle.execute("DELETE FROM collaborator");
                    return handle.execute("DELETE FROM account WHERE id = 'ann'");
                });

        assertThat(webhooks.enabled()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "example.com",
                "ftp://example.com/",
                "https:///hook",
                "https://ann:secret@example.com/",
                "https://example.com/#part",
                "https://exa mple.com/",
                "https://example.com/\r\nX: y"
            })
    void isPostedToAUrl(String url) {
        assertThatThrownBy(() -> WebhookSettings.url(url))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .doesNotContain("secret", "\r");
    }

    @Test
    void namesTypesThatThereAre() {
        assertThatThrownBy(() -> new WebhookSettings(SETTINGS.url(), Set.of("up"), true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("'up' is no type of event: there are downlink, ");
    }

    @Test
    void isSignedWithASecretThatCannotBeGuessed() {
        assertThatThrownBy(
                        () ->
                                webhooks.create(
                                        AS_ANN,
                                        HOOK,
                                        Optional.of(ANN),
                                        SETTINGS,
                                        Optional.of("too-short")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("9 characters");
    }
}
