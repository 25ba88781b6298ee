package dev.usher.devices;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.usher.accounts.AuditEvent;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.Certificates;
import dev.usher.accounts.Conflict;
import dev.usher.accounts.NotFound;
import dev.usher.accounts.Principal;
import dev.usher.keys.Sealer;
import dev.usher.keys.SecretHash;
import dev.usher.keys.Vault;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.Kek;
import dev.usher.lorawan.NetId;
import dev.usher.lorawan.Printable;
import dev.usher.store.Change;
import dev.usher.store.Database;
import dev.usher.store.Snapshot;
import java.net.URI;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The Network and Application Servers that may ask, how they prove who they are, and what keys for
 * them are wrapped with.
 *
 * <p>They are few and asked for with every message, so they are kept in memory: what another node
 * changed is known here after two seconds at most.
 */
public final class Peers {

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");

    private static final String BEARER = "peer-bearer";
    private static final String BASIC = "peer-basic";

    /** In the place of a KEK whose label alone is remembered. */
    private static final byte[] FORGOTTEN = {};

    private final Database database;
    private final AuditLog audit;
    private final InstantSource clock;
    private final Sealer sealer;
    private final SecretHash hashes;
    private final Snapshot<BySenderId> snapshot;

    Peers(Database database, Vault vault, AuditLog audit, InstantSource clock) {
        this.database = requireNonNull(database, "database");
        this.audit = requireNonNull(audit, "audit");
        this.clock = requireNonNull(clock, "clock");
        this.sealer = vault.sealer();
        this.hashes = new SecretHash(vault);
        this.snapshot = new Snapshot<>(database, handle -> BySenderId.of(stored(handle)));
    }

