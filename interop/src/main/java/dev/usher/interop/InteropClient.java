package dev.usher.interop;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.joining;

import dev.usher.backend.Answer;
import dev.usher.backend.AppSKeyAns;
import dev.usher.backend.AppSKeyReq;
import dev.usher.backend.Header;
import dev.usher.backend.HomeNsAns;
import dev.usher.backend.HomeNsReq;
import dev.usher.backend.JoinAns;
import dev.usher.backend.JoinReq;
import dev.usher.backend.Octets;
import dev.usher.backend.RejoinAns;
import dev.usher.backend.RejoinReq;
import dev.usher.backend.Request;
import dev.usher.interop.ConfigReader.Reading;
import dev.usher.interop.ConfigReader.Requester;
import dev.usher.interop.Outcome.Answered;
import dev.usher.interop.Outcome.NoJoinServer;
import dev.usher.interop.Outcome.Refused;
import dev.usher.interop.Outcome.Unreachable;
import dev.usher.lorawan.Eui64;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorCompletionService;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks Join Servers in the name of a Network Server and an Application Server. Requests block until
 * their {@link Outcome} is there, at the latest at {@link InteropSettings#deadline}; call them on
 * virtual threads. Of several Join Servers that are listed for the same JoinEUI, all are asked at
 * the same time, and the first success counts; without one, a refusal counts more than silence.
 */
public final class InteropClient implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(InteropClient.class);

    private static final String CLOSED = "the interoperability client is closed";

    private static final Executor THREADS =
            task -> Thread.ofVirtual().name("usher-interop").start(task);

    private final InteropSettings settings;
    private final InstantSource clock;
    private final Consumer<Reload> listener;
    private final AsyncReplies replies = new AsyncReplies();

    private volatile Connections current;
    private volatile boolean isClosed;

    // Guarded by this, like everything about reloading.
    private Map<Path, String> loaded;
    private Map<Path, String> changing = Map.of();
    private @Nullable Thread watcher;

    private InteropClient(
            InteropSettings settings,
            InstantSource clock,
            Consumer<Reload> listener,
            Reading reading) {
        this.settings = settings;
        this.clock = clock;
        this.listener = listener;
        this.loaded = reading.fingerprint();
        this.current = connect(config(reading));
    }

    /**
     * Reads the configuration; connections are made when they are needed.
     *
     * @param listener is told of every configuration that is read later
     * @throws InteropConfigException if anything in the configuration is wrong
     */
    public static InteropClient open(InteropSettings settings, Consumer<Reload> listener) {
        return open(settings, InstantSource.system(), listener);
    }

    static InteropClient open(
            InteropSettings settings, InstantSource clock, Consumer<Reload> listener) {
        requireNonNull(clock, "clock");
        requireNonNull(listener, "listener");
        return new InteropClient(settings, clock, listener, read(settings, clock));
    }

    private static Reading read(InteropSettings settings, InstantSource clock) {
        Requester requester = new Requester(settings.sender(), settings.keyVault());
        return ConfigReader.read(settings.source(), Optional.of(requester), clock);
    }

    private static InteropConfig config(Reading reading) {
        InteropConfig config = InteropConfig.of(reading);
        config.warnings().forEach(warning -> LOG.warn("{}", warning));
        return config;
    }

    private Connections connect(InteropConfig config) {
        return new Connections(
                config,
                joinServer -> new JoinServerClient(joinServer, settings, replies, THREADS, clock));
    }

    /** The configuration in force. */
    public InteropConfig config() {
        return current.config();
    }

    /** Where answers are handed in that asynchronous Join Servers post to us. */
    public AsyncReplies asyncReplies() {
        return replies;
    }

    /**
     * Asks for the activation of a device.
     *
     * @param request makes the request for one Join Server, given its header; called once for each
     *     that is asked
     */
    public Outcome<JoinAns> join(Eui64 joinEui, Function<Header, JoinReq> request) {
        return ask(Component.NETWORK_SERVER, joinEui, JoinAns.class, request);
    }

    /** Likewise for a rejoin-request; of type 0 and 2, with the JoinEUI the device joined with. */
    public Outcome<RejoinAns> rejoin(Eui64 joinEui, Function<Header, RejoinReq> request) {
        return ask(Component.NETWORK_SERVER, joinEui, RejoinAns.class, request);
    }

    /**
     * Asks for the AppSKey of a session.
     *
     * @throws IllegalStateException if the sender has no AS-ID
     */
    public Outcome<AppSKeyAns> appSKey(Eui64 joinEui, Eui64 devEui, Octets sessionKeyId) {
        if (settings.sender().asId().isEmpty()) {
            throw new IllegalStateException("without an AS-ID, no AppSKey can be asked for");
        }
        return ask(
                Component.APPLICATION_SERVER,
                joinEui,
                AppSKeyAns.class,
                header -> new AppSKeyReq(header, devEui, sessionKeyId));
    }

    /** Asks for the home network of a device. */
    public Outcome<HomeNsAns> homeNs(Eui64 joinEui, Eui64 devEui) {
        return ask(
                Component.NETWORK_SERVER,
                joinEui,
                HomeNsAns.class,
                header -> new HomeNsReq(header, devEui));
    }

    private <A extends Answer> Outcome<A> ask(
            Component component,
            Eui64 joinEui,
            Class<A> type,
            Function<Header, ? extends Request> request) {
        requireNonNull(joinEui, "joinEui");
        requireNonNull(request, "request");
        Connections held = hold();
        try {
            List<JoinServerClient> joinServers = held.of(component, joinEui);
            return switch (joinServers.size()) {
                case 0 -> new NoJoinServer<>(joinEui);
                case 1 -> joinServers.getFirst().ask(component, joinEui, type, request);
                default ->
                        race(
                                joinServers,
                                held,
                                joinServer -> joinServer.ask(component, joinEui, type, request));
            };
        } finally {
            held.letGo();
        }
    }

    private Connections hold() {
        while (!isClosed) {
            Connections connections = current;
            if (connections.hold()) {
                return connections;
            }
            // Replaced in between.
        }
        throw new IllegalStateException(CLOSED);
    }

    /** The slower ones end by themselves; their Join Servers cannot be told to stop anyway. */
    private static <A extends Answer> Outcome<A> race(
            List<JoinServerClient> joinServers,
            Connections held,
            Function<JoinServerClient, Outcome<A>> ask) {
        CompletionService<Outcome<A>> race = new ExecutorCompletionService<>(THREADS);
        for (JoinServerClient joinServer : joinServers) {
            held.hold();
            var _ =
                    race.submit(
                            () -> {
                                try {
                                    return ask.apply(joinServer);
                                } finally {
                                    held.letGo();
                                }
                            });
        }
        List<Outcome<A>> others = new ArrayList<>();
        try {
            while (others.size() < joinServers.size()) {
                Outcome<A> next = race.take().get();
                if (next instanceof Answered) {
                    return next;
                }
                others.add(next);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Unreachable<>("the Join Servers were not waited for any longer");
        } catch (ExecutionException e) {
            throw new IllegalStateException("a request failed in an unknown way", e);
        }
        return best(others);
    }

    /** Of those without success. */
    private static <A extends Answer> Outcome<A> best(List<Outcome<A>> outcomes) {
        Optional<Outcome<A>> refusal =
                outcomes.stream().filter(Refused.class::isInstance).findFirst();
        if (refusal.isPresent()) {
            return refusal.get();
        }
        String reasons =
                outcomes.stream()
                        .map(outcome -> outcome instanceof Unreachable<A>(String why) ? why : "")
                        .filter(why -> !why.isEmpty())
                        .collect(joining("; "));
        return reasons.isEmpty() ? outcomes.getFirst() : new Unreachable<>(reasons);
    }

    /**
     * Reads the configuration anew and puts it into force if it is good. Requests that have begun
     * end by the one before.
     */
    public synchronized Reload reload() {
        if (isClosed) {
            throw new IllegalStateException(CLOSED);
        }
        Reload reload = tryReload();
        listener.accept(reload);
        return reload;
    }

    private Reload tryReload() {
        Reading reading = read(settings, clock);
        loaded = reading.fingerprint();
        changing = Map.of();
        try {
            Connections replaced = current;
            current = connect(config(reading));
            replaced.letGo();
        } catch (InteropConfigException e) {
            LOG.error(
                    "the new interoperability configuration is wrong, the old one stays in force");
            e.problems().forEach(problem -> LOG.error("{}", problem));
            return new Reload.Kept(e.problems());
        }
        LOG.info("the interoperability configuration was read anew: {}", config());
        return new Reload.Replaced(config());
    }

    /**
     * Looks for changes of the configuration's files at this interval until the client is closed.
     *
     * @throws IllegalStateException if they are watched already
     */
    public synchronized void watch(Duration interval) {
        if (!interval.isPositive()) {
            throw new IllegalArgumentException(
                    "interval is " + interval + ", not more than nothing");
        }
        if (watcher != null) {
            throw new IllegalStateException("the configuration is watched already");
        }
        watcher = Thread.ofVirtual().name("usher-interop-watch").start(() -> keepWatch(interval));
    }

    private void keepWatch(Duration interval) {
        while (!isClosed) {
            try {
                Thread.sleep(interval);
                reloadIfChanged();
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                LOG.error("the interoperability configuration cannot be watched this time", e);
            }
        }
    }

    /**
     * Reads the configuration anew if its files have changed, and have been the same at two calls
     * in a row since: somebody may be in the middle of writing them.
     */
    synchronized Optional<Reload> reloadIfChanged() {
        Map<Path, String> now = ConfigDirectory.fingerprint(settings.source(), loaded.keySet());
        if (now.equals(loaded)) {
            changing = Map.of();
            return Optional.empty();
        }
        if (!now.equals(changing)) {
            changing = now;
            return Optional.empty();
        }
        return Optional.of(reload());
    }

    /** Takes no more requests. Those that have begun end as they would have. */
    @Override
    public synchronized void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        if (watcher != null) {
            watcher.interrupt();
        }
        current.letGo();
    }
}
