package dev.usher.api;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.AuditEvent;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.Caller;
import dev.usher.accounts.IdempotentAnswers;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.lorawan.Printable;
import dev.usher.lorawan.Sha256;
import dev.usher.store.Change;
import dev.usher.store.Database;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** How the REST API makes a change: at most once for an Idempotency-Key, or only as a trial. */
final class Changes {

    private final Database database;
    private final IdempotentAnswers idempotentAnswers;
    private final AuditLog audit;

    Changes(Database database, IdempotentAnswers idempotentAnswers, AuditLog audit) {
        this.database = requireNonNull(database, "database");
        this.idempotentAnswers = requireNonNull(idempotentAnswers, "idempotentAnswers");
        this.audit = requireNonNull(audit, "audit");
    }

    /** How a result becomes an answer. */
    interface Writer<T> {
        void write(ObjectNode node, T result);
    }

    /** An entry in the audit log for what was done outside the database. */
    Change<AuditEvent> recorded(AuditEvent event) {
        return handle -> {
            audit.append(handle, event);
            return event;
        };
    }

    /** Makes a change and answers; a dry run makes it and takes it back. */
    <T> Response make(
            Caller caller,
            Request request,
            Fields fields,
            int status,
            Change<T> change,
            Writer<T> writer) {
        if (isDryRun(request, fields)) {
            return dryRun(change);
        }
        Change<String> answered =
                handle -> {
                    ObjectNode node = Fields.JSON.createObjectNode();
                    writer.write(node, change.apply(handle));
                    return node.toString();
                };
        return Response.of(status, Answers.JSON_TYPE, once(caller, request, answered));
    }

    /**
     * Likewise, with something that has to be done outside the database first: not in a dry run,
     * nor where the request was answered before.
     */
    <T> Response makeAfter(
            Runnable outside,
            Caller caller,
            Request request,
            Fields fields,
            int status,
            Change<T> change,
            Writer<T> writer) {
        if (!isDryRun(request, fields) && earlier(caller, request).isEmpty()) {
            outside.run();
        }
        return make(caller, request, fields, status, change, writer);
    }

    /** Deletes, and answers with nothing; a dry run takes it back. */
    <T> Response delete(Caller caller, Request request, Change<T> change) {
        if (isDryRun(request)) {
            return dryRun(change);
        }
        once(
                caller,
                request,
                handle -> {
                    change.apply(handle);
                    return "";
                });
        return Response.of(204);
    }

    /** An answer whose status follows from what became of the change. */
    record Answer(int status, ObjectNode body) {

        static Answer of(int status, ObjectNode body) {
            return new Answer(status, body);
        }

        static Answer refusal(int status, String type, String title, String detail) {
            return new Answer(status, Answers.problemBody(status, type, title, detail));
        }

        /** Without the body, which may tell a secret this once. */
        @Override
        public String toString() {
            return "Answer[" + status + "]";
        }

        boolean isRefusal() {
            return status / 100 != 2;
        }

        Response response() {
            return Response.of(
                    status,
                    isRefusal() ? Answers.PROBLEM_TYPE : Answers.JSON_TYPE,
                    body.toString());
        }
    }

    /**
     * Makes a change that itself says how it is answered. A refusal is no error: what it leaves
     * behind, such as a guess that counts, stays, after a dry run too.
     */
    Response decide(Caller caller, Request request, Fields fields, Change<Answer> change) {
        if (isDryRun(request, fields)) {
            return tried(
                    handle -> {
                        Answer answer = change.apply(handle);
                        if (answer.isRefusal()) {
                            return answer;
                        }
                        throw new TakenBack();
                    });
        }
        String kept =
                once(
                        caller,
                        request,
                        handle -> {
                            Answer answer = change.apply(handle);
                            return answer.status() + " " + answer.body();
                        });
        int space = kept.indexOf(' ');
        return Answer.of(
                        Integer.parseInt(kept.substring(0, space)),
                        (ObjectNode) Fields.JSON.readTree(kept.substring(space + 1)))
                .response();
    }

    /**
     * Makes one part of a change that is too long for one transaction, each part at most once.
     *
     * @param number which part, from 0
     * @param dryRun whether the change changes nothing, so that it is no matter how often it is
     *     made
     * @param content what this part asks for
     */
    String makePart(
            Caller caller,
            Request request,
            int number,
            boolean dryRun,
            byte[] content,
            Change<String> answered) {
        Optional<String> key = request.header("Idempotency-Key").filter(_ -> !dryRun);
        return database.write(
                idempotentAnswers.onceForPart(
                        caller, key, number, hash(request, content), answered));
    }

    private Optional<String> earlier(Caller caller, Request request) {
        return request.header("Idempotency-Key")
                .flatMap(
                        key ->
                                database.read(
                                        handle ->
                                                idempotentAnswers.earlier(
                                                        handle,
                                                        caller,
                                                        key,
                                                        hash(request, request.body()))));
    }

    private String once(Caller caller, Request request, Change<String> answered) {
        return once(
                caller, request.header("Idempotency-Key"), hash(request, request.body()), answered);
    }

    private String once(Caller caller, Optional<String> key, byte[] hash, Change<String> answered) {
        return database.write(idempotentAnswers.once(caller, key, hash, answered));
    }

    private static boolean isDryRun(Request request, Fields fields) {
        return isDryRun(request) || fields.bool("dryRun").orElse(false);
    }

    /** Whoever says {@code dryRun=1} means a trial as well, and must not get the change instead. */
    static boolean isDryRun(Request request) {
        return request.query("dryRun")
                .map(
                        value ->
                                switch (value) {
                                    case "true" -> true;
                                    case "false" -> false;
                                    default ->
                                            throw new BadRequest(
                                                    "dryRun is '"
                                                            + Printable.of(value)
                                                            + "': say true or false");
                                })
                .orElse(false);
    }

    private <T> Response dryRun(Change<T> change) {
        return tried(
                handle -> {
                    change.apply(handle);
                    throw new TakenBack();
                });
    }

    /** Makes a change that takes itself back where it succeeds. */
    private Response tried(Change<Answer> change) {
        try {
            return database.write(change).response();
        } catch (TakenBack expected) {
            return Answers.json(200, node -> node.put("dryRun", true));
        }
    }

    private static final class TakenBack extends RuntimeException {
        private static final long serialVersionUID = 1;

        TakenBack() {
            super("a dry run is taken back");
        }
    }

    private static byte[] hash(Request request, byte[] content) {
        String what = request.method() + " " + request.path() + "\n";
        return Sha256.of(what.getBytes(StandardCharsets.UTF_8), content);
    }
}
