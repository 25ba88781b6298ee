package dev.usher.gateways;

import static java.util.Objects.requireNonNull;

import dev.usher.keys.KeyLabel;
import dev.usher.lorawan.EuiRange;
import dev.usher.lorawan.Printable;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A range of gateway EUIs that share one batch root key and one way of deriving from it.
 *
 * @param flavor what kind of gateway it is, in the maker's words; may be empty
 * @param keyLabel the batch root key in the vault
 * @param makerCa an authority whose certificates the gateways of this batch may authenticate with
 * @param retirePinOnRelease whether a gateway that is released gets a new PIN, so that the one on
 *     its old label no longer claims it; the maker or the seller then has to give the buyer the new
 *     one
 */
public record Batch(
        String name,
        EuiRange range,
        String flavor,
        KeyLabel keyLabel,
        Optional<X509Certificate> makerCa,
        boolean retirePinOnRelease,
        Instant createdAt) {

    private static final int LONGEST_FLAVOR = 64;
    private static final Pattern NAME = Pattern.compile("[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?");

    public Batch {
        requireNonNull(range, "range");
        requireNonNull(keyLabel, "keyLabel");
        requireNonNull(makerCa, "makerCa");
        requireNonNull(createdAt, "createdAt");
        if (!NAME.matcher(requireNonNull(name, "name")).matches()) {
            throw new IllegalArgumentException(
                    "the batch name '"
                            + Printable.of(name)
                            + "' is not understood: use 1 to 64 of a-z, 0-9, '.', '_' and '-',"
                            + " beginning and ending with a letter or digit");
        }
        checkFlavor(flavor);
        if (keyLabel.isReserved()) {
            throw new IllegalArgumentException(
                    "the key label '" + keyLabel + "' is one of Usher's own: choose another one");
        }
        makerCa.filter(ca -> ca.getBasicConstraints() < 0)
                .ifPresent(
                        _ -> {
                            throw new IllegalArgumentException(
                                    "the maker's certificate is not a certificate authority's: give"
                                            + " the CA's own");
                        });
    }

    static void checkFlavor(String flavor) {
        if (requireNonNull(flavor, "flavor").length() > LONGEST_FLAVOR) {
            throw new IllegalArgumentException(
                    "the flavor has "
                            + flavor.length()
                            + " characters: use at most "
                            + LONGEST_FLAVOR);
        }
        if (flavor.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "the flavor '"
                            + Printable.of(flavor)
                            + "' has a line break or another control character: leave it out");
        }
    }
}
