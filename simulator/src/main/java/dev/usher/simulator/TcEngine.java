package dev.usher.simulator;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.Printable;
import dev.usher.simulator.LnsSocket.Message;
import dev.usher.station.DiscoveryRequest;
import dev.usher.station.LnsCodec;
import dev.usher.station.LnsUplink;
import dev.usher.station.MalformedMessageException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * What keeps a station connected to its LNS (station's TC engine, {@code tc.c}): discovery, the
 * traffic connection, and how long it waits before it tries again. On a thread of its own, from its
 * start until it gives up or is stopped.
 */
final class TcEngine implements AutoCloseable {

    private static final String DISCOVERY = "/router-info";
    private static final int LONGEST_URI = 127;
    private static final int TRIES_BEFORE_CUPS = 10;
    private static final int QUICK_TRIES = 4;
    private static final int PROTOCOL = 2;

    /** Whose engine it is. */
    interface Owner {

        VirtualStation station();

        /** Whether there is a CUPS server to ask instead. */
        boolean hasCups();

        /** It is connected for traffic. */
        void connected();

        /** It is not connected any more. */
        void disconnected();

        /** It ends, because CUPS is to help; not called when it was stopped. */
        void givenUp();

        /** Sends this to where devices listen. */
        void transmit(Transmission transmission);
    }

    /** How an attempt ended, as far as that decides about the next. */
    private enum End {
        NO_URI,
        REJECTED,
        /** A connection that worked was closed. */
        CLOSED,
        FAILED
    }

    /** Where the traffic goes. */
    private record Muxs(Address address, String path, String uri) {}

    private final Owner owner;
    private final Settings settings;
    private final Thread thread;
    private volatile boolean stopped;
    private volatile Optional<LnsSocket> socket = Optional.empty();
    private volatile Optional<Traffic> traffic = Optional.empty();

    TcEngine(Owner owner) {
        this.owner = requireNonNull(owner, "owner");
        this.settings = owner.station().settings();
        this.thread =
                Thread.ofVirtual().name("virtual-tc-" + owner.station().eui()).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            keepConnected();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void keepConnected() throws InterruptedException {
        int retries = 0;
        Optional<Muxs> known = Optional.empty();
        while (!stopped) {
            Optional<Muxs> muxs = known;
            End end;
            if (muxs.isEmpty()) {
                Discovery discovery = discover();
                muxs = discovery.muxs;
                end = muxs.isEmpty() ? discovery.end : converse(muxs.get());
            } else {
                end = converse(muxs.get());
            }
            if (stopped) {
                return;
            }
            boolean asksCups =
                    end == End.REJECTED || end == End.NO_URI || retries >= TRIES_BEFORE_CUPS;
            if (asksCups && owner.hasCups()) {
                tell(new StationEvent.LnsGivenUp());
                owner.givenUp();
                return;
            }
            if (muxs.isPresent() && retries <= QUICK_TRIES && end == End.CLOSED) {
                pause(1 << retries);
                known = muxs;
            } else {
                retries = muxs.isPresent() ? 1 : retries;
                pause(10 * Math.min(retries, 6));
                known = Optional.empty();
            }
            retries++;
        }
    }

    private void pause(int seconds) throws InterruptedException {
        Thread.sleep(settings.backoff().multipliedBy(seconds));
    }

    private void tell(StationEvent event) {
        owner.station().tell(event);
    }

    /** What discovery came to: a place, or how it ended. */
    private record Discovery(Optional<Muxs> muxs, End end) {}

    private Discovery discover() {
        Optional<String> uri = owner.station().lnsUri();
        Optional<Address> address = uri.flatMap(u -> Address.parse(u, Peer.LNS.scheme()));
        if (address.isEmpty()) {
            return lost(End.NO_URI, "no TC URI configured");
        }
        Optional<Tls> tls;
        try {
            tls = tls(address.get());
        } catch (ContactFailure e) {
            return lost(End.NO_URI, e.reason());
        }
        // The real one means to wait for a minute, and takes microseconds for seconds: for ever.
        try (LnsSocket opened =
                open(
                        LnsSocket.open(
                                address.get(),
                                DISCOVERY,
                                tls,
                                settings.timeout(),
                                Optional.empty()))) {
            Eui64 eui = owner.station().eui();
            opened.send(new DiscoveryRequest(eui).toJson());
            Optional<Message> answer = opened.next();
            while (answer.isPresent() && !(answer.get() instanceof Message.Text)) {
                answer = opened.next(); // binary data is ignored
            }
            if (!(answer.orElse(null) instanceof Message.Text(String text))) {
                return lost(End.CLOSED, "discovery was closed without an answer");
            }
            opened.sendClose(LnsSocket.NORMAL);
            return read(text);
        } catch (ContactFailure e) {
            return lost(End.FAILED, e.reason());
        } finally {
            socket = Optional.empty();
        }
    }

    private Discovery lost(End end, String reason) {
        if (!stopped) {
            tell(new StationEvent.LnsLost(reason));
        }
        return new Discovery(Optional.empty(), end);
    }

    private Discovery read(String text) {
        try {
            StationJson json = StationJson.parse(text);
            json.text("router");
            json.text("muxs");
            Optional<String> error = json.text("error");
            Optional<String> uri = json.text("uri");
            Optional<Muxs> muxs = uri.isPresent() ? Optional.of(muxs(uri.get())) : Optional.empty();
            if (error.isPresent() || muxs.isEmpty()) {
                return lost(End.REJECTED, "the LNS refuses: " + Printable.of(error.orElse("")));
            }
            tell(new StationEvent.Discovered(muxs.get().uri));
            return new Discovery(muxs, End.CLOSED);
        } catch (MalformedMessageException e) {
            return lost(End.FAILED, "discovery answer not understood: " + e.getMessage());
        }
    }

    private static Muxs muxs(String uri) {
        int host = uri.indexOf("://") + 3;
        int path = host < 3 ? -1 : uri.indexOf('/', host);
        Optional<Address> address =
                path < 0 || uri.length() > LONGEST_URI
                        ? Optional.empty()
                        : Address.parse(uri.substring(0, path), Peer.LNS.scheme());
        return new Muxs(
                address.orElseThrow(
                        () ->
                                new MalformedMessageException(
                                        "illegal muxs URI: " + Printable.of(uri))),
                uri.substring(path),
                uri);
    }

    private Optional<Tls> tls(Address address) throws ContactFailure {
        return address.tls()
                ? Optional.of(Tls.of(owner.station().lnsCredentials()))
                : Optional.empty();
    }

    private LnsSocket open(LnsSocket opened) throws ContactFailure {
        socket = Optional.of(opened);
        if (stopped) {
            opened.close();
            throw new ContactFailure("stopped");
        }
        return opened;
    }

    /** One connection for traffic, from its beginning to its end. */
    private End converse(Muxs muxs) {
        boolean connected = false;
        End end = End.FAILED;
        try (LnsSocket opened =
                        open(
                                LnsSocket.open(
                                        muxs.address,
                                        muxs.path,
                                        tls(muxs.address),
                                        settings.timeout(),
                                        Optional.of(settings.timeout())));
                Traffic begun = new Traffic(opened, owner)) {
            connected = true;
            traffic = Optional.of(begun);
            opened.send(LnsCodec.write(version()));
            owner.connected();
            tell(new StationEvent.LnsConnected(muxs.uri));
            end = End.CLOSED;
            for (Optional<Message> m = opened.next(); m.isPresent(); m = opened.next()) {
                Optional<String> unusable = begun.received(m.get());
                if (unusable.isPresent()) {
                    opened.sendClose(LnsSocket.NORMAL);
                    end = End.FAILED;
                    throw new ContactFailure(unusable.get());
                }
            }
            lost(end, "the LNS closed the connection");
        } catch (ContactFailure e) {
            lost(end, e.reason());
        } finally {
            socket = Optional.empty();
            traffic = Optional.empty();
            if (connected) {
                owner.disconnected();
            }
        }
        return end;
    }

    private LnsUplink.Version version() {
        VirtualStation station = owner.station();
        Optional<String> firmware = station.packageVersion();
        return new LnsUplink.Version(
                Optional.of(settings.station().replaceFirst(" .*", "")),
                firmware,
                firmware,
                Optional.of(settings.model()),
                PROTOCOL,
                Set.of());
    }

    /** A device has transmitted. */
    void hear(Transmission uplink) {
        traffic.ifPresent(now -> now.hear(uplink));
    }

    /** Ends the connection and the attempts at it. */
    @Override
    public void close() {
        stopped = true;
        socket.ifPresent(LnsSocket::close);
        thread.interrupt();
    }

    /** Waits until it has ended. */
    void join(Duration patience) throws InterruptedException {
        thread.join(patience);
    }
}
