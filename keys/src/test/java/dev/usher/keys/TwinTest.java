package dev.usher.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.usher.lorawan.Eui64;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The ceremony of docs/keys.md: one root key in two vaults that never showed it to anyone. */
class TwinTest {

    private static final KeyLabel BATCH = new KeyLabel("batch-7");
    private static final Eui64 EUI = Eui64.parse("58A0CBFFFE800BE7");

    // The first vector of docs/key-derivation.md
    private static final String ROOT =
            "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    private static final String TOKEN = "YfI27yKQcEMcmHwOZ1yXIwZkY7myP3n_HGicYcDAFTQ";
    private static final String PIN = "F6S-T2K-GMC";

    enum Kind {
        FILE,
        TOKEN
    }

    // One for all tests: each file vault has an RSA key to make.
    @TempDir static Path home;

    private static Vault open(Kind kind, String name) throws IOException, InterruptedException {
        return switch (kind) {
            case TOKEN -> SoftHsm.open(name);
            case FILE -> openFileVault(name);
        };
    }

    private static FileVault openFileVault(String name) {
        FileVault vault =
                FileVault.open(home.resolve(name), MasterKey.file(home.resolve(name + ".master")));
        vault.labels().forEach(vault::delete);
        return vault;
    }

    @ParameterizedTest(name = "from {0} to {1}")
    @CsvSource({"FILE, FILE", "FILE, TOKEN", "TOKEN, FILE", "TOKEN, TOKEN"})
    void derivesTheSameSecretsInBoth(Kind from, Kind to) throws IOException, InterruptedException {
        try (Vault first = open(from, SoftHsm.ONE);
                Vault twin = open(to, SoftHsm.TWO)) {
            first.create(BATCH);

            byte[] wrapped = first.exportWrapped(BATCH, twin.transportKey());
            twin.importWrapped(BATCH, wrapped);

            assertThat(twin.checkValue(BATCH)).isEqualTo(first.checkValue(BATCH));
            for (int generation = 0; generation < 3; generation++) {
                GatewaySecrets secrets = new GatewayKeys(first).derive(BATCH, EUI, generation);
                assertThat(new GatewayKeys(twin).derive(BATCH, EUI, generation)).isEqualTo(secrets);
            }
        }
    }

    @ParameterizedTest(name = "from {0} to {1}")
    @CsvSource({"FILE, FILE", "FILE, TOKEN", "TOKEN, FILE", "TOKEN, TOKEN"})
    void carriesNoKeyInClear(Kind from, Kind to) throws IOException, InterruptedException {
        try (Vault first = open(from, SoftHsm.ONE);
                Vault twin = open(to, SoftHsm.TWO)) {
            RootKeys.put(first, BATCH, HexFormat.of().parseHex(ROOT));

            byte[] wrapped = first.exportWrapped(BATCH, twin.transportKey());
            twin.importWrapped(BATCH, wrapped);

            // any 4 bytes in a row of the root key would be too many
            String travelled = HexFormat.of().formatHex(wrapped);
            for (int i = 0; i + 8 <= ROOT.length(); i += 2) {
                assertThat(travelled).doesNotContain(ROOT.substring(i, i + 8));
            }
            assertThat(new GatewayKeys(twin).derive(BATCH, EUI, 0))
                    .isEqualTo(new GatewaySecrets(TOKEN, ClaimPin.parse(PIN).orElseThrow()));
        }
    }

    @ParameterizedTest(name = "from {0} to {1}")
    @CsvSource({"FILE, FILE", "TOKEN, TOKEN"})
    void canBeImportedByTheTwinAlone(Kind from, Kind to) throws IOException, InterruptedException {
        try (Vault first = open(from, SoftHsm.ONE);
                Vault twin = open(to, SoftHsm.TWO)) {
            first.create(BATCH);
            byte[] wrapped = first.exportWrapped(BATCH, twin.transportKey());
            KeyLabel copy = new KeyLabel("copy");
            assertThatExceptionOfType(VaultException.class)
                    .isThrownBy(() -> first.importWrapped(copy, wrapped))
                    .withMessageContaining(
                            "the key was wrapped for "
                                    + twin.transportKey()
                                    + ", but this vault's is "
                                    + first.transportKey().fingerprint());
            assertThat(first.contains(copy)).isFalse();
        }
    }

    @Test
    void goesOnToAThirdVault() {
        Vault first = openFileVault("one");
        Vault second = openFileVault("two");
        Vault third = openFileVault("three");
        first.create(BATCH);
        second.importWrapped(BATCH, first.exportWrapped(BATCH, second.transportKey()));
        third.importWrapped(BATCH, second.exportWrapped(BATCH, third.transportKey()));
        assertThat(third.checkValue(BATCH)).isEqualTo(first.checkValue(BATCH));
    }
}
