package dev.usher.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.usher.lorawan.Activation;
import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.DataFrame;
import dev.usher.lorawan.DataMessage;
import dev.usher.lorawan.DataRate;
import dev.usher.lorawan.DevAddr;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.FrameCryptography;
import dev.usher.lorawan.FrameFlag;
import dev.usher.lorawan.FrequencyPlan;
import dev.usher.lorawan.JoinAccept;
import dev.usher.lorawan.JoinCryptography;
import dev.usher.lorawan.JoinRequest;
import dev.usher.lorawan.KeyScheme;
import dev.usher.lorawan.MacCommand;
import dev.usher.lorawan.MicContext;
import dev.usher.lorawan.NetId;
import dev.usher.lorawan.NetworkSessionKeys;
import dev.usher.lorawan.RootKeys;
import dev.usher.lorawan.SessionKeys;
import dev.usher.simulator.VirtualDevice.Heard;
import dev.usher.simulator.VirtualDevice.Identity;
import dev.usher.simulator.VirtualDevice.Joined;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A device, in reach of a gateway that the test plays. */
class VirtualDeviceTest {

    private static final FrequencyPlan PLAN = FrequencyPlan.of("EU_863_870");
    private static final Eui64 JOIN_EUI = Eui64.parse("70B3D57ED0000001");
    private static final Eui64 DEV_EUI = Eui64.parse("0102030405060708");
    private static final AesKey APP_KEY = AesKey.parse("000102030405060708090A0B0C0D0E0F");
    private static final AesKey NWK_KEY = AesKey.parse("0F0E0D0C0B0A09080706050403020100");
    private static final DevAddr ADDRESS = DevAddr.parse("00000007");
    private static final long SECOND = 1_000_000;
    private static final DataRate SF12 = new DataRate.LoRa(12, 125_000);

    /** Remembers what it hears, and sends what it is told to, at whatever time. */
    private static final class Gateway implements Antenna {

        final List<Transmission> heard = new ArrayList<>();
        private final List<Consumer<Transmission>> listeners = new ArrayList<>();

        @Override
        public void hear(Transmission uplink) {
            heard.add(uplink);
        }

        @Override
        public void addListener(Consumer<Transmission> listener) {
            listeners.add(listener);
        }

        Transmission last() {
            return heard.getLast();
        }

        void sendInRx1(byte[] frame, int seconds) {
            send(frame, last().frequency(), last().dataRate(), seconds * SECOND);
        }

        void send(byte[] frame, int frequency, DataRate dataRate, long after) {
            Transmission downlink =
                    new Transmission(frame, frequency, dataRate, last().at() + after);
            listeners.forEach(listener -> listener.accept(downlink));
        }
    }

    private final Gateway gateway = new Gateway();

    private VirtualDevice device(KeyScheme version) {
        return new VirtualDevice(
                new Identity(JOIN_EUI, DEV_EUI, keys(version)),
                PLAN,
                List.of(gateway),
                new Random(1));
    }

    private static RootKeys keys(KeyScheme version) {
        return switch (version) {
            case R1_0 -> RootKeys.r1_0(APP_KEY);
            case R1_1 -> RootKeys.r1_1(NWK_KEY, APP_KEY);
        };
    }

    /** What a Join Server makes of the join-request that was heard last. */
    private Activation activate(KeyScheme version) {
        JoinRequest request = JoinRequest.parse(gateway.last().phyPayload());
        assertThat(JoinCryptography.isAuthentic(keys(version), request)).isTrue();
        return JoinCryptography.activate(
                keys(version),
                version,
                request,
                new JoinAccept(
                        1,
                        NetId.parse("000000"),
                        ADDRESS,
                        PLAN.dlSettings(version == KeyScheme.R1_1),
                        5,
                        PLAN.cfList()));
    }

