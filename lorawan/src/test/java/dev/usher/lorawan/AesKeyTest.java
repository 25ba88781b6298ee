package dev.usher.lorawan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AesKeyTest {

    /** FIPS 197 appendix C.1. */
    @Test
    void encryptsEachBlockByItself() {
        AesKey key = AesKey.parse("000102030405060708090a0b0c0d0e0f");
        String clear = "00112233445566778899aabbccddeeff";
        String sealed = "69c4e0d86a7b0430d8cdb78070b4c55a";
        assertThat(key.encrypt(hex(clear + clear))).isEqualTo(hex(sealed + sealed));
        assertThat(key.decrypt(hex(sealed + sealed))).isEqualTo(hex(clear + clear));
        assertThat(key.encrypt(new byte[0])).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> key.encrypt(new byte[17]))
                .withMessageContaining("17 bytes");
    }

    @Test
    void readsHexInEitherCaseWithAndWithout0x() {
        AesKey key = AesKey.parse("0x000102030405060708090A0B0C0D0E0F");
        assertThat(key).isEqualTo(AesKey.parse("000102030405060708090a0b0c0d0e0f"));
        assertThat(AesKey.of(key.bytes())).isEqualTo(key).hasSameHashCodeAs(key);
        assertThat(key).isNotEqualTo(AesKey.parse("100102030405060708090a0b0c0d0e0f"));
    }

    @Test
    void keepsItsBytesToItself() {
        byte[] bytes = hex("000102030405060708090a0b0c0d0e0f");
        AesKey key = AesKey.of(bytes);
        bytes[0] = 9;
        key.bytes()[1] = 9;
        assertThat(key.bytes()).isEqualTo(hex("000102030405060708090a0b0c0d0e0f"));
        assertThat(key).hasToString("AesKey[hidden]");
        assertThat(RootKeys.r1_0(key)).hasToString("RootKeys[hidden]");
        assertThat(new SessionKeys.R1_0(key, key).toString())
                .isEqualTo("R1_0[nwkSKey=AesKey[hidden], appSKey=AesKey[hidden]]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0x",
                "5ec5e7",
                "5ec5e7000000000000000000000000000",
                "5ec5e70000000000000000000000000x",
                "5ec5e7000000000000000000000000٠٠",
                "0x5ec5e700000000000000000000000000ff"
            })
    void refusesEverythingElseWithoutRepeatingIt(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AesKey.parse(text))
                .withMessageContaining("this text of " + text.length() + " characters is not")
                .withMessageNotContaining("5ec5e7");
        assertThatIllegalArgumentException().isThrownBy(() -> AesKey.of(new byte[15]));
    }

    @Test
    void drawsKeysAtRandom() {
        SecureRandom random = new SecureRandom();
        assertThat(AesKey.random(random)).isNotEqualTo(AesKey.random(random));
    }

    /** More threads than there are ciphers to lend, each with a key of its own. */
    @Test
    void worksInManyThreadsAtOnce() throws Exception {
        List<Callable<Boolean>> tasks =
                IntStream.range(0, 2_000)
                        .<Callable<Boolean>>mapToObj(AesKeyTest::roundTrip)
                        .toList();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Boolean> same : threads.invokeAll(tasks)) {
                assertThat(same.get()).isTrue();
            }
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(64)) {
            for (Future<Boolean> same : threads.invokeAll(tasks)) {
                assertThat(same.get()).isTrue();
            }
        }
    }

    private static Callable<Boolean> roundTrip(int seed) {
        byte[] bytes = HexFormat.of().parseHex("%032x".formatted(seed));
        return () -> {
            AesKey key = AesKey.of(bytes);
            Kek kek = Kek.of(bytes);
            return AesKey.of(key.decrypt(key.encrypt(bytes))).equals(key)
                    && kek.unwrap(kek.wrap(key)).equals(key);
        };
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }
}
