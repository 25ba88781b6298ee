package dev.usher.gateways;

import static dev.usher.gateways.TestServer.ACME;
import static dev.usher.gateways.TestServer.ADMIN;
import static dev.usher.gateways.TestServer.GUESSES_PER_DAY;
import static dev.usher.gateways.TestServer.OTHER;
import static dev.usher.gateways.TestServer.eui;
import static dev.usher.gateways.TestServer.principal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.usher.accounts.AuditEntry;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.Conflict;
import dev.usher.accounts.OwnerId;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.EuiRange;
import dev.usher.store.Change;
import dev.usher.store.DatabaseUrl;
import dev.usher.store.EveryEngine;
import dev.usher.store.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@EveryEngine
class ClaimsTest {

    private static final Eui64 GATEWAY = eui("58A0CBFFFE800BE7");
    private static final Eui64 STRANGER = eui("0000000000000BAD");

    /** A PIN whose check character fits, of no gateway here. */
    private static final String WRONG = "222-222-222";

    private static final String REFUSED =
            "the code does not fit the gateway, or the gateway cannot be claimed: check the EUI and"
                    + " the code on the label";
    private static final String LOCKED =
            "too many wrong codes were tried for this gateway today: try again tomorrow (UTC)";
    private static final String NOT_YOURS = "the gateway is not claimed by you: claim it first";

    private final TestDatabase engine;
    private final TestServer usher;
    private Batch batch;

    ClaimsTest(TestDatabase engine) {
        this.engine = engine;
        this.usher = TestServer.on(engine);
        this.batch = usher.batch("femto", "58A0CBFFFE800000/48");
    }

    @BeforeEach
    void thePinOfTheGatewayIsNotTheWrongOne() {
        assertThat(usher.pin(batch, GATEWAY)).isNotEqualTo(WRONG);
    }

    @AfterEach
    void close() {
        usher.close();
    }

    @Test
    void theRightPinClaims() {
        assertThat(usher.claim(ACME, GATEWAY, usher.pin(batch, GATEWAY)))
                .isEqualTo(ItemResult.done(GATEWAY));

        Gateway gateway = usher.gateway(GATEWAY);
        assertThat(gateway.owner()).hasValue(ACME);
        assertThat(gateway.origin()).isEqualTo(Origin.BATCH);
        assertThat(gateway.batch()).hasValue("femto");
        assertThat(gateway.flavor()).isEqualTo("femto");
        assertThat(gateway.claimedAt()).hasValue(TestServer.START);
        assertThat(usher.server.gateways().ofOwner(ACME)).containsExactly(GATEWAY);
        assertThat(usher.auditOf(GATEWAY))
                .extracting(AuditEntry::action, AuditEntry::owner, AuditEntry::detail)
                .containsExactly(
                        tuple("gateway.claim", Optional.of(ACME), "{\"batch\":\"femto\"}"));
    }

    @Test
    void aPinIsReadAsPeopleTypeIt() {
        String typed = " " + usher.pin(batch, GATEWAY).toLowerCase(Locale.ROOT) + "\n";
        assertThat(usher.claim(ACME, GATEWAY, typed.replace('-', ' ')).isDone()).isTrue();
    }

