package dev.usher.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.zxing.BinaryBitmap;
import com.google.zxing.DecodeHintType;
import com.google.zxing.RGBLuminanceSource;
import com.google.zxing.common.HybridBinarizer;
import com.google.zxing.qrcode.QRCodeReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.interfaces.ECPrivateKey;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The small parts commands are made of. */
class PartsTest {

    @TempDir private Path directory;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void qrCodesCanBeRead(boolean colours) throws Exception {
        String text = "https://usher.example.com/c/58a0cbfffe800be7/abcdefghj";
        assertThat(read(Qr.render(text, colours), colours)).isEqualTo(text);
    }

    /** Takes a picture of the terminal. */
    private static String read(String lines, boolean colours) throws Exception {
        List<String> rows =
                lines.lines().map(line -> line.replaceAll("\u001b\\[[0-9;]*m", "")).toList();
        int scale = 4;
        int width = rows.getFirst().length();
        int height = 2 * rows.size();
        int[] pixels = new int[width * scale * height * scale];
        for (int y = 0; y < height * scale; y++) {
            for (int x = 0; x < width * scale; x++) {
                char c = rows.get(y / scale / 2).charAt(x / scale);
                boolean upper = y / scale % 2 == 0;
                boolean inked = c == '█' || c == (upper ? '▀' : '▄');
                pixels[y * width * scale + x] = inked == colours ? 0x000000 : 0xFFFFFF;
            }
        }
        RGBLuminanceSource picture = new RGBLuminanceSource(width * scale, height * scale, pixels);
        return new QRCodeReader()
                .decode(
                        new BinaryBitmap(new HybridBinarizer(picture)),
                        Map.of(DecodeHintType.PURE_BARCODE, true))
                .getText();
    }

    @Test
    void qrCodesHaveALimit() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Qr.render("x".repeat(5000), false))
                .withMessageContaining("5000 characters is too long");
        assertThatIllegalArgumentException().isThrownBy(() -> Qr.render("", false));
    }

    @ParameterizedTest
    @CsvSource({
        "0,           0",
        "4294967295, -1",
        "-1,         -1",
        "0xCBF43926, -873187034",
        "-2147483648, -2147483648"
    })
    void readsCrcsSignedOrUnsigned(String text, int value) {
        assertThat(Crc.parse(text).value()).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "x", "4294967296", "-2147483649", "1.5", "0x", "99999999999999999999"})
    void refusesOtherCrcs(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Crc.parse(text))
                .withMessageContaining("'" + text + "' is not a CRC-32");
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-21,                       2026-11-21T00:00:00.000000",
        "2026-11-21T10:00,                 2026-11-21T10:00:00.000000",
        "2026-11-21T10:00:00Z,             2026-11-21T10:00:00.000000",
        "2026-11-21T10:00:00.123456+02:00, 2026-11-21T08:00:00.123456"
    })
    void readsTimes(String text, String utc) {
        assertThat(Time.parse(text).withoutZone()).isEqualTo(utc);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "tomorrow", "2026-13-01", "2026-11-21T25:00:00Z", "21.11.2026"})
    void refusesOtherTimes(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Time.parse(text))
                .withMessageContaining("write it like 2026-11-21T10:00:00Z");
    }

    @Test
    void secretsAreNotForShow() throws IOException {
        assertThat(new Secret("hidden")).asString().doesNotContain("hidden");
        assertThat(new Secret("hidden").reveal()).isEqualTo("hidden");
        Path file = Files.writeString(directory.resolve("secret"), "  from a file\r\n");
        assertThat(new Secret("@" + file).reveal()).isEqualTo("from a file");
    }

    @Test
    void readsKeysInEveryEncoding() throws IOException {
        Certificates.Issued issued = new Certificates().issue("localhost");
        Path pkcs8 = issued.writeKey(directory.resolve("pkcs8"));
        Path sec1 =
                Files.writeString(
                        directory.resolve("sec1"),
                        // As `openssl ecparam -genkey` writes it.
                        Certificates.pem(
                                        "EC PARAMETERS",
                                        new byte[] {
                                            6, 8, 42, (byte) 0x86, 72, (byte) 0xCE, 61, 3, 1, 7
                                        })
                                + issued.traditionalKeyPem());
        Path der = Files.write(directory.resolve("der"), issued.key().getEncoded());

        assertThat(Pem.privateKey(pkcs8)).isEqualTo(issued.key());
        assertThat(((ECPrivateKey) Pem.privateKey(sec1)).getS())
                .isEqualTo(((ECPrivateKey) issued.key()).getS());
        assertThat(Pem.privateKeyInDer(pkcs8)).isEqualTo(issued.key().getEncoded());
        assertThat(Pem.privateKeyInDer(sec1)).isEqualTo(issued.traditionalKey());
        assertThat(Pem.privateKeyInDer(der)).isEqualTo(issued.key().getEncoded());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    -----BEGIN ENCRYPTED PRIVATE KEY-----~AAAA~-----END ENCRYPTED PRIVATE KEY-----~ | is encrypted: decrypt it first
                    -----BEGIN RSA PRIVATE KEY-----~Proc-Type: 4,ENCRYPTED~DEK-Info: AES-128-CBC,00~~AAAA~-----END RSA PRIVATE KEY-----~ | is encrypted: decrypt it first
                    -----BEGIN PRIVATE KEY-----~AAAA | damaged
                    -----BEGIN CERTIFICATE-----~AAAA~-----END CERTIFICATE-----~ | holds no private key
                    nothing | holds no private key
                    """)
    void tellsWhatIsWrongWithAKey(String content, String why) throws IOException {
        Path file = Files.writeString(directory.resolve("key"), content.replace('~', '\n'));
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> Pem.privateKeyInDer(file))
                .withMessageContaining(why)
                .withMessageContaining(file.toString());
    }

    @Test
    void wantsExactlyOneCertificateForAGateway() throws IOException {
        Certificates.Issued ca = new Certificates().authority();
        Path two =
                Files.writeString(
                        directory.resolve("two"), ca.certificatePem() + ca.certificatePem());
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> Pem.certificateInDer(two))
                .withMessage(
                        "'%s' holds 2 certificates, and a gateway takes exactly one: leave only the"
                                + " one its server's chain ends in.",
                        two);
        assertThat(Pem.certificates(two)).hasSize(2);
        Path damaged =
                Files.writeString(
                        directory.resolve("x"),
                        Certificates.pem("CERTIFICATE", new byte[] {48, 1, 0}));
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> Pem.certificates(damaged))
                .withMessageContaining("is damaged");
    }

    @Test
    void longTablesArePrintedAsTheyCome() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        try (Table table = new Table(out, List.of(Column.of("A", "a"), Column.of("B", "b")))) {
            IntStream.range(0, 499)
                    .forEach(_ -> table.add(Json.object().put("a", "x").put("b", "y")));
            assertThat(bytes.size()).isZero();
            table.add(Json.object().put("a", "wide").put("b", "y"));
            assertThat(bytes.toString(StandardCharsets.UTF_8)).startsWith("A     B\nx     y\n");
            table.add(Json.object().put("a", "wider than all").put("b", "ÄÖ"));
            table.finish();
        }
        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .endsWith("wide  y\nwider than all  ÄÖ\n");
    }
}
