package dev.usher.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.cli.TestServer.Answer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever goes wrong is one sentence on stderr that says what to do, and an exit code. */
class ErrorSentencesTest {

    private static final Certificates CERTIFICATES = new Certificates();
    private static TestServer server;

    @TempDir private Path directory;
    private Cli cli;

    @BeforeAll
    static void start() {
        server = new TestServer(CERTIFICATES);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void connect() throws IOException {
        cli = Cli.of(server, CERTIFICATES, directory);
    }

    private void assertFails(String command, int exitCode, String sentence) {
        Cli.Run run = cli.run(command);
        assertThat(run.err()).isEqualTo("usher: " + sentence + "\n");
        assertThat(run.out()).isEmpty();
        assertThat(run.exitCode()).isEqualTo(exitCode);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            nullValues = "-",
            textBlock =
                    """
                    401 | send 'Authorization: Bearer KEY' with a valid API key | URL does not accept this API key: give a valid one with --api-key or USHER_API_KEY (it says: send 'Authorization: Bearer KEY' with a valid API key).
                    403 | only an administrator may do this | Not allowed by URL (it says: only an administrator may do this).
                    404 | there is no batch 'x' | there is no batch 'x'.
                    404 | - | URL does not know this request: check the port in --url.
                    409 | 12 gateways of batch 'x' are claimed: release them first. | 12 gateways of batch 'x' are claimed: release them first.
                    400 | the range is\u001b[2J wrong | the range is?[2J wrong.
                    413 | - | URL takes no requests of this size: send less at a time, or have its operator allow more (Usher: owner-api.max-body-bytes).
                    418 | - | URL answered with status 418: check --url.
                    500 | - | URL failed with status 500: its log says why.
                    503 | the database cannot be reached | URL cannot answer now: run the command again in a moment (it says: the database cannot be reached).
                    302 | - | URL answered with status 302: check --url.
                    """)
    void tellsWhatTheServerSays(int status, String detail, String sentence) {
        server.on(
                "GET /api/v1/batches/x",
                _ ->
                        detail == null
                                ? new Answer(status, "text/html", "<html>no</html>")
                                : Answer.problem(status, detail));
        assertFails("batches get x", 1, sentence.replace("URL", server.url()));
    }

    @Test
    void namesAProblemAsTheDocumentationDoes() {
        server.on(
                "GET /api/v1/batches/x",
                _ ->
                        new Answer(
                                403,
                                "application/problem+json",
                                """
                                {"type": "urn:usher:problem:code-mismatch",
                                 "title": "Claim authentication code mismatch",
                                 "detail": "the code does not fit gateway 58A0CBFFFE800BE7"}
                                """));
        assertFails(
                "batches get x",
                1,
                "Claim authentication code mismatch: the code does not fit gateway"
                        + " 58A0CBFFFE800BE7.");
    }

    @Test
    void tellsThatAnAnswerIsNotJson() {
        server.on("GET /api/v1/batches/x", _ -> new Answer(200, "text/html", "<html>hello</html>"));
        assertFails(
                "batches get x",
                1,
                server.url() + " answered something that is not JSON: check the port in --url.");
    }

    @Test
    void tellsThatNothingListens() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        assertFails(
                "batches list --url https://localhost:" + port,
                1,
                "Nothing listens on https://localhost:"
                        + port
                        + ": start the server with 'usher serve', or give another --url.");
    }

    @Test
    void tellsThatThereIsNoSuchHost() {
        assertFails(
                "batches list --url https://nohost.invalid:8885",
                1,
                "There is no host named 'nohost.invalid': check --url.");
    }