    @Test
    void aWrongPinAnUnknownGatewayAndAnothersGatewayCannotBeToldApart() {
        Eui64 theirs = usher.claimed(OTHER, batch, eui("58A0CBFFFE800001"));
        Eui64 added = eui("0000000000000ADD");
        add(OTHER, added, "token");
        Eui64 imported = eui("00000000000001AA");
        importOne(imported, "code", "token");

        List<ItemResult> results =
                usher.claim(
                        ACME,
                        new Claims.Claim(GATEWAY, WRONG),
                        new Claims.Claim(STRANGER, WRONG),
                        new Claims.Claim(theirs, WRONG),
                        new Claims.Claim(theirs, usher.pin(batch, theirs)),
                        new Claims.Claim(added, WRONG),
                        new Claims.Claim(imported, WRONG));

        assertThat(results)
                .extracting(ItemResult::error, ItemResult::notice)
                .containsOnly(tuple(Optional.of(REFUSED), Optional.empty()));
        assertThat(
                        usher.audit.list(
                                new AuditLog.Filter(Optional.empty(), Optional.of(ACME)), 0, 100))
                .filteredOn(entry -> entry.action().startsWith("gateway"))
                .extracting(AuditEntry::action, AuditEntry::detail)
                .containsOnly(tuple("gateway.claim.refused", "{\"why\":\"wrong\"}"));
        assertThat(usher.gateway(theirs).owner()).hasValue(OTHER);
        assertThat(usher.gateway(GATEWAY).owner()).isEmpty();
        assertThat(usher.server.gateways().find(STRANGER)).isEmpty();
    }

    /** Each kind of gateway that cannot be claimed counts and locks like any other. */
    @ParameterizedTest
    @ValueSource(strings = {"mine", "unknown", "theirs", "added", "imported"})
    void tenWrongCodesADayLockAGateway(String kind) {
        Eui64 target =
                switch (kind) {
                    case "unknown" -> STRANGER;
                    case "theirs" -> usher.claimed(OTHER, batch, GATEWAY);
                    case "added" -> add(OTHER, STRANGER, "token");
                    case "imported" -> importOne(STRANGER, "code", "token");
                    default -> GATEWAY;
                };
        for (int i = 0; i < GUESSES_PER_DAY; i++) {
            OwnerId guesser = i % 2 == 0 || kind.equals("theirs") ? ACME : OTHER;
            assertThat(usher.claim(guesser, target, WRONG).error()).hasValue(REFUSED);
        }

        assertThat(usher.claim(ACME, target, WRONG).error()).hasValue(LOCKED);
        assertThat(usher.claim(OTHER, target, WRONG).error()).hasValue(LOCKED);
        assertThat(usher.claim(ACME, target, usher.pin(batch, GATEWAY)).error()).hasValue(LOCKED);
    }

    @Test
    void codesInBulkCountEach() {
        List<ItemResult> results =
                usher.claim(
                        ACME,
                        Stream.concat(
                                        Collections.nCopies(GUESSES_PER_DAY + 2, WRONG).stream(),
                                        Stream.of(usher.pin(batch, GATEWAY)))
                                .map(code -> new Claims.Claim(GATEWAY, code))
                                .toArray(Claims.Claim[]::new));

        assertThat(results.subList(0, GUESSES_PER_DAY))
                .extracting(ItemResult::error)
                .containsOnly(Optional.of(REFUSED));
        assertThat(results.subList(GUESSES_PER_DAY, results.size()))
                .extracting(ItemResult::error)
                .containsOnly(Optional.of(LOCKED));
        assertThat(usher.gateway(GATEWAY).owner()).isEmpty();
    }

    @Test
    void aDryRunCountsAndClaimsNothing() {
        Claims.Claim right = new Claims.Claim(GATEWAY, usher.pin(batch, GATEWAY));
        assertThat(dryRun(right)).containsExactly(ItemResult.done(GATEWAY));
        assertThat(usher.gateway(GATEWAY).owner()).isEmpty();
        assertThat(usher.auditOf(GATEWAY)).isEmpty();

        for (int i = 0; i < GUESSES_PER_DAY; i++) {
            assertThat(dryRun(new Claims.Claim(GATEWAY, WRONG)).getFirst().error())
                    .hasValue(REFUSED);
        }
        assertThat(dryRun(right).getFirst().error()).hasValue(LOCKED);
        assertThat(usher.claim(ACME, GATEWAY, right.code()).error()).hasValue(LOCKED);
    }

