package dev.usher.api;

import static dev.usher.api.RestApi.administrator;
import static java.util.Objects.requireNonNull;

import dev.usher.accounts.AuditEntry;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Principal;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The audit log in the REST API. */
final class AuditRoutes {

    private final AuditLog audit;

    AuditRoutes(AuditLog audit) {
        this.audit = requireNonNull(audit, "audit");
    }

    void addTo(Routes<Principal> routes) {
        routes.add("GET", "/api/v1/audit", this::listAudit)
                .add("GET", "/api/v1/audit/verify", administrator(this::verifyAudit));
    }

    private Response listAudit(Principal caller, Request request, Routes.Variables path) {
        Optional<OwnerId> owner =
                caller instanceof Principal.OwnerPrincipal self
                        ? Optional.of(self.id())
                        : request.query("owner").map(OwnerId::parse);
        long after = request.query("after").map(Answers::number).orElse(0L);
        int limit = Answers.limit(request);
        List<AuditEntry> entries =
                audit.list(new AuditLog.Filter(request.query("subject"), owner), after, limit);
        return Answers.json(
                200,
                node -> {
                    ArrayNode items = node.putArray("items");
                    for (AuditEntry entry : entries) {
                        ObjectNode item =
                                items.addObject()
                                        .put("seq", entry.seq())
                                        .put("at", entry.at().toString())
                                        .put("actor", entry.actor())
                                        .put("action", entry.action())
                                        .put("subject", entry.subject());
                        entry.owner().ifPresent(of -> item.put("owner", of.toString()));
                        item.set("detail", Fields.JSON.readTree(entry.detail()));
                        item.put("hash", entry.hash());
                    }
                    if (entries.size() == limit) {
                        node.put("next", entries.getLast().seq());
                    }
                });
    }

    private Response verifyAudit(Principal caller, Request request, Routes.Variables path) {
        return switch (audit.verify()) {
            case AuditLog.Verdict.Intact(long entries, String head) ->
                    Answers.json(
                            200,
                            node ->
                                    node.put("intact", true)
                                            .put("entries", entries)
                                            .put("head", head));
            case AuditLog.Verdict.Broken(long seq, String reason) ->
                    Answers.json(
                            200,
                            node ->
                                    node.put("intact", false)
                                            .put("firstBroken", seq)
                                            .put("reason", reason));
        };
    }
}
