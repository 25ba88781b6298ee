package dev.usher.gateways;

import static dev.usher.gateways.TestServer.ACME;
import static dev.usher.gateways.TestServer.ADMIN;
import static dev.usher.gateways.TestServer.OTHER;
import static dev.usher.gateways.TestServer.eui;
import static dev.usher.gateways.TestServer.principal;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.accounts.ApiKey;
import dev.usher.accounts.ApiKeys;
import dev.usher.gateways.GatewayRow.EndpointKind;
import dev.usher.keys.GatewaySecrets;
import dev.usher.keys.IssuedCertificate;
import dev.usher.lorawan.Eui64;
import dev.usher.store.Engine;
import dev.usher.store.EveryEngine;
import dev.usher.store.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Secrets are in no column, no message and no text of an object. */
@EveryEngine
class SecretsTest {

    private static final Setting<byte[]> SAME = Setting.unchanged();

    private final TestServer usher;
    private final Batch batch;
    private final Eui64 gateway = eui("58A0CBFFFE800BE7");

    SecretsTest(TestDatabase engine) {
        usher = TestServer.on(engine);
        batch = usher.batch("femto", "58A0CBFFFE800000/48");
    }

    @AfterEach
    void close() {
        usher.close();
    }

    @Test
    void noColumnOfAnyTableHoldsASecret() {
        GatewaySecrets secrets = usher.server.factorySecrets(batch, gateway);
        IssuedCertificate client = usher.authority.issueGateway(gateway, Duration.ofDays(1));
        ApiKey.Created apiKey =
                usher.database.write(
                        new ApiKeys(usher.database, usher.audit, usher.now::get)
                                .create(ADMIN, ACME, "ci", Optional.empty()));
        Map<String, byte[]> planted = new LinkedHashMap<>();
        plant(planted, "PIN", secrets.pin().text());
        plant(planted, "PIN without dashes", secrets.pin().text().replace("-", ""));
        plant(planted, "batch token", secrets.token());
        plant(planted, "API key", apiKey.text().substring(apiKey.text().lastIndexOf('.') + 1));
        plant(planted, "added token", "added-t0ken-s3cret");
        plant(planted, "imported code", "imported-c0de-s3cret");
        plant(planted, "imported token", "imported-t0ken-s3cret");
        plant(planted, "CUPS header", "cups-header-s3cret");
        plant(planted, "wrong code", "wrong-c0de-s3cret");
        plant(planted, "wrong token", "wrong-t0ken-s3cret");
        planted.put("private key", client.privateKeySec1());
        planted.put("private scalar", scalar(client));

        usher.claim(ACME, gateway, "wrong-c0de-s3cret");
        usher.claimed(ACME, batch, gateway);
        usher.database.write(
                usher.server
                        .claims()
                        .add(
                                principal(ACME),
                                ACME,
                                List.of(
                                        new Claims.Addition(
                                                new Eui64(1), "own", "added-t0ken-s3cret")),
                                false));
        usher.database.write(
                usher.server
                        .claims()
                        .importAll(
                                ADMIN,
                                List.of(
                                        new Claims.Import(
                                                new Eui64(2),
                                                "ttig",
                                                Optional.of("imported-c0de-s3cret"),
                                                Optional.of("imported-t0ken-s3cret"))),
                                false));
        assertThat(usher.claim(OTHER, new Eui64(2), "imported-c0de-s3cret").isDone()).isTrue();
        assertThat(usher.setup(ACME, gateway, setup(client))).isEqualTo(ItemResult.done(gateway));
        usher.server.claims().tokens(ACME, List.of(gateway));
        usher.checkIn(gateway, secrets.token());
        usher.checkIn(gateway, "wrong-t0ken-s3cret");
        usher.checkIn(new Eui64(1), "added-t0ken-s3cret");
        usher.server.checkIns().flush();
        usher.release(OTHER, new Eui64(2));

        Map<String, String> database = dump();
        // That the search finds what is there.
        assertThat(find(database, "lns.example.org".getBytes(US_ASCII)))
                .contains("gateway.lns_uri", "audit.detail");
        assertThat(find(database, client.certificateDer())).containsExactly("certificate.der");
        planted.forEach((name, secret) -> assertThat(find(database, secret)).as(name).isEmpty());
    }

