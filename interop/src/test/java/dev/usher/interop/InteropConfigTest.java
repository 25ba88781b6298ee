package dev.usher.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.usher.backend.ProtocolVersion;
import dev.usher.interop.ConfigReader.Entry;
import dev.usher.interop.ConfigReader.Reading;
import dev.usher.interop.ConfigReader.Requester;
import dev.usher.interop.InteropConfig.Route;
import dev.usher.interop.JoinServerConfig.Address;
import dev.usher.interop.JoinServerConfig.Lookup;
import dev.usher.interop.JoinServerConfig.Paths;
import dev.usher.interop.JoinServerConfig.Scheme;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.NetId;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class InteropConfigTest {

    /** As people have it for The Things Stack. */
    private static final String CONFIG =
            """
            join-servers:
              - file: "./path/js.yml" # relative path to a file containing Join Server configuration
                components: ["as", "ns"] # optional selector for components (new in 3.21.0)
                join-euis: # list of Join EUI prefixes the Join Server should handle
                  - "11AA000000000000/16" # all JoinEUIs starting with 11AA
              - file: './tti/js.yml'
                join-euis:
                  - '70B3D57ED0000000/64'
                  - 'EC656E0000000000/56'
              - file: './semtech/js.yml'
                join-euis:
                  - '0016C00000000000/24'
              - file: "./fallback/js.yml"
                components: [ns]
                join-euis:
                  - "0000000000000000/0"
            """;

    private static final String WHOLE =
            """
            scheme: "https" # URL scheme. Defaults to https
            fqdn: "thethings.example" # FQDN of the Join Server
            port: 443 # port to connect at. Defaults to 443
            protocol: "BI1.0" # Backend Interfaces protocol to use (BI1.0 or BI1.1)
            paths: # custom URI paths to use for various requests. Defaults to /
              join: "some/path" # the URI path to use for JoinReq
              rejoin: "some/other/path" # the URI path to use for RejoinReq
              app-s-key: "other/path" # the URI path to use for AppSKeyReq
              home-ns: "somepath" # the URI path to use for HomeNSReq
            sender-ns-id: "1122334455667788" # Backend Interfaces 1.1 NSID (overrides ns.interop.id)
            basic-auth: # HTTP Basic Authentication (optional)
              username: "user" # HTTP Basic username
              password: "secret" # HTTP Basic password
            tls: # TLS configuration to use (optional)
              source: "file" # TLS client certificate source (file or key-vault)
              root-ca: "path/to/clientca.pem" # CA file to verify TLS server certificate (optional)
              certificate: "path/to/clientcert.pem" # path to TLS client certificate
              key: "path/to/clientkey.pem" # path to TLS client key
            headers: # HTTP headers to send, defined as key-value map
              Some-Header: "SomeValue"
            """;

    private static final String TTI =
            """
            fqdn: "js.cloud.thethings.industries"
            protocol: "BI1.1"
            tls:
              source: "key-vault"
            """;

    private static final String SEMTECH =
            """
            fqdn: "js.loracloud.com"
            port: 7009
            protocol: "BI1.0"
            paths:
              join: "api/v1/rens/rens-1::2/lbi_joinreq" # replace 'rens-1::1' by the RENS issued
            tls:
              source: "file"
              root-ca: "./ca.pem" # path to the CA issued by Semtech
              certificate: "./cert.pem" # path to the TLS client certificate issued by Semtech
              key: "./key.pem" # path to the TLS client key issued by Semtech
            """;

    private static Certificates certificates;
    private static Certificates.Issued client;
    private static Certificates.Issued rsaClient;
    private static Certificates.Issued expired;

    @TempDir private Path directory;
    private Setting setting;

    @BeforeAll
    static void makeCertificates() {
        certificates = new Certificates();
        client = certificates.issue("ns.example");
        rsaClient = certificates.issueRsa("ns.example");
        expired = certificates.issueExpired("ns.example");
    }

    @BeforeEach
    void writeCertificates() {
        setting = new Setting(directory);
        for (String at : List.of("", "semtech/", "path/path/to/")) {
            String name = at.endsWith("to/") ? at + "client" : at;
            setting.write(name + "ca.pem", certificates.authority().certificatePem())
                    .write(name + "cert.pem", client.certificatePem())
                    .write(name + "key.pem", client.keyPem());
        }
    }

    private Reading read(Optional<Requester> requester) {
        return ConfigReader.read(directory, requester, InstantSource.system());
    }

    @Test
    void readsAConfigurationOfTheThingsStackUnchanged() {
        setting.write("config.yml", CONFIG)
                .write("path/js.yml", WHOLE)
                .write("tti/js.yml", TTI)
                .write("semtech/js.yml", SEMTECH)
                .write("fallback/js.yml", "{fqdn: js.operator.example, protocol: BI1.1}");

        Reading reading =
                read(
                        Optional.of(
                                new Requester(
                                        Setting.SENDER, _ -> Optional.of(client.identity()))));

        assertThat(reading.problems())
                .extracting(ConfigProblem::toString)
                .containsExactly(
                        directory.resolve("path/js.yml")
                                + ":10: warning: 'sender-ns-id' is for protocol BI1.1, and it is"
                                + " BI1.0: it is not sent.");
        assertThat(reading.entries())
                .extracting(Entry::components)
                .containsExactly(
                        Set.of(Component.values()),
                        Set.of(Component.values()),
                        Set.of(Component.values()),
                        Set.of(Component.NETWORK_SERVER));
        assertThat(reading.entries().get(1).prefixes())
                .containsExactly(
                        new JoinEuiPrefix(Eui64.parse("70B3D57ED0000000"), 64),
                        new JoinEuiPrefix(Eui64.parse("EC656E0000000000"), 56));

        JoinServerConfig whole = reading.entries().get(0).joinServer();
        assertThat(whole)
                .isEqualTo(
                        new JoinServerConfig(
                                Path.of("path/js.yml"),
                                Scheme.HTTPS,
                                new Address.Fixed("thethings.example"),
                                443,
                                ProtocolVersion.V1_0,
                                new Paths("some/path", "some/other/path", "other/path", "somepath"),
                                Optional.of(Eui64.parse("1122334455667788")),
                                Map.of(
                                        "Some-Header",
                                        "SomeValue",
                                        "Authorization",
                                        "Basic dXNlcjpzZWNyZXQ="),
                                List.of(certificates.authority().certificate()),
                                Optional.of(client.identity())));
        assertThat(reading.entries().get(1).joinServer().identity()).contains(client.identity());
        JoinServerConfig semtech = reading.entries().get(2).joinServer();
        assertThat(semtech.uri("js.loracloud.com", 7009, semtech.paths().join()))
                .hasToString("https://js.loracloud.com:7009/api/v1/rens/rens-1::2/lbi_joinreq");
        assertThat(semtech.uri("js.loracloud.com", 7009, semtech.paths().homeNs()))
                .hasToString("https://js.loracloud.com:7009");
    }

    @Test
    void hasDefaults() {
        setting.writeOne("{fqdn: js.example, protocol: BI1.0}");

        assertThat(read(Optional.empty()).entries())
                .containsExactly(
                        new Entry(
                                new JoinServerConfig(
                                        Path.of("js.yml"),
                                        Scheme.HTTPS,
                                        new Address.Fixed("js.example"),
                                        443,
                                        ProtocolVersion.V1_0,
                                        Paths.NONE,
                                        Optional.empty(),
                                        Map.of(),
                                        List.of(),
                                        Optional.empty()),
                                Set.of(Component.values()),
                                List.of(new JoinEuiPrefix(new Eui64(0), 0))));
    }

    @Test
    void takesSectionsWithNothingInThemForNone() {
        setting.writeOne(
                """
                fqdn: js.example
                protocol: BI1.0
                paths:
                headers:
                #  Some-Header: x
                tls:
                """);
        assertThat(InteropConfig.check(directory)).isEmpty();
    }

    @Test
    void readsTheMainFileUnderAnyName() {
        setting.write(
                        "servers.yml",
                        "join-servers: [{file: js.yml, join-euis: [0000000000000000/0]}]")
                .write("js.yml", "{fqdn: js.example, protocol: BI1.0}");
        assertThat(InteropConfig.check(directory.resolve("servers.yml"))).isEmpty();
    }

    @Test
    void looksUpInDnsWhenItIsToldTo() {
        setting.writeOne("{protocol: BI1.0, dns: {}}");
        assertThat(read(Optional.empty()).entries().getFirst().joinServer().address())
                .isEqualTo(new Address.InDns(Lookup.HOST, "joineuis.lora-alliance.org", List.of()));
        setting.writeOne(
                "{protocol: BI1.0, dns: {lookup: naptr, suffix: x.example, servers:"
                        + " [192.0.2.1:54]}}");
        assertThat(read(Optional.empty()).entries().getFirst().joinServer().address())
                .isEqualTo(new Address.InDns(Lookup.NAPTR, "x.example", List.of("192.0.2.1:54")));
    }

    @Test
    void tellsTheRouteOfAJoinEui() {
        setting.write("config.yml", CONFIG)
                .write("path/js.yml", WHOLE)
                .write("tti/js.yml", TTI)
                .write("semtech/js.yml", SEMTECH)
                .write("fallback/js.yml", "{fqdn: js.operator.example, protocol: BI1.0}");
        InteropConfig config = InteropConfig.read(directory);

        assertThat(config.route(Component.NETWORK_SERVER, Eui64.parse("0016C00000000001")))
                .containsExactly(
                        new Route(
                                JoinEuiPrefix.parse("0016C00000000000/24"),
                                "https://js.loracloud.com:7009",
                                ProtocolVersion.V1_0,
                                Optional.empty(),
                                Path.of("semtech/js.yml")));
        Eui64 other = Eui64.parse("1234567812345678");
        assertThat(config.route(Component.NETWORK_SERVER, other))
                .extracting(Route::joinServer)
                .containsExactly("https://js.operator.example:443");
        assertThat(config.route(Component.APPLICATION_SERVER, other)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"pkcs1", "pkcs8"})
    void readsPrivateKeysInTheirForms(String form) {
        setting.write("cert.pem", rsaClient.certificatePem())
                .write("key.pem", form.equals("pkcs1") ? rsaClient.pkcs1Pem() : rsaClient.keyPem())
                .writeOne(
                        "{fqdn: js.example, protocol: BI1.0, tls: {certificate: cert.pem, key:"
                                + " key.pem}}");
        assertThat(read(Optional.empty()).entries().getFirst().joinServer().identity())
                .contains(rsaClient.identity());
    }

    static Stream<Arguments> badMainFiles() {
        return Stream.of(
                bad(
                        "",
                        "config.yml:1: 'join-servers' is missing: list the Join Servers in it,"
                                + " each with its file."),
                bad("[]", "config.yml:1: there must be 'key: value' lines here."),
                bad("join-servers: 1", "config.yml:1: 'join-servers' must be a list: [a, b, …]."),
                bad(
                        """
                        join-servers:
                        - x
                        """,
                        "config.yml:2: there must be 'key: value' lines here."),
                bad(
                        """
                        join-servers: []
                        join-server: []
                        """,
                        "config.yml:2: unknown key 'join-server': did you mean 'join-servers'?"),
                bad(
                        """
                        join-servers: []
                        join-servers: []
                        """,
                        "config.yml:2: 'join-servers' is given twice, first in line 1."),
                bad(
                        """
                        join-servers: []
                        ---
                        {}
                        """,
                        "config.yml:3: a second document begins here, and one is all there can"
                                + " be."),
                bad(
                        """
                        join-servers:
                        - fiel: js.yml
                          join-euis: [0000000000000000/0]
                        """,
                        "config.yml:2: unknown key 'fiel': did you mean 'file'?",
                        "config.yml:2: 'file' is missing: name the file that says how"
                                + " the Join Server is asked."),
                bad(
                        """
                        join-servers:
                        - file: js.yml
                          nonsense: 1
                        """,
                        "config.yml:3: unknown key 'nonsense': there are file, components,"
                                + " join-euis here.",
                        "config.yml:2: 'join-euis' is missing: without a prefix of"
                                + " JoinEUIs the Join Server is never asked."),
                bad(
                        """
                        join-servers:
                        - file: nofile.yml
                          join-euis: [0000000000000000/0]
                        """,
                        "config.yml:2: there is no file 'nofile.yml'."),
                bad(
                        """
                        join-servers:
                        - file: ''
                          join-euis: [0000000000000000/0]
                        """,
                        "config.yml:2: 'file' is empty: give it a value or leave it out."),
                bad(
                        """
                        join-servers:
                        - file: ../js.yml
                          join-euis: [0000000000000000/0]
                        """,
                        "config.yml:2: '../js.yml' leads out of the configuration's directory: put"
                                + " the file into it."),
                bad(
                        """
                        join-servers:
                        - file: js.yml
                          components: [ns, js]
                          join-euis: [0000000000000000/0]
                        """,
                        "config.yml:3: 'js' is not a component: write ns or as."),
                bad(
                        """
                        join-servers:
                        - file: js.yml
                          join-euis:
                          - 70B3D57ED0000000
                          - 11AA/16
                          - 11AA000000000001/16
                          - 11AA000000000000/65
                          - [a]
                        """,
                        "config.yml:4: '70B3D57ED0000000' is one JoinEUI and not a prefix: write"
                                + " 70B3D57ED0000000/64.",
                        "config.yml:5: '11AA/16' is not a prefix of JoinEUIs: write 16"
                                + " hex digits and the number of bits, such as"
                                + " 70B3D57ED0000000/40.",
                        "config.yml:6: prefix 11AA000000000001/16 has bits set beyond its"
                                + " length: write 11AA000000000000/16.",
                        "config.yml:7: prefix length 65 is not between 0 and 64 bits.",
                        "config.yml:8: there must be a single value here."),
                bad("join-servers: [", "config.yml:1: this is not YAML: …"),
                bad(
                        "join-servers:\n\t- file: js.yml",
                        "config.yml:2: this is not YAML: found character '\\t(TAB)' …"),
                bad(
                        """
                        join-servers:
                        - file: &x js.yml
                          join-euis: *x
                        """,
                        "config.yml:3: this refers to another place with '*': write its value"
                                + " here.",
                        "config.yml:3: 'join-euis' must be a list: [a, b, …].",
                        "config.yml:2: 'join-euis' is missing: …"),
                bad(
                        "join-servers: !!javax.script.ScriptEngineManager []",
                        "config.yml:1: this has the tag '…': leave it out, values need no type"
                                + " here."),
                bad(
                        "a: " + "[".repeat(9) + "]".repeat(9),
                        "config.yml:1: this is not YAML: it is more than 8 levels deep."));
    }

    private static Arguments bad(String file, String... problems) {
        return Arguments.of(file, List.of(problems));
    }

    @ParameterizedTest
    @MethodSource("badMainFiles")
    void tellsWhatIsWrongWithTheMainFile(String file, List<String> problems) {
        setting.write("js.yml", "{fqdn: js.example, protocol: BI1.0}").write("config.yml", file);
        assertProblems(InteropConfig.check(directory), problems);
    }

    static Stream<Arguments> badJoinServers() {
        return Stream.of(
                bad(
                        "",
                        "js.yml:1: 'protocol' is missing: write BI1.0 or BI1.1.",
                        "js.yml:1: 'fqdn' is missing: give the host name of the Join" + " Server."),
                bad(
                        """
                        fqdn: https://js.example/
                        protocol: BI1.0
                        """,
                        "js.yml:1: fqdn: 'https://js.example/' is not a host name: write a name"
                                + " alone, without scheme, port and path."),
                bad(
                        """
                        fqdn: js.example:443
                        protocol: '1.1'
                        """,
                        "js.yml:1: fqdn: 'js.example:443' is not a host name: write a name alone,"
                                + " without scheme, port and path.",
                        "js.yml:2: protocol: '1.1' is not a protocol: write BI1.0 or" + " BI1.1."),
                bad(
                        """
                        fqdn: js.example
                        protocol: BI1.0
                        scheme: ftp
                        """,
                        "js.yml:3: scheme: 'ftp' is not a scheme: write https or http."),
                bad(
                        """
                        fqdn: js.example
                        protocol: BI1.0
                        port: 65536
                        """,
                        "js.yml:3: port: '65536' is not a port: write a number from 1 to 65535."),
                bad(
                        """
                        fqdn: js.example
                        protocol: BI1.0
                        port: [443]
                        """,
                        "js.yml:3: 'port' must be a single value."),
                bad(
                        """
                        fqdn: js.example
                        protocol: BI1.0
                        paths:
                          joins: a
                          rejoin: a b
                          home-ns: a#b
                        """,
                        "js.yml:5: paths.rejoin: 'a b' is not the path of a URL: write one such as"
                                + " some/path, with % before codes.",
                        "js.yml:6: paths.home-ns: 'a#b' is not the path of a URL: write"
                                + " one such as some/path, with % before codes.",
                        "js.yml:4: unknown key 'paths.joins': did you mean" + " 'paths.join'?"),
                bad(
                        """
                        fqdn: js.example
                        protocol: BI1.0
                        paths: a
                        """,
                        "js.yml:3: 'paths' must be a section of 'key: value' lines."),
                bad(
                        """
                        fqdn: js.example
                        protocol: BI1.1
                        sender-ns-id: '11'
                        """,
                        "js.yml:3: sender-ns-id: '11' is not an NSID: write 16 hex digits."),
                bad(
                        """
                        fqdn: js.example
                        protocol: BI1.0
                        basic-auth:
                          user: a
                          password: b
                        """,
                        "js.yml:4: unknown key 'basic-auth.user': there are username, password"
                                + " here.",
                        "js.yml:4: 'basic-auth.username' is missing: basic"
                                + " authentication needs one."),
                bad(
                        """
                        fqdn: js.example
                        protocol: BI1.0
                        basic-auth: {username: 'a:b'}
                        """,
                        "js.yml:3: 'basic-auth.username' has a colon, where a user name would end:"
                                + " take one without."),
                bad(
                        """
                        fqdn: js.example
                        protocol: BI1.0
                        basic-auth: {username: a}
                        headers: {authorization: Bearer x}
                        """,
                        "js.yml:3: 'basic-auth' and the header Authorization are both given: keep"
                                + " one."),
                bad(
                        """
                        fqdn: js.example
                        protocol: BI1.0
                        headers:
                          Host: evil
                          'a b': c
                          X-A: "a\\r\\nEvil: yes"
                          X-B: a
                          x-b: b
                        """,
                        "js.yml:4: the header Host belongs to the connection: leave it out.",
                        "js.yml:5: 'a b' is not the name of an HTTP header.",
                        "js.yml:6: the value of the header X-A has characters that cannot"
                                + " stand in one header line.",
                        "js.yml:8: the header x-b is given twice: upper and lower case"
                                + " are the same."),
                bad(
                        """
                        fqdn: js.example
                        protocol: BI1.0
                        scheme: http
                        tls: {root-ca: ca.pem}
                        """,
                        "js.yml:3: warning: with scheme http, everybody on the way reads the"
                                + " session keys.",
                        "js.yml:4: 'tls' is for scheme https, and it is http."),
                bad(
                        """
                        fqdn: js.example
                        protocol: BI1.0
                        tls: {source: vault}
                        """,
                        "js.yml:3: tls.source: 'vault' is not a source of certificates: write file"
                                + " or key-vault."),
                bad(
                        """
                        fqdn: js.example
                        protocol: BI1.0
                        tls:
                          source: key-vault
                          key: key.pem
                        """,
                        "js.yml:5: 'tls.key' is for source file, and it is key-vault."),
                bad(
                        """
                        fqdn: js.example
                        protocol: BI1.0
                        tls:
                          root-ca: key.pem
                          certificate: js.yml
                        """,
                        "js.yml:4: 'key.pem' holds no certificate: it needs -----BEGIN"
                                + " CERTIFICATE-----.",
                        "js.yml:5: 'js.yml' holds no certificate: it needs -----BEGIN"
                                + " CERTIFICATE-----.",
                        "js.yml:4: 'tls.key' is missing: 'tls.certificate' needs it."),
                bad(
                        """
                        fqdn: js.example
                        protocol: BI1.0
                        tls:
                          certificate: cert.pem
                          key: cert.pem
                        """,
                        "js.yml:5: 'cert.pem' holds no private key: it needs -----BEGIN PRIVATE"
                                + " KEY-----."),
                bad(
                        """
                        fqdn: js.example
                        protocol: BI1.0
                        tls:
                          certificate: cert.pem
                          key: other.pem
                        """,
                        "js.yml:5: 'tls.key' is not the private key of 'tls.certificate'."),
                bad(
                        """
                        fqdn: js.example
                        protocol: BI1.0
                        tls:
                          certificate: cert.pem
                          key: broken.pem
                        """,
                        "js.yml:5: 'broken.pem' holds a private key that is damaged or of an"
                                + " unknown kind."),
                bad(
                        """
                        fqdn: js.example
                        protocol: BI1.0
                        tls:
                          root-ca: /etc/passwd
                          certificate: ../../etc/passwd
                          key: 'a\\b'
                        """,
                        "js.yml:4: 'tls.root-ca': '/etc/passwd' leads out of the configuration's"
                                + " directory: put the file into it.",
                        "js.yml:5: 'tls.certificate': '../../etc/passwd' leads out of the"
                                + " configuration's directory: put the file into it.",
                        "js.yml:6: 'tls.key': 'a\\b' has a backslash: separate directories"
                                + " with '/'."),
                bad(
                        """
                        protocol: BI1.0
                        fqdn: js.example
                        dns: {}
                        """,
                        "js.yml:3: 'dns' looks up what 'fqdn' already says: keep one of them."),
                bad(
                        """
                        protocol: BI1.0
                        dns: {servers: [192.0.2.1]}
                        headers: {X-Key: b}
                        """,
                        "js.yml:2: 'dns.servers' is for lookup naptr: hosts are looked up as the"
                                + " system does.",
                        "js.yml:3: 'headers' would go to whatever host DNS names: use a"
                                + " client certificate with 'dns'."),
                bad(
                        """
                        protocol: BI1.0
                        dns: {lookup: any, suffix: 'a b', servers: [':']}
                        """,
                        "js.yml:2: dns.lookup: 'any' is not a kind of lookup: write host or"
                                + " naptr.",
                        "js.yml:2: dns.suffix: 'a b' is not a DNS name: write one such as"
                                + " joineuis.lora-alliance.org.",
                        "js.yml:2: ':' is not a DNS server: write its address, such as"
                                + " 192.0.2.53 or [2001:db8::53]:53."));
    }

    @ParameterizedTest
    @MethodSource("badJoinServers")
    void tellsWhatIsWrongWithAJoinServer(String file, List<String> problems) {
        setting.write("other.pem", certificates.issue("other.example").keyPem())
                .write("broken.pem", Certificates.pem("PRIVATE KEY", new byte[] {1, 2, 3}))
                .writeOne(file);
        assertProblems(InteropConfig.check(directory), problems);
    }

    /** The expected ones as they are shown, with … for anything. */
    private void assertProblems(List<ConfigProblem> problems, List<String> expected) {
        List<String> found =
                problems.stream()
                        .map(ConfigProblem::toString)
                        .map(text -> text.substring(directory.toString().length() + 1))
                        .toList();
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            String pattern = Pattern.quote(expected.get(i)).replace("…", "\\E.*\\Q");
            assertThat(found.get(i)).matches(pattern);
        }
        assertThat(problems).anyMatch(ConfigProblem::isError);
        assertThatThrownBy(() -> InteropConfig.read(directory))
                .isInstanceOfSatisfying(
                        InteropConfigException.class,
                        e -> assertThat(e.problems()).isEqualTo(problems));
    }

    @Test
    void findsAllProblemsOfAllFiles() {
        setting.write(
                        "config.yml",
                        """
                        join-servers:
                          - file: a/js.yml
                            join-euis: [11AA/16]
                          - file: b/js.yml
                            join-euis: [0000000000000000/0]
                        """)
                .write("a/js.yml", "fqdn: a b\nprotocol: BI2")
                .write("b/js.yml", "protocl: BI1.0");
        assertThat(InteropConfig.check(directory))
                .extracting(problem -> directory.relativize(problem.file()) + ":" + problem.line())
                .containsExactly(
                        "config.yml:3",
                        "a/js.yml:1",
                        "a/js.yml:2",
                        "b/js.yml:1",
                        "b/js.yml:1",
                        "b/js.yml:1");
    }

    @Test
    void tellsThatThereIsNoConfiguration() {
        assertThat(InteropConfig.check(directory.resolve("nowhere")))
                .extracting(ConfigProblem::toString)
                .containsExactly(
                        directory.resolve("nowhere/config.yml")
                                + ": there is no file 'config.yml'.");
    }

    @Test
    void warnsOfWhatIsUsedAllTheSame() {
        setting.write(
                        "config.yml",
                        """
                        join-servers:
                          - file: js.yml
                            join-euis: [70B3D57ED0000000/40, 70B3D57ED0000000/64]
                          - file: js2.yml
                            components: [ns]
                            join-euis: [70B3D57ED0000000/40, 70B3D57ED0000000/64]
                        """)
                .write("js.yml", "{fqdn: js.example, protocol: BI1.0}")
                .write(
                        "js2.yml",
                        "{fqdn: js.example, protocol: BI1.0, tls: {certificate: old.pem, key:"
                                + " oldkey.pem}}")
                .write("old.pem", expired.certificatePem())
                .write("oldkey.pem", expired.keyPem());

        assertThat(InteropConfig.read(directory).warnings())
                .extracting(ConfigProblem::toString)
                .containsExactly(
                        directory.resolve("config.yml")
                                + ":6: warning: the Network Server asks the Join Server of line 3"
                                + " for 70B3D57ED0000000/40, never this one: only prefixes of 64"
                                + " bits can have several.",
                        directory.resolve("js2.yml")
                                + ":1: warning: 'tls.certificate' expired on 2026-01-02: get a new"
                                + " one.");
    }

    @Test
    void needsAnNsIdFromSomewhere() {
        setting.writeOne("{fqdn: js.example, protocol: BI1.1}");
        Sender nameless = new Sender(NetId.parse("000013"), Optional.empty(), Optional.empty());

        assertThat(read(Optional.of(new Requester(nameless, KeyVault.EMPTY))).problems())
                .extracting(ConfigProblem::what)
                .containsExactly(
                        "'./js.yml' has protocol BI1.1, which needs an NSID, and the Network Server"
                                + " has none: write 'sender-ns-id' there, or use BI1.0");
        assertThat(read(Optional.of(new Requester(Setting.SENDER, KeyVault.EMPTY))).problems())
                .isEmpty();
        assertThat(InteropConfig.check(directory)).isEmpty();
    }

    @Test
    void missesTheCertificateThatTheKeyVaultShallHave() {
        setting.writeOne(TTI);
        assertThat(read(Optional.of(new Requester(Setting.SENDER, KeyVault.EMPTY))).problems())
                .extracting(ConfigProblem::toString)
                .containsExactly(
                        directory.resolve("js.yml")
                                + ":4: warning: the key vault has no client certificate for"
                                + " js.cloud.thethings.industries, which is asked without one: name"
                                + " one in network.interop-certificate.");
    }

    @Test
    void showsNoSecrets() {
        setting.writeOne(
                """
                fqdn: js.example
                protocol: BI1.0
                basic-auth: {username: user, password: hush-password}
                headers: {X-Key: hush-header}
                tls: {certificate: cert.pem, key: key.pem}
                """);
        String shown =
                InteropConfig.read(directory)
                        + read(Optional.empty()).toString()
                        + read(Optional.empty()).entries().getFirst().joinServer();
        assertThat(shown)
                .contains("js.yml")
                .doesNotContain("hush", "Basic", client.key().toString());

        setting.writeOne(
                """
                fqdn: js.example
                protocol: BI1.0
                basic-auth: {username: [hush-name], password: [hush-password], pasword: hush-too}
                headers: {X-Key: "hush-header\\n", X-Other: {hush-key: hush-value}}
                """);
        assertThatThrownBy(() -> InteropConfig.read(directory))
                .hasMessageContaining("js.yml:3")
                .hasMessageContaining("js.yml:4")
                .message()
                .doesNotContain("hush");
    }
}
