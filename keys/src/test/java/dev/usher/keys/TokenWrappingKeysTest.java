package dev.usher.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.usher.lorawan.Aes128;
import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.Kek;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TokenWrappingKeysTest extends WrappingKeysContract {

    private static final int CALLERS = 64;

    private static final Attributes OF_A_SESSION =
            Attributes.NONE
                    .with(Cryptoki.CKA_CLASS, Cryptoki.CKO_SECRET_KEY)
                    .with(Cryptoki.CKA_TOKEN, false);

    private @Nullable Pkcs11Vault vault;

    @BeforeAll
    void openToken() throws IOException, InterruptedException {
        vault = SoftHsm.open(SoftHsm.ONE);
        deleteKeys();
    }

    @AfterAll
    void closeToken() {
        if (vault != null) {
            vault.close();
        }
    }

    @Override
    Pkcs11Vault vault() {
        if (vault == null) {
            throw new IllegalStateException("openToken comes first");
        }
        return vault;
    }

    private static long objectOf(Cryptoki.Session session, KeyLabel label) {
        return session.find(Cryptoki.CKO_SECRET_KEY, "usher.wrapping/" + label).orElseThrow();
    }

    private static void assertHas(
            Cryptoki.Session session, long object, boolean expected, long... attributes) {
        for (long attribute : attributes) {
            assertThat(session.attribute(object, attribute))
                    .as("attribute %x", attribute)
                    .containsExactly(expected ? 1 : 0);
        }
    }

    @Test
    void keepsAWrappingKeyInTheToken() {
        keys().create(LABEL);
        try (Cryptoki.Session session = vault().openSession()) {
            long key = objectOf(session, LABEL);
            assertHas(
                    session,
                    key,
                    true,
                    Cryptoki.CKA_TOKEN,
                    Cryptoki.CKA_PRIVATE,
                    Cryptoki.CKA_SENSITIVE,
                    Cryptoki.CKA_WRAP,
                    Cryptoki.CKA_UNWRAP);
            // It could be used to do RFC 3394 outside and see what comes out.
            assertHas(session, key, false, Cryptoki.CKA_ENCRYPT, Cryptoki.CKA_DECRYPT);
            assertThatExceptionOfType(VaultException.class)
                    .isThrownBy(() -> session.attribute(key, Cryptoki.CKA_VALUE))
                    .withMessageContaining("CKR_ATTRIBUTE_SENSITIVE");
        }
    }

    @Test
    void unwrapsARootKeyIntoTheSessionAndDestroysIt() {
        keys().create(LABEL);
        byte[] wrapped = keys().wrap(LABEL, ROOT_KEY);
        try (Cryptoki.Session session = vault().openSession()) {
            keys().use(
                            LABEL,
                            wrapped,
                            key -> {
                                byte[] first = key.encrypt(BLOCK);
                                List<Long> objects = session.findAll(OF_A_SESSION);
                                assertThat(objects).hasSize(1);
                                assertStays(session, objects.getFirst());
                                return first;
                            });
            awaitNoSessionObjects(session);
        }
    }

    /** Not even the vault itself gets it out. */
    private static void assertStays(Cryptoki.Session session, long rootKey) {
        assertHas(session, rootKey, true, Cryptoki.CKA_SENSITIVE, Cryptoki.CKA_PRIVATE);
        assertHas(
                session,
                rootKey,
                false,
                Cryptoki.CKA_TOKEN,
                Cryptoki.CKA_EXTRACTABLE,
                Cryptoki.CKA_WRAP,
                Cryptoki.CKA_UNWRAP,
                Cryptoki.CKA_DERIVE);
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(() -> session.attribute(rootKey, Cryptoki.CKA_VALUE))
                .withMessageContaining("CKR_ATTRIBUTE_SENSITIVE");
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(() -> session.wrap(objectOf(session, LABEL), rootKey))
                .withMessageContaining("CKR_KEY_UNEXTRACTABLE");
    }

    /** The token destroys them on a thread of its own, right after. */
    private static void awaitNoSessionObjects(Cryptoki.Session session) {
        while (!session.findAll(OF_A_SESSION).isEmpty()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void letsNobodyUnwrapARootKeyToTakeItAway() {
        keys().create(LABEL);
        byte[] wrapped = keys().wrap(LABEL, ROOT_KEY);
        try (Cryptoki.Session session = vault().openSession()) {
            long key = objectOf(session, LABEL);
            Attributes loose =
                    OF_A_SESSION
                            .with(Cryptoki.CKA_KEY_TYPE, Cryptoki.CKK_AES)
                            .with(Cryptoki.CKA_SENSITIVE, false)
                            .with(Cryptoki.CKA_EXTRACTABLE, true);
            assertThatExceptionOfType(VaultException.class)
                    .isThrownBy(() -> session.unwrap(key, wrapped, loose))
                    .withMessageContaining("CKR_TEMPLATE_INCONSISTENT");
        }
    }

    @Test
    void leavesNothingBehindWhereAUseFails() {
        keys().create(LABEL);
        byte[] wrapped = keys().wrap(LABEL, ROOT_KEY);
        try (Cryptoki.Session session = vault().openSession()) {
            assertThatIllegalStateException()
                    .isThrownBy(
                            () ->
                                    keys().use(
                                                    LABEL,
                                                    wrapped,
                                                    key -> {
                                                        key.encrypt(BLOCK);
                                                        throw new IllegalStateException("wrong");
                                                    }));
            awaitNoSessionObjects(session);
            assertThat(session.findAll(OF_A_SESSION)).isEmpty();
        }
    }

    @Test
    void leavesNothingBehindWhenItWraps() {
        Kek kek = Kek.parse("000102030405060708090A0B0C0D0E0F");
        keys().create(LABEL);
        keys().create(NEXT);
        keys().importTransportKek(MAKER, RootKeys.wrap(kek, vault().transportKey()));
        try (Cryptoki.Session session = vault().openSession()) {
            byte[] wrapped = keys().wrap(LABEL, ROOT_KEY);
            keys().rewrap(LABEL, NEXT, wrapped);
            keys().receive(LABEL, MAKER, DELIVERY);
            keys().checkValue(LABEL);
            assertThatExceptionOfType(VaultException.class)
                    .isThrownBy(() -> keys().rewrap(LABEL, NEXT, new byte[24]));
            assertThatExceptionOfType(VaultException.class)
                    .isThrownBy(() -> keys().receive(MAKER, MAKER, DELIVERY));
            assertThat(session.findAll(OF_A_SESSION)).isEmpty();
        }
    }

    @Test
    void lendsAKeyNoLongerThanForItsUse() {
        Aes128 kept = kept();
        assertThatIllegalStateException()
                .isThrownBy(() -> kept.encrypt(BLOCK))
                .withMessage("the root key is not in use any more");
    }

    @Test
    void servesManyCallersWithFewSessions() throws Exception {
        keys().create(LABEL);
        SecureRandom random = new SecureRandom();
        List<Future<Boolean>> answers = new ArrayList<>();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < CALLERS; i++) {
                answers.add(callers.submit(() -> areRight(AesKey.random(random), 10)));
            }
        }
        for (Future<Boolean> answer : answers) {
            assertThat(answer.get()).isTrue();
        }
        assertThat(vault().idleSessions()).isBetween(1, Pkcs11Vault.THREADS);
        try (Cryptoki.Session session = vault().openSession()) {
            awaitNoSessionObjects(session);
            assertThat(session.findAll(OF_A_SESSION)).isEmpty();
        }
    }

    private boolean areRight(AesKey rootKey, int times) {
        byte[] wrapped = keys().wrap(LABEL, rootKey);
        boolean right = true;
        for (int i = 0; i < times; i++) {
            byte[] blocks = new byte[16 * (i % 3 + 1)];
            byte[] encrypted = keys().use(LABEL, wrapped, key -> key.encrypt(key.decrypt(blocks)));
            byte[] decrypted = keys().use(LABEL, wrapped, key -> key.decrypt(blocks));
            right &= java.util.Arrays.equals(encrypted, blocks);
            right &= java.util.Arrays.equals(decrypted, rootKey.decrypt(blocks));
        }
        return right;
    }

    /** As another server does it, or the token's own tools. */
    @Test
    void findsAKeyThatWasMadeAnewBehindItsBack() {
        keys().create(LABEL);
        byte[] exported = keys().exportWrapped(LABEL, vault().transportKey());
        byte[] wrapped = keys().wrap(LABEL, ROOT_KEY);
        WrappingKeys elsewhere = vault().newWrappingKeys();
        elsewhere.delete(LABEL);
        elsewhere.importWrapped(LABEL, exported);

        byte[] block = keys().use(LABEL, wrapped, key -> key.encrypt(BLOCK));

        assertThat(block).isEqualTo(ROOT_KEY.encrypt(BLOCK));
    }

    @Test
    void hasATwinInFiles(@TempDir Path home) {
        keys().create(LABEL);
        byte[] wrapped = keys().wrap(LABEL, ROOT_KEY);
        try (FileVault twin =
                FileVault.open(home.resolve("vault"), MasterKey.file(home.resolve("master")))) {
            WrappingKeys theirs = twin.wrappingKeys();
            theirs.importWrapped(LABEL, keys().exportWrapped(LABEL, twin.transportKey()));

            assertThat(theirs.checkValue(LABEL)).isEqualTo(keys().checkValue(LABEL));
            byte[] block = theirs.use(LABEL, wrapped, key -> key.encrypt(BLOCK));
            assertThat(block).isEqualTo(ROOT_KEY.encrypt(BLOCK));

            keys().delete(LABEL);
            keys().importWrapped(LABEL, theirs.exportWrapped(LABEL, vault().transportKey()));
            byte[] here = keys().use(LABEL, wrapped, key -> key.encrypt(BLOCK));
            assertThat(here).isEqualTo(ROOT_KEY.encrypt(BLOCK));
        }
    }

    @Test
    void refusesCallsOnceItIsClosed() throws IOException, InterruptedException {
        Pkcs11Vault two = SoftHsm.open(SoftHsm.TWO);
        WrappingKeys keys = two.wrappingKeys();
        keys.labels().forEach(keys::delete);
        keys.create(LABEL);
        byte[] wrapped = keys.wrap(LABEL, ROOT_KEY);
        two.close();
        assertThatExceptionOfType(VaultUnavailableException.class)
                .isThrownBy(() -> keys.<byte[]>use(LABEL, wrapped, key -> key.encrypt(BLOCK)))
                .withMessage("the token 'two' is closed");
    }
}
