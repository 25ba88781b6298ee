package dev.usher.cli;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whose a gateway or a device is. */
final class AccountOption {

    @Option(names = "--user-id", paramLabel = "USER", description = "This user's.")
    private @Nullable String user;

    @Option(
            names = "--organization-id",
            paramLabel = "ORGANIZATION",
            description = "This organization's.")
    private @Nullable String organization;

    Optional<String> given() {
        if (user != null && organization != null) {
            throw Failure.ofUsage("Give --user-id or --organization-id, not both.");
        }
        return Optional.ofNullable(user).or(() -> Optional.ofNullable(organization));
    }
}
