package dev.usher.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.FrequencyPlan;
import dev.usher.lorawan.MacVersion;
import dev.usher.server.config.UsherConfig;
import dev.usher.simulator.CupsOutcome;
import dev.usher.simulator.CupsOutcome.Segment;
import dev.usher.simulator.Home;
import dev.usher.simulator.RunningStation;
import dev.usher.simulator.Settings;
import dev.usher.simulator.StationEvent;
import dev.usher.simulator.VirtualDevice;
import dev.usher.simulator.VirtualStation;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The whole chain on one machine: gateways that find their network once they are claimed, and
 * devices behind them that join, wherever their Join Server is. The servers are real ones, the
 * gateways and devices virtual.
 */
final class Demo implements AutoCloseable {

    private static final String USER = "you";

    /** One without duty cycle: in Europe, one gateway could not let three devices join at once. */
    private static final String PLAN = "US_902_928_FSB_2";

    private static final String BATCH = "demo";
    private static final Eui64 FIRST = Eui64.parse("58A0CBFFFE800001");
    private static final Eui64 LAST = Eui64.parse("58A0CBFFFE800003");
    private static final String JOIN_EUIS = "70B3D57ED0000000/40";
    private static final int PORT = 10;

    /** A device has heard nothing when its windows are over. */
    private static final Duration WINDOWS = Duration.ofSeconds(8);

    private static final Settings IMPATIENT =
            Settings.DEFAULT.withIntervals(Duration.ofSeconds(2), Duration.ofSeconds(1));

    private static final List<DemoDevice> HERE =
            List.of(
                    DemoDevice.make(
                            "thermometer",
                            "70B3D57ED0000001",
                            "70B3D57ED1000001",
                            MacVersion.V1_0_3,
                            "21.%d degrees",
                            /* confirmed= */ true),
                    DemoDevice.make(
                            "door",
                            "70B3D57ED0000001",
                            "70B3D57ED1000002",
                            MacVersion.V1_1_0,
                            "opened, no. %d",
                            /* confirmed= */ false));

    private static final List<DemoDevice> ELSEWHERE =
            List.of(
                    DemoDevice.make(
                            "water meter",
                            "11AA000000000001",
                            "11AA000001000001",
                            MacVersion.V1_0_3,
                            "%d litres so far",
                            /* confirmed= */ false));

    private final DemoScreen screen;
    private final boolean hasColours;
    private final Elsewhere elsewhere;
    private final DemoNode node;
    private final RemoteServer rest;
    private final List<Label> labels = new ArrayList<>();
    private final List<RunningStation> gateways = new ArrayList<>();
    private final List<Thread> running = new ArrayList<>();
    private final CountDownLatch listening = new CountDownLatch(1);
    private final Milestones milestones;
    private volatile boolean closing;

    /**
     * Starts both nodes.
     *
     * @param directory for everything they keep
     */
    Demo(Terminal terminal, Path directory) {
        this.screen = new DemoScreen(terminal.out());
        this.hasColours = terminal.hasColours();
        Path interop = directory.resolve("interop");
        this.elsewhere = Elsewhere.start(directory.resolve("elsewhere"), ELSEWHERE);
        try {
            elsewhere.writeInterop(interop);
            this.node = new DemoNode(directory.resolve("network"), reaching(interop));
        } catch (RuntimeException e) {
            elsewhere.close();
            throw e;
        }
        this.rest = node.administrator();
        this.milestones = new Milestones(milestones());
    }

    private static UsherConfig reaching(Path interop) {
        return UsherConfig.load(
                        Optional.empty(), Map.of("USHER_NETWORK_INTEROP", interop.toString()))
                .onLoopback();
    }

    private static Stream<DemoDevice> devices() {
        return Stream.concat(HERE.stream(), ELSEWHERE.stream());
    }

    private static List<String> milestones() {
        List<String> all = new ArrayList<>();
        for (long eui = FIRST.value(); eui <= LAST.value(); eui++) {
            Eui64 gateway = new Eui64(eui);
            all.add(isClaimed(gateway));
            all.add(isSentOn(gateway));
            all.add(isConnected(gateway));
        }
        devices()
                .forEach(
                        device -> {
                            all.add(hasJoined(device));
                            all.add(isHeard(device));
                            if (device.confirmed()) {
                                all.add(isAcknowledged(device));
                            }
                        });
        return all;
    }

    private static String isClaimed(Eui64 gateway) {
        return gateway + " is claimed";
    }

    private static String isSentOn(Eui64 gateway) {
        return gateway + " is sent to the CUPS of its network";
    }

    private static String isConnected(Eui64 gateway) {
        return gateway + " is connected to its LNS by wss";
    }

    private static String hasJoined(DemoDevice device) {
        return "the " + device.name() + " has joined";
    }

    private static String isHeard(DemoDevice device) {
        return "an uplink of the " + device.name() + " has arrived decrypted";
    }

    private static String isAcknowledged(DemoDevice device) {
        return "the " + device.name() + " has its uplink acknowledged";
    }

