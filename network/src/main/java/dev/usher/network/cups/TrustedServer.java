package dev.usher.network.cups;

import static java.util.Objects.requireNonNull;

import dev.usher.station.CertificateDer;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A server that gateways are sent to, and the root that they are told to trust for it.
 *
 * @param server HOST:PORT
 * @param root empty if it is not known
 * @param isPinned whether somebody said which root it is; then the server is not asked
 * @param checkedAt when it was last found that the server's chain ends there, or when it was pinned
 * @param changedAt when its chain was first seen to end in another root than before
 * @param problem why the last check failed, as the rest of a sentence that begins with the server
 */
public record TrustedServer(
        String server,
        Optional<CertificateDer> root,
        boolean isPinned,
        Instant checkedAt,
        Optional<Instant> changedAt,
        Optional<String> problem) {

    /** How long before its end a root is worth a remark, and how long a change is. */
    static final Duration SOON = Duration.ofDays(30);

    public TrustedServer {
        requireNonNull(server, "server");
        requireNonNull(root, "root");
        requireNonNull(checkedAt, "checkedAt");
        requireNonNull(changedAt, "changedAt");
        requireNonNull(problem, "problem");
    }

    /** When the root ends. */
    public Optional<Instant> endsAt() {
        return root.map(certificate -> certificate.toX509().getNotAfter().toInstant());
    }

    /** Why somebody should look at it, as the rest of a sentence that begins with the server. */
    public Optional<String> remark(Instant now) {
        if (problem.isPresent()) {
            return problem;
        }
        Optional<Instant> end = endsAt();
        if (end.isPresent() && end.get().isBefore(now.plus(SOON))) {
            return Optional.of(
                    (end.get().isBefore(now)
                                    ? "has a root that ended at "
                                    : "has a root that ends at ")
                            + end.get());
        }
        return changedAt
                .filter(at -> at.plus(SOON).isAfter(now))
                .map(at -> "has a chain that ends in another root since " + at);
    }
}
