package dev.usher.api;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.Conflict;
import dev.usher.accounts.MissingRight;
import dev.usher.accounts.NotFound;
import dev.usher.accounts.TooManySignIns;
import dev.usher.api.edge.Response;
import dev.usher.keys.VaultException;
import dev.usher.keys.VaultUnavailableException;
import dev.usher.network.claiming.ClaimFailure;
import dev.usher.store.StoreException;

/**
 * Why a request was not done, in words for whoever made it: to programs a problem detail (RFC
 * 9457), to people a page.
 *
 * @param type the last part of the problem's URN
 * @param detail one sentence
 */
record Refusal(int status, String type, String title, String detail) {

    Refusal {
        requireNonNull(type, "type");
        requireNonNull(title, "title");
        requireNonNull(detail, "detail");
    }

    /**
     * What somebody is told of a failure.
     *
     * @throws RuntimeException the failure itself, if nobody is meant to be told of it
     */
    static Refusal of(RuntimeException e) {
        return switch (e) {
            case BadRequest _, IllegalArgumentException _ ->
                    of(400, "bad-request", "The request is not understood", e);
            case Forbidden _, MissingRight _ -> of(403, "forbidden", "You may not do this", e);
            case ClaimFailure failure -> ofClaim(failure);
            case NotFound _ -> of(404, "not-found", "There is no such thing", e);
            case Conflict _ -> of(409, "conflict", "It contradicts what is there", e);
            case TooManySignIns _ -> of(503, "too-many-sign-ins", "Too many people sign in", e);
            case VaultUnavailableException _ ->
                    of(503, "vault-unavailable", "The vault cannot be reached", e);
            case VaultException _ -> of(409, "vault", "The vault cannot do this", e);
            case StoreException _ -> of(503, "database", "The database cannot do this now", e);
            default -> throw e;
        };
    }

    private static Refusal ofClaim(ClaimFailure e) {
        return switch (e.reason()) {
            case CODE_MISMATCH -> of(403, "code-mismatch", "Claim authentication code mismatch", e);
            case TOO_MANY_GUESSES ->
                    of(403, "too-many-guesses", "Too many wrong codes were tried", e);
            case NOT_AUTHORIZED ->
                    of(403, "not-authorized", "Gateway not authorized for claiming", e);
            case OWN_ALREADY -> of(409, "own-already", "You have this gateway already", e);
            case BUSY -> of(409, "busy", "Somebody is claiming this gateway", e);
            case ID_TAKEN -> of(409, "id-taken", "Gateway with ID already exists", e);
            case NOT_SUPPORTED -> of(404, "claiming-not-supported", "Claiming is not supported", e);
            case TARGET_UNUSABLE ->
                    of(422, "target-unusable", "The gateway cannot be sent there", e);
            case UPSTREAM_FAILED ->
                    of(502, "upstream", "The Gateway Join Server cannot do it now", e);
        };
    }

    static Refusal of(int status, String type, String title, RuntimeException why) {
        return new Refusal(status, type, title, String.valueOf(why.getMessage()));
    }

    /** For faces whose clients know one text alone. */
    String sentence() {
        return status == 503 ? detail + "; try again in a moment" : detail;
    }

    Response.Full problem() {
        return Response.of(
                status,
                Answers.PROBLEM_TYPE,
                Answers.problemBody(status, type, title, detail).toString());
    }
}
