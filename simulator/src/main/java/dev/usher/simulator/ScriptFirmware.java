package dev.usher.simulator;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Looks for a version in a shell script. */
final class ScriptFirmware implements Firmware {

    private static final int LOOKED_AT = 4096;
    private static final Pattern VERSION = Pattern.compile("(?m)^VERSION=(\\S+)$");

    @Override
    public Optional<String> run(byte[] update) {
        String beginning = new String(update, 0, Math.min(update.length, LOOKED_AT), ISO_8859_1);
        Matcher version = VERSION.matcher(beginning);
        return version.find() ? Optional.of(version.group(1)) : Optional.empty();
    }
}
