package dev.usher.accounts;

import static java.util.Objects.requireNonNull;

/**
 * Who is asking the network: somebody whose rights decide what they may do, or a {@link Principal}.
 * An administrator may do everything there; an owner of the Gateway Join Server has no rights as
 * such.
 */
public sealed interface Caller permits Principal, Caller.SignedIn, Caller.KeyHolder {

    /** The name in the audit log: what kind of party, and which credential it used. */
    String name();

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
     * @param entity whose key it is. A gateway's is good for that gateway; a user's or an
     *     organization's also for whatever these have rights on.
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
