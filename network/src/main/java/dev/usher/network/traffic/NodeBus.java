package dev.usher.network.traffic;

import static java.util.Objects.requireNonNull;

import dev.usher.keys.SealException;
import dev.usher.keys.Sealer;
import dev.usher.store.Database;
import dev.usher.store.NodeChannel;
import dev.usher.store.StoreException;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the other nodes on the same database what they should know at once. What is waiting leaves
 * together, and sealed: what devices say is nothing for those who may look into the database, and
 * what the vault has not sealed is not believed.
 *
 * <p>A message may be lost. The embedded database has one node: then nobody is told anything.
 */
final class NodeBus implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(NodeBus.class);

    private static final String CHANNEL = "usher_traffic";
    private static final String CONTEXT = "network/nodes";
    private static final byte VERSION = 1;

    /** Version and node. */
    private static final int HEADER = 1 + Long.BYTES;

    /** What fits a message of the channel when it is sealed and in base64. */
    static final int LARGEST_BATCH = 5900;

    static final int LARGEST = LARGEST_BATCH - HEADER - Short.BYTES;
    private static final int MOST_WAITING = 8192;
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    private final long node;
    private final Sealer sealer;
    private final Consumer<NodeMessage> received;
    private final BlockingQueue<byte[]> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private final Optional<NodeChannel> channel;
    private final Optional<Thread> sender;
    private volatile boolean closed;

    /**
     * Listens to the others from now on.
     *
     * @param node the number of this node
     * @param received is told what other nodes say, one message after the other; it should not wait
     */
    NodeBus(long node, Database database, Sealer sealer, Consumer<NodeMessage> received) {
        this.node = node;
        this.sealer = requireNonNull(sealer, "sealer");
        this.received = requireNonNull(received, "received");
        this.channel = database.channel(CHANNEL, this::hear);
        this.sender =
                channel.map(
                        to ->
                                Thread.ofPlatform()
                                        .daemon()
                                        .name("usher-nodes")
                                        .start(() -> sendAll(to)));
    }

    /** As {@link NodeChannel#awaitListening}. */
    boolean awaitListening(Duration longest) throws InterruptedException {
        return channel.isEmpty() || channel.get().awaitListening(longest);
    }

    /** Tells the others, without waiting. */
    void tell(NodeMessage message) {
        if (channel.isEmpty()) {
            return;
        }
        byte[] bytes = NodeCodec.write(message);
        if (bytes.length > LARGEST) {
            LOG.warn("other nodes are not told what takes {} bytes", bytes.length);
        } else if (!waiting.offer(bytes)) {
            LOG.debug("other nodes are not told: {} messages wait already", MOST_WAITING);
        }
    }

    private void sendAll(NodeChannel to) {
        Queue<byte[]> taken = new ArrayDeque<>();
        boolean works = true;
        try {
            while (!closed || !waiting.isEmpty() || !taken.isEmpty()) {
                if (taken.isEmpty()) {
                    byte[] first = waiting.poll(100, TimeUnit.MILLISECONDS);
                    if (first == null) {
                        continue;
                    }
                    taken.add(first);
                    waiting.drainTo(taken);
                }
                try {
                    to.send(sealed(batch(taken)));
                    works = true;
                } catch (StoreException e) {
                    if (works && !closed) {
                        LOG.warn("{}", e.getMessage());
                    }
                    works = false;
                    if (closed) {
                        return;
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Takes as many messages as go together. */
    private byte[] batch(Queue<byte[]> messages) {
        ByteBuffer batch = ByteBuffer.allocate(LARGEST_BATCH).put(VERSION).putLong(node);
        for (byte[] next = messages.peek();
                next != null && batch.remaining() >= Short.BYTES + next.length;
                next = messages.peek()) {
            batch.putShort((short) next.length).put(next);
            messages.remove();
        }
        byte[] bytes = new byte[batch.position()];
        batch.flip().get(bytes);
        return bytes;
    }

    private String sealed(byte[] batch) {
        return Base64.getEncoder().withoutPadding().encodeToString(sealer.seal(CONTEXT, batch));
    }

    private void hear(String sealed) {
        List<NodeMessage> messages;
        try {
            messages = messages(sealer.open(CONTEXT, Base64.getDecoder().decode(sealed)));
        } catch (IOException | IllegalArgumentException | SealException e) {
            LOG.warn("what another node says is not understood: {}", e.getMessage());
            return;
        }
        messages.forEach(received);
    }

    /** Of this node's own and of another version's, none. */
    private List<NodeMessage> messages(byte[] batch) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(batch));
        List<NodeMessage> messages = new ArrayList<>();
        if (in.readByte() == VERSION && in.readLong() != node) {
            while (in.available() > 0) {
                byte[] message = new byte[in.readUnsignedShort()];
                in.readFully(message);
                NodeCodec.read(message).ifPresent(messages::add);
            }
        }
        return messages;
    }

    /** Tells what is waiting still, then nothing more. */
    @Override
    public void close() {
        closed = true;
        try {
            if (sender.isPresent()) {
                boolean _ = sender.get().join(LAST_WORDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        sender.ifPresent(Thread::interrupt);
        channel.ifPresent(NodeChannel::close);
    }
}
