package dev.usher.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PemTest {

    @Test
    void writesLinesOf64Characters() {
        assertThat(Pem.write("CERTIFICATE", new byte[50]))
                .isEqualTo(
                        "-----BEGIN CERTIFICATE-----\n"
                                + "A".repeat(64)
                                + "\nAAA=\n-----END CERTIFICATE-----\n");
    }

    @Test
    void readsEveryBlockOfAFile() {
        String file =
                "# my chain\r\n"
                        + Pem.write("CERTIFICATE", new byte[] {1}).replace("\n", "\r\n")
                        + "subject=CN = x\n"
                        + Pem.write("EC PRIVATE KEY", new byte[] {2});
        List<Pem> blocks = Pem.read(file);
        assertThat(blocks).extracting(Pem::type).containsExactly("CERTIFICATE", "EC PRIVATE KEY");
        assertThat(blocks.getLast().der()).containsExactly(2);
        assertThat(blocks.getLast()).hasToString("Pem[EC PRIVATE KEY]");
    }

    @Property
    void readsBackWhatItWrites(@ForAll byte[] der) {
        assertThat(Pem.read(Pem.write("X", der)).getFirst().der()).isEqualTo(der);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "MIIB",
                "-----BEGIN X-----\nMIIB",
                "-----BEGIN X-----\nMIIB\n-----END Y-----",
                "-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\n\nMIIB\n-----END X-----"
            })
    void refusesTextWithoutPem(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Pem.read(text))
                .withMessageStartingWith("there is no PEM in it");
    }

    @Test
    void refusesWhatIsNotBase64() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Pem.read("-----BEGIN X-----\nMII=B\n-----END X-----"))
                .withMessage("the PEM block X is not base64: copy it again");
    }

    @Test
    void readsATransportKeyOnlyFromItsPem() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TransportKey.parse(Pem.write("CERTIFICATE", new byte[9])))
                .withMessageContaining("it must be one PUBLIC KEY");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TransportKey.parse(Pem.write("PUBLIC KEY", new byte[9])))
                .withMessageContaining("is not an RSA public key");
    }

    @Test
    void refusesAWeakTransportKey() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> VaultContract.newTransportKey(1024))
                .withMessageContaining("1024 bits is too weak");
    }
}
