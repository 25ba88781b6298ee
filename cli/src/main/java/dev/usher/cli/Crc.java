package dev.usher.cli;

import java.util.zip.CRC32;

/**
 * A CRC-32 that names a firmware, a signature or a key. People and servers write it unsigned,
 * signed or in hex; it is sent signed, which all servers take.
 */
record Crc(int value) {

    static Crc parse(String text) {
        try {
            long number = Long.decode(text.strip());
            if (number >= Integer.MIN_VALUE && number <= 0xFFFF_FFFFL) {
                return new Crc((int) number);
            }
        } catch (NumberFormatException _) {
            // Refused below like a number out of range.
        }
        throw new IllegalArgumentException(
                "'"
                        + Terminal.visible(text)
                        + "' is not a CRC-32: write a number of 32 bits, such as 3735928559 or"
                        + " 0xDEADBEEF");
    }

    /** A column of CRCs, unsigned: as an argument, a minus would look like an option. */
    static Column column(String title, String field) {
        return new Column(
                title,
                item -> {
                    String text = Json.text(item, field);
                    return text.isEmpty() ? "" : Integer.toUnsignedString(parse(text).value());
                });
    }

    static Crc of(byte[] content) {
        CRC32 crc = new CRC32();
        crc.update(content);
        return new Crc((int) crc.getValue());
    }
}
