package dev.usher.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Principal.OwnerPrincipal;
import dev.usher.api.edge.Request;
import dev.usher.lorawan.Sha256;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A request of an owner, with the words it uses for gateways. */
record OwnerCall(Request request, OwnerPrincipal owner, String resource, String verb) {

    String one() {
        return resource;
    }

    String many() {
        return resource + "s";
    }

    /** The body's fields, after checking that the owner in it is the one who asks. */
    Fields fields(Set<String> known) {
        Set<String> all = new HashSet<>(known);
        all.addAll(List.of("ownerid", "dryRun"));
        Fields fields = Fields.ofBody(request.body(), all);
        OwnerId owner = fields.ownerId();
        if (!owner.equals(this.owner.id())) {
            throw new Forbidden("you are not owner " + owner + ": send your own ownerid");
        }
        return fields;
    }

    boolean isDryRun(Fields fields) {
        return fields.bool("dryRun").orElse(false) || Changes.isDryRun(request);
    }

    /** Empty for a dry run, which may be made as often as one likes. */
    Optional<String> idempotencyKey(boolean dryRun) {
        return dryRun ? Optional.empty() : request.header("Idempotency-Key");
    }

    /** What the key is for: the same call with the same body. */
    byte[] hash() {
        return Sha256.of((resource + "/" + verb + "\n").getBytes(UTF_8), request.body());
    }
}
