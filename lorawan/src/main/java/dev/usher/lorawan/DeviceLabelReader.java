package dev.usher.lorawan;

import static java.util.Objects.requireNonNull;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads one label. Its published form and its drafts are the same row of fields (JoinEUI, DevEUI,
 * ProfileID, then extensions of one letter each) behind different prefixes and separators.
 */
final class DeviceLabelReader {

    private static final int LONGEST = 1024;
    private static final String PUBLISHED = "LW:D0:";
    private static final String DRAFT_2 = "URN:LW:DP:";
    private static final String DRAFT_3 = "URN:DEV:LW:";
    private static final Pattern PREFIX =
            Pattern.compile(PUBLISHED + "|" + DRAFT_2 + "|" + DRAFT_3, Pattern.CASE_INSENSITIVE);
    private static final Pattern URL = Pattern.compile("(?i)https?://.*", Pattern.DOTALL);
    private static final Pattern EUI = Pattern.compile("[0-9A-Fa-f]{16}");

    private final List<String> warnings = new ArrayList<>();
    private Optional<Eui64> joinEui = Optional.empty();
    private Optional<Eui64> devEui = Optional.empty();
    private Optional<String> profileId = Optional.empty();
    private Optional<String> ownerToken = Optional.empty();
    private Optional<String> serialNumber = Optional.empty();
    private Optional<String> proprietary = Optional.empty();

    private DeviceLabelReader() {}

    static DeviceLabel.Scan read(String text) {
        if (requireNonNull(text, "text").length() > LONGEST) {
            throw new IllegalArgumentException(
                    "a device label has up to "
                            + LONGEST
                            + " characters, this text has "
                            + text.length());
        }
        DeviceLabelReader reader = new DeviceLabelReader();
        reader.readLabel(text.strip());
        return new DeviceLabel.Scan(
                new DeviceLabel(
                        reader.joinEui,
                        reader.devEui,
                        reader.profileId,
                        reader.ownerToken,
                        reader.serialNumber,
                        reader.proprietary),
                reader.warnings);
    }

    private void readLabel(String text) {
        String label = outOfUrl(text);
        Matcher prefix = PREFIX.matcher(label);
        if (prefix.lookingAt()) {
            readFields(prefix.group(), label.substring(prefix.end()));
        } else if (EUI.matcher(label).matches()) {
            warnings.add("the label is only a DevEUI");
            devEui = Optional.of(Eui64.parse(label));
        } else {
            throw new IllegalArgumentException(
                    "this text of "
                            + text.length()
                            + " characters is not a device label: it begins neither with LW:D0:"
                            + " nor as its drafts URN:LW:DP: and URN:DEV:LW: do, and is no DevEUI"
                            + " of 16 hex digits");
        }
    }

    /** The label inside a URL, whatever the URL is; other text as it is. */
    private String outOfUrl(String text) {
        if (!URL.matcher(text).matches()) {
            return text;
        }
        String decoded = decoded(text);
        Matcher prefix = PREFIX.matcher(decoded);
        if (!prefix.find()) {
            return text;
        }
        warnings.add("the label is inside a URL");
        return decoded.substring(prefix.start()).split("[&#]", 2)[0];
    }

