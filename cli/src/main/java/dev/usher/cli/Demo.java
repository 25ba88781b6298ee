package dev.usher.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import dev.usher.server.UsherServer;
import dev.usher.simulator.CupsOutcome;
import dev.usher.simulator.Home;
import dev.usher.simulator.Settings;
import dev.usher.simulator.StationEvent;
import dev.usher.simulator.VirtualStation;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The gateways of the demo, their owner, and the owner's network, all played against a real server
 * on loopback.
 */
final class Demo implements AutoCloseable {

    private static final String BATCH = "demo";
    private static final String OWNER = "::1";
    private static final Eui64 FIRST = Eui64.parse("58A0CBFFFE800001");
    private static final Eui64 LAST = Eui64.parse("58A0CBFFFE800003");
    private static final String LNS_URI = "wss://lns.example.com:8887";
    private static final Settings IMPATIENT =
            Settings.DEFAULT.withIntervals(Duration.ofSeconds(2), Duration.ofSeconds(1));

    private final Terminal terminal;
    private final PrintStream out;
    private final UsherServer server;
    private final RemoteServer rest;
    private final List<Label> labels = new ArrayList<>();
    private final List<Thread> running = new ArrayList<>();
    private final Map<Eui64, String> lastSaid = new ConcurrentHashMap<>();
    private final CountDownLatch connected = new CountDownLatch(3);
    private final Set<Eui64> haveLns = ConcurrentHashMap.newKeySet();
    private Optional<String> ownerKey = Optional.empty();

    Demo(Terminal terminal, UsherServer server) {
        this.terminal = requireNonNull(terminal, "terminal");
        this.server = requireNonNull(server, "server");
        this.out = terminal.out();
        this.rest = remote(server.webPort(), read(server.administratorKey()));
    }

    /** Makes batch, owner and gateways, shows the labels, and boots the gateways. */
    void prepare() {
        rest.post(
                "/api/v1/batches",
                Json.object().put("name", BATCH).put("range", "58A0CBFFFE800000/44"));
        rest.post("/api/v1/owners", Json.object().put("ownerid", OWNER).put("name", "You"));
        String key =
                Json.text(rest.post("/api/v1/owners/" + OWNER + "/api-keys", Json.object()), "key");
        ownerKey = Optional.of(key);
        out.println("A maker has made a batch of gateways; three of them are on your table.");
        out.println();
        List<JsonNode> lines = new ArrayList<>();
        rest.lines(
                "/api/v1/batches/" + BATCH + "/provision",
                Json.object().put("range", FIRST + "-" + LAST),
                lines::add);
        JsonNode factory = lines.removeFirst();
        for (JsonNode line : lines) {
            Label label =
                    new Label(
                            Eui64.parse(Json.text(line, "eui")),
                            Json.text(line, "mac"),
                            Json.text(line, "pin"),
                            Json.text(line, "qr"));
            labels.add(label);
            out.print(label.render(terminal.hasColours()));
        }
        for (JsonNode line : lines) {
            boot(Eui64.parse(Json.text(line, "eui")), home(factory, Json.text(line, "token")));
        }
        running.add(Thread.ofVirtual().name("demo-network").start(this::setUpWhatIsClaimed));
        if (out.checkError()) {
            throw new Failure("The demo has nowhere to print to.");
        }
    }

    private static Home home(JsonNode factory, String token) {
        Home home = Home.inMemory();
        home.write("cups-boot.uri", Json.text(factory, "cupsUri").getBytes(US_ASCII));
        home.write("cups-boot.trust", Base64.getDecoder().decode(Json.text(factory, "trust")));
        home.write("cups-boot.key", ("Authorization: " + token + "\r\n").getBytes(US_ASCII));
        home.write("version.txt", "1.0.0".getBytes(US_ASCII));
        return home;
    }

    private void boot(Eui64 eui, Home home) {
        VirtualStation station = new VirtualStation(eui, home, IMPATIENT, this::show);
        running.add(
                Thread.ofVirtual()
                        .name("demo-" + eui)
                        .start(
                                () -> {
                                    try {
                                        station.run(Thread::sleep);
                                    } catch (InterruptedException e) {
                                        Thread.currentThread().interrupt();
                                    }
                                }));
    }