    /** Makes gateways and devices, shows the labels of the gateways, and switches all on. */
    void prepare() {
        node.makeMaker(JOIN_EUIS);
        HERE.forEach(node::provision);
        devices().forEach(device -> rest.post(NetworkDevicesCommand.PATH, device.served()));
        rest.post("/api/v1/users", Json.object().put("id", USER).put("name", "You"));
        rest.post(
                "/api/v1/batches",
                Json.object().put("name", BATCH).put("range", "58A0CBFFFE800000/44"));
        List<JsonNode> lines = new ArrayList<>();
        rest.lines(
                "/api/v1/batches/" + BATCH + "/provision",
                Json.object().put("range", FIRST + "-" + LAST),
                lines::add);
        JsonNode factory = lines.removeFirst();
        screen.print("A maker has made a batch of gateways; three of them are on your table.\n\n");
        for (JsonNode line : lines) {
            Label label =
                    new Label(
                            Eui64.parse(Json.text(line, "eui")),
                            Json.text(line, "mac"),
                            Json.text(line, "pin"),
                            Json.text(line, "qr"));
            labels.add(label);
            screen.print(label.render(hasColours));
        }
        screen.print(
                """
                Three devices are in their reach. Your network knows the root keys of none: those of
                the thermometer (LoRaWAN 1.0.3) and the door (1.1) are in the Join Server beside it,
                those of the water meter in somebody else's, on a second node.

                """);
        run("events", this::showWhatArrives);
        for (JsonNode line : lines) {
            boot(Eui64.parse(Json.text(line, "eui")), home(factory, Json.text(line, "token")));
        }
        List<DemoDevice> devices = devices().toList();
        for (DemoDevice device : devices) {
            VirtualDevice radio =
                    new VirtualDevice(
                            device.identity(),
                            FrequencyPlan.of(PLAN),
                            gateways,
                            new SecureRandom());
            Duration later = Duration.ofMillis(700L * devices.indexOf(device));
            run(device.name(), () -> live(device, radio, later));
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
        tell(eui, "boots, and knows one address and one secret, from its factory");
        gateways.add(RunningStation.start(new VirtualStation(eui, home, IMPATIENT, this::show)));
    }

    @FunctionalInterface
    private interface Life {
        void run() throws InterruptedException;
    }

    private void run(String name, Life life) {
        running.add(
                Thread.ofVirtual()
                        .name("demo-" + name)
                        .start(
                                () -> {
                                    try {
                                        life.run();
                                    } catch (InterruptedException e) {
                                        Thread.currentThread().interrupt();
                                    } catch (Failure e) {
                                        if (!closing) {
                                            screen.tell(name, String.valueOf(e.getMessage()));
                                        }
                                    }
                                }));
    }

    private void tell(Eui64 gateway, String what) {
        if (!closing) { // what fails then was switched off
            screen.tell("gateway " + gateway, what);
        }
    }

    /** Says what a gateway does. */
    private void show(VirtualStation station, StationEvent event) {
        Eui64 eui = station.eui();
        switch (event) {
            case StationEvent.CheckedIn(CupsOutcome outcome) -> show(station, outcome);
            case StationEvent.LnsConnected(String uri) -> {
                tell(eui, "is connected to its LNS, " + uri);
                if (uri.startsWith("wss://")) {
                    milestones.reached(isConnected(eui));
                }
            }
            case StationEvent.Configured(String region, int channels) -> {
                tell(eui, "listens to " + channels + " channels in " + region);
                listening.countDown();
            }
            case StationEvent.LnsLost(String reason) when station.lnsUri().isPresent() ->
                    tell(eui, "has lost its LNS: " + reason);
            case StationEvent.Dropped(String reason) -> tell(eui, "drops a downlink: " + reason);
            default -> {
                // too much detail
            }
        }
    }

    private void show(VirtualStation station, CupsOutcome outcome) {
        Eui64 eui = station.eui();
        switch (outcome.result()) {
            case NO_URI -> {
                // That of a set it was not given; the next one has.
            }
            case FAILED, REJECTED, NOT_RUNNING ->
                    tell(eui, "failed to ask CUPS: " + outcome.detail());
            case DONE -> {
                if (outcome.received().contains(Segment.CUPS_URI)) {
                    tell(
                            eui,
                            "is sent to the CUPS of its network, " + station.cupsUri().orElse(""));
                    milestones.reached(isSentOn(eui));
                }
                if (outcome.received().contains(Segment.TC_URI)) {
                    tell(eui, "is told its LNS, and gets a key for it");
                }
                if (outcome.isNothingToDo() && station.lnsUri().isEmpty()) {
                    tell(eui, "has asked its Gateway Join Server: nobody has claimed it yet");
                }
            }
        }
    }

    /** What a device does as soon as a gateway listens. */
    private void live(DemoDevice device, VirtualDevice radio, Duration later)
            throws InterruptedException {
        listening.await();
        Thread.sleep(later);
        while (!joins(device, radio)) {
            screen.tell(device.name(), "hears no answer, and asks again");
        }
        for (int count = 1; !closing; count++) {
            sends(device, radio, count);
            Thread.sleep(Duration.ofSeconds(5));
        }
    }

    private boolean joins(DemoDevice device, VirtualDevice radio) throws InterruptedException {
        screen.tell(device.name(), "asks to join, LoRaWAN " + device.version().text());
        Optional<VirtualDevice.Joined> joined = heard(radio.join());
        joined.ifPresent(
                join -> {
                    screen.tell(
                            device.name(),
                            "has joined: address %s, join-accept in RX%d"
                                    .formatted(join.accept().devAddr(), join.window()));
                    milestones.reached(hasJoined(device));
                });
        return joined.isPresent();
    }

    private void sends(DemoDevice device, VirtualDevice radio, int count)
            throws InterruptedException {
        byte[] payload = device.says().formatted(count).getBytes(UTF_8);
        screen.tell(
                device.name(),
                "sends %d encrypted bytes%s"
                        .formatted(
                                payload.length,
                                device.confirmed() ? ", and wants to know that they arrive" : ""));
        CompletableFuture<VirtualDevice.Heard> heard =
                radio.send(PORT, payload, device.confirmed());
        if (device.confirmed() && heard(heard).filter(VirtualDevice.Heard::isAck).isPresent()) {
            screen.tell(device.name(), "hears that they have");
            milestones.reached(isAcknowledged(device));
        }
    }

    private static <T> Optional<T> heard(CompletableFuture<T> future) throws InterruptedException {
        try {
            return Optional.of(future.get(WINDOWS.toMillis(), TimeUnit.MILLISECONDS));
        } catch (@SuppressWarnings("unused") TimeoutException | CancellationException nothing) {
            return Optional.empty();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What applications see. */
    private void showWhatArrives() {
        rest.follow(
                "/api/v1/network/events",
                Map.of(),
                event -> {
                    show(event);
                    return !closing;
                });
    }

    private void show(JsonNode event) {
        Optional<DemoDevice> device =
                devices()
                        .filter(each -> each.devEui().toString().equals(Json.text(event, "device")))
                        .findFirst();
        if (device.isEmpty()) {
            return;
        }
        String name = device.get().name();
        switch (Json.text(event, "type")) {
            case "join-failed" ->
                    screen.tell("network", name + " cannot join: " + Json.text(event, "why"));
            case "uplink" -> {
                byte[] payload = Base64.getDecoder().decode(Json.text(event, "payload"));
                String text = new String(payload, UTF_8);
                int gateway = event.path("heardBy").size();
                screen.tell(
                        "network",
                        "%s says \"%s\", heard by %d gateway%s"
                                .formatted(
                                        name,
                                        Terminal.visible(text),
                                        gateway,
                                        gateway == 1 ? "" : "s"));
                if (text.matches(device.get().says().replace("%d", "[0-9]+"))) {
                    milestones.reached(isHeard(device.get()));
                }
            }
            default -> {
                // what gateways and devices have said themselves
            }
        }
    }

    /** Shows how to claim, and what happens then. */
    void runUntilInterrupted() throws InterruptedException {
        Path key = node.server().authorityCertificate().resolveSibling("you.apikey");
        LocalFile.writeSecret(key, (userKey() + "\n").getBytes(US_ASCII));
        StringBuilder commands = new StringBuilder();
        for (Label label : labels) {
            commands.append(
                    "  ./usher gateways claim %s --authentication-code %s --target-frequency-plan-id %s --user-id %s%n"
                            .formatted(label.eui(), label.pin(), PLAN, USER));
        }
        screen.print(
                """
                Claim one, in another terminal:

                  export USHER_URL=%s USHER_CA=%s USHER_API_KEY=@%s
                %s
                It finds your network within seconds, and the devices join. Ctrl-C ends the demo.

                """
                        .formatted(
                                node.url(), node.server().authorityCertificate(), key, commands));
        new CountDownLatch(1).await();
    }

    private String userKey() {
        ObjectNode wish = Json.object().put("name", "demo");
        wish.putArray("rights").add("RIGHT_ALL");
        return Json.text(rest.post("/api/v1/users/" + USER + "/api-keys", wish), "key");
    }

    /**
     * Claims all gateways as their buyer would, and waits for everything else.
     *
     * @return what has not happened in time
     */
    List<String> claimAllAndWait(Duration patience) throws InterruptedException {
        RemoteServer you = node.as(userKey());
        for (Label label : labels) {
            ObjectNode wish =
                    Json.object()
                            .put("eui", label.eui().toString())
                            .put("authenticationCode", label.pin())
                            .put("collaborator", USER);
            wish.putArray("targetFrequencyPlanIds").add(PLAN);
            you.post(GatewaysCommand.PATH + "/claim", wish);
            tell(label.eui(), "is claimed with the PIN on its label");
            milestones.reached(isClaimed(label.eui()));
        }
        return milestones.await(patience);
    }

    /** Switches everything off. */
    @Override
    public void close() {
        closing = true;
        running.forEach(Thread::interrupt);
        gateways.forEach(RunningStation::close);
        node.close();
        elsewhere.close();
    }
}
