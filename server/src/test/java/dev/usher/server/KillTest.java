package dev.usher.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.usher.server.Caller.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What was acknowledged survives {@code kill -9} at any moment, what was not is there wholly or not
 * at all, and the audit log still holds together.
 */
class KillTest {

    private static final int CHANGES = 10_000;
    private static final int KILLS = 6;
    private static final int CALLERS = 48;
    private static final int GATEWAYS_PER_CALLER = 8;
    private static final long FIRST_EUI = 0x58A0CBFFFE800000L;

    private @TempDir Path directory;
    private Optional<Process> running = Optional.empty();
    private volatile Optional<Integer> ownerApiPort = Optional.empty();
    private int webPort;
    private final AtomicInteger acknowledged = new AtomicInteger();

    @AfterEach
    void stop() {
        running.ifPresent(Process::destroyForcibly);
    }

    @Test
    @Timeout(300)
    void noAcknowledgedChangeIsLostAndNoneIsHalfDone() throws Exception {
        startServer();
        Random random = new Random(20261121);
        try (Caller caller = new Caller(directory.resolve("ca.pem"))) {
            String administrator = Files.readString(directory.resolve("admin.key")).strip();
            List<String> pins = prepare(caller, administrator);
            String owner =
                    caller.post(web("/api/v1/owners/::1/api-keys"), administrator, "{}")
                            .json()
                            .get("key")
                            .stringValue();

            AtomicInteger changesLeft = new AtomicInteger(CHANGES);
            try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<List<Gateway>>> work = new ArrayList<>();
                for (int i = 0; i < CALLERS; i++) {
                    List<Gateway> own = new ArrayList<>();
                    for (int j = 0; j < GATEWAYS_PER_CALLER; j++) {
                        int index = i * GATEWAYS_PER_CALLER + j;
                        own.add(new Gateway(FIRST_EUI + index, pins.get(index)));
                    }
                    work.add(
                            callers.submit(
                                    () -> {
                                        change(caller, owner, own, changesLeft);
                                        return own;
                                    }));
                }
                for (int kill = 0; kill < KILLS; kill++) {
                    int until = CHANGES - (kill + 1) * CHANGES / (KILLS + 1) - random.nextInt(200);
                    awaitChangesLeft(changesLeft, until);
                    killServer();
                    startServer();
                }
                for (Future<List<Gateway>> done : work) {
                    for (Gateway gateway : done.get()) {
                        assertThat(gateway.possible)
                                .as("%016X", gateway.eui)
                                .contains(stored(caller, owner, gateway));
                    }
                }
            }
            JsonNode verdict = caller.get(web("/api/v1/audit/verify"), administrator).json();
            assertThat(verdict.get("intact").booleanValue()).as(verdict.toString()).isTrue();
            assertThat(verdict.get("entries").longValue())
                    .isGreaterThanOrEqualTo(acknowledged.get());
            assertThat(acknowledged.get()).isGreaterThan(CHANGES / 2);
        }
    }

    /**
     * What one gateway may look like: one state if its last change was answered, two if the server
     * died over it.
     */
    private static final class Gateway {
        final long eui;
        final String pin;
        Set<State> possible = Set.of(State.UNCLAIMED);
        int changes;

        Gateway(long eui, String pin) {
            this.eui = eui;
            this.pin = pin;
        }

        String id() {
            return String.format("%016X", eui);
        }
    }

    /**
     * @param setup number of the setup that holds; 0 for none
     */
    private record State(boolean claimed, int setup) {
        static final State UNCLAIMED = new State(false, 0);
    }

    private static boolean nextChange(AtomicInteger left) {
        int now = left.decrementAndGet();
        if (now % 10 == 0) {
            synchronized (left) {
                left.notifyAll();
            }
        }
        return now >= 0;
    }

    private static void awaitChangesLeft(AtomicInteger left, int until)
            throws InterruptedException {
        synchronized (left) {
            while (left.get() > until) {
                left.wait(1000);
            }
        }
    }

    private void change(Caller caller, String owner, List<Gateway> own, AtomicInteger left)
            throws Exception {
        for (int i = 0; nextChange(left); i++) {
            Gateway gateway = own.get(i % own.size());
            if (gateway.possible.size() > 1) {
                State now = stored(caller, owner, gateway);
                assertThat(gateway.possible).as(gateway.id()).contains(now);
                gateway.possible = Set.of(now);
            }
            State before = gateway.possible.iterator().next();
            gateway.changes++;
            State after;
            String call;
            String body;
            if (!before.claimed()) {
                after = new State(true, 0);
                call = "claim";
                body = ",\"claim\":\"" + gateway.pin + "\"";
            } else if (gateway.changes % 5 == 0) {
                after = State.UNCLAIMED;
                call = "delete";
                body = "";
            } else {
                after = new State(true, gateway.changes);
                call = "setup";
                // Two parameters that carry the same number: half a setup would show two different
                // ones.
                body =
                        ",\"cupsUri\":\"http://cups.example.com:"
                                + gateway.changes
                                + "\",\"lnsUri\":\"ws://lns.example.com:"
                                + gateway.changes
                                + "\"";
            }
            gateway.possible = new HashSet<>(List.of(before, after));
            Optional<Answer> answer =
                    tryOnce(
                            caller,
                            owner,
                            call,
                            "{\"ownerid\":\"::1\",\"gateway\":\""
                                    + gateway.id()
                                    + "\""
                                    + body
                                    + "}");
            if (answer.isPresent() && answer.get().status() == 200) {
                assertThat(answer.get().json().get(0).has("error"))
                        .as(call + " " + answer.get().body())
                        .isFalse();
                gateway.possible = Set.of(after);
                acknowledged.incrementAndGet();
            }
        }
    }

    private State stored(Caller caller, String owner, Gateway gateway) throws Exception {
        for (int attempt = 0; attempt < 200; attempt++) {
            Optional<Answer> answer =
                    tryOnce(
                            caller,
                            owner,
                            "info",
                            "{\"ownerid\":\"::1\",\"gateway\":\"" + gateway.id() + "\"}");
            if (answer.isPresent() && answer.get().status() == 200) {
                JsonNode info = answer.get().json().get(0);
                if (info.has("error")) {
                    return State.UNCLAIMED;
                }
                int cups = port(info, "cupsUri");
                assertThat(port(info, "lnsUri"))
                        .as("half a setup of " + gateway.id())
                        .isEqualTo(cups);
                return new State(true, cups);
            }
        }
        return fail("the server did not come back");
    }

    private static int port(JsonNode info, String uri) {
        return info.has(uri)
                ? Integer.parseInt(info.get(uri).stringValue().replaceAll(".*:", ""))
                : 0;
    }

    /**
     * One call; empty if the server was not there or went away over it. Waits while there is none.
     */
    private Optional<Answer> tryOnce(Caller caller, String key, String call, String body)
            throws InterruptedException {
        Optional<Integer> port = ownerApiPort;
        while (port.isEmpty()) {
            synchronized (this) {
                wait(100);
            }
            port = ownerApiPort;
        }
        try {
            return Optional.of(
                    caller.post(
                            "https://localhost:" + port.get() + "/api/v1/gateway/" + call,
                            key,
                            body));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private List<String> prepare(Caller caller, String administrator) throws Exception {
        caller.post(
                web("/api/v1/batches"),
                administrator,
                "{\"name\":\"femto\",\"range\":\"58A0CBFFFE800000/44\"}");
        caller.post(web("/api/v1/owners"), administrator, "{\"ownerid\":\"::1\"}");
        String range =
                String.format(
                        "%016X-%016X", FIRST_EUI, FIRST_EUI + CALLERS * GATEWAYS_PER_CALLER - 1);
        return caller.post(
                        web("/api/v1/batches/femto/provision"),
                        administrator,
                        "{\"range\":\"" + range + "\"}")
                .body()
                .lines()
                .skip(1)
                .map(line -> JsonMapper.shared().readTree(line).get("pin").stringValue())
                .toList();
    }

    private String web(String path) {
        return "https://localhost:" + webPort + path;
    }

    private void startServer() throws IOException {
        KillableServer server = KillableServer.start(directory.resolve("server.log"), directory);
        running = Optional.of(server.process());
        webPort = server.webPort();
        ownerApiPort = Optional.of(server.ownerApiPort());
        synchronized (this) {
            notifyAll();
        }
    }

    private void killServer() throws InterruptedException {
        ownerApiPort = Optional.empty();
        Process process = running.orElseThrow();
        process.destroyForcibly();
        process.waitFor();
    }
}
