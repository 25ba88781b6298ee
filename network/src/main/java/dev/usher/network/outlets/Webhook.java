package dev.usher.network.outlets;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.AccountId;
import dev.usher.accounts.Rights;
import java.time.Instant;
import java.util.Optional;

/**
 * Has events posted to a URL.
 *
 * @param account whose it is: it tells what this account may know; empty if it is the network's
 *     own, which tells everything
 * @param rights the most it may know: what whoever set it last could do
 */
public record Webhook(
        WebhookId id,
        Optional<AccountId> account,
        Rights rights,
        WebhookSettings settings,
        Instant createdAt) {

    public Webhook {
        requireNonNull(id, "id");
        requireNonNull(account, "account");
        requireNonNull(rights, "rights");
        requireNonNull(settings, "settings");
        requireNonNull(createdAt, "createdAt");
    }

    /**
     * One whose secret was just made.
     *
     * @param secret what its deliveries are signed with; told this once
     */
    public record Signed(Webhook webhook, String secret) {

        public Signed {
            requireNonNull(webhook, "webhook");
            requireNonNull(secret, "secret");
        }

        @Override
        public String toString() {
            return "Signed[" + webhook + "]";
        }
    }

    /** One as it is shown. */
    public record Shown(Webhook webhook, OutletState state) {
        public Shown {
            requireNonNull(webhook, "webhook");
            requireNonNull(state, "state");
        }
    }
}
