package dev.usher.lorawan;

import static java.util.Objects.requireNonNull;
import static java.util.regex.Pattern.CASE_INSENSITIVE;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The versions of LoRaWAN a device is built to, as a Network Server names them in MACVersion. */
public enum MacVersion {
    V1_0_0("1.0.0"),
    V1_0_1("1.0.1"),
    V1_0_2("1.0.2"),
    V1_0_3("1.0.3"),
    V1_0_4("1.0.4"),
    V1_1_0("1.1.0"),
    V1_1_1("1.1.1");

    private static final Pattern WITH_REVISION =
            Pattern.compile("(1\\.[01](?:\\.[0-9])?)[ -]?(?:rev[ -]?)?[a-z]?", CASE_INSENSITIVE);

    private final String text;

    MacVersion(String text) {
        this.text = text;
    }

    /**
     * Reads {@code 1.0.2}; {@code 1.0} is 1.0.0 and {@code 1.1} is 1.1.0. A revision of the
     * document behind it ({@code 1.0.2 rev B}, {@code 1.0.2B}) changes nothing here.
     *
     * @throws IllegalArgumentException if it names no version known here
     */
    public static MacVersion parse(String text) {
        return named(requireNonNull(text, "text"))
                .or(() -> withRevision(text.strip()))
                .orElseThrow(() -> unknown(text));
    }

    private static Optional<MacVersion> withRevision(String text) {
        Matcher matcher = WITH_REVISION.matcher(text);
        return matcher.matches() ? named(matcher.group(1)) : Optional.empty();
    }

    private static Optional<MacVersion> named(String number) {
        return switch (number) {
            case "1.0", "1.0.0" -> Optional.of(V1_0_0);
            case "1.0.1" -> Optional.of(V1_0_1);
            case "1.0.2" -> Optional.of(V1_0_2);
            case "1.0.3" -> Optional.of(V1_0_3);
            case "1.0.4" -> Optional.of(V1_0_4);
            case "1.1", "1.1.0" -> Optional.of(V1_1_0);
            case "1.1.1" -> Optional.of(V1_1_1);
            default -> Optional.empty();
        };
    }

    /** Three numbers: {@code 1.0.0} to {@code 1.1.1}. */
    public String text() {
        return text;
    }

    /** Whether it is 1.1: two root keys, four session keys, rejoin-requests. */
    public boolean isR1_1() {
        return compareTo(V1_1_0) >= 0;
    }

    /** Whether DevNonces count up (1.0.4, 1.1) instead of being random. */
    public boolean countsDevNonces() {
        return compareTo(V1_0_4) >= 0;
    }

    private static IllegalArgumentException unknown(String text) {
        return new IllegalArgumentException(
                "'"
                        + Printable.of(text)
                        + "' is not a LoRaWAN version: 1.0 to 1.0.4, 1.1 and 1.1.1 are known");
    }
}
