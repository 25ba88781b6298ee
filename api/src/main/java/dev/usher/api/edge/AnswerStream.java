package dev.usher.api.edge;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The body of an answer as a blocking stream: gathers pieces of 32 KiB and waits until the peer's
 * TCP has taken each, so that no more than one is ever in memory.
 */
final class AnswerStream extends OutputStream {

    private static final int PIECE = 32 * 1024;

    private final HttpServerResponse response;
    private final boolean exact;
    private final Duration patience;
    private final byte[] piece = new byte[PIECE];
    private int filled;
    private long left;
    private boolean broken;

    AnswerStream(HttpServerResponse response, OptionalLong length, Duration patience) {
        this.response = response;
        this.exact = length.isPresent();
        this.left = length.orElse(0);
        this.patience = patience;
        length.ifPresent(bytes -> response.putHeader("Content-Length", Long.toString(bytes)));
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        if (exact) {
            if (length > left) {
                throw new IOException("The body is longer than its announced Content-Length");
            }
            left -= length;
        }
        int from = offset;
        int end = offset + length;
        while (from < end) {
            int part = Math.min(end - from, PIECE - filled);
            System.arraycopy(bytes, from, piece, filled, part);
            filled += part;
            from += part;
            if (filled == PIECE) {
                flush();
            }
        }
    }

    @Override
    public void flush() throws IOException {
        if (filled > 0) {
            Buffer full = Buffer.buffer(filled).appendBytes(piece, 0, filled);
            filled = 0;
            await(response.write(full));
        }
    }

    /** Ends the answer; a head alone, when the request was HEAD, is complete without its body. */
    void finish(boolean headAlone) throws IOException {
        if (!headAlone && left > 0) {
            throw new IOException("The body is " + left + " bytes shorter than its Content-Length");
        }
        flush();
        await(response.end());
    }

    /** Whether it is the peer that kept the answer from being sent. */
    boolean isBroken() {
        return broken;
    }

    private void await(Future<Void> sent) throws IOException {
        try {
            sent.toCompletionStage()
                    .toCompletableFuture()
                    .get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            broken = true;
            throw new IOException("The peer went away in the middle of its answer", e.getCause());
        } catch (TimeoutException e) {
            broken = true;
            throw new IOException("The peer took nothing of its answer for " + patience, e);
        } catch (InterruptedException e) {
            broken = true;
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("The listener closed in the middle of an answer");
        }
    }
}
