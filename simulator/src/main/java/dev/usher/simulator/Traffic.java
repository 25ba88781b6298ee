package dev.usher.simulator;

import dev.usher.lorawan.DataFrame;
import dev.usher.lorawan.Direction;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.JoinRequest;
import dev.usher.lorawan.MalformedFrameException;
import dev.usher.simulator.LnsSocket.Message;
import dev.usher.station.LnsCodec;
import dev.usher.station.LnsUplink;
import dev.usher.station.MalformedMessageException;
import dev.usher.station.Reception;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One traffic connection of a station ({@code s2e.c}): what the LNS says, and what the radio hears.
 * A message of the LNS that is not what it should be is dropped without a word to anybody.
 */
final class Traffic implements AutoCloseable {

    private static final int SHORTEST_DATA = 12;
    private static final int JOIN_LENGTH = 23;
    private static final int RFU_AND_MAJOR = 0x1F;
    private static final int TYPE = 0xE0;
    private static final int JOIN = 0x00;
    private static final int PROPRIETARY = 0xE0;
    private static final int RSSI = -60;
    private static final double LOWEST_SNR = 5;
    private static final double HIGHEST_SNR = 10;

    private final LnsSocket socket;
    private final TcEngine.Owner owner;
    private final VirtualStation station;
    private final TimeSync timeSync;
    private volatile Optional<Concentrator> radio = Optional.empty();
    private volatile Optional<MuxTime> muxTime = Optional.empty();

    /** The server's time at one of ours. */
    private record MuxTime(double seconds, long at) {
        double now() {
            return seconds + (Transmission.now() - at) / 1e6;
        }
    }

    Traffic(LnsSocket socket, TcEngine.Owner owner) {
        this.socket = socket;
        this.owner = owner;
        this.station = owner.station();
        this.timeSync = new TimeSync(socket, station);
    }

    /** Does as the LNS says; returns why the connection is to be closed, if it is. */
    Optional<String> received(Message message) {
        if (!(message instanceof Message.Text(String text))) {
            // Built without a remote shell, station takes binary frames for an error.
            return Optional.of("binary data without a remote shell");
        }
        try {
            received(StationJson.parse(text));
            return Optional.empty();
        } catch (MalformedMessageException e) {
            station.tell(new StationEvent.Dropped("not understood: " + e.getMessage()));
            return Optional.empty();
        } catch (ContactFailure e) {
            return Optional.of(e.reason());
        }
    }

    private void received(StationJson json) throws ContactFailure {
        String msgType = json.text("msgtype").orElse("");
        if (json.has("MuxTime")) {
            muxTime = Optional.of(new MuxTime(json.number("MuxTime"), Transmission.now()));
        }
        switch (msgType) {
            case "router_config" -> configure(json);
            case "dnmsg" -> transmit(json);
            case "timesync" -> timeSync.received(json);
            case "getxtime" -> tellXtime();
            case "runcmd" -> {
                if (json.has("arguments")) {
                    json.texts("arguments");
                }
                station.tell(
                        new StationEvent.CommandRun(
                                json.text("command")
                                        .orElseThrow(
                                                () ->
                                                        new MalformedMessageException(
                                                                "no command provided"))));
            }
            case "error" ->
                    station.tell(
                            new StationEvent.Dropped(
                                    "LNS ERROR Msg: " + json.text("error").orElse("")));
            default -> throw new MalformedMessageException("unknown msgtype '" + msgType + "'");
        }
    }

    private void configure(StationJson json) throws ContactFailure {
        RadioSetup setup = RadioSetup.read(json);
        Concentrator now = new Concentrator(setup, radio, new Reports());
        radio.ifPresent(Concentrator::close);
        radio = Optional.of(now);
        station.tell(
                new StationEvent.Configured(setup.region().orElse(""), setup.receivers().size()));
        if (station.settings().pps()) {
            timeSync.start();
        }
    }

    private void transmit(StationJson json) {
        Concentrator now =
                radio.filter(on -> on.setup().region().isPresent())
                        .orElseThrow(
                                () ->
                                        new MalformedMessageException(
                                                "received 'dnmsg' before 'router_config'"));
        now.transmit(Downlink.read(json, now.setup()));
    }

