package dev.usher.simulator;

import java.util.regex.Pattern;

/** The text in a {@code .key} file without a certificate, read as station reads it. */
final class HeaderLines {

    private static final Pattern LINE = Pattern.compile("[A-Za-z0-9_-]+: .*", Pattern.DOTALL);

    private static final Pattern BARE_LF = Pattern.compile("(?<!\r)\n");

    private HeaderLines() {}

    /**
     * The lines as they go into a request, each with CRLF ({@code net.c:1429-1465}).
     *
     * @throws ContactFailure if station finds no {@code Name: } at the beginning of a line, or
     *     would overrun its memory, as it does with lines that end in LF alone
     */
    static String parse(String file) throws ContactFailure {
        int end = file.indexOf('\0');
        String text = (end < 0 ? file : file.substring(0, end)).replaceFirst("(\r?\n)+$", "");
        if (text.isEmpty()) {
            return "";
        }
        for (String line : text.split("\n", -1)) {
            if (!LINE.matcher(line).matches()) {
                throw new ContactFailure("malformed auth token: {Name: value CRLF}* expected");
            }
        }
        // Room is made for as many CR as there are CRLF, and needed for as many as there are LF.
        long bare = BARE_LF.matcher(text).results().count();
        if (bare > text.chars().filter(c -> c == '\n').count() - bare) {
            throw new ContactFailure(
                    "auth token of several lines without CRLF overruns its memory");
        }
        return BARE_LF.matcher(text).replaceAll("\r\n") + "\r\n";
    }
}
