package dev.usher.api;

import dev.usher.accounts.ApiKeys;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.IdempotentAnswers;
import dev.usher.accounts.Owner;
import dev.usher.accounts.OwnerCertificates;
import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Owners;
import dev.usher.accounts.Principal;
import dev.usher.api.edge.Handler;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.devices.JoinServer;
import dev.usher.gateways.Batch;
import dev.usher.gateways.GatewayJoinServer;
import dev.usher.keys.CertificateAuthority;
import dev.usher.keys.FileVault;
import dev.usher.keys.GatewaySecrets;
import dev.usher.keys.KeyLabel;
import dev.usher.keys.MasterKey;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.EuiRange;
import dev.usher.store.Database;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import tools.jackson.databind.JsonNode;

/**
 * The whole house behind the faces, on a database and a vault of its own, without a network: two
 * owners with a key each, and the batch {@code femto} of {@code 58A0CBFFFE800000/44}.
 */
final class House implements AutoCloseable {

    static final OwnerId ACME = OwnerId.parse("::1");
    static final OwnerId OTHER = OwnerId.parse("::2");
    static final Eui64 GATEWAY = Eui64.parse("58A0CBFFFE800BE7");

    static final Principal ADMIN = new Principal.Administrator("test");

    final AtomicReference<Instant> now =
            new AtomicReference<>(Instant.parse("2026-11-21T10:00:00Z"));
    final Database database;
    final UnsteadyVault vault;
    final CertificateAuthority authority;
    final AuditLog audit;
    final GatewayJoinServer gateways;
    final JoinServer joinServer;
    final Batch femto;
    final String administratorKey;
    final String acmeKey;
    final String otherKey;
    final Handler ownerApi;
    final Handler cups;
    final RestApi.Services services;
    final RestApi rest;

    House(Path directory) {
        database = MigratedDatabase.in(directory);
        vault =
                new UnsteadyVault(
                        FileVault.open(
                                directory.resolve("vault"),
                                MasterKey.file(directory.resolve("master.key"))));
        authority = CertificateAuthority.create("Test CA", now::get);
        audit = new AuditLog(database, now::get);
        Owners owners = new Owners(database, audit, now::get);
        ApiKeys keys = new ApiKeys(database, audit, now::get);
        OwnerCertificates certificates = new OwnerCertificates(database, audit, now::get);
        IdempotentAnswers answers = new IdempotentAnswers(vault.sealer(), now::get);
        gateways =
                new GatewayJoinServer(
                        database,
                        vault,
                        authority.certificate(),
                        audit,
                        certificates,
                        now::get,
                        10);
        joinServer = new JoinServer(database, vault, audit, now::get, 10);
        database.write(owners.create(ADMIN, ACME, "Acme", Owner.DEFAULT_ADD_LIMIT));
        database.write(owners.create(ADMIN, OTHER, "Other", Owner.DEFAULT_ADD_LIMIT));
        administratorKey =
                database.write(keys.createAdministrator(ADMIN, "admin", Optional.empty())).text();
        acmeKey = database.write(keys.create(ADMIN, ACME, "acme", Optional.empty())).text();
        otherKey = database.write(keys.create(ADMIN, OTHER, "other", Optional.empty())).text();
        vault.create(new KeyLabel("femto"));
        femto =
                database.write(
                        gateways.batches()
                                .create(
                                        ADMIN,
                                        new Batch(
                                                "femto",
                                                EuiRange.parse("58A0CBFFFE800000/44"),
                                                "femto",
                                                new KeyLabel("femto"),
                                                Optional.empty(),
                                                true,
                                                now.get())));
        gateways.batches().refresh();
        Authenticator authenticator = new Authenticator(keys, certificates);
        ownerApi = new OwnerApi(database, gateways, authenticator, answers);
        MeterRegistry meters = new SimpleMeterRegistry();
        cups =
                new CupsFace(
                        gateways.checkIns(),
                        new AddressWatch(
                                "cups",
                                Duration.ofHours(1),
                                TrustedProxies.NONE,
                                now::get,
                                meters,
                                gateways.checkIns()::alert),
                        meters);
        services =
                new RestApi.Services(
                        database,
                        gateways,
                        joinServer,
                        vault,
                        authority,
                        owners,
                        keys,
                        certificates,
                        audit,
                        answers,
                        authenticator,
                        now::get,
                        "https://localhost:9191",
                        authority::certificate,
                        "file",
                        () -> "usher_up 1\n",
                        database::trouble);
        rest = new RestApi(services);
    }

    GatewaySecrets secretsOf(Eui64 eui) {
        return gateways.factorySecrets(femto, eui);
    }

    String pinOf(Eui64 eui) {
        return secretsOf(eui).pin().text();
    }

    /** Asks the Owner API as Acme. */
    Answer ask(String path, String body) throws Exception {
        return ask(ownerApi, "POST", "/api/v1/" + path, acmeKey, body);
    }

    Answer askRest(String method, String path, String body) throws Exception {
        return ask(rest, method, path, administratorKey, body);
    }

    static Answer ask(Handler handler, String method, String path, String key, String body)
            throws Exception {
        return Answer.of(
                handler.handle(
                        Request.of(method, path)
                                .withHeader("Authorization", "Bearer " + key)
                                .withBody(body)));
    }

    /** An answer as its receiver sees it. */
    record Answer(int status, String body) {

        static Answer of(Response response) throws Exception {
            return switch (response) {
                case Response.Full full ->
                        new Answer(full.status(), new String(full.body(), StandardCharsets.UTF_8));
                case Response.Streamed streamed -> {
                    java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
                    streamed.body().writeTo(out);
                    yield new Answer(streamed.status(), out.toString(StandardCharsets.UTF_8));
                }
                case Response.Close _ -> new Answer(0, "");
                case Response.Upgraded _ -> new Answer(101, "");
            };
        }

        JsonNode json() {
            return Fields.JSON.readTree(body);
        }
    }

    @Override
    public void close() {
        rest.close();
        joinServer.close();
        gateways.close();
        database.close();
        vault.close();
    }
}
