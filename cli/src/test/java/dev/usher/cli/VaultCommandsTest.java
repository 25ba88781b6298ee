package dev.usher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.keys.TransportKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.interfaces.RSAPublicKey;
import java.util.Base64;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** {@code usher vault} on vaults of this machine: the twin ceremony, without a server. */
class VaultCommandsTest {

    @TempDir private Path directory;
    private static TransportKey somebodys;
    private Path factory;
    private Path twin;
    private Path transportKey;
    private Path wrapped;
    private Cli cli;

    /** A key of somebody's, as pairs for real twins take long to make. */
    @BeforeAll
    static void makeTransportKey() throws NoSuchAlgorithmException {
        KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
        rsa.initialize(2048);
        somebodys = new TransportKey((RSAPublicKey) rsa.generateKeyPair().getPublic());
    }

    @BeforeEach
    void name() throws IOException {
        factory = directory.resolve("factory").resolve("vault");
        twin = directory.resolve("twin").resolve("vault");
        transportKey = directory.resolve("twin.pem");
        wrapped = directory.resolve("femto.wrapped");
        cli = Cli.alone(directory);
        Files.writeString(transportKey, somebodys.pem());
    }

    private JsonNode run(String command, Path vault) {
        Cli.Run run = cli.run("vault " + command + " --vault " + vault + " -o json");
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        return Json.MAPPER.readTree(run.out());
    }

    private String refused(String command, Path vault) {
        Cli.Run run = cli.run("vault " + command + " --vault " + vault);
        assertThat(run.exitCode()).isNotZero();
        assertThat(run.out()).isEmpty();
        return run.err();
    }

    @Test
    void aKeyGetsToATwinUnderTheSameCheckValue() throws IOException {
        String made = Json.text(run("create femto", factory), "checkValue");
        JsonNode shown = run("transport-key --out " + transportKey, twin);
        String fingerprint = Json.text(shown, "fingerprint");

        JsonNode exported =
                run(
                        "export femto --for "
                                + transportKey
                                + " --fingerprint "
                                + fingerprint
                                + " --out "
                                + wrapped,
                        factory);
        JsonNode imported = run("import femto --in " + wrapped, twin);

        assertThat(made).hasSize(16);
        assertThat(exported)
                .isEqualTo(
                        Json.object()
                                .put("label", "femto")
                                .put("checkValue", made)
                                .put("fingerprint", fingerprint)
                                .put("wrappedKey", wrapped.toString()));
        assertThat(imported).isEqualTo(Json.object().put("label", "femto").put("checkValue", made));
        assertThat(run("show", twin).at("/checkValues/femto").stringValue()).isEqualTo(made);
        assertThat(Files.readString(wrapped)).matches("[A-Za-z0-9+/]{567}=\n");
    }

    @Test
    void aWrappingKeyGetsToATwinUnderTheSameCheckValue() {
        String made = Json.text(run("create femto --wrapping", factory), "checkValue");
        run("transport-key --out " + transportKey, twin);

        run("export femto --wrapping --for " + transportKey + " --out " + wrapped, factory);
        JsonNode imported = run("import femto --wrapping --in " + wrapped, twin);
        // A wrapped KEK looks the same; its file may be as it is, without base64.
        run("import 1.line-1 --transport-kek --in " + decoded(wrapped), twin);

        assertThat(imported).isEqualTo(Json.object().put("label", "femto").put("checkValue", made));
        JsonNode shown = run("show", twin);
        assertThat(shown.at("/wrappingKeys/femto").stringValue()).isEqualTo(made);
        assertThat(shown.at("/transportKeks/0").stringValue()).isEqualTo("1.line-1");
        assertThat(shown.at("/labels").isEmpty()).isTrue();
        assertThat(refused("import femto --in " + wrapped, twin))
                .contains("the bytes hold a wrapping key, not a root key");

        run("delete 1.line-1 --transport-kek", twin);
        run("forbid-export femto --wrapping", twin);
        run("delete femto --wrapping", twin);
        assertThat(run("show", twin).at("/wrappingKeys").isEmpty()).isTrue();
    }