    private SessionKeys join(VirtualDevice device, KeyScheme version) {
        CompletableFuture<Joined> joined = device.join();
        Activation activation = activate(version);
        gateway.sendInRx1(activation.phyPayload(), 5);
        assertThat(joined.join().window()).isEqualTo(1);
        assertThat(device.devAddr()).contains(ADDRESS);
        return activation.keys();
    }

    private static byte[] downlink(
            SessionKeys keys, long fCnt, Set<FrameFlag> flags, byte[] payload) {
        DataMessage message = DataMessage.down(ADDRESS, fCnt).with(flags);
        return FrameCryptography.seal(
                        NetworkSessionKeys.of(keys),
                        keys.appSKey(),
                        payload.length > 0 ? message.withPayload(3, payload) : message,
                        MicContext.NONE)
                .phyPayload();
    }

    @ParameterizedTest
    @EnumSource(KeyScheme.class)
    void joinsAndSends(KeyScheme version) {
        VirtualDevice device = device(version);
        SessionKeys keys = join(device, version);
        var _ = device.send(10, new byte[] {1, 2, 3}, false);
        DataFrame frame = DataFrame.parse(gateway.last().phyPayload());
        assertThat(
                        FrameCryptography.isAuthentic(
                                NetworkSessionKeys.of(keys),
                                frame,
                                0,
                                new MicContext(
                                        0,
                                        5,
                                        PLAN.channelNumber(gateway.last().frequency())
                                                .orElseThrow())))
                .isTrue();
        assertThat(FrameCryptography.payload(keys.appSKey(), frame, 0)).containsExactly(1, 2, 3);
        assertThat(frame.fPort()).hasValue(10);
    }

    @ParameterizedTest
    @EnumSource(KeyScheme.class)
    void seesItsUplinkAcknowledged(KeyScheme version) {
        VirtualDevice device = device(version);
        SessionKeys keys = join(device, version);
        CompletableFuture<Heard> heard = device.send(10, new byte[] {1}, true);
        assertThat(DataFrame.parse(gateway.last().phyPayload()).has(FrameFlag.CONFIRMED)).isTrue();
        gateway.sendInRx1(downlink(keys, 0, Set.of(FrameFlag.ACK), new byte[0]), 5);
        assertThat(heard.join().isAck()).isTrue();
        assertThat(heard.join().port()).isEqualTo(OptionalInt.empty());
    }

    @Test
    void acknowledgesAConfirmedDownlink() {
        VirtualDevice device = device(KeyScheme.R1_0);
        SessionKeys keys = join(device, KeyScheme.R1_0);
        CompletableFuture<Heard> heard = device.send(10, new byte[] {1}, false);
        gateway.sendInRx1(downlink(keys, 0, Set.of(FrameFlag.CONFIRMED), new byte[] {42}), 5);
        assertThat(heard.join().isConfirmed()).isTrue();
        assertThat(heard.join().payload()).containsExactly(42);
        var _ = device.send(10, new byte[] {1}, false);
        assertThat(DataFrame.parse(gateway.last().phyPayload()).has(FrameFlag.ACK)).isTrue();
        var _ = device.send(10, new byte[] {1}, false);
        assertThat(DataFrame.parse(gateway.last().phyPayload()).has(FrameFlag.ACK)).isFalse();
    }

    @Test
    void asksForNewKeysToBeConfirmedUntilTheyAre() {
        VirtualDevice device = device(KeyScheme.R1_1);
        SessionKeys keys = join(device, KeyScheme.R1_1);
        var _ = device.send(10, new byte[] {1}, false);
        assertThat(DataFrame.parse(gateway.last().phyPayload()).fOpts()).hasSize(2);
        DataMessage message =
                DataMessage.down(ADDRESS, 0).withCommands(List.of(new MacCommand.RekeyConf(1)));
        gateway.sendInRx1(
                FrameCryptography.seal(NetworkSessionKeys.of(keys), message, MicContext.NONE)
                        .phyPayload(),
                5);
        var _ = device.send(10, new byte[] {1}, false);
        assertThat(DataFrame.parse(gateway.last().phyPayload()).fOpts()).isEmpty();
    }

