package dev.usher.api;

import static java.util.Objects.requireNonNull;

import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A part of a web page. What is filled into one is text and stays text, whatever it has in it,
 * unless it is such a part itself.
 *
 * @param text HTML
 */
record Html(String text) {

    static final Html NONE = new Html("");

    private static final String GAP = "{}";

    Html {
        requireNonNull(text, "text");
    }

    /**
     * Fills a template.
     *
     * @param template HTML that the program has in itself, with {@code {}} for each value: between
     *     elements, or in an attribute within double quotes
     */
    static Html of(String template, Object... values) {
        Iterator<Object> next = List.of(values).iterator();
        StringBuilder html = new StringBuilder();
        int from = 0;
        for (int gap = template.indexOf(GAP); gap >= 0; gap = template.indexOf(GAP, from)) {
            html.append(template, from, gap).append(filled(next.next()));
            from = gap + GAP.length();
        }
        if (next.hasNext()) {
            throw new IllegalArgumentException(
                    "a template with fewer gaps than " + values.length + " values: " + template);
        }
        return new Html(html.append(template, from, template.length()).toString());
    }

    /** One after the other. */
    static Html all(Collection<Html> parts) {
        return new Html(parts.stream().map(Html::text).collect(Collectors.joining("\n")));
    }

    private static String filled(Object value) {
        return value instanceof Html html ? html.text : escaped(value.toString());
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    @Override
    public String toString() {
        return text;
    }
}
