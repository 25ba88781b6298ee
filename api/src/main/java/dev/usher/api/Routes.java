package dev.usher.api;

import static java.util.Objects.requireNonNull;

import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** Finds what answers a method and a path; {@code {name}} in a path stands for one segment. */
final class Routes<C> {

    /** Answers a request. */
    @FunctionalInterface
    interface Route<C> {
        Response answer(C caller, Request request, Variables path);
    }

    /** What stood in the place of each {@code {name}} of the path. */
    record Variables(Map<String, String> values) {
        String get(String name) {
            return requireNonNull(values.get(name), name);
        }
    }

    private record Entry<C>(String method, List<String> path, Route<C> route) {}

    /** What was found: the route with the path's variables, or the methods the path would allow. */
    sealed interface Match<C> {
        record Found<C>(Route<C> route, Variables path) implements Match<C> {}

        record WrongMethod<C>(String allowed) implements Match<C> {}

        record Missing<C>() implements Match<C> {}
    }

    private final List<Entry<C>> entries = new ArrayList<>();

    Routes<C> add(String method, String path, Route<C> route) {
        List<String> segments =
                path.equals("/") ? List.of() : List.of(path.substring(1).split("/", -1));
        entries.add(new Entry<>(method, segments, route));
        return this;
    }

    Match<C> find(Request request) {
        TreeSet<String> allowed = new TreeSet<>();
        for (Entry<C> entry : entries) {
            Optional<Variables> path = match(entry.path(), request.segments());
            if (path.isPresent()) {
                if (entry.method().equals(request.method())) {
                    return new Match.Found<>(entry.route(), path.get());
                }
                allowed.add(entry.method());
            }
        }
        return allowed.isEmpty()
                ? new Match.Missing<>()
                : new Match.WrongMethod<>(String.join(", ", allowed));
    }

    private static Optional<Variables> match(List<String> pattern, List<String> path) {
        if (pattern.size() != path.size()) {
            return Optional.empty();
        }
        Map<String, String> variables = new HashMap<>();
        for (int i = 0; i < pattern.size(); i++) {
            String expected = pattern.get(i);
            if (expected.startsWith("{")) {
                variables.put(expected.substring(1, expected.length() - 1), path.get(i));
            } else if (!expected.equals(path.get(i))) {
                return Optional.empty();
            }
        }
        return Optional.of(new Variables(variables));
    }
}
