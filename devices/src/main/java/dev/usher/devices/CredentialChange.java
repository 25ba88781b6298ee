package dev.usher.devices;

import dev.usher.devices.PeerCredential.Kind;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What becomes of the ways in which a peer proves who it is. Those that are not named stay as they
 * are.
 *
 * @param given each takes the place of the peer's credential of its kind
 * @param withdrawn what the peer cannot prove itself with any longer
 */
public record CredentialChange(List<PeerCredential> given, Set<Kind> withdrawn) {

    /** All stay. */
    public static final CredentialChange NONE = new CredentialChange(List.of(), Set.of());

    public CredentialChange {
        given = List.copyOf(given);
        withdrawn = Set.copyOf(withdrawn);
        Set<Kind> named = EnumSet.noneOf(Kind.class);
        named.addAll(withdrawn);
        for (PeerCredential credential : given) {
            if (!named.add(credential.kind())) {
                throw new IllegalArgumentException(
                        "the peer's " + credential.kind() + " is given or withdrawn twice");
            }
        }
    }

    /** What does not stay as it is. */
    Set<Kind> changed() {
        return Stream.concat(given.stream().map(PeerCredential::kind), withdrawn.stream())
                .collect(Collectors.toUnmodifiableSet());
    }
}
