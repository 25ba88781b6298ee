package dev.usher.lorawan;

import static java.util.Objects.requireNonNull;

import java.math.BigInteger;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * A contiguous range of EUIs, both ends included, ordered as unsigned numbers.
 *
 * <p>Written as a prefix ({@code 58A0CBFFFE800000/40}: the first 40 bits are fixed) or as its two
 * ends ({@code 58A0CBFFFE800000-58A0CBFFFE80FFFF}; also with {@code ..} between them, which allows
 * dashes in the EUIs).
 */
public record EuiRange(Eui64 first, Eui64 last) implements Comparable<EuiRange> {

    public EuiRange {
        requireNonNull(first, "first");
        requireNonNull(last, "last");
        if (first.compareTo(last) > 0) {
            throw new IllegalArgumentException(
                    "EUI range "
                            + first
                            + "-"
                            + last
                            + " ends before it begins: swap its two ends");
        }
    }

    /**
     * Reads {@code PREFIX/BITS}, {@code START-END} or {@code START..END}.
     *
     * @throws IllegalArgumentException if it is none of these, the prefix length is not 0..64, or a
     *     prefix has bits set beyond its length
     */
    public static EuiRange parse(String text) {
        int slash = requireNonNull(text, "text").indexOf('/');
        if (slash >= 0) {
            return ofPrefix(
                    Eui64.parse(text.substring(0, slash).strip()), prefixLength(text, slash));
        }
        int dots = text.indexOf("..");
        if (dots >= 0) {
            return of(text.substring(0, dots), text.substring(dots + 2));
        }
        int dash = text.indexOf('-');
        if (dash >= 0 && dash == text.lastIndexOf('-')) {
            return of(text.substring(0, dash), text.substring(dash + 1));
        }
        throw new IllegalArgumentException(
                "'"
                        + Printable.of(text)
                        + "' is not an EUI range: write a prefix such as 58A0CBFFFE800000/40, or"
                        + " START-END");
    }

    /** All EUIs whose first {@code bits} bits are those of {@code prefix}. */
    public static EuiRange ofPrefix(Eui64 prefix, int bits) {
        if (bits < 0 || bits > 64) {
            throw new IllegalArgumentException(
                    "prefix length " + bits + " is not between 0 and 64 bits");
        }
        long host = bits == 64 ? 0 : -1L >>> bits;
        if ((prefix.value() & host) != 0) {
            throw new IllegalArgumentException(
                    "prefix "
                            + prefix
                            + "/"
                            + bits
                            + " has bits set beyond its length: write "
                            + new Eui64(prefix.value() & ~host)
                            + "/"
                            + bits);
        }
        return new EuiRange(prefix, new Eui64(prefix.value() | host));
    }

    private static EuiRange of(String first, String last) {
        return new EuiRange(Eui64.parse(first.strip()), Eui64.parse(last.strip()));
    }

    private static int prefixLength(String text, int slash) {
        String bits = text.substring(slash + 1).strip();
        if (!bits.matches("[0-9]{1,2}")) {
            throw new IllegalArgumentException(
                    "'"
                            + Printable.of(text)
                            + "' is not an EUI prefix: '"
                            + Printable.of(bits)
                            + "' is not a number of bits between 0 and 64");
        }
        return Integer.parseInt(bits);
    }

    public boolean contains(Eui64 eui) {
        return first.compareTo(eui) <= 0 && eui.compareTo(last) <= 0;
    }

    public boolean overlaps(EuiRange other) {
        return first.compareTo(other.last) <= 0 && other.first.compareTo(last) <= 0;
    }

    /** How many EUIs are in it, 1 to 2^64. */
    public BigInteger size() {
        return new BigInteger(Long.toUnsignedString(last.value() - first.value()))
                .add(BigInteger.ONE);
    }

    /** Every EUI of the range, in order, made as they are asked for. */
    public Stream<Eui64> stream() {
        // The offset from the first EUI counts up to last - first as an unsigned number, so compare
        // for equality only.
        return LongStream.iterate(first.value(), value -> value + 1)
                .mapToObj(Eui64::new)
                .takeWhile(new UpTo(last)::admits);
    }

    /** Admits EUIs up to and including the last one, also where the next one would wrap to zero. */
    private static final class UpTo {
        private final Eui64 last;
        private boolean past;

        UpTo(Eui64 last) {
            this.last = last;
        }

        boolean admits(Eui64 eui) {
            boolean admitted = !past;
            past |= eui.equals(last);
            return admitted;
        }
    }

    @Override
    public int compareTo(EuiRange other) {
        int byFirst = first.compareTo(other.first);
        return byFirst != 0 ? byFirst : last.compareTo(other.last);
    }

    /** A prefix where the range is one, else its two ends. */
    @Override
    public String toString() {
        long differing = first.value() ^ last.value();
        int bits = Long.numberOfLeadingZeros(differing);
        boolean prefix = (first.value() & differing) == 0 && (differing & (differing + 1)) == 0;
        return prefix ? first + "/" + bits : first + "-" + last;
    }
}
