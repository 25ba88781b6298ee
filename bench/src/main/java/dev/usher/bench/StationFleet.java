package dev.usher.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Many stations that take little memory: each discovers its LNS, connects for traffic, waits for
 * its router_config, answers pings and, when it is cut off, comes back by the rules of station
 * ({@code tc.c:342-386}). All of it happens on one event loop.
 *
 * <p>What they do not do, other than the stations of the simulator, is look at what they get.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails closes the connection, which is seen
final class StationFleet implements AutoCloseable {

    /** As many as one address has free ports for, with room to come back. */
    private static final int ON_ONE_ADDRESS = 10_000;

    /**
     * How many connect at the same time, as long as the fleet is set up; not when it comes back.
     */
    private static final int AT_ONCE = 200;

    private static final int QUICK_TRIES = 4;
    private static final int TRIES_BEFORE_CUPS = 10;
    private static final int CUPS_FAILURES_BEFORE_FALLBACK = 8;
    private static final int CUPS_INTERVAL_SECONDS = 60;

    /**
     * What they connect to.
     *
     * @param tls to speak it, with BoringSSL
     * @param keys each station's own, to show with TLS
     */
    record Target(int port, Optional<SslContext> tls, List<String> keys) {}

    private final Target target;
    private final EventLoopGroup group =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EventLoop loop = group.next();
    private final List<Station> stations = new ArrayList<>();
    private final ObjIntConsumer<String> downlink;
    private int started;
    private int configured;
    private int wantedConfigured;
    private CountDownLatch all = new CountDownLatch(0);
    private int askedCups;
    private int fellBack;
    private boolean closing;

    /**
     * A fleet that is not connected.
     *
     * @param downlink is given every dnmsg and the number of its station, on the event loop
     */
    StationFleet(Stations fleet, Target target, ObjIntConsumer<String> downlink) {
        this.target = requireNonNull(target, "target");
        this.downlink = requireNonNull(downlink, "downlink");
        for (int number = 0; number < fleet.count(); number++) {
            stations.add(new Station(number));
        }
    }

    int size() {
        return stations.size();
    }

    /** Where everything happens; what is sent from there is sent at once. */
    EventLoop loop() {
        return loop;
    }

