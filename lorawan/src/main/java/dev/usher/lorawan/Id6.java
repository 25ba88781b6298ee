package dev.usher.lorawan;

import static java.util.Objects.requireNonNull;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text forms of a 64-bit identifier as LoRa Basics Station and the Gateway Join Server write
 * them.
 *
 * <p>ID6 prints 64 bits like an IPv6 address of four 16-bit groups ({@code 0:ff:fe00:abc}, {@code
 * ::1}). The same number is also met as an EUI-64 ({@code 00-00-00-FF-FE-00-0A-BC}, with colons, or
 * 16 hex digits), as a 48-bit MAC ({@code FFFE} goes into its middle), and with a category in front
 * ({@code router-::1}). {@link #parse} reads them all, {@link #format} writes ID6 exactly as
 * station does (basicstation 2.0.6, {@code src/uj.c}).
 */
public final class Id6 {

    private static final Pattern CATEGORY = Pattern.compile("([a-z][a-z0-9]*)-(.*:.*)");
    private static final Pattern PLAIN_HEX = Pattern.compile("[0-9a-f]{12}|[0-9a-f]{16}");
    private static final Pattern OCTETS =
            Pattern.compile("[0-9a-f]{2}(?:(?:-[0-9a-f]{2}){5,7}|(?::[0-9a-f]{2}){5,7})");
    private static final Pattern GROUPS = Pattern.compile("[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,4}");
    private static final Pattern HEX_ONLY = Pattern.compile("[0-9a-f]+");

    private static final int MAC_DIGITS = 12;

    /** With what is between them. */
    private static final int MAC_OCTETS = 17;

    private Id6() {}

    /**
     * Reads any of the accepted forms; letters in either case.
     *
     * @throws IllegalArgumentException if the text is none of them; the message names the text and
     *     the forms
     */
    public static long parse(String text) {
        String id = requireNonNull(text, "text").toLowerCase(Locale.ROOT);
        Matcher category = CATEGORY.matcher(id);
        if (category.matches() && !HEX_ONLY.matcher(category.group(1)).matches()) {
            id = category.group(2);
        }
        if (PLAIN_HEX.matcher(id).matches()) {
            return ofHexDigits(id);
        }
        if (OCTETS.matcher(id).matches()) {
            String digits = id.replace(id.substring(2, 3), "");
            if (digits.length() != 14) {
                return ofHexDigits(digits);
            }
        }
        if (GROUPS.matcher(id).matches()) {
            return ofGroups(id, text);
        }
        throw notAnId(text);
    }

    /** Whether the text is a MAC, alone, in one of the forms that {@link #parse} reads. */
    static boolean isMac(String text) {
        String id = text.toLowerCase(Locale.ROOT);
        return (id.length() == MAC_DIGITS && PLAIN_HEX.matcher(id).matches())
                || (id.length() == MAC_OCTETS && OCTETS.matcher(id).matches());
    }

    /**
     * Writes ID6 as station does: lower case, no leading zeros, {@code ::} for a run of zero groups
     * at an end or the middle.
     */
    public static String format(long id) {
        int a = (int) (id >>> 48);
        int b = (int) (id >>> 32) & 0xFFFF;
        int c = (int) (id >>> 16) & 0xFFFF;
        int d = (int) id & 0xFFFF;
        if (a == 0 && b == 0) {
            return c == 0 ? "::" + hex(d) : "::" + hex(c) + ":" + hex(d);
        }
        if (c == 0 && d == 0) {
            return b == 0 ? hex(a) + "::" : hex(a) + ":" + hex(b) + "::";
        }
        if (b == 0 && c == 0) {
            return hex(a) + "::" + hex(d);
        }
        return hex(a) + ":" + hex(b) + ":" + hex(c) + ":" + hex(d);
    }

    private static long ofHexDigits(String digits) {
        long value = Long.parseUnsignedLong(digits, 16);
        return digits.length() == 12 ? macToEui(value) : value;
    }

    /** A 48-bit MAC becomes an EUI-64 by FFFE between its vendor and its serial half. */
    private static long macToEui(long mac) {
        return ((mac & 0xFFFFFF000000L) << 16) | 0xFFFE000000L | (mac & 0xFFFFFFL);
    }

    private static long ofGroups(String id, String original) {
        int gap = id.indexOf("::");
        if (gap != id.lastIndexOf("::") || id.contains(":::") || id.equals("::")) {
            throw notAnId(original);
        }
        if (gap < 0) {
            String[] groups = id.split(":", -1);
            // Three groups are the Go client's spelling of an id whose first group is zero.
            if (groups.length > 4 || id.startsWith(":") || id.endsWith(":")) {
                throw notAnId(original);
            }
            return join(groups, 4 - groups.length);
        }
        String[] head = split(id.substring(0, gap));
        String[] tail = split(id.substring(gap + 2));
        if (head.length + tail.length > 3) {
            throw notAnId(original);
        }
        return join(head, 0) | join(tail, 4 - tail.length);
    }

    private static String[] split(String groups) {
        return groups.isEmpty() ? new String[0] : groups.split(":", -1);
    }

    private static long join(String[] groups, int first) {
        long value = 0;
        for (int i = 0; i < groups.length; i++) {
            long group = groups[i].isEmpty() ? 0 : Long.parseLong(groups[i], 16);
            value |= group << (16 * (3 - first - i));
        }
        return value;
    }

    private static String hex(int group) {
        return Integer.toHexString(group);
    }

    private static IllegalArgumentException notAnId(String text) {
        return new IllegalArgumentException(
                "'"
                        + Printable.of(text)
                        + "' is not an EUI: write 16 hex digits, 8 octets with - or :, a 12-digit"
                        + " MAC, or ID6 such as 0:ff:fe00:abc");
    }
}
