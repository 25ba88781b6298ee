package dev.usher.interop;

import dev.usher.lorawan.Printable;
import java.util.regex.Pattern;
import tools.jackson.core.exc.StreamReadException;

/**
 * Why a file is not YAML.
 *
 * @param line where that shows, from 1
 * @param what what is found there, fit for a message
 */
public record YamlProblem(int line, String what) {

    private static final Pattern PLACE = Pattern.compile("^ in .*, line ([0-9]+), column [0-9]+:");

    /**
     * What the parser says, which is several lines: what it was about, what it found, and for both
     * the place and the text there, indented. Its own place is that of the last token.
     */
    public static YamlProblem of(StreamReadException e) {
        String message = e.getOriginalMessage();
        return new YamlProblem(
                message.lines()
                        .flatMap(line -> PLACE.matcher(line).results())
                        .map(place -> Integer.valueOf(place.group(1)))
                        .reduce((_, last) -> last)
                        .orElse(e.getLocation().getLineNr()),
                Printable.of(
                        message.lines()
                                .filter(line -> !line.isBlank() && !line.startsWith(" "))
                                .reduce("", (_, last) -> last)));
    }
}
