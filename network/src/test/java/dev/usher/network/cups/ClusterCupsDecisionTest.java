package dev.usher.network.cups;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.keys.CertificateAuthority;
import dev.usher.lorawan.Eui64;
import dev.usher.network.claiming.GatewayClaiming.Targets;
import dev.usher.network.registry.ClaimState;
import dev.usher.network.registry.GatewayId;
import dev.usher.network.registry.GatewayServerAddress;
import dev.usher.network.registry.GatewaySettings;
import dev.usher.network.registry.NetworkGateway;
import dev.usher.network.registry.StationGateway;
import dev.usher.station.AuthorizationHeader;
import dev.usher.station.CertificateDer;
import dev.usher.station.Credentials;
import dev.usher.station.StationUri;
import dev.usher.station.UpdateInfoRequest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The whole table of what a gateway of this network is told. */
class ClusterCupsDecisionTest {

    private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");
    private static final Eui64 EUI = Eui64.parse("58A0CBFFFE800BE7");
    private static final CertificateDer ROOT = root("One root");
    private static final CertificateDer NEXT_ROOT = root("The next root");
    private static final Targets OWN =
            new Targets(
                    Optional.of(StationUri.cups("https://own:8885")),
                    GatewayServerAddress.parse("own"));

    /**
     * Keys and credentials are one letter each: {@code k} is the key in the registry, what the
     * gateway has is {@code k} (that key and the right root), {@code f} (a former key), {@code s}
     * (the root alone) or {@code -} (none).
     */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            textBlock =
                    """
                    # address       | key | needs key | reported URI    | has | URI sent        | credentials sent | reason
                    -               | k   | true      | -               | -   | wss://own:8887  | k | LNS URI wss://own:8887 sent as it had none; LNS credentials sent, as it reported others
                    -               | k   | true      | wss://own:8887  | k   | -               | - | it has what it is to have
                    -               | k   | true      | 'wss://own:8887 '| k  | -               | - | it has what it is to have
                    -               | k   | true      | wss://own:8887  | f   | -               | k | LNS credentials sent, as it reported others
                    -               | k   | true      | wss://old:8887  | k   | wss://own:8887  | - | LNS URI wss://own:8887 sent instead of wss://old:8887
                    -               | k   | true      | wss://old:8887  | f   | wss://own:8887  | k | LNS URI wss://own:8887 sent instead of wss://old:8887; LNS credentials sent, as it reported others
                    -               | k   | true      | WSS://own:8887  | k   | wss://own:8887  | - | LNS URI wss://own:8887 sent instead of WSS://own:8887
                    other           | k   | true      | wss://own:8887  | f   | wss://other:8887 | k | LNS URI wss://other:8887 sent instead of wss://own:8887; LNS credentials sent, as it reported others
                    other:443       | k   | true      | -               | k   | wss://other:443 | - | LNS URI wss://other:443 sent as it had none
                    # an LNS in the gateway's own network
                    ws://10.0.0.2   | -   | true      | wss://own:8887  | k   | ws://10.0.0.2:1887 | - | LNS URI ws://10.0.0.2:1887 sent instead of wss://own:8887
                    ws://10.0.0.2   | k   | true      | wss://own:8887  | k   | ws://10.0.0.2:1887 | - | LNS URI ws://10.0.0.2:1887 sent instead of wss://own:8887
                    ws://10.0.0.2   | -   | true      | ws://10.0.0.2:1887 | f | -             | - | it has what it is to have
                    # what is missing is said, and the gateway left alone
                    -               | -   | true      | -               | -   | -               | - | its LNS is left as it is: there is no key for wss://own:8887, set one
                    other           | -   | true      | wss://own:8887  | k   | -               | - | its LNS is left as it is: there is no key for wss://other:8887, set one
                    other           | -   | false     | wss://own:8887  | k   | wss://other:8887 | s | LNS URI wss://other:8887 sent instead of wss://own:8887; LNS credentials sent, as it reported others
                    other           | -   | false     | wss://other:8887 | s  | -               | - | it has what it is to have
                    """)
    void sendsTheLnsOfTheRegistry(
            @Nullable String address,
            @Nullable String key,
            boolean needsKey,
            @Nullable String reportedUri,
            @Nullable String has,
            @Nullable String uriSent,
            @Nullable String credentialsSent,
            String reason) {
        StationGateway gateway =
                gateway(
                        GatewaySettings.DEFAULT
                                .withAddress(
                                        Optional.ofNullable(address)
                                                .map(GatewayServerAddress::parse))
                                .withRequireAuthenticatedConnection(needsKey),
                        key,
                        null,
                        null);

        ClusterCupsDecision decision = decide(gateway, reports(null, null, reportedUri, crc(has)));

        assertThat(decision.response().tcUri().map(StationUri::toString))
                .isEqualTo(Optional.ofNullable(uriSent));
        assertThat(decision.response().tcCredentials())
                .isEqualTo(Optional.ofNullable(credentialsSent).map(ClusterCupsDecisionTest::of));
        assertThat(decision.response().cupsUri()).isEmpty();
        assertThat(decision.response().cupsCredentials()).isEmpty();
        assertThat(decision.reason()).isEqualTo(reason);
        assertThat(decision.hasTarget()).isEqualTo(reason.equals("it has what it is to have"));
        assertThat(decision.answer())
                .isEqualTo(uriSent == null && credentialsSent == null ? "nothing" : "lns");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            textBlock =
                    """
                    # key | reported URI      | has | URI sent         | credentials sent | has the key
                    k     | https://own:8885  | k   | -                | - | true
                    k     | https://own:8885  | f   | -                | k | false
                    k     | -                 | -   | https://own:8885 | k | false
                    k     | https://root:9191 | f   | https://own:8885 | k | false
                    # on its backup set: it still reports the broken one
                    k     | https://root:9191 | k   | https://own:8885 | - | true
                    # came with a certificate or a person's key: left alone
                    -     | -                 | -   | -                | - | false
                    -     | https://root:9191 | f   | -                | - | false
                    """)
    void keepsTheGatewayAtThisCupsAndRotatesItsKey(
            @Nullable String key,
            @Nullable String reportedUri,
            @Nullable String has,
            @Nullable String uriSent,
            @Nullable String credentialsSent,
            boolean hasKey) {
        StationGateway gateway = gateway(GatewaySettings.DEFAULT, "k", key, null);

        ClusterCupsDecision decision =
                decide(gateway, reports(reportedUri, crc(has), "wss://own:8887", crc("k")));

        assertThat(decision.response().cupsUri().map(StationUri::toString))
                .isEqualTo(Optional.ofNullable(uriSent));
        assertThat(decision.response().cupsCredentials())
                .isEqualTo(Optional.ofNullable(credentialsSent).map(ClusterCupsDecisionTest::of));
        assertThat(decision.hasCupsKey()).isEqualTo(hasKey);
        assertThat(decision.hasTarget()).isTrue();
        assertThat(decision.response().tcUri()).isEmpty();
        assertThat(decision.response().tcCredentials()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            textBlock =
                    """
                    # target          | key | reported URI     | has | URI sent         | credentials sent | reason
                    https://next:443  | k   | https://own:8885 | f   | https://next:443 | k | handed on to https://next:443
                    https://next:443  | k   | https://next:443 | f   | https://next:443 | k | handed on to https://next:443
                    https://next:443  | k   | https://next:443 | k   | https://next:443 | k | handed on to https://next:443 again, as it has that already and asks here all the same
                    https://next:443  | -   | https://own:8885 | f   | -                | - | its CUPS is left as it is: there is no key for https://next:443, set one
                    http://next:80    | -   | https://own:8885 | f   | http://next:80   | - | handed on to http://next:80
                    """)
    void handsTheGatewayOnAndLeavesItsLnsToTheOtherCluster(
            String target,
            @Nullable String key,
            @Nullable String reportedUri,
            @Nullable String has,
            @Nullable String uriSent,
            @Nullable String credentialsSent,
            String reason) {
        StationGateway gateway =
                gateway(
                        GatewaySettings.DEFAULT.withTargetCupsUri(
                                Optional.of(StationUri.cups(target))),
                        "k",
                        "f",
                        key);

        ClusterCupsDecision decision =
                decide(gateway, reports(reportedUri, crc(has), "wss://gone:8887", crc("f")));

        assertThat(decision.response().cupsUri().map(StationUri::toString))
                .isEqualTo(Optional.ofNullable(uriSent));
        assertThat(decision.response().cupsCredentials())
                .isEqualTo(Optional.ofNullable(credentialsSent).map(ClusterCupsDecisionTest::of));
        assertThat(decision.response().tcUri()).isEmpty();
        assertThat(decision.response().tcCredentials()).isEmpty();
        assertThat(decision.reason()).isEqualTo(reason);
        assertThat(decision.hasTarget()).isEqualTo(reason.contains("again"));
    }

    @Test
    void aTargetThatIsThisCupsKeepsTheGatewayHere() {
        StationGateway gateway =
                gateway(GatewaySettings.DEFAULT.withTargetCupsUri(OWN.cups()), "k", "k", null);
        ClusterCupsDecision decision =
                decide(gateway, reports("https://own:8885", crc("k"), "wss://own:8887", crc("k")));
        assertThat(decision.reason()).isEqualTo("it has what it is to have");
    }

    @Test
    void sendsCupsAndLnsInOneAnswer() {
        ClusterCupsDecision decision =
                decide(
                        gateway(GatewaySettings.DEFAULT, "k", "k", null),
                        reports(null, null, null, Credentials.NONE_CRC));
        assertThat(decision.answer()).isEqualTo("cups+lns");
        assertThat(decision.response().head()).hasSizeGreaterThan(2 * ROOT.bytes().length);
    }

    @Test
    void sendsTheNewRootOfAServer() {
        StationGateway gateway = gateway(GatewaySettings.DEFAULT, "k", "k", null);
        UpdateInfoRequest has = reports("https://own:8885", crc("k"), "wss://own:8887", crc("k"));

        ClusterCupsDecision decision =
                decide(
                        gateway,
                        has,
                        uri -> new Root.Known(uri.scheme().isCups() ? ROOT : NEXT_ROOT));

        assertThat(decision.answer()).isEqualTo("lns");
        assertThat(decision.response().tcUri()).isEmpty();
        assertThat(decision.response().tcCredentials().map(Credentials::trust)).contains(NEXT_ROOT);
    }

    @Test
    void leavesTheGatewayAloneWhileARootIsNotKnown() {
        ClusterCupsDecision decision =
                decide(
                        gateway(GatewaySettings.DEFAULT, "k", "k", null),
                        reports("https://old:9191", crc("f"), "wss://old:8887", crc("f")),
                        _ -> new Root.Unknown("cannot be reached at the moment"));

        assertThat(decision.response().isNothing()).isTrue();
        assertThat(decision.hasTarget()).isFalse();
        assertThat(decision.reason())
                .isEqualTo(
                        "its CUPS is left as it is: https://own:8885 cannot be reached at the"
                                + " moment; its LNS is left as it is: wss://own:8887 cannot be"
                                + " reached at the moment");
    }

    @Test
    void saysThatTheOwnLnsCannotUseAGatewayWithoutAFrequencyPlan() {
        StationGateway withoutPlan = withoutPlan(gateway(GatewaySettings.DEFAULT, "k", "k", null));
        assertThat(
                        decide(
                                        withoutPlan,
                                        reports(
                                                "https://own:8885",
                                                crc("k"),
                                                "wss://own:8887",
                                                crc("k")))
                                .reason())
                .isEqualTo("it has no frequency plan, so the LNS cannot use it: set one");
    }

    @Test
    void neverAsksForTheRootOfAnAddressThatTheGatewayReports() {
        decide(
                gateway(GatewaySettings.DEFAULT, "k", "k", null),
                reports("https://evil:443", 1, "wss://evil:443", 2),
                uri -> {
                    assertThat(uri.host()).isEqualTo("own");
                    return new Root.Known(ROOT);
                });
    }

    @Test
    void showsForeignTextInOneLineAndNoSecret() {
        ClusterCupsDecision decision =
                decide(
                        gateway(GatewaySettings.DEFAULT, "k", null, null),
                        reports(null, null, "wss://a\r\nb:1" + "x".repeat(200), crc("k")));
        assertThat(decision.reason())
                .contains("instead of wss://a??b:1xxx")
                .hasSizeLessThan(200)
                .doesNotContain("secret");
        assertThat(decision.toString()).doesNotContain("secret");
    }

    private static ClusterCupsDecision decide(StationGateway gateway, UpdateInfoRequest reported) {
        return decide(gateway, reported, _ -> new Root.Known(ROOT));
    }

    private static ClusterCupsDecision decide(
            StationGateway gateway, UpdateInfoRequest reported, Function<StationUri, Root> roots) {
        return ClusterCupsDecision.decide(gateway, OWN, reported, roots);
    }

    private static CertificateDer root(String name) {
        return CertificateDer.of(CertificateAuthority.create(name, () -> NOW).certificateDer());
    }

    private static AuthorizationHeader key(String letter) {
        return AuthorizationHeader.of("Authorization: Bearer secret-" + letter);
    }

    private static Credentials of(String letter) {
        return letter.equals("s")
                ? new Credentials.ServerAuth(ROOT)
                : new Credentials.Token(ROOT, key(letter));
    }

    private static int crc(@Nullable String letter) {
        return letter == null ? Credentials.NONE_CRC : of(letter).crc();
    }

    /** Has a frequency plan, whatever the settings say. */
    private static StationGateway gateway(
            GatewaySettings settings,
            @Nullable String lnsKey,
            @Nullable String cupsKey,
            @Nullable String targetCupsKey) {
        return new StationGateway(
                new NetworkGateway(
                        GatewayId.ofEui(EUI),
                        EUI,
                        settings.withFrequencyPlanIds(List.of("EU_863_870")),
                        new ClaimState.Registered(),
                        Optional.empty(),
                        NOW,
                        NOW,
                        Optional.empty(),
                        Optional.empty()),
                Optional.ofNullable(lnsKey).map(ClusterCupsDecisionTest::key),
                Optional.ofNullable(cupsKey).map(ClusterCupsDecisionTest::key),
                false,
                Optional.ofNullable(targetCupsKey).map(ClusterCupsDecisionTest::key),
                1);
    }

    private static StationGateway withoutPlan(StationGateway gateway) {
        NetworkGateway before = gateway.gateway();
        return new StationGateway(
                new NetworkGateway(
                        before.id(),
                        before.eui(),
                        before.settings().withFrequencyPlanIds(List.of()),
                        before.claim(),
                        before.claimableUntil(),
                        before.createdAt(),
                        before.targetChangedAt(),
                        before.workingAt(),
                        before.revertedAt()),
                gateway.lnsKey(),
                gateway.cupsKey(),
                gateway.hasFormerCupsKeys(),
                gateway.targetCupsKey(),
                gateway.revision());
    }

    private static UpdateInfoRequest reports(
            @Nullable String cupsUri,
            @Nullable Integer cupsCrc,
            @Nullable String lnsUri,
            int lnsCrc) {
        return new UpdateInfoRequest(
                EUI,
                Optional.ofNullable(cupsUri),
                Optional.ofNullable(lnsUri),
                cupsCrc == null ? Credentials.NONE_CRC : cupsCrc,
                lnsCrc,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of());
    }
}
