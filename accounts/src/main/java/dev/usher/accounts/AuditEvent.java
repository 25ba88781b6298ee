package dev.usher.accounts;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Something that happened and is to be remembered.
 *
 * @param actor who did it ({@link Caller#name()}), or {@code usher} itself
 * @param action what was done, as {@code subject.verb}: {@code gateway.claim}
 * @param subject to what: an EUI, an owner's ID6, a batch's name
 * @param owner whose it is, so that an owner can see the entries of its own
 * @param detail what else matters, by name; never a secret
 */
public record AuditEvent(
        String actor,
        String action,
        String subject,
        Optional<OwnerId> owner,
        Map<String, String> detail) {

    public AuditEvent {
        requireNonNull(actor, "actor");
        requireNonNull(action, "action");
        requireNonNull(subject, "subject");
        requireNonNull(owner, "owner");
        detail = Collections.unmodifiableMap(new TreeMap<>(detail));
    }

    public AuditEvent(
            Caller actor,
            String action,
            String subject,
            Optional<OwnerId> owner,
            Map<String, String> detail) {
        this(actor.name(), action, subject, owner, detail);
    }
}
