package dev.usher.network.traffic;

import dev.usher.lorawan.DevAddr;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.FrequencyPlan;
import dev.usher.station.LnsDownlink;
import dev.usher.station.Reception;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What nodes tell each other, in bytes: the kind, then its fields in the order of the records.
 * Times are seconds since 1970 and nanoseconds, texts are modified UTF-8, and both a list and bytes
 * begin with how many there are.
 */
final class NodeCodec {

    /** More gateways are not told of for one uplink: the best are. */
    static final int MOST_GATEWAYS = 64;

    private static final int LONGEST_TEXT = 500;

    private static final int COPY = 1;
    private static final int JOINED = 2;
    private static final int JOIN_FAILED = 3;
    private static final int UPLINK = 4;
    private static final int DOWNLINK = 5;
    private static final int TRANSMITTED = 6;
    private static final int CONNECTED = 7;
    private static final int DISCONNECTED = 8;
    private static final int RUN = 9;
    private static final int ALERT = 10;
    private static final int ACKNOWLEDGED = 11;
    private static final int NOT_ACKNOWLEDGED = 12;

    private NodeCodec() {}

    static byte[] write(NodeMessage message) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try {
            write(new DataOutputStream(bytes), message);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // a text is too long for its length
        }
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, NodeMessage message) throws IOException {
        switch (message) {
            case NodeMessage.Copy copy -> {
                out.writeByte(COPY);
                write(out, copy.gateway());
                out.writeUTF(copy.plan().id());
                write(out, copy.reception());
                write(out, copy.phyPayload());
            }
            case NodeMessage.Happened happened -> write(out, happened.event());
            case NodeMessage.Run run -> {
                out.writeByte(RUN);
                write(out, run.gateway());
                out.writeUTF(run.command().command());
                out.writeShort(run.command().arguments().size());
                for (String argument : run.command().arguments()) {
                    out.writeUTF(argument);
                }
            }
        }
    }

    private static void write(DataOutputStream out, TrafficEvent event) throws IOException {
        out.writeByte(
                switch (event) {
                    case TrafficEvent.Joined _ -> JOINED;
                    case TrafficEvent.JoinFailed _ -> JOIN_FAILED;
                    case TrafficEvent.Uplink _ -> UPLINK;
                    case TrafficEvent.Downlink _ -> DOWNLINK;
                    case TrafficEvent.Transmitted _ -> TRANSMITTED;
                    case TrafficEvent.Acknowledged _ -> ACKNOWLEDGED;
                    case TrafficEvent.NotAcknowledged _ -> NOT_ACKNOWLEDGED;
                    case TrafficEvent.GatewayConnected _ -> CONNECTED;
                    case TrafficEvent.GatewayDisconnected _ -> DISCONNECTED;
                    case TrafficEvent.GatewayAlert _ -> ALERT;
                });
        Instant at = event.at();
        out.writeLong(at.getEpochSecond());
        out.writeInt(at.getNano());
        switch (event) {
            case TrafficEvent.OfDevice ofDevice -> write(out, ofDevice.devEui());
            case TrafficEvent.OfGateway ofGateway -> write(out, ofGateway.gateway());
        }
        switch (event) {
            case TrafficEvent.Joined joined -> {
                write(out, joined.joinEui());
                out.writeInt(joined.devAddr().value());
                write(out, joined.gateway());
            }
            case TrafficEvent.JoinFailed failed -> {
                write(out, failed.joinEui());
                out.writeInt(failed.devNonce());
                write(out, failed.why());
            }
            case TrafficEvent.Uplink uplink -> write(out, uplink);
            case TrafficEvent.Downlink downlink -> {
                out.writeLong(downlink.fCnt());
                out.writeBoolean(downlink.ack());
                out.writeShort(downlink.fPort().orElse(-1));
                write(out, downlink.gateway());
            }
            case TrafficEvent.Transmitted sent -> write(out, sent.gateway());
            case TrafficEvent.Acknowledged acknowledged -> out.writeLong(acknowledged.fCnt());
            case TrafficEvent.NotAcknowledged not -> out.writeLong(not.fCnt());
            case TrafficEvent.GatewayConnected connected -> write(out, connected.station());
            case TrafficEvent.GatewayAlert alert -> write(out, alert.why());
            case TrafficEvent.GatewayDisconnected _ -> {
                // All is written.
            }
        }
    }

    private static void write(DataOutputStream out, TrafficEvent.Uplink uplink) throws IOException {
        out.writeInt(uplink.devAddr().value());
        out.writeLong(uplink.fCnt());
        out.writeBoolean(uplink.confirmed());
        out.writeShort(uplink.fPort().orElse(-1));
        out.writeBoolean(uplink.payload().isPresent());
        if (uplink.payload().isPresent()) {
            write(out, uplink.payload().get());
        }
        List<TrafficEvent.HeardBy> best = uplink.heardBy().stream().limit(MOST_GATEWAYS).toList();
        out.writeShort(best.size());
        for (TrafficEvent.HeardBy heard : best) {
            write(out, heard.gateway());
            write(out, heard.reception());
        }
    }

    private static void write(DataOutputStream out, Eui64 eui) throws IOException {
        out.writeLong(eui.value());
    }

    private static void write(DataOutputStream out, String text) throws IOException {
        out.writeUTF(text.length() > LONGEST_TEXT ? text.substring(0, LONGEST_TEXT) : text);
    }

    private static void write(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeShort(bytes.length);
        out.write(bytes);
    }

    private static void write(DataOutputStream out, Reception reception) throws IOException {
        out.writeByte(reception.dataRate());
        out.writeInt(reception.frequency());
        out.writeLong(reception.rctx());
        out.writeLong(reception.xtime());
        out.writeLong(reception.gpsTime());
        out.writeInt(reception.fts());
        out.writeDouble(reception.rssi());
        out.writeDouble(reception.snr());
        out.writeDouble(reception.rxTime());
        out.writeDouble(reception.refTime());
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @return empty if it is of a kind that only another version knows
     * @throws IOException if it ends too early
     * @throws IllegalArgumentException if a value in it cannot be
     */
    static Optional<NodeMessage> read(byte[] message) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(message));
        int kind = in.readByte();
        return switch (kind) {
            case COPY ->
                    Optional.of(
                            new NodeMessage.Copy(
                                    eui(in),
                                    FrequencyPlan.of(in.readUTF()),
                                    reception(in),
                                    bytes(in)));
            case RUN -> Optional.of(run(in));
            case JOINED,
                    JOIN_FAILED,
                    UPLINK,
                    DOWNLINK,
                    TRANSMITTED,
                    ACKNOWLEDGED,
                    NOT_ACKNOWLEDGED,
                    CONNECTED,
                    DISCONNECTED,
                    ALERT ->
                    Optional.of(new NodeMessage.Happened(event(kind, in)));
            default -> Optional.empty();
        };
    }

    private static NodeMessage run(DataInputStream in) throws IOException {
        Eui64 gateway = eui(in);
        String command = in.readUTF();
        int count = in.readUnsignedShort();
        List<String> arguments = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            arguments.add(in.readUTF());
        }
        return new NodeMessage.Run(gateway, new LnsDownlink.RunCommand(command, arguments));
    }

    private static TrafficEvent event(int kind, DataInputStream in) throws IOException {
        Instant at = Instant.ofEpochSecond(in.readLong(), in.readInt());
        Eui64 eui = eui(in);
        return switch (kind) {
            case JOINED ->
                    new TrafficEvent.Joined(at, eui, eui(in), new DevAddr(in.readInt()), eui(in));
            case JOIN_FAILED ->
                    new TrafficEvent.JoinFailed(at, eui, eui(in), in.readInt(), in.readUTF());
            case UPLINK ->
                    new TrafficEvent.Uplink(
                            at,
                            eui,
                            new DevAddr(in.readInt()),
                            in.readLong(),
                            in.readBoolean(),
                            port(in),
                            in.readBoolean() ? Optional.of(bytes(in)) : Optional.empty(),
                            heardBy(in));
            case DOWNLINK ->
                    new TrafficEvent.Downlink(
                            at, eui, in.readLong(), in.readBoolean(), port(in), eui(in));
            case TRANSMITTED -> new TrafficEvent.Transmitted(at, eui, eui(in));
            case ACKNOWLEDGED -> new TrafficEvent.Acknowledged(at, eui, in.readLong());
            case NOT_ACKNOWLEDGED -> new TrafficEvent.NotAcknowledged(at, eui, in.readLong());
            case CONNECTED -> new TrafficEvent.GatewayConnected(at, eui, in.readUTF());
            case ALERT -> new TrafficEvent.GatewayAlert(at, eui, in.readUTF());
            default -> new TrafficEvent.GatewayDisconnected(at, eui);
        };
    }

    private static List<TrafficEvent.HeardBy> heardBy(DataInputStream in) throws IOException {
        int count = in.readUnsignedShort();
        List<TrafficEvent.HeardBy> heardBy = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            heardBy.add(new TrafficEvent.HeardBy(eui(in), reception(in)));
        }
        return heardBy;
    }

    private static Eui64 eui(DataInputStream in) throws IOException {
        return new Eui64(in.readLong());
    }

    private static OptionalInt port(DataInputStream in) throws IOException {
        int port = in.readShort();
        return port < 0 ? OptionalInt.empty() : OptionalInt.of(port);
    }

    private static byte[] bytes(DataInputStream in) throws IOException {
        byte[] bytes = new byte[in.readUnsignedShort()];
        in.readFully(bytes);
        return bytes;
    }

    private static Reception reception(DataInputStream in) throws IOException {
        return new Reception(
                in.readByte(),
                in.readInt(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readInt(),
                in.readDouble(),
                in.readDouble(),
                in.readDouble(),
                in.readDouble());
    }
}
