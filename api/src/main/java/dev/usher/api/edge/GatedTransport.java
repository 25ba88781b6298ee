package dev.usher.api.edge;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.vertx.core.impl.transports.NioTransport;
import io.vertx.core.transport.Transport;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Java NIO whose server sockets tell a gate of every connection they take, before its TLS handshake
 * has cost anything. Vert.x itself shows a connection only afterwards.
 */
final class GatedTransport extends NioTransport implements Transport {

    private volatile @Nullable AcceptGate next;

    /** The gate of the next server socket to be bound. The edge opens one listener at a time. */
    void gateNext(AcceptGate gate) {
        next = gate;
    }

    @Override
    public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
        AcceptGate gate = next;
        if (domainSocket || gate == null) {
            return super.serverChannelFactory(domainSocket);
        }
        return () -> new GatedServerSocket(gate);
    }

    @Override
    public String name() {
        return "gated-nio";
    }

    @Override
    public boolean available() {
        return isAvailable();
    }

    @Override
    public @Nullable Throwable unavailabilityCause() {
        return null;
    }

    @Override
    public io.vertx.core.spi.transport.Transport implementation() {
        return this;
    }

    private static final class GatedServerSocket extends NioServerSocketChannel {

        private final AcceptGate gate;

        GatedServerSocket(AcceptGate gate) {
            this.gate = gate;
            gate.guards(this);
        }

        @Override
        protected int doReadMessages(List<Object> accepted) throws Exception {
            // Netty turns reading on again by itself a second after a failed accept.
            if (gate.isFull()) {
                gate.settle();
                return 0;
            }
            int count = super.doReadMessages(accepted);
            if (count > 0) {
                gate.accepted((Channel) accepted.getLast());
            }
            return count;
        }
    }
}