    /** Says what a gateway does, once for each time that it does something else. */
    private void show(VirtualStation station, StationEvent event) {
        if (!(event instanceof StationEvent.CheckedIn(CupsOutcome outcome))) {
            return;
        }
        String said = describe(station, outcome);
        if (!said.equals(lastSaid.put(station.eui(), said))) {
            synchronized (out) {
                out.printf(
                        "%s  %s  %s%n",
                        LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS),
                        station.eui(),
                        said);
                out.flush();
            }
        }
        if (station.hasLnsCredentials() && haveLns.add(station.eui())) {
            connected.countDown();
        }
    }

    private static String describe(VirtualStation station, CupsOutcome outcome) {
        return switch (outcome.result()) {
            case NO_URI -> "has no address in its " + outcome.set() + " set, tries the next one";
            case FAILED, REJECTED, NOT_RUNNING -> "failed to check in: " + outcome.detail();
            case DONE ->
                    outcome.isNothingToDo()
                            ? station.lnsUri()
                                    .map(uri -> "checked in; belongs to " + uri)
                                    .orElse("checked in; nobody has told it where it belongs")
                            : "was told its LNS, "
                                    + station.lnsUri().orElse("none")
                                    + ", and got its credentials";
        };
    }

    /** The owner's network: whatever is claimed is told its LNS. */
    private void setUpWhatIsClaimed() {
        RemoteServer owner = owner();
        String trust =
                Base64.getEncoder()
                        .encodeToString(read(server.authorityCertificate()).getBytes(UTF_8));
        Set<String> done = new HashSet<>();
        try {
            while (true) {
                for (JsonNode id : owner.post("/api/v1/gateway/list", ownedBy())) {
                    if (done.add(id.stringValue())) {
                        String token = "Authorization: Bearer lns-" + id.stringValue() + "\r\n";
                        owner.post(
                                "/api/v1/gateway/setup",
                                ownedBy()
                                        .put("gateway", id.stringValue())
                                        .put("lnsUri", LNS_URI)
                                        .put("lnsTrust", trust)
                                        .put(
                                                "lnsKey",
                                                Base64.getEncoder()
                                                        .encodeToString(token.getBytes(US_ASCII))));
                    }
                }
                Thread.sleep(Duration.ofMillis(500));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Shows how to claim, and what happens then. */
    void runUntilInterrupted() throws InterruptedException {
        out.println("Claim one, in another terminal:");
        out.println();
        for (Label label : labels) {
            out.printf(
                    "  ./usher owner claim %s %s --url https://localhost:%d --ca %s --api-key %s"
                            + " --ownerid %s%n",
                    label.eui(),
                    label.pin(),
                    server.ownerApiPort(),
                    server.authorityCertificate(),
                    ownerKey.orElseThrow(),
                    OWNER);
        }
        out.println();
        out.println("Your network tells what you claim where its LNS is. Ctrl-C ends the demo.");
        out.println();
        out.flush();
        new CountDownLatch(1).await();
    }

    /** Claims all gateways and waits until all know their LNS. */
    boolean claimAllAndWait(int timeoutSeconds) throws InterruptedException {
        RemoteServer owner = owner();
        for (Label label : labels) {
            owner.post(
                    "/api/v1/gateway/claim",
                    ownedBy().put("gateway", label.eui().toString()).put("claim", label.pin()));
            synchronized (out) {
                out.printf(
                        "%s  %s  is claimed with the PIN on its label%n",
                        LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS),
                        label.eui());
                out.flush();
            }
        }
        return connected.await(timeoutSeconds, TimeUnit.SECONDS);
    }

    private static ObjectNode ownedBy() {
        return Json.object().put("ownerid", OWNER);
    }

    private RemoteServer owner() {
        return remote(server.ownerApiPort(), ownerKey.orElseThrow());
    }

    private RemoteServer remote(int port, String key) {
        return new RemoteServer(
                URI.create("https://localhost:" + port),
                Optional.of(key),
                Optional.empty(),
                Tls.context(Pem.certificates(server.authorityCertificate()), Optional.empty()),
                "the demo's own CA",
                Duration.ofSeconds(10));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, UTF_8).strip();
        } catch (IOException e) {
            throw new Failure(file + " cannot be read: " + e, e);
        }
    }

    /** Switches the gateways off. */
    @Override
    public void close() {
        running.forEach(Thread::interrupt);
    }
}
