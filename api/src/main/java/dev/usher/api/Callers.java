package dev.usher.api;

import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Principal;
import java.util.Optional;

/** For whom a caller asks: an owner for itself, an administrator for whom it names. */
final class Callers {

    private Callers() {}

    /**
     * The owner that is asked for, if there is one.
     *
     * @param field what names the owner in the request
     * @throws Forbidden if an owner names another one
     */
    static Optional<OwnerId> owner(Principal caller, String field, Optional<OwnerId> named) {
        if (!(caller instanceof Principal.OwnerPrincipal(OwnerId self, _))) {
            return named;
        }
        named.filter(other -> !other.equals(self))
                .ifPresent(
                        other -> {
                            throw new Forbidden(
                                    field
                                            + " is "
                                            + other
                                            + ": with this key you can ask for "
                                            + self
                                            + " only");
                        });
        return Optional.of(self);
    }
}
