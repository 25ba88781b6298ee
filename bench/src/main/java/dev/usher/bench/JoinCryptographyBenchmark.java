package dev.usher.bench;

import dev.usher.lorawan.Activation;
import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.DevAddr;
import dev.usher.lorawan.DlSettings;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.JoinAccept;
import dev.usher.lorawan.JoinCryptography;
import dev.usher.lorawan.JoinRequest;
import dev.usher.lorawan.Kek;
import dev.usher.lorawan.KeyScheme;
import dev.usher.lorawan.MacVersion;
import dev.usher.lorawan.NetId;
import dev.usher.lorawan.RootKeys;
import dev.usher.lorawan.SessionKeys;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * All the cryptography of one join but opening the sealed root key and sealing the session's: the
 * MIC, the session keys, the join-accept with its MIC, and the keys wrapped for Network and
 * Application Server. Each join is another device's, so that no key is ready from the last one.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class JoinCryptographyBenchmark {

    private static final int DEVICES = 1 << 12;
    private static final Eui64 JOIN_EUI = Eui64.parse("70B3D57ED0000000");

    private final Kek networkKek = Kek.of(random(16, 1));
    private final Kek applicationKek = Kek.of(random(16, 2));
    private final byte[][] nwkKeys = new byte[DEVICES][];
    private final byte[][] appKeys = new byte[DEVICES][];
    private final JoinRequest[] requestsR1_0 = new JoinRequest[DEVICES];
    private final JoinRequest[] requestsR1_1 = new JoinRequest[DEVICES];
    private final JoinAccept acceptR1_0 = accept(DlSettings.parse("00"));
    private final JoinAccept acceptR1_1 = accept(DlSettings.parse("80"));
    private int next;

    public JoinCryptographyBenchmark() {
        for (int i = 0; i < DEVICES; i++) {
            Eui64 devEui = new Eui64(0x70B3_D57E_D100_0000L + i);
            nwkKeys[i] = random(16, 3L + i);
            appKeys[i] = random(16, ~(3L + i));
            requestsR1_0[i] =
                    JoinCryptography.request(
                            RootKeys.r1_0(AesKey.of(appKeys[i])), JOIN_EUI, devEui, i);
            requestsR1_1[i] =
                    JoinCryptography.request(
                            RootKeys.r1_1(AesKey.of(nwkKeys[i]), AesKey.of(appKeys[i])),
                            JOIN_EUI,
                            devEui,
                            i);
        }
    }

    private static JoinAccept accept(DlSettings settings) {
        return new JoinAccept(
                1, NetId.parse("000013"), DevAddr.parse("26011234"), settings, 1, Optional.empty());
    }

    private static byte[] random(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** LoRaWAN 1.0.x: two session keys, both wrapped. */
    @Benchmark
    public void joinR1_0(Blackhole sink) {
        int device = next++ & (DEVICES - 1);
        RootKeys keys = RootKeys.r1_0(AesKey.of(appKeys[device]));
        Activation activation = activate(keys, MacVersion.V1_0_3, requestsR1_0[device], acceptR1_0);
        if (activation.keys() instanceof SessionKeys.R1_0 session) {
            sink.consume(networkKek.wrap(session.nwkSKey()));
            sink.consume(applicationKek.wrap(session.appSKey()));
        }
        sink.consume(activation.phyPayload());
    }

    /** LoRaWAN 1.1: four session keys, all wrapped. */
    @Benchmark
    public void joinR1_1(Blackhole sink) {
        int device = next++ & (DEVICES - 1);
        RootKeys keys = RootKeys.r1_1(AesKey.of(nwkKeys[device]), AesKey.of(appKeys[device]));
        Activation activation = activate(keys, MacVersion.V1_1_0, requestsR1_1[device], acceptR1_1);
        if (activation.keys() instanceof SessionKeys.R1_1 session) {
            sink.consume(networkKek.wrap(session.fNwkSIntKey()));
            sink.consume(networkKek.wrap(session.sNwkSIntKey()));
            sink.consume(networkKek.wrap(session.nwkSEncKey()));
            sink.consume(applicationKek.wrap(session.appSKey()));
        }
        sink.consume(activation.phyPayload());
    }

    private static Activation activate(
            RootKeys keys, MacVersion version, JoinRequest request, JoinAccept accept) {
        if (!JoinCryptography.isAuthentic(keys, request)) {
            throw new IllegalStateException("the MIC of the request is wrong");
        }
        KeyScheme scheme = KeyScheme.decide(version, keys, accept.dlSettings(), true);
        return JoinCryptography.activate(keys, scheme, request, accept);
    }
}