    @Test
    void noObjectShowsASecret() {
        GatewaySecrets secrets = usher.server.factorySecrets(batch, gateway);
        IssuedCertificate client = usher.authority.issueGateway(gateway, Duration.ofDays(1));
        usher.claimed(ACME, batch, gateway);
        SetupChange change = setup(client);
        usher.setup(ACME, gateway, change);
        CredentialReader reader = new CredentialReader();
        List<Object> objects =
                List.of(
                        secrets,
                        new Claims.Claim(gateway, "s3cret"),
                        new Claims.Addition(gateway, "", "s3cret"),
                        new Claims.Import(
                                gateway, "", Optional.of("s3cret"), Optional.of("s3cret")),
                        new Claims.TokenResult(gateway, Optional.of("s3cret"), Optional.empty()),
                        usher.server.claims().tokens(ACME, List.of(gateway)),
                        new CheckIns.Presented(Optional.of("s3cret"), Optional.empty()),
                        change,
                        new Setups.Setup(gateway, change),
                        Endpoint.merge(EndpointKind.CUPS, Optional.empty(), change.cups(), reader),
                        Endpoint.merge(EndpointKind.LNS, Optional.empty(), change.lns(), reader),
                        usher.setupOf(ACME, gateway),
                        usher.gateway(gateway),
                        usher.database.read(handle -> GatewayRow.find(handle, gateway)),
                        usher.checkIn(gateway, secrets.token()));
        for (Object object : objects) {
            assertThat(object.toString())
                    .doesNotContain("s3cret")
                    .doesNotContain(secrets.token())
                    .doesNotContain(secrets.pin().text())
                    .doesNotContain(Base64.getEncoder().encodeToString(client.privateKeySec1()));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3cret",
                "Host: s3cret",
                "s3cret: s3cret",
                "Authorization: s3cret\r\nX-A: s3cret",
                "Authorization: s3cret\0",
                "-----BEGIN PRIVATE KEY-----\ns3cret\n-----END PRIVATE KEY-----\n",
                "-----BEGIN PRIVATE KEY-----\ns3cret!\n",
                "0s3cret"
            })
    void noMessageShowsASecret(String secret) {
        usher.claimed(ACME, batch, gateway);
        IssuedCertificate client = usher.authority.issueGateway(gateway, Duration.ofDays(1));
        Setting<byte[]> given = Setting.to(secret.getBytes(ISO_8859_1));
        Setting<byte[]> trust = Setting.to(usher.authority.certificateDer());
        Setting<byte[]> certificate = Setting.to(client.certificateDer());
        Setting<String> uri = Setting.to("https://cups.example.org:443");
        List<String> said = new ArrayList<>();
        for (EndpointChange change :
                List.of(
                        new EndpointChange(uri, trust, SAME, given),
                        new EndpointChange(uri, trust, certificate, given),
                        new EndpointChange(uri, trust, given, given),
                        new EndpointChange(uri, given, SAME, SAME))) {
            ItemResult result =
                    usher.setup(
                            ACME,
                            gateway,
                            new SetupChange(
                                    change,
                                    EndpointChange.NONE,
                                    Setting.unchanged(),
                                    Setting.unchanged(),
                                    Setting.unchanged()));
            said.add(result.error().orElseThrow());
            said.addAll(causes(change));
        }
        said.add(usher.claim(ACME, gateway, secret).error().orElseThrow());
        said.add(
                usher.database
                        .write(
                                usher.server
                                        .claims()
                                        .add(
                                                principal(ACME),
                                                ACME,
                                                List.of(
                                                        new Claims.Addition(
                                                                new Eui64(1), "", secret + "\0")),
                                                false))
                        .getFirst()
                        .error()
                        .orElseThrow());

        assertThat(said).allSatisfy(text -> assertThat(text).doesNotContain("s3cret"));
    }

    /** The messages of everything that lies behind the error that is told. */
    private static List<String> causes(EndpointChange change) {
        List<String> messages = new ArrayList<>();
        try {
            Endpoint.merge(EndpointKind.CUPS, Optional.empty(), change, new CredentialReader());
        } catch (IllegalArgumentException e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                messages.add(cause.toString());
            }
        }
        return messages;
    }

    private SetupChange setup(IssuedCertificate client) {
        Setting<byte[]> trust = Setting.to(usher.authority.certificateDer());
        return new SetupChange(
                new EndpointChange(
                        Setting.to("https://cups.example.org:443"),
                        trust,
                        SAME,
                        Setting.to("Authorization: cups-header-s3cret\r\n".getBytes(US_ASCII))),
                new EndpointChange(
                        Setting.to("wss://lns.example.org:8887"),
                        trust,
                        Setting.to(client.certificateDer()),
                        Setting.to(client.privateKeySec1())),
                Setting.unchanged(),
                Setting.unchanged(),
                Setting.unchanged());
    }

    private static void plant(Map<String, byte[]> planted, String name, String secret) {
        planted.put(name, secret.getBytes(US_ASCII));
    }

    /** The 32 bytes of a P-256 private key, which every encoding of it contains. */
    private static byte[] scalar(IssuedCertificate client) {
        byte[] sec1 = client.privateKeySec1();
        byte[] scalar = Arrays.copyOfRange(sec1, 7, 39);
        assertThat(HexFormat.of().formatHex(client.privateKeyPkcs8()))
                .contains(HexFormat.of().formatHex(scalar));
        return scalar;
    }

    /** Where the secret stands: as it is, or in hex or base64. */
    private static List<String> find(Map<String, String> database, byte[] secret) {
        List<String> forms =
                List.of(
                        new String(secret, ISO_8859_1),
                        HexFormat.of().formatHex(secret),
                        HexFormat.of().withUpperCase().formatHex(secret),
                        Base64.getEncoder().withoutPadding().encodeToString(secret),
                        Base64.getUrlEncoder().withoutPadding().encodeToString(secret));
        return database.entrySet().stream()
                .filter(column -> forms.stream().anyMatch(column.getValue()::contains))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** All that stands in each column, by {@code table.column}. */
    private Map<String, String> dump() {
        String tables =
                usher.database.engine() == Engine.SQLITE
                        ? "SELECT name FROM sqlite_master WHERE type = 'table'"
                        : "SELECT table_name FROM information_schema.tables WHERE table_schema ="
                                + " 'public'";
        return usher.database.read(
                handle -> {
                    Map<String, String> columns = new LinkedHashMap<>();
                    for (String table : handle.createQuery(tables).mapTo(String.class).list()) {
                        for (Map<String, @Nullable Object> row :
                                handle.createQuery("SELECT * FROM " + table).mapToMap().list()) {
                            row.forEach(
                                    (column, value) ->
                                            columns.merge(
                                                    table + "." + column,
                                                    text(value) + "\n",
                                                    String::concat));
                        }
                    }
                    assertThat(columns.keySet().stream().map(name -> name.replaceAll("\\..*", "")))
                            .contains("gateway", "audit", "gateway_seen", "certificate", "api_key");
                    return columns;
                });
    }

    private static String text(@Nullable Object value) {
        return value instanceof byte[] bytes
                ? new String(bytes, ISO_8859_1)
                : String.valueOf(value);
    }
}
