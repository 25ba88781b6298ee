package dev.usher.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.usher.accounts.AccountId;
import dev.usher.accounts.OwnerId;
import dev.usher.api.TrustedProxies;
import dev.usher.keys.KeyLabel;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.EuiRange;
import dev.usher.lorawan.NetId;
import dev.usher.network.claiming.OwnerApiUpstream;
import dev.usher.server.config.UsherConfig.Backend;
import dev.usher.server.config.UsherConfig.Filter;
import dev.usher.server.config.UsherConfig.Network;
import dev.usher.server.config.UsherConfig.OwnerApi;
import dev.usher.server.config.UsherConfig.Tls;
import dev.usher.server.config.UsherConfig.VaultConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class UsherConfigTest {

    private static final String PKCS11_FILE =
            """
            bind-address: 192.0.2.1
            hostname: usher.example.org
            gateway-api-port: 1
            owner-api-port: 2
            backend-port: 4
            web-port: 3
            lns-port: 5
            lns-tls-port: 6
            database-url: postgresql://u:p@h1,h2:5433/d
            tls:
              certificate: tls/chain.pem
              key: /etc/usher/key.pem
            vault:
              type: pkcs11
              library: /usr/lib/softhsm/libsofthsm2.so
              token: usher
              pin-file: pin
              wrapping-key: devices-1
            owner-api:
              guesses-per-day: 5
              max-body-bytes: 70000
            backend:
              trusted-proxies: 10.0.0.0/8, 192.0.2.7
              client-certificate-header: X-SSL-Client-Cert
              answer-ca: /etc/usher/peers.pem
            network:
              net-id: "000013"
              as-id: as.example.org
              allow-unauthenticated: true
              interop: /etc/usher/interop
              net-id-filter: true
              join-eui-filter: 70B3D57ED0000000/36, 0102030405060700/56
            """;

    @TempDir Path directory;

    @Test
    void needsNothing() throws Exception {
        UsherConfig defaults =
                new UsherConfig(
                        "0.0.0.0",
                        "localhost",
                        9191,
                        9193,
                        8886,
                        8885,
                        1887,
                        8887,
                        Optional.empty(),
                        Optional.empty(),
                        new VaultConfig(
                                "file",
                                Optional.empty(),
                                Optional.empty(),
                                false,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()),
                        new OwnerApi(10, 67_108_864),
                        new Backend(TrustedProxies.NONE, Optional.empty()),
                        new Network(
                                NetId.parse("000000"),
                                "usher",
                                false,
                                Optional.empty(),
                                Filter.NONE));

        assertThat(UsherConfig.DEFAULT).isEqualTo(defaults);
        assertThat(UsherConfig.load(Optional.empty(), Map.of())).isEqualTo(defaults);
        for (String nothing : List.of("", "\n", "# a comment\n", "---\n", "{}\n")) {
            assertThat(load(nothing)).as(nothing).isEqualTo(defaults);
        }
    }

    @Test
    void readsEveryKeyFromTheFile() throws Exception {
        assertThat(load(PKCS11_FILE))
                .isEqualTo(
                        withPkcs11(directory.resolve("tls/chain.pem"), directory.resolve("pin")));
        assertThat(
                        load("""
                        vault:
                          type: file
                          directory: keys
                          master-key-file: /run/secrets/master
                          wrapping-key: devices-1
                        """)
                                .vault())
                .isEqualTo(
                        new VaultConfig(
                                "file",
                                Optional.of(directory.resolve("keys")),
                                Optional.of(Path.of("/run/secrets/master")),
                                false,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(new KeyLabel("devices-1"))));
    }

    @Test
    void readsEveryKeyFromTheEnvironment() {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("USHER_BIND_ADDRESS", "192.0.2.1");
        environment.put("USHER_HOSTNAME", "usher.example.org");
        environment.put("USHER_GATEWAY_API_PORT", "1");
        environment.put("USHER_OWNER_API_PORT", "2");
        environment.put("USHER_BACKEND_PORT", "4");
        environment.put("USHER_WEB_PORT", "3");
        environment.put("USHER_LNS_PORT", "5");
        environment.put("USHER_LNS_TLS_PORT", "6");
        environment.put("USHER_DATABASE_URL", "postgresql://u:p@h1,h2:5433/d");
        environment.put("USHER_TLS_CERTIFICATE", "tls/chain.pem");
        environment.put("USHER_TLS_KEY", "/etc/usher/key.pem");
        environment.put("USHER_VAULT_TYPE", "pkcs11");
        environment.put("USHER_VAULT_LIBRARY", "/usr/lib/softhsm/libsofthsm2.so");
        environment.put("USHER_VAULT_TOKEN", "usher");
        environment.put("USHER_VAULT_PIN_FILE", "pin");
        environment.put("USHER_VAULT_WRAPPING_KEY", "devices-1");
        environment.put("USHER_OWNER_API_GUESSES_PER_DAY", "5");
        environment.put("USHER_OWNER_API_MAX_BODY_BYTES", "70000");
        environment.put("USHER_BACKEND_TRUSTED_PROXIES", "10.0.0.0/8,192.0.2.7/32");
        environment.put("USHER_BACKEND_CLIENT_CERTIFICATE_HEADER", "X-SSL-Client-Cert");
        environment.put("USHER_BACKEND_ANSWER_CA", "/etc/usher/peers.pem");
        environment.put("USHER_NETWORK_NET_ID", "000013");
        environment.put("USHER_NETWORK_AS_ID", "as.example.org");
        environment.put("USHER_NETWORK_ALLOW_UNAUTHENTICATED", "true");
        environment.put("USHER_NETWORK_INTEROP", "/etc/usher/interop");
        environment.put("USHER_NETWORK_NET_ID_FILTER", "true");
        environment.put("USHER_NETWORK_JOIN_EUI_FILTER", "70B3D57ED0000000/36,0102030405060700/56");

        assertThat(UsherConfig.load(Optional.empty(), environment))
                .isEqualTo(
                        withPkcs11(
                                Path.of("tls/chain.pem").toAbsolutePath(),
                                Path.of("pin").toAbsolutePath()));
    }

    @Test
    void knowsOfSecretsInTheEnvironmentWithoutHoldingThem() {
        UsherConfig file =
                UsherConfig.load(
                        Optional.empty(),
                        Map.of(
                                "USHER_VAULT_DIRECTORY",
                                "/v",
                                "USHER_VAULT_MASTER_KEY",
                                "c2VjcmV0"));
        assertThat(file.vault().masterKeyVariable()).isTrue();
        assertThat(file.toString()).doesNotContain("c2VjcmV0");

        UsherConfig token =
                UsherConfig.load(
                        Optional.empty(),
                        Map.of(
                                "USHER_VAULT_TYPE", "pkcs11",
                                "USHER_VAULT_LIBRARY", "/l",
                                "USHER_VAULT_TOKEN", "t",
                                "USHER_VAULT_PIN", "4711"));
        assertThat(token.vault().pinFile()).isEmpty();
        assertThat(token.toString()).doesNotContain("4711");
    }

    @Test
    void takesTheEnvironmentBeforeTheFile() throws Exception {
        UsherConfig config =
                load(
                        "hostname: file.example.org\nweb-port: 1\n",
                        Map.of("USHER_WEB_PORT", "2", "USHER_HOSTNAME", ""));

        assertThat(config.webPort()).isEqualTo(2);
        assertThat(config.hostname()).isEqualTo("file.example.org");
    }

    @Test
    void passesOverWhatIsNotItsOwn() {
        Map<String, String> environment =
                Map.of(
                        "PATH", "/bin",
                        "USHERETTE", "x",
                        "USHER_URL", "https://other",
                        "USHER_API_KEY", "secret",
                        "USHER_CA", "ca.pem",
                        "USHER_DATA_DIR", "/d",
                        "USHER_OUTPUT", "json",
                        "USHER_APP_KEY", "000102030405060708090A0B0C0D0E0F",
                        "USHER_NWK_KEY", "000102030405060708090A0B0C0D0E0F",
                        "USHER_JAVA_OPTIONS", "-XX:+FlightRecorder");

        assertThat(UsherConfig.load(Optional.empty(), environment)).isEqualTo(UsherConfig.DEFAULT);
    }

    static Stream<Arguments> badFiles() {
        return Stream.of(
                bad("hostnam: x", 1, "unknown key 'hostnam': did you mean 'hostname'?"),
                bad(
                        "owner-api:\n  guesses-per-dya: 5",
                        2,
                        "unknown key 'owner-api.guesses-per-dya': did you mean"
                                + " 'owner-api.guesses-per-day'?"),
                bad(
                        "owner-api-prot: 5",
                        1,
                        "unknown key 'owner-api-prot': did you mean 'owner-api-port'?"),
                bad(
                        "\n\nnothing-like-it: 5",
                        3,
                        "unknown key 'nothing-like-it'; docs/configuration.md lists those there"
                                + " are."),
                bad("Hostname: x", 1, "unknown key 'Hostname': did you mean 'hostname'?"),
                bad("tls: a.pem", 1, "unknown key 'tls': it is a section with certificate, key."),
                bad(
                        "hostname:\n  name: x",
                        2,
                        "unknown key 'hostname.name'; docs/configuration.md lists those there"
                                + " are."),
                bad("web-port: 1\nweb-port: 2", 2, "'web-port' is given twice, first in line 1."),
                bad(
                        "tls:\n  key: a\nweb-port: 1\ntls:\n  key: b",
                        5,
                        "'tls.key' is given twice, first in line 2."),
                bad(
                        "web-port: abc",
                        1,
                        "web-port is 'abc': it must be a whole number from 0 to 65535."),
                bad(
                        "web-port: 65536",
                        1,
                        "web-port is '65536': it must be a whole number from 0 to 65535."),
                bad(
                        "web-port: -1",
                        1,
                        "web-port is '-1': it must be a whole number from 0 to 65535."),
                bad(
                        "web-port: 1.5",
                        1,
                        "web-port is '1.5': it must be a whole number from 0 to 65535."),
                bad(
                        "web-port: true",
                        1,
                        "web-port is 'true': it must be a whole number from 0 to 65535."),
                bad("web-port:", 1, "'web-port' has no value: give it one or leave the line out."),
                bad("web-port: [1, 2]", 1, "'web-port' is a list, and one value is all it takes."),
                bad("hostname: 8885", 1, "hostname must be text: put it in quotes."),
                bad("hostname: ' '", 1, "hostname is empty: give it a value or leave it out."),
                bad(
                        "hostname: usher.example.org:9191",
                        1,
                        "hostname is 'usher.example.org:9191': it must be a DNS name such as"
                                + " usher.example.org, without a port."),
                bad(
                        "hostname: https://usher",
                        1,
                        "hostname is 'https://usher': it must be a DNS name such as"
                                + " usher.example.org, without a port."),
                bad("web-port: 9193", 1, "web-port and owner-api-port are both 9193."),
                bad(
                        "backend-port: 8885",
                        0,
                        "web-port (USHER_WEB_PORT) and backend-port are both 8885."),
                bad(
                        "backend:\n  trusted-proxies: 10.0.0.1/8",
                        2,
                        "backend.trusted-proxies cannot be used: 10.0.0.1/8 has bits set after its"
                                + " prefix: write the first address of the network."),
                bad(
                        "backend:\n  client-certificate-header: X-Cert",
                        2,
                        "backend.client-certificate-header counts from trusted proxies only: name"
                                + " them in backend.trusted-proxies."),
                bad(
                        "backend:\n  trusted-proxies: 10.0.0.1\n  client-certificate-header: 'X:'",
                        3,
                        "backend.client-certificate-header is 'X:': it must be the name of an HTTP"
                                + " header, such as X-Forwarded-Tls-Client-Cert."),
                bad(
                        "database-url: mysql://u:secret@h/d",
                        1,
                        "database-url cannot be used: the database URL is not understood"),
                bad(
                        "\ntls:\n  key: a.pem",
                        0,
                        "tls.certificate (USHER_TLS_CERTIFICATE) is missing: tls.key needs it."),
                bad(
                        "vault:\n  wrapping-key: A/B",
                        2,
                        "vault.wrapping-key is 'A/B': it must be the label of a key: 1 to 64 of"
                                + " a-z 0-9 . _ - beginning with a letter or digit."),
                bad(
                        "network:\n  join-eui-filter: 0000000000000000/8",
                        2,
                        "network.join-eui-filter cannot be used: JoinEUI range"
                                + " 0000000000000000/8 begins with 0, which ends station's list:"
                                + " leave the filter empty."),
                bad("vault:\n  type: hsm", 2, "vault.type is 'hsm': it must be file or pkcs11."),
                bad(
                        "vault:\n  type: pkcs11\n  token: t",
                        0,
                        "vault.library (USHER_VAULT_LIBRARY) is missing: vault.type pkcs11 needs"
                                + " it."),
                bad(
                        "vault:\n  type: pkcs11\n  token: t\n  library: l",
                        0,
                        "vault.pin-file (USHER_VAULT_PIN_FILE) is missing: vault.type pkcs11 needs"
                                + " it, or the PIN in USHER_VAULT_PIN."),
                bad(
                        "vault:\n  token: t",
                        2,
                        "vault.token is for vault.type pkcs11, and it is file."),
                bad(
                        "vault:\n  type: pkcs11\n  directory: d",
                        3,
                        "vault.directory is for vault.type file, and it is pkcs11."),
                bad(
                        "vault:\n  master-key: c2VjcmV0",
                        2,
                        "vault.master-key is a secret and does not belong here: write it to a file"
                                + " and name that in vault.master-key-file, or set"
                                + " USHER_VAULT_MASTER_KEY."),
                bad(
                        "vault:\n  pin: '4711'",
                        2,
                        "vault.pin is a secret and does not belong here: write it to a file and"
                                + " name that in vault.pin-file, or set USHER_VAULT_PIN."),
                bad(
                        "owner-api:\n  guesses-per-day: 0",
                        2,
                        "owner-api.guesses-per-day is '0': it must be"),
                bad("- a\n- b", 1, "there must be 'key: value' lines here."),
                bad("just text", 1, "there must be 'key: value' lines here."),
                bad(
                        "web-port: 1\n---\nweb-port: 2",
                        3,
                        "a second document begins here, and one is all."),
                bad("hostname: a\n  web-port: 1", 2, "this is not YAML: "),
                bad("vault:\n\ttype: file", 2, "this is not YAML: found character '\\t(TAB)'"),
                bad("hostname: 'a", 1, "this is not YAML: "),
                bad(
                        "hostname: &h a\nbind-address: *h",
                        2,
                        "'bind-address' refers to another place: write its value here."));
    }

    private static Arguments bad(String yaml, int line, String message) {
        return Arguments.of(yaml, line, message);
    }

    @ParameterizedTest
    @MethodSource("badFiles")
    void saysWhereAndWhatIsWrong(String yaml, int line, String message) {
        assertThatThrownBy(() -> load(yaml))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith(
                        (line == 0 ? "" : directory.resolve("usher.yml") + ":" + line + ": ")
                                + message)
                .hasMessageNotContainingAny("secret@", "c2VjcmV0", "4711");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "USHER_GATEWAY_API_PROT | 1 | Unknown environment variable"
                        + " 'USHER_GATEWAY_API_PROT': did you mean 'USHER_GATEWAY_API_PORT'?",
                "USHER_SOMETHING_QUITE_DIFFERENT | 1 | Unknown environment variable"
                        + " 'USHER_SOMETHING_QUITE_DIFFERENT'; docs/configuration.md lists those"
                        + " there are.",
                "USHER_WEB_PORT | abc | USHER_WEB_PORT is 'abc': it must be a whole number from 0"
                        + " to 65535.",
                "USHER_WEB_PORT | 9191 | USHER_WEB_PORT and gateway-api-port are both 9191.",
                "USHER_VAULT_TYPE | hsm | USHER_VAULT_TYPE is 'hsm': it must be file or pkcs11.",
                "USHER_TLS_KEY | k | tls.certificate (USHER_TLS_CERTIFICATE) is missing: tls.key"
                        + " needs it.",
                "USHER_VAULT_PIN | 4711 | USHER_VAULT_PIN is for vault.type pkcs11, and it is"
                        + " file.",
            })
    void refusesAVariableThatIsUnknownOrWrong(String variable, String value, String message) {
        assertThatThrownBy(() -> UsherConfig.load(Optional.empty(), Map.of(variable, value)))
                .isInstanceOf(ConfigException.class)
                .hasMessage(message);
    }

    @Test
    void refusesTwoPlacesForOneSecret() {
        assertThatThrownBy(
                        () ->
                                UsherConfig.load(
                                        Optional.empty(),
                                        Map.of(
                                                "USHER_VAULT_MASTER_KEY", "c2VjcmV0",
                                                "USHER_VAULT_MASTER_KEY_FILE", "f")))
                .hasMessage(
                        "USHER_VAULT_MASTER_KEY_FILE and USHER_VAULT_MASTER_KEY are both set: keep"
                                + " one.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "localhost",
                "usher.example.org",
                "10.0.0.1",
                "xn--bcher-kva.de",
                "A-1.b"
            })
    void takesAnyDnsName(String hostname) throws Exception {
        assertThat(load("hostname: '" + hostname + "'").hostname()).isEqualTo(hostname);
    }

    @Test
    void saysWhenThereIsNoFile() {
        Path missing = directory.resolve("missing.yml");
        assertThatThrownBy(() -> UsherConfig.load(Optional.of(missing), Map.of()))
                .hasMessage("There is no configuration file " + missing + ".");
        assertThatThrownBy(() -> UsherConfig.load(Optional.of(directory), Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith(directory + " cannot be read: ");
    }

    @Test
    void saysWhenTheFileIsNotText() throws Exception {
        Path file = directory.resolve("usher.yml");
        Files.write(file, "hostname: caf\u00e9".getBytes(StandardCharsets.ISO_8859_1));

        assertThatThrownBy(() -> UsherConfig.load(Optional.of(file), Map.of()))
                .hasMessage(file + " is not a text file in UTF-8.");
    }

    @Test
    void keepsTheDatabasePasswordOutOfItsText() throws Exception {
        assertThat(load(PKCS11_FILE).toString())
                .contains("postgresql://h1,h2:5433/d", "usher.example.org")
                .doesNotContain("u:p@");
    }

    @Test
    void listensOnLoopbackForTests() throws Exception {
        UsherConfig config = load(PKCS11_FILE);
        UsherConfig loopback = config.onLoopback();

        assertThat(loopback.bindAddress()).isEqualTo("127.0.0.1");
        assertThat(
                        loopback.gatewayApiPort()
                                + loopback.ownerApiPort()
                                + loopback.backendPort()
                                + loopback.webPort()
                                + loopback.lnsPort()
                                + loopback.lnsTlsPort())
                .isZero();
        assertThat(loopback.vault()).isEqualTo(config.vault());
    }

    @Test
    void readsWhatTheNetworkStandsOn() throws Exception {
        Network network =
                load("""
                network:
                  net-id: "000013"
                  ns-id: 70B3D57ED0000099
                  interop: interop
                  interop-certificate: ns.pem
                  interop-key: ns.key
                  dial:
                    networks: 10.1.0.0/16, 2001:db8::/48
                    ports: "8443"
                  mqtt:
                    url: mqtts://broker.example.com
                    user: usher
                    password-file: mqtt.password
                    topic-prefix: acme/lorawan
                  auto-registration:
                    owner: acme
                    frequency-plan: EU_863_870
                  oidc:
                    issuer: https://id.example.com/realms/acme
                    client-id: usher
                    client-secret-file: oidc.secret
                    ca: oidc-ca.pem
                    create-users: true
                  upstreams:
                    - url: https://gwjs.example.com:9193
                      ranges: ["58A0CBFFFE000000/40", "0000000000000001-0000000000000002"]
                      owner-id: "::1:2"
                      certificate: client.pem
                      key: client.key
                    - name: factory
                      url: https://gwjs.example.org
                      ranges: 70B3D5FFFE000000/40
                      owner-id: "::7"
                      api-key-file: factory.key
                      resource: router
                  keks:
                    - label: ns-000013
                      key-file: ns.hex
                """)
                        .network();

        assertThat(network.nsId()).isEqualTo(Eui64.parse("70B3D57ED0000099"));
        assertThat(network.interopIdentity())
                .contains(new Tls(directory.resolve("ns.pem"), directory.resolve("ns.key")));
        assertThat(network.dial())
                .isEqualTo(new DialConfig(List.of("10.1.0.0/16", "2001:db8::/48"), List.of(8443)));
        assertThat(network.mqtt())
                .contains(
                        new MqttConfig(
                                URI.create("mqtts://broker.example.com"),
                                "usher",
                                "acme/lorawan",
                                Optional.of("usher"),
                                false,
                                Optional.of(directory.resolve("mqtt.password")),
                                Optional.empty()));
        assertThat(network.autoRegistration())
                .contains(new AutoRegistrationConfig(new AccountId("acme"), "EU_863_870", 100));
        assertThat(network.oidc())
                .contains(
                        new OidcConfig(
                                URI.create("https://id.example.com/realms/acme"),
                                "usher",
                                false,
                                Optional.of(directory.resolve("oidc.secret")),
                                Optional.of(directory.resolve("oidc-ca.pem")),
                                Optional.empty(),
                                true));
        assertThat(network.upstreams())
                .containsExactly(
                        new UpstreamConfig(
                                "gwjs.example.com",
                                URI.create("https://gwjs.example.com:9193"),
                                List.of(
                                        EuiRange.parse("58A0CBFFFE000000/40"),
                                        EuiRange.parse("0000000000000001-0000000000000002")),
                                OwnerId.parse("::1:2"),
                                Optional.empty(),
                                Optional.of(
                                        new Tls(
                                                directory.resolve("client.pem"),
                                                directory.resolve("client.key"))),
                                Optional.empty(),
                                OwnerApiUpstream.Word.GATEWAY),
                        new UpstreamConfig(
                                "factory",
                                URI.create("https://gwjs.example.org"),
                                List.of(EuiRange.parse("70B3D5FFFE000000/40")),
                                OwnerId.parse("::7"),
                                Optional.of(directory.resolve("factory.key")),
                                Optional.empty(),
                                Optional.empty(),
                                OwnerApiUpstream.Word.ROUTER));
        assertThat(network.keks())
                .containsExactly(new KekConfig("ns-000013", directory.resolve("ns.hex")));
    }

    @Test
    void makesAnNsIdOfTheNetId() throws Exception {
        assertThat(load("network: {net-id: '0000A3'}").network().nsId())
                .isEqualTo(Eui64.parse("FFFFFF00000000A3"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "ns-id: x | network.ns-id cannot be used: ",
                "interop-key: x | network.interop-certificate (USHER_NETWORK_INTEROP_CERTIFICATE)"
                        + " is",
                "interop-certificate: x | network.interop-key (USHER_NETWORK_INTEROP_KEY) is"
                        + " missing",
                "{interop-certificate: x, interop-key: y} | network.interop-certificate is of no",
                "dial: {networks: 10.1.2.3/16} | network.dial.networks cannot be used: 10.1.2.3/16",
                "dial: {ports: '70000'} | network.dial.ports cannot be used: port 70000 is not",
                "mqtt: {url: 'http://b'} | network.mqtt.url cannot be used: 'http://b' is not the",
                "mqtt: {user: u} | network.mqtt.user is of no use without network.mqtt.url",
                "mqtt: {url: 'mqtt://b', password: x} | network.mqtt.password is a secret",
                "mqtt: {url: 'mqtt://b', password-file: x} | network.mqtt.user"
                        + " (USHER_NETWORK_MQTT_USER) is missing",
                "mqtt: {url: 'mqtt://b', ca: x} | network.mqtt.ca is for mqtts",
                "mqtt: {url: 'mqtt://b', topic-prefix: 'a/#'} | network.mqtt.topic-prefix cannot be"
                        + " used",
                "auto-registration: {owner: acme} | network.auto-registration.frequency-plan"
                        + " (USHER_",
                "auto-registration: {owner: acme, frequency-plan: XX} |"
                        + " network.auto-registration.frequency-plan cannot",
                "oidc: {client-id: x} | network.oidc.client-id is of no use without",
                "oidc: {issuer: 'http://id'} | network.oidc.issuer cannot be used: write it",
                "oidc: {issuer: 'https://id'} | network.oidc.client-id"
                        + " (USHER_NETWORK_OIDC_CLIENT_ID) is missing",
                "oidc: {issuer: 'https://id', client-secret: x} | network.oidc.client-secret is a"
                        + " secret",
                "oidc: {issuer: 'https://id', create-users: maybe} | network.oidc.create-users is"
                        + " 'maybe'",
                "upstreams: {url: x} | unknown key 'network.upstreams.url'",
                "upstreams: x | network.upstreams must be a list",
                "upstreams: [{url: 'http://b'}] | network.upstreams[1].url cannot be used: write"
                        + " https",
                "upstreams: [{url: 'https://b'}] | network.upstreams[1].ranges is missing",
                "upstreams: [{url: 'https://b', ranges: [x]}] | network.upstreams[1].ranges cannot"
                        + " be used: 'x'",
                "upstreams: [{url: 'https://b', ranges: ['01/8'], api-key: x}] |"
                        + " network.upstreams[1].ranges cannot",
                "upstreams: [{url: 'https://b', ranges: ['0000000000000000/8'], owner-id: '::1',"
                        + " api-key: x}] | network.upstreams[1].api-key is a secret",
                "upstreams: [{url: 'https://b', ranges: ['0000000000000000/8'], owner-id: '::1'}] |"
                        + " network.upstreams[1].api-key-file is missing",
                "upstreams: [{url: 'https://b', ranges: ['0000000000000000/8'], owner-id: '::1',"
                    + " api-key-file: x, key: y}] | network.upstreams[1].certificate is missing",
                "upstreams: [{url: 'https://b', ranges: ['0000000000000000/8'], owner-id: '::1',"
                    + " api-key-file: x, colour: red}] | unknown key 'network.upstreams[1].colour'",
                "upstreams: [{name: own, url: 'https://b', ranges: ['0000000000000000/8'],"
                    + " owner-id: '::1', api-key-file: x}] | network.upstreams[1].name is 'own'",
                "keks: [{label: a}] | network.keks[1].key-file is missing",
                "keks: [{label: a, key: x}] | network.keks[1].key is a secret",
                "keks: [{label: a, key-file: x}, {label: a, key-file: y}] | network.keks[2].label"
                        + " is there twice",
                "keks: [a] | network.keks[1].label is missing"
            })
    void saysWhatIsWrongWithWhatTheNetworkStandsOn(String yaml, String message) {
        assertThatThrownBy(() -> load("network:\n  " + yaml + "\n"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(message);
    }

    private static UsherConfig withPkcs11(Path certificate, Path pinFile) {
        return new UsherConfig(
                "192.0.2.1",
                "usher.example.org",
                1,
                2,
                4,
                3,
                5,
                6,
                Optional.of("postgresql://u:p@h1,h2:5433/d"),
                Optional.of(new Tls(certificate, Path.of("/etc/usher/key.pem"))),
                new VaultConfig(
                        "pkcs11",
                        Optional.empty(),
                        Optional.empty(),
                        false,
                        Optional.of(Path.of("/usr/lib/softhsm/libsofthsm2.so")),
                        Optional.of("usher"),
                        Optional.of(pinFile),
                        Optional.of(new KeyLabel("devices-1"))),
                new OwnerApi(5, 70_000),
                new Backend(
                        new TrustedProxies(
                                TrustedProxies.parseSubnets("10.0.0.0/8,192.0.2.7"),
                                "X-SSL-Client-Cert"),
                        Optional.of(Path.of("/etc/usher/peers.pem"))),
                new Network(
                        NetId.parse("000013"),
                        "as.example.org",
                        true,
                        Optional.of(Path.of("/etc/usher/interop")),
                        new Filter(
                                true,
                                List.of(
                                        EuiRange.parse("70B3D57ED0000000/36"),
                                        EuiRange.parse("0102030405060700/56")))));
    }

    private UsherConfig load(String yaml) throws IOException {
        return load(yaml, Map.of());
    }

    private UsherConfig load(String yaml, Map<String, String> environment) throws IOException {
        return UsherConfig.load(
                Optional.of(Files.writeString(directory.resolve("usher.yml"), yaml)), environment);
    }
}
