package dev.usher.simulator;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.Channel;
import dev.usher.lorawan.DataFrame;
import dev.usher.lorawan.DataMessage;
import dev.usher.lorawan.DataRate;
import dev.usher.lorawan.DevAddr;
import dev.usher.lorawan.Direction;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.FrameCounter;
import dev.usher.lorawan.FrameCryptography;
import dev.usher.lorawan.FrameFlag;
import dev.usher.lorawan.FrequencyPlan;
import dev.usher.lorawan.JoinAccept;
import dev.usher.lorawan.JoinCryptography;
import dev.usher.lorawan.JoinRequest;
import dev.usher.lorawan.MacCommand;
import dev.usher.lorawan.MacCommands;
import dev.usher.lorawan.MalformedFrameException;
import dev.usher.lorawan.MicContext;
import dev.usher.lorawan.NetworkSessionKeys;
import dev.usher.lorawan.ReceiveWindow;
import dev.usher.lorawan.Received;
import dev.usher.lorawan.Region;
import dev.usher.lorawan.RootKeys;
import dev.usher.lorawan.SessionKeys;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/**
 * A device of class A (OTAA, LoRaWAN 1.0.3 or 1.1) in reach of some gateways. It believes a frame
 * only in its windows, at their frequency, data rate and time, and with the right MIC and counter.
 *
 * <pre>
 *  VirtualDevice device = new VirtualDevice(identity, plan, List.of(station), random);
 *  device.join().get(10, SECONDS);
 *  Heard heard = device.send(10, payload, true).get(10, SECONDS);
 *  assert heard.isAck();
 * </pre>
 *
 * <p>What is heard after an uplink completes its future, on the thread of the gateway; a window in
 * which nothing comes completes nothing, and the next uplink cancels it. Safe to use from several
 * threads.
 */
public final class VirtualDevice {

    /** How far from its time a frame may begin, in microseconds. */
    private static final long TOLERANCE = 20_000;

    private static final long SECOND = 1_000_000;
    private static final int DEFAULT_CHANNELS = 2;

    /**
     * What a device knows of itself before it joins.
     *
     * @param keys with a NwkKey, it is a device of LoRaWAN 1.1
     */
    public record Identity(Eui64 joinEui, Eui64 devEui, RootKeys keys) {
        public Identity {
            requireNonNull(joinEui, "joinEui");
            requireNonNull(devEui, "devEui");
            requireNonNull(keys, "keys");
        }

        boolean isR1_1() {
            return keys.nwkKey().isPresent();
        }
    }

    /**
     * A downlink that the device believed.
     *
     * @param window 1 or 2
     * @param isAck whether it acknowledges a confirmed uplink
     * @param payload of an application; empty if there is none
     */
    public record Heard(
            int window, boolean isAck, boolean isConfirmed, OptionalInt port, byte[] payload) {}

    /** A join-accept that the device believed. */
    public record Joined(int window, JoinAccept accept) {}

    /** Where it listens for what. */
    private record Windows(long end, int delay, ReceiveWindow first, ReceiveWindow second) {

        /** 1 or 2, or 0 for none. */
        int of(Region region, Transmission transmission) {
            return matches(region, transmission, first, delay)
                    ? 1
                    : matches(region, transmission, second, delay + 1) ? 2 : 0;
        }

        private boolean matches(
                Region region, Transmission transmission, ReceiveWindow window, int seconds) {
            return transmission.frequency() == window.frequency()
                    && Optional.of(transmission.dataRate())
                            .equals(region.dataRate(window.dataRate()))
                    && Math.abs(transmission.at() - end - seconds * SECOND) <= TOLERANCE;
        }
    }

    /** What it waits for. */
    private sealed interface Waiting {
        record ForAccept(JoinRequest request, Windows windows, CompletableFuture<Joined> future)
                implements Waiting {}

        record ForFrame(Windows windows, CompletableFuture<Heard> future) implements Waiting {}
    }

    private static final class Session {
        final SessionKeys keys;
        final NetworkSessionKeys networkKeys;
        final JoinAccept accept;
        long fCntUp;
        OptionalLong nFCntDown = OptionalLong.empty();
        OptionalLong aFCntDown = OptionalLong.empty();
        int confirmedUp;
        OptionalInt toAcknowledge = OptionalInt.empty();
        boolean rekeys;

        Session(Received received) {
            this.keys = received.keys();
            this.networkKeys = NetworkSessionKeys.of(keys);
            this.accept = received.accept();
            this.rekeys = keys instanceof SessionKeys.R1_1;
        }

