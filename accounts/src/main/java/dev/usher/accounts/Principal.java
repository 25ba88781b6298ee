package dev.usher.accounts;

import static java.util.Objects.requireNonNull;

/** Who is asking. */
public sealed interface Principal {

    /** The name in the audit log: what kind of party, and which credential it used. */
    String name();

    /** Runs the house: batches, owners, audit. */
    record Administrator(String credential) implements Principal {
        public Administrator {
            requireNonNull(credential, "credential");
        }

        @Override
        public String name() {
            return "administrator " + credential;
        }
    }

    /** Acts for one owner. */
    record OwnerPrincipal(OwnerId id, String credential) implements Principal {
        public OwnerPrincipal {
            requireNonNull(id, "id");
            requireNonNull(credential, "credential");
        }

        @Override
        public String name() {
            return "owner " + id + " " + credential;
        }
    }
}