    @Test
    void theLockEndsWithTheDayAndNoSoonerWhereverTheClockGoes() {
        for (int i = 0; i < GUESSES_PER_DAY; i++) {
            usher.claim(ACME, GATEWAY, WRONG);
        }
        String pin = usher.pin(batch, GATEWAY);
        usher.now.set(TestServer.START.minus(Duration.ofHours(1)));
        assertThat(usher.claim(ACME, GATEWAY, pin).error()).hasValue(LOCKED);
        usher.now.set(Instant.parse("2026-11-21T23:59:59.999Z"));
        assertThat(usher.claim(ACME, GATEWAY, pin).error()).hasValue(LOCKED);

        usher.now.set(Instant.parse("2026-11-22T00:00:00Z"));
        assertThat(usher.claim(ACME, GATEWAY, WRONG).error()).hasValue(REFUSED);
        usher.now.set(Instant.parse("2026-11-21T23:00:00Z"));
        assertThat(usher.claim(ACME, GATEWAY, pin).error()).hasValue(LOCKED);
        usher.now.set(Instant.parse("2026-11-22T00:00:00Z"));
        assertThat(usher.claim(ACME, GATEWAY, pin).isDone()).isTrue();
    }

    @Test
    void guessesOfLongAgoAreForgotten() {
        usher.claim(ACME, GATEWAY, WRONG);
        usher.now.set(TestServer.START.plus(Duration.ofDays(2)));
        usher.claim(ACME, STRANGER, WRONG);

        assertThat(
                        usher.database.<List<Long>>read(
                                handle ->
                                        handle.createQuery("SELECT eui FROM claim_guess")
                                                .mapTo(Long.class)
                                                .list()))
                .containsExactly(STRANGER.value());
    }

    @Test
    void theLockSurvivesARestart() {
        DatabaseUrl url = engine.freshUrl();
        String pin;
        try (TestServer before = TestServer.at(url)) {
            Batch same = before.batch("femto", "58A0CBFFFE800000/48");
            pin = before.pin(same, GATEWAY);
            for (int i = 0; i < GUESSES_PER_DAY; i++) {
                before.claim(ACME, GATEWAY, WRONG);
            }
        }
        try (TestServer after = TestServer.at(url)) {
            assertThat(after.claim(OTHER, GATEWAY, pin).error()).hasValue(LOCKED);
            after.now.set(TestServer.START.plus(Duration.ofDays(1)));
            assertThat(after.claim(OTHER, GATEWAY, pin).isDone()).isTrue();
        }
    }

    @Test
    void aTypingErrorIsToldApartFromAWrongPinWhateverTheGateway() {
        String pin = usher.pin(batch, GATEWAY);
        String mistyped = (pin.startsWith("2") ? "3" : "2") + pin.substring(1);

        List<ItemResult> results =
                usher.claim(
                        ACME,
                        new Claims.Claim(GATEWAY, mistyped),
                        new Claims.Claim(STRANGER, mistyped),
                        new Claims.Claim(GATEWAY, "O0I-1l8-B22"));

        assertThat(results)
                .extracting(ItemResult::error)
                .containsOnly(
                        Optional.of(
                                "the code has a typing error: its check character does not fit;"
                                        + " look for characters that look alike"));
    }

    @Test
    void claimingAgainChangesNothing() {
        usher.claimed(ACME, batch, GATEWAY);
        usher.now.set(TestServer.START.plusSeconds(60));

        assertThat(usher.claim(ACME, GATEWAY, usher.pin(batch, GATEWAY)).isDone()).isTrue();

        assertThat(usher.gateway(GATEWAY).claimedAt()).hasValue(TestServer.START);
        assertThat(usher.auditOf(GATEWAY)).hasSize(1);
    }

    @Test
    void aGatewayNamedTwiceInOneRequestIsClaimedOnce() {
        Claims.Claim claim = new Claims.Claim(GATEWAY, usher.pin(batch, GATEWAY));

        assertThat(usher.claim(ACME, claim, claim, new Claims.Claim(GATEWAY, WRONG)))
                .extracting(ItemResult::error)
                .containsExactly(Optional.empty(), Optional.empty(), Optional.of(REFUSED));
        assertThat(usher.auditOf(GATEWAY))
                .extracting(AuditEntry::action)
                .containsExactly("gateway.claim", "gateway.claim.refused");
    }

