package dev.usher.simulator;

import java.util.regex.Pattern;

/** The text in a {@code .key} file without a certificate, read as station reads it. */
final class HeaderLines {

    private static final Pattern LINE = Pattern.compile("[A-Za-z0-9_-]+: .*", Pattern.DOTALL);

    private HeaderLines() {}

    /**
     * The lines as they go into a request, each with CRLF ({@code net.c:1429-1465}).
     *
     * @throws CupsFailure if station finds no {@code Name: } at the beginning of each line, or
     *     would overrun its memory: it counts the wrong line ends, so that two lines with LF alone
     *     are one too many
     */
    static String parse(String file) throws CupsFailure {
        int end = file.indexOf('\0');
        String text = (end < 0 ? file : file.substring(0, end)).replaceFirst("(\r?\n)+$", "");
        if (text.isEmpty()) {
            return "";
        }
        for (String line : text.split("\n", -1)) {
            if (!LINE.matcher(line).matches()) {
                throw new CupsFailure("malformed auth token: {Name: value CRLF}* expected");
            }
        }
        if (Pattern.compile("(?<!\r)\n").matcher(text).find()) {
            throw new CupsFailure("auth token of several lines without CRLF overruns its memory");
        }
        return text + "\r\n";
    }
}
