package dev.usher.keys;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SealerTest {

    private static final byte[] SECRET = "a private key".getBytes(UTF_8);
    private static final KeyLabel FIRST = new KeyLabel("usher.seal.1");
    private static final KeyLabel SECOND = new KeyLabel("usher.seal.2");

    @TempDir Path home;
    private Vault vault;
    private Sealer sealer;

    @BeforeEach
    void openVault() {
        vault = open("vault");
        sealer = vault.sealer();
    }

    private Vault open(String name) {
        return FileVault.open(home.resolve(name), MasterKey.file(home.resolve("master.key")));
    }

    @Test
    void opensWhatItSealed() {
        Random random = new Random(3);
        for (int length : List.of(0, 1, 15, 16, 17, 121, 4000)) {
            byte[] plaintext = new byte[length];
            random.nextBytes(plaintext);
            byte[] sealed = sealer.seal("gateway/1/" + length, plaintext);
            assertThat(sealed).hasSize(length + 29).startsWith(1);
            assertThat(sealer.open("gateway/1/" + length, sealed)).isEqualTo(plaintext);
        }
    }

    @Test
    void neverSealsTheSameTwice() {
        byte[] sealed = sealer.seal("row", SECRET);
        assertThat(sealer.seal("row", SECRET)).isNotEqualTo(sealed);
        assertThat(new String(sealed, UTF_8)).doesNotContain("private");
    }

    @Test
    void opensInItsOwnPlaceOnly() {
        byte[] sealed = sealer.seal("gateway/1/cups-key", SECRET);
        assertThatExceptionOfType(SealException.class)
                .isThrownBy(() -> sealer.open("gateway/2/cups-key", sealed))
                .withMessageContaining(
                        "'gateway/2/cups-key' does not open with key 'usher.seal.1'");
    }

    @Test
    void noticesAnyByteChanged() {
        byte[] sealed = sealer.seal("row", SECRET);
        for (int i = 0; i < sealed.length; i++) {
            byte[] changed = sealed.clone();
            changed[i] ^= 1;
            assertThatExceptionOfType(SealException.class)
                    .as("byte " + i)
                    .isThrownBy(() -> sealer.open("row", changed));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 13, 28, 41})
    void refusesWhatWasCut(int length) {
        byte[] sealed = sealer.seal("row", SECRET);
        assertThatExceptionOfType(SealException.class)
                .isThrownBy(() -> sealer.open("row", Arrays.copyOf(sealed, length)));
    }

    @Test
    void saysWhichKeyIsMissing() {
        byte[] sealed = sealer.seal("row", SECRET);
        sealed[0] = 9;
        assertThatExceptionOfType(SealException.class)
                .isThrownBy(() -> sealer.open("row", sealed))
                .withMessageContaining("needs key 'usher.seal.9', which this vault does not have");
    }

    @Test
    void opensOldSealsAfterARotation() {
        byte[] old = sealer.seal("row", SECRET);
        assertThat(sealer.isCurrent(old)).isTrue();

        sealer.rotate();

        byte[] renewed = sealer.seal("row", sealer.open("row", old));
        assertThat(sealer.isCurrent(old)).isFalse();
        assertThat(sealer.isCurrent(renewed)).isTrue();
        assertThat(renewed).startsWith(2);
        assertThat(vault.labels()).containsExactly(FIRST, SECOND);
        Sealer restarted = open("vault").sealer();
        assertThat(restarted.open("row", old)).isEqualTo(restarted.open("row", renewed));
        assertThat(restarted.seal("row", SECRET)).startsWith(2);
    }

    @Test
    void opensWithWhatAnotherProcessRotatedTo() {
        sealer.seal("row", SECRET);
        Sealer other = open("vault").sealer();
        other.rotate();
        assertThat(sealer.open("row", other.seal("row", SECRET))).isEqualTo(SECRET);
    }

    @Test
    void opensInATwin() {
        byte[] sealed = sealer.seal("row", SECRET);
        Vault twin = open("twin");
        assertThatExceptionOfType(SealException.class)
                .isThrownBy(() -> twin.sealer().open("row", sealed))
                .withMessageContaining("import it from its twin");
        twin.importWrapped(FIRST, vault.exportWrapped(FIRST, twin.transportKey()));
        assertThat(twin.sealer().open("row", sealed)).isEqualTo(SECRET);
    }

    @Test
    void doesNotOpenInAnyOtherVault() {
        byte[] sealed = sealer.seal("row", SECRET);
        Vault stranger = open("stranger");
        stranger.create(FIRST);
        assertThatExceptionOfType(SealException.class)
                .isThrownBy(() -> stranger.sealer().open("row", sealed))
                .withMessageContaining("it was changed, or belongs to another place or vault");
    }
}