    @Test
    void aRequestWithoutGatewaysDoesNothing() {
        assertThat(usher.claim(ACME)).isEmpty();
        assertThat(
                        usher.database.write(
                                usher.server
                                        .claims()
                                        .release(principal(ACME), ACME, List.of(), false)))
                .isEmpty();
    }

    @Test
    void claimsInBulkReachOverTheEndsOfABatch() {
        Claims.Claim[] claims =
                batch.range().stream()
                        .limit(1200)
                        .map(eui -> new Claims.Claim(eui, usher.pin(batch, eui)))
                        .toArray(Claims.Claim[]::new);

        assertThat(usher.claim(ACME, claims)).hasSize(1200).allMatch(ItemResult::isDone);
        assertThat(usher.server.batches().claimed(batch)).isEqualTo(1200);
        assertThat(usher.server.gateways().ofOwner(ACME)).hasSize(1200);
    }

    @Test
    void ofTwoOwnersWhoClaimAtTheSameMomentOneWins() throws Exception {
        List<Eui64> gateways = batch.range().stream().limit(20).toList();
        try (TestServer otherNode = usher.anotherNode();
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Eui64 gateway : gateways) {
                String pin = usher.pin(batch, gateway);
                CyclicBarrier barrier = new CyclicBarrier(2);
                Future<ItemResult> acme =
                        callers.submit(
                                () -> {
                                    barrier.await();
                                    return usher.claim(ACME, gateway, pin);
                                });
                Future<ItemResult> other =
                        callers.submit(
                                () -> {
                                    barrier.await();
                                    return otherNode.claim(OTHER, gateway, pin);
                                });
                assertThat(acme.get().isDone()).isNotEqualTo(other.get().isDone());
                assertThat(usher.gateway(gateway).owner())
                        .hasValue(acme.get().isDone() ? ACME : OTHER);
                assertThat((acme.get().isDone() ? other : acme).get().error()).hasValue(REFUSED);
            }
        }
    }

    @Test
    void aClaimThatWasCheckedBeforeItsBatchWasDeletedClaimsNothing() {
        Change<List<ItemResult>> claim = claimChange(GATEWAY, usher.pin(batch, GATEWAY));
        usher.database.write(usher.server.batches().delete(ADMIN, "femto"));

        assertThat(usher.database.write(claim).getFirst().error()).hasValue(REFUSED);
        assertThat(rows("gateway")).isZero();
    }

    @Test
    void aClaimThatWasCheckedBeforeThePinWasRetiredClaimsNothing() {
        Batch retiring = usher.batchThatRetiresPins("retiring", "58A0CBFFFE900000/48");
        Eui64 gateway = usher.claimed(ACME, retiring, eui("58A0CBFFFE900001"));
        Change<List<ItemResult>> claim =
                usher.server
                        .claims()
                        .claim(
                                principal(OTHER),
                                OTHER,
                                List.of(new Claims.Claim(gateway, usher.pin(retiring, gateway))),
                                false);
        usher.release(ACME, gateway);

        assertThat(usher.database.write(claim).getFirst().error()).hasValue(REFUSED);
        assertThat(usher.gateway(gateway).owner()).isEmpty();
    }

    @Test
    void aBatchOfAnotherNodeIsKnownToAClaimAtOnce() {
        try (TestServer otherNode = usher.anotherNode()) {
            Batch theirs =
                    otherNode.database.write(
                            otherNode
                                    .server
                                    .batches()
                                    .create(
                                            ADMIN,
                                            otherNode.describe(
                                                    "new",
                                                    "58A0CBFFFEA00000/48",
                                                    Optional.empty(),
                                                    false)));
            Eui64 gateway = theirs.range().first();

            assertThat(usher.claim(ACME, gateway, usher.pin(theirs, gateway)).isDone()).isTrue();
            assertThat(add(ACME, eui("58A0CBFFFEA00001"), "token", false).error()).isPresent();
        }
    }

    @Test
    void aReleasedGatewayIsForgottenAndFreeToClaim() {
        usher.claimed(ACME, batch, GATEWAY);
        usher.setup(ACME, GATEWAY, SetupsTest.lns("ws://10.0.0.1:8887"));
        usher.checkIn(GATEWAY, usher.token(batch, GATEWAY));
        usher.server.checkIns().flush();

        assertThat(usher.release(OTHER, GATEWAY).error()).hasValue(NOT_YOURS);
        assertThat(usher.release(ACME, STRANGER).error()).hasValue(NOT_YOURS);
        assertThat(usher.release(ACME, GATEWAY)).isEqualTo(ItemResult.done(GATEWAY));
        assertThat(usher.release(ACME, GATEWAY).error()).hasValue(NOT_YOURS);

        Gateway released = usher.gateway(GATEWAY);
        assertThat(released.owner()).isEmpty();
        assertThat(released.lns()).isEmpty();
        assertThat(released.setupAt()).isEmpty();
        assertThat(released.seen()).isEmpty();
        assertThat(usher.auditOf(GATEWAY))
                .extracting(AuditEntry::action)
                .containsExactly("gateway.claim", "gateway.setup", "gateway.delete");
        usher.claimed(OTHER, batch, GATEWAY);
    }

    @Test
    void aReleaseThatIsADryRunReleasesNothing() {
        usher.claimed(ACME, batch, GATEWAY);
        assertThat(
                        usher.database.write(
                                usher.server
                                        .claims()
                                        .release(principal(ACME), ACME, List.of(GATEWAY), true)))
                .containsExactly(ItemResult.done(GATEWAY));
        assertThat(usher.gateway(GATEWAY).owner()).hasValue(ACME);
    }

    @Test
    void whereThePolicySaysSoAReleaseRetiresThePinAndNotTheToken() {
        Batch retiring = usher.batchThatRetiresPins("retiring", "58A0CBFFFE900000/48");
        Eui64 gateway = usher.claimed(ACME, retiring, eui("58A0CBFFFE900001"));
        String oldPin = usher.pin(retiring, gateway);

        usher.release(ACME, gateway);

        assertThat(usher.claim(OTHER, gateway, oldPin).error()).hasValue(REFUSED);
        String newPin = usher.server.currentSecrets(retiring, gateway).pin().text();
        assertThat(newPin).isNotEqualTo(oldPin);
        assertThat(usher.claim(OTHER, gateway, newPin).isDone()).isTrue();
        assertThat(usher.checkIn(gateway, usher.token(retiring, gateway)))
                .isInstanceOf(CheckIns.Outcome.Answer.class);
        assertThat(usher.checkIn(gateway, usher.server.currentSecrets(retiring, gateway).token()))
                .isInstanceOf(CheckIns.Outcome.Answer.class);
        assertThat(usher.auditOf(gateway))
                .extracting(AuditEntry::detail)
                .contains("{\"pin\":\"retired\"}");
    }

    @Test
    void aClaimThatIsUndoneLeavesThePinGood() {
        Batch retiring = usher.batchThatRetiresPins("retiring", "58A0CBFFFE900000/48");
        Eui64 gateway = usher.claimed(ACME, retiring, eui("58A0CBFFFE900001"));

        assertThat(usher.database.write(usher.server.claims().undo(principal(ACME), ACME, gateway)))
                .containsExactly(ItemResult.done(gateway));

        assertThat(usher.gateway(gateway).owner()).isEmpty();
        assertThat(usher.claim(OTHER, gateway, usher.pin(retiring, gateway)).isDone()).isTrue();
        assertThat(usher.auditOf(gateway))
                .extracting(AuditEntry::detail)
                .contains("{\"claim\":\"undone\"}");
    }

    @Test
    void tellsWhichGatewaysHaveACodeAndWhoseTheyAre() {
        importOne(STRANGER, "the code", "the-token");
        Eui64 added = add(ACME, eui("00000000000001AA"), "Bearer token");
        assertThat(usher.server.claims().withCode(GATEWAY)).hasValue(batch.range());
        assertThat(usher.server.claims().withCode(STRANGER))
                .hasValue(new EuiRange(STRANGER, STRANGER));
        assertThat(usher.server.claims().withCode(added)).isEmpty();
        assertThat(usher.server.claims().withCode(eui("00000000000001AB"))).isEmpty();

        assertThat(usher.server.claims().ownerOf(GATEWAY)).isEmpty();
        usher.claimed(ACME, batch, GATEWAY);
        assertThat(usher.server.claims().ownerOf(GATEWAY)).hasValue(ACME);
    }

    @Test
    void withoutThatPolicyThePinStaysGood() {
        usher.claimed(ACME, batch, GATEWAY);
        usher.release(ACME, GATEWAY);
        assertThat(usher.server.currentSecrets(batch, GATEWAY).pin())
                .isEqualTo(usher.server.factorySecrets(batch, GATEWAY).pin());
        usher.claimed(OTHER, batch, GATEWAY);
    }

    @Test
    void anAddedGatewayIsItsOwnersUntilItIsReleased() {
        Eui64 gateway = add(ACME, STRANGER, "Bearer token");

        assertThat(usher.gateway(gateway).owner()).hasValue(ACME);
        assertThat(usher.gateway(gateway).origin()).isEqualTo(Origin.ADDED);
        assertThat(usher.checkIn(gateway, "token")).isInstanceOf(CheckIns.Outcome.Answer.class);
        assertThat(usher.checkIn(gateway, "tokem")).isInstanceOf(CheckIns.Outcome.NotGenuine.class);

        usher.release(ACME, gateway);

        assertThat(usher.server.gateways().find(gateway)).isEmpty();
        assertThat(usher.checkIn(gateway, "token")).isInstanceOf(CheckIns.Outcome.NotGenuine.class);
        add(OTHER, gateway, "another");
    }

    @Test
    void anOwnerAddsAtMostSoMany() {
        List<Claims.Addition> additions =
                IntStream.rangeClosed(1, 66)
                        .mapToObj(i -> new Claims.Addition(new Eui64(i), "", "token" + i))
                        .toList();

        List<ItemResult> results =
                usher.database.write(
                        usher.server.claims().add(principal(ACME), ACME, additions, false));

        assertThat(results.subList(0, 64)).allMatch(ItemResult::isDone);
        assertThat(results.subList(64, 66))
                .extracting(ItemResult::error)
                .containsOnly(
                        Optional.of(
                                "you have added as many gateways as you may: delete one, or ask the"
                                        + " operator to raise the limit"));
        usher.release(ACME, new Eui64(1));
        assertThat(add(ACME, new Eui64(65), "token", false).isDone()).isTrue();
        assertThat(add(ACME, new Eui64(66), "token", false).isDone()).isFalse();
        add(OTHER, new Eui64(66), "token");
    }

    @Test
    void whatExistsOrLiesInABatchCannotBeAdded() {
        add(OTHER, STRANGER, "token");
        importOne(eui("00000000000001AA"), "code", "token");
        for (Eui64 taken : List.of(STRANGER, eui("00000000000001AA"), GATEWAY)) {
            assertThat(add(ACME, taken, "token", false).error())
                    .hasValue(
                            "the gateway exists already or lies in a batch: claim it with the code"
                                    + " on its label");
        }
        List<ItemResult> twice =
                usher.database.write(
                        usher.server
                                .claims()
                                .add(
                                        principal(ACME),
                                        ACME,
                                        List.of(
                                                new Claims.Addition(new Eui64(1), "", "a"),
                                                new Claims.Addition(new Eui64(1), "", "b")),
                                        false));
        assertThat(twice).extracting(ItemResult::isDone).containsExactly(true, false);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "s3cret\r\nlines", "s3cret\0", "s3crét", "s3cret\r\nX-A: b\r\n"})
    void aTokenIsOneLine(String token) {
        assertThat(add(ACME, STRANGER, token, false).error())
                .hasValueSatisfying(error -> assertThat(error).doesNotContain("s3cr"));
        assertThat(usher.server.gateways().find(STRANGER)).isEmpty();
    }

    @Test
    void aFlavorIsShortAndOneLine() {
        for (String flavor : List.of("x".repeat(65), "a\0b", "a\nb")) {
            assertThat(
                            usher.database
                                    .write(
                                            usher.server
                                                    .claims()
                                                    .add(
                                                            principal(ACME),
                                                            ACME,
                                                            List.of(
                                                                    new Claims.Addition(
                                                                            STRANGER, flavor, "t")),
                                                            false))
                                    .getFirst()
                                    .error())
                    .hasValueSatisfying(error -> assertThat(error).startsWith("the flavor "));
        }
    }

    @Test
    void anAdditionThatIsADryRunAddsNothing() {
        assertThat(add(ACME, STRANGER, "token", true).isDone()).isTrue();
        assertThat(usher.server.gateways().find(STRANGER)).isEmpty();
    }

    @Test
    void anImportedGatewayIsClaimedByItsMakersCode() {
        importOne(STRANGER, "Wi-Fi password", "makers-token");
        assertThat(usher.gateway(STRANGER).owner()).isEmpty();
        assertThat(usher.claim(ACME, STRANGER, "wi-fi password").error()).hasValue(REFUSED);

        assertThat(usher.claim(ACME, STRANGER, " Wi-Fi password ").isDone()).isTrue();

        assertThat(usher.gateway(STRANGER).origin()).isEqualTo(Origin.IMPORTED);
        assertThat(usher.checkIn(STRANGER, "Bearer makers-token"))
                .isInstanceOf(CheckIns.Outcome.Answer.class);
        assertThat(usher.checkIn(STRANGER, "Wi-Fi password"))
                .isInstanceOf(CheckIns.Outcome.NotGenuine.class);

        usher.release(ACME, STRANGER);
        assertThat(usher.claim(OTHER, STRANGER, "Wi-Fi password").isDone()).isTrue();
        assertThat(usher.checkIn(STRANGER, "makers-token"))
                .isInstanceOf(CheckIns.Outcome.Answer.class);
    }

    @Test
    void anImportMayBeRepeatedUntilTheGatewayIsClaimed() {
        importOne(STRANGER, "first", "token");
        importOne(STRANGER, "second", "");
        assertThat(usher.checkIn(STRANGER, "token"))
                .isInstanceOf(CheckIns.Outcome.NotGenuine.class);
        assertThat(usher.claim(ACME, STRANGER, "first").isDone()).isFalse();
        assertThat(usher.claim(ACME, STRANGER, "second").isDone()).isTrue();

        assertThat(tryImport(STRANGER, "third", "").error())
                .hasValue("the gateway is claimed or was added by its owner: release it first");
        assertThat(tryImport(GATEWAY, "code", "").error())
                .hasValue("the gateway lies in a batch, which has its secrets: leave it out");
        assertThat(tryImport(eui("00000000000001AA"), " ", "").error())
                .hasValue("the gateway has no code: without one nobody could claim it");
        assertThat(tryImport(eui("00000000000001AA"), "code", "two\nlines").error())
                .hasValueSatisfying(error -> assertThat(error).contains("more than one line"));
    }

    @Test
    void ofAnImportOnlyHashesAreKept() {
        importOne(STRANGER, "the code", "the-token");
        List<byte[]> kept =
                usher.database.read(
                        handle ->
                                handle.createQuery("SELECT code_hash, token_hash FROM gateway")
                                        .map(
                                                (row, _) ->
                                                        List.of(
                                                                row.getBytes("code_hash"),
                                                                row.getBytes("token_hash")))
                                        .one());
        assertThat(kept).allMatch(hash -> hash.length == 49);
        importOne(STRANGER, "the code", "the-token");
        assertThat(
                        usher.database.<byte[]>read(
                                handle ->
                                        handle.createQuery("SELECT code_hash FROM gateway")
                                                .mapTo(byte[].class)
                                                .one()))
                .isNotEqualTo(kept.getFirst());
    }

    @Test
    void anOwnerGetsTheTokensOfItsOwnGateways() {
        usher.claimed(ACME, batch, GATEWAY);
        Eui64 theirs = usher.claimed(OTHER, batch, eui("58A0CBFFFE800001"));
        add(ACME, STRANGER, "mine");

        List<Claims.TokenResult> tokens =
                usher.server
                        .claims()
                        .tokens(ACME, List.of(GATEWAY, theirs, STRANGER, eui("00000000000001AA")));

        assertThat(tokens)
                .extracting(Claims.TokenResult::token)
                .containsExactly(
                        Optional.of(usher.token(batch, GATEWAY)),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty());
        assertThat(tokens.stream().skip(1))
                .extracting(Claims.TokenResult::error)
                .containsExactly(
                        Optional.of(NOT_YOURS),
                        Optional.of("the gateway's token was made elsewhere and is not kept here"),
                        Optional.of(NOT_YOURS));
        assertThat(tokens.toString()).doesNotContain(usher.token(batch, GATEWAY));
    }

    @Test
    void theChainOfTheAuditHoldsAfterAllOfThis() {
        usher.claimed(ACME, batch, GATEWAY);
        usher.claim(OTHER, GATEWAY, WRONG);
        usher.release(ACME, GATEWAY);
        add(ACME, STRANGER, "token");
        assertThat(usher.audit.verify()).isInstanceOf(AuditLog.Verdict.Intact.class);
        assertThatExceptionOfType(Conflict.class)
                .isThrownBy(() -> usher.batch("overlap", "58A0CBFFFE800000/56"));
        assertThat(usher.audit.verify()).isInstanceOf(AuditLog.Verdict.Intact.class);
    }

    private Change<List<ItemResult>> claimChange(Eui64 eui, String code) {
        return usher.server
                .claims()
                .claim(principal(ACME), ACME, List.of(new Claims.Claim(eui, code)), false);
    }

    private List<ItemResult> dryRun(Claims.Claim... claims) {
        return usher.database.write(
                usher.server.claims().claim(principal(ACME), ACME, List.of(claims), true));
    }

    private Eui64 add(OwnerId owner, Eui64 eui, String token) {
        assertThat(add(owner, eui, token, false)).isEqualTo(ItemResult.done(eui));
        return eui;
    }

    private ItemResult add(OwnerId owner, Eui64 eui, String token, boolean dryRun) {
        return usher.database
                .write(
                        usher.server
                                .claims()
                                .add(
                                        principal(owner),
                                        owner,
                                        List.of(new Claims.Addition(eui, "own", token)),
                                        dryRun))
                .getFirst();
    }

    private Eui64 importOne(Eui64 eui, String code, String token) {
        assertThat(tryImport(eui, code, token)).isEqualTo(ItemResult.done(eui));
        return eui;
    }

    private ItemResult tryImport(Eui64 eui, String code, String token) {
        return usher.database
                .write(
                        usher.server
                                .claims()
                                .importAll(
                                        ADMIN,
                                        List.of(
                                                new Claims.Import(
                                                        eui,
                                                        "ttig",
                                                        Optional.of(code),
                                                        Optional.of(token))),
                                        false))
                .getFirst();
    }

    private long rows(String table) {
        return usher.database.read(
                handle ->
                        handle.createQuery("SELECT count(*) FROM " + table)
                                .mapTo(Long.class)
                                .one());
    }
}