    private Path decoded(Path base64) {
        try {
            byte[] bytes = Base64.getDecoder().decode(Files.readString(base64).strip());
            return Files.write(directory.resolve("decoded"), bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void exportsForNobodyElseThanWasReadOut() {
        run("create femto", factory);

        assertThat(
                        refused(
                                "export femto --fingerprint 00ff --for "
                                        + transportKey
                                        + " --out "
                                        + wrapped,
                                factory))
                .contains("another than was read out");
        assertThat(wrapped).doesNotExist();
    }

    @Test
    void takesAFingerprintAsPeopleTypeIt() {
        run("create femto", factory);
        String typed =
                somebodys
                        .fingerprint()
                        .toUpperCase(java.util.Locale.ROOT)
                        .replaceAll("(....)(?!$)", "$1:");

        JsonNode exported =
                run("export femto --for " + transportKey + " --fingerprint " + typed, factory);
        assertThat(exported.has("wrappedKey")).isTrue();
    }

    @Test
    void aKeyWhoseExportWasForbiddenStays() {
        run("create femto", factory);
        run("forbid-export femto", factory);

        assertThat(refused("export femto --for " + transportKey, factory))
                .isEqualTo("usher: export of key 'femto' was forbidden for good.\n");
    }

    @Test
    void deletesAKeyThatWasNotTheOneMeant() {
        run("create femto", factory);
        run("delete femto", factory);

        assertThat(refused("delete femto", factory)).contains("there is no key 'femto'");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    create UPPER                | is not a key label
                    create femto                | key 'femto' exists already
                    import femto --in GARBAGE   | is no wrapped key
                    import other --in NOTHING   | there is no such file
                    import other --in SHORT     | 3 bytes are not a wrapped key
                    export femto --for GARBAGE  | is no transport key
                    export none --for TWIN      | key 'none'
                    forbid-export none          | key 'none'
                    """)
    void saysWhatIsWrong(String command, String sentence) throws IOException {
        run("create femto", factory);
        Path garbage = Files.writeString(directory.resolve("garbage"), "ä is no base64");
        Path tooShort = Files.write(directory.resolve("short"), new byte[] {1, 2, 3});

        assertThat(
                        refused(
                                command.replace("GARBAGE", garbage.toString())
                                        .replace("SHORT", tooShort.toString())
                                        .replace("NOTHING", wrapped.toString())
                                        .replace("TWIN", transportKey.toString()),
                                factory))
                .contains(sentence);
    }

    @Test
    void makesNoVaultWhereOneWasExpected() {
        assertThat(refused("show", factory)).contains("There is no vault in '" + factory + "'");
        assertThat(refused("delete femto", factory)).contains("There is no vault in");
        assertThat(factory).doesNotExist();
    }

    @Test
    void takesNoDataDirectoryForAVault() {
        run("create femto", factory);

        assertThat(refused("create femto", directory.resolve("factory")))
                .contains("is a server's data directory: give --vault " + factory);
    }

    @Test
    void isNotOpenedByAnotherMasterKey() {
        run("create femto", factory);
        run("create femto", twin);

        assertThat(refused("show --master-key-file " + twin.resolveSibling("master.key"), factory))
                .contains("does not open the vault in");
    }

    @Test
    void knowsWhichTokenAndWhichVault() {
        assertThat(cli.run("vault show --library /nowhere.so").err())
                .isEqualTo("usher: Which token of /nowhere.so? Give --token LABEL.\n");
        assertThat(cli.run("vault show --library /nowhere.so --vault " + factory).exitCode())
                .isEqualTo(2);
        assertThat(cli.run("vault show --library /nowhere.so --token t").err())
                .contains("/nowhere.so");
    }
}
