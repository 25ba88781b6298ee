package dev.usher.gateways;

import java.io.InputStream;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * A stream of byte arrays that are fetched one after the other, each when the one before has been
 * read.
 */
final class PartsInputStream extends InputStream {

    private final IntFunction<Optional<byte[]>> parts;
    private byte[] part = new byte[0];
    private int position;
    private int next;
    private boolean ended;

    PartsInputStream(IntFunction<Optional<byte[]>> parts) {
        this.parts = parts;
    }

    @Override
    public int read() {
        return hasMore() ? part[position++] & 0xFF : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        if (!hasMore()) {
            return -1;
        }
        int read = Math.min(length, part.length - position);
        System.arraycopy(part, position, into, offset, read);
        position += read;
        return read;
    }

    private boolean hasMore() {
        while (position == part.length && !ended) {
            Optional<byte[]> following = parts.apply(next++);
            ended = following.isEmpty();
            part = following.orElse(new byte[0]);
            position = 0;
        }
        return !ended;
    }
}
