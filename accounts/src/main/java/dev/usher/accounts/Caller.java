package dev.usher.accounts;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * Who is asking the network: somebody whose rights decide what they may do, or a {@link Principal}.
 * An administrator may do everything there; an owner of the Gateway Join Server has no rights as
 * such.
 */
public sealed interface Caller permits Principal, Caller.SignedIn, Caller.KeyHolder {

    /** The name in the audit log: what kind of party, and which credential it used. */
    String name();

    /**
     * The account it asks for; empty for administrators and owners of the Gateway Join Server, and
     * for the key of a single thing.
     */
    default Optional<AccountId> account() {
        return switch (this) {
            case Principal _ -> Optional.empty();
            case SignedIn(AccountId user, _) -> Optional.of(user);
            case KeyHolder(Entity entity, _, _) ->
                    switch (entity.kind()) {
                        case USER, ORGANIZATION -> Optional.of(new AccountId(entity.id()));
                        case GATEWAY, DEVICE -> Optional.empty();
                    };
        };
    }

    /**
     * A user who is signed in; may do whatever their rights allow.
     *
     * @param credential {@code session}, or what else proved who they are
     */
    record SignedIn(AccountId user, String credential) implements Caller {
        public SignedIn {
            requireNonNull(user, "user");
            requireNonNull(credential, "credential");
        }

        @Override
        public String name() {
            return "user " + user + " " + credential;
        }
    }

    /**
     * Somebody with an API key.
     *
     * @param entity whose key it is. A gateway's or a device's is good for that alone; a user's or
     *     an organization's also for whatever these have rights on.
     * @param rights the most the key allows
     * @param keyId which key
     */
    record KeyHolder(Entity entity, Rights rights, String keyId) implements Caller {
        public KeyHolder {
            requireNonNull(entity, "entity");
            requireNonNull(rights, "rights");
            requireNonNull(keyId, "keyId");
        }

        @Override
        public String name() {
            return entity + " key " + keyId;
        }
    }
}
