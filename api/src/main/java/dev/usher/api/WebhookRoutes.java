package dev.usher.api;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.AccountId;
import dev.usher.accounts.Caller;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.network.outlets.OutletState;
import dev.usher.network.outlets.Outlets;
import dev.usher.network.outlets.TrialDelivery;
import dev.usher.network.outlets.Webhook;
import dev.usher.network.outlets.WebhookId;
import dev.usher.network.outlets.WebhookSettings;
import dev.usher.network.outlets.Webhooks;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Webhooks in the REST API. */
final class WebhookRoutes {

    private static final String PATH = "/api/v1/network/webhooks";
    private static final String WEBHOOK = PATH + "/{id}";

    private final Outlets outlets;
    private final Webhooks webhooks;
    private final Changes changes;

    WebhookRoutes(Outlets outlets, Changes changes) {
        this.outlets = requireNonNull(outlets, "outlets");
        this.webhooks = outlets.webhooks();
        this.changes = requireNonNull(changes, "changes");
    }

    void addTo(Routes<Caller> routes) {
        routes.add("GET", PATH, this::list)
                .add("POST", PATH, this::create)
                .add("GET", WEBHOOK, this::get)
                .add("PATCH", WEBHOOK, this::set)
                .add("DELETE", WEBHOOK, this::delete)
                .add("POST", WEBHOOK + "/secret", this::replaceSecret)
                .add("POST", WEBHOOK + "/test", this::test);
    }

    private static WebhookId id(Routes.Variables path) {
        return new WebhookId(path.get("id"));
    }

    private Response list(Caller caller, Request request, Routes.Variables path) {
        int limit = Answers.limit(request);
        List<Webhook.Shown> page =
                webhooks.list(
                        caller,
                        request.query("account").map(AccountId::new),
                        request.query("after").map(WebhookId::new),
                        limit);
        return Answers.page(
                page, limit, WebhookRoutes::write, shown -> shown.webhook().id().value());
    }

    private Response get(Caller caller, Request request, Routes.Variables path) {
        Webhook.Shown shown = webhooks.get(caller, id(path));
        return Answers.json(200, node -> write(node, shown));
    }

    private Response create(Caller caller, Request request, Routes.Variables path) {
        Fields fields =
                Fields.ofBody(
                        request.body(),
                        Set.of("id", "account", "url", "types", "enabled", "secret", "dryRun"));
        WebhookSettings settings =
                new WebhookSettings(
                        fields.parsed("url", fields.requiredText("url"), WebhookSettings::url),
                        Set.copyOf(fields.texts("types").orElse(List.of())),
                        fields.bool("enabled").orElse(true));
        outlets.requireAllowed(settings.url());
        return changes.make(
                caller,
                request,
                fields,
                201,
                webhooks.create(
                        caller,
                        fields.parsed("id", fields.requiredText("id"), WebhookId::new),
                        fields.text("account")
                                .map(text -> fields.parsed("account", text, AccountId::new)),
                        settings,
                        fields.text("secret")),
                WebhookRoutes::write);
    }

    private Response set(Caller caller, Request request, Routes.Variables path) {
        Fields fields = Fields.ofBody(request.body(), Set.of("url", "types", "enabled", "dryRun"));
        fields.refuseNull(Set.of("url", "types", "enabled"));
        fields.text("url")
                .map(text -> fields.parsed("url", text, WebhookSettings::url))
                .ifPresent(outlets::requireAllowed);
        return changes.make(
                caller,
                request,
                fields,
                200,
                webhooks.set(caller, id(path), now -> settings(fields, now)),
                WebhookRoutes::write);
    }

    private static WebhookSettings settings(Fields fields, WebhookSettings now) {
        return new WebhookSettings(
                fields.text("url")
                        .map(text -> fields.parsed("url", text, WebhookSettings::url))
                        .orElse(now.url()),
                fields.texts("types").map(Set::copyOf).orElse(now.types()),
                fields.bool("enabled").orElse(now.enabled()));
    }

    private Response delete(Caller caller, Request request, Routes.Variables path) {
        return changes.delete(caller, request, webhooks.delete(caller, id(path)));
    }

    private Response replaceSecret(Caller caller, Request request, Routes.Variables path) {
        Fields fields = Fields.ofBody(request.body(), Set.of("secret", "dryRun"));
        return changes.make(
                caller,
                request,
                fields,
                200,
                webhooks.replaceSecret(caller, id(path), fields.text("secret")),
                WebhookRoutes::write);
    }

    private Response test(Caller caller, Request request, Routes.Variables path) {
        if (Changes.isDryRun(request)) {
            throw new BadRequest("dryRun: a test is a try already: leave it out");
        }
        TrialDelivery trial = outlets.test(caller, id(path));
        return Answers.json(
                200,
                node -> {
                    node.put("delivered", trial.error().isEmpty()).put("id", trial.id());
                    trial.status().ifPresent(status -> node.put("status", status));
                    trial.error().ifPresent(error -> node.put("error", error));
                    node.put("milliseconds", trial.milliseconds());
                });
    }

    private static void write(ObjectNode node, Webhook.Signed signed) {
        write(node, signed.webhook());
        node.put("secret", signed.secret());
    }

    private static void write(ObjectNode node, Webhook.Shown shown) {
        write(node, shown.webhook());
        OutletState state = shown.state();
        node.put("pending", state.pending());
        put(node, "deliveredAt", state.deliveredAt());
        put(node, "failedAt", state.failedAt());
        put(node, "lastError", state.lastError());
        node.put("givenUp", state.givenUp());
    }

    private static void put(ObjectNode node, String name, Optional<?> value) {
        value.ifPresent(present -> node.put(name, present.toString()));
    }

    private static void write(ObjectNode node, Webhook webhook) {
        node.put("id", webhook.id().value());
        webhook.account().ifPresent(account -> node.put("account", account.value()));
        node.put("url", webhook.settings().url().toString());
        ArrayNode types = node.putArray("types");
        webhook.settings().types().forEach(types::add);
        node.put("enabled", webhook.settings().enabled())
                .put("createdAt", webhook.createdAt().toString());
    }
}
