package dev.usher.lorawan;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class Sha256Test {

    /** FIPS 180-2, appendix B.1. */
    private static final String OF_ABC =
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @Test
    void isThatOfAllPartsOneAfterTheOther() {
        byte[] expected = HexFormat.of().parseHex(OF_ABC);
        assertThat(Sha256.of("abc".getBytes(US_ASCII))).isEqualTo(expected);
        assertThat(Sha256.of("ab".getBytes(US_ASCII), new byte[0], "c".getBytes(US_ASCII)))
                .isEqualTo(expected);
    }
}
