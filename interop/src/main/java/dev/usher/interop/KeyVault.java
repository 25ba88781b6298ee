package dev.usher.interop;

import java.util.Optional;

/** Where the client certificates are that {@code tls.source: key-vault} speaks of. */
@FunctionalInterface
public interface KeyVault {

    /** A vault without any. */
    KeyVault EMPTY = _ -> Optional.empty();

    /**
     * The certificate to show to a Join Server; asked when a configuration is loaded.
     *
     * @param joinServer its host name; the file's name if that is looked up in DNS
     */
    Optional<ClientIdentity> clientIdentity(String joinServer);
}
