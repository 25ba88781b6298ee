package dev.usher.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyLabelTest {

    @ParameterizedTest
    @ValueSource(strings = {"a", "7", "batch-7", "acme.2026_q3", "usher.seal.1"})
    void takesWhatServesAsAFileName(String label) {
        assertThat(new KeyLabel(label)).hasToString(label);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", " ", ".", "..", "../x", ".hidden", "-rf", "_a", "Batch", "a/b", "a b", "a\n",
                "é", "a\u0000"
            })
    void refusesEverythingElse(String label) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new KeyLabel(label))
                .withMessageContaining("is not a key label: write 1 to 64 of a-z 0-9 . _ -");
    }

    @Test
    void isAtMost64Long() {
        assertThat(new KeyLabel("a".repeat(64)).value()).hasSize(64);
        assertThatIllegalArgumentException().isThrownBy(() -> new KeyLabel("a".repeat(65)));
    }

    @Test
    void keepsSomeForUsherItself() {
        assertThat(new KeyLabel("usher.hash.1").isReserved()).isTrue();
        assertThat(new KeyLabel("usher-batch").isReserved()).isFalse();
    }
}
