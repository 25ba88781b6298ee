package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import java.io.PrintStream;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The live lines of the demo: when, who, what. */
final class DemoScreen {

    private final PrintStream out;
    private final Map<String, String> lastSaid = new ConcurrentHashMap<>();

    DemoScreen(PrintStream out) {
        this.out = requireNonNull(out, "out");
    }

    /** Says what somebody does, once for each time that it is something else. */
    void tell(String who, String what) {
        if (!what.equals(lastSaid.put(who, what))) {
            synchronized (out) {
                out.printf(
                        "%s  %-24s  %s%n",
                        LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS),
                        who,
                        what);
                out.flush();
            }
        }
    }

    /** Something that is no live line. */
    void print(String text) {
        synchronized (out) {
            out.print(text);
            out.flush();
        }
        if (out.checkError()) {
            throw new Failure("The demo has nowhere to print to.");
        }
    }
}
