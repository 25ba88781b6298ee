package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;

/**
 * What the factory writes into a gateway: where its root CUPS is, whom to trust there, and how to
 * authenticate.
 *
 * @param trust one certificate, DER
 */
record GatewayHome(Eui64 eui, String cupsUri, byte[] trust, String token) {

    GatewayHome {
        requireNonNull(eui, "eui");
        requireNonNull(cupsUri, "cupsUri");
        requireNonNull(trust, "trust");
        if (token.isEmpty() || !token.chars().allMatch(c -> c > ' ' && c < 0x7F)) {
            throw new IllegalArgumentException(
                    "the token of gateway " + eui + " cannot stand in a header line");
        }
    }

    /** The header line a station sends as it is, from cups.key. */
    String keyFile() {
        return "Authorization: Bearer " + token + "\r\n";
    }

    @Override
    public String toString() {
        return "GatewayHome[" + eui + "]";
    }
}