        int rxDelay() {
            return Math.max(1, accept.rxDelay());
        }
    }

    private final Identity identity;
    private final FrequencyPlan plan;
    private final List<Antenna> inReach;
    private final RandomGenerator random;
    private int devNonce;
    private int uplinks;
    private Optional<Session> session = Optional.empty();
    private Optional<Waiting> waiting = Optional.empty();

    /**
     * A device that has not joined.
     *
     * @param inReach the gateways that hear it
     * @param random for the DevNonces of LoRaWAN 1.0
     */
    public VirtualDevice(
            Identity identity,
            FrequencyPlan plan,
            List<? extends Antenna> inReach,
            RandomGenerator random) {
        this.identity = requireNonNull(identity, "identity");
        this.plan = requireNonNull(plan, "plan");
        this.inReach = List.copyOf(inReach);
        this.random = requireNonNull(random, "random");
        this.inReach.forEach(antenna -> antenna.addListener(this::hear));
    }

    public Eui64 devEui() {
        return identity.devEui();
    }

    /** Its address; empty until it has joined. */
    public synchronized Optional<DevAddr> devAddr() {
        return session.map(s -> s.accept.devAddr());
    }

    /** Sends a join-request with a fresh DevNonce, and listens. */
    public CompletableFuture<Joined> join() {
        CompletableFuture<Joined> future = new CompletableFuture<>();
        Transmission uplink;
        synchronized (this) {
            devNonce = identity.isR1_1() ? devNonce + 1 : random.nextInt(0x1_0000);
            JoinRequest request =
                    JoinCryptography.request(
                            identity.keys(), identity.joinEui(), identity.devEui(), devNonce);
            Channel channel = nextChannel(DEFAULT_CHANNELS);
            uplink = uplink(request.phyPayload(), channel);
            listen(
                    new Waiting.ForAccept(
                            request,
                            new Windows(
                                    uplink.at(),
                                    Region.JOIN_ACCEPT_DELAY1,
                                    plan.rx1(channel.frequency(), channel.maxDataRate(), 0),
                                    plan.region().rx2()),
                            future));
        }
        inReach.forEach(antenna -> antenna.hear(uplink));
        return future;
    }

    /**
     * Sends data, and listens.
     *
     * @param port 1..255
     * @throws IllegalStateException if it has not joined
     */
    public CompletableFuture<Heard> send(int port, byte[] payload, boolean confirmed) {
        CompletableFuture<Heard> future = new CompletableFuture<>();
        Transmission uplink;
        synchronized (this) {
            Session now =
                    session.orElseThrow(
                            () ->
                                    new IllegalStateException(
                                            "device " + devEui() + " has not joined"));
            Channel channel = nextChannel(plan.channels().size());
            DataFrame frame = seal(now, channel, port, payload, confirmed);
            uplink = uplink(frame.phyPayload(), channel);
            listen(
                    new Waiting.ForFrame(
                            new Windows(
                                    uplink.at(),
                                    now.rxDelay(),
                                    plan.rx1(
                                            channel.frequency(),
                                            channel.maxDataRate(),
                                            now.accept.dlSettings().rx1DrOffset()),
                                    new ReceiveWindow(
                                            plan.region().rx2().frequency(),
                                            now.accept.dlSettings().rx2DataRate())),
                            future));
        }
        inReach.forEach(antenna -> antenna.hear(uplink));
        return future;
    }

    private Channel nextChannel(int count) {
        return plan.channels().get(uplinks++ % Math.min(count, plan.channels().size()));
    }

    private Transmission uplink(byte[] phyPayload, Channel channel) {
        DataRate dataRate = plan.region().dataRate(channel.maxDataRate()).orElseThrow();
        return new Transmission(phyPayload, channel.frequency(), dataRate, Transmission.now());
    }

    private void listen(Waiting next) {
        waiting.ifPresent(
                before -> {
                    switch (before) {
                        case Waiting.ForAccept accept -> accept.future.cancel(false);
                        case Waiting.ForFrame frame -> frame.future.cancel(false);
                    }
                });
        waiting = Optional.of(next);
    }

