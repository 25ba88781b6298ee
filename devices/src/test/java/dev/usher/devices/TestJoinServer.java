package dev.usher.devices;

import dev.usher.accounts.AuditLog;
import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Owners;
import dev.usher.accounts.Principal;
import dev.usher.backend.Answer;
import dev.usher.backend.Header;
import dev.usher.backend.JoinAns;
import dev.usher.backend.JoinReq;
import dev.usher.backend.Message;
import dev.usher.backend.Octets;
import dev.usher.backend.ProtocolVersion;
import dev.usher.backend.RejoinAns;
import dev.usher.backend.RejoinReq;
import dev.usher.backend.SessionGrant;
import dev.usher.keys.FileVault;
import dev.usher.keys.KeyLabel;
import dev.usher.keys.MasterKey;
import dev.usher.keys.Vault;
import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.DevAddr;
import dev.usher.lorawan.DlSettings;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.EuiRange;
import dev.usher.lorawan.JoinCryptography;
import dev.usher.lorawan.Kek;
import dev.usher.lorawan.MacVersion;
import dev.usher.lorawan.NetId;
import dev.usher.lorawan.RejoinRequest;
import dev.usher.lorawan.RootKeys;
import dev.usher.store.Database;
import dev.usher.store.DatabaseUrl;
import dev.usher.store.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A Join Server on one of the engines: a maker with JoinEUIs, a Network Server and an Application
 * Server that may ask, and devices.
 */
final class TestJoinServer implements AutoCloseable {

    static final Principal ADMIN = new Principal.Administrator("test");
    static final OwnerId MAKER = OwnerId.parse("::1");
    static final OwnerId ACME = OwnerId.parse("::2");
    static final Instant START = Instant.parse("2026-11-21T10:00:00Z");

    static final Eui64 JOIN_EUI = Eui64.parse("70B3D57ED0000000");
    static final Eui64 OTHER_JOIN_EUI = Eui64.parse("70B3D57ED0000001");
    static final Eui64 DEV_EUI = Eui64.parse("0102030405060708");
    static final AesKey NWK_KEY = AesKey.parse("01020304050607080102030405060708");
    static final AesKey APP_KEY = AesKey.parse("000102030405060708090A0B0C0D0E0F");
    static final Kek KEK = Kek.parse("000102030405060708090A0B0C0D0E0F");
    static final RootKeys R1_0 = RootKeys.r1_0(APP_KEY);
    static final RootKeys R1_1 = RootKeys.r1_1(NWK_KEY, APP_KEY);

    static final NetId HOME = NetId.parse("000013");
    static final NetId FOREIGN = NetId.parse("000014");
    static final String AS_ID = "as.example.com";

    /** Where the vault of all tests of this JVM is. */
    static final Path HOME_OF_VAULT = makeHome();

    static final Vault VAULT = openVault(HOME_OF_VAULT);

    final AtomicReference<Instant> now = new AtomicReference<>(START);
    final Database database;
    final AuditLog audit;
    final Vault vault;
    final JoinServer server;

    TestJoinServer(TestDatabase engine) {
        this(engine, VAULT, Optional.empty());
    }

    /** With root keys in this vault, those of new devices under this wrapping key. */
    TestJoinServer(TestDatabase engine, Vault vault, Optional<KeyLabel> wrappingKey) {
        this(engine.emptied(), vault, wrappingKey);
        furnish();
    }

    /** On a database of its own. */
    static TestJoinServer onFresh(DatabaseUrl url) {
        TestJoinServer house = new TestJoinServer(Database.open(url), VAULT, Optional.empty());
        house.furnish();
        return house;
    }

    /** On a database that was furnished before. */
    static TestJoinServer onFormer(DatabaseUrl url) {
        return new TestJoinServer(Database.open(url), VAULT, Optional.empty());
    }

    private void furnish() {
        Owners owners = new Owners(database, audit, now::get);
        database.write(owners.create(ADMIN, MAKER, "maker", 0));
        database.write(owners.create(ADMIN, ACME, "acme", 0));
        database.write(
                server.joinEuis().assign(ADMIN, new EuiRange(JOIN_EUI, OTHER_JOIN_EUI), MAKER));
        server.joinEuis().refresh();
        peer("ns-home", new PeerRole.NetworkServer(HOME));
        peer("ns-foreign", new PeerRole.NetworkServer(FOREIGN));
        peer("as", new PeerRole.ApplicationServer(AS_ID));
    }

    private TestJoinServer(Database database, Vault vault, Optional<KeyLabel> wrappingKey) {
        this.database = database;
        this.vault = vault;
        this.audit = new AuditLog(database, now::get);
        this.server = new JoinServer(database, vault, audit, now::get, 10, wrappingKey);
    }

    /** Another node on the same database; the house is closed with the first. */
    TestJoinServer otherNode() {
        return new TestJoinServer(database, vault, Optional.empty());
    }

