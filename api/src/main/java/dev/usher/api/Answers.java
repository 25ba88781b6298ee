package dev.usher.api;

import dev.usher.accounts.Certificates;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.keys.Pem;
import dev.usher.lorawan.Printable;
import dev.usher.station.CertificateDer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** How the REST API says what it has to say. */
final class Answers {

    private static final int DEFAULT_LIMIT = 100;
    private static final int LARGEST_LIMIT = 1000;
    static final String JSON_TYPE = "application/json; charset=utf-8";
    static final String PROBLEM_TYPE = "application/problem+json";
    static final String LINES_TYPE = "application/x-ndjson";

    private Answers() {}

    static int limit(Request request) {
        long limit = request.query("limit").map(Answers::number).orElse((long) DEFAULT_LIMIT);
        if (limit < 1 || limit > LARGEST_LIMIT) {
            throw new BadRequest("limit is " + limit + ": use 1 to " + LARGEST_LIMIT);
        }
        return (int) limit;
    }

    static long number(String text) {
        if (!text.matches("[0-9]{1,18}")) {
            throw new BadRequest("'" + Printable.of(text) + "' is not a number of 0 or more");
        }
        return Long.parseLong(text);
    }

    static X509Certificate certificate(byte[] derOrPem) {
        return CertificateDer.of(derOrPem).toX509();
    }

    static String pem(X509Certificate certificate) {
        return Pem.write("CERTIFICATE", Certificates.encoded(certificate));
    }

    static Response.Full json(int status, Consumer<ObjectNode> writer) {
        ObjectNode node = Fields.JSON.createObjectNode();
        writer.accept(node);
        return Response.of(status, JSON_TYPE, node.toString());
    }

    /** A list that is answered whole. */
    static <T> Response.Full list(Iterable<? extends T> items, Changes.Writer<T> writer) {
        return json(200, node -> write(node, items, writer));
    }

    /**
     * A page of a longer list; whoever wants the next one asks for what comes after {@code next}.
     *
     * @param limit how many a page has, unless it is the last one
     * @param key what the list is sorted by
     */
    static <T> Response.Full page(
            List<? extends T> page, int limit, Changes.Writer<T> writer, Function<T, String> key) {
        return json(
                200,
                node -> {
                    write(node, page, writer);
                    if (page.size() == limit) {
                        node.put("next", key.apply(page.getLast()));
                    }
                });
    }

    private static <T> void write(
            ObjectNode node, Iterable<? extends T> items, Changes.Writer<T> writer) {
        ArrayNode array = node.putArray("items");
        items.forEach(item -> writer.write(array.addObject(), item));
    }

    static Response.Full problem(int status, String type, String title, RuntimeException why) {
        return Refusal.of(status, type, title, why).problem();
    }

    static ObjectNode problemBody(int status, String type, String title, String detail) {
        return Fields.JSON
                .createObjectNode()
                .put("type", "urn:usher:problem:" + type)
                .put("title", title)
                .put("status", status)
                .put("detail", detail);
    }

    static void writeLine(OutputStream out, ObjectNode line) throws IOException {
        out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
