package dev.usher.keys;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What every vault does alike. */
abstract class VaultContract {

    static final KeyLabel BATCH = new KeyLabel("batch-7");
    private static final byte[] DATA = {1, 2, 3};

    /** The vault under test, empty. */
    abstract Vault vault();

    @AfterEach
    void deleteKeys() {
        vault().labels().forEach(vault()::delete);
    }

    @Test
    void makesADifferentKeyUnderEachLabel() {
        vault().create(BATCH);
        vault().create(new KeyLabel("batch-8"));

        byte[] mac = vault().hmacSha256(BATCH, DATA);
        assertThat(mac).hasSize(32).isEqualTo(vault().hmacSha256(BATCH, DATA));
        assertThat(mac)
                .isNotEqualTo(vault().hmacSha256(new KeyLabel("batch-8"), DATA))
                .isNotEqualTo(vault().hmacSha256(BATCH, new byte[] {1, 2}));
    }

    @Test
    void takesDataOfAnyLength() {
        vault().create(BATCH);
        assertThat(vault().hmacSha256(BATCH, new byte[0])).hasSize(32);
        assertThat(vault().hmacSha256(BATCH, new byte[10_000])).hasSize(32);
    }

    @Test
    void computesHmacSha256() {
        // computed with: openssl dgst -sha256 -mac HMAC -macopt hexkey:0b0b…
        byte[] key = HexFormat.of().parseHex("0b".repeat(32));
        RootKeys.put(vault(), BATCH, key);
        assertThat(HexFormat.of().formatHex(vault().hmacSha256(BATCH, "Hi There".getBytes(UTF_8))))
                .isEqualTo("198a607eb44bfbc69903a0f1cf2bbdc5ba0aa3f3d9ae3c1c7a3b1696a0b68cf7");
    }

    @Test
    void listsItsLabelsInOrder() {
        assertThat(vault().labels()).isEmpty();
        for (String label : List.of("b", "a.2", "a")) {
            vault().create(new KeyLabel(label));
        }
        assertThat(vault().labels()).extracting(KeyLabel::value).containsExactly("a", "a.2", "b");
    }

    @Test
    void refusesALabelInUse() {
        vault().create(BATCH);
        byte[] before = vault().hmacSha256(BATCH, DATA);
        byte[] other = RootKeys.wrap(new byte[32], vault().transportKey());

        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(() -> vault().create(BATCH))
                .withMessageContaining("'batch-7' exists already");
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(() -> vault().importWrapped(BATCH, other))
                .withMessageContaining("'batch-7' exists already");
        assertThat(vault().hmacSha256(BATCH, DATA)).isEqualTo(before);
    }

    @Test
    void namesTheKeyItDoesNotHave() {
        Stream.<Runnable>of(
                        () -> vault().hmacSha256(BATCH, DATA),
                        () -> vault().delete(BATCH),
                        () -> vault().forbidExport(BATCH),
                        () -> vault().checkValue(BATCH),
                        () -> vault().exportWrapped(BATCH, vault().transportKey()))
                .forEach(
                        use ->
                                assertThatExceptionOfType(VaultException.class)
                                        .isThrownBy(use::run)
                                        .withMessageStartingWith("there is no key 'batch-7' in "));
    }

    @Test
    void forgetsADeletedKey() {
        vault().create(BATCH);
        byte[] before = vault().hmacSha256(BATCH, DATA);
        vault().delete(BATCH);

        assertThat(vault().contains(BATCH)).isFalse();
        vault().create(BATCH);
        assertThat(vault().contains(BATCH)).isTrue();
        assertThat(vault().hmacSha256(BATCH, DATA)).isNotEqualTo(before);
    }

    @Test
    void keepsItsTransportKey() {
        assertThat(vault().transportKey()).isEqualTo(vault().transportKey());
        assertThat(TransportKey.parse(vault().transportKey().pem()))
                .isEqualTo(vault().transportKey());
    }

    static Stream<Arguments> damagedExports() {
        return Stream.of(
                Arguments.of("empty", (Damage) bytes -> new byte[0], "are not a wrapped key"),
                Arguments.of("cut", (Damage) bytes -> cut(bytes, 41), "are not a wrapped key"),
                Arguments.of("version", (Damage) bytes -> flip(bytes, 0), "are not a wrapped key"),
                Arguments.of("recipient", (Damage) bytes -> flip(bytes, 5), "was wrapped for"),
                Arguments.of(
                        "check value", (Damage) bytes -> flip(bytes, 40), "changed on the way"),
                Arguments.of("key", (Damage) bytes -> flip(bytes, 100), ""),
                Arguments.of("key cut", (Damage) bytes -> cut(bytes, 300), ""));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("damagedExports")
    void refusesADamagedExport(String what, Damage damage, String message) {
        byte[] wrapped = RootKeys.wrap(new byte[32], vault().transportKey());

        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(() -> vault().importWrapped(BATCH, damage.of(wrapped)))
                .withMessageContaining(message);
        assertThat(vault().contains(BATCH)).isFalse();
        vault().importWrapped(BATCH, wrapped);
        assertThat(vault().contains(BATCH)).isTrue();
    }

    @Test
    void refusesARootKeyThatIsTooShort() {
        byte[] wrapped = RootKeys.wrap(new byte[16], vault().transportKey());
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(() -> vault().importWrapped(BATCH, wrapped));
        assertThat(vault().labels()).isEmpty();
    }

    @Test
    void refusesToExportForGood() throws NoSuchAlgorithmException {
        TransportKey twin = newTransportKey(3072);
        vault().create(BATCH);
        byte[] before = vault().hmacSha256(BATCH, DATA);
        assertThat(vault().exportWrapped(BATCH, twin)).hasSize(41 + 384);

        vault().forbidExport(BATCH);
        vault().forbidExport(BATCH);

        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(() -> vault().exportWrapped(BATCH, twin))
                .withMessageContaining("'batch-7'")
                .withMessageContaining("forbidden");
        assertThat(vault().hmacSha256(BATCH, DATA)).isEqualTo(before);
    }

    @Test
    void sealsWithKeysOfItsOwn() {
        byte[] sealed = vault().sealer().seal("row/1", DATA);
        assertThat(vault().sealer().open("row/1", sealed)).isEqualTo(DATA);
        assertThat(vault().labels()).containsExactly(new KeyLabel("usher.seal.1"));
    }

    @Test
    void servesManyVirtualThreadsAtOnce() throws Exception {
        vault().create(BATCH);
        byte[] expected = vault().hmacSha256(BATCH, DATA);
        List<Future<byte[]>> macs = new ArrayList<>();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 500; i++) {
                macs.add(callers.submit(() -> vault().hmacSha256(BATCH, DATA)));
            }
        }
        for (Future<byte[]> mac : macs) {
            assertThat(mac.get()).isEqualTo(expected);
        }
    }

    static TransportKey newTransportKey(int bits) throws NoSuchAlgorithmException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(bits);
        return new TransportKey((RSAPublicKey) generator.generateKeyPair().getPublic());
    }

    interface Damage {
        byte[] of(byte[] bytes);
    }

    private static byte[] flip(byte[] bytes, int at) {
        byte[] changed = bytes.clone();
        changed[at] ^= 1;
        return changed;
    }

    private static byte[] cut(byte[] bytes, int length) {
        return Arrays.copyOf(bytes, length);
    }
}