    private static Path makeHome() {
        try {
            Path home = Files.createTempDirectory("usher-vault-");
            home.toFile().deleteOnExit();
            return home;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Vault openVault(Path home) {
        return FileVault.open(home.resolve("vault"), MasterKey.file(home.resolve("master.key")));
    }

    void peer(String name, PeerRole role) {
        peer(name, PeerSettings.of(role));
    }

    void peer(String name, PeerSettings settings) {
        database.write(
                server.peers()
                        .create(
                                ADMIN,
                                name,
                                settings,
                                List.of(new PeerCredential.BearerToken(token(name)))));
        server.peers().refresh();
    }

    /** What keys for a peer are wrapped with from then on. */
    void rotateKek(String peer, String label, Duration in) {
        database.write(server.peers().rotateKek(ADMIN, peer, label, KEK.bytes(), START.plus(in)));
        server.peers().refresh();
    }

    static String token(String peer) {
        return "token-of-" + peer;
    }

    static PeerProof proof(String peer) {
        return new PeerProof(List.of(), Optional.of("Bearer " + token(peer)), "/");
    }

    /** A device with these keys that is at home in {@link #HOME}. */
    void device(RootKeys keys) {
        device(keys, Map.of());
    }

    /** A device with these keys and other values in some columns. */
    void device(RootKeys keys, Map<String, ? extends @Nullable Object> columns) {
        device(DEV_EUI, keys);
        columns.forEach(this::set);
    }

    void device(Eui64 devEui, RootKeys keys) {
        WrappedRootKeys sealed =
                WrappedRootKeys.seal(
                        devEui,
                        vault,
                        keys.nwkKey().map(AesKey.class::cast),
                        keys.appKey().map(AesKey.class::cast));
        database.write(
                handle ->
                        handle.execute(
                                """
                                INSERT INTO device (dev_eui, join_eui, maker, owner, created_at,
                                    claimed_at, nwk_key, app_key, home_net_id, as_id)
                                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                                """,
                                devEui.value(),
                                JOIN_EUI.value(),
                                MAKER.value(),
                                ACME.value(),
                                START.toEpochMilli(),
                                START.toEpochMilli(),
                                sealed.nwkKey().orElse(null),
                                sealed.appKey().orElse(null),
                                HOME.value(),
                                AS_ID));
    }

    /** Changes one column of the device. */
    void set(String column, @Nullable Object value) {
        database.write(
                handle ->
                        handle.execute(
                                "UPDATE device SET " + column + " = ? WHERE dev_eui = ?",
                                value,
                                DEV_EUI.value()));
    }

    int joinNonce() {
        return database.read(
                handle ->
                        handle.createQuery("SELECT join_nonce FROM device WHERE dev_eui = ?")
                                .bind(0, DEV_EUI.value())
                                .mapTo(Integer.class)
                                .one());
    }

    int sessions() {
        return database.read(
                handle ->
                        handle.createQuery("SELECT count(*) FROM device_session")
                                .mapTo(Integer.class)
                                .one());
    }

    static Header header(ProtocolVersion version, NetId sender) {
        return new Header(version, sender.toString(), JOIN_EUI.toString(), 0);
    }

    /** The JoinReq of the home Network Server for a device with these keys. */
    static JoinReq joinReq(RootKeys keys, MacVersion version, int devNonce) {
        return joinReq(
                keys,
                version,
                version.isR1_1() ? "80" : "00",
                devNonce,
                header(ProtocolVersion.V1_1, HOME));
    }

    static JoinReq joinReq(
            RootKeys keys, MacVersion version, String dlSettings, int devNonce, Header header) {
        return new JoinReq(
                header,
                version,
                Octets.of(JoinCryptography.request(keys, JOIN_EUI, DEV_EUI, devNonce).phyPayload()),
                DEV_EUI,
                DevAddr.parse("26011234"),
                DlSettings.parse(dlSettings),
                5,
                Optional.empty());
    }

    static RejoinReq rejoinReq(RejoinRequest frame) {
        return new RejoinReq(
                header(ProtocolVersion.V1_1, HOME),
                MacVersion.V1_1_0,
                Octets.of(frame.phyPayload()),
                DEV_EUI,
                DevAddr.parse("26011234"),
                DlSettings.parse("80"),
                5,
                Optional.empty());
    }

    Answer ask(Message message, String peer) {
        return server.answer(message, proof(peer)).answer().orElseThrow();
    }

    JoinAns join(JoinReq request) {
        return (JoinAns) ask(request, "ns-home");
    }

    SessionGrant joined(JoinReq request) {
        return join(request).grant().orElseThrow();
    }

    RejoinAns rejoin(RejoinReq request) {
        return (RejoinAns) ask(request, "ns-home");
    }

    @Override
    public void close() {
        server.close();
    }
}
