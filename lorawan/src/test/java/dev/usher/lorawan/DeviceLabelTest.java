package dev.usher.lorawan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceLabelTest {

    /** The example of TR005. */
    private static final String EXAMPLE =
            "LW:D0:1122334455667788:AABBCCDDEEFF0011:AABB1122:OAABBCCDDEEFF:SYYWWNNNNNN:PFOOBAR"
                    + ":CAF2C";

    private static final DeviceLabel LABEL =
            new DeviceLabel(
                    Optional.of(Eui64.parse("1122334455667788")),
                    Optional.of(Eui64.parse("AABBCCDDEEFF0011")),
                    Optional.of("AABB1122"),
                    Optional.of("AABBCCDDEEFF"),
                    Optional.of("YYWWNNNNNN"),
                    Optional.of("FOOBAR"));

    @Test
    void readsAndWritesTheExampleOfTr005() {
        assertThat(DeviceLabel.scan(EXAMPLE).label()).isEqualTo(LABEL);
        assertThat(DeviceLabel.scan(EXAMPLE).warnings()).isEmpty();
        assertThat(LABEL.text()).isEqualTo(EXAMPLE);
        assertThat(LABEL.textWithoutChecksum()).isEqualTo(EXAMPLE.replace(":CAF2C", ""));
        assertThat(DeviceLabel.parse(LABEL.textWithoutChecksum())).isEqualTo(LABEL);
    }

    @ParameterizedTest
    @CsvSource({
        // extensions in another order, the checksum among them; empty ones; space around
        "LW:D0:1122334455667788:AABBCCDDEEFF0011:AABB1122:PFOOBAR:OAABBCCDDEEFF:SYYWWNNNNNN, ''",
        "LW:D0:1122334455667788:AABBCCDDEEFF0011:AABB1122:C0757:OAABBCCDDEEFF:SYYWWNNNNNN:PFOOBAR,"
                + " ''",
        "LW:D0:1122334455667788:AABBCCDDEEFF0011:AABB1122:S:OAABBCCDDEEFF::SYYWWNNNNNN:PFOOBAR:C,"
                + " ''",
        "' LW:D0:1122334455667788:AABBCCDDEEFF0011:AABB1122:OAABBCCDDEEFF:SYYWWNNNNNN:PFOOBAR\n',"
                + " ''",
        // drafts
        "URN:LW:DP:1122334455667788:AABBCCDDEEFF0011:AABB1122:%VAABBCCDDEEFF%SYYWWNNNNNN%PFOOBAR,"
                + " draft 2",
        "URN:LW:DP:1122334455667788:AABBCCDDEEFF0011:AABB1122:%25VAABBCCDDEEFF%25SYYWWNNNNNN"
                + "%25PFOOBAR, draft 2",
        "URN:DEV:LW:1122334455667788_AABBCCDDEEFF0011_AABB1122_VAABBCCDDEEFF_SYYWWNNNNNN_PFOOBAR,"
                + " draft 3",
        // inside a URL
        "https://example.com/q?l=LW:D0:1122334455667788:AABBCCDDEEFF0011:AABB1122:OAABBCCDDEEFF"
                + ":SYYWWNNNNNN:PFOOBAR&v=1, inside a URL",
        "https://example.com/LW%3AD0%3A1122334455667788%3AAABBCCDDEEFF0011%3AAABB1122"
                + "%3AOAABBCCDDEEFF%3ASYYWWNNNNNN%3APFOOBAR#a, inside a URL",
        "http://example.com/100%/LW:D0:1122334455667788:AABBCCDDEEFF0011:AABB1122:OAABBCCDDEEFF"
                + ":SYYWWNNNNNN:PFOOBAR, inside a URL",
        // in lower case
        "lw:d0:1122334455667788:aabbccddeeff0011:aabb1122:oAABBCCDDEEFF:sYYWWNNNNNN:pFOOBAR,"
                + " letters in lower case",
        // what else is met
        "LW:D0:1122334455667788:AABBCCDDEEFF0011:AABB1122:OAABBCCDDEEFF:SYYWWNNNNNN:PFOOBAR:CAF2D,"
                + " checksum AF2D does not fit",
        "LW:D0:1122334455667788:AABBCCDDEEFF0011:AABB1122:OAABBCCDDEEFF:SYYWWNNNNNN:XNO:PFOOBAR,"
                + " unknown letter 'X'",
        "LW:D0:1122334455667788:AABBCCDDEEFF0011:AABB1122:OAABBCCDDEEFF:SYYWWNNNNNN:PFOOBAR:O55,"
                + " more than one owner token",
        "LW:D0:1122334455667788:AABBCCDDEEFF0011:AABB1122:O€:OAABBCCDDEEFF:SYYWWNNNNNN:PFOOBAR,"
                + " owner token has characters that are not allowed",
    })
    void readsTheSameLabelInEveryForm(String text, String warning) {
        DeviceLabel.Scan scan = DeviceLabel.scan(text);
        assertThat(scan.label()).isEqualTo(LABEL);
        if (warning.isEmpty()) {
            assertThat(scan.warnings()).isEmpty();
        } else {
            assertThat(scan.warnings()).singleElement().asString().contains(warning);
        }
        assertThat(scan.warnings().toString()).doesNotContain("AABBCCDDEEFF");
    }

    @ParameterizedTest
    @CsvSource({
        "AABBCCDDEEFF0011,                                LW:D0::AABBCCDDEEFF0011:, only a DevEUI",
        "aabbccddeeff0011,                                LW:D0::AABBCCDDEEFF0011:, only a DevEUI",
        "LW:D0:1122334455667788:AABBCCDDEEFF0011,"
                + " LW:D0:1122334455667788:AABBCCDDEEFF0011:, has no ProfileID",
        "LW:D0:1122334455667788:AABBCCDDEEFF0011:AB12,"
                + " LW:D0:1122334455667788:AABBCCDDEEFF0011:AB12, AB12 has 4 digits instead of 8",
        "LW:D0:1122334455667788:AABBCCDDEEFF0011::SX,"
                + " LW:D0:1122334455667788:AABBCCDDEEFF0011::SX, has no ProfileID",
        "LW:D0:1122334455667788:AABBCCDDEEFF0011:SX,"
                + " LW:D0:1122334455667788:AABBCCDDEEFF0011::SX, has no ProfileID",
        "LW:D0:1122334455667788:AABBCCDDEEFF0011:12345:SX,"
                + " LW:D0:1122334455667788:AABBCCDDEEFF0011::SX, has no ProfileID",
        "LW:D0:::PXA123,                                  LW:D0::::PXA123, has no JoinEUI",
        "LW:D0:::PXA123,                                  LW:D0::::PXA123, has no DevEUI",
    })
    void readsWhatVendorsLeaveOut(String text, String published, String warning) {
        DeviceLabel.Scan scan = DeviceLabel.scan(text);
        assertThat(scan.label().textWithoutChecksum()).isEqualTo(published);
        assertThat(scan.warnings()).anySatisfy(w -> assertThat(w).contains(warning));
    }

    @ParameterizedTest
    @CsvSource({
        "'',                                       is not a device label",
        "HELLO,                                    is not a device label",
        "LW:D1:1122334455667788:AABBCCDDEEFF0011,  is not a device label",
        "https://example.com/AABBCCDDEEFF0011,     is not a device label",
        "AABBCCDDEEFF001,                          is not a device label",
        "LW:D0:,                                   ends before its DevEUI",
        "LW:D0:1122334455667788,                   ends before its DevEUI",
        "LW:D0:112233445566778:AABBCCDDEEFF0011,   JoinEUI '112233445566778' is not 16 hex digits",
    })
    void refusesWhatIsNoLabel(String text, String why) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DeviceLabel.scan(text))
                .withMessageContaining(why);
    }

    @Test
    void refusesATextOfAnyLength() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DeviceLabel.scan(EXAMPLE.repeat(20)))
                .withMessageContaining("up to 1024 characters");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A:B", "Ä", "A\nB"})
    void printsNothingThatCouldNotBeReadBack(String value) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DeviceLabel.of(new Eui64(1), new Eui64(2), value))
                .withMessageContaining("of " + value.length() + " characters");
    }

    @Test
    void hidesTheOwnerToken() {
        assertThat(LABEL)
                .hasToString(
                        "DeviceLabel[joinEui=1122334455667788, devEui=AABBCCDDEEFF0011,"
                                + " ownerToken=hidden]");
        assertThat(DeviceLabel.scan(EXAMPLE).toString()).doesNotContain("AABBCCDDEEFF,");
    }

    @Provide
    Arbitrary<String> values() {
        return Arbitraries.strings()
                .withCharRange('!', '~')
                .excludeChars(':')
                .ofMinLength(1)
                .ofMaxLength(40);
    }

    @Provide
    Arbitrary<DeviceLabel> labels() {
        Arbitrary<Optional<Eui64>> euis = Arbitraries.longs().map(Eui64::new).optional();
        Arbitrary<Optional<String>> profiles =
                Arbitraries.strings()
                        .withCharRange('0', '9')
                        .withCharRange('A', 'F')
                        .ofLength(8)
                        .optional();
        Arbitrary<Optional<String>> extensions = values().optional();
        return Combinators.combine(euis, euis, profiles, extensions, extensions, extensions)
                .as(DeviceLabel::new);
    }

    @Property
    void readsBackWhatItWrites(@ForAll("labels") DeviceLabel label) {
        DeviceLabel.Scan scan = DeviceLabel.scan(label.text());
        assertThat(scan.label()).isEqualTo(label);
        assertThat(scan.warnings()).allMatch(warning -> warning.contains("the label has no "));
        assertThat(DeviceLabel.parse(label.textWithoutChecksum())).isEqualTo(label);
    }

    @Provide
    Arbitrary<String> nearlyLabels() {
        Arbitrary<String> any = Arbitraries.strings().ofMaxLength(60);
        return Arbitraries.of(
                        "",
                        "LW:D0:",
                        "lw:d0:1122334455667788:AABBCCDDEEFF0011:",
                        "URN:LW:DP:",
                        "URN:LW:DP:1122334455667788:AABBCCDDEEFF0011:",
                        "URN:DEV:LW:1122334455667788_AABBCCDDEEFF0011_",
                        "https://%ZZ/LW:D0:")
                .flatMap(start -> any.map(rest -> start + rest));
    }

    @Property(tries = 3_000)
    void neverFailsButAsDeclared(@ForAll @From("nearlyLabels") String text) {
        assertThatFailsOnlyAsDeclared(text);
    }

    /** Also what the fuzz test asks. */
    static void assertThatFailsOnlyAsDeclared(String text) {
        try {
            DeviceLabel label = DeviceLabel.scan(text).label();
            assertThat(DeviceLabel.parse(label.text())).isEqualTo(label);
        } catch (IllegalArgumentException declared) {
            assertThat(declared).hasMessageContaining("label").hasMessageNotContaining("\n");
        }
    }
}
