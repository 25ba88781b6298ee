package dev.usher.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.usher.lorawan.Kek;
import dev.usher.lorawan.KeyWrapException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyEnvelopeTest {

    private static Optional<Kek> kek(String label) {
        return label.equals("ns:42ffff") ? Optional.of(Samples.KEK) : Optional.empty();
    }

    @Test
    void wrapsAsRfc3394Says() {
        assertThat(KeyEnvelope.wrap(Samples.KEK, "ns:42ffff", Samples.KEY))
                .isEqualTo(new KeyEnvelope(Optional.of("ns:42ffff"), Samples.WRAPPED));
    }

    @Test
    void givesTheKeyBackToWhoeverHasTheKek() {
        assertThat(
                        KeyEnvelope.wrap(Samples.KEK, "ns:42ffff", Samples.KEY)
                                .open(KeyEnvelopeTest::kek))
                .isEqualTo(Samples.KEY);
        assertThat(KeyEnvelope.clear(Samples.KEY).open(KeyEnvelopeTest::kek))
                .isEqualTo(Samples.KEY);
    }

    @Test
    void staysShutForEverybodyElse() {
        assertThatExceptionOfType(UnknownKekException.class)
                .isThrownBy(
                        () ->
                                KeyEnvelope.wrap(Samples.KEK, "old", Samples.KEY)
                                        .open(KeyEnvelopeTest::kek))
                .withMessageContaining("no KEK 'old'");
        Kek another = Kek.parse("0F0E0D0C0B0A09080706050403020100");
        assertThatExceptionOfType(KeyWrapException.class)
                .isThrownBy(
                        () ->
                                KeyEnvelope.wrap(another, "ns:42ffff", Samples.KEY)
                                        .open(KeyEnvelopeTest::kek));
    }

    @Test
    void hidesTheKey() {
        assertThat(KeyEnvelope.clear(Samples.KEY)).hasToString("KeyEnvelope[no KEK, hidden]");
        assertThat(new KeyEnvelope(Optional.of("a\nb"), Samples.WRAPPED))
                .hasToString("KeyEnvelope[a?b, hidden]");
        assertThat(Samples.parse(Samples.JOIN_ANS).toString())
                .doesNotContainIgnoringCase("00112233")
                .doesNotContainIgnoringCase("1FA68B");
    }

    @Test
    void cannotBeChanged() {
        byte[] bytes = Samples.WRAPPED.clone();
        KeyEnvelope envelope = new KeyEnvelope(Optional.of("kek"), bytes);
        bytes[0]++;
        envelope.aesKey()[1]++;
        assertThat(envelope.aesKey()).isEqualTo(Samples.WRAPPED);
    }

    @ParameterizedTest
    @CsvSource({
        "kek, 16, 'AESKey has 16 bytes: with KEKLabel it has 24'",
        "kek, 40, 'AESKey has 40 bytes: with KEKLabel it has 24'",
        ",    24, 'AESKey has 24 bytes: without KEKLabel it has 16'",
        ",    0,  'AESKey has 0 bytes'",
        "'',  24, 'KEKLabel is empty'",
    })
    void refuses(String label, int bytes, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new KeyEnvelope(Optional.ofNullable(label), new byte[bytes]))
                .withMessageContaining(message);
    }
}
