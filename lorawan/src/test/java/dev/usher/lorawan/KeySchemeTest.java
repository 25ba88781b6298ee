package dev.usher.lorawan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeySchemeTest {

    private static final Optional<Aes128> KEY =
            Optional.of(AesKey.parse("01010101010101010101010101010101"));

    @ParameterizedTest
    @CsvSource({
        // version, keys, DLSettings, scheme, scheme when strict
        "1.0.0, app,  00, R1_0, R1_0",
        "1.0.3, app,  FF, R1_0, R1_0",
        "1.0.4, app,  80, R1_0, R1_0",
        "1.0.2, nwk,  00, R1_0, R1_0",
        "1.0.4, both, 7F, R1_0, R1_0",
        "1.0.4, both, 80, R1_0, MACVersion 1.0.4 contradicts the OptNeg bit of DLSettings 80",
        "1.1,   both, 80, R1_1, R1_1",
        "1.1.1, both, 95, R1_1, R1_1",
        "1.1,   both, 15, R1_0, MACVersion 1.1.0 contradicts the OptNeg bit of DLSettings 15",
        "1.1,   nwk,  00, R1_0, MACVersion 1.1.0 contradicts the OptNeg bit of DLSettings 00",
        "1.1,   nwk,  80, the device has no AppKey, the device has no AppKey",
        "1.1,   app,  80, the device has no NwkKey, the device has no NwkKey",
        "1.1,   app,  00, the device has no NwkKey, the device has no NwkKey",
    })
    void decides(String version, String keys, String dlSettings, String scheme, String strictly) {
        assertThatDecides(version, keys, dlSettings, false, scheme);
        assertThatDecides(version, keys, dlSettings, true, strictly);
    }

    private static void assertThatDecides(
            String version, String keys, String dlSettings, boolean strict, String expected) {
        RootKeys rootKeys =
                new RootKeys(
                        KEY.filter(_ -> !keys.equals("app")), KEY.filter(_ -> !keys.equals("nwk")));
        MacVersion macVersion = MacVersion.parse(version);
        DlSettings settings = DlSettings.parse(dlSettings);
        if (expected.startsWith("R1_")) {
            assertThat(KeyScheme.decide(macVersion, rootKeys, settings, strict))
                    .isEqualTo(KeyScheme.valueOf(expected));
        } else {
            assertThatExceptionOfType(ActivationRefusedException.class)
                    .isThrownBy(() -> KeyScheme.decide(macVersion, rootKeys, settings, strict))
                    .withMessageStartingWith(expected);
        }
    }

    @Test
    void needsARootKey() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RootKeys(Optional.empty(), Optional.empty()))
                .withMessageStartingWith("a device needs a root key");
    }
}