    private static String decoded(String url) {
        try {
            return URLDecoder.decode(url, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException notEncoded) {
            return url;
        }
    }

    private void readFields(String prefix, String fields) {
        if (!prefix.equals(prefix.toUpperCase(Locale.ROOT))) {
            warnInLowerCase();
        }
        switch (prefix.toUpperCase(Locale.ROOT)) {
            case DRAFT_2 -> {
                warnings.add("the label is written as in draft 2 of TR005");
                // Also with its percent signs encoded: %25V
                readFields(fields.replace("%25", "%").split("[:%]", -1), 'V');
            }
            case DRAFT_3 -> {
                warnings.add("the label is written as in draft 3 of TR005");
                readFields(fields.split("_", -1), 'V');
            }
            default -> {
                String[] parts = fields.split(":", -1);
                verifyChecksum(prefix, parts, readFields(parts, 'O'));
            }
        }
    }

    /**
     * @param tokenLetter which extension is the owner token; the drafts call it a validation code
     * @return where the extensions begin
     */
    private int readFields(String[] parts, char tokenLetter) {
        if (parts.length < 2) {
            throw new IllegalArgumentException("the label ends before its DevEUI");
        }
        joinEui = eui("JoinEUI", parts[0]);
        devEui = eui("DevEUI", parts[1]);
        int extensions = parts.length > 2 && readProfileId(parts[2], tokenLetter) ? 3 : 2;
        if (profileId.isEmpty()) {
            warnings.add("the label has no ProfileID");
        }
        for (int i = extensions; i < parts.length; i++) {
            readExtension(parts[i], tokenLetter);
        }
        return extensions;
    }

    private Optional<Eui64> eui(String name, String field) {
        if (field.isEmpty()) {
            warnings.add("the label has no " + name);
            return Optional.empty();
        }
        if (!EUI.matcher(field).matches()) {
            throw new IllegalArgumentException(
                    "the label's " + name + " '" + Printable.of(field) + "' is not 16 hex digits");
        }
        if (!field.equals(field.toUpperCase(Locale.ROOT))) {
            warnInLowerCase();
        }
        return Optional.of(Eui64.parse(field));
    }

    /** Whether the field is the ProfileID's, be it empty; some vendors leave even the field out. */
    private boolean readProfileId(String field, char tokenLetter) {
        String id = field.toUpperCase(Locale.ROOT);
        if (DeviceLabel.isProfileId(id)) {
            if (!id.equals(field)) {
                warnInLowerCase();
            }
            if (id.length() != 8) {
                warnings.add("the ProfileID " + id + " has 4 digits instead of 8");
            }
            profileId = Optional.of(id);
            return true;
        }
        return field.isEmpty() || ("SPC".indexOf(id.charAt(0)) < 0 && id.charAt(0) != tokenLetter);
    }

    private void readExtension(String extension, char tokenLetter) {
        if (extension.length() < 2) {
            return;
        }
        char letter = extension.substring(0, 1).toUpperCase(Locale.ROOT).charAt(0);
        String value = extension.substring(1);
        if (letter == tokenLetter) {
            ownerToken = kept("owner token", ownerToken, value);
        } else {
            switch (letter) {
                case 'S' -> serialNumber = kept("serial number", serialNumber, value);
                case 'P' -> proprietary = kept("proprietary part", proprietary, value);
                case 'C' -> {} // verified as a part of the whole
                default ->
                        warnings.add(
                                "the label has an extension of unknown letter '"
                                        + Printable.of(extension.substring(0, 1))
                                        + "'");
            }
        }
    }

    private Optional<String> kept(String what, Optional<String> before, String value) {
        if (!DeviceLabel.isValue(value)) {
            warnings.add("the label's " + what + " has characters that are not allowed");
            return before;
        }
        if (before.isPresent()) {
            warnings.add("the label has more than one " + what + ": the first one counts");
            return before;
        }
        return Optional.of(value);
    }

    /** The checksum is over everything before it, wherever it stands. */
    private void verifyChecksum(String prefix, String[] parts, int extensions) {
        for (int i = extensions; i < parts.length; i++) {
            if (parts[i].length() > 1 && "Cc".indexOf(parts[i].charAt(0)) >= 0) {
                String before = prefix + String.join(":", Arrays.asList(parts).subList(0, i));
                verifyChecksum(before, parts[i].substring(1));
            }
        }
    }

    private void verifyChecksum(String before, String checksum) {
        String upper = before.toUpperCase(Locale.ROOT);
        if (!checksum.equalsIgnoreCase(DeviceLabel.checksum(before))
                && !checksum.equalsIgnoreCase(DeviceLabel.checksum(upper))) {
            warnings.add(
                    "the label's checksum "
                            + Printable.of(checksum)
                            + " does not fit its text: a character may have been misread");
        }
    }

    private void warnInLowerCase() {
        String warning = "the label has letters in lower case";
        if (!warnings.contains(warning)) {
            warnings.add(warning);
        }
    }
}
