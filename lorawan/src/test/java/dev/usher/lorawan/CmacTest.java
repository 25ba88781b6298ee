package dev.usher.lorawan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.macs.CMac;
import org.bouncycastle.crypto.params.KeyParameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CmacTest {

    /** RFC 4493 section 4. */
    @ParameterizedTest
    @CsvSource({
        "0,  bb1d6929e95937287fa37d129b756746",
        "16, 070a16b46b4d4144f79bdd9dd04a287c",
        "40, dfa66747de9ae63030ca32611497c827",
        "64, 51f0bebf7e3b9d92fc49741779363cfe",
    })
    void agreesWithTheRfc(int length, String tag) {
        String message =
                "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
                        + "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";
        assertThat(
                        Cmac.tag(
                                AesKey.parse("2b7e151628aed2a6abf7158809cf4f3c"),
                                HexFormat.of().parseHex(message, 0, 2 * length)))
                .asHexString()
                .isEqualToIgnoringCase(tag);
    }

    @Property
    void agreesWithBouncyCastle(
            @ForAll @Size(16) byte[] key, @ForAll @Size(max = 70) byte[] message) {
        CMac oracle = new CMac(AESEngine.newInstance());
        oracle.init(new KeyParameter(key));
        oracle.update(message, 0, message.length);
        byte[] tag = new byte[16];
        oracle.doFinal(tag, 0);
        assertThat(Cmac.tag(AesKey.of(key), message)).isEqualTo(tag);
    }
}
