package dev.usher.api;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Kek;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * A KEK that a request brings, or has made here: then its answer tells it, once.
 *
 * @param isMade whether it was made here
 */
record GivenKek(Kek kek, boolean isMade) {

    static final Set<String> FIELDS = Set.of("kek", "bits");

    /** What everybody can unwrap with; there are Network Servers that know no longer KEK. */
    private static final int DEFAULT_BITS = 128;

    private static final SecureRandom RANDOM = new SecureRandom();

    GivenKek {
        requireNonNull(kek, "kek");
    }

    static GivenKek read(Fields fields) {
        Optional<Kek> given =
                fields.text("kek").map(text -> fields.parsed("kek", text, Kek::parse));
        if (given.isPresent() && fields.has("bits")) {
            throw new BadRequest("bits is for a KEK that is made here: leave it out, or kek");
        }
        return given.map(kek -> new GivenKek(kek, false)).orElseGet(() -> made(fields));
    }

    private static GivenKek made(Fields fields) {
        int bits = fields.count("bits").orElse(DEFAULT_BITS);
        if (bits != 128 && bits != 192 && bits != 256) {
            throw new BadRequest("bits is " + bits + ": a KEK has 128, 192 or 256");
        }
        byte[] bytes = new byte[bits / Byte.SIZE];
        RANDOM.nextBytes(bytes);
        return new GivenKek(Kek.of(bytes), true);
    }

    /** Tells it, if nobody but this server knows it yet. */
    void tell(ObjectNode answer) {
        if (isMade) {
            answer.put("kek", HexFormat.of().withUpperCase().formatHex(kek.bytes()));
        }
    }
}
