package dev.usher.network.traffic;

import static dev.usher.lorawan.DataMessage.LONGEST_OPTIONS;
import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.DataFrame;
import dev.usher.lorawan.DataMessage;
import dev.usher.lorawan.DataRate;
import dev.usher.lorawan.Direction;
import dev.usher.lorawan.FrameCounter;
import dev.usher.lorawan.FrameCryptography;
import dev.usher.lorawan.FrameFlag;
import dev.usher.lorawan.FrequencyPlan;
import dev.usher.lorawan.MacCommand;
import dev.usher.lorawan.MacCommands;
import dev.usher.lorawan.MicContext;
import dev.usher.lorawan.ReceiveWindow;
import dev.usher.station.LnsDownlink;
import dev.usher.station.Reception;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Takes uplinks of joined devices to their applications, and sends what is due after them.
 *
 * <p>The counters are moved on durably before an uplink is handed on and before a downlink is sent.
 */
final class Uplinks {

    /** What a frame needs besides the FRMPayload and FOpts: FHDR and FPort, in bytes. */
    private static final int OVERHEAD = 8;

    /** MHDR and MIC, in bytes. */
    private static final int NO_MAC_PAYLOAD = 5;

    /** The weakest SNR that can still be demodulated, by spreading factor 7 to 12, in dB. */
    private static final List<Double> SNR_FLOORS = List.of(-7.5, -10.0, -12.5, -15.0, -17.5, -20.0);

    private final Duration latestCopy;
    private final Sessions sessions;
    private final JoinServers joinServers;
    private final Downlinks downlinks;
    private final TrafficEvents events;
    private final InstantSource clock;

    /**
     * Takes uplinks from now on.
     *
     * @param latestCopy after what time a frame that was accepted is one that the device sent again
     */
    Uplinks(
            Duration latestCopy,
            Sessions sessions,
            JoinServers joinServers,
            Downlinks downlinks,
            TrafficEvents events,
            InstantSource clock) {
        this.latestCopy = requireNonNull(latestCopy, "latestCopy");
        this.sessions = requireNonNull(sessions, "sessions");
        this.joinServers = requireNonNull(joinServers, "joinServers");
        this.downlinks = requireNonNull(downlinks, "downlinks");
        this.events = requireNonNull(events, "events");
        this.clock = requireNonNull(clock, "clock");
    }

    /**
     * Whose a frame is.
     *
     * @param fCnt its whole counter
     */
    private record Recognized(DeviceSession session, long fCnt) {

        /** Whether the device sends again what was heard already. */
        boolean isRepeated() {
            return session.fCntUp().equals(OptionalLong.of(fCnt));
        }

        /** Whether it is rather a copy that another node heard, and has accepted. */
        boolean isCopy(Instant now, Duration latestCopy) {
            return isRepeated()
                    && session.heardAt()
                            .map(at -> Duration.between(at, now).abs().compareTo(latestCopy) < 0)
                            .orElse(false);
        }
    }

    /**
     * A data frame was heard; what is not of a device of this network is dropped.
     *
     * @param copies the best first
     */
    void received(DataFrame frame, List<Heard> copies) {
        while (true) {
            Optional<Recognized> known = recognize(frame, copies.getFirst());
            if (known.isEmpty()
                    || known.get().isCopy(clock.instant(), latestCopy)
                    || accept(frame, known.get(), copies)) {
                return;
            }
            // Its counters moved meanwhile: what is there now decides.
        }
    }

    private Optional<Recognized> recognize(DataFrame frame, Heard best) {
        for (DeviceSession session : sessions.at(frame.devAddr())) {
            OptionalLong fCnt =
                    FrameCounter.whole(session.fCntUp(), frame.fCnt(), session.maxFCntGap());
            if (fCnt.isPresent()
                    && FrameCryptography.isAuthentic(
                            session.keys(), frame, fCnt.getAsLong(), context(session, best))) {
                return Optional.of(new Recognized(session, fCnt.getAsLong()));
            }
        }
        return Optional.empty();
    }

    private static MicContext context(DeviceSession session, Heard best) {
        Reception reception = best.reception();
        return new MicContext(
                session.confFCnt(),
                reception.dataRate(),
                best.link().plan().channelNumber(reception.frequency()).orElse(0));
    }