    private void tellXtime() {
        long at = Transmission.now();
        socket.send(
                "{\"msgtype\":\"getxtime\",\"MuxTime\":%.6f,\"ustime\":%.6f,\"UTCtime\":%.6f,\"xtimes\":[%d]}"
                        .formatted(
                                muxTime.map(MuxTime::now).orElse(0.0),
                                at / 1e6,
                                Instant.now().toEpochMilli() / 1e3,
                                radio.map(on -> on.xtime(at)).orElse(0L)));
    }

    /** Passes on what its modems understand and its filters let through. */
    void hear(Transmission uplink) {
        Optional<Concentrator> on = radio;
        ThreadLocalRandom random = ThreadLocalRandom.current();
        if (on.isEmpty()) {
            return;
        }
        OptionalInt dataRate = on.get().setup().reception(uplink);
        if (dataRate.isEmpty()) {
            return;
        }
        Reception reception =
                new Reception(
                        dataRate.getAsInt(),
                        uplink.frequency(),
                        0,
                        on.get().xtime(uplink.at()),
                        0,
                        -1,
                        RSSI,
                        Math.rint(random.nextDouble(LOWEST_SNR, HIGHEST_SNR) * 4) / 4,
                        Instant.now().toEpochMilli() / 1e3,
                        muxTime.map(MuxTime::now).orElse(0.0));
        message(on.get().setup(), uplink.phyPayload(), reception).ifPresent(this::send);
    }

    private void send(LnsUplink message) {
        socket.send(LnsCodec.write(message));
        station.tell(
                new StationEvent.Heard(
                        switch (message) {
                            case LnsUplink.Join _ -> "jreq";
                            case LnsUplink.Data _ -> "updf";
                            default -> "propdf";
                        }));
    }

    /** The message about a frame ({@code lora.c:86-172}); empty if station drops it. */
    private static Optional<LnsUplink> message(
            RadioSetup setup, byte[] frame, Reception reception) {
        int mhdr = frame.length == 0 ? -1 : frame[0] & 0xFF;
        int type = mhdr & TYPE;
        if (mhdr < 0
                || (mhdr & RFU_AND_MAJOR) != 0
                || (frame.length < SHORTEST_DATA && type != PROPRIETARY)) {
            return Optional.empty();
        }
        try {
            return switch (type) {
                case PROPRIETARY -> Optional.of(new LnsUplink.Proprietary(frame, reception));
                case JOIN -> join(setup, frame, reception);
                default -> data(setup, frame, reception);
            };
        } catch (
                @SuppressWarnings("unused")
                MalformedFrameException noFrame) {
            return Optional.empty();
        }
    }

    private static Optional<LnsUplink> join(RadioSetup setup, byte[] frame, Reception reception) {
        if (frame.length != JOIN_LENGTH) {
            return Optional.empty();
        }
        JoinRequest request = JoinRequest.parse(frame);
        return setup.passesOnJoin(request.joinEui().value())
                ? Optional.of(new LnsUplink.Join(request, reception))
                : Optional.empty();
    }

    private static Optional<LnsUplink> data(RadioSetup setup, byte[] frame, Reception reception) {
        DataFrame data = DataFrame.parse(frame);
        return data.direction() == Direction.UP && setup.passesOnData(data.devAddr().value())
                ? Optional.of(new LnsUplink.Data(data, reception))
                : Optional.empty();
    }

    /** What the radio does with downlinks. */
    private final class Reports implements Concentrator.Reports {

        @Override
        public void transmitted(Downlink downlink, long xtime, Transmission transmission) {
            owner.transmit(transmission);
            station.tell(new StationEvent.Transmitted(downlink.diid(), transmission));
            if (downlink.devEui() != 0) {
                socket.send(
                        LnsCodec.write(
                                new LnsUplink.Transmitted(
                                        downlink.diid(),
                                        new Eui64(downlink.devEui()),
                                        0,
                                        xtime,
                                        transmission.at() / 1e6,
                                        0)));
            }
        }

        @Override
        public void dropped(Downlink downlink, String why) {
            station.tell(new StationEvent.Dropped(downlink + ": " + why));
        }
    }

    @Override
    public void close() {
        radio.ifPresent(Concentrator::close);
        timeSync.close();
    }
}