    @Test
    void listensInBothWindows() {
        VirtualDevice device = device(KeyScheme.R1_0);
        CompletableFuture<Joined> joined = device.join();
        gateway.send(activate(KeyScheme.R1_0).phyPayload(), 869_525_000, SF12, 6 * SECOND + 5000);
        assertThat(joined.join().window()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({
        "868100000, 5.1, 7", // too late
        "868100000, 1,   7", // in the window of data
        "868300000, 5,   7", // on another channel
        "868100000, 5,   9", // at another data rate
        "869525000, 5,  12", // RX2 too early
    })
    void hearsNothingOutsideItsWindows(int frequency, double after, int spreadingFactor) {
        VirtualDevice device = device(KeyScheme.R1_0);
        CompletableFuture<Joined> joined = device.join();
        assertThat(gateway.last().frequency()).isEqualTo(868_100_000);
        byte[] accept = activate(KeyScheme.R1_0).phyPayload();
        gateway.send(
                accept,
                frequency,
                new DataRate.LoRa(spreadingFactor, 125_000),
                (long) (after * SECOND));
        assertThat(joined).isNotDone();
        gateway.sendInRx1(accept, 5);
        assertThat(joined).isDone();
    }

    @Test
    void believesNoFrameThatIsNotForItOrNotNew() {
        VirtualDevice device = device(KeyScheme.R1_0);
        SessionKeys keys = join(device, KeyScheme.R1_0);
        CompletableFuture<Heard> first = device.send(10, new byte[] {1}, true);
        byte[] good = downlink(keys, 0, Set.of(FrameFlag.ACK), new byte[0]);
        byte[] forged = good.clone();
        forged[forged.length - 1]++;
        gateway.sendInRx1(forged, 5);
        gateway.sendInRx1(gateway.last().phyPayload(), 5); // its own echo
        gateway.sendInRx1(new byte[] {1, 2, 3}, 5);
        assertThat(first).isNotDone();
        gateway.sendInRx1(good, 5);
        assertThat(first).isDone();

        CompletableFuture<Heard> second = device.send(10, new byte[] {1}, true);
        gateway.sendInRx1(good, 5);
        assertThat(second).isNotDone();
    }

    @Test
    void stopsListeningWhenItSendsAgain() {
        VirtualDevice device = device(KeyScheme.R1_1);
        CompletableFuture<Joined> first = device.join();
        byte[] late = activate(KeyScheme.R1_1).phyPayload();
        CompletableFuture<Joined> second = device.join();
        assertThat(first).isCancelled();
        gateway.send(late, 868_300_000, LnsHouse.SF7, 5 * SECOND);
        assertThat(second).as("an answer to the other request").isNotDone();
    }

    @Test
    void countsItsNoncesInLoRaWan11AndDrawsThemIn10() {
        VirtualDevice device = device(KeyScheme.R1_1);
        var _ = device.join();
        var _ = device.join();
        assertThat(gateway.heard.stream().map(VirtualDeviceTest::devNonce)).containsExactly(1, 2);
        var _ = device(KeyScheme.R1_0).join();
        assertThat(devNonce(gateway.last())).isEqualTo(new Random(1).nextInt(0x1_0000));
    }

    private static int devNonce(Transmission uplink) {
        return JoinRequest.parse(uplink.phyPayload()).devNonce();
    }

    @Test
    void sendsNothingBeforeItHasJoined() {
        assertThatIllegalStateException()
                .isThrownBy(() -> device(KeyScheme.R1_0).send(1, new byte[0], false))
                .withMessage("device 0102030405060708 has not joined");
        assertThat(device(KeyScheme.R1_0).devAddr()).isEqualTo(Optional.empty());
    }
}
