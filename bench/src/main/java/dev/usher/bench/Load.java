package dev.usher.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Gateways that check in over and over, each time with a new connection and a full TLS 1.2
 * handshake, as stations do. Its own TLS is BoringSSL, so that the load takes little of the machine
 * it shares with the server.
 *
 * @param gateways taken in turn
 */
record Load(int port, List<Visitor> gateways, int atOnce) {

    /**
     * One gateway: what it shows and what it sends.
     *
     * @param context with its client certificate, if it has one
     */
    record Visitor(SslContext context, byte[] request) {

        static byte[] request(String eui, String authorization, String lnsUri) {
            String uri = lnsUri.isEmpty() ? "null" : "\"" + lnsUri + "\"";
            String body =
                    "{\"router\":\""
                            + eui
                            + "\",\"cupsUri\":\"https://localhost:9191\",\"tcUri\":"
                            + uri
                            + ",\"cupsCredCrc\":2077607535,\"tcCredCrc\":2077607535,\"station\":\"2.0.6(linux/std)"
                            + " 2026-01-01"
                            + " 00:00:00\",\"model\":\"linux\",\"package\":\"1.0.0\",\"keys\":[]}";
            return ("POST /update-info HTTP/1.1\r\n"
                            + "Host: localhost\r\n"
                            + "Content-Type: application/json\r\n"
                            + "Content-Length: "
                            + String.format("%5d", body.length())
                            + "\r\n"
                            + authorization
                            + "\r\n"
                            + body)
                    .getBytes(StandardCharsets.US_ASCII);
        }
    }

    /**
     * What came of it.
     *
     * @param latencies of every request in nanoseconds, ascending
     */
    record Result(long[] latencies, Duration took, int failures) {

        double perSecond() {
            return latencies.length / (took.toNanos() / 1e9);
        }

        double millis(double quantile) {
            return latencies.length == 0
                    ? 0
                    : latencies[(int) Math.min(latencies.length - 1, latencies.length * quantile)]
                            / 1e6;
        }
    }

    Result run(Duration duration) throws InterruptedException {
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            Run run = new Run(loop, System.nanoTime() + duration.toNanos());
            long start = System.nanoTime();
            for (int i = 0; i < atOnce; i++) {
                run.visit();
            }
            run.finished.await();
            return run.result(Duration.ofNanos(System.nanoTime() - start));
        } finally {
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
        }
    }

    /** One run; everything in it happens on the one event loop. */
    @SuppressWarnings(
            "FutureReturnValueIgnored") // what fails is told to the visit, which counts it
    private final class Run {
        private final Bootstrap bootstrap;
        private final long end;
        private final CountDownLatch finished = new CountDownLatch(atOnce);
        private final AtomicInteger next = new AtomicInteger();
        private final AtomicInteger failures = new AtomicInteger();
        private long[] latencies = new long[1 << 16];
        private int count;

        Run(EventLoopGroup loop, long end) {
            this.end = end;
            this.bootstrap =
                    new Bootstrap()
                            .group(loop)
                            .channel(NioSocketChannel.class)
                            .option(ChannelOption.TCP_NODELAY, true)
                            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 10_000);
        }

        /** Begins the next visit, or ends this chain of visits when the time is over. */
        void visit() {
            if (System.nanoTime() >= end) {
                finished.countDown();
                return;
            }
            Visitor visitor = gateways.get(Math.floorMod(next.getAndIncrement(), gateways.size()));
            Visit visit = new Visit(visitor.request());
            bootstrap
                    .clone()
                    .handler(
                            new ChannelInitializer<Channel>() {
                                @Override
                                protected void initChannel(Channel channel) {
                                    SslHandler tls =
                                            visitor.context()
                                                    .newHandler(channel.alloc(), "localhost", port);
                                    channel.pipeline()
                                            .addLast(new ReadTimeoutHandler(10), tls, visit);
                                }
                            })
                    .connect(InetAddress.getLoopbackAddress(), port)
                    .addListener(
                            connected -> {
                                if (!connected.isSuccess()) {
                                    visit.over(false);
                                }
                            });
        }

        Result result(Duration took) {
            long[] sorted = Arrays.copyOf(latencies, count);
            Arrays.sort(sorted);
            return new Result(sorted, took, failures.get());
        }

        /** One connection with one request; it counts if it was answered with 14 zero bytes. */
        private final class Visit extends SimpleChannelInboundHandler<ByteBuf> {
            private final byte[] request;
            private final long began = System.nanoTime();
            private final StringBuilder answer = new StringBuilder();
            private boolean over;

            Visit(byte[] request) {
                this.request = request;
            }

            @Override
            public void channelActive(ChannelHandlerContext context) {
                context.writeAndFlush(Unpooled.wrappedBuffer(request), context.voidPromise());
            }

            @Override
            protected void channelRead0(ChannelHandlerContext context, ByteBuf bytes) {
                answer.append(bytes.toString(StandardCharsets.ISO_8859_1));
                int body = answer.indexOf("\r\n\r\n");
                if (body >= 0 && answer.length() - body - 4 >= 14) {
                    over(
                            answer.indexOf("HTTP/1.1 200") == 0
                                    && answer.toString().endsWith("\0".repeat(14)));
                    context.close();
                }
            }

            @Override
            public void channelInactive(ChannelHandlerContext context) {
                over(false);
            }

            @Override
            public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
                over(false);
                context.close();
            }

            void over(boolean good) {
                if (over) {
                    return;
                }
                over = true;
                if (good) {
                    if (count == latencies.length) {
                        latencies = Arrays.copyOf(latencies, count * 2);
                    }
                    latencies[count++] = System.nanoTime() - began;
                } else {
                    failures.incrementAndGet();
                }
                visit();
            }
        }
    }
}
