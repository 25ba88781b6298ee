package dev.usher.network.outlets;

import static dev.usher.network.registry.TestRegistry.ADMIN;
import static dev.usher.network.registry.TestRegistry.ANN;
import static dev.usher.network.registry.TestRegistry.AS_ANN;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.usher.accounts.AccountId;
import dev.usher.accounts.Caller;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.MacVersion;
import dev.usher.network.cups.DialGuard;
import dev.usher.network.registry.GatewayId;
import dev.usher.network.registry.GatewaySettings;
import dev.usher.network.registry.TestRegistry;
import dev.usher.network.traffic.Happening;
import dev.usher.network.traffic.NetworkDevices;
import dev.usher.network.traffic.TrafficEvent;
import dev.usher.network.traffic.TrafficEvents;
import dev.usher.store.EveryEngine;
import dev.usher.store.TestDatabase;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Webhooks, from what happens to who is told of it. */
@EveryEngine
class OutletsTest {

    private static final Outlets.Patience IMPATIENT =
            new Outlets.Patience(
                    Duration.ofMillis(20),
                    Duration.ofMillis(200),
                    Duration.ofMillis(200),
                    Duration.ofHours(24),
                    1000);
    private static final WebhookId HOOK = new WebhookId("hook");

    private final TestRegistry registry;
    private final Webhooks webhooks;
    private final TrafficEvents events = Happening.events();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final Receiver receiver;