    /**
     * Connects the first so many, those that are connected included, and waits until they have
     * their router_config.
     *
     * @return how many have; fewer after that time
     */
    int connect(int count, Duration patience) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        loop.submit(
                        () -> {
                            expect(count, done);
                            for (int i = 0; i < AT_ONCE; i++) {
                                startNext();
                            }
                        })
                .sync();
        done.await(patience.toMillis(), TimeUnit.MILLISECONDS);
        return loop.submit(() -> configured).sync().getNow();
    }

    private void expect(int count, CountDownLatch done) {
        wantedConfigured = count;
        all = done;
        if (configured >= count) {
            done.countDown();
        }
    }

    private void startNext() {
        if (started < wantedConfigured) {
            stations.get(started++).discover();
        }
    }

    /** Opens when all are connected again; to be called after they were cut off. */
    CountDownLatch allBack() throws InterruptedException {
        CountDownLatch back = new CountDownLatch(1);
        loop.submit(
                        () -> {
                            // Not counted down at once: their ends may not have been seen yet.
                            wantedConfigured = stations.size();
                            all = back;
                        })
                .sync();
        return back;
    }

    /** What became of stations that were cut off. */
    record Fallbacks(int connected, int askedCups, int fellBack) {}

    Fallbacks fallbacks() throws InterruptedException {
        return loop.submit(() -> new Fallbacks(configured, askedCups, fellBack)).sync().getNow();
    }

    /** Sends a message of a station; on the event loop. */
    void send(int station, String message) {
        stations.get(station).send(message);
    }

    private enum State {
        OFF,
        DISCOVERING,
        CONNECTING,
        CONFIGURED
    }

    /** One station, over all its connections. */
    private final class Station {

        private final int number;
        private State state = State.OFF;
        private boolean knowsWhere;
        private boolean wasConnected;
        private int retries;
        private int cupsFailures;
        private @Nullable Channel channel;

        Station(int number) {
            this.number = number;
        }

        Eui64 eui() {
            return Stations.eui(number);
        }

        void discover() {
            state = State.DISCOVERING;
            connect("/router-info");
        }

        void connectForTraffic() {
            state = State.CONNECTING;
            connect("/traffic/eui-" + eui());
        }

        private void connect(String path) {
            wasConnected = false;
            Connection connection = new Connection(this, path);
            new Bootstrap()
                    .group(group)
                    .channel(NioSocketChannel.class)
                    .option(ChannelOption.TCP_NODELAY, true)
                    .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 60_000)
                    .handler(
                            new ChannelInitializer<Channel>() {
                                @Override
                                protected void initChannel(Channel opened) {
                                    target.tls()
                                            .ifPresent(
                                                    tls ->
                                                            opened.pipeline()
                                                                    .addLast(
                                                                            tls.newHandler(
                                                                                    opened.alloc(),
                                                                                    "localhost",
                                                                                    target
                                                                                            .port())));
                                    opened.pipeline().addLast(connection);
                                }
                            })
                    .connect(loopback(1, target.port()), loopback(2 + number / ON_ONE_ADDRESS, 0))
                    .addListener(
                            connected -> {
                                if (!connected.isSuccess()) {
                                    ended(connection);
                                }
                            });
        }

        void hangUp() {
            if (channel != null) {
                channel.close();
            }
        }

        void opened(Channel opened) {
            channel = opened;
            wasConnected = true;
            send(
                    state == State.DISCOVERING
                            ? "{\"router\":\"" + eui().id6() + "\"}"
                            : "{\"msgtype\":\"version\",\"station\":\"2.0.6(linux/std)\",\"firmware\":\"1.0.0\",\"package\":\"1.0.0\",\"model\":\"linux\",\"protocol\":2,\"features\":\"\"}");
        }

        void received(String message) {
            switch (state) {
                case DISCOVERING -> {
                    knowsWhere = message.contains("\"uri\"");
                    requireNonNull(channel).close();
                }
                case CONNECTING -> {
                    state = State.CONFIGURED;
                    configured++;
                    if (configured == wantedConfigured) {
                        all.countDown();
                    }
                    startNext();
                }
                case CONFIGURED -> downlink.accept(message, number);
                case OFF -> {
                    // the end of a connection that is over
                }
            }
        }

        /** A connection has ended, or did not come to be. */
        void ended(Connection connection) {
            if (connection.isOver || closing) {
                return;
            }
            connection.isOver = true;
            channel = null;
            State before = state;
            state = State.OFF;
            if (before == State.CONFIGURED) {
                configured--;
            }
            if (before == State.DISCOVERING && knowsWhere) {
                connectForTraffic();
                return;
            }
            if (retries >= TRIES_BEFORE_CUPS) {
                askedCups++;
                later(CUPS_INTERVAL_SECONDS, this::askCups);
                return;
            }
            if (knowsWhere && wasConnected && retries <= QUICK_TRIES) {
                later(1 << retries, this::connectForTraffic);
            } else {
                retries = knowsWhere ? 1 : retries;
                knowsWhere = false;
                later(10 * Math.min(retries, 6), this::discover);
            }
            retries++;
        }

        /** CUPS is on the same node here: it is there when the LNS is. */
        private void askCups() {
            new Bootstrap()
                    .group(group)
                    .channel(NioSocketChannel.class)
                    .handler(new ChannelInboundHandlerAdapter())
                    .connect(loopback(1, target.port()))
                    .addListener(
                            (ChannelFuture asked) -> {
                                asked.channel().close();
                                if (asked.isSuccess()) {
                                    cupsFailures = 0;
                                    retries = 0;
                                    discover();
                                    return;
                                }
                                cupsFailures++;
                                if (cupsFailures == CUPS_FAILURES_BEFORE_FALLBACK) {
                                    fellBack++;
                                }
                                later(CUPS_INTERVAL_SECONDS, this::askCups);
                            });
        }

        private void later(int seconds, Runnable what) {
            loop.schedule(what, seconds, TimeUnit.SECONDS);
        }

        void send(String message) {
            Channel now = channel;
            if (now != null) {
                now.writeAndFlush(frame(now, 1, message.getBytes(UTF_8)), now.voidPromise());
            }
        }

        /** The header lines of a request: the key, where there is TLS. */
        String headerLines() {
            return target.tls().isPresent()
                    ? "Authorization: Bearer " + target.keys().get(number) + "\r\n"
                    : "";
        }
    }

    private static InetSocketAddress loopback(int lastOctet, int port) {
        try {
            byte[] address = {127, 0, 0, (byte) lastOctet};
            return new InetSocketAddress(InetAddress.getByAddress(address), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // four octets are an address
        }
    }

    /** A frame, masked with ones as station does it. */
    private static ByteBuf frame(Channel channel, int opcode, byte[] payload) {
        ByteBuf frame = channel.alloc().buffer(payload.length + 8);
        frame.writeByte(0x80 | opcode);
        if (payload.length < 126) {
            frame.writeByte(0x80 | payload.length);
        } else {
            frame.writeByte(0x80 | 126).writeShort(payload.length);
        }
        frame.writeInt(0x01010101);
        for (byte each : payload) {
            frame.writeByte(each ^ 1);
        }
        return frame;
    }

    /** One connection: the upgrade, and then frames. */
    private static final class Connection extends ByteToMessageDecoder {

        private static final byte[] END_OF_HEAD = {'\r', '\n', '\r', '\n'};
        private static final int TEXT = 1;
        private static final int CLOSE = 8;
        private static final int PING = 9;
        private static final int PONG = 10;

        private final Station station;
        private final String path;
        private boolean upgraded;
        private boolean isOver;

        Connection(Station station, String path) {
            this.station = station;
            this.path = path;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            String request =
                    "GET "
                            + path
                            + " HTTP/1.1\r\n"
                            + "Host: localhost\r\n"
                            + "Upgrade: websocket\r\n"
                            + "Connection: upgrade\r\n"
                            + "Sec-WebSocket-Key: bpse8nVmEl6ZlX4lSb6RMw==\r\n"
                            + "Sec-WebSocket-Version: 13\r\n"
                            + station.headerLines()
                            + "\r\n";
            ByteBuf bytes = context.alloc().buffer(request.length());
            bytes.writeCharSequence(request, ISO_8859_1);
            context.writeAndFlush(bytes, context.voidPromise());
        }

        @Override
        protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
            if (!upgraded) {
                int end = indexOfEnd(in);
                if (end < 0) {
                    return;
                }
                String status = in.toString(in.readerIndex(), 12, ISO_8859_1);
                in.skipBytes(end + END_OF_HEAD.length - in.readerIndex());
                if (!status.endsWith(" 101")) {
                    context.close();
                    return;
                }
                upgraded = true;
                station.opened(context.channel());
            }
            if (in.readableBytes() < 2) {
                return;
            }
            int at = in.readerIndex();
            int opcode = in.getByte(at) & 0x0F;
            int length = in.getByte(at + 1) & 0x7F;
            int header = length < 126 ? 2 : 4;
            if (in.readableBytes() < header) {
                return;
            }
            length = length < 126 ? length : in.getUnsignedShort(at + 2);
            if (in.readableBytes() < header + length) {
                return;
            }
            in.skipBytes(header);
            byte[] payload = new byte[length];
            in.readBytes(payload);
            switch (opcode) {
                case TEXT -> station.received(new String(payload, UTF_8));
                case PING ->
                        context.writeAndFlush(
                                frame(context.channel(), PONG, payload), context.voidPromise());
                case CLOSE -> context.close();
                default -> {
                    // nothing that a station looks at
                }
            }
        }

        private static int indexOfEnd(ByteBuf in) {
            for (int i = in.readerIndex(); i <= in.writerIndex() - END_OF_HEAD.length; i++) {
                if (in.getInt(i) == 0x0D0A0D0A) {
                    return i;
                }
            }
            return -1;
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) throws Exception {
            super.channelInactive(context);
            station.ended(this);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    /** Hangs up all of them; an event loop that only ends may leave their connections open. */
    @Override
    public void close() {
        loop.submit(
                        () -> {
                            closing = true;
                            stations.forEach(Station::hangUp);
                        })
                .syncUninterruptibly();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
