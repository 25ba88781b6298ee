package dev.usher.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretHashTest {

    private static final byte[] CODE = "VfjK89h3".getBytes(StandardCharsets.UTF_8);

    @TempDir Path home;
    private Vault vault;
    private SecretHash hash;

    @BeforeEach
    void openVault() {
        vault = FileVault.open(home.resolve("vault"), MasterKey.file(home.resolve("master.key")));
        hash = new SecretHash(vault);
    }

    @Test
    void recognisesTheSecret() {
        byte[] stored = hash.of("code", CODE);
        assertThat(stored).hasSize(49);
        assertThat(hash.matches("code", stored, CODE)).isTrue();
        assertThat(new SecretHash(vault).matches("code", stored, CODE)).isTrue();
        assertThat(hash.matches("code", stored, "VfjK89h4".getBytes(StandardCharsets.UTF_8)))
                .isFalse();
        assertThat(hash.matches("code", stored, new byte[0])).isFalse();
    }

    @Test
    void keepsPurposesApart() {
        assertThat(hash.matches("token", hash.of("code", CODE), CODE)).isFalse();
        // the same bytes, cut elsewhere
        byte[] stored = hash.of("code", "sVfjK89h3".getBytes(StandardCharsets.UTF_8));
        assertThat(hash.matches("codes", stored, CODE)).isFalse();
    }

    @Test
    void givesEqualSecretsDifferentHashes() {
        assertThat(hash.of("code", CODE)).isNotEqualTo(hash.of("code", CODE));
    }

    @Test
    void noticesAnyByteChanged() {
        byte[] stored = hash.of("code", CODE);
        for (int i = 1; i < stored.length; i++) {
            byte[] changed = stored.clone();
            changed[i] ^= 1;
            assertThat(hash.matches("code", changed, CODE)).as("byte " + i).isFalse();
        }
    }

    @Test
    void isWorthlessWithoutTheVault() {
        byte[] stored = hash.of("code", CODE);
        Vault other =
                FileVault.open(home.resolve("other"), MasterKey.file(home.resolve("master.key")));
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(() -> new SecretHash(other).matches("code", stored, CODE))
                .withMessageContaining("there is no key 'usher.hash.1'");
        other.create(new KeyLabel("usher.hash.1"));
        assertThat(new SecretHash(other).matches("code", stored, CODE)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 32, 48, 50})
    void refusesWhatIsNoHash(int length) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> hash.matches("code", new byte[length], CODE))
                .withMessageStartingWith(length + " bytes are not a secret hash");
    }

    @Test
    void refusesAPurposeThatIsTooLong() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> hash.of("x".repeat(256), CODE))
                .withMessageContaining("256 bytes is longer than 255");
    }
}
