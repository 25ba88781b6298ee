package dev.usher.api;

import static dev.usher.api.RestApi.administrator;
import static java.util.Objects.requireNonNull;

import dev.usher.accounts.Principal;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.devices.AsyncTarget;
import dev.usher.devices.CredentialChange;
import dev.usher.devices.Peer;
import dev.usher.devices.PeerCredential;
import dev.usher.devices.PeerCredential.Kind;
import dev.usher.devices.PeerRole;
import dev.usher.devices.PeerSettings;
import dev.usher.devices.Peers;
import dev.usher.gateways.Setting;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.NetId;
import dev.usher.lorawan.Printable;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The Network and Application Servers in the REST API. What they prove themselves with goes in
 * only.
 */
final class PeerRoutes {

    private static final Set<String> FIELDS =
            Set.of(
                    "netId",
                    "asId",
                    "nsIds",
                    "strictNsId",
                    "asyncUrl",
                    "asyncAuthorization",
                    "pathPrefix",
                    "clientCa",
                    "clientName",
                    "bearerToken",
                    "user",
                    "password",
                    "dryRun");

    private final Peers peers;
    private final Changes changes;
    private final InstantSource clock;

    PeerRoutes(Peers peers, Changes changes, InstantSource clock) {
        this.peers = requireNonNull(peers, "peers");
        this.changes = requireNonNull(changes, "changes");
        this.clock = requireNonNull(clock, "clock");
    }

    void addTo(Routes<Principal> routes) {
        routes.add("GET", "/api/v1/peers", administrator(this::list))
                .add("POST", "/api/v1/peers", administrator(this::create))
                .add("GET", "/api/v1/peers/{name}", administrator(this::get))
                .add("PATCH", "/api/v1/peers/{name}", administrator(this::set))
                .add("DELETE", "/api/v1/peers/{name}", administrator(this::delete))
                .add("POST", "/api/v1/peers/{name}/kek", administrator(this::rotateKek))
                .add("DELETE", "/api/v1/peers/{name}/kek/{label}", administrator(this::deleteKek));
    }

    private Response list(Principal caller, Request request, Routes.Variables path) {
        return Answers.list(peers.list(), PeerRoutes::write);
    }

    private Response get(Principal caller, Request request, Routes.Variables path) {
        Peer peer = peers.get(path.get("name"));
        return Answers.json(200, node -> write(node, peer));
    }

    private Response create(Principal caller, Request request, Routes.Variables path) {
        Set<String> known = new java.util.HashSet<>(FIELDS);
        known.add("name");
        Fields fields = Fields.ofBody(request.body(), known);
        Given given = Given.read(fields);
        PeerRole role =
                given.role()
                        .orElseThrow(
                                () ->
                                        new BadRequest(
                                                "say what the peer is: netId for a Network Server,"
                                                        + " asId for an Application Server"));
        List<PeerCredential> credentials = credentials(fields).given();
        if (credentials.isEmpty()) {
            throw new BadRequest(
                    "say how the peer proves who it is: clientCa, bearerToken, or user and"
                            + " password");
        }
        Response response =
                changes.make(
                        caller,
                        request,
                        fields,
                        201,
                        peers.create(
                                caller,
                                fields.requiredText("name"),
                                given.over(PeerSettings.of(role)),
                                credentials),
                        PeerRoutes::write);
        peers.refresh();
        return response;
    }

    /** Changes what is given; null takes away. */
    private Response set(Principal caller, Request request, Routes.Variables path) {
        Fields fields = Fields.ofBody(request.body(), FIELDS);
        Given given = Given.read(fields);
        Response response =
                changes.make(
                        caller,
                        request,
                        fields,
                        200,
                        peers.set(caller, path.get("name"), given::over, credentials(fields)),
                        PeerRoutes::write);
        peers.refresh();
        return response;
    }

    private Response delete(Principal caller, Request request, Routes.Variables path) {
        Response response = changes.delete(caller, request, peers.delete(caller, path.get("name")));
        peers.refresh();
        return response;
    }

    /** Takes a KEK, or makes one and tells it once. */
    private Response rotateKek(Principal caller, Request request, Routes.Variables path) {
        Fields fields =
                Fields.ofBody(
                        request.body(), Fields.names(GivenKek.FIELDS, "label", "from", "dryRun"));
        GivenKek given = GivenKek.read(fields);
        Instant from = fields.time("from").orElseGet(() -> Instant.ofEpochMilli(clock.millis()));
        Response response =
                changes.make(
                        caller,
                        request,
                        fields,
                        201,
                        peers.rotateKek(
                                caller,
                                path.get("name"),
                                fields.requiredText("label"),
                                given.kek().bytes(),
                                from),
                        (node, peer) -> {
                            write(node, peer);
                            given.tell(node);
                        });
        peers.refresh();
        return response;
    }

    private Response deleteKek(Principal caller, Request request, Routes.Variables path) {
        Response response =
                changes.delete(
                        caller,
                        request,
                        peers.deleteKek(caller, path.get("name"), path.get("label")));
        peers.refresh();
        return response;
    }

