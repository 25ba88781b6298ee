package dev.usher.network.cups;

import dev.usher.lorawan.Printable;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * The addresses that begin with the same bits.
 *
 * @param first the first of them; its other bits are zero
 * @param bits how many bits they share, 0 to 32 or, in IPv6, to 128
 */
public record IpNetwork(InetAddress first, int bits) {

    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

    public IpNetwork {
        byte[] octets = first.getAddress();
        if (bits < 0 || bits > octets.length * Byte.SIZE) {
            throw new IllegalArgumentException(
                    "prefix length %d is not 0 to %d".formatted(bits, octets.length * Byte.SIZE));
        }
        if (!Arrays.equals(octets, masked(octets, bits))) {
            throw new IllegalArgumentException(
                    "%s/%d has bits set after its prefix: write the first address of the network"
                            .formatted(first.getHostAddress(), bits));
        }
    }

    /** {@code 10.0.0.0/8}, {@code 2001:db8::/32}, or one address alone. Never asks the DNS. */
    public static IpNetwork parse(String text) {
        int slash = text.indexOf('/');
        String literal = slash < 0 ? text : text.substring(0, slash);
        String bits = slash < 0 ? "" : text.substring(slash + 1);
        if (slash >= 0 && !bits.matches("\\d{1,3}")) {
            throw notANetwork(text);
        }
        InetAddress first;
        try {
            first = address(literal);
        } catch (IllegalArgumentException e) {
            throw notANetwork(text);
        }
        return new IpNetwork(
                first, slash < 0 ? first.getAddress().length * Byte.SIZE : Integer.parseInt(bits));
    }

    /** An address as it is usually written. Never asks the DNS. */
    public static InetAddress address(String literal) {
        if ((!IPV4.matcher(literal).matches() && literal.indexOf(':') < 0)
                || literal.indexOf('%') >= 0) {
            throw new IllegalArgumentException("'" + Printable.of(literal) + "' is not an address");
        }
        return InetAddress.ofLiteral(literal);
    }

    private static IllegalArgumentException notANetwork(String text) {
        return new IllegalArgumentException(
                "'"
                        + Printable.of(text)
                        + "' is not a network: write it as in 10.0.0.0/8 or 2001:db8::/32, or one"
                        + " address");
    }

    /** Whether the address is one of them. */
    public boolean contains(InetAddress address) {
        byte[] octets = address.getAddress();
        return octets.length == first.getAddress().length
                && Arrays.equals(first.getAddress(), masked(octets, bits));
    }

    private static byte[] masked(byte[] octets, int bits) {
        byte[] masked = new byte[octets.length];
        for (int i = 0; i < octets.length; i++) {
            int kept = Math.clamp(bits - i * (long) Byte.SIZE, 0, Byte.SIZE);
            masked[i] = (byte) (octets[i] & (0xFF << (Byte.SIZE - kept)));
        }
        return masked;
    }

    @Override
    public String toString() {
        return first.getHostAddress() + "/" + bits;
    }
}
