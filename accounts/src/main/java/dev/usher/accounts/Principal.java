package dev.usher.accounts;

import static java.util.Objects.requireNonNull;

/** Who is asking the Gateway Join Server or the Join Server. */
public sealed interface Principal extends Caller {

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
