package dev.usher.bench;

import dev.usher.accounts.AccountId;
import dev.usher.accounts.AccountKeys;
import dev.usher.accounts.Accounts;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Owners;
import dev.usher.accounts.Principal;
import dev.usher.accounts.Right;
import dev.usher.accounts.Rights;
import dev.usher.devices.JoinServer;
import dev.usher.keys.FileVault;
import dev.usher.keys.MasterKey;
import dev.usher.keys.Vault;
import dev.usher.lorawan.EuiRange;
import dev.usher.network.registry.GatewayId;
import dev.usher.network.registry.GatewayRegistry;
import dev.usher.network.registry.GatewaySettings;
import dev.usher.server.UsherServer;
import dev.usher.server.config.UsherConfig;
import dev.usher.store.Database;
import dev.usher.store.DatabaseUrl;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * A whole node, as {@code usher serve} starts it, with gateways and devices registered. It answers
 * each line on stdin with the heap in use after a garbage collection, in bytes.
 */
final class NetworkUnderTest {

    private static final Principal ADMIN = new Principal.Administrator("bench");
    private static final OwnerId MAKER = OwnerId.parse("::1");
    private static final AccountId USER = new AccountId("bench");
    private static final int IN_ONE_COMMIT = 500;

    private NetworkUnderTest() {}

    /**
     * Starts it.
     *
     * @param arguments the data directory, how many gateways and devices, and the ports it had
     *     before, if it is started again: LNS, LNS with TLS, REST
     */
    public static void main(String[] arguments) throws IOException {
        Path data = Path.of(arguments[0]);
        boolean again = arguments.length > 3;
        if (!again) {
            register(
                    data,
                    new Stations(Integer.parseInt(arguments[1])),
                    new Fleet(Integer.parseInt(arguments[2])));
        }
        Map<String, String> settings = new HashMap<>();
        settings.put("USHER_BIND_ADDRESS", "127.0.0.1");
        settings.put("USHER_NETWORK_NET_ID", Fleet.NET_ID.toString());
        settings.put("USHER_NETWORK_AS_ID", Fleet.AS_ID);
        settings.put("USHER_NETWORK_ALLOW_UNAUTHENTICATED", "true");
        for (String port : List.of("GATEWAY_API", "OWNER_API", "BACKEND")) {
            settings.put("USHER_" + port + "_PORT", "0");
        }
        settings.put("USHER_LNS_PORT", again ? arguments[3] : "0");
        settings.put("USHER_LNS_TLS_PORT", again ? arguments[4] : "0");
        settings.put("USHER_WEB_PORT", again ? arguments[5] : "0");
        UsherServer server =
                UsherServer.start(
                        data, UsherConfig.load(Optional.empty(), settings), InstantSource.system());
        Runtime.getRuntime().addShutdownHook(new Thread(server::close));
        System.out.println(
                "ports " + server.lnsPort() + " " + server.lnsTlsPort() + " " + server.webPort());
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        while (in.readLine() != null) {
            System.gc();
            Runtime runtime = Runtime.getRuntime();
            System.out.println("figures " + (runtime.totalMemory() - runtime.freeMemory()));
        }
        System.exit(0); // the benchmark is over, however it ended
    }

    /** Straight into the database, before the node is started on it. */
    private static void register(Path data, Stations stations, Fleet fleet) throws IOException {
        InstantSource clock = InstantSource.system();
        long began = System.nanoTime();
        try (Vault vault =
                        FileVault.open(
                                data.resolve("vault"), MasterKey.file(data.resolve("master.key")));
                Database database = Database.open(DatabaseUrl.sqlite(data.resolve("usher.db")))) {
            AuditLog audit = new AuditLog(database, clock);
            database.write(
                    new Accounts(database, audit, clock)
                            .createUser(ADMIN, USER, "Bench", Optional.empty(), false));
            registerGateways(data, database, vault, audit, stations);
            try (JoinServer joinServer = new JoinServer(database, vault, audit, clock, 10)) {
                database.write(new Owners(database, audit, clock).create(ADMIN, MAKER, "maker", 0));
                database.write(
                        joinServer
                                .joinEuis()
                                .assign(
                                        ADMIN,
                                        new EuiRange(Fleet.JOIN_EUI, Fleet.JOIN_EUI),
                                        MAKER));
                joinServer.joinEuis().refresh();
                joinServer
                        .provisioning()
                        .provisionAll(ADMIN, fleet.asProvisioned(), false, _ -> {});
            }
            database.write(
                    handle -> {
                        serve(handle, fleet, clock.millis());
                        return fleet;
                    });
        }
        System.out.printf(
                "%,d gateways and %,d devices registered in %.1f s%n",
                stations.count(), fleet.devices(), (System.nanoTime() - began) / 1e9);
    }

    /** Each gateway with a key of its own to connect with. */
    private static void registerGateways(
            Path data, Database database, Vault vault, AuditLog audit, Stations stations)
            throws IOException {
        InstantSource clock = InstantSource.system();
        AccountKeys keys = new AccountKeys(database, audit, clock);
        GatewayRegistry registry =
                new GatewayRegistry(database, vault, keys, audit, clock, /* guessesPerDay= */ 10);
        GatewaySettings settings =
                new GatewaySettings(
                        "",
                        "",
                        List.of(Stations.PLAN),
                        Optional.empty(),
                        /* requireAuthenticatedConnection= */ false,
                        /* enforceDutyCycle= */ false,
                        Optional.empty());
        List<String> texts = new ArrayList<>(stations.count());
        for (int first = 0; first < stations.count(); first += IN_ONE_COMMIT) {
            int from = first;
            int to = Math.min(first + IN_ONE_COMMIT, stations.count());
            texts.addAll(
                    database.write(
                            handle -> {
                                List<String> made = new ArrayList<>();
                                for (int number = from; number < to; number++) {
                                    GatewayId id = new GatewayId("bench-" + number);
                                    registry.gateways()
                                            .create(ADMIN, USER, id, Stations.eui(number), settings)
                                            .apply(handle);
                                    made.add(
                                            keys.createUnasked(
                                                            ADMIN,
                                                            id.entity(),
                                                            "lns",
                                                            Rights.of(Right.GATEWAY_LINK),
                                                            Optional.empty())
                                                    .apply(handle)
                                                    .text());
                                }
                                return made;
                            }));
        }
        Files.write(data.resolve(Stations.KEYS), texts);
    }

    private static void serve(Handle handle, Fleet fleet, long now) {
        try (PreparedBatch rows =
                handle.prepareBatch(
                        "INSERT INTO network_device (dev_eui, join_eui, name, mac_version,"
                                + " created_at) VALUES (?, ?, '', '1.0.3', ?)")) {
            for (int number = 0; number < fleet.devices(); number++) {
                rows.add(Fleet.devEui(number).value(), Fleet.JOIN_EUI.value(), now);
            }
            rows.execute();
        }
    }
}
