package dev.usher.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.usher.lorawan.Eui64;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.KDFCounterBytesGenerator;
import org.bouncycastle.crypto.macs.HMac;
import org.bouncycastle.crypto.params.KDFCounterParameters;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GatewayKeysTest {

    private static final KeyLabel BATCH = new KeyLabel("batch-7");
    private static final Eui64 EUI = Eui64.parse("58A0CBFFFE800BE7");
    private static final Path DOCUMENT = Path.of("..", "docs", "key-derivation.md");
    private static final Pattern ROW =
            Pattern.compile(
                    "(?m)^\\| `([0-9a-f]{64})` \\| `([0-9A-F]{16})` \\| ([0-9]+) \\|"
                            + " `([0-9a-f]{64})` \\| `([\\w-]{43})` \\| `([\\w-]{11})` \\|$");

    @TempDir Path home;
    private Vault vault;
    private GatewayKeys keys;

    @BeforeEach
    void openVault() {
        vault = FileVault.open(home.resolve("vault"), MasterKey.file(home.resolve("master.key")));
        keys = new GatewayKeys(vault);
    }

    private record Vector(
            byte[] root, Eui64 eui, int generation, String master, String token, String pin) {}

    private static List<Vector> publishedVectors() throws IOException {
        return ROW.matcher(Files.readString(DOCUMENT))
                .results()
                .map(
                        row ->
                                new Vector(
                                        HexFormat.of().parseHex(row.group(1)),
                                        Eui64.parse(row.group(2)),
                                        Integer.parseInt(row.group(3)),
                                        row.group(4),
                                        row.group(5),
                                        row.group(6)))
                .toList();
    }

    @Test
    void derivesThePublishedVectors() throws IOException {
        assertThat(publishedVectors()).hasSize(8);
        for (Vector vector : publishedVectors()) {
            RootKeys.put(vault, BATCH, vector.root());
            byte[] master = keys.masterKey(BATCH, vector.eui(), vector.generation());
            GatewaySecrets secrets = keys.derive(BATCH, vector.eui(), vector.generation());
            vault.delete(BATCH);

            assertThat(HexFormat.of().formatHex(master)).isEqualTo(vector.master());
            assertThat(secrets.token()).isEqualTo(vector.token());
            assertThat(secrets.pin().text()).isEqualTo(vector.pin());
        }
    }

    @Test
    void agreesWithAnotherCounterModeKdf() {
        Random random = new Random(7);
        byte[] root = new byte[32];
        for (int i = 0; i < 20; i++) {
            random.nextBytes(root);
            Eui64 eui = new Eui64(random.nextLong());
            int generation = random.nextInt(Integer.MAX_VALUE);
            byte[] context =
                    ByteBuffer.allocate(12).putLong(eui.value()).putInt(generation).array();
            byte[] master = bouncyCastleKdf(root, "usher/v1/gateway-master", context);
            byte[] token = bouncyCastleKdf(master, "usher/v1/cups-token");

            RootKeys.put(vault, BATCH, root);
            GatewaySecrets secrets = keys.derive(BATCH, eui, generation);
            vault.delete(BATCH);

            assertThat(Base64.getUrlDecoder().decode(secrets.token())).isEqualTo(token);
            assertThat(secrets.pin())
                    .isEqualTo(
                            ClaimPin.draw(
                                    round ->
                                            bouncyCastleKdf(
                                                    master, "usher/v1/claim-pin", (byte) round)));
        }
    }

    /** SP 800-108 with a 32-bit counter before label, 00, context and a length of 256 bits. */
    private static byte[] bouncyCastleKdf(byte[] key, String label, byte... context) {
        byte[] name = label.getBytes(StandardCharsets.US_ASCII);
        byte[] fixedInput =
                ByteBuffer.allocate(name.length + 1 + context.length + 4)
                        .put(name)
                        .put((byte) 0)
                        .put(context)
                        .putInt(256)
                        .array();
        KDFCounterBytesGenerator kdf = new KDFCounterBytesGenerator(new HMac(new SHA256Digest()));
        kdf.init(new KDFCounterParameters(key, fixedInput, 32));
        byte[] derived = new byte[32];
        kdf.generateBytes(derived, 0, derived.length);
        return derived;
    }

    @Test
    void givesEveryGatewayAndGenerationSecretsOfItsOwn() {
        vault.create(BATCH);
        vault.create(new KeyLabel("batch-8"));
        List<GatewaySecrets> all =
                List.of(
                        keys.derive(BATCH, EUI, 0),
                        keys.derive(BATCH, EUI, 1),
                        keys.derive(BATCH, new Eui64(EUI.value() + 1), 0),
                        keys.derive(new KeyLabel("batch-8"), EUI, 0));
        assertThat(all).extracting(GatewaySecrets::token).doesNotHaveDuplicates();
        assertThat(all).extracting(secrets -> secrets.pin().text()).doesNotHaveDuplicates();
        assertThat(keys.derive(BATCH, EUI, 0)).isEqualTo(all.getFirst());
    }

    @Test
    void knowsItsToken() {
        vault.create(BATCH);
        GatewaySecrets secrets = keys.derive(BATCH, EUI, 0);
        assertThat(secrets.token()).matches("[A-Za-z0-9_-]{43}");
        assertThat(secrets.hasToken(secrets.token())).isTrue();
        assertThat(secrets.hasToken(keys.derive(BATCH, EUI, 1).token())).isFalse();
        assertThat(secrets.hasToken("")).isFalse();
    }

    @Test
    void showsNoSecrets() {
        vault.create(BATCH);
        assertThat(keys.derive(BATCH, EUI, 0)).hasToString("GatewaySecrets[hidden]");
    }

    @Test
    void refusesAnUnknownKeyAndANegativeGeneration() {
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(() -> keys.derive(BATCH, EUI, 0))
                .withMessageContaining("there is no key 'batch-7'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> keys.derive(BATCH, EUI, -1))
                .withMessage("generation -1 is below 0");
    }
}
