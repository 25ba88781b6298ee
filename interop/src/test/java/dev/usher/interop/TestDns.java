package dev.usher.interop;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A DNS server on loopback with a handful of records (RFC 1035). */
final class TestDns implements AutoCloseable {

    private static final int NAPTR = 35;
    private static final int SRV = 33;

    private final DatagramSocket socket;
    private final Map<String, List<byte[]>> records = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<String> questions = new ConcurrentLinkedQueue<>();
    private volatile boolean isSilent;

    TestDns() {
        try {
            socket =
                    new DatagramSocket(
                            new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofPlatform().daemon().start(this::serve);
    }

    String address() {
        return "127.0.0.1:" + socket.getLocalPort();
    }

    /** From now on it answers nothing. */
    void fallSilent() {
        isSilent = true;
    }

    /** What it was asked: type and name. */
    List<String> questions() {
        return List.copyOf(questions);
    }

    TestDns naptr(String name, int order, int preference, String flags, String service, String to) {
        return add(
                NAPTR,
                name,
                out -> {
                    out.writeShort(order);
                    out.writeShort(preference);
                    for (String text : List.of(flags, service, "")) {
                        out.writeByte(text.length());
                        out.write(text.getBytes(US_ASCII));
                    }
                    writeName(out, to);
                });
    }

    TestDns srv(String name, int priority, int weight, int port, String target) {
        return add(
                SRV,
                name,
                out -> {
                    out.writeShort(priority);
                    out.writeShort(weight);
                    out.writeShort(port);
                    writeName(out, target);
                });
    }

    private interface Content {
        void write(DataOutputStream out) throws IOException;
    }

    private TestDns add(int type, String name, Content content) {
        records.computeIfAbsent(type + " " + name, _ -> new ArrayList<>()).add(bytes(content));
        return this;
    }

    private void serve() {
        byte[] buffer = new byte[512];
        try {
            while (true) {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                socket.receive(packet);
                if (!isSilent) {
                    byte[] answer = answer(ByteBuffer.wrap(buffer, 0, packet.getLength()));
                    socket.send(
                            new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                }
            }
        } catch (IOException e) {
            // Closed, which is how it ends.
        }
    }

    private byte[] answer(ByteBuffer query) {
        short id = query.getShort(0);
        query.position(12);
        StringBuilder name = new StringBuilder();
        for (int length = query.get(); length > 0; length = query.get()) {
            byte[] label = new byte[length];
            query.get(label);
            name.append(name.isEmpty() ? "" : ".").append(new String(label, US_ASCII));
        }
        int type = query.getShort();
        questions.add(type + " " + name);
        List<byte[]> found = records.getOrDefault(type + " " + name, List.of());
        return bytes(
                out -> {
                    out.writeShort(id);
                    // An authoritative answer; without one, there is no such name.
                    out.writeShort(found.isEmpty() ? 0x8403 : 0x8400);
                    out.writeShort(1);
                    out.writeShort(found.size());
                    out.writeInt(0);
                    writeName(out, name.toString());
                    out.writeShort(type);
                    out.writeShort(1);
                    for (byte[] record : found) {
                        writeName(out, name.toString());
                        out.writeShort(type);
                        out.writeShort(1);
                        out.writeInt(60);
                        out.writeShort(record.length);
                        out.write(record);
                    }
                });
    }

    private static byte[] bytes(Content content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            content.write(new DataOutputStream(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void writeName(DataOutputStream out, String name) throws IOException {
        for (String label : name.isEmpty() ? new String[0] : name.split("\\.", -1)) {
            out.writeByte(label.length());
            out.write(label.getBytes(US_ASCII));
        }
        out.writeByte(0);
    }

    @Override
    public void close() {
        socket.close();
    }
}
