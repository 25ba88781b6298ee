package dev.usher.api;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.Caller;
import dev.usher.accounts.Principal;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.network.cups.Trust;
import dev.usher.network.cups.TrustedServer;
import dev.usher.network.cups.TrustedServers;
import dev.usher.station.CertificateDer;
import dev.usher.station.StationUri;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** Which roots gateways are told to trust for the servers they are sent to, in the REST API. */
final class TrustRoutes {

    private static final String PATH = "/api/v1/network/trust";
    private static final String SERVER = PATH + "/{server}";

    private final Trust trust;
    private final TrustedServers servers;
    private final InstantSource clock;
    private final Changes changes;

    TrustRoutes(NetworkServices network, InstantSource clock, Changes changes) {
        this.trust = network.trust();
        this.servers = network.trustedServers();
        this.clock = requireNonNull(clock, "clock");
        this.changes = requireNonNull(changes, "changes");
    }

    void addTo(Routes<Caller> routes) {
        routes.add("GET", PATH, RestApi.administrator(this::list))
                .add("PUT", SERVER, RestApi.administrator(this::pin))
                .add("DELETE", SERVER, RestApi.administrator(this::unpin))
                .add("POST", SERVER + "/check", RestApi.administrator(this::check));
    }

    private static StationUri server(Routes.Variables path) {
        return TrustedServers.server(path.get("server"));
    }

    private Response list(Principal caller, Request request, Routes.Variables path) {
        Instant now = clock.instant();
        return Answers.list(trust.list(), (node, server) -> write(node, server, now));
    }

    private Response pin(Principal caller, Request request, Routes.Variables path) {
        Fields fields = Fields.ofBody(request.body(), Set.of("root", "dryRun"));
        byte[] root =
                fields.bytes("root")
                        .orElseThrow(
                                () ->
                                        new BadRequest(
                                                "root is missing: give the certificate in PEM or"
                                                        + " base64"));
        Instant now = clock.instant();
        Response response =
                changes.make(
                        caller,
                        request,
                        fields,
                        200,
                        servers.pin(caller, server(path), root),
                        (node, pinned) -> write(node, pinned, now));
        trust.refresh();
        return response;
    }

    private Response unpin(Principal caller, Request request, Routes.Variables path) {
        Response response = changes.delete(caller, request, servers.unpin(caller, server(path)));
        trust.refresh();
        return response;
    }

    private Response check(Principal caller, Request request, Routes.Variables path) {
        TrustedServer checked = trust.check(server(path));
        return Answers.json(200, node -> write(node, checked, clock.instant()));
    }

    private static void write(ObjectNode node, TrustedServer server, Instant now) {
        node.put("server", server.server()).put("pinned", server.isPinned());
        server.root().ifPresent(root -> write(node, root));
        server.endsAt().ifPresent(end -> node.put("endsAt", end.toString()));
        node.put("checkedAt", server.checkedAt().toString());
        server.changedAt().ifPresent(at -> node.put("changedAt", at.toString()));
        server.remark(now).ifPresent(remark -> node.put("remark", remark));
    }

    private static void write(ObjectNode node, CertificateDer root) {
        node.put("subject", root.toX509().getSubjectX500Principal().getName())
                .put("root", Answers.pem(root.toX509()));
    }
}
