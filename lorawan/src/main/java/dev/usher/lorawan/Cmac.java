package dev.usher.lorawan;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * AES-CMAC (RFC 4493) in as few calls of the key as it takes, since each may go to a token.
 *
 * <p>The blocks that depend on nothing (the one the subkeys are made of, and the first of the
 * message unless it is also the last) are its opening: they are encrypted in one call, together
 * with whatever else the same key is to encrypt. The rest of the message follows block by block.
 */
final class Cmac {

    private static final int BLOCK = 16;

    private Cmac() {}

    /** The whole tag, 16 bytes. */
    static byte[] tag(Aes128 key, byte[] message) {
        return tag(key, message, key.encrypt(opening(message)), 0);
    }

    /** The MIC of a frame: the first four octets of the tag, the first the most significant. */
    static int mic(Aes128 key, byte[] message) {
        return mic(tag(key, message));
    }

    /** The MIC, where the opening was encrypted among other blocks. */
    static int mic(Aes128 key, byte[] message, byte[] encrypted, int offset) {
        return mic(tag(key, message, encrypted, offset));
    }

    /** The one or two blocks to encrypt first. */
    static byte[] opening(byte[] message) {
        byte[] blocks = new byte[message.length > BLOCK ? 2 * BLOCK : BLOCK];
        System.arraycopy(message, 0, blocks, BLOCK, blocks.length - BLOCK);
        return blocks;
    }

    private static byte[] tag(Aes128 key, byte[] message, byte[] encrypted, int offset) {
        byte[] subkey = doubled(Arrays.copyOfRange(encrypted, offset, offset + BLOCK));
        byte[] chain = new byte[BLOCK];
        int done = 0;
        if (message.length > BLOCK) {
            System.arraycopy(encrypted, offset + BLOCK, chain, 0, BLOCK);
            done = BLOCK;
        }
        for (; message.length - done > BLOCK; done += BLOCK) {
            xor(chain, message, done, BLOCK);
            chain = key.encrypt(chain);
        }
        int rest = message.length - done;
        xor(chain, message, done, rest);
        if (rest < BLOCK) {
            chain[rest] ^= (byte) 0x80;
            subkey = doubled(subkey);
        }
        xor(chain, subkey, 0, BLOCK);
        return key.encrypt(chain);
    }

    private static void xor(byte[] block, byte[] with, int offset, int length) {
        for (int i = 0; i < length; i++) {
            block[i] ^= with[offset + i];
        }
    }

    /** Times x in the field of RFC 4493 section 2.3, without a branch on a secret bit. */
    private static byte[] doubled(byte[] block) {
        long high = ByteBuffer.wrap(block).getLong();
        long low = ByteBuffer.wrap(block).getLong(8);
        return ByteBuffer.allocate(BLOCK)
                .putLong((high << 1) | (low >>> 63))
                .putLong((low << 1) ^ (0x87 & (high >> 63)))
                .array();
    }

    private static int mic(byte[] tag) {
        return ByteBuffer.wrap(tag).getInt();
    }
}