    OutletsTest(TestDatabase engine) throws IOException {
        registry = new TestRegistry(engine);
        webhooks =
                new Webhooks(
                        registry.database,
                        TestVault.SEALER,
                        registry.audit,
                        InstantSource.system());
        receiver = new Receiver();
        open.push(receiver);
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : open) {
            one.close();
        }
    }

    private Outlets start() {
        return start(new DialGuard(List.of(receiver.port()), List.of("127.0.0.0/8")), events);
    }

    private Outlets start(DialGuard guard, TrafficEvents events) {
        return start(guard, events, IMPATIENT);
    }

    private Outlets start(DialGuard guard, TrafficEvents events, Outlets.Patience patience) {
        Outlets outlets =
                new Outlets(
                        new Outlets.Base(
                                registry.database,
                                webhooks,
                                registry.registry.gateways(),
                                new NetworkDevices(
                                        registry.database,
                                        _ -> Optional.empty(),
                                        registry.audit,
                                        InstantSource.system()),
                                events,
                                InstantSource.system(),
                                meters),
                        guard,
                        (SSLSocketFactory) SSLSocketFactory.getDefault(),
                        Optional.empty(),
                        patience);
        open.push(outlets);
        return outlets;
    }

    private String hook(Caller caller, Optional<AccountId> account, String... types) {
        return registry.database
                .write(
                        webhooks.create(
                                caller,
                                HOOK,
                                account,
                                new WebhookSettings(
                                        WebhookSettings.url(receiver.url()), Set.of(types), true),
                                Optional.empty()))
                .secret();
    }

    private void happens(TrafficEvent event) {
        Happening.of(events, event);
    }

    private OutletState state() {
        return webhooks.get(ADMIN, HOOK).state();
    }

    @Test
    void postsWhatHappensSigned() {
        String secret = hook(ADMIN, Optional.empty());
        start();
        happens(Events.uplink(1));
        await().until(() -> receiver.posts.size() == 1);

        Receiver.Post post = receiver.posts.getFirst();
        assertThat(post.path()).isEqualTo("/hook?from=usher");
        assertThat(post.type()).isEqualTo("uplink");
        assertThat(post.body())
                .contains("\"device\":\"0102030405060708\"", "\"payload\":\"Cv8=\"", post.id());
        long at = Long.parseLong(post.signature().substring(2, post.signature().indexOf(',')));
        assertThat(post.signature())
                .isEqualTo(
                        WebhookSignature.of(
                                List.of(secret),
                                Instant.ofEpochSecond(at),
                                post.body().getBytes(UTF_8)));
        await().until(() -> state().deliveredAt().isPresent());
        assertThat(state().pending()).isZero();
        assertThat(state().lastError()).isEmpty();
        assertThat(
                        meters.counter(
                                        "usher.outlets.deliveries",
                                        "kind",
                                        "webhook",
                                        "outcome",
                                        "arrived")
                                .count())
                .isEqualTo(1);
    }

    @Test
    void tellsAnAccountWhatItMayKnow() {
        registry.database.write(
                registry.registry
                        .gateways()
                        .create(
                                AS_ANN,
                                ANN,
                                new GatewayId("near"),
                                Events.NEAR,
                                GatewaySettings.DEFAULT));
        hook(AS_ANN, Optional.of(ANN));
        start();
        happens(Events.connected(Events.FAR));
        happens(Events.joinFailed());
        happens(Events.uplink(1));
        happens(Events.connected(Events.NEAR));
        await().until(() -> receiver.posts.size() == 2);

        assertThat(receiver.posts)
                .extracting(Receiver.Post::type)
                .containsExactlyInAnyOrder("uplink", "gateway-connected");
        assertThat(receiver.bodies())
                .noneMatch(body -> body.contains("payload"))
                .noneMatch(body -> body.contains(Events.FAR.toString()));
    }

    @Test
    void tellsAnAccountAllOfItsDevicesAndNothingOfOthers() {
        NetworkDevices devices =
                new NetworkDevices(
                        registry.database,
                        _ -> Optional.empty(),
                        registry.audit,
                        registry.now::get);
        registry.database.write(
                devices.create(
                        AS_ANN,
                        Optional.empty(),
                        Events.DEVICE,
                        Eui64.parse("70B3D57ED0000001"),
                        "",
                        MacVersion.V1_0_3));
        hook(AS_ANN, Optional.of(ANN));
        start();
        happens(
                new TrafficEvent.JoinFailed(
                        Instant.EPOCH, new Eui64(9), new Eui64(1), 1, "somebody else's"));
        happens(Events.connected(Events.NEAR));
        happens(Events.joinFailed());
        happens(Events.uplink(1));
        await().until(() -> receiver.posts.size() == 2);

        assertThat(receiver.posts)
                .extracting(Receiver.Post::type)
                .containsExactlyInAnyOrder("uplink", "join-failed");
        assertThat(receiver.bodies()).anyMatch(body -> body.contains("payload"));
    }

    @Test
    void tellsOnlyTheTypesThatWereAskedFor() {
        hook(ADMIN, Optional.empty(), "join");
        start();
        happens(Events.uplink(1));
        happens(Events.joined());
        await().until(() -> !receiver.posts.isEmpty());

        assertThat(receiver.posts).extracting(Receiver.Post::type).containsExactly("join");
    }

    @Test
    void keepsWhatHappensWhileNobodyAnswersAndDeliversItInOrder() {
        hook(ADMIN, Optional.empty());
        receiver.answers(_ -> 503);
        start();
        for (int fCnt = 1; fCnt <= 20; fCnt++) {
            happens(Events.uplink(fCnt));
        }
        await().until(() -> state().pending() == 20 && state().lastError().isPresent());
        assertThat(state().lastError()).contains("it answers with status 503");
        String first = receiver.posts.getFirst().id();
        receiver.posts.clear();
        receiver.answers(_ -> 200);
        await().until(() -> state().pending() == 0);

        assertThat(receiver.posts).hasSizeGreaterThanOrEqualTo(20);
        assertThat(receiver.bodies().stream().map(OutletsTest::fCnt).distinct()).isSorted();
        assertThat(receiver.posts.getFirst().id()).isEqualTo(first);
    }

    private static Integer fCnt(String body) {
        return Integer.valueOf(body.replaceAll(".*\"fCnt\":([0-9]+).*", "$1"));
    }

    @Test
    void losesNothingWhenTheNodeIsStartedAgain() {
        hook(ADMIN, Optional.empty());
        receiver.answers(_ -> 503);
        Outlets before = start();
        happens(Events.uplink(1));
        happens(Events.uplink(2));
        before.close();
        assertThat(state().pending()).isEqualTo(2);

        receiver.answers(_ -> 200);
        start();
        await().until(() -> state().pending() == 0);
    }

    @Test
    void goesOnWithOthersWhenOneIsRefused() {
        hook(ADMIN, Optional.empty());
        receiver.answers(post -> fCnt(post.body()) == 1 ? 400 : 200);
        start();
        happens(Events.uplink(1));
        happens(Events.uplink(new Eui64(5), 2));
        happens(Events.uplink(3));
        await().until(() -> state().pending() == 1);
        assertThat(receiver.bodies().stream().map(OutletsTest::fCnt)).contains(1, 2, 3);

        receiver.answers(_ -> 200);
        await().until(() -> state().pending() == 0);
    }

    @Test
    void isDisabledWhenNothingIsWantedAnyMore() {
        hook(ADMIN, Optional.empty());
        receiver.answers(_ -> 410);
        start();
        happens(Events.uplink(1));

        await().until(() -> !webhooks.get(ADMIN, HOOK).webhook().settings().enabled());
        assertThat(state().lastError()).contains("it answers with status 410");
    }

    @Test
    void isDeliveredByOneNodeThoughAllKnowOfIt() {
        hook(ADMIN, Optional.empty());
        start();
        TrafficEvents others = Happening.events();
        start(new DialGuard(List.of(receiver.port()), List.of("127.0.0.0/8")), others);
        for (int fCnt = 1; fCnt <= 100; fCnt++) {
            happens(Events.uplink(fCnt));
            Happening.of(others, Events.uplink(fCnt));
        }
        await().until(() -> receiver.posts.size() >= 100 && state().pending() == 0);

        assertThat(receiver.posts).extracting(Receiver.Post::id).doesNotHaveDuplicates();
        assertThat(new HashSet<>(receiver.bodies().stream().map(OutletsTest::fCnt).toList()))
                .hasSize(100);
    }

    @Test
    void isNotLedIntoTheNetworkItRunsIn() {
        hook(ADMIN, Optional.empty());
        start(new DialGuard(List.of(receiver.port()), List.of()), events);
        happens(Events.uplink(1));

        await().until(() -> state().lastError().isPresent());
        assertThat(state().lastError().orElseThrow())
                .isEqualTo(
                        "the server would be sent everything in clear: use https, or have its"
                                + " network allowed");
        assertThat(receiver.posts).isEmpty();
    }

    @Test
    void givesUpInTheEnd() {
        hook(ADMIN, Optional.empty());
        receiver.answers(_ -> 503);
        Outlets first = start();
        happens(Events.uplink(1));
        await().until(() -> state().failedAt().isPresent());
        first.close();

        start(
                new DialGuard(List.of(receiver.port()), List.of("127.0.0.0/8")),
                events,
                new Outlets.Patience(
                        Duration.ofHours(1),
                        Duration.ofHours(1),
                        Duration.ofHours(1),
                        Duration.ZERO,
                        1000));
        await().until(() -> state().pending() == 0);
        assertThat(state().givenUp()).isEqualTo(1);
    }

    @Test
    void isTriedAtOnceWhenAsked() {
        hook(ADMIN, Optional.empty());
        Outlets outlets = start();

        assertThat(outlets.test(ADMIN, HOOK))
                .satisfies(trial -> assertThat(trial.error()).isEmpty())
                .satisfies(trial -> assertThat(trial.status()).contains(200));
        assertThat(receiver.posts.getFirst().type()).isEqualTo("test");
        receiver.close();
        assertThat(outlets.test(ADMIN, HOOK).error()).isPresent();
    }
}
