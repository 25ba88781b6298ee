package dev.usher.simulator;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.lorawan.Eui64;
import dev.usher.simulator.CupsOutcome.Result;
import dev.usher.simulator.CupsOutcome.Segment;
import dev.usher.simulator.CupsOutcome.Update;
import dev.usher.station.FirmwareSignature;
import dev.usher.station.SignatureKey;
import dev.usher.station.StationUri;
import dev.usher.station.UpdateInfoResponse;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which updates station runs, and what has happened by then. */
class UpdateTest {

    private static final byte[] UPDATE =
            "#!/bin/sh\nVERSION=1.1.0\necho $VERSION > version.txt\n".getBytes(US_ASCII);

    private final KeyPair maker = newKeys();
    private final TinyServer server = TinyServer.plain(TinyServer.ok(new byte[14]));
    private final Home home = Home.inMemory();
    private final List<StationEvent> events = new ArrayList<>();
    private final VirtualStation station =
            new VirtualStation(
                    Eui64.parse("::1"),
                    home,
                    Settings.DEFAULT,
                    (virtualStation, event) -> events.add(event));

    UpdateTest() {
        home.write("cups.uri", server.uri().getBytes(US_ASCII));
        home.write("version.txt", "1.0.0\n".getBytes(US_ASCII));
    }

    @AfterEach
    void closeServer() {
        server.close();
    }

    private static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static SignatureKey keyOf(KeyPair keys) {
        return SignatureKey.ofPublicKey((ECPublicKey) keys.getPublic());
    }

    private static FirmwareSignature sign(KeyPair keys, byte[] update, String algorithm) {
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(keys.getPrivate());
            signature.update(update);
            return new FirmwareSignature(keyOf(keys).crc(), signature.sign());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static UpdateInfoResponse offer(Optional<FirmwareSignature> signature, byte[] update) {
        return new UpdateInfoResponse(
                Optional.empty(),
                Optional.of(StationUri.lns("ws://lns:1887")),
                Optional.empty(),
                Optional.empty(),
                signature,
                update.length);
    }

    private CupsOutcome checkIn(Optional<FirmwareSignature> signature, byte[] update) {
        server.answer(TinyServer.ok(offer(signature, update), update));
        return station.checkIn();
    }

    @Test
    void runsWhatOneOfItsKeysVerifies() {
        home.write("sig-0.key", new byte[63]); // of no use, and no reason to stop
        home.write("sig-1.key", keyOf(newKeys()).point());
        home.write("sig-2.key", keyOf(maker).point());
        CupsOutcome outcome = checkIn(Optional.of(sign(maker, UPDATE, "SHA512withECDSA")), UPDATE);
        assertThat(outcome.update()).isEqualTo(Update.RAN);
        assertThat(outcome.received())
                .containsExactlyInAnyOrder(Segment.TC_URI, Segment.SIGNATURE, Segment.UPDATE);
        assertThat(station.packageVersion()).contains("1.1.0");
        assertThat(events).contains(new StationEvent.Updated("1.1.0"));
        assertThat(station.request().keyCrcs()).hasSize(3).endsWith(keyOf(maker).crc());
    }

    @Test
    void refusesEverythingElseOnceItHasAKey() {
        home.write("sig-0.key", keyOf(maker).point());
        byte[] other = UPDATE.clone();
        other[20] ^= 1;
        assertThat(checkIn(Optional.empty(), UPDATE).update()).isEqualTo(Update.REFUSED);
        assertThat(
                        checkIn(Optional.of(sign(newKeys(), UPDATE, "SHA512withECDSA")), UPDATE)
                                .update())
                .isEqualTo(Update.REFUSED);
        assertThat(checkIn(Optional.of(sign(maker, other, "SHA512withECDSA")), UPDATE).update())
                .isEqualTo(Update.REFUSED);
        CupsOutcome outcome = checkIn(Optional.of(sign(maker, UPDATE, "SHA256withECDSA")), UPDATE);
        assertThat(outcome.update()).isEqualTo(Update.REFUSED);
        assertThat(outcome.result()).isEqualTo(Result.DONE);
        assertThat(station.packageVersion()).contains("1.0.0");
        assertThat(home.read("update.bin")).isEmpty();
    }

    @Test
    void runsAnythingUnsignedWithoutAKeyButNothingSigned() {
        assertThat(checkIn(Optional.of(sign(maker, UPDATE, "SHA512withECDSA")), UPDATE).update())
                .isEqualTo(Update.REFUSED);
        assertThat(checkIn(Optional.empty(), UPDATE).update()).isEqualTo(Update.RAN);
        assertThat(station.packageVersion()).contains("1.1.0");
    }

    @Test
    void refusesASignatureThatIsNone() {
        home.write("sig-0.key", keyOf(maker).point());
        byte[] body = {0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 1, 0, 0, 0, 9};
        server.answer(TinyServer.ok(body));
        assertThat(station.checkIn().update()).isEqualTo(Update.REFUSED);
    }

    @Test
    void takesAnUpdateOfManyChunks() {
        home.write("sig-0.key", keyOf(maker).point());
        byte[] large = Arrays.copyOf(UPDATE, 3_000_000);
        assertThat(checkIn(Optional.of(sign(maker, large, "SHA512withECDSA")), large).update())
                .isEqualTo(Update.RAN);
        assertThat(home.read("update.bin")).contains(large);
    }

    @Test
    void hasAppliedEverythingElseBeforeTheUpdateIsThere() {
        // A chunk counts when all of it is there, so the update is longer than the first one.
        byte[] large = Arrays.copyOf(UPDATE, 20_000);
        byte[] head = offer(Optional.empty(), large).head();
        byte[] part = Arrays.copyOf(head, 10_000);
        server.answer(
                TinyServer.raw(
                        "HTTP/1.1 200 OK\r\nContent-Length: "
                                + (head.length + large.length)
                                + "\r\n\r\n",
                        part));
        CupsOutcome outcome = station.checkIn();
        assertThat(outcome.result()).isEqualTo(Result.FAILED);
        assertThat(outcome.detail()).isEqualTo("connection closed unexpectedly");
        assertThat(outcome.received()).containsExactly(Segment.TC_URI);
        assertThat(station.lnsUri()).contains("ws://lns:1887");
        assertThat(station.packageVersion()).contains("1.0.0");
    }

    @Test
    void runsTheSameUpdateAgainAtEveryStart() {
        checkIn(Optional.empty(), UPDATE);
        home.write("version.txt", "1.0.0".getBytes(US_ASCII));
        assertThat(station.restart()).isTrue();
        assertThat(station.packageVersion()).contains("1.1.0");
    }

    @Test
    void leavesItToOthersWhatAnUpdateDoes() {
        VirtualStation other =
                new VirtualStation(
                        Eui64.parse("::1"),
                        home,
                        Settings.DEFAULT.withFirmware(update -> Optional.of("v" + update.length)),
                        StationListener.NONE);
        server.answer(TinyServer.ok(offer(Optional.empty(), UPDATE), UPDATE));
        assertThat(other.checkIn().update()).isEqualTo(Update.RAN);
        assertThat(other.packageVersion()).contains("v" + UPDATE.length);
    }
}
