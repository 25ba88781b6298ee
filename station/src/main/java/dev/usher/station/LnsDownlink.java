package dev.usher.station;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.Printable;
import dev.usher.lorawan.ReceiveWindow;
import java.util.List;
import java.util.Optional;

/**
 * What an LNS sends to a gateway over the muxs socket; {@link LnsCodec} writes it.
 *
 * <p>Station drops a message with a value it does not expect as a whole and tells nobody, so these
 * refuse such values when they are made.
 */
public sealed interface LnsDownlink
        permits RouterConfig,
                LnsDownlink.Frame,
                LnsDownlink.Schedule,
                LnsDownlink.TimeSyncAnswer,
                LnsDownlink.GpsTime,
                LnsDownlink.TimeTransfer,
                LnsDownlink.RunCommand,
                LnsDownlink.StartShell,
                LnsDownlink.StopShell,
                LnsDownlink.Notice,
                LnsDownlink.Other {

    /** A frame for one device (dnmsg, {@code s2e.c:1330-1510}). */
    sealed interface Frame extends LnsDownlink {

        /** By which {@link LnsUplink.Transmitted} will name it. */
        long diid();

        Eui64 devEui();

        /** The PHYPayload; do not change it. */
        byte[] pdu();

        /** The radio and antenna to send it with: those of the uplink. */
        long rctx();

        /** 0..255; the highest wins where two frames collide. */
        int priority();
    }

    /**
     * After an uplink, in RX1, or in RX2 if RX1 is too late, taken or over the duty cycle; or in
     * RX2 alone.
     *
     * @param rxDelay seconds from the uplink to RX1, 1..15; 5 answers a join-request
     * @param rx1 one of the two windows must be there
     * @param xtime that of the uplink
     * @param rctx that of the uplink
     */
    record ClassA(
            long diid,
            Eui64 devEui,
            byte[] pdu,
            int rxDelay,
            Optional<ReceiveWindow> rx1,
            Optional<ReceiveWindow> rx2,
            long xtime,
            long rctx,
            int priority)
            implements Frame {

        public ClassA {
            check(devEui, pdu, priority);
            requireNonNull(rx1, "rx1");
            requireNonNull(rx2, "rx2");
            if (rxDelay < 1 || rxDelay > 15) {
                throw new IllegalArgumentException("RxDelay " + rxDelay + " is not in 1..15");
            }
            if (rx1.isEmpty() && rx2.isEmpty()) {
                throw new IllegalArgumentException("a downlink needs RX1 or RX2");
            }
            if (xtime == 0) {
                throw new IllegalArgumentException(
                        "a class A downlink needs the xtime of its uplink");
            }
        }
    }

    /**
     * In a ping slot, which only a gateway with GPS can meet.
     *
     * @param gpsTime when, in microseconds since 1980-01-06
     */
    record ClassB(
            long diid,
            Eui64 devEui,
            byte[] pdu,
            ReceiveWindow window,
            long gpsTime,
            long rctx,
            int priority)
            implements Frame {

        public ClassB {
            check(devEui, pdu, priority);
            requireNonNull(window, "window");
            if (gpsTime <= 0) {
                throw new IllegalArgumentException("GPS time " + gpsTime + " is not positive");
            }
        }
    }

    /** To a device that always listens in RX2: as soon as possible. */
    record ClassC(long diid, Eui64 devEui, byte[] pdu, ReceiveWindow rx2, long rctx, int priority)
            implements Frame {

        public ClassC {
            check(devEui, pdu, priority);
            requireNonNull(rx2, "rx2");
        }
    }

    /**
     * Frames for nobody in particular, as multicasts, at set times (dnsched, {@code
     * s2e.c:1513-1640}). None of them is reported back.
     */
    record Schedule(List<Entry> entries) implements LnsDownlink {

        /**
         * One of the frames.
         *
         * @param gpsTime when, in microseconds since 1980-01-06
         */
        public record Entry(
                byte[] pdu, ReceiveWindow window, long gpsTime, long rctx, int priority) {
            public Entry {
                checkFrame(pdu, priority);
                requireNonNull(window, "window");
                if (gpsTime <= 0) {
                    throw new IllegalArgumentException("GPS time " + gpsTime + " is not positive");
                }
            }
        }

        public Schedule {
            entries = List.copyOf(entries);
        }
    }

    /**
     * Answers {@link LnsUplink.TimeSync}. It has to leave at once.
     *
     * @param txTime that of the question
     * @param gpsTime now, in microseconds since 1980-01-06
     */
    record TimeSyncAnswer(long txTime, long gpsTime) implements LnsDownlink {}

    /**
     * Tells the gateway which GPS time its concentrator's time was.
     *
     * @param xtime as in an uplink
     * @param gpsTime the same time in microseconds since 1980-01-06
     */
    record GpsTime(long xtime, long gpsTime) implements LnsDownlink {}

    /** Nothing but the server's time, for gateways that do not ask. */
    record TimeTransfer() implements LnsDownlink {}

    /**
     * Runs something on the gateway, which does not tell how it ended (runcmd).
     *
     * @param command a program, a script, or text for the shell
     */
    record RunCommand(String command, List<String> arguments) implements LnsDownlink {

        /** More arguments are not taken. */
        public static final int MOST_ARGUMENTS = 64;

        public RunCommand {
            checkText("command", command);
            if (command.isEmpty()) {
                throw new IllegalArgumentException("the command is empty");
            }
            arguments = List.copyOf(arguments);
            if (arguments.size() > MOST_ARGUMENTS) {
                throw new IllegalArgumentException(
                        arguments.size() + " arguments: station takes " + MOST_ARGUMENTS);
            }
            arguments.forEach(argument -> checkText("argument", argument));
        }
    }

    /**
     * Starts a remote shell; its input and output are binary frames, the first byte of each the
     * session.
     *
     * @param session 0 or 1
     * @param user who wants it; only shown to others
     * @param term the kind of terminal, {@code xterm-256color}
     */
    record StartShell(int session, String user, String term) implements LnsDownlink {
        public StartShell {
            checkSession(session);
            checkText("user", user);
            checkText("term", term);
        }
    }

    /** Ends a remote shell. */
    record StopShell(int session) implements LnsDownlink {
        public StopShell {
            checkSession(session);
        }
    }

    /** A text for the gateway's log (error). */
    record Notice(String error) implements LnsDownlink {
        public Notice {
            checkText("error", error);
        }
    }

    /** A message that says no more than its type, as getxtime. */
    record Other(String msgType) implements LnsDownlink {
        public Other {
            checkText("msgtype", msgType);
        }
    }

    private static void check(Eui64 devEui, byte[] pdu, int priority) {
        requireNonNull(devEui, "devEui");
        checkFrame(pdu, priority);
    }

    private static void checkFrame(byte[] pdu, int priority) {
        if (pdu.length == 0 || pdu.length > 255) {
            throw new IllegalArgumentException("a frame has 1 to 255 bytes, not " + pdu.length);
        }
        if (priority < 0 || priority > 255) {
            throw new IllegalArgumentException("priority " + priority + " is not in 0..255");
        }
    }

    /** There are places for two shells; station writes beyond them for a third. */
    private static void checkSession(int session) {
        if (session < 0 || session > 1) {
            throw new IllegalArgumentException("remote shell " + session + " is not 0 or 1");
        }
    }

    private static void checkText(String what, String text) {
        if (requireNonNull(text, what).indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    what + " '" + Printable.of(text) + "' has a NUL, where station would cut it");
        }
    }
}
