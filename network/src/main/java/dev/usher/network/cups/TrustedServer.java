package dev.usher.network.cups;

import static java.util.Objects.requireNonNull;

import dev.usher.station.CertificateDer;
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
}