    /** False if the session is no longer as it was read. */
    private boolean accept(DataFrame frame, Recognized recognized, List<Heard> copies) {
        Heard best = copies.getFirst();
        List<MacCommand> answers = answers(frame, recognized, copies);
        List<Downlinks.Queued> queue = downlinks.firstTwo(recognized.session().devEui());
        Optional<Downlinks.Queued> fitting =
                queue.stream().limit(1).filter(queued -> fits(queued, answers, best)).findFirst();
        Recognized known = fitting.isPresent() ? withAppSKey(recognized) : recognized;
        DeviceSession session = known.session();
        boolean isAwaited = known.isRepeated() && session.awaitedAck().isPresent();
        Optional<Downlinks.Queued> next =
                fitting.filter(_ -> session.appSKey().isPresent())
                        .filter(queued -> !(queued.confirmed() && isAwaited)); // one at a time
        boolean due =
                frame.has(FrameFlag.CONFIRMED)
                        || frame.has(FrameFlag.ADR_ACK_REQ)
                        || !answers.isEmpty()
                        || next.isPresent();
        if (!due && known.isRepeated()) {
            return true;
        }
        boolean countedApart = next.isPresent() && session.countsApplicationsApart();
        long fCntDown = countedApart ? session.aFCntDown() : session.nFCntDown();
        boolean confirmed = next.filter(Downlinks.Queued::confirmed).isPresent();
        int confFCnt = confirmed ? (int) (fCntDown & 0xFFFF) : session.confFCnt();
        OptionalLong awaitedAck = OptionalLong.empty();
        if (confirmed) {
            awaitedAck = OptionalLong.of(fCntDown);
        } else if (known.isRepeated()) {
            awaitedAck = session.awaitedAck();
        }
        List<Long> awaitedBefore =
                session.fCntUp().isEmpty() ? sessions.awaitedBefore(session) : List.of();
        if (!sessions.move(
                new Sessions.Move(
                        session,
                        known.fCnt(),
                        clock.instant(),
                        due && !countedApart ? 1 : 0,
                        countedApart ? 1 : 0,
                        confFCnt,
                        awaitedAck,
                        next))) {
            return false;
        }
        if (due) {
            send(frame, known, best, fCntDown, answers, next, queue.size() > 1);
        }
        if (!known.isRepeated()) {
            awaitedBefore.forEach(fCnt -> tell(session, fCnt, /* acknowledged= */ false));
            session.awaitedAck().ifPresent(fCnt -> tell(session, fCnt, frame.has(FrameFlag.ACK)));
            handOn(frame, known, copies);
        }
        return true;
    }

    private void tell(DeviceSession session, long fCnt, boolean acknowledged) {
        Instant now = clock.instant();
        events.publish(
                acknowledged
                        ? new TrafficEvent.Acknowledged(now, session.devEui(), fCnt)
                        : new TrafficEvent.NotAcknowledged(now, session.devEui(), fCnt));
    }

    private static boolean fits(Downlinks.Queued queued, List<MacCommand> answers, Heard best) {
        FrequencyPlan plan = best.link().plan();
        int dataRate =
                plan.rx1(best.reception().frequency(), best.reception().dataRate(), 0).dataRate();
        return OVERHEAD + length(answers) + queued.payload().length
                <= plan.region().maxMacPayload(dataRate);
    }

    private List<MacCommand> answers(DataFrame frame, Recognized known, List<Heard> copies) {
        byte[] commands = FrameCryptography.commands(known.session().keys(), frame, known.fCnt());
        List<MacCommand> answers = new ArrayList<>();
        for (MacCommand command : MacCommands.parse(Direction.UP, commands).commands()) {
            // A device may ask for more than FOpts have room to answer; it can ask again.
            answer(command, copies)
                    .filter(one -> length(answers) + length(List.of(one)) <= LONGEST_OPTIONS)
                    .ifPresent(answers::add);
        }
        return answers;
    }

    private static int length(List<MacCommand> commands) {
        return MacCommands.bytes(commands).length;
    }

    private Optional<MacCommand> answer(MacCommand command, List<Heard> copies) {
        return switch (command) {
            case MacCommand.LinkCheckReq _ ->
                    Optional.of(
                            new MacCommand.LinkCheckAns(
                                    margin(copies.getFirst()), Math.min(copies.size(), 255)));
            case MacCommand.DeviceTimeReq _ ->
                    Optional.of(MacCommand.DeviceTimeAns.at(clock.instant()));
            case MacCommand.ResetInd reset ->
                    Optional.of(new MacCommand.ResetConf(Math.min(reset.minor(), 1)));
            case MacCommand.RekeyInd rekey ->
                    Optional.of(new MacCommand.RekeyConf(Math.min(rekey.minor(), 1)));
            // an answer of the device's, or one that this network does not know
            default -> Optional.empty();
        };
    }

