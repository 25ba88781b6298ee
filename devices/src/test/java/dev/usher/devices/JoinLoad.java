package dev.usher.devices;

import dev.usher.accounts.AuditLog;
import dev.usher.backend.AppSKeyAns;
import dev.usher.backend.AppSKeyReq;
import dev.usher.backend.Header;
import dev.usher.backend.JoinAns;
import dev.usher.backend.JoinReq;
import dev.usher.backend.KeyEnvelope;
import dev.usher.backend.Octets;
import dev.usher.backend.ProtocolVersion;
import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.DevAddr;
import dev.usher.lorawan.DlSettings;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.JoinCryptography;
import dev.usher.lorawan.JoinRequest;
import dev.usher.lorawan.MacVersion;
import dev.usher.lorawan.Received;
import dev.usher.lorawan.RootKeys;
import dev.usher.store.Database;
import dev.usher.store.DatabaseUrl;
import dev.usher.store.StoreException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Devices of three versions of LoRaWAN that join as fast as they are answered, each request sent
 * twice at the same time. As a program of its own it can be killed over it.
 */
final class JoinLoad {

    static final int DEVICES = 48;

    private static final List<MacVersion> VERSIONS =
            List.of(MacVersion.V1_0_2, MacVersion.V1_0_4, MacVersion.V1_1_0);

    private JoinLoad() {}

    /** What happened: a request that was sent, or a copy of it that was granted a session. */
    sealed interface Event {

        Asked asked();

        /** As one line. */
        String line();

        static Event parse(String line) {
            List<String> words = List.of(line.split(" ", -1));
            Asked asked = new Asked(Integer.parseInt(words.get(0)), Integer.parseInt(words.get(1)));
            return words.size() == 2
                    ? asked
                    : new Granted(
                            asked,
                            Integer.parseInt(words.get(2)),
                            Octets.parse(words.get(3)),
                            AesKey.parse(words.get(4)));
        }
    }

    record Asked(int device, int devNonce) implements Event {

        @Override
        public Asked asked() {
            return this;
        }

        @Override
        public String line() {
            return device + " " + devNonce;
        }

        JoinReq request() {
            MacVersion version = version(device);
            JoinRequest frame =
                    JoinCryptography.request(
                            keys(device), TestJoinServer.JOIN_EUI, devEui(device), devNonce);
            return new JoinReq(
                    TestJoinServer.header(ProtocolVersion.V1_1, TestJoinServer.HOME),
                    version,
                    Octets.of(frame.phyPayload()),
                    devEui(device),
                    DevAddr.parse("26011234"),
                    DlSettings.parse(version.isR1_1() ? "80" : "00"),
                    5,
                    Optional.empty());
        }
    }

    record Granted(Asked asked, int joinNonce, Octets sessionKeyId, AesKey appSKey)
            implements Event {

        @Override
        public String line() {
            return String.join(
                    " ",
                    asked.line(),
                    Integer.toString(joinNonce),
                    sessionKeyId.toString(),
                    HexFormat.of().formatHex(appSKey.bytes()));
        }
    }

    static Eui64 devEui(int device) {
        return new Eui64(TestJoinServer.DEV_EUI.value() + device);
    }

    private static MacVersion version(int device) {
        return VERSIONS.get(device % VERSIONS.size());
    }

    private static RootKeys keys(int device) {
        return version(device).isR1_1() ? TestJoinServer.R1_1 : TestJoinServer.R1_0;
    }

    /** Makes the devices known. */
    static void provision(TestJoinServer house) {
        for (int device = 0; device < DEVICES; device++) {
            house.device(devEui(device), keys(device));
        }
    }

    /** Sends the request; empty if it was refused. */
    static Optional<Granted> ask(JoinServer server, Asked asked) {
        JoinReq request = asked.request();
        JoinAns answer =
                (JoinAns)
                        server.answer(request, TestJoinServer.proof("ns-home"))
                                .answer()
                                .orElseThrow();
        return answer.grant()
                .map(
                        grant -> {
                            Received received =
                                    JoinCryptography.open(
                                            keys(asked.device()),
                                            JoinRequest.parse(request.phyPayload().bytes()),
                                            grant.phyPayload().bytes());
                            return new Granted(
                                    asked,
                                    received.accept().joinNonce(),
                                    grant.sessionKeyId().orElseThrow(),
                                    received.keys().appSKey());
                        });
    }

    /** What the Application Server is told when it asks for the AppSKey of a session. */
    static Optional<AesKey> appSKey(JoinServer server, Granted granted) {
        Header header =
                new Header(
                        ProtocolVersion.V1_1,
                        TestJoinServer.AS_ID,
                        TestJoinServer.JOIN_EUI.toString(),
                        0);
        AppSKeyAns answer =
                (AppSKeyAns)
                        server.answer(
                                        new AppSKeyReq(
                                                header,
                                                devEui(granted.asked().device()),
                                                granted.sessionKeyId()),
                                        TestJoinServer.proof("as"))
                                .answer()
                                .orElseThrow();
        return answer.appSKey().map(KeyEnvelope::aesKey).map(AesKey::of);
    }

    /**
     * All devices join for as long as {@code more} says so; requests that the database was away for
     * are not sent again.
     *
     * @param firstDevNonce of each device; then it counts
     * @return how many requests found the database away
     */
    static long run(
            JoinServer server, int firstDevNonce, BooleanSupplier more, Consumer<Event> events) {
        LongAdder away = new LongAdder();
        try (ExecutorService devices = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int device = 0; device < DEVICES; device++) {
                int own = device;
                devices.execute(
                        () -> {
                            for (int i = firstDevNonce; more.getAsBoolean(); i++) {
                                Asked asked = new Asked(own, i);
                                events.accept(asked);
                                twice(server, asked, events, away::increment);
                            }
                        });
            }
        }
        return away.sum();
    }

    private static void twice(
            JoinServer server, Asked asked, Consumer<Event> events, Runnable away) {
        Runnable once =
                () -> {
                    try {
                        ask(server, asked).ifPresent(events);
                    } catch (StoreException e) {
                        away.run();
                    }
                };
        Thread copy = Thread.startVirtualThread(once);
        once.run();
        try {
            copy.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Joins until it is killed, and prints each event when it has happened.
     *
     * @param arguments the database's URL, where the vault is, the first DevNonce
     */
    public static void main(String... arguments) {
        Database database = Database.open(DatabaseUrl.parse(arguments[0]));
        InstantSource clock = InstantSource.system();
        JoinServer server =
                new JoinServer(
                        database,
                        TestJoinServer.openVault(Path.of(arguments[1])),
                        new AuditLog(database, clock),
                        clock,
                        10);
        // One line is one write, so that none is cut.
        try (FileOutputStream out = new FileOutputStream(FileDescriptor.out)) {
            run(
                    server,
                    Integer.parseInt(arguments[2]),
                    () -> true,
                    event -> {
                        try {
                            out.write((event.line() + "\n").getBytes(StandardCharsets.UTF_8));
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
