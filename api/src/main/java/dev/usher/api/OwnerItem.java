package dev.usher.api;

import dev.usher.lorawan.Eui64;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/** One gateway of a request: what is asked for it, or why that cannot be understood. */
record OwnerItem<T>(String name, Optional<T> asked, Optional<String> error) {

    private static <T> OwnerItem<T> item(String name, Function<Eui64, T> asked) {
        try {
            return new OwnerItem<>(
                    name, Optional.of(asked.apply(Eui64.parse(name))), Optional.empty());
        } catch (BadRequest | IllegalArgumentException e) {
            return new OwnerItem<>(
                    name, Optional.empty(), Optional.of(String.valueOf(e.getMessage())));
        }
    }

    /**
     * The gateways of a request, single or bulk; each is an object that has a gateway field and
     * those known, or just its name.
     */
    static <T> List<OwnerItem<T>> items(
            OwnerCall call,
            Fields fields,
            Set<String> known,
            boolean plain,
            BiFunction<Eui64, Fields, T> asked) {
        if (fields.has(call.one()) == fields.has(call.many())) {
            throw new BadRequest("send either '" + call.one() + "' or '" + call.many() + "'");
        }
        if (fields.has(call.one())) {
            return List.of(item(fields.requiredText(call.one()), eui -> asked.apply(eui, fields)));
        }
        List<JsonNode> nodes = fields.list(call.many()).orElse(List.of());
        Set<String> all = new HashSet<>(known);
        all.add(call.one());
        List<OwnerItem<T>> items = new ArrayList<>(nodes.size());
        for (int i = 0; i < nodes.size(); i++) {
            JsonNode node = nodes.get(i);
            if (plain && node.isString()) {
                items.add(item(node.stringValue(), eui -> asked.apply(eui, fields)));
            } else {
                Fields own = Fields.of(node, call.many() + "[" + i + "]", all);
                items.add(item(own.requiredText(call.one()), eui -> asked.apply(eui, own)));
            }
        }
        return items;
    }
}