    /** By how many dB the best gateway heard more than it needs. */
    private static int margin(Heard best) {
        int spreadingFactor =
                best.link()
                        .plan()
                        .region()
                        .dataRate(best.reception().dataRate())
                        .filter(DataRate.LoRa.class::isInstance)
                        .map(rate -> ((DataRate.LoRa) rate).spreadingFactor())
                        .orElse(7);
        double floor = SNR_FLOORS.get(Math.clamp(spreadingFactor - 7, 0, SNR_FLOORS.size() - 1));
        return (int) Math.clamp(Math.floor(best.reception().snr() - floor), 0, 254);
    }

    private void send(
            DataFrame uplink,
            Recognized known,
            Heard best,
            long fCntDown,
            List<MacCommand> answers,
            Optional<Downlinks.Queued> queued,
            boolean more) {
        DeviceSession session = known.session();
        Set<FrameFlag> flags = EnumSet.noneOf(FrameFlag.class);
        if (uplink.has(FrameFlag.CONFIRMED)) {
            flags.add(FrameFlag.ACK);
        }
        if (uplink.has(FrameFlag.ADR)) {
            flags.add(FrameFlag.ADR);
        }
        if (more) {
            flags.add(FrameFlag.F_PENDING);
        }
        if (queued.filter(Downlinks.Queued::confirmed).isPresent()) {
            flags.add(FrameFlag.CONFIRMED);
        }
        DataMessage message =
                DataMessage.down(session.devAddr(), fCntDown).with(flags).withCommands(answers);
        MicContext context = new MicContext((int) (known.fCnt() & 0xFFFF), 0, 0);
        DataFrame frame =
                queued.isPresent()
                        ? FrameCryptography.seal(
                                session.keys(),
                                session.appSKey().orElseThrow(),
                                message.withPayload(queued.get().port(), queued.get().payload()),
                                context)
                        : FrameCryptography.seal(session.keys(), message, context);
        FrequencyPlan plan = best.link().plan();
        Reception reception = best.reception();
        ReceiveWindow rx1 = plan.rx1(reception.frequency(), reception.dataRate(), 0);
        Optional<ReceiveWindow> rx2 =
                Optional.of(plan.rx2())
                        .filter(
                                window ->
                                        frame.phyPayload().length - NO_MAC_PAYLOAD
                                                <= plan.region().maxMacPayload(window.dataRate()));
        downlinks.send(
                best.link(),
                diid ->
                        new LnsDownlink.ClassA(
                                diid,
                                session.devEui(),
                                frame.phyPayload(),
                                session.rxDelay(),
                                Optional.of(rx1),
                                rx2,
                                reception.xtime(),
                                reception.rctx(),
                                Downlinks.PRIORITY));
        events.publish(
                new TrafficEvent.Downlink(
                        clock.instant(),
                        session.devEui(),
                        fCntDown,
                        flags.contains(FrameFlag.ACK),
                        frame.fPort(),
                        best.link().gateway()));
    }

    private void handOn(DataFrame frame, Recognized known, List<Heard> copies) {
        DeviceSession session = known.session();
        OptionalInt fPort = frame.fPort();
        Optional<byte[]> payload =
                fPort.orElse(0) == 0
                        ? Optional.empty()
                        : withAppSKey(known)
                                .session()
                                .appSKey()
                                .map(key -> FrameCryptography.payload(key, frame, known.fCnt()));
        events.publish(
                new TrafficEvent.Uplink(
                        clock.instant(),
                        session.devEui(),
                        session.devAddr(),
                        known.fCnt(),
                        frame.has(FrameFlag.CONFIRMED),
                        fPort,
                        payload,
                        copies.stream()
                                .map(
                                        heard ->
                                                new TrafficEvent.HeardBy(
                                                        heard.link().gateway(), heard.reception()))
                                .toList()));
    }

    /** With the AppSKey: from the join, or else asked of the Join Server, and kept. */
    private Recognized withAppSKey(Recognized known) {
        DeviceSession session = known.session();
        if (session.appSKey().isPresent() || session.sessionKeyId().isEmpty()) {
            return known;
        }
        Optional<AesKey> asked =
                joinServers.appSKey(
                        session.joinEui(), session.devEui(), session.sessionKeyId().get());
        asked.ifPresent(key -> sessions.keepAppSKey(session, key));
        return new Recognized(session.withAppSKey(asked), known.fCnt());
    }
}
