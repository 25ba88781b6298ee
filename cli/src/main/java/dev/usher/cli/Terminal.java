package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where a command runs: its streams, which of them are a person's terminal, and its environment.
 *
 * @param out only for results
 * @param err for people: errors and progress
 */
record Terminal(
        InputStream in,
        PrintStream out,
        PrintStream err,
        Set<Stream> interactive,
        Map<String, String> environment) {

    /** The streams every process has. */
    enum Stream {
        IN,
        OUT,
        ERR
    }

    Terminal {
        requireNonNull(in, "in");
        requireNonNull(out, "out");
        requireNonNull(err, "err");
        interactive = Set.copyOf(interactive);
        environment = Map.copyOf(environment);
    }

    /**
     * This process's own. Java cannot tell which stream is a terminal, so the script that starts it
     * names those that are in the system property {@code usher.terminals}, as in {@code IN,ERR}.
     */
    static Terminal ofProcess() {
        String terminals = System.getProperty("usher.terminals", "");
        Set<Stream> interactive = EnumSet.noneOf(Stream.class);
        for (Stream stream : Stream.values()) {
            if (terminals.contains(stream.name())) {
                interactive.add(stream);
            }
        }
        return new Terminal(
                System.in,
                utf8(FileDescriptor.out),
                utf8(FileDescriptor.err),
                interactive,
                System.getenv());
    }

    /** JSON is UTF-8 whatever the locale says. */
    private static PrintStream utf8(FileDescriptor descriptor) {
        return new PrintStream(
                new BufferedOutputStream(new Pipe(new FileOutputStream(descriptor))),
                false,
                StandardCharsets.UTF_8);
    }

    /** Who reads a pipe, as head does, may have seen enough: that is no error. */
    private static final class Pipe extends FilterOutputStream {

        Pipe(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            try {
                out.write(bytes, from, length);
            } catch (IOException e) {
                if (!"Broken pipe".equals(e.getMessage())) {
                    throw e;
                }
            }
        }
    }

    boolean isInteractive(Stream stream) {
        return interactive.contains(stream);
    }

    /**
     * The next line of stdin, without the white space around it; nothing after it is consumed.
     *
     * @throws Failure if there is none
     */
    String readLine() {
        try {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            int octet = in.read();
            if (octet < 0) {
                throw new Failure("There is nothing more on stdin, where - says to read.");
            }
            while (octet >= 0 && octet != '\n') {
                line.write(octet);
                octet = in.read();
            }
            return line.toString(StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new Failure("Cannot read stdin: " + e.getMessage() + ".", e);
        }
    }

    /** Whether colours may be written to stdout. */
    boolean hasColours() {
        return isInteractive(Stream.OUT) && variable("NO_COLOR").isEmpty();
    }

    /** An environment variable that is set and not empty. */
    Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
    }

    /** Says something to the person who runs the command. */
    void say(String sentence) {
        err.println("usher: " + sentence);
        err.flush();
    }

    /**
     * Foreign text for one line of a terminal: control and invisible characters become {@code ?}.
     */
    static String visible(String text) {
        StringBuilder visible = new StringBuilder(text.length());
        text.codePoints().forEach(c -> visible.appendCodePoint(isVisible(c) ? c : '?'));
        return visible.toString();
    }

    private static boolean isVisible(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    false;
            default -> true;
        };
    }
}