    /** Registers a peer; fails with {@link Conflict} if the name is taken. */
    public Change<Peer> create(
            Principal actor, String name, PeerSettings settings, List<PeerCredential> credentials) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "'"
                            + Printable.of(name)
                            + "' is not a name for a peer: use lower-case letters, digits, '.', '_'"
                            + " and '-', 63 at most, such as ns-example");
        }
        Secrets secrets = secrets(new CredentialChange(credentials, Set.of()).given());
        byte @Nullable [] header = sealedHeader(name, settings);
        Instant now = now();
        return handle -> {
            if (find(handle, name).isPresent()) {
                throw new Conflict("peer '" + name + "' exists already: choose another name");
            }
            handle.createUpdate(
                            """
                            INSERT INTO peer (name, net_id, as_id, ns_ids, strict_ns_id, ca, san,
                                bearer_hash, basic_user, basic_hash, async_url, async_header,
                                path_prefix, created_at)
                            VALUES (:name, :netId, :asId, :nsIds, :strict, :ca, :san,
                                :bearer, :user, :password, :url, :header, :prefix, :at)
                            """)
                    .bind("name", name)
                    .bind("header", header)
                    .bindMap(columns(settings))
                    .bindMap(secrets.columns())
                    .bind("at", now.toEpochMilli())
                    .execute();
            audited(handle, actor, "peer.create", name, described(settings));
            return find(handle, name).orElseThrow().view();
        };
    }

    /**
     * Deals with a peer in another way from now on; fails with {@link Conflict} if it could not
     * prove who it is any more.
     *
     * @param settings makes the new settings of those the peer has; called within the change
     */
    public Change<Peer> set(
            Principal actor,
            String name,
            UnaryOperator<PeerSettings> settings,
            CredentialChange credentials) {
        requireNonNull(settings, "settings");
        Secrets given = secrets(credentials.given());
        Set<PeerCredential.Kind> changed = credentials.changed();
        return handle -> {
            PeerSettings next = settings.apply(get(handle, name).settings());
            Secrets secrets = Secrets.of(handle, name).with(given, changed);
            if (secrets.areNone() && !credentials.withdrawn().isEmpty()) {
                throw new Conflict(
                        "peer '"
                                + name
                                + "' could not prove who it is any more: give it another"
                                + " credential, or delete it");
            }
            handle.createUpdate(
                            """
                            UPDATE peer SET net_id = :netId, as_id = :asId, ns_ids = :nsIds,
                                strict_ns_id = :strict, ca = :ca, san = :san,
                                bearer_hash = :bearer, basic_user = :user, basic_hash = :password,
                                async_url = :url, async_header = :header, path_prefix = :prefix
                            WHERE name = :name
                            """)
                    .bind("name", name)
                    .bind("header", sealedHeader(name, next))
                    .bindMap(columns(next))
                    .bindMap(secrets.columns())
                    .execute();
            audited(handle, actor, "peer.set", name, described(next));
            return get(handle, name).view();
        };
    }

    /**
     * Wraps the keys for a peer with this KEK from {@code from} on, so that the peer can have it by
     * then. What was wrapped before stays as it is; KEKs before the one in use are forgotten, but
     * for their labels, which a peer may still have beside keys that they wrapped.
     */
    public Change<Peer> rotateKek(
            Principal actor, String name, String label, byte[] kek, Instant from) {
        KekLabel.check(label);
        Kek.of(kek);
        byte[] sealed = sealer.seal(kekContext(name, label), kek);
        Instant now = now();
        return handle -> {
            StoredPeer peer = get(handle, name);
            if (hadKek(handle, name, label)) {
                throw new Conflict(
                        "peer '"
                                + name
                                + "' has or had a KEK '"
                                + Printable.of(label)
                                + "' already: give the new one another label, so that both sides"
                                + " can tell them apart");
            }
            peer.kekAt(now)
                    .filter(inUse -> from.isBefore(inUse.from()))
                    .ifPresent(
                            inUse -> {
                                throw new Conflict(
                                        "KEK '"
                                                + Printable.of(label)
                                                + "' would never be used: the one in use, '"
                                                + Printable.of(inUse.label())
                                                + "', began at "
                                                + inUse.from()
                                                + ", after "
                                                + from);
                            });
            peer.kekAt(now)
                    .ifPresent(
                            inUse ->
                                    handle.execute(
                                            """
                                            UPDATE peer_kek SET kek = ?
                                            WHERE peer = ? AND from_at < ?
                                            """,
                                            FORGOTTEN,
                                            name,
                                            inUse.from().toEpochMilli()));
            handle.execute(
                    "INSERT INTO peer_kek (peer, label, kek, from_at) VALUES (?, ?, ?, ?)",
                    name,
                    label,
                    sealed,
                    from.toEpochMilli());
            audited(
                    handle,
                    actor,
                    "peer.rotate-kek",
                    name,
                    Map.of("label", label, "from", from.toString()));
            return get(handle, name).view();
        };
    }

    private static boolean hadKek(Handle handle, String name, String label) {
        return handle.createQuery(
                        "SELECT EXISTS (SELECT 1 FROM peer_kek WHERE peer = ? AND label = ?)")
                .bind(0, name)
                .bind(1, label)
                .mapTo(Boolean.class)
                .one();
    }

    /**
     * Forgets one KEK of a peer. If it is in use, the one that began before it is again, if there
     * still is one; without any, keys for the peer are in clear inside TLS.
     */
    public Change<Peer> deleteKek(Principal actor, String name, String label) {
        return handle -> {
            get(handle, name);
            int deleted =
                    handle.execute(
                            """
                            DELETE FROM peer_kek
                            WHERE peer = ? AND label = ? AND length(kek) > 0
                            """,
                            name,
                            label);
            if (deleted == 0) {
                throw new NotFound("peer '" + name + "' has no KEK '" + Printable.of(label) + "'");
            }
            audited(handle, actor, "peer.delete-kek", name, Map.of("label", label));
            return get(handle, name).view();
        };
    }

    /** Ends a peer: it is a stranger from now on. */
    public Change<Boolean> delete(Principal actor, String name) {
        return handle -> {
            get(handle, name);
            handle.execute("DELETE FROM peer_kek WHERE peer = ?", name);
            handle.execute("DELETE FROM peer WHERE name = ?", name);
            audited(handle, actor, "peer.delete", name, Map.of());
            return true;
        };
    }

    public List<Peer> list() {
        return database.read(this::stored).stream().map(StoredPeer::view).toList();
    }

    /** The peer, or {@link NotFound} with a sentence. */
    public Peer get(String name) {
        return database.read(handle -> get(handle, name)).view();
    }

    /** Reads the peers again at once. Call it after a change. */
    public void refresh() {
        snapshot.refresh();
    }

    /**
     * Who asks, if a peer has this SenderID and the proof is its.
     *
     * @param senderId as it was sent: of a Network Server with or without 0x, in either case
     */
    Optional<StoredPeer> authenticate(String senderId, PeerProof proof) {
        Instant now = now();
        return snapshot.current()
                .named(senderId)
                .filter(peer -> peer.isAt(proof.path()) && peer.isProven(proof, hashes, now))
                .findFirst();
    }

    /**
     * As {@link #authenticate}, of those whose proof was found right before, without ever reading
     * the database or asking the vault.
     */
    Optional<StoredPeer> recognise(String senderId, PeerProof proof) {
        Instant now = now();
        return snapshot.fresh().stream()
                .flatMap(peers -> peers.named(senderId))
                .filter(peer -> peer.isAt(proof.path()) && peer.isRecognised(proof, now))
                .findFirst();
    }

    /** Learns what other nodes changed, for a request whose sender need not be looked up. */
    void catchUp() {
        var _ = snapshot.current();
    }

    /**
     * What keys for the Application Server with this AS-ID are wrapped with now, for a request
     * whose sender was looked up before. Of several with that AS-ID, it is the first that has a
     * KEK.
     */
    Optional<StoredPeer.StoredKek> applicationKek(String asId, Instant now) {
        return snapshot.latest()
                .applicationServers(asId)
                .flatMap(peer -> peer.kekAt(now).stream())
                .findFirst();
    }

    private record BySenderId(
            Map<NetId, List<StoredPeer>> networkServers,
            Map<String, List<StoredPeer>> applicationServers) {

        private static final Pattern NET_ID = Pattern.compile("(0[xX])?[0-9A-Fa-f]{6}");

        static BySenderId of(List<StoredPeer> all) {
            Map<NetId, List<StoredPeer>> networkServers = new HashMap<>();
            Map<String, List<StoredPeer>> applicationServers = new HashMap<>();
            for (StoredPeer peer : all) {
                switch (peer.settings().role()) {
                    case PeerRole.NetworkServer(NetId netId) ->
                            networkServers.computeIfAbsent(netId, _ -> new ArrayList<>()).add(peer);
                    case PeerRole.ApplicationServer(String asId) ->
                            applicationServers
                                    .computeIfAbsent(asId, _ -> new ArrayList<>())
                                    .add(peer);
                }
            }
            return new BySenderId(networkServers, applicationServers);
        }

        /** A NetID is a number, however it is written; an AS-ID is a text. */
        Stream<StoredPeer> named(String senderId) {
            return Stream.concat(networkServers(senderId), applicationServers(senderId));
        }

        private Stream<StoredPeer> networkServers(String senderId) {
            return NET_ID.matcher(senderId).matches()
                    ? networkServers.getOrDefault(NetId.parse(senderId), List.of()).stream()
                    : Stream.empty();
        }

        Stream<StoredPeer> applicationServers(String asId) {
            return applicationServers.getOrDefault(asId, List.of()).stream();
        }
    }

    private Instant now() {
        return Instant.ofEpochMilli(clock.millis());
    }

    private void audited(
            Handle handle,
            Principal actor,
            String action,
            String name,
            Map<String, String> detail) {
        audit.append(handle, new AuditEvent(actor, action, name, Optional.empty(), detail));
    }

    private static Map<String, String> described(PeerSettings settings) {
        return Map.of("sender", settings.role().senderId());
    }

    /** What is kept of a peer's credentials. */
    private record Secrets(
            byte @Nullable [] ca,
            @Nullable String san,
            byte @Nullable [] bearer,
            @Nullable String user,
            byte @Nullable [] password) {

        static Secrets of(Handle handle, String name) {
            return handle.createQuery("SELECT * FROM peer WHERE name = ?")
                    .bind(0, name)
                    .map(
                            (row, _) ->
                                    new Secrets(
                                            row.getBytes("ca"),
                                            row.getString("san"),
                                            row.getBytes("bearer_hash"),
                                            row.getString("basic_user"),
                                            row.getBytes("basic_hash")))
                    .one();
        }

        /** These, but the others' of the kinds named. */
        Secrets with(Secrets others, Set<PeerCredential.Kind> kinds) {
            Secrets certificate =
                    kinds.contains(PeerCredential.Kind.CLIENT_CERTIFICATE) ? others : this;
            Secrets token = kinds.contains(PeerCredential.Kind.BEARER_TOKEN) ? others : this;
            Secrets basic = kinds.contains(PeerCredential.Kind.PASSWORD) ? others : this;
            return new Secrets(
                    certificate.ca, certificate.san, token.bearer, basic.user, basic.password);
        }

        /** Whether nobody can be the peer. */
        boolean areNone() {
            return ca == null && bearer == null && password == null;
        }

        Map<String, @Nullable Object> columns() {
            Map<String, @Nullable Object> columns = new HashMap<>();
            columns.put("ca", ca);
            columns.put("san", san);
            columns.put("bearer", bearer);
            columns.put("user", user);
            columns.put("password", password);
            return columns;
        }
    }

    private Secrets secrets(List<PeerCredential> credentials) {
        byte[] ca = null;
        String san = null;
        byte[] bearer = null;
        String user = null;
        byte[] password = null;
        for (PeerCredential credential : credentials) {
            switch (credential) {
                case PeerCredential.ClientCertificate(var authority, var name) -> {
                    ca = Certificates.encoded(authority);
                    san = name.orElse(null);
                }
                case PeerCredential.BearerToken(String token) ->
                        bearer = hashes.of(BEARER, token.getBytes(UTF_8));
                case PeerCredential.UserAndPassword(String given, String secret) -> {
                    user = given;
                    password = hashes.of(BASIC, secret.getBytes(UTF_8));
                }
            }
        }
        return new Secrets(ca, san, bearer, user, password);
    }

    private static Map<String, @Nullable Object> columns(PeerSettings settings) {
        Map<String, @Nullable Object> columns = new HashMap<>();
        columns.put(
                "netId",
                settings.role() instanceof PeerRole.NetworkServer(NetId netId)
                        ? netId.value()
                        : null);
        columns.put(
                "asId",
                settings.role() instanceof PeerRole.ApplicationServer(String asId) ? asId : null);
        columns.put(
                "nsIds",
                settings.nsIds().stream().map(Eui64::toString).collect(Collectors.joining(",")));
        columns.put("strict", settings.strictNsId() ? 1 : 0);
        columns.put("url", settings.async().map(async -> async.url().toString()).orElse(null));
        columns.put("prefix", settings.pathPrefix().orElse(null));
        return columns;
    }

    private byte @Nullable [] sealedHeader(String peer, PeerSettings settings) {
        return settings.async()
                .flatMap(AsyncTarget::authorization)
                .map(value -> sealer.seal(headerContext(peer), value.getBytes(UTF_8)))
                .orElse(null);
    }

    private static String headerContext(String peer) {
        return "peer/" + peer + "/async";
    }

    private static String kekContext(String peer, String label) {
        return "peer/" + peer + "/kek/" + label;
    }

    private StoredPeer get(Handle handle, String name) {
        return find(handle, name)
                .orElseThrow(() -> new NotFound("there is no peer '" + Printable.of(name) + "'"));
    }

    private Optional<StoredPeer> find(Handle handle, String name) {
        return stored(handle).stream().filter(peer -> peer.name().equals(name)).findFirst();
    }

    private List<StoredPeer> stored(Handle handle) {
        Map<String, List<StoredPeer.StoredKek>> keks =
                handle
                        .createQuery("SELECT * FROM peer_kek WHERE length(kek) > 0")
                        .map((row, _) -> Map.entry(row.getString("peer"), kek(row)))
                        .list()
                        .stream()
                        .collect(
                                Collectors.groupingBy(
                                        Map.Entry::getKey,
                                        Collectors.mapping(
                                                Map.Entry::getValue, Collectors.toList())));
        return handle.createQuery("SELECT * FROM peer ORDER BY name")
                .map((row, _) -> peer(row, keks.getOrDefault(row.getString("name"), List.of())))
                .list();
    }

    private StoredPeer.StoredKek kek(ResultSet row) throws SQLException {
        String label = row.getString("label");
        byte[] kek = sealer.open(kekContext(row.getString("peer"), label), row.getBytes("kek"));
        return new StoredPeer.StoredKek(
                label, Kek.of(kek), Instant.ofEpochMilli(row.getLong("from_at")));
    }

    private Optional<AsyncTarget> async(ResultSet row) throws SQLException {
        String url = row.getString("async_url");
        if (url == null) {
            return Optional.empty();
        }
        byte @Nullable [] header = row.getBytes("async_header");
        return Optional.of(
                new AsyncTarget(
                        URI.create(url),
                        header == null
                                ? Optional.empty()
                                : Optional.of(
                                        new String(
                                                sealer.open(
                                                        headerContext(row.getString("name")),
                                                        header),
                                                UTF_8))));
    }

    private StoredPeer peer(ResultSet row, List<StoredPeer.StoredKek> keks) throws SQLException {
        int netId = row.getInt("net_id");
        PeerRole role =
                row.wasNull()
                        ? new PeerRole.ApplicationServer(row.getString("as_id"))
                        : new PeerRole.NetworkServer(new NetId(netId));
        byte @Nullable [] ca = row.getBytes("ca");
        return new StoredPeer(
                row.getString("name"),
                new PeerSettings(
                        role,
                        Arrays.stream(row.getString("ns_ids").split(",", -1))
                                .filter(text -> !text.isEmpty())
                                .map(Eui64::parse)
                                .toList(),
                        row.getInt("strict_ns_id") != 0,
                        async(row),
                        Optional.ofNullable(row.getString("path_prefix"))),
                Optional.ofNullable(ca)
                        .map(Certificates::decoded)
                        .map(
                                authority ->
                                        new PeerCredential.ClientCertificate(authority, san(row))),
                Optional.ofNullable(row.getBytes("bearer_hash")),
                Optional.ofNullable(row.getString("basic_user")),
                Optional.ofNullable(row.getBytes("basic_hash")),
                keks.stream().sorted(Comparator.comparing(StoredPeer.StoredKek::from)).toList(),
                Instant.ofEpochMilli(row.getLong("created_at")));
    }

    private static Optional<String> san(ResultSet row) {
        try {
            return Optional.ofNullable(row.getString("san"));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
