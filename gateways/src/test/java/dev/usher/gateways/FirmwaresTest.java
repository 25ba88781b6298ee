package dev.usher.gateways;

import static dev.usher.gateways.TestServer.ACME;
import static dev.usher.gateways.TestServer.OTHER;
import static dev.usher.gateways.TestServer.eui;
import static dev.usher.gateways.TestServer.principal;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.tuple;

import dev.usher.accounts.AuditEntry;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.Conflict;
import dev.usher.accounts.NotFound;
import dev.usher.accounts.OwnerId;
import dev.usher.lorawan.Eui64;
import dev.usher.station.SignatureKey;
import dev.usher.store.DatabaseUrl;
import dev.usher.store.EveryEngine;
import dev.usher.store.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@EveryEngine
class FirmwaresTest {

    private static final byte[] FIRMWARE = "the update".getBytes(US_ASCII);
    private static final int CRC = crcOf(FIRMWARE);
    private static final KeyPair KEY = newKey();
    private static final int KEY_CRC =
            SignatureKey.ofPublicKey((ECPublicKey) KEY.getPublic()).crc();

    private final TestDatabase engine;
    private final TestServer usher;
    private final Batch batch;
    private final Eui64 gateway;

    FirmwaresTest(TestDatabase engine) {
        this.engine = engine;
        this.usher = TestServer.on(engine);
        this.batch = usher.batch("femto", "58A0CBFFFE800000/48");
        this.gateway = usher.claimed(ACME, batch, eui("58A0CBFFFE800BE7"));
    }

    @AfterEach
    void close() {
        usher.close();
    }

    @Test
    void aFirmwareIsNamedByItsCrc() {
        assertThat(add(FIRMWARE, "2.0", OptionalInt.empty())).isEqualTo(CRC);
        assertThat(add(FIRMWARE, " 2.0\n", OptionalInt.of(CRC))).isEqualTo(CRC);

        assertThat(usher.server.firmwares().list(ACME))
                .containsExactly(
                        new Firmwares.Firmware(
                                CRC,
                                "2.0",
                                Optional.of("linux"),
                                FIRMWARE.length,
                                TestServer.START));
        assertThat(usher.server.firmwares().list(OTHER)).isEmpty();
    }