    @Test
    void tellsThatTheServerIsSilent() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            String url = "https://localhost:" + silent.getLocalPort();
            assertFails(
                    "batches list --timeout 1 --url " + url,
                    1,
                    url
                            + " did not answer within 1 s: check --url and the network, or allow"
                            + " more time with --timeout.");
        }
    }

    @Test
    void tellsThatThereIsNoRoomForTheResult() {
        OutputStream full =
                new OutputStream() {
                    @Override
                    public void write(int octet) throws IOException {
                        throw new IOException("No space left on device");
                    }
                };
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int exitCode =
                Usher.run(
                        new Terminal(
                                InputStream.nullInputStream(),
                                new PrintStream(full, false, UTF_8),
                                new PrintStream(err, false, UTF_8),
                                Set.of(),
                                Map.of()),
                        "completion",
                        "bash");
        assertThat(exitCode).isEqualTo(1);
        assertThat(err.toString(UTF_8))
                .isEqualTo(
                        "usher: Not all of the result could be written to stdout: see that there is"
                                + " room for it, and run the command again.\n");
    }

    @Test
    void tellsThatALargeRequestWasCutOff() throws Exception {
        Path firmware = Files.write(directory.resolve("update.bin"), new byte[16 << 20]);
        try (ServerSocket busy = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread hangingUp =
                    Thread.startVirtualThread(
                            () -> {
                                try (Socket connection = busy.accept()) {
                                    connection.getInputStream().readNBytes(5);
                                    connection.setSoLinger(true, 0);
                                } catch (IOException _) {
                                    // The client hangs up, as it should.
                                }
                            });
            String url = "https://localhost:" + busy.getLocalPort();
            Cli.Run run = cli.run("owner firmware add " + firmware + " --version 1 --url " + url);
            assertThat(run.err())
                    .startsWith("usher: " + url + " broke the connection off while 22")
                    .contains("bytes were sent to it", "owner-api.max-body-bytes")
                    .contains("send less at a time");
            hangingUp.join();
        }
    }

    @Test
    void tellsThatTheServerSpeaksNoTls() throws Exception {
        try (ServerSocket plain = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread answering =
                    Thread.startVirtualThread(
                            () -> {
                                try (var connection = plain.accept()) {
                                    // What it takes for a request ends with the first line.
                                    connection.getInputStream().readNBytes(5);
                                    connection
                                            .getOutputStream()
                                            .write(
                                                    "HTTP/1.1 400 Bad Request\r\n\r\n"
                                                            .getBytes(US_ASCII));
                                    connection.shutdownOutput();
                                    connection.getInputStream().readAllBytes();
                                } catch (IOException _) {
                                    // The client hangs up, as it should.
                                }
                            });
            String url = "https://localhost:" + plain.getLocalPort();
            assertFails(
                    "batches list --url " + url,
                    1,
                    url + " does not speak TLS: check the port in --url.");
            answering.join();
        }
    }

    @Test
    void tellsThatTheCertificateIsFromAnotherCa() throws IOException {
        Path other =
                new Certificates().authority().writeCertificate(directory.resolve("other.pem"));
        assertFails(
                "batches list --ca " + other,
                1,
                "The certificate of "
                        + server.url()
                        + " does not come from "
                        + other
                        + ": give its CA with --ca FILE (a server of yours offers it at /ca.pem,"
                        + " and has it as ca.pem in its data directory).");
    }

    @Test
    void tellsThatTheCertificateIsForAnotherName() {
        try (TestServer misnamed =
                new TestServer(CERTIFICATES, CERTIFICATES.issue("usher.example.com"), false)) {
            assertFails(
                    "batches list --url " + misnamed.url(),
                    1,
                    "The certificate of "
                            + misnamed.url()
                            + " is for another name: use the name it was made for in --url (the"
                            + " server's USHER_HOSTNAME).");
        }
    }

    @Test
    void tellsThatTheCertificateHasExpired() {
        try (TestServer old =
                new TestServer(CERTIFICATES, CERTIFICATES.issueExpired("localhost"), false)) {
            assertFails(
                    "batches list --url " + old.url(),
                    1,
                    "The certificate of "
                            + old.url()
                            + " has expired: its server needs a new one.");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    batches list --api-key @nofile           | 1 | Cannot read 'nofile': there is no such file.
                    batches list --ca nofile                 | 1 | Cannot read 'nofile': there is no such file.
                    batches list --ca EMPTY                  | 1 | 'EMPTY' holds no certificate: give a file with -----BEGIN CERTIFICATE-----.
                    batches list --api-key @EMPTY            | 1 | The API key is empty or has characters no key has: give it as it was shown, or as @FILE.
                    batches list --url http://localhost:8885 | 2 | 'http://localhost:8885' is not the address of a server: write it like https://usher.example.com:8885.
                    batches list --url localhost:8885        | 2 | 'localhost:8885' is not the address of a server: write it like https://usher.example.com:8885.
                    batches list --timeout 0                 | 2 | --timeout is 0: use 1 second or more.
                    owner list --ownerid x:y                 | 2 | --ownerid: 'x:y' is not an EUI: write 16 hex digits, 8 octets with - or :, a 12-digit MAC, or ID6 such as 0:ff:fe00:abc.
                    owner list --cert a                      | 2 | --cert and --key belong together: give both.
                    owner list --cert EMPTY --key EMPTY      | 1 | 'EMPTY' holds no certificate: give a file with -----BEGIN CERTIFICATE-----.
                    owner claim ::1                          | 2 | Give the PIN on the label of 0000000000000001 after it.
                    owner claim --file nofile                | 1 | Cannot read 'nofile': there is no such file.
                    owner setup ::1                          | 2 | There is nothing to set: give --lns-uri, --cups-uri or others.
                    owner setup ::1 --lns-trust nofile       | 1 | Cannot read 'nofile': there is no such file.
                    owner setup ::1 --lns-trust EMPTY        | 1 | 'EMPTY' holds no certificate: give a file with -----BEGIN CERTIFICATE-----.
                    owner setup ::1 --lns-key EMPTY          | 1 | 'EMPTY' holds no private key: give a file with -----BEGIN PRIVATE KEY-----.
                    owner setup ::1 --lns-token @EMPTY       | 1 | --lns-token: the token is empty, or has characters that cannot stand in one header line.
                    owner setup ::1 --lns-token a --lns-key b | 2 | Give --lns-key or --lns-token, not both.
                    owner release ::1 --file x               | 2 | Name gateways or give --file, not both.
                    owner add ::1                            | 2 | Give the token of 0000000000000001 with --token.
                    owner firmware add nofile --version 1    | 1 | Cannot read 'nofile': there is no such file.
                    """)
    void tellsWhatIsWrongHere(String command, int exitCode, String sentence) throws IOException {
        String empty = Files.writeString(directory.resolve("empty"), "").toString();
        assertFails(command.replace("EMPTY", empty), exitCode, sentence.replace("EMPTY", empty));
    }

    @Test
    void tellsThatTheOwnerIsMissing() {
        cli.without("USHER_OWNERID");
        assertFails("owner list", 2, "Which owner? Give --ownerid ID, or set USHER_OWNERID.");
    }

    @Test
    void tellsThatTheFormatInTheEnvironmentIsNone() {
        cli.with("USHER_OUTPUT", "xml");
        server.on("GET /api/v1/batches/x", "{}");
        assertFails(
                "batches get x",
                2,
                "USHER_OUTPUT: 'xml' is not a format: use json, table, yaml or template.");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    batchs                     | 'usher' has no command 'batchs'. Did you mean 'batch'? Try 'usher --help'.
                    gatways list               | 'usher' has no command 'gatways'. Did you mean 'gateways'? Try 'usher --help'.
                    owner clam                 | 'usher owner' has no command 'clam'. Did you mean 'claim'? Try 'usher owner --help'.
                    batches get a b            | 'usher batches get' has no place for 'b'. Try 'usher batches get --help'.
                    batches list --limt        | 'usher batches list' has no option '--limt'. Try 'usher batches list --help'.
                    batches get                | Missing required parameter: 'NAME'. Try 'usher batches get --help'.
                    batches create x           | Missing required option: '--range=RANGE'. Try 'usher batches create --help'.
                    batches create x --range y | Invalid value for option '--range': 'y' is not an EUI range: write a prefix such as 58A0CBFFFE800000/40, or START-END. Try 'usher batches create --help'.
                    batches list -o xml        | Invalid value for option '--output': 'xml' is not a format: use json, table, yaml or template. Try 'usher batches list --help'.
                    owner release zz           | 'zz' is not an EUI: write 16 hex digits, 8 octets with - or :, a 12-digit MAC, or ID6 such as 0:ff:fe00:abc.
                    owner firmware delete 1x   | Invalid value for positional parameter at index 0 (FWCRC): '1x' is not a CRC-32: write a number of 32 bits, such as 3735928559 or 0xDEADBEEF. Try 'usher owner firmware delete --help'.
                    help batches lst           | 'usher batches' has no command 'lst'.
                    """)
    void tellsWhatIsWrongWithACommandLine(String command, String sentence) {
        assertFails(command, 2, sentence);
    }

    @Test
    void neverRepeatsASecretOrShowsWhereItFailedUnlessAsked() {
        server.on("GET /api/v1/batches/x", _ -> Answer.problem(500, "no"));
        Cli.Run run = cli.run("batches get x --api-key hidden-key --debug");
        assertThat(run.err()).contains("\tat dev.usher.cli").doesNotContain("hidden-key");
        assertThat(cli.run("batches get x").err()).doesNotContain("\tat ");
        assertThat(cli.run("owner claim ::1 hidden-pin --nonsense").err())
                .doesNotContain("hidden-pin");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "batches", "owners certificate", "owner", "factory"})
    void showsWhatThereIsWhenNoCommandIsGiven(String group) {
        Cli.Run run = group.isEmpty() ? cli.run(new String[0]) : cli.run(group);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).startsWith("Usage: usher").contains("Commands:");
    }
}
