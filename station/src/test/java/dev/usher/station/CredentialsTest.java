package dev.usher.station;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.security.KeyPair;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CredentialsTest {

    private static final KeyPair KEYS = Certificates.ec("secp256r1");
    private static final byte[] TRUST = Certificates.selfSigned(Certificates.ec("secp256r1"), "CA");
    private static final byte[] CERTIFICATE = Certificates.selfSigned(KEYS, "gateway 1");
    private static final byte[] KEY = KEYS.getPrivate().getEncoded();
    private static final byte[] TOKEN = "Authorization: secret\r\n".getBytes(US_ASCII);
    private static final byte[] NONE = new byte[4];

    private static final Credentials SERVER_AUTH =
            Credentials.of(TRUST, Optional.empty(), Optional.empty());
    private static final Credentials WITH_TOKEN =
            Credentials.of(TRUST, Optional.of(new byte[0]), Optional.of(TOKEN));
    private static final Credentials MUTUAL =
            Credentials.of(TRUST, Optional.of(CERTIFICATE), Optional.of(KEY));

    private static int crc(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    @Test
    void areOfThreeKinds() {
        assertThat(SERVER_AUTH).isInstanceOf(Credentials.ServerAuth.class);
        assertThat(SERVER_AUTH.blob()).isEqualTo(Bytes.join(TRUST, NONE, NONE));
        assertThat(WITH_TOKEN).isInstanceOf(Credentials.Token.class);
        assertThat(WITH_TOKEN.blob()).isEqualTo(Bytes.join(TRUST, NONE, TOKEN));
        assertThat(MUTUAL).isInstanceOf(Credentials.Mutual.class);
        assertThat(MUTUAL.blob()).isEqualTo(Bytes.join(TRUST, CERTIFICATE, KEY));
    }

    @Test
    void haveTheCrcTheGatewayReports() {
        for (Credentials credentials : new Credentials[] {SERVER_AUTH, WITH_TOKEN, MUTUAL}) {
            assertThat(credentials.crc()).isEqualTo(crc(credentials.blob()));
        }
        byte[] nothing = new byte[0];
        assertThat(new CredentialFiles(nothing, nothing, nothing).crc())
                .isEqualTo(Credentials.NONE_CRC)
                .isEqualTo(crc(new byte[12]));
    }

    @Test
    void readBack() {
        for (Credentials credentials : new Credentials[] {SERVER_AUTH, WITH_TOKEN, MUTUAL}) {
            assertThat(Credentials.parseBlob(credentials.blob())).isEqualTo(credentials);
            assertThat(CredentialFiles.split(credentials.blob())).isEqualTo(credentials.files());
        }
    }

    @Test
    void keepTheirSecrets() {
        assertThat(WITH_TOKEN.toString()).contains("Authorization").doesNotContain("secret");
        assertThat(MUTUAL.toString()).contains("PrivateKeyDer[EC, 67 bytes]");
        assertThat(WITH_TOKEN.files().toString())
                .isEqualTo(
                        "CredentialFiles[trust %d, certificate 0, key 23 bytes]"
                                .formatted(TRUST.length));
    }

    static Stream<Arguments> badParts() {
        byte[] strange = Certificates.ec("secp256r1").getPrivate().getEncoded();
        Optional<byte[]> none = Optional.empty();
        return Stream.of(
                Arguments.of(new byte[0], none, none, "trust: the certificate is empty"),
                Arguments.of(TOKEN, none, none, "trust: the certificate is neither DER nor PEM"),
                Arguments.of(
                        TRUST,
                        none,
                        Optional.of(KEY),
                        "key: the header line is a key or a certificate"),
                Arguments.of(
                        TRUST, Optional.of(TOKEN), none, "certificate: the certificate is neither"),
                Arguments.of(
                        TRUST,
                        Optional.of(CERTIFICATE),
                        none,
                        "certificate: it comes without its private key"),
                Arguments.of(
                        TRUST,
                        Optional.of(CERTIFICATE),
                        Optional.of(TOKEN),
                        "key: the private key is a header line"),
                Arguments.of(
                        TRUST,
                        Optional.of(CERTIFICATE),
                        Optional.of(strange),
                        "key: the private key does not belong to the certificate"));
    }

    @ParameterizedTest
    @MethodSource("badParts")
    void refuse(byte[] trust, Optional<byte[]> certificate, Optional<byte[]> key, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Credentials.of(trust, certificate, key))
                .withMessageContaining(message);
    }

    @Test
    void areOfLimitedSize() {
        CertificateDer large =
                CertificateDer.ofBlob(
                        Der.encode(Der.SEQUENCE, new byte[CertificateDer.LARGEST - 4]));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Credentials.ServerAuth(large))
                .withMessageContaining("credentials of 65543 bytes: station is sent at most 65535");
    }

    @Test
    void haveNoBlobWithoutTrust() {
        CredentialFiles files = new CredentialFiles(new byte[0], new byte[0], TOKEN);
        assertThatIllegalStateException()
                .isThrownBy(files::blob)
                .withMessageContaining("without a trust certificate");
    }

    /** What the blob consists of, and what station 2.0.6 makes of it. */
    static Stream<Arguments> splits() {
        byte[] trust = Der.encode(Der.SEQUENCE, new byte[300]);
        byte[] shortKey = Der.encode(Der.SEQUENCE, new byte[49]);
        byte[] none = new byte[0];
        return Stream.of(
                Arguments.of(Bytes.join(trust, NONE, NONE), trust, none, none),
                Arguments.of(Bytes.join(trust, NONE), trust, none, none),
                Arguments.of(Bytes.join(trust, trust), trust, trust, none),
                Arguments.of(Bytes.join(trust, trust, NONE), trust, trust, none),
                Arguments.of(Bytes.join(trust, trust, shortKey), trust, trust, shortKey),
                // garbage behind a DER key is dropped, text goes on to the end
                Arguments.of(Bytes.join(trust, trust, shortKey, TOKEN), trust, trust, shortKey),
                Arguments.of(
                        Bytes.join(trust, NONE, TOKEN, NONE), trust, none, Bytes.join(TOKEN, NONE)),
                // two roots: the second one becomes the client certificate
                Arguments.of(Bytes.join(trust, trust, trust), trust, trust, trust),
                // only the first byte of "none" is looked at
                Arguments.of(
                        Bytes.join(trust, Bytes.ofHex("00FFFFFF"), TOKEN), trust, none, TOKEN));
    }

    @ParameterizedTest
    @MethodSource("splits")
    void areSplitAsStationDoes(byte[] blob, byte[] trust, byte[] certificate, byte[] key) {
        assertThat(CredentialFiles.split(blob))
                .isEqualTo(new CredentialFiles(trust, certificate, key));
    }

    static Stream<Arguments> unreadableBlobs() {
        byte[] trust = Der.encode(Der.SEQUENCE, new byte[300]);
        byte[] misread = Der.encode(Der.SEQUENCE, new byte[135]);
        return Stream.of(
                Arguments.of(new byte[0], "a DER certificate is expected"),
                Arguments.of(NONE, "a DER certificate is expected"),
                Arguments.of(
                        Certificates.pem("CERTIFICATE", TRUST), "a DER certificate is expected"),
                Arguments.of(Bytes.ofHex("30"), "trust at byte 0"),
                Arguments.of(Bytes.ofHex("3000"), "element before byte at byte 6"),
                Arguments.of(Bytes.ofHex("3082FFFF"), "trust at byte 0 has 65539 bytes as station"),
                Arguments.of(Bytes.join(misread, NONE, NONE), "trust at byte 0"),
                Arguments.of(Bytes.join(trust, misread, NONE), "certificate at byte 304"),
                // EC P-256 in PKCS#8 with its public key: 30 81 87 02
                Arguments.of(
                        Bytes.join(trust, trust, misread), "key at byte 608 has 34564 bytes as"),
                Arguments.of(Bytes.join(trust, TOKEN), "neither a DER certificate nor 0"),
                Arguments.of(trust, "element before byte at byte 308"),
                Arguments.of(Bytes.join(trust, new byte[3]), "element before byte at byte 308"),
                Arguments.of(Bytes.join(trust, NONE, Bytes.ofHex("30")), "key at byte 308"),
                Arguments.of(Bytes.join(trust, NONE, Bytes.ofHex("300500")), "key at byte 308"));
    }

    @ParameterizedTest
    @MethodSource("unreadableBlobs")
    void areIgnoredAsStationDoes(byte[] blob, String message) {
        assertThatExceptionOfType(MalformedMessageException.class)
                .isThrownBy(() -> CredentialFiles.split(blob))
                .withMessageContaining(message);
        assertThatExceptionOfType(MalformedMessageException.class)
                .isThrownBy(() -> Credentials.parseBlob(blob));
    }

    @Test
    void areNoCredentialsWithAStrangeKey() {
        byte[] trust = SERVER_AUTH.trust().bytes();
        for (byte[] key : new byte[][] {NONE, TOKEN, trust}) {
            assertThatExceptionOfType(MalformedMessageException.class)
                    .isThrownBy(() -> Credentials.parseBlob(Bytes.join(trust, trust, key)))
                    .withMessageStartingWith("credential blob: the private key ");
        }
        assertThatExceptionOfType(MalformedMessageException.class)
                .isThrownBy(() -> Credentials.parseBlob(Bytes.join(trust, NONE, TOKEN, TOKEN)))
                .withMessageStartingWith("credential blob: the header line has more than one line");
    }

    @Property
    void neverFailButAsDeclared(@ForAll byte[] bytes) {
        assertThatFailsOnlyAsDeclared(bytes);
    }

    @Property
    void neverFailButAsDeclaredOnDamage(
            @ForAll int position, @ForAll byte damage, @ForAll int length) {
        byte[] blob = MUTUAL.blob();
        blob[Math.floorMod(position, blob.length)] = damage;
        assertThatFailsOnlyAsDeclared(Arrays.copyOf(blob, Math.floorMod(length, blob.length + 1)));
        assertThatFailsOnlyAsDeclared(blob);
    }

    static void assertThatFailsOnlyAsDeclared(byte[] blob) {
        try {
            CredentialFiles files = CredentialFiles.split(blob);
            assertThat(files.trust().length + files.certificate().length + files.key().length)
                    .isLessThanOrEqualTo(blob.length);
            assertThat(CredentialFiles.split(files.blob())).isEqualTo(files);
            Credentials credentials = Credentials.parseBlob(blob);
            assertThat(Credentials.parseBlob(credentials.blob())).isEqualTo(credentials);
        } catch (MalformedMessageException declared) {
            assertThat(declared).hasMessageStartingWith("credential blob");
        }
    }
}