    /** The settings that a request names. */
    private record Given(
            Optional<PeerRole> role,
            Setting<List<Eui64>> nsIds,
            Optional<Boolean> strictNsId,
            Setting<URI> asyncUrl,
            Setting<String> asyncAuthorization,
            Setting<String> pathPrefix) {

        static Given read(Fields fields) {
            return new Given(
                    role(fields),
                    fields.setting("nsIds", name -> fields.list(name).map(Given::nsIds)),
                    fields.bool("strictNsId"),
                    fields.setting(
                            "asyncUrl",
                            name ->
                                    fields.text(name)
                                            .map(text -> fields.parsed(name, text, Given::url))),
                    fields.setting("asyncAuthorization", fields::text),
                    fields.setting("pathPrefix", fields::text));
        }

        private static Optional<PeerRole> role(Fields fields) {
            Optional<PeerRole> network =
                    fields.text("netId")
                            .map(text -> fields.parsed("netId", text, NetId::parse))
                            .map(PeerRole.NetworkServer::new);
            Optional<PeerRole> application =
                    fields.text("asId")
                            .map(
                                    text ->
                                            fields.parsed(
                                                    "asId", text, PeerRole.ApplicationServer::new));
            if (network.isPresent() && application.isPresent()) {
                throw new BadRequest(
                        "a peer is a Network Server (netId) or an Application Server (asId): make"
                                + " two of it");
            }
            return network.or(() -> application);
        }

        private static List<Eui64> nsIds(List<JsonNode> elements) {
            return elements.stream()
                    .map(
                            element -> {
                                if (!element.isString()) {
                                    throw new BadRequest("nsIds must be an array of strings");
                                }
                                return Eui64.parseOfDevice(element.stringValue());
                            })
                    .toList();
        }

        private static URI url(String text) {
            try {
                return URI.create(text);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("'" + Printable.of(text) + "' is not a URL", e);
            }
        }

        /** These settings where they are given, else those the peer has. */
        PeerSettings over(PeerSettings present) {
            Optional<URI> url = asyncUrl.over(present.async().map(AsyncTarget::url));
            Optional<String> authorization =
                    asyncAuthorization.over(present.async().flatMap(AsyncTarget::authorization));
            if (url.isEmpty() && asyncAuthorization.value().isPresent()) {
                throw new BadRequest("asyncAuthorization goes with asyncUrl: give both");
            }
            return new PeerSettings(
                    role.orElse(present.role()),
                    nsIds.given() ? nsIds.value().orElse(List.of()) : present.nsIds(),
                    strictNsId.orElse(present.strictNsId()),
                    url.map(target -> new AsyncTarget(target, authorization)),
                    pathPrefix.over(present.pathPrefix()));
        }
    }

    private static CredentialChange credentials(Fields fields) {
        List<PeerCredential> given = new ArrayList<>();
        Set<Kind> withdrawn = EnumSet.noneOf(Kind.class);
        Setting<byte[]> ca = fields.setting("clientCa", fields::bytes);
        Optional<String> name = fields.text("clientName");
        if (ca.value().isEmpty() && name.isPresent()) {
            throw new BadRequest("clientName goes with clientCa: give both");
        }
        ca.value()
                .ifPresent(
                        bytes ->
                                given.add(
                                        new PeerCredential.ClientCertificate(
                                                Answers.certificate(bytes), name)));
        Setting<String> token = fields.setting("bearerToken", fields::text);
        token.value().map(PeerCredential.BearerToken::new).ifPresent(given::add);
        Setting<String> user = fields.setting("user", fields::text);
        Optional<String> password = fields.text("password");
        if (user.value().isPresent() != password.isPresent()) {
            throw new BadRequest("user and password go together: give both");
        }
        user.value()
                .ifPresent(
                        text ->
                                given.add(
                                        new PeerCredential.UserAndPassword(
                                                text, password.orElseThrow())));
        if (isCleared(ca)) {
            withdrawn.add(Kind.CLIENT_CERTIFICATE);
        }
        if (isCleared(token)) {
            withdrawn.add(Kind.BEARER_TOKEN);
        }
        if (isCleared(user)) {
            withdrawn.add(Kind.PASSWORD);
        }
        return new CredentialChange(given, withdrawn);
    }

    private static boolean isCleared(Setting<?> setting) {
        return setting.given() && setting.value().isEmpty();
    }

    private static void write(ObjectNode node, Peer peer) {
        PeerSettings settings = peer.settings();
        node.put("name", peer.name());
        switch (settings.role()) {
            case PeerRole.NetworkServer(NetId netId) -> node.put("netId", netId.toString());
            case PeerRole.ApplicationServer(String asId) -> node.put("asId", asId);
        }
        if (!settings.nsIds().isEmpty()) {
            ArrayNode nsIds = node.putArray("nsIds");
            settings.nsIds().forEach(nsId -> nsIds.add(nsId.toString()));
        }
        node.put("strictNsId", settings.strictNsId());
        settings.async()
                .ifPresent(
                        async -> {
                            node.put("asyncUrl", async.url().toString());
                            if (async.isInClear()) {
                                node.put("asyncInClear", true);
                            }
                            node.put("hasAsyncAuthorization", async.authorization().isPresent());
                        });
        settings.pathPrefix().ifPresent(prefix -> node.put("pathPrefix", prefix));
        peer.certificate()
                .ifPresent(
                        certificate -> {
                            node.put("clientCa", Answers.pem(certificate.authority()));
                            certificate.san().ifPresent(name -> node.put("clientName", name));
                        });
        node.put("hasBearerToken", peer.hasBearerToken());
        peer.user().ifPresent(user -> node.put("user", user));
        ArrayNode keks = node.putArray("keks");
        peer.keks()
                .forEach(
                        kek ->
                                keks.addObject()
                                        .put("label", kek.label())
                                        .put("bits", kek.bits())
                                        .put("from", kek.from().toString()));
        node.put("createdAt", peer.createdAt().toString());
    }
}
