package dev.usher.api;

import static dev.usher.api.RestApi.administrator;
import static java.util.Objects.requireNonNull;

import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Principal;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.devices.JoinEuiRanges;
import dev.usher.lorawan.EuiRange;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** The JoinEUIs this Join Server answers for in the REST API, and whose devices have them. */
final class JoinEuiRoutes {

    private final JoinEuiRanges ranges;
    private final Changes changes;

    JoinEuiRoutes(JoinEuiRanges ranges, Changes changes) {
        this.ranges = requireNonNull(ranges, "ranges");
        this.changes = requireNonNull(changes, "changes");
    }

    void addTo(Routes<Principal> routes) {
        routes.add("GET", "/api/v1/join-euis", administrator(this::list))
                .add("POST", "/api/v1/join-euis", administrator(this::assign))
                .add("DELETE", "/api/v1/join-euis/{range}", administrator(this::withdraw));
    }

    private Response list(Principal caller, Request request, Routes.Variables path) {
        return Answers.list(ranges.list(), JoinEuiRoutes::write);
    }

    private Response assign(Principal caller, Request request, Routes.Variables path) {
        Fields fields = Fields.ofBody(request.body(), Set.of("range", "maker", "dryRun"));
        EuiRange range = fields.parsed("range", fields.requiredText("range"), EuiRange::parse);
        OwnerId maker = fields.parsed("maker", fields.requiredText("maker"), OwnerId::parse);
        Response response =
                changes.make(
                        caller,
                        request,
                        fields,
                        201,
                        ranges.assign(caller, range, maker),
                        JoinEuiRoutes::write);
        ranges.refresh();
        return response;
    }

    /** With {@code ?force=true} even a range that devices have. */
    private Response withdraw(Principal caller, Request request, Routes.Variables path) {
        boolean force = request.query("force").filter("true"::equals).isPresent();
        Response response =
                changes.delete(
                        caller,
                        request,
                        ranges.withdraw(caller, EuiRange.parse(path.get("range")), force));
        ranges.refresh();
        return response;
    }

    private static void write(ObjectNode node, JoinEuiRanges.Assigned assigned) {
        node.put("range", assigned.range().toString())
                .put("first", assigned.range().first().toString())
                .put("last", assigned.range().last().toString())
                .put("maker", assigned.maker().toString());
    }
}
