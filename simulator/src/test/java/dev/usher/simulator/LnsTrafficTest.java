package dev.usher.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.lorawan.DataRate;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.ReceiveWindow;
import dev.usher.simulator.TinyLns.Link;
import dev.usher.station.LnsCodec;
import dev.usher.station.LnsDownlink;
import dev.usher.station.LnsUplink;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a station hears and sends, once its LNS has configured it. */
class LnsTrafficTest {

    private static final Eui64 DEVICE = Eui64.parse("0102030405060708");
    private static final String JOIN_REQUEST = "000100000000000000080706050403020105000A0B0C0D";
    private static final byte[] PDU = {0x20, 1, 2, 3};

    private final LnsHouse house = new LnsHouse();
    private final BlockingQueue<Transmission> onAir = new LinkedBlockingQueue<>();

    LnsTrafficTest() {
        house.running.addListener(onAir::add);
    }

    @AfterEach
    void close() {
        house.close();
    }

    private static Transmission frame(String hex, int frequency, DataRate dataRate) {
        return new Transmission(
                HexFormat.of().parseHex(hex), frequency, dataRate, Transmission.now());
    }

    private static Transmission joinRequest() {
        return frame(JOIN_REQUEST, 868_100_000, LnsHouse.SF7);
    }

    @Test
    void passesOnAJoinRequest() throws InterruptedException {
        Link link = house.configured();
        house.running.hear(joinRequest());
        assertThat(LnsCodec.readUplink(link.next()))
                .isInstanceOfSatisfying(
                        LnsUplink.Join.class,
                        join -> {
                            assertThat(join.request().devEui()).isEqualTo(DEVICE);
                            assertThat(join.request().devNonce()).isEqualTo(5);
                            assertThat(join.reception().dataRate()).isEqualTo(5);
                            assertThat(join.reception().frequency()).isEqualTo(868_100_000);
                        });
    }

    @ParameterizedTest
    @CsvSource({
        "4004030201000100 01 AABB 00000001, updf",
        "8004030201000100 00000001, updf",
        "E0AB, propdf",
    })
    void passesOnOtherFrames(String hex, String msgType) throws InterruptedException {
        Link link = house.configured();
        house.running.hear(frame(hex.replace(" ", ""), 867_900_000, LnsHouse.SF7));
        assertThat(link.next()).startsWith("{\"msgtype\":\"" + msgType + "\"");
    }

    @Test
    void hearsNothingOutsideItsChannels() throws InterruptedException {
        Link link = house.configured();
        house.running.hear(frame(JOIN_REQUEST, 868_150_000, LnsHouse.SF7));
        house.running.hear(frame(JOIN_REQUEST, 868_100_000, new DataRate.LoRa(7, 250_000)));
        house.running.hear(frame(JOIN_REQUEST + "00", 868_100_000, LnsHouse.SF7)); // no frame
        house.running.hear(frame("60" + JOIN_REQUEST, 868_100_000, LnsHouse.SF7)); // a downlink
        house.running.hear(frame("01" + JOIN_REQUEST, 868_100_000, LnsHouse.SF7)); // no LoRaWAN R1
        house.running.hear(frame(JOIN_REQUEST, 868_300_000, new DataRate.LoRa(7, 250_000)));
        assertThat(link.next()).contains("\"DR\":6,\"Freq\":868300000");
    }