    private DataFrame seal(
            Session now, Channel channel, int port, byte[] payload, boolean confirmed) {
        Set<FrameFlag> flags = EnumSet.noneOf(FrameFlag.class);
        if (confirmed) {
            flags.add(FrameFlag.CONFIRMED);
        }
        if (now.toAcknowledge.isPresent()) {
            flags.add(FrameFlag.ACK);
        }
        long fCnt = now.fCntUp++;
        DataMessage message =
                DataMessage.up(now.accept.devAddr(), fCnt)
                        .with(flags)
                        .withCommands(now.rekeys ? List.of(new MacCommand.RekeyInd(1)) : List.of())
                        .withPayload(port, payload);
        MicContext context =
                new MicContext(
                        now.toAcknowledge.orElse(0),
                        channel.maxDataRate(),
                        plan.channelNumber(channel.frequency()).orElse(0));
        now.toAcknowledge = OptionalInt.empty();
        if (confirmed) {
            now.confirmedUp = (int) (fCnt & 0xFFFF);
        }
        AesKey appSKey = now.keys.appSKey();
        return FrameCryptography.seal(now.networkKeys, appSKey, message, context);
    }

    /** A gateway in its reach transmits; most of it is for others. */
    private void hear(Transmission transmission) {
        Runnable told;
        synchronized (this) {
            if (waiting.isEmpty()) {
                return;
            }
            Optional<Runnable> heard =
                    switch (waiting.get()) {
                        case Waiting.ForAccept accept -> accept(accept, transmission);
                        case Waiting.ForFrame frame -> frame(frame, transmission);
                    };
            if (heard.isEmpty()) {
                return;
            }
            waiting = Optional.empty();
            told = heard.get();
        }
        told.run();
    }

    private Optional<Runnable> accept(Waiting.ForAccept wanted, Transmission transmission) {
        int window = wanted.windows.of(plan.region(), transmission);
        if (window == 0) {
            return Optional.empty();
        }
        try {
            Received received =
                    JoinCryptography.open(
                            identity.keys(), wanted.request, transmission.phyPayload());
            session = Optional.of(new Session(received));
            return Optional.of(() -> wanted.future.complete(new Joined(window, received.accept())));
        } catch (
                @SuppressWarnings("unused")
                MalformedFrameException notForUs) {
            return Optional.empty();
        }
    }

    private Optional<Runnable> frame(Waiting.ForFrame wanted, Transmission transmission) {
        int window = wanted.windows.of(plan.region(), transmission);
        if (window == 0) {
            return Optional.empty();
        }
        return open(session.orElseThrow(), window, transmission.phyPayload())
                .map(heard -> () -> wanted.future.complete(heard));
    }

    /** Reads a downlink; empty if it is for somebody else, a repetition, or not to be believed. */
    private static Optional<Heard> open(Session now, int window, byte[] phyPayload) {
        DataFrame frame;
        try {
            frame = DataFrame.parse(phyPayload);
        } catch (
                @SuppressWarnings("unused")
                MalformedFrameException notForUs) {
            return Optional.empty();
        }
        if (frame.direction() != Direction.DOWN || !frame.devAddr().equals(now.accept.devAddr())) {
            return Optional.empty();
        }
        boolean apart = now.keys instanceof SessionKeys.R1_1 && frame.fPort().orElse(0) > 0;
        OptionalLong last = apart ? now.aFCntDown : now.nFCntDown;
        OptionalLong fCnt = FrameCounter.whole(last, frame.fCnt(), FrameCounter.NO_LIMIT);
        if (fCnt.isEmpty()
                || fCnt.equals(last)
                || !FrameCryptography.isAuthentic(
                        now.networkKeys,
                        frame,
                        fCnt.getAsLong(),
                        new MicContext(now.confirmedUp, 0, 0))) {
            return Optional.empty();
        }
        if (apart) {
            now.aFCntDown = fCnt;
        } else {
            now.nFCntDown = fCnt;
        }
        byte[] commands = FrameCryptography.commands(now.networkKeys, frame, fCnt.getAsLong());
        for (MacCommand command : MacCommands.parse(Direction.DOWN, commands).commands()) {
            now.rekeys &= !(command instanceof MacCommand.RekeyConf);
        }
        if (frame.has(FrameFlag.CONFIRMED)) {
            now.toAcknowledge = OptionalInt.of(frame.fCnt());
        }
        byte[] payload =
                frame.fPort().orElse(0) == 0
                        ? new byte[0]
                        : FrameCryptography.payload(now.keys.appSKey(), frame, fCnt.getAsLong());
        return Optional.of(
                new Heard(
                        window,
                        frame.has(FrameFlag.ACK),
                        frame.has(FrameFlag.CONFIRMED),
                        frame.fPort(),
                        payload));
    }
}
