package dev.usher.api;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.Access;
import dev.usher.accounts.AuditEvent;
import dev.usher.accounts.Caller;
import dev.usher.accounts.MissingRight;
import dev.usher.accounts.NotFound;
import dev.usher.accounts.Right;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.Printable;
import dev.usher.network.registry.NetworkGateway;
import dev.usher.network.traffic.Traffic;
import dev.usher.station.LnsDownlink;
import dev.usher.store.Database;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Commands and remote shells on gateways, over the LNS. Who has these can read and change all there
 * is on the gateway, so it takes every right on it; and it stands in the audit log before it
 * happens.
 */
final class GatewayCommandRoutes {

    private static final String GATEWAY = "/api/v1/network/gateways/{id}";
    private static final Duration PING = Duration.ofSeconds(30);

    /** A command with its arguments, in bytes; one node can tell another this much. */
    private static final int LONGEST_COMMAND = 4000;

    private static final int LONGEST_TERM = 40;

    private final Database database;
    private final Changes changes;
    private final NetworkGatewayRoutes gateways;
    private final Traffic traffic;
    private final GatewayConnections connections;
    private final Function<Request, Optional<Caller>> asking;

    /**
     * @param asking who asks, as far as that holds now
     */
    GatewayCommandRoutes(
            Database database,
            Changes changes,
            NetworkServices network,
            NetworkGatewayRoutes gateways,
            Function<Request, Optional<Caller>> asking) {
        this.database = requireNonNull(database, "database");
        this.changes = requireNonNull(changes, "changes");
        this.gateways = requireNonNull(gateways, "gateways");
        this.traffic = network.traffic();
        this.connections = network.connections();
        this.asking = requireNonNull(asking, "asking");
    }

    void addTo(Routes<Caller> routes) {
        routes.add("POST", GATEWAY + "/commands", this::run)
                .add("GET", GATEWAY + "/shell", this::shell);
    }

    private Response run(Caller caller, Request request, Routes.Variables path) {
        Fields fields = Fields.ofBody(request.body(), Set.of("command", "arguments"));
        LnsDownlink.RunCommand command =
                new LnsDownlink.RunCommand(
                        fields.requiredText("command"),
                        fields.texts("arguments").orElse(List.of()));
        int length =
                Stream.concat(Stream.of(command.command()), command.arguments().stream())
                        .mapToInt(text -> text.getBytes(StandardCharsets.UTF_8).length + 2)
                        .sum();
        if (length > LONGEST_COMMAND) {
            throw new BadRequest(
                    "a command of "
                            + length
                            + " bytes is too long: "
                            + LONGEST_COMMAND
                            + " bytes can be");
        }
        NetworkGateway gateway = allowed(caller, path.get("id"));
        record(
                caller,
                "network-gateway.run",
                gateway,
                Map.of(
                        "command",
                        Printable.of(command.command()),
                        "arguments",
                        Printable.of(String.join(" ", command.arguments()))));
        traffic.run(gateway.eui(), command);
        return Answers.json(202, node -> node.put("eui", gateway.eui().toString()));
    }

    private Response shell(Caller caller, Request request, Routes.Variables path) {
        if (!request.asksForWebSocket()) {
            throw new BadRequest("a remote shell is a WebSocket: ask for an upgrade");
        }
        String term = request.query("term").orElse("xterm-256color");
        if (term.isEmpty() || term.length() > LONGEST_TERM || !term.matches("[A-Za-z0-9._+-]+")) {
            throw new BadRequest(
                    "term is '" + Printable.of(term) + "': write it like xterm-256color");
        }
        NetworkGateway gateway = allowed(caller, path.get("id"));
        record(caller, "network-gateway.shell", gateway, Map.of());
        return Response.webSocket(
                connections.shell(
                        gateway.eui(),
                        Printable.of(caller.name()),
                        term,
                        () -> isStillAllowed(request, gateway.eui())),
                PING);
    }

    /** By the EUI: another gateway may have got the ID since. */
    private boolean isStillAllowed(Request request, Eui64 eui) {
        try {
            return asking.apply(request).map(caller -> allowed(caller, eui.toString())).isPresent();
        } catch (NotFound | MissingRight e) {
            return false;
        }
    }

    private NetworkGateway allowed(Caller caller, String idOrEui) {
        NetworkGateway gateway = gateways.named(caller, idOrEui);
        database.read(
                handle -> Access.require(handle, caller, gateway.id().entity(), Right.GATEWAY_ALL));
        return gateway;
    }

    private void record(
            Caller caller, String action, NetworkGateway gateway, Map<String, String> detail) {
        database.write(
                changes.recorded(
                        new AuditEvent(
                                caller,
                                action,
                                gateway.eui().toString(),
                                Optional.empty(),
                                detail)));
    }
}
