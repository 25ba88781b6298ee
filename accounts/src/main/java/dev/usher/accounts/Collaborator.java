package dev.usher.accounts;

import static java.util.Objects.requireNonNull;

/** What an account may do with a gateway or an organization. */
public record Collaborator(AccountId account, Rights rights) {
    public Collaborator {
        requireNonNull(account, "account");
        requireNonNull(rights, "rights");
    }
}
