package dev.usher.gateways;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.accounts.AuditEntry;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.Owner;
import dev.usher.accounts.OwnerCertificates;
import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Owners;
import dev.usher.accounts.Principal;
import dev.usher.keys.CertificateAuthority;
import dev.usher.keys.FileVault;
import dev.usher.keys.KeyLabel;
import dev.usher.keys.MasterKey;
import dev.usher.keys.Vault;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.EuiRange;
import dev.usher.station.Credentials;
import dev.usher.station.UpdateInfoRequest;
import dev.usher.store.Database;
import dev.usher.store.DatabaseUrl;
import dev.usher.store.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A Gateway Join Server on one of the engines, with two owners, and what tests often do with it.
 *
 * <p>The database of an engine is opened once and emptied for each test, as opening one takes
 * longer than most tests; {@link #at} opens another.
 */
final class TestServer implements AutoCloseable {

    static final Principal ADMIN = new Principal.Administrator("test");
    static final OwnerId ACME = OwnerId.parse("::1");
    static final OwnerId OTHER = OwnerId.parse("::2");
    static final int GUESSES_PER_DAY = 10;
    static final Instant START = Instant.parse("2026-11-21T10:00:00Z");

    private static final Map<TestDatabase, Database> SHARED = new EnumMap<>(TestDatabase.class);
    private static final Vault VAULT = openVault();

    /** What time it is; tests set it. */
    final AtomicReference<Instant> now = new AtomicReference<>(START);

    final Database database;
    final AuditLog audit;
    final OwnerCertificates certificates;
    final CertificateAuthority authority = CertificateAuthority.create("Usher", now::get);
    final GatewayJoinServer server;
    private final boolean shared;

    private TestServer(Database database, boolean shared) {
        this.database = database;
        this.shared = shared;
        this.audit = new AuditLog(database, now::get);
        this.certificates = new OwnerCertificates(database, audit, now::get);
        Owners owners = new Owners(database, audit, now::get);
        for (OwnerId owner : List.of(ACME, OTHER)) {
            if (owners.find(owner).isEmpty()) {
                database.write(
                        owners.create(ADMIN, owner, "owner " + owner, Owner.DEFAULT_ADD_LIMIT));
            }
        }
        this.server =
                new GatewayJoinServer(
                        database,
                        VAULT,
                        authority.certificate(),
                        audit,
                        certificates,
                        now::get,
                        GUESSES_PER_DAY);
    }

    /** On the engine's shared database, which is empty now. */
    static TestServer on(TestDatabase engine) {
        Database database = SHARED.computeIfAbsent(engine, TestDatabase::fresh);
        database.write(
                handle -> {
                    for (String table : tables()) {
                        handle.execute("DELETE FROM " + table);
                    }
                    return handle.execute("UPDATE audit_head SET seq = 0, hash = ''");
                });
        return new TestServer(database, true);
    }

    /** On a database of its own, which may hold something already. */
    static TestServer at(DatabaseUrl url) {
        return new TestServer(Database.open(url), false);
    }

    /** Another node on the same database, with the same vault. */
    TestServer anotherNode() {
        TestServer node = new TestServer(database, true);
        node.now.set(now.get());
        return node;
    }

    /** Every table with content of its own, those that refer to others first. */
    static List<String> tables() {
        return List.of(
                "audit",
                "idempotent_answer",
                "owner_certificate",
                "owner_ca",
                "api_key",
                "gateway",
                "certificate",
                "gateway_seen",
                "claim_guess",
                "firmware",
                "firmware_part",
                "firmware_signature",
                "batch",
                "owner");
    }

    static Principal principal(OwnerId owner) {
        return new Principal.OwnerPrincipal(owner, "key test");
    }

    static Eui64 eui(String text) {
        return Eui64.parse(text);
    }

    Batch batch(String name, String range) {
        return create(describe(name, range, Optional.empty(), false));
    }

    Batch batchOfMaker(String name, String range, X509Certificate makerCa) {
        return create(describe(name, range, Optional.of(makerCa), false));
    }

    Batch batchThatRetiresPins(String name, String range) {
        return create(describe(name, range, Optional.empty(), true));
    }

    Batch create(Batch batch) {
        Batch created = database.write(server.batches().create(ADMIN, batch));
        server.batches().refresh();
        return created;
    }

    /** A batch that does not exist yet; its root key does. */
    Batch describe(
            String name, String range, Optional<X509Certificate> makerCa, boolean retiresPins) {
        KeyLabel key = new KeyLabel(name);
        if (!VAULT.contains(key)) {
            VAULT.create(key);
        }
        return new Batch(
                name, EuiRange.parse(range), "femto", key, makerCa, retiresPins, now.get());
    }

    String pin(Batch batch, Eui64 eui) {
        return server.factorySecrets(batch, eui).pin().text();
    }

    String token(Batch batch, Eui64 eui) {
        return server.factorySecrets(batch, eui).token();
    }

    List<ItemResult> claim(OwnerId owner, Claims.Claim... claims) {
        return database.write(
                server.claims().claim(principal(owner), owner, List.of(claims), false));
    }

    ItemResult claim(OwnerId owner, Eui64 eui, String code) {
        return claim(owner, new Claims.Claim(eui, code)).getFirst();
    }

    /** Claims the gateway with the PIN on its label. */
    Eui64 claimed(OwnerId owner, Batch batch, Eui64 eui) {
        assertThat(claim(owner, eui, pin(batch, eui))).isEqualTo(ItemResult.done(eui));
        return eui;
    }

    ItemResult release(OwnerId owner, Eui64 eui) {
        return database.write(server.claims().release(principal(owner), owner, List.of(eui), false))
                .getFirst();
    }

    List<ItemResult> setup(OwnerId owner, Setups.Setup... setups) {
        return database.write(
                server.setups().setup(principal(owner), owner, List.of(setups), false));
    }

    ItemResult setup(OwnerId owner, Eui64 eui, SetupChange change) {
        return setup(owner, new Setups.Setup(eui, change)).getFirst();
    }

    /** What the owner set up for a gateway it has claimed. */
    GatewaySetup setupOf(OwnerId owner, Eui64 eui) {
        return Optional.ofNullable(server.gateways().setups(owner, List.of(eui)).get(eui))
                .orElseThrow();
    }

    Gateway gateway(Eui64 eui) {
        return server.gateways().find(eui).orElseThrow();
    }

    List<AuditEntry> auditOf(Eui64 eui) {
        return audit.list(
                new AuditLog.Filter(Optional.of(eui.toString()), Optional.empty()), 0, 1000);
    }

    /** Checks in with a token, as a gateway that has nothing yet. */
    CheckIns.Outcome checkIn(Eui64 eui, String token) {
        return checkIn(virgin(eui), token);
    }

    CheckIns.Outcome checkIn(UpdateInfoRequest request, String token) {
        return server.checkIns()
                .checkIn(request, new CheckIns.Presented(Optional.of(token), Optional.empty()));
    }

    CheckIns.Outcome checkIn(UpdateInfoRequest request, X509Certificate certificate) {
        return server.checkIns()
                .checkIn(
                        request,
                        new CheckIns.Presented(Optional.empty(), Optional.of(certificate)));
    }

    /** What a gateway reports that comes from the factory. */
    static UpdateInfoRequest virgin(Eui64 eui) {
        return running(eui, "1.0.0");
    }

    static UpdateInfoRequest running(Eui64 eui, String version, Integer... keyCrcs) {
        return new UpdateInfoRequest(
                eui,
                Optional.empty(),
                Optional.empty(),
                Credentials.NONE_CRC,
                Credentials.NONE_CRC,
                Optional.of("2.0.6(linux/std)"),
                Optional.of("linux"),
                Optional.of(version),
                List.of(keyCrcs));
    }

    private static Vault openVault() {
        try {
            Path directory = Files.createTempDirectory("usher-vault-");
            Vault vault =
                    FileVault.open(
                            directory.resolve("vault"),
                            MasterKey.file(directory.resolve("master.key")));
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(directory)));
            return vault;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path directory) {
        try (var files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        server.close();
        if (!shared) {
            database.close();
        }
    }
}
