package dev.usher.keys;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * NIST SP 800-108r1 section 4.1, KDF in counter mode with HMAC-SHA-256, counter and length of 32
 * bits, counter before the fixed input. Everything derived here is 256 bits, so there is one block:
 * HMAC(key, 00000001 || label || 00 || context || 00000100).
 */
final class CounterKdf {

    private static final int LENGTH_BITS = 256;

    private CounterKdf() {}

    /** What goes through HMAC-SHA-256 under the key to derive from. */
    static byte[] input(String label, byte... context) {
        byte[] name = label.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(4 + name.length + 1 + context.length + 4)
                .putInt(1)
                .put(name)
                .put((byte) 0)
                .put(context)
                .putInt(LENGTH_BITS)
                .array();
    }
}
