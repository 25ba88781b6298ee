package dev.usher.devices;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;

/**
 * The DevNonces a device has used that draws them at random (LoRaWAN before 1.0.4). None is ever
 * forgotten.
 *
 * <p>As bytes: while they are few, two for each, the more significant first, in the order of their
 * use; from {@value #BITMAP} bytes on a bitmap, nonce n being bit n mod 8 of byte n / 8.
 */
final class UsedDevNonces {

    static final UsedDevNonces NONE = new UsedDevNonces(new byte[0]);

    private static final int BITMAP = 65_536 / 8;

    private final byte[] bytes;

    private UsedDevNonces(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Reads what {@link #bytes} gives; the array is not copied. */
    static UsedDevNonces of(byte[] bytes) {
        requireNonNull(bytes, "bytes");
        if (bytes.length > BITMAP || bytes.length % 2 != 0) {
            throw new IllegalArgumentException(bytes.length + " bytes are not used DevNonces");
        }
        return new UsedDevNonces(bytes);
    }

    boolean contains(int devNonce) {
        if (bytes.length == BITMAP) {
            return (bytes[devNonce / 8] & bit(devNonce)) != 0;
        }
        for (int at = 0; at < bytes.length; at += 2) {
            if (at(at) == devNonce) {
                return true;
            }
        }
        return false;
    }

    /** These and one more. */
    UsedDevNonces with(int devNonce) {
        if (contains(devNonce)) {
            return this;
        }
        if (bytes.length == BITMAP) {
            byte[] bitmap = bytes.clone();
            set(bitmap, devNonce);
            return new UsedDevNonces(bitmap);
        }
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 2);
        longer[bytes.length] = (byte) (devNonce >>> 8);
        longer[bytes.length + 1] = (byte) devNonce;
        return longer.length < BITMAP ? new UsedDevNonces(longer) : bitmapOf(longer);
    }

    private static UsedDevNonces bitmapOf(byte[] list) {
        UsedDevNonces nonces = new UsedDevNonces(list);
        byte[] bitmap = new byte[BITMAP];
        for (int at = 0; at < list.length; at += 2) {
            set(bitmap, nonces.at(at));
        }
        return new UsedDevNonces(bitmap);
    }

    private static void set(byte[] bitmap, int devNonce) {
        bitmap[devNonce / 8] |= (byte) bit(devNonce);
    }

    private static int bit(int devNonce) {
        return 1 << (devNonce % 8);
    }

    private int at(int index) {
        return ((bytes[index] & 0xFF) << 8) | (bytes[index + 1] & 0xFF);
    }

    /** Not a copy. */
    byte[] bytes() {
        return bytes;
    }
}
