package dev.usher.lorawan;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The MAC commands of one frame, in its order.
 *
 * @param commands up to the first whose length is not known, or that is cut short
 * @param rest the bytes from there on, usually none; they cannot be read
 */
public record MacCommands(List<MacCommand> commands, byte[] rest) {

    /**
     * Lengths of what follows the identifier, from 01 on (LoRaWAN 1.1 table "MAC commands", which
     * has those of 1.0.x too); -1 where there is no such command in this direction.
     */
    private static final int[] UP = {1, 0, 1, 0, 1, 2, 1, 0, 0, 1, 1, 0, 0, -1, 1, 1, 1, 0, 1};

    private static final int[] DOWN = {1, 2, 4, 1, 4, 0, 5, 1, 1, 4, 1, 1, 5, 2, 1, 0, 4, 3, 3};

    private static final int DEVICE_MODE = 0x20;

    public MacCommands {
        commands = List.copyOf(commands);
        rest = rest.clone();
    }

    /**
     * Reads FOpts or the FRMPayload of port 0, in clear. Never fails: an unknown command ends it,
     * since nobody knows where the next one begins.
     */
    public static MacCommands parse(Direction direction, byte[] bytes) {
        List<MacCommand> commands = new ArrayList<>();
        int offset = 0;
        while (offset < bytes.length) {
            int cid = bytes[offset] & 0xFF;
            int length = length(direction, cid);
            if (length < 0 || offset + 1 + length > bytes.length) {
                break;
            }
            byte[] payload = Arrays.copyOfRange(bytes, offset + 1, offset + 1 + length);
            commands.add(direction == Direction.UP ? up(cid, payload) : down(cid, payload));
            offset += 1 + length;
        }
        return new MacCommands(commands, Arrays.copyOfRange(bytes, offset, bytes.length));
    }

    /** These commands one after the other. */
    public static byte[] bytes(List<MacCommand> commands) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (MacCommand command : commands) {
            bytes.write(command.cid());
            bytes.writeBytes(command.payload());
        }
        return bytes.toByteArray();
    }

    /** The bytes that could not be read, copied. */
    @Override
    public byte[] rest() {
        return rest.clone();
    }

    private static int length(Direction direction, int cid) {
        int[] lengths = direction == Direction.UP ? UP : DOWN;
        if (cid == DEVICE_MODE) {
            return 1;
        }
        return cid >= 1 && cid <= lengths.length ? lengths[cid - 1] : -1;
    }

    private static MacCommand up(int cid, byte[] payload) {
        return switch (cid) {
            case 0x01 -> new MacCommand.ResetInd(payload[0] & 0x0F);
            case 0x02 -> new MacCommand.LinkCheckReq();
            case 0x03 ->
                    new MacCommand.LinkAdrAns(
                            (payload[0] & 4) != 0, (payload[0] & 2) != 0, (payload[0] & 1) != 0);
            case 0x0B -> new MacCommand.RekeyInd(payload[0] & 0x0F);
            case 0x0D -> new MacCommand.DeviceTimeReq();
            default -> new MacCommand.Other(cid, payload);
        };
    }

    private static MacCommand down(int cid, byte[] payload) {
        return switch (cid) {
            case 0x01 -> new MacCommand.ResetConf(payload[0] & 0x0F);
            case 0x02 -> new MacCommand.LinkCheckAns(payload[0] & 0xFF, payload[1] & 0xFF);
            case 0x03 ->
                    new MacCommand.LinkAdrReq(
                            (payload[0] >>> 4) & 0x0F,
                            payload[0] & 0x0F,
                            (int) LittleEndian.get(payload, 1, 2),
                            (payload[3] >>> 4) & 0x07,
                            payload[3] & 0x0F);
            case 0x0B -> new MacCommand.RekeyConf(payload[0] & 0x0F);
            case 0x0D ->
                    new MacCommand.DeviceTimeAns(
                            Duration.ofSeconds(
                                    LittleEndian.get(payload, 0, 4),
                                    (payload[4] & 0xFF) * 1_000_000_000L / 256));
            default -> new MacCommand.Other(cid, payload);
        };
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MacCommands that
                && commands.equals(that.commands)
                && Arrays.equals(rest, that.rest);
    }

    @Override
    public int hashCode() {
        return 31 * commands.hashCode() + Arrays.hashCode(rest);
    }

    @Override
    public String toString() {
        return "MacCommands[" + commands + ", rest " + Hex.format(rest) + "]";
    }
}