    @Test
    void hearsNothingBeforeItIsConfigured() throws InterruptedException {
        Link link = house.lns.link();
        link.next();
        house.running.hear(joinRequest());
        link.send(LnsHouse.routerConfig());
        house.await(StationEvent.Configured.class);
        house.running.hear(frame("E0AB", 868_100_000, LnsHouse.SF7));
        assertThat(link.next()).contains("propdf");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"JoinEui\":null | \"JoinEui\":[[2,9]]      | JOIN",
                "\"JoinEui\":null | \"JoinEUI\":[[2,9]]      | JOIN",
                "\"NetID\":null                   | \"NetID\":[1,19]         |"
                        + " 400403020100010000000001",
            })
    void passesOnWhatItsFiltersLetThrough(String from, String to, String hex)
            throws InterruptedException {
        Link link = house.lns.link();
        link.next();
        link.send(LnsHouse.routerConfig().replace(from, to));
        house.await(StationEvent.Configured.class);
        String filtered = hex.equals("JOIN") ? JOIN_REQUEST : hex;
        house.running.hear(frame(filtered, 868_100_000, LnsHouse.SF7));
        house.running.hear(frame("E0AB", 868_100_000, LnsHouse.SF7));
        assertThat(link.next()).contains("propdf");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"hwspec\":\"sx1301/1\"  | \"hwspec\":\"sx1302/1\"          | unsupported"
                        + " hwspec=sx1302/1",
                "\"hwspec\":\"sx1301/1\"  | \"hw\":1                         | no 'hwspec'",
                "\"sx1301_conf\"          | \"conf\"                         | no 'sx1301_conf'",
                "\"radio_0\":{            | \"radio_0\":{\"gain\":1,         | field 'gain':"
                        + " illegal field",
                "\"radio\":0              | \"radio\":2                      | not in range [0..1]:"
                        + " 2",
            })
    void hangsUpOverAConfigurationItsRadioCannotDo(String from, String to, String reason)
            throws InterruptedException {
        Link link = house.lns.link();
        link.next();
        link.send(LnsHouse.routerConfig().replace(from, to));
        assertThat(link.next()).isEqualTo("close 1000");
        link.awaitEnd();
        assertThat(house.await(StationEvent.LnsLost.class).reason()).contains(reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"freq_range\":[863000000,870000000] | \"freq_range\":[863e6,870e6] | expecting an"
                        + " integer",
                "\"nodc\":true                        | \"nodc\":1                   | expecting a"
                        + " bool",
                "\"JoinEui\":null                     | \"JoinEui\":[1,2]            | expecting"
                        + " '['",
                "\"msgtype\":\"router_config\"        | \"msgtype\":\"router_conf\"  | unknown"
                        + " msgtype",
            })
    void staysAsItIsWhenAConfigurationIsNotUnderstood(String from, String to, String reason)
            throws InterruptedException {
        Link link = house.lns.link();
        link.next();
        link.send(LnsHouse.routerConfig().replace(from, to));
        assertThat(house.await(StationEvent.Dropped.class).reason()).contains(reason);
        link.send(LnsHouse.routerConfig()); // it has stayed
        assertThat(house.await(StationEvent.Configured.class))
                .isEqualTo(new StationEvent.Configured("EU868", 10));
    }

    @ParameterizedTest
    @ValueSource(strings = {"IN865", "AS923-2", "CN470"})
    void sendsNothingInARegionItDoesNotKnow(String region) throws InterruptedException {
        Link link = house.lns.link();
        link.next();
        link.send(LnsHouse.routerConfig().replace("\"EU863\"", "\"" + region + "\""));
        assertThat(house.await(StationEvent.Configured.class).region()).isEmpty();
        link.send(json(answer(1_000_000, 100)));
        assertThat(house.await(StationEvent.Dropped.class).reason())
                .contains("received 'dnmsg' before 'router_config'");
    }

    /** An answer to an uplink, one second after that. */
    private static LnsDownlink.ClassA answer(long xtime, long diid) {
        return new LnsDownlink.ClassA(
                diid,
                DEVICE,
                PDU,
                1,
                Optional.of(new ReceiveWindow(868_100_000, 5)),
                Optional.of(new ReceiveWindow(869_525_000, 0)),
                xtime,
                0,
                0);
    }

    private static String json(LnsDownlink.Frame frame) {
        return LnsCodec.write(frame, Instant.EPOCH);
    }

    /** The xtime of something that was just heard. */
    private long hear(Link link) throws InterruptedException {
        house.running.hear(joinRequest());
        return ((LnsUplink.Join) LnsCodec.readUplink(link.next())).reception().xtime();
    }

    /** As if the uplink had been earlier, so that a test need not wait. */
    private static long earlier(long xtime, long millis) {
        return xtime - millis * 1000;
    }

    @Test
    void answersInRx1AndReportsIt() throws InterruptedException {
        Link link = house.configured();
        long xtime = earlier(hear(link), 900);
        link.send(json(answer(xtime, 7)));
        Transmission sent = onAir.take();
        assertThat(sent.phyPayload()).isEqualTo(PDU);
        assertThat(sent.frequency()).isEqualTo(868_100_000);
        assertThat(sent.dataRate()).isEqualTo(LnsHouse.SF7);
        assertThat(LnsCodec.readUplink(link.next()))
                .isInstanceOfSatisfying(
                        LnsUplink.Transmitted.class,
                        dntxed -> {
                            assertThat(dntxed.diid()).isEqualTo(7);
                            assertThat(dntxed.devEui()).isEqualTo(DEVICE);
                            assertThat(dntxed.xtime()).isEqualTo(xtime + 1_000_000);
                        });
    }

    @Test
    void answersInRx2WhenRx1IsTooLate() throws InterruptedException {
        Link link = house.configured();
        long xtime = earlier(hear(link), 1900);
        link.send(json(answer(xtime, 8)));
        Transmission sent = onAir.take();
        assertThat(sent.frequency()).isEqualTo(869_525_000);
        assertThat(sent.dataRate()).isEqualTo(new DataRate.LoRa(12, 125_000));
        assertThat(link.next()).contains("\"xtime\":" + (xtime + 2_000_000));
    }

    @Test
    void tellsNobodyWhenBothAreTooLate() throws InterruptedException {
        Link link = house.configured();
        link.send(json(answer(earlier(hear(link), 5000), 9)));
        assertThat(house.await(StationEvent.Dropped.class).reason())
                .startsWith("diid 9: too late for RX2 by ");
    }

    @Test
    void sendsASecondFrameOfTheSameTimeInRx2() throws InterruptedException {
        Link link = house.configured();
        long xtime = earlier(hear(link), 800);
        link.send(json(answer(xtime, 1)));
        link.send(json(answer(xtime, 2)));
        assertThat(onAir.take().frequency()).isEqualTo(868_100_000);
        assertThat(onAir.take().frequency()).isEqualTo(869_525_000);
    }

    @Test
    void keepsTheDutyCycle() throws InterruptedException {
        Link link = house.lns.link();
        link.next();
        link.send(LnsHouse.routerConfig().replace(",\"nodc\":true", ""));
        house.await(StationEvent.Configured.class);
        long first = earlier(hear(link), 900);
        link.send(json(answer(first, 1)));
        assertThat(onAir.take().frequency()).isEqualTo(868_100_000);
        link.next(); // dntxed
        // 1 % of the band is over for a while; RX2 has 10 % of another
        link.send(json(answer(earlier(hear(link), 900), 2)));
        assertThat(onAir.take().frequency()).isEqualTo(869_525_000);
    }

    @Test
    void sendsToClassCAtOnce() throws InterruptedException {
        Link link = house.configured();
        link.send(
                json(
                        new LnsDownlink.ClassC(
                                3, DEVICE, PDU, new ReceiveWindow(869_525_000, 3), 0, 0)));
        assertThat(onAir.take().dataRate()).isEqualTo(new DataRate.LoRa(9, 125_000));
    }

    @Test
    void knowsNoTimeOfBeforeItsLastConfiguration() throws InterruptedException {
        Link link = house.configured();
        long xtime = hear(link);
        link.send(LnsHouse.routerConfig());
        house.await(StationEvent.Configured.class);
        link.send(json(answer(xtime, 4)));
        assertThat(house.await(StationEvent.Dropped.class).reason())
                .isEqualTo("diid 4: xtime of an obsolete session");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"RX1Freq\":868100000 | \"RX1Freq\":915000000 | illegal frequency value:"
                        + " 915000000",
                "\"RX1DR\":5           | \"RX1DR\":12          | illegal datarate value: 12",
                "\"diid\":5            | \"diid\":\"5\"        | expecting an integer",
                "\"dC\":0              | \"dC\":3              | not in range [0..2]: 3",
                "\"pdu\":\"2001        | \"pdu\":\"200         | hex string has an odd length",
                "\"RX2DR\":0,          | \"\":0,               | RX2DR and RX2Freq go together",
                "\"DevEui\":\"         | \"DevEui\":\"::       | illegal hex characters",
            })
    void dropsAFrameWithAnythingOddInIt(String from, String to, String reason)
            throws InterruptedException {
        Link link = house.configured();
        String good = json(answer(hear(link), 5));
        assertThat(good).contains(from.strip());
        link.send(good.replace(from.strip(), to.strip()));
        assertThat(house.await(StationEvent.Dropped.class).reason()).contains(reason.strip());
        link.frame(0x89, new byte[0]);
        assertThat(link.next()).isEqualTo("pong ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "no json                                   | expecting '{'",
                "{\"command\":\"reboot\"}                  | unknown msgtype ''",
                "{\"msgtype\":\"runcmd\"}                  | no command provided",
                "{\"msgtype\":\"error\",\"error\":\"oh\"}  | LNS ERROR Msg: oh",
                "{\"msgtype\":\"rmtsh\"}                   | unknown msgtype 'rmtsh'",
            })
    void survivesWhatItDoesNotUnderstand(String message, String reason)
            throws InterruptedException {
        Link link = house.configured();
        link.send(message.strip());
        assertThat(house.await(StationEvent.Dropped.class).reason()).contains(reason.strip());
        hear(link);
    }

    @Test
    void hangsUpOverBinaryDataAsItHasNoShell() throws InterruptedException {
        Link link = house.configured();
        link.frame(0x82, new byte[] {0, 'l', 's'});
        assertThat(link.next()).isEqualTo("close 1000");
        link.awaitEnd();
    }

    @Test
    void runsACommand() throws InterruptedException {
        house.configured()
                .send("{\"msgtype\":\"runcmd\",\"command\":\"reboot\",\"arguments\":[\"-f\"]}");
        assertThat(house.await(StationEvent.CommandRun.class).command()).isEqualTo("reboot");
    }

    @Test
    void tellsItsTime() throws InterruptedException {
        Link link = house.configured();
        link.send("{\"msgtype\":\"getxtime\",\"MuxTime\":1795248392.5}");
        assertThat(link.next())
                .startsWith("{\"msgtype\":\"getxtime\",\"MuxTime\":17952483")
                .contains("\"xtimes\":[");
    }

    @Test
    void asksForTheTimeUntilItKnowsIt() throws InterruptedException {
        try (LnsHouse pps =
                new LnsHouse(TinyLns.plain(), Home.inMemory(), LnsHouse.HASTY.withPps())) {
            Link link = pps.configured();
            LnsUplink.TimeSync question = (LnsUplink.TimeSync) LnsCodec.readUplink(link.next());
            long late = question.txTime() - Duration.ofSeconds(3).toNanos() / 1000;
            link.send(LnsCodec.write(new LnsDownlink.TimeSyncAnswer(late, 1), Instant.EPOCH));
            assertThat(pps.await(StationEvent.Dropped.class).reason())
                    .isEqualTo("answer to timesync is too late");
            assertThat(LnsCodec.readUplink(link.next())).isInstanceOf(LnsUplink.TimeSync.class);
            link.send(
                    LnsCodec.write(
                            new LnsDownlink.TimeSyncAnswer(question.txTime(), 1_479_283_610L),
                            Instant.EPOCH));
            assertThat(pps.await(StationEvent.TimeSynced.class).gpsTime())
                    .isEqualTo(1_479_283_610L);
        }
    }
}
