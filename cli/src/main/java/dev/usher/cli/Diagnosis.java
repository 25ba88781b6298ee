package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateExpiredException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * What went wrong between this program and a server, as one sentence that says what to do.
 *
 * @param trust whose certificates are trusted, in the words of a person
 */
record Diagnosis(
        URI server, String trust, boolean withApiKey, boolean withCertificate, Duration timeout) {

    private static final int LONGEST_DETAIL = 1000;

    /** A request that is larger may be cut off before all of it is sent, and its refusal unread. */
    private static final long LARGE = 1 << 20;

    /** Problems whose titles docs/network.md lists. */
    private static final Set<String> SPECIAL =
            Stream.of(
                            "code-mismatch",
                            "too-many-guesses",
                            "not-authorized",
                            "own-already",
                            "busy",
                            "id-taken",
                            "claiming-not-supported",
                            "target-unusable",
                            "upstream")
                    .map("urn:usher:problem:"::concat)
                    .collect(Collectors.toSet());

    Diagnosis {
        requireNonNull(server, "server");
        requireNonNull(trust, "trust");
        requireNonNull(timeout, "timeout");
    }

    /** There was no answer, or it broke off. */
    Failure of(IOException e) {
        return of(e, 0);
    }

    /**
     * There was no answer.
     *
     * @param length of what was sent, in bytes
     */
    Failure of(IOException e, long length) {
        return new Failure(sentence(e, length), e);
    }

    private String sentence(IOException e, long length) {
        if (e instanceof HttpTimeoutException) {
            return server
                    + " did not answer within "
                    + timeout.toSeconds()
                    + " s: check --url and the network, or allow more time with --timeout.";
        }
        if (cause(e, UnresolvedAddressException.class)) {
            return "There is no host named '" + server.getHost() + "': check --url.";
        }
        if (cause(e, SSLException.class)) {
            return tlsSentence(e, length);
        }
        if (e instanceof ConnectException) {
            return "Nothing listens on "
                    + server
                    + ": start the server with 'usher serve', or give another --url.";
        }
        return brokenOff(length);
    }

    private String brokenOff(long length) {
        if (length > LARGE) {
            return server
                    + " broke the connection off while "
                    + length
                    + " bytes were sent to it, as servers do that take no requests of this size"
                    + " (Usher: of owner-api.max-body-bytes at most), or not now: send less at a"
                    + " time, or run the command again in a moment.";
        }
        return server
                + " broke the connection off"
                + (withCertificate
                        ? ""
                        : ", as servers do that want a client certificate (--cert and --key)")
                + ": run the command again, and see the server's log if that does not help.";
    }

    private String tlsSentence(IOException e, long length) {
        String message = messages(e);
        if (cause(e, CertificateExpiredException.class)) {
            return "The certificate of " + server + " has expired: its server needs a new one.";
        }
        if (message.contains("No name matching") || message.contains("No subject alternative")) {
            return "The certificate of "
                    + server
                    + " is for another name: use the name it was made for in --url (the server's"
                    + " USHER_HOSTNAME).";
        }
        if (cause(e, CertPathBuilderException.class)
                || cause(e, CertPathValidatorException.class)) {
            return "The certificate of "
                    + server
                    + " does not come from "
                    + trust
                    + ": give its CA with --ca FILE (a server of yours offers it at /ca.pem, and"
                    + " has it as ca.pem in its data directory).";
        }
        if (message.contains("plaintext connection") || message.contains("Unsupported or unrec")) {
            return server + " does not speak TLS: check the port in --url.";
        }
        if (message.contains("Received fatal alert")) {
            return server
                    + (withCertificate
                            ? " refuses the certificate of --cert: give one that it issued or was"
                                    + " told to accept."
                            : " wants a client certificate: give one with --cert and --key.");
        }
        if (message.contains("terminated the handshake")) {
            return brokenOff(length);
        }
        return "TLS with " + server + " failed (" + Terminal.visible(message) + "): check --url.";
    }

    /** There was an answer, and it was not a success. */
    Failure of(int status, byte[] body) {
        Optional<String> special = special(body);
        if (special.isPresent()) {
            return new Failure(special.get());
        }
        Optional<String> detail = detail(body);
        return new Failure(
                switch (status) {
                    case 401 ->
                            server
                                    + " does not accept "
                                    + (withApiKey
                                            ? "this API key: give a valid one with --api-key or"
                                                    + " USHER_API_KEY"
                                            : "this client certificate: give one of an owner with"
                                                    + " --cert and --key")
                                    + because(detail);
                    case 403 -> "Not allowed by " + server + because(detail);
                    case 404 ->
                            detail.map(Diagnosis::sentence)
                                    .orElseGet(
                                            () ->
                                                    server
                                                            + " does not know this request: check"
                                                            + " the port in --url.");
                    case 413 ->
                            server
                                    + " takes no requests of this size: send less at a time, or"
                                    + " have its operator allow more (Usher:"
                                    + " owner-api.max-body-bytes)"
                                    + because(detail);
                    case 429, 502, 503, 504 ->
                            server
                                    + " cannot answer now: run the command again in a moment"
                                    + because(detail);
                    default ->
                            status >= 500
                                    ? server
                                            + " failed with status "
                                            + status
                                            + ": its log says why"
                                            + because(detail)
                                    : detail.map(Diagnosis::sentence)
                                            .orElseGet(
                                                    () ->
                                                            server
                                                                    + " answered with status "
                                                                    + status
                                                                    + ": check --url.");
                });
    }

    /** There was an answer, and it was something else. */
    Failure notJson(JacksonException e) {
        return new Failure(
                server + " answered something that is not JSON: check the port in --url.", e);
    }

    /** A problem with a name of its own, by which the documentation tells what to do. */
    private static Optional<String> special(byte[] body) {
        return json(body)
                .filter(problem -> SPECIAL.contains(Json.text(problem, "type")))
                .map(
                        problem ->
                                sentence(
                                        text(problem, "title").orElse("")
                                                + ": "
                                                + text(problem, "detail").orElse("")));
    }

    /** What the server says: problem details (RFC 9457), or the Owner API's error. */
    private static Optional<String> detail(byte[] body) {
        return json(body)
                .flatMap(
                        answer ->
                                Stream.of("detail", "error", "title")
                                        .flatMap(field -> text(answer, field).stream())
                                        .findFirst());
    }

    private static Optional<JsonNode> json(byte[] body) {
        try {
            return Optional.of(Json.MAPPER.readTree(new String(body, StandardCharsets.UTF_8)));
        } catch (JacksonException _) {
            // Not from the API itself, such as a proxy's page: it tells nothing to hand on.
            return Optional.empty();
        }
    }

    private static Optional<String> text(JsonNode answer, String field) {
        String text = Terminal.visible(Json.text(answer, field)).strip();
        return text.isEmpty()
                ? Optional.empty()
                : Optional.of(text.substring(0, Math.min(text.length(), LONGEST_DETAIL)));
    }

    private static String because(Optional<String> detail) {
        return detail.map(text -> " (it says: " + text.replaceFirst("\\.$", "") + ").").orElse(".");
    }

    private static String sentence(String detail) {
        return detail.replaceFirst("\\.$", "") + ".";
    }

    private static boolean cause(Throwable e, Class<? extends Throwable> type) {
        for (@Nullable Throwable each = e; each != null; each = each.getCause()) {
            if (type.isInstance(each)) {
                return true;
            }
        }
        return false;
    }

    private static String messages(Throwable e) {
        StringBuilder all = new StringBuilder();
        for (@Nullable Throwable each = e; each != null; each = each.getCause()) {
            all.append(all.isEmpty() ? "" : "; ").append(each.getMessage());
        }
        return all.toString();
    }
}
