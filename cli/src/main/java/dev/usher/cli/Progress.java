package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import java.util.Locale;

/**
 * One line on stderr that tells how far a long job is; only where a person sees it, and at most ten
 * times a second.
 */
final class Progress implements AutoCloseable {

    /** The total of a job whose end is not known. */
    static final long UNKNOWN = -1;

    private static final int BAR = 30;
    private static final long PAUSE_NANOS = 100_000_000;

    private final Terminal terminal;
    private final boolean shown;
    private final long total;
    private final String what;
    private final long startedAt = System.nanoTime();
    private long done;
    private long drawnAt = startedAt - PAUSE_NANOS;

    /**
     * @param what the things counted, in the plural
     */
    Progress(Terminal terminal, String what, long total) {
        this.terminal = requireNonNull(terminal, "terminal");
        this.shown = terminal.isInteractive(Terminal.Stream.ERR);
        this.what = requireNonNull(what, "what");
        this.total = total;
    }

    void advance(long count) {
        done += count;
        if (shown && System.nanoTime() - drawnAt >= PAUSE_NANOS) {
            draw();
        }
    }

    /** Takes the line away: what remains is the result. */
    @Override
    public void close() {
        if (shown) {
            terminal.err().print("\r\u001b[K");
            terminal.err().flush();
        }
    }

    private void draw() {
        drawnAt = System.nanoTime();
        double seconds = Math.max(1e-3, (drawnAt - startedAt) / 1e9);
        String rate = String.format(Locale.ROOT, "%,d %s, %,.0f/s", done, what, done / seconds);
        terminal.err().print("\r\u001b[K" + (total > 0 ? bar() + " " : "") + rate);
        terminal.err().flush();
    }

    private String bar() {
        int filled = (int) (BAR * Math.min(done, total) / total);
        return "["
                + "#".repeat(filled)
                + " ".repeat(BAR - filled)
                + "] "
                + (100 * Math.min(done, total) / total)
                + "% of "
                + String.format(Locale.ROOT, "%,d:", total);
    }
}
