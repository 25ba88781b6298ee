package dev.usher.station;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Just enough of DER (X.690) to take keys and signatures apart and to put them together again, and
 * station's own idea of how long an element is.
 */
final class Der {

    static final int INTEGER = 0x02;
    static final int BIT_STRING = 0x03;
    static final int OCTET_STRING = 0x04;
    static final int NULL = 0x05;
    static final int OBJECT_IDENTIFIER = 0x06;
    static final int SEQUENCE = 0x30;
    static final int EXPLICIT_0 = 0xA0;
    static final int EXPLICIT_1 = 0xA1;

    private Der() {}

    /** Bytes that are not the DER they should be. */
    static final class Malformed extends IllegalArgumentException {

        private static final long serialVersionUID = 1L;

        Malformed(String message) {
            super(message);
        }
    }

    /** One element: its tag byte and what it holds. */
    @SuppressWarnings("ArrayRecordComponent") // taken apart at once, never compared
    record Element(int tag, byte[] content) {

        boolean is(int expected) {
            return tag == expected;
        }

        /** The elements it is made of. */
        List<Element> children() {
            return elements(content);
        }

        /** The first element it is made of. */
        Element firstChild() {
            return children().stream()
                    .findFirst()
                    .orElseThrow(() -> new Malformed("an empty DER element"));
        }

        /** The bytes of a bit string, all of whose bits are used. */
        byte[] bits() {
            if (tag != BIT_STRING || content.length == 0 || content[0] != 0) {
                throw new Malformed("not a DER bit string of whole bytes");
            }
            return Arrays.copyOfRange(content, 1, content.length);
        }

        /** Its content as a number that may be negative. */
        BigInteger number() {
            if (tag != INTEGER
                    || content.length == 0
                    || (content.length > 1 && content[0] == (content[1] >> 7))) {
                throw new Malformed("not a DER number");
            }
            return new BigInteger(content);
        }
    }

    /**
     * The only element of these bytes.
     *
     * @throws Malformed if they are not exactly one
     */
    static Element only(byte[] der) {
        List<Element> elements = elements(der);
        if (elements.size() != 1) {
            throw new Malformed(elements.size() + " DER elements where one is expected");
        }
        return elements.getFirst();
    }

    /**
     * The elements these bytes consist of.
     *
     * @throws Malformed if one of them is cut short or its length is not minimal
     */
    static List<Element> elements(byte[] der) {
        List<Element> elements = new ArrayList<>();
        int at = 0;
        while (at < der.length) {
            int header = 2;
            int length = at + 1 < der.length ? der[at + 1] & 0xFF : -1;
            if (length > 0x83 || length == 0x80 || (der[at] & 0x1F) == 0x1F) {
                throw new Malformed("not DER at byte " + at);
            }
            if (length > 0x80) {
                int octets = length & 0x7F;
                header += octets;
                length = 0;
                for (int i = 0; i < octets && at + 2 + i < der.length; i++) {
                    length = (length << 8) | (der[at + 2 + i] & 0xFF);
                }
                if (length < 0x80 || length >>> (8 * (octets - 1)) == 0) {
                    throw new Malformed("not DER at byte " + at);
                }
            }
            if (length < 0 || length > der.length - at - header) {
                throw new Malformed("DER cut short after byte " + at);
            }
            int begin = at + header;
            elements.add(
                    new Element(der[at] & 0xFF, Arrays.copyOfRange(der, begin, begin + length)));
            at = begin + length;
        }
        return elements;
    }

    /** One element that holds these bytes, one after the other. */
    static byte[] encode(int tag, byte[]... content) {
        int length = 0;
        for (byte[] part : content) {
            length += part.length;
        }
        ByteArrayOutputStream der = new ByteArrayOutputStream(length + 5);
        der.write(tag);
        if (length >= 0x80) {
            int octets = (39 - Integer.numberOfLeadingZeros(length)) / 8;
            der.write(0x80 | octets);
            for (int i = octets - 1; i >= 0; i--) {
                der.write(length >>> (8 * i));
            }
        } else {
            der.write(length);
        }
        for (byte[] part : content) {
            der.writeBytes(part);
        }
        return der.toByteArray();
    }

    /**
     * How many bytes station takes the element at {@code at} for, or -1 where it would read beyond
     * the end ({@code sys.c:523-529}).
     *
     * <p>It knows lengths below 128 and lengths in exactly two bytes. Any other form is taken for
     * two bytes too, so an element of 128 to 255 bytes ({@code 30 81 xx}) seems to be tens of
     * kilobytes long, and one of 65536 or more seems short.
     */
    static int lengthAsStationReads(byte[] bytes, int at) {
        if (at + 1 >= bytes.length) {
            return -1;
        }
        if (bytes[at + 1] >= 0) {
            return bytes[at + 1] + 2;
        }
        if (at + 3 >= bytes.length) {
            return -1;
        }
        return (((bytes[at + 2] & 0xFF) << 8) | (bytes[at + 3] & 0xFF)) + 4;
    }

    /** Whether station takes these bytes, one whole element, for what they are. */
    static boolean isLegibleToStation(byte[] element) {
        return element[0] == SEQUENCE && lengthAsStationReads(element, 0) == element.length;
    }
}
