package dev.usher.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class Pkcs11VaultTest extends VaultContract {

    private @Nullable Pkcs11Vault vault;

    @BeforeAll
    void openToken() throws IOException, InterruptedException {
        vault = SoftHsm.open(SoftHsm.ONE);
    }

    @AfterAll
    void closeToken() {
        if (vault != null) {
            vault.close();
        }
    }

    @Override
    Vault vault() {
        if (vault == null) {
            throw new IllegalStateException("openToken comes first");
        }
        return vault;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void keepsItsKeysInTheToken(boolean imported) throws IOException, InterruptedException {
        if (imported) {
            RootKeys.put(vault(), BATCH, new byte[32]);
        } else {
            vault().create(BATCH);
        }
        Cryptoki cryptoki = Cryptoki.load(SoftHsm.library());
        long slot = cryptoki.slotOf(SoftHsm.ONE).orElseThrow();
        try (Cryptoki.Session session = cryptoki.openSession(slot)) {
            long key = session.find(Cryptoki.CKO_SECRET_KEY, BATCH.value()).orElseThrow();
            assertThat(session.attribute(key, Cryptoki.CKA_SENSITIVE)).containsExactly(1);
            assertThat(session.attribute(key, Cryptoki.CKA_PRIVATE)).containsExactly(1);
            assertThat(session.attribute(key, Cryptoki.CKA_SIGN)).containsExactly(1);
            for (long use :
                    new long[] {
                        Cryptoki.CKA_ENCRYPT,
                        Cryptoki.CKA_DECRYPT,
                        Cryptoki.CKA_WRAP,
                        Cryptoki.CKA_UNWRAP,
                        Cryptoki.CKA_DERIVE
                    }) {
                assertThat(session.attribute(key, use)).containsExactly(0);
            }
            assertThatExceptionOfType(VaultException.class)
                    .isThrownBy(() -> session.attribute(key, Cryptoki.CKA_VALUE))
                    .withMessageContaining("CKR_ATTRIBUTE_SENSITIVE");

            vault().forbidExport(BATCH);
            assertThat(session.attribute(key, Cryptoki.CKA_EXTRACTABLE)).containsExactly(0);
        }
    }

    @Test
    void findsAKeyThatWasAwayBehindItsBack() throws IOException, InterruptedException {
        vault().create(BATCH);
        byte[] before = vault().hmacSha256(BATCH, new byte[] {1});
        byte[] copy = vault().exportWrapped(BATCH, vault().transportKey());
        Cryptoki cryptoki = Cryptoki.load(SoftHsm.library());
        long slot = cryptoki.slotOf(SoftHsm.ONE).orElseThrow();
        try (Cryptoki.Session session = cryptoki.openSession(slot)) {
            session.destroy(session.find(Cryptoki.CKO_SECRET_KEY, BATCH.value()).orElseThrow());
        }
        assertThatExceptionOfType(VaultUnavailableException.class)
                .isThrownBy(() -> vault().hmacSha256(BATCH, new byte[] {1}))
                .withMessageEndingWith("_HANDLE_INVALID): check that it is there and in order");
        assertThat(vault().contains(BATCH)).isTrue(); // so that nobody makes another one

        vault().importWrapped(BATCH, copy);

        assertThat(vault().hmacSha256(BATCH, new byte[] {1})).isEqualTo(before);
    }

    @Test
    void hasATransportKeyThatCanOnlyUnwrap() throws IOException, InterruptedException {
        vault().transportKey();
        Cryptoki cryptoki = Cryptoki.load(SoftHsm.library());
        long slot = cryptoki.slotOf(SoftHsm.ONE).orElseThrow();
        try (Cryptoki.Session session = cryptoki.openSession(slot)) {
            long key = session.find(Cryptoki.CKO_PRIVATE_KEY, "usher.transport").orElseThrow();
            assertThat(session.attribute(key, Cryptoki.CKA_UNWRAP)).containsExactly(1);
            assertThat(session.attribute(key, Cryptoki.CKA_SENSITIVE)).containsExactly(1);
            for (long use :
                    new long[] {
                        Cryptoki.CKA_DECRYPT, Cryptoki.CKA_SIGN, Cryptoki.CKA_EXTRACTABLE
                    }) {
                assertThat(session.attribute(key, use)).containsExactly(0);
            }
        }
    }

    @Test
    void refusesAWrongPin() {
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(
                        () -> Pkcs11Vault.open(SoftHsm.library(), SoftHsm.TWO, SoftHsm.pin("4321")))
                .withMessage(
                        "the token 'two' refused the PIN in environment variable USHER_TOKEN_PIN:"
                                + " correct the PIN before the token locks itself");
    }

    @Test
    void refusesATokenThatIsNotThere() {
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(() -> Pkcs11Vault.open(SoftHsm.library(), "three", SoftHsm.pin("1234")))
                .withMessageContaining("there is no token 'three' in any slot of");
    }

    @Test
    void opensATokenByItsSlot() throws IOException, InterruptedException {
        long slot = Cryptoki.load(SoftHsm.library()).slotOf(SoftHsm.TWO).orElseThrow();
        try (Vault two = Pkcs11Vault.openSlot(SoftHsm.library(), slot, SoftHsm.pin("1234"))) {
            assertThat(two).hasToString("the token in slot " + slot);
            two.create(BATCH);
            assertThat(two.contains(BATCH)).isTrue();
            assertThat(vault().contains(BATCH)).isFalse();
            two.delete(BATCH);
        }
    }

    @Test
    void refusesALibraryThatIsNone(@TempDir Path home) throws IOException {
        Path text = Files.writeString(home.resolve("library.so"), "no library");
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(() -> Pkcs11Vault.open(text, "one", SoftHsm.pin("1234")))
                .withMessageContaining("is not a PKCS#11 library");
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(
                        () ->
                                Pkcs11Vault.open(
                                        home.resolve("missing.so"), "one", SoftHsm.pin("1234")))
                .withMessageContaining("there is no PKCS#11 library at");
    }

    @Test
    void refusesCallsOnceItIsClosed() throws IOException, InterruptedException {
        Pkcs11Vault two = SoftHsm.open(SoftHsm.TWO);
        two.close();
        assertThatExceptionOfType(VaultUnavailableException.class)
                .isThrownBy(() -> two.hmacSha256(BATCH, new byte[1]))
                .withMessage("the token 'two' is closed");
    }
}
