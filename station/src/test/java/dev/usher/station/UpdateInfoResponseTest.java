package dev.usher.station;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.usher.station.UpdateInfoResponse.Decoded;
import java.security.KeyPair;
import java.util.Arrays;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UpdateInfoResponseTest {

    private static final StationUri CUPS = StationUri.cups("https://cups.example.com:443");
    private static final StationUri LNS = StationUri.lns("wss://lns.example.com:8887");
    private static final KeyPair KEYS = Certificates.ec("secp256r1");
    private static final byte[] CERTIFICATE = Certificates.selfSigned(KEYS, "CN=gateway 1");
    private static final Credentials TOKEN =
            Credentials.of(
                    CERTIFICATE,
                    Optional.empty(),
                    Optional.of("Authorization: secret\r\n".getBytes(US_ASCII)));
    private static final Credentials MUTUAL =
            Credentials.of(
                    CERTIFICATE,
                    Optional.of(CERTIFICATE),
                    Optional.of(KEYS.getPrivate().getEncoded()));
    private static final FirmwareSignature SIGNATURE =
            new FirmwareSignature(0x04030201, Bytes.ofHex("3006 020105 020107"));

    private static UpdateInfoResponse answer(
            Optional<FirmwareSignature> signature, long updateLength) {
        return new UpdateInfoResponse(
                Optional.of(CUPS),
                Optional.of(LNS),
                Optional.of(TOKEN),
                Optional.of(MUTUAL),
                signature,
                updateLength);
    }

    @Test
    void saysNothingToDoInFourteenZeros() {
        assertThat(UpdateInfoResponse.NOTHING.head()).isEqualTo(new byte[14]);
        assertThat(UpdateInfoResponse.NOTHING.length()).isEqualTo(14);
        assertThat(UpdateInfoResponse.NOTHING.isNothing()).isTrue();
        assertThat(answer(Optional.empty(), 0).isNothing()).isFalse();
    }

    @Test
    void writesEverySegment() {
        byte[] tokenBlob = TOKEN.blob();
        byte[] mutualBlob = MUTUAL.blob();
        UpdateInfoResponse answer = answer(Optional.of(SIGNATURE), 0x01020304);
        assertThat(answer.head())
                .isEqualTo(
                        Bytes.join(
                                new byte[] {28},
                                "https://cups.example.com:443".getBytes(US_ASCII),
                                new byte[] {26},
                                "wss://lns.example.com:8887".getBytes(US_ASCII),
                                new byte[] {
                                    (byte) tokenBlob.length, (byte) (tokenBlob.length >> 8)
                                },
                                tokenBlob,
                                new byte[] {
                                    (byte) mutualBlob.length, (byte) (mutualBlob.length >> 8)
                                },
                                mutualBlob,
                                Bytes.ofHex("0C000000 01020304 3006020105020107"),
                                Bytes.ofHex("04030201")));
        assertThat(answer.length()).isEqualTo(answer.head().length + 0x01020304L);
    }

    @Test
    void hasNoKeyCrcWithoutASignature() {
        UpdateInfoResponse answer =
                new UpdateInfoResponse(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        1);
        assertThat(answer.head()).asHexString().isEqualTo("00".repeat(10) + "01000000");
    }

    @Test
    void refusesWhatMakesNoSense() {
        Optional<Credentials> none = Optional.empty();
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                new UpdateInfoResponse(
                                        Optional.of(LNS),
                                        Optional.empty(),
                                        none,
                                        none,
                                        Optional.empty(),
                                        0))
                .withMessage("wss://lns.example.com:8887 in the place of a CUPS URI");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                new UpdateInfoResponse(
                                        Optional.empty(),
                                        Optional.of(CUPS),
                                        none,
                                        none,
                                        Optional.empty(),
                                        0))
                .withMessage("https://cups.example.com:443 in the place of an LNS URI");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> answer(Optional.of(SIGNATURE), 0))
                .withMessage("signature without an update to sign");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> answer(Optional.empty(), 0x8000_0000L))
                .withMessageContaining("update of 2147483648 bytes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> answer(Optional.empty(), -1))
                .withMessageContaining("update of -1 bytes");
    }

    @Test
    void keepsSecrets() {
        assertThat(answer(Optional.empty(), 0).toString()).doesNotContain("secret");
        assertThat(UpdateInfoResponse.parse(answer(Optional.empty(), 0).head()).toString())
                .contains("https://cups.example.com:443", "wss://lns.example.com:8887")
                .doesNotContain("secret");
    }

    @Property
    void readsBackWhatItWrites(
            @ForAll("answers") UpdateInfoResponse answer, @ForAll @Size(max = 9) byte[] behind) {
        byte[] update = new byte[(int) answer.updateLength()];
        Arrays.fill(update, (byte) 7);
        byte[] body = Bytes.join(answer.head(), update);
        assertThat(body).hasSize((int) answer.length());
        Decoded decoded = UpdateInfoResponse.parse(Bytes.join(body, behind));
        assertThat(decoded.cupsUri()).isEqualTo(answer.cupsUri().map(StationUri::toString));
        assertThat(decoded.tcUri()).isEqualTo(answer.tcUri().map(StationUri::toString));
        assertThat(decoded.cupsCredentials()).isEqualTo(blob(answer.cupsCredentials()));
        assertThat(decoded.tcCredentials()).isEqualTo(blob(answer.tcCredentials()));
        assertThat(decoded.signature())
                .isEqualTo(answer.signature().map(FirmwareSignature::der).orElse(new byte[0]));
        assertThat(decoded.keyCrc())
                .isEqualTo(answer.signature().map(FirmwareSignature::keyCrc).orElse(0));
        assertThat(decoded.updateLength()).isEqualTo(answer.updateLength());
        assertThat(decoded.update()).isEqualTo(update);
        assertThat(decoded.isComplete()).isTrue();
    }

    private static byte[] blob(Optional<Credentials> credentials) {
        return credentials.map(Credentials::blob).orElse(new byte[0]);
    }

    @Test
    void knowsAnUpdateThatIsCutShort() {
        Decoded decoded = UpdateInfoResponse.parse(answer(Optional.of(SIGNATURE), 9).head());
        assertThat(decoded.isComplete()).isFalse();
        assertThat(decoded.updateLength()).isEqualTo(9);
        assertThat(decoded.update()).isEmpty();
        assertThat(decoded.tcUri()).contains("wss://lns.example.com:8887");
    }

    @Test
    void takesAUriForACString() {
        Decoded decoded =
                UpdateInfoResponse.parse(
                        Bytes.ofHex("03 610062 01 00 0000 0000 00000000 00000000"));
        assertThat(decoded.cupsUri()).contains("a");
        assertThat(decoded.tcUri()).contains("");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 13})
    void refusesLessThanFourteenBytes(int length) {
        assertThatExceptionOfType(MalformedMessageException.class)
                .isThrownBy(() -> UpdateInfoResponse.parse(new byte[length]))
                .withMessageContaining("answer of " + length + " bytes ends within a segment");
    }

    @ParameterizedTest
    @CsvSource({
        "FF00 0000 0000 00000000 00000000,           at byte 1 another 242 are missing",
        "00 05 61,                                   at byte 2 another 4 are missing",
        "0000 FFFF 0000 00000000 00000000,           another 65525 are missing",
        "0000 0000 0000 07000000 00000000000000 00000000, signature segment of 7 bytes",
        "0000 0000 0000 85000000 00000000,           signature segment of 133 bytes",
        "0000 0000 0000 FFFFFFFF 00000000,           signature segment of 4294967295 bytes",
        "0000 0000 0000 08000000 0000000000000000,   at byte 18 another 4 are missing",
        "0000 0000 0000 00000000 00000080,           update of 2147483648 bytes",
    })
    void refusesWhatStationGivesUpOn(String hex, String message) {
        assertThatExceptionOfType(MalformedMessageException.class)
                .isThrownBy(() -> UpdateInfoResponse.parse(Bytes.ofHex(hex)))
                .withMessageContaining(message);
    }

    @Property
    void neverFailsButAsDeclared(@ForAll byte[] bytes) {
        try {
            assertThat(UpdateInfoResponse.parse(bytes).update().length)
                    .isLessThanOrEqualTo(bytes.length);
        } catch (MalformedMessageException declared) {
            assertThat(declared).hasMessageStartingWith("update-info answer");
        }
    }

    @Provide
    Arbitrary<UpdateInfoResponse> answers() {
        Arbitrary<Optional<Credentials>> credentials = Arbitraries.of(TOKEN, MUTUAL).optional();
        return Combinators.combine(
                        Arbitraries.just(CUPS).optional(),
                        Arbitraries.just(LNS).optional(),
                        credentials,
                        credentials,
                        Arbitraries.just(SIGNATURE).optional(),
                        Arbitraries.integers().between(1, 2000).optional())
                .as(
                        (cups, lns, cupsCredentials, tcCredentials, signature, length) ->
                                new UpdateInfoResponse(
                                        cups,
                                        lns,
                                        cupsCredentials,
                                        tcCredentials,
                                        signature.filter(signed -> length.isPresent()),
                                        length.orElse(0)));
    }
}