    @Test
    void aMakerMayPutTheCrcIntoTheLastFourBytes() {
        byte[] firmware = {1, 2, 3, 4, 5, 0x11, 0x22, 0x33, 0x44};
        assertThat(add(firmware, "2.0", OptionalInt.of(0x11223344))).isEqualTo(0x11223344);
        assertThat(add(firmware, "2.0", OptionalInt.of(0x44332211))).isEqualTo(0x44332211);
        assertThat(add(firmware, "2.0", OptionalInt.empty())).isEqualTo(crcOf(firmware));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> add(firmware, "2.0", OptionalInt.of(4711)))
                .withMessageStartingWith("fwcrc 00001267 is neither the CRC-32 of the firmware (")
                .withMessageEndingWith(
                        ") nor its last four bytes: check that it is the right file");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> add(new byte[] {1, 2, 3}, "2.0", OptionalInt.of(0x010203)));
    }

    @Test
    void twoFirmwaresDoNotShareACrc() {
        byte[] one = {1, 0, 0, 0, 7};
        byte[] two = {2, 0, 0, 0, 7};
        add(one, "1", OptionalInt.of(7));
        assertThatExceptionOfType(Conflict.class)
                .isThrownBy(() -> add(two, "2", OptionalInt.of(7)))
                .withMessage("another firmware has the CRC 00000007 already: delete it first");
        assertThatExceptionOfType(Conflict.class)
                .isThrownBy(() -> add(one, "2", OptionalInt.of(7)))
                .withMessage("firmware 00000007 is there already as version '1': delete it first");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  ", "two\nlines", "nul\0"})
    void aVersionIsOneLine(String version) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> add(FIRMWARE, version, OptionalInt.empty()))
                .withMessageStartingWith("the version ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> add(FIRMWARE, "x".repeat(256), OptionalInt.empty()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> add(new byte[0], "2.0", OptionalInt.empty()))
                .withMessage("the firmware is empty: send its bytes in base64");
        assertThat(usher.server.firmwares().list(ACME)).isEmpty();
    }

    @Test
    void aSignatureIsCheckedBeforeItIsKept() {
        add(FIRMWARE, "2.0", OptionalInt.empty());
        byte[] signature = sign(KEY, FIRMWARE);

        int sigcrc = addSignature(ACME, CRC, KEY_CRC, signature);

        assertThat(sigcrc).isEqualTo(crcOf(signature));
        assertThat(addSignature(ACME, CRC, KEY_CRC, signature)).isEqualTo(sigcrc);
        assertThat(usher.server.firmwares().signatures(ACME))
                .containsExactly(new Firmwares.Signature(sigcrc, CRC, KEY_CRC));
        assertThat(usher.audit.list(AuditLog.Filter.ALL, 0, 100))
                .filteredOn(entry -> entry.action().equals("signature.add"))
                .hasSize(1);
    }

    @Test
    void aSignatureThatDoesNotVerifyIsRefused() {
        add(FIRMWARE, "2.0", OptionalInt.empty());
        byte[] flipped = FIRMWARE.clone();
        flipped[3] ^= 1;
        byte[] damaged = sign(KEY, FIRMWARE);
        damaged[damaged.length - 1] ^= 1;
        for (byte[] signature : List.of(sign(KEY, flipped), sign(newKey(), FIRMWARE), damaged)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> addSignature(ACME, CRC, KEY_CRC, signature))
                    .withMessageStartingWith("the signature does not verify: ");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> addSignature(ACME, CRC, KEY_CRC + 1, sign(KEY, FIRMWARE)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> addSignature(ACME, CRC, KEY_CRC, new byte[] {1, 2, 3}))
                .withMessageStartingWith("the signature is not an ECDSA signature");
        assertThatExceptionOfType(NotFound.class)
                .isThrownBy(() -> addSignature(OTHER, CRC, KEY_CRC, sign(KEY, FIRMWARE)))
                .withMessageEndingWith("add it first");
        assertThat(usher.server.firmwares().signatures(ACME)).isEmpty();
    }

    @Test
    void aSignatureIsTakenAwayByItsCrc() {
        add(FIRMWARE, "2.0", OptionalInt.empty());
        int sigcrc = addSignature(ACME, CRC, KEY_CRC, sign(KEY, FIRMWARE));
        assertThatExceptionOfType(NotFound.class)
                .isThrownBy(() -> deleteSignature(OTHER, sigcrc, false));
        assertThat(deleteSignature(ACME, sigcrc, true)).isTrue();
        assertThat(usher.server.firmwares().signatures(ACME)).hasSize(1);

        deleteSignature(ACME, sigcrc, false);

        assertThat(usher.server.firmwares().signatures(ACME)).isEmpty();
        assertThatExceptionOfType(NotFound.class)
                .isThrownBy(() -> deleteSignature(ACME, sigcrc, false));
    }

    @Test
    void aSignatureIsOverOneFirmwareOnly() {
        byte[] firmware = {1, 2, 3, 4, 5, 0, 0, 0, 9};
        int byMaker = add(firmware, "2.0", OptionalInt.of(9));
        int computed = add(firmware, "2.0", OptionalInt.empty());
        byte[] signature = sign(KEY, firmware);
        addSignature(ACME, byMaker, KEY_CRC, signature);
        assertThatExceptionOfType(Conflict.class)
                .isThrownBy(() -> addSignature(ACME, computed, KEY_CRC, signature))
                .withMessageContaining("is there already for firmware 00000009 and key ");
    }

    @Test
    void aFirmwareGoesWithItsSignaturesOnceNoGatewayIsToGetIt() {
        orderSigned();
        assertThatExceptionOfType(Conflict.class)
                .isThrownBy(() -> delete(CRC, false))
                .withMessageStartingWith("1 gateways are set up with firmware ");
        assertThat(checkIn("1.0").update()).isPresent();
        assertThatExceptionOfType(Conflict.class).isThrownBy(() -> delete(CRC, false));

        order(Setting.cleared(), Setting.unchanged());
        assertThat(delete(CRC, true)).isTrue();
        assertThat(usher.server.firmwares().list(ACME)).hasSize(1);
        assertThat(delete(CRC, false)).isTrue();

        assertThat(usher.server.firmwares().list(ACME)).isEmpty();
        assertThat(usher.server.firmwares().signatures(ACME)).isEmpty();
        assertThatExceptionOfType(NotFound.class).isThrownBy(() -> delete(CRC, false));
    }

    @Test
    void anOrderIsOfferedOnceWithItsSignature() throws IOException {
        byte[] signature = orderSigned();

        CheckIns.Outcome.Answer first = checkIn("1.0");
        CheckIns.Outcome.Answer second = checkIn("1.0");

        assertThat(first.response().signature())
                .hasValueSatisfying(
                        sent -> {
                            assertThat(sent.keyCrc()).isEqualTo(KEY_CRC);
                            assertThat(sent.der()).isEqualTo(signature);
                        });
        assertThat(first.response().updateLength()).isEqualTo(FIRMWARE.length);
        assertThat(content(first)).isEqualTo(FIRMWARE);
        assertThat(second.response().isNothing()).isTrue();
        assertThat(usher.gateway(gateway).firmware().orElseThrow().offeredAt())
                .hasValue(TestServer.START);
        assertThat(usher.auditOf(gateway))
                .extracting(AuditEntry::actor, AuditEntry::action)
                .endsWith(tuple("usher", "gateway.firmware.offer"));
    }

    @Test
    void anOrderIsOfferedAgainWhenItIsGivenAgain() {
        orderSigned();
        assertThat(checkIn("1.0").update()).isPresent();
        // Another parameter does not ask for it again.
        usher.setup(ACME, gateway, SetupsTest.lns("ws://a:1"));
        assertThat(checkIn("1.0").update()).isEmpty();

        order(Setting.to(CRC), Setting.unchanged());
        assertThat(checkIn("1.0").update()).isPresent();
        assertThat(checkIn("1.0").update()).isEmpty();

        Instant later = TestServer.START.plusSeconds(60);
        order(Setting.unchanged(), Setting.to(later));
        assertThat(checkIn("1.0").update()).isEmpty();
        usher.now.set(later);
        assertThat(checkIn("1.0").update()).isPresent();
        assertThat(checkIn("1.0").update()).isEmpty();
    }

    @Test
    void aGatewayThatRunsItAlreadyIsNotOfferedIt() {
        orderSigned();
        assertThat(checkIn("2.0").update()).isEmpty();
        assertThat(checkIn("1.0").update()).isPresent();
    }

    @Test
    void anUnsignedOrderGoesToAGatewayWithoutKeysOnly() throws IOException {
        add(FIRMWARE, "2.0", OptionalInt.empty());
        usher.setup(
                ACME,
                gateway,
                new SetupChange(
                        EndpointChange.NONE,
                        EndpointChange.NONE,
                        Setting.to(CRC),
                        Setting.unchanged(),
                        Setting.to(true)));
        assertThat(checkIn("1.0", KEY_CRC).update()).isEmpty();

        CheckIns.Outcome.Answer answer = checkIn("1.0", new Integer[0]);

        assertThat(answer.response().signature()).isEmpty();
        assertThat(content(answer)).isEqualTo(FIRMWARE);
    }

    @Test
    void ofFiftyCheckInsAtTheSameMomentOneGetsTheOffer() throws Exception {
        orderSigned();
        int checkIns = 50;
        CyclicBarrier barrier = new CyclicBarrier(checkIns);
        try (TestServer otherNode = usher.anotherNode();
                ExecutorService gateways = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<CheckIns.Outcome>> outcomes = new ArrayList<>();
            for (int i = 0; i < checkIns; i++) {
                TestServer node = i % 2 == 0 ? usher : otherNode;
                outcomes.add(
                        gateways.submit(
                                () -> {
                                    barrier.await();
                                    return node.checkIn(
                                            TestServer.running(gateway, "1.0", KEY_CRC),
                                            usher.token(batch, gateway));
                                }));
            }
            int offered = 0;
            for (Future<CheckIns.Outcome> outcome : outcomes) {
                CheckIns.Outcome.Answer answer = (CheckIns.Outcome.Answer) outcome.get();
                offered += answer.update().isPresent() ? 1 : 0;
                assertThat(answer.response().isNothing()).isEqualTo(answer.update().isEmpty());
            }
            assertThat(offered).isEqualTo(1);
        }
        assertThat(usher.auditOf(gateway))
                .filteredOn(entry -> entry.action().equals("gateway.firmware.offer"))
                .hasSize(1);
    }

    @Test
    void anOfferThatWasTakenBeforeACrashIsNotMadeAgain() {
        DatabaseUrl url = engine.freshUrl();
        Batch same;
        try (TestServer before = TestServer.at(url)) {
            same = before.batch("femto", "58A0CBFFFE800000/48");
            before.claimed(ACME, same, gateway);
            orderSigned(before);
            // The update is taken for sending, and is never sent.
            assertThat(checkIn(before, same, "1.0", KEY_CRC).update()).isPresent();
        }
        try (TestServer after = TestServer.at(url)) {
            assertThat(checkIn(after, same, "1.0", KEY_CRC).update()).isEmpty();
        }
    }

    @Test
    void anOrderThatChangedSinceItWasLookedAtIsNotTaken() {
        orderSigned();
        FirmwareOrder before = usher.gateway(gateway).firmware().orElseThrow();
        CupsDecision.Update update = new CupsDecision.Update(CRC, OptionalInt.of(KEY_CRC));
        order(Setting.unchanged(), Setting.to(TestServer.START.plusSeconds(60)));
        FirmwareOrder after = usher.gateway(gateway).firmware().orElseThrow();

        assertThat(usher.server.firmwares().takeOffer(ACME, gateway, before, update)).isEmpty();
        assertThat(usher.server.firmwares().takeOffer(OTHER, gateway, after, update)).isEmpty();
        assertThat(
                        usher.server
                                .firmwares()
                                .takeOffer(
                                        ACME,
                                        gateway,
                                        after,
                                        new CupsDecision.Update(CRC, OptionalInt.of(4711))))
                .isEmpty();
        assertThat(usher.server.firmwares().takeOffer(ACME, gateway, after, update)).isPresent();
        assertThat(usher.server.firmwares().takeOffer(ACME, gateway, after, update)).isEmpty();
    }

    @Test
    void anOfferWhoseSignatureIsGoneIsNotLost() {
        byte[] signature = orderSigned();
        deleteSignature(ACME, crcOf(signature), false);
        assertThat(checkIn("1.0").response().isNothing()).isTrue();

        addSignature(ACME, CRC, KEY_CRC, signature);
        assertThat(checkIn("1.0").update()).isPresent();
    }

    @Test
    void aLargeFirmwareComesBackByteByByte() throws IOException {
        byte[] large = new byte[1_000_003];
        new Random(1).nextBytes(large);
        int fwcrc = add(large, "2.0", OptionalInt.empty());
        addSignature(ACME, fwcrc, KEY_CRC, sign(KEY, large));
        order(Setting.to(fwcrc), Setting.unchanged());

        CheckIns.Outcome.Answer answer = checkIn("1.0");

        assertThat(answer.response().updateLength()).isEqualTo(large.length);
        assertThat(Arrays.equals(content(answer), large)).isTrue();
        try (InputStream again = answer.update().orElseThrow().get()) {
            assertThat(again.read()).isEqualTo(Byte.toUnsignedInt(large[0]));
            assertThat(again.skip(500_000)).isEqualTo(500_000);
            assertThat(again.read()).isEqualTo(Byte.toUnsignedInt(large[500_001]));
            assertThat(again.read(new byte[0])).isZero();
        }
    }

    /** Firmware 2.0, signed, and ordered for the gateway; returns the signature. */
    private byte[] orderSigned() {
        return orderSigned(usher);
    }

    private byte[] orderSigned(TestServer server) {
        byte[] signature = sign(KEY, FIRMWARE);
        server.database.write(
                server.server
                        .firmwares()
                        .add(
                                principal(ACME),
                                ACME,
                                FIRMWARE,
                                "2.0",
                                Optional.empty(),
                                OptionalInt.empty(),
                                false));
        server.database.write(
                server.server
                        .firmwares()
                        .addSignature(principal(ACME), ACME, CRC, KEY_CRC, signature, false));
        assertThat(server.setup(ACME, gateway, ordering(Setting.to(CRC), Setting.unchanged())))
                .isEqualTo(ItemResult.done(gateway));
        return signature;
    }

    private void order(Setting<Integer> fwcrc, Setting<Instant> fwafter) {
        assertThat(usher.setup(ACME, gateway, ordering(fwcrc, fwafter)).isDone()).isTrue();
    }

    private static SetupChange ordering(Setting<Integer> fwcrc, Setting<Instant> fwafter) {
        return new SetupChange(
                EndpointChange.NONE, EndpointChange.NONE, fwcrc, fwafter, Setting.unchanged());
    }

    private CheckIns.Outcome.Answer checkIn(String running) {
        return checkIn(running, KEY_CRC);
    }

    private CheckIns.Outcome.Answer checkIn(String running, Integer... keyCrcs) {
        return checkIn(usher, batch, running, keyCrcs);
    }

    private CheckIns.Outcome.Answer checkIn(
            TestServer server, Batch of, String running, Integer... keyCrcs) {
        return (CheckIns.Outcome.Answer)
                server.checkIn(
                        TestServer.running(gateway, running, keyCrcs), server.token(of, gateway));
    }

    private static byte[] content(CheckIns.Outcome.Answer answer) throws IOException {
        try (InputStream update = answer.update().orElseThrow().get()) {
            return update.readAllBytes();
        }
    }

    private int add(byte[] firmware, String version, OptionalInt fwcrc) {
        return usher.database.write(
                usher.server
                        .firmwares()
                        .add(
                                principal(ACME),
                                ACME,
                                firmware,
                                version,
                                Optional.of("linux"),
                                fwcrc,
                                false));
    }

    private boolean delete(int fwcrc, boolean dryRun) {
        return usher.database.write(
                usher.server.firmwares().delete(principal(ACME), ACME, fwcrc, dryRun));
    }

    private int addSignature(OwnerId owner, int fwcrc, int keycrc, byte[] signature) {
        return usher.database.write(
                usher.server
                        .firmwares()
                        .addSignature(principal(owner), owner, fwcrc, keycrc, signature, false));
    }

    private boolean deleteSignature(OwnerId owner, int sigcrc, boolean dryRun) {
        return usher.database.write(
                usher.server.firmwares().deleteSignature(principal(owner), owner, sigcrc, dryRun));
    }

    private static KeyPair newKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] sign(KeyPair key, byte[] firmware) {
        try {
            Signature signature = Signature.getInstance("SHA512withECDSA");
            signature.initSign(key.getPrivate());
            signature.update(firmware);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static int crcOf(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(ByteBuffer.wrap(bytes));
        return (int) crc.getValue();
    }
}
