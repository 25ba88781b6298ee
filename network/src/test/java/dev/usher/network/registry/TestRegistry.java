package dev.usher.network.registry;

import dev.usher.accounts.AccountId;
import dev.usher.accounts.AccountKeys;
import dev.usher.accounts.Accounts;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.Caller;
import dev.usher.accounts.Collaborators;
import dev.usher.accounts.Principal;
import dev.usher.keys.FileVault;
import dev.usher.keys.MasterKey;
import dev.usher.keys.Vault;
import dev.usher.lorawan.Eui64;
import dev.usher.store.Database;
import dev.usher.store.TestDatabase;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** A registry on one of the engines, with Ann, Bob and Ann's organization Acme. */
public final class TestRegistry {

    public static final Principal ADMIN = new Principal.Administrator("test");
    public static final AccountId ANN = new AccountId("ann");
    public static final AccountId BOB = new AccountId("bob");
    public static final AccountId ACME = new AccountId("acme");
    public static final Caller AS_ANN = new Caller.SignedIn(ANN, "session");
    public static final Caller AS_BOB = new Caller.SignedIn(BOB, "session");
    public static final Instant START = Instant.parse("2026-11-21T10:00:00Z");
    public static final Eui64 EUI = Eui64.parse("58A0CBFFFE800BE7");
    public static final GatewayId GTW1 = new GatewayId("gtw1");

    public static final int GUESSES = 3;

    private static final Vault VAULT = openVault();

    public final AtomicReference<Instant> now = new AtomicReference<>(START);

    /** What the house's own Gateway Join Server knows. */
    public final Map<Eui64, KnownGateway> knownAtHome = new HashMap<>();

    public final Database database;
    public final AuditLog audit;
    public final Accounts accounts;
    public final Collaborators collaborators;
    public final AccountKeys keys;
    public final GatewayRegistry registry;

    public TestRegistry(TestDatabase engine) {
        database = engine.emptied();
        audit = new AuditLog(database, now::get);
        accounts = new Accounts(database, audit, now::get);
        collaborators = new Collaborators(database, audit);
        keys = new AccountKeys(database, audit, now::get);
        registry =
                new GatewayRegistry(
                        database,
                        VAULT,
                        keys,
                        eui -> Optional.ofNullable(knownAtHome.get(eui)),
                        audit,
                        now::get,
                        GUESSES);
        database.write(accounts.createUser(ADMIN, ANN, "Ann", Optional.empty(), false));
        database.write(accounts.createUser(ADMIN, BOB, "Bob", Optional.empty(), false));
        database.write(accounts.createOrganization(AS_ANN, ACME, "Acme", ANN));
    }

    private static Vault openVault() {
        try {
            Path home = Files.createTempDirectory("usher-vault-");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> deleteAll(home.toFile())));
            return FileVault.open(
                    home.resolve("vault"), MasterKey.file(home.resolve("master.key")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void deleteAll(File file) {
        File[] children = file.listFiles();
        if (children != null) {
            for (File child : children) {
                deleteAll(child);
            }
        }
        file.delete();
    }
}
