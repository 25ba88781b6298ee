package dev.usher.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClaimPinTest {

    private static final String PIN = "F6S-T2K-GMC";

    @Provide
    Arbitrary<ClaimPin> pins() {
        return Arbitraries.bytes()
                .between((byte) 0, (byte) 28)
                .array(byte[].class)
                .ofSize(ClaimPin.DRAWN)
                .map(values -> ClaimPin.draw(round -> values));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                PIN,
                "F6ST2KGMC",
                "f6st2kgmc",
                "f6s t2k gmc",
                " F6-ST-2K-GM-C ",
                "F6S\u2013T2K\u2011GMC",
                "F6S\u00A0T2K\tGMC\r\n"
            })
    void readsWhatPeopleType(String text) {
        assertThat(ClaimPin.parse(text))
                .hasValueSatisfying(pin -> assertThat(pin.text()).isEqualTo(PIN));
        assertThat(ClaimPin.looksMistyped(text)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "F6S-T2K-GMD", // wrong check character
                "F6S-T2K-GCM", // two characters swapped
                "F65-T2K-GMC", // 5 for S
                "FGS-T2K-GMC", // G for 6
                "F6S-T2K-GM0",
                "O6S-T2K-GMC",
                "fis-t2k-gmc",
                "F6S-T2K-GM8",
                "012345678"
            })
    void tellsATypingErrorFromAWrongPin(String text) {
        assertThat(ClaimPin.parse(text)).isEmpty();
        assertThat(ClaimPin.looksMistyped(text)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "F6S-T2K-GM",
                "F6S-T2K-GMCC",
                "F6S-T2K-GM!",
                "VfjK89h3",
                "correct horse",
                "F6S_T2K_G",
                "\u00E96ST2KGMC",
                "\uFF26\uFF16\uFF33T2KGMC",
                "F6ST2KGM\u0131"
            })
    void leavesWhatWasNeverAPinAlone(String text) {
        assertThat(ClaimPin.parse(text)).isEmpty();
        assertThat(ClaimPin.looksMistyped(text)).isFalse();
    }

    @Test
    void doesNotReadOnForEver() {
        String padded = PIN + " ".repeat(1_000_000);
        assertThat(ClaimPin.parse(padded)).isEmpty();
        assertThat(ClaimPin.looksMistyped(padded)).isFalse();
    }

    @Property
    void readsBackWhatItPrints(@ForAll("pins") ClaimPin pin) {
        assertThat(pin.text()).matches("([2345679ACDEFGHJKMNPQRSTUVWXYZ]{3}-?){3}").hasSize(11);
        assertThat(ClaimPin.parse(pin.text())).contains(pin);
        assertThat(ClaimPin.parse(pin.text().toLowerCase(Locale.ROOT).replace("-", "")))
                .contains(pin);
    }

    @Property(tries = 100)
    void noticesEveryWrongCharacter(@ForAll("pins") ClaimPin pin) {
        String plain = pin.text().replace("-", "");
        for (int at = 0; at < plain.length(); at++) {
            for (char c : ClaimPin.ALPHABET.toCharArray()) {
                if (c != plain.charAt(at)) {
                    assertIsMistyped(plain.substring(0, at) + c + plain.substring(at + 1));
                }
            }
        }
    }

    @Property(tries = 500)
    void noticesEverySwapOfTwoCharacters(@ForAll("pins") ClaimPin pin) {
        String plain = pin.text().replace("-", "");
        for (int i = 0; i < plain.length(); i++) {
            for (int k = i + 1; k < plain.length(); k++) {
                if (plain.charAt(i) != plain.charAt(k)) {
                    StringBuilder swapped = new StringBuilder(plain);
                    swapped.setCharAt(i, plain.charAt(k));
                    swapped.setCharAt(k, plain.charAt(i));
                    assertIsMistyped(swapped.toString());
                }
            }
        }
    }

    /**
     * The sum is linear in the values, so it is enough that no single difference and no swapped
     * pair vanishes, whatever stands elsewhere: all 9 places, all 36 pairs, all values.
     */
    @Test
    void hasWeightsThatNoticeThemAll() {
        int[] weights = {1, 2, 3, 4, 5, 6, 7, 8, -1};
        for (int i = 0; i < weights.length; i++) {
            for (int difference = 1; difference < 29; difference++) {
                assertThat(weights[i] * difference % 29).isNotZero();
                for (int k = i + 1; k < weights.length; k++) {
                    assertThat((weights[i] - weights[k]) * difference % 29).isNotZero();
                }
            }
        }
    }

    @Property
    void neverFailsOnForeignText(@ForAll String text) {
        assertThat(ClaimPin.parse(text).isPresent() && ClaimPin.looksMistyped(text)).isFalse();
    }

    @Property
    void skipsTheBytesThatWouldFavourSomeCharacters(@ForAll @IntRange(max = 24) int skipped) {
        byte[] block = new byte[32];
        Arrays.fill(block, (byte) 0xFF);
        block[0] = (byte) 0xE8; // 232, the first that is skipped
        for (int i = 0; i < 8; i++) {
            block[skipped + i] = (byte) (231 - 29 * i); // the last character, eight times
        }
        assertThat(ClaimPin.draw(round -> block).text()).startsWith("ZZZ-ZZZ-ZZ");
    }

    @Test
    void goesOnInTheNextBlock() {
        byte[] first = new byte[32];
        Arrays.fill(first, (byte) 0xFF);
        first[31] = 1;
        byte[] second = {2, 3, 4, 5, (byte) 0xFF, 6, 7, 8, 9};
        // values 1 to 8: check value 1·1 + 2·2 + … + 8·8 = 204 = 1 modulo 29
        assertThat(ClaimPin.draw(round -> round == 0 ? first : second).text())
                .isEqualTo("345-679-AC3");
    }

    @Test
    void refusesASourceThatIsNotRandom() {
        assertThatIllegalStateException()
                .isThrownBy(() -> ClaimPin.draw(round -> new byte[] {-1, -1}))
                .withMessageContaining("not random");
    }

    @Test
    void drawsEveryCharacterEquallyOften() {
        Random random = new Random(1);
        int pins = 50_000;
        int[][] counts = new int[8][29];
        for (int n = 0; n < pins; n++) {
            String plain =
                    ClaimPin.draw(
                                    round -> {
                                        byte[] block = new byte[32];
                                        random.nextBytes(block);
                                        return block;
                                    })
                            .text()
                            .replace("-", "");
            for (int i = 0; i < 8; i++) {
                counts[i][ClaimPin.ALPHABET.indexOf(plain.charAt(i))]++;
            }
        }
        double expected = pins / 29.0;
        for (int[] count : counts) {
            double chiSquare =
                    Arrays.stream(count)
                            .mapToDouble(n -> (n - expected) * (n - expected) / expected)
                            .sum();
            // 28 degrees of freedom: above 62 once in 5,000 fair draws, and the seed is fixed
            assertThat(chiSquare).isLessThan(62);
        }
    }

    @Test
    void isHiddenUnlessAsked() {
        ClaimPin pin = ClaimPin.parse(PIN).orElseThrow();
        assertThat(pin).hasToString("ClaimPin[hidden]");
        assertThat(pin.matches(ClaimPin.parse("f6st2kgmc").orElseThrow())).isTrue();
        assertThat(pin.matches(ClaimPin.parse("345-679-AC3").orElseThrow())).isFalse();
    }

    private static void assertIsMistyped(String text) {
        assertThat(ClaimPin.parse(text)).as(text).isEmpty();
        assertThat(ClaimPin.looksMistyped(text)).as(text).isTrue();
    }
}
