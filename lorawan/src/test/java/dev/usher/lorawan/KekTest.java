package dev.usher.lorawan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.engines.RFC3394WrapEngine;
import org.bouncycastle.crypto.params.KeyParameter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KekTest {

    private static final AesKey KEY = AesKey.parse("00112233445566778899AABBCCDDEEFF");
    private static final String KEK =
            "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F";

    /** RFC 3394 sections 4.1, 4.2 and 4.3. */
    @ParameterizedTest
    @CsvSource({
        "128, 1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5",
        "192, 96778B25AE6CA435F92B5B97C050AED2468AB8A17AD84E5D",
        "256, 64E8C3F9CE0F5BA263E9777905818A2A93C8191E7D6E8AE7",
    })
    void agreesWithTheRfc(int bits, String wrapped) {
        Kek kek = Kek.parse("0x" + KEK.substring(0, bits / 4));
        assertThat(kek.bits()).isEqualTo(bits);
        assertThat(kek.wrap(KEY)).asHexString().isEqualTo(wrapped);
        assertThat(kek.unwrap(HexFormat.of().parseHex(wrapped))).isEqualTo(KEY);
    }

    @Property(tries = 300)
    void agreesWithBouncyCastle(
            @ForAll @Size(32) byte[] kek,
            @ForAll @IntRange(min = 2, max = 4) int quarters,
            @ForAll @Size(16) byte[] key) {
        byte[] kekBytes = Arrays.copyOf(kek, 8 * quarters);
        RFC3394WrapEngine oracle = new RFC3394WrapEngine(AESEngine.newInstance());
        oracle.init(true, new KeyParameter(kekBytes));
        byte[] wrapped = Kek.of(kekBytes).wrap(AesKey.of(key));
        assertThat(wrapped).isEqualTo(oracle.wrap(key, 0, key.length));
        assertThat(Kek.of(kekBytes).unwrap(wrapped)).isEqualTo(AesKey.of(key));
    }

    @Property(tries = 300)
    void opensNothingThatWasChanged(@ForAll @IntRange(max = 191) int bit) {
        Kek kek = Kek.parse(KEK);
        byte[] wrapped = kek.wrap(KEY);
        wrapped[bit / 8] ^= (byte) (1 << (bit % 8));
        assertThatExceptionOfType(KeyWrapException.class)
                .isThrownBy(() -> kek.unwrap(wrapped))
                .withMessageContaining("256-bit KEK");
    }

    @Test
    void opensNothingOfAnotherKekOrLength() {
        byte[] wrapped = Kek.parse(KEK).wrap(KEY);
        Kek another = Kek.parse(KEK.substring(0, 32));
        assertThatExceptionOfType(KeyWrapException.class)
                .isThrownBy(() -> another.unwrap(wrapped))
                .withMessageContaining("128-bit KEK: compare the KEK and its label");
        assertThatExceptionOfType(KeyWrapException.class)
                .isThrownBy(() -> another.unwrap(KEY.bytes()))
                .withMessageContaining("has 24 bytes, this has 16");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "00", "5ec5e7", "5ec5e70000000000000000000000000000"})
    void refusesOtherKeysWithoutRepeatingThem(String hex) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Kek.parse(hex))
                .withMessageContaining("this text of " + hex.length() + " characters is not")
                .withMessageNotContaining("5ec5e7");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Kek.of(new byte[17]))
                .withMessageContaining("these are 17");
    }

    @Test
    void hidesItself() {
        assertThat(Kek.parse(KEK)).hasToString("Kek[256 bits, hidden]").isEqualTo(Kek.parse(KEK));
    }
}
