package dev.usher.bench;

import static java.util.Objects.requireNonNull;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A Network Server that passes on joins over connections that it keeps open, one at a time over
 * each. All of it happens on one event loop, and makes no more of an answer than it must.
 *
 * @param tls to speak it, with BoringSSL
 * @param next the ordinal of the next join, of all loads of the fleet
 */
record JoinLoad(int port, Optional<SslContext> tls, Fleet fleet, AtomicLong next, int connections) {

    private static final int LONGEST_ANSWER_SECONDS = 10;

    /** Asks again as soon as it is answered. */
    Load.Result asFastAsItGoes(Duration duration) throws IOException, InterruptedException {
        return run(duration, OptionalDouble.empty());
    }

    /**
     * Asks at even intervals, whatever the answers take. A latency counts from the moment the
     * request was due, so that one slow answer does not hide those behind it.
     */
    Load.Result atRate(double perSecond, Duration duration)
            throws IOException, InterruptedException {
        return run(duration, OptionalDouble.of(perSecond));
    }

    private Load.Result run(Duration duration, OptionalDouble perSecond)
            throws IOException, InterruptedException {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            Run run = new Run(connect(group), group.next(), perSecond);
            return run.result(duration);
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
        }
    }

    private List<Line> connect(EventLoopGroup group) throws IOException, InterruptedException {
        List<Line> lines = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            Line line = new Line();
            Bootstrap bootstrap =
                    new Bootstrap()
                            .group(group)
                            .channel(NioSocketChannel.class)
                            .option(ChannelOption.TCP_NODELAY, true)
                            .handler(
                                    new ChannelInitializer<Channel>() {
                                        @Override
                                        protected void initChannel(Channel channel) {
                                            tls.ifPresent(
                                                    context ->
                                                            channel.pipeline()
                                                                    .addLast(
                                                                            context.newHandler(
                                                                                    channel.alloc(),
                                                                                    "localhost",
                                                                                    port)));
                                            channel.pipeline().addLast(line);
                                        }
                                    });
            ChannelFuture connected =
                    bootstrap.connect(InetAddress.getLoopbackAddress(), port).await();
            if (!connected.isSuccess() || !hasShakenHands(connected.channel())) {
                throw new IOException("the server under test does not accept connections");
            }
            lines.add(line);
        }
        return lines;
    }

    private static boolean hasShakenHands(Channel channel) throws InterruptedException {
        SslHandler handler = channel.pipeline().get(SslHandler.class);
        return handler == null || handler.handshakeFuture().await().isSuccess();
    }

    /** One run; everything but {@link #result} happens on the event loop. */
    @SuppressWarnings("FutureReturnValueIgnored") // what fails is counted as a failure
    private final class Run {

        private final List<Line> lines;
        private final EventLoop loop;
        private final OptionalDouble perSecond;
        private final CountDownLatch over = new CountDownLatch(1);
        private final Deque<Line> idle = new ArrayDeque<>();

        /** When those were due that found no line idle. */
        private final Deque<Long> late = new ArrayDeque<>();

        private long begin;
        private long end;
        private long due;
        private long[] latencies = new long[1 << 16];
        private int answered;
        private int failures;
        private int underway;
        private boolean ending;

        Run(List<Line> lines, EventLoop loop, OptionalDouble perSecond) {
            this.lines = lines;
            this.loop = loop;
            this.perSecond = perSecond;
        }

        Load.Result result(Duration duration) throws InterruptedException {
            loop.execute(() -> begin(duration));
            boolean ended =
                    over.await(duration.toSeconds() + LONGEST_ANSWER_SECONDS, TimeUnit.SECONDS);
            return loop.submit(
                            () -> {
                                long[] sorted = Arrays.copyOf(latencies, answered);
                                Arrays.sort(sorted);
                                return new Load.Result(
                                        sorted,
                                        Duration.ofNanos(System.nanoTime() - begin),
                                        failures + (ended ? 0 : underway));
                            })
                    .sync()
                    .getNow();
        }

        private void begin(Duration duration) {
            begin = System.nanoTime();
            end = begin + duration.toNanos();
            due = begin;
            for (Line line : lines) {
                line.run = this;
                if (perSecond.isEmpty()) {
                    ask(line, begin);
                } else {
                    idle.add(line);
                }
            }
            if (perSecond.isPresent()) {
                Ticks.on(loop, this::tick);
            }
        }

        private boolean tick() {
            long now = System.nanoTime();
            double interval = 1e9 / perSecond.orElseThrow();
            for (; due <= Math.min(now, end); due = due + (long) interval) {
                Line line = idle.poll();
                if (line == null) {
                    late.add(due);
                } else {
                    ask(line, due);
                }
            }
            if (now >= end) {
                ending = true;
                endIfIdle();
            }
            return now < end;
        }

        private void ask(Line line, long since) {
            underway++;
            line.ask(fleet.request(next.getAndIncrement()), since);
        }

        void answered(Line line, long since, boolean good) {
            long now = System.nanoTime();
            underway--;
            if (good) {
                if (answered == latencies.length) {
                    latencies = Arrays.copyOf(latencies, answered * 2);
                }
                latencies[answered++] = now - since;
            } else {
                failures++;
            }
            if (perSecond.isEmpty()) {
                if (now < end) {
                    ask(line, now);
                } else {
                    ending = true;
                }
            } else {
                Long waiting = late.poll();
                if (waiting == null) {
                    idle.add(line);
                } else {
                    ask(line, waiting);
                }
            }
            endIfIdle();
        }

        void lost() {
            underway--;
            failures++;
            ending = ending || perSecond.isEmpty();
            endIfIdle();
        }

        private void endIfIdle() {
            if (ending && underway == 0 && late.isEmpty()) {
                over.countDown();
            }
        }
    }

    /** One connection. */
    @SuppressWarnings("FutureReturnValueIgnored") // what fails closes the connection
    private static final class Line extends SimpleChannelInboundHandler<ByteBuf> {

        private static final String LENGTH = "Content-Length: ";

        private final StringBuilder answer = new StringBuilder();
        private @Nullable ChannelHandlerContext context;
        private @Nullable Run run;
        private boolean asking;
        private long since;

        void ask(byte[] request, long due) {
            since = due;
            asking = true;
            requireNonNull(context).writeAndFlush(Unpooled.wrappedBuffer(request));
        }

        @Override
        public void channelActive(ChannelHandlerContext active) {
            context = active;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext from, ByteBuf bytes) {
            answer.append(bytes.toString(StandardCharsets.ISO_8859_1));
            int body = answer.indexOf("\r\n\r\n") + 4;
            if (body < 4 || answer.length() - body < length()) {
                return;
            }
            boolean good =
                    answer.indexOf("HTTP/1.1 200") == 0 && answer.indexOf("\"Success\"", body) > 0;
            answer.setLength(0);
            asking = false;
            requireNonNull(run).answered(this, since, good);
        }

        private int length() {
            int from = answer.indexOf(LENGTH) + LENGTH.length();
            return Integer.parseInt(answer, from, answer.indexOf("\r", from), 10);
        }

        @Override
        public void channelInactive(ChannelHandlerContext gone) {
            if (asking) {
                asking = false;
                requireNonNull(run).lost();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext broken, Throwable cause) {
            broken.close();
        }
    }
}
