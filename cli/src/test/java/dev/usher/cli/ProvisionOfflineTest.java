package dev.usher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.keys.SoftHsm;
import dev.usher.server.UsherServer;
import dev.usher.server.config.UsherConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code usher factory provision-offline}: a factory with nothing but its own vault. */
class ProvisionOfflineTest {

    private static final Certificates CERTIFICATES = new Certificates();
    private static final String RANGE = "58A0CBFFFE800000-58A0CBFFFE800009";

    @TempDir private Path directory;

    /** Every file below, with its content. */
    private static Map<String, String> files(Path root) throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(root)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                files.put(
                        root.relativize(file).toString(),
                        Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1));
            }
        }
        return files;
    }

    private static void succeed(Cli cli, String command) {
        Cli.Run run = cli.run(command);
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
    }

    /** A server with the batch femto, for the twins of its vault. */
    private UsherServer server() {
        return UsherServer.start(
                directory.resolve("data"),
                UsherConfig.DEFAULT.onLoopback(),
                InstantSource.system());
    }

    private Cli clientOf(UsherServer server) {
        return Cli.alone(directory.resolve("data"))
                .with("USHER_URL", "https://localhost:" + server.webPort());
    }

    /** Brings the batch's key to the twin, makes the same gateways here and there, and compares. */
    private void compare(String twin) throws IOException {
        Path transportKey = directory.resolve("twin.pem");
        Path wrapped = directory.resolve("femto.wrapped");
        Path online = directory.resolve("online");
        Path offline = directory.resolve("offline");
        Cli factory = Cli.alone(directory.resolve("factory"));
        try (UsherServer server = server()) {
            Cli client = clientOf(server);
            succeed(client, "batches create femto --range 58A0CBFFFE800000/44");
            succeed(factory, "vault transport-key " + twin + " --out " + transportKey);
            succeed(client, "vault export femto --for " + transportKey + " --out " + wrapped);
            succeed(factory, "vault import femto " + twin + " --in " + wrapped);
            succeed(
                    client,
                    "factory provision --batch femto --range " + RANGE + " --out " + online);
            String order =
                    "factory provision-offline %s --key-label femto --trust %s --out %s"
                                    .formatted(twin, server.authorityCertificate(), offline)
                            + " --cups-uri https://localhost:"
                            + server.gatewayApiPort()
                            + " --range ";
            // In two goes, as if the first had been cut off.
            succeed(factory, order + "58A0CBFFFE800000-58A0CBFFFE800004");
            assertThat(factory.run(order + RANGE + " -o json").out())
                    .contains("\"provisioned\" : 5", "\"alreadyThere\" : 5");
        }
        assertThat(files(offline)).hasSize(61).isEqualTo(files(online));
    }

    @Test
    void writesWhatTheServerWouldHaveWritten() throws IOException {
        compare("--vault " + directory.resolve("factory").resolve("vault"));
    }

    @Test
    void writesTheSameFromAToken() throws Exception {
        SoftHsm.open(SoftHsm.ONE).close(); // without the keys of other tests
        Path pinFile = directory.resolve("pin");
        LocalFile.writeSecret(pinFile, SoftHsm.PIN.getBytes(StandardCharsets.US_ASCII));
        compare(
                "--library %s --token %s --pin-file %s"
                        .formatted(SoftHsm.library(), SoftHsm.ONE, pinFile));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    --key-label none --cups-uri https://h:9191 --trust CA --eui ::1           | There is no key 'none' in the vault
                    --key-label femto --cups-uri https://h --trust CA --eui ::1               | port
                    --key-label femto --cups-uri http://h:9191 --trust CA --eui ::1           | a gateway needs https here
                    --key-label femto --cups-uri https://h:9191 --trust KEY --eui ::1         | is nothing a gateway can trust
                    --key-label femto --cups-uri https://h:9191 --trust CA                    | Which gateways?
                    """)
    void refusesWhatNoGatewayCouldUse(String arguments, String sentence) throws IOException {
        Path vault = directory.resolve("factory").resolve("vault");
        Path ca = CERTIFICATES.authority().writeCertificate(directory.resolve("ca.pem"));
        Path notOne = Files.writeString(directory.resolve("key"), "no certificate");
        Path out = directory.resolve("out");
        Cli factory = Cli.alone(directory);
        succeed(factory, "vault create femto --vault " + vault);

        Cli.Run run =
                factory.run(
                        "factory provision-offline --vault %s --out %s %s"
                                .formatted(
                                        vault,
                                        out,
                                        arguments
                                                .replace("CA", ca.toString())
                                                .replace("KEY", notOne.toString())));

        assertThat(run.exitCode()).isNotZero();
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains(sentence);
        assertThat(out).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--range ::1-::4", "--eui ::1"})
    void mixesNoGatewaysOfTwoKeys(String gateways) throws IOException {
        Path vault = directory.resolve("factory").resolve("vault");
        Path ca = CERTIFICATES.authority().writeCertificate(directory.resolve("ca.pem"));
        Path out = directory.resolve("out");
        Cli factory = Cli.alone(directory);
        succeed(factory, "vault create one --vault " + vault);
        succeed(factory, "vault create two --vault " + vault);
        String order =
                "factory provision-offline --vault %s --out %s --cups-uri https://h:9191 --trust %s"
                        .formatted(vault, out, ca);
        succeed(factory, order + " --key-label one --range ::1-::2");
        Map<String, String> made = files(out);

        Cli.Run run = factory.run(order + " --key-label two " + gateways);

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("cups-boot.key' would have another key now");
        assertThat(files(out)).isEqualTo(made);
    }

    @Test
    void needsAVault() {
        Cli.Run run =
                Cli.alone(directory)
                        .run(
                                "factory provision-offline --key-label k --cups-uri https://h:1"
                                        + " --trust t --eui ::1 --out o");
        assertThat(run.err()).startsWith("usher: Which vault? Give --vault DIR");
        assertThat(run.exitCode()).isEqualTo(2);
    }
}
