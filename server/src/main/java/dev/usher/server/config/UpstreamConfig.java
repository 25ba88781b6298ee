package dev.usher.server.config;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.OwnerId;
import dev.usher.lorawan.EuiRange;
import dev.usher.network.claiming.OwnerApiUpstream;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A Gateway Join Server elsewhere, whose gateways can be claimed for this network.
 *
 * @param name what it is called in the database; a gateway stays with it
 * @param ownerId as whom this network claims there
 * @param apiKeyFile the owner's API key, if that is how it authenticates
 * @param identity its client certificate, if that is
 * @param ca authorities (PEM) that the server's certificate may come from; those the system trusts
 *     if empty
 */
public record UpstreamConfig(
        String name,
        URI url,
        List<EuiRange> ranges,
        OwnerId ownerId,
        Optional<Path> apiKeyFile,
        Optional<UsherConfig.Tls> identity,
        Optional<Path> ca,
        OwnerApiUpstream.Word word) {

    public UpstreamConfig {
        requireNonNull(name, "name");
        requireNonNull(url, "url");
        ranges = List.copyOf(ranges);
        requireNonNull(ownerId, "ownerId");
        requireNonNull(apiKeyFile, "apiKeyFile");
        requireNonNull(identity, "identity");
        requireNonNull(ca, "ca");
        requireNonNull(word, "word");
    }
}
