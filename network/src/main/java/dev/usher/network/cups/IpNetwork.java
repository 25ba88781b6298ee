package dev.usher.network.cups;

import dev.usher.lorawan.Printable;
import java.net.InetAddress;
import java.util.Arrays;

/**
 * The addresses that begin with the same bits.
 *
 * @param first the first of them; its other bits are zero
 * @param bits how many bits they share
 */
record IpNetwork(InetAddress first, int bits) {

    IpNetwork {
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

    /** {@code 10.0.0.0/8} or {@code 2001:db8::/32}. Never asks the DNS. */
    static IpNetwork parse(String text) {
        String[] parts = text.split("/", -1);
        if (parts.length != 2 || !parts[1].matches("[0-9]{1,3}")) {
            throw notANetwork(text);
        }
        InetAddress first;
        try {
            first = InetAddress.ofLiteral(parts[0]);
        } catch (IllegalArgumentException e) {
            throw notANetwork(text);
        }
        return new IpNetwork(first, Integer.parseInt(parts[1]));
    }

    private static IllegalArgumentException notANetwork(String text) {
        return new IllegalArgumentException(
                "'%s' is not a network: write it as in 10.0.0.0/8 or 2001:db8::/32"
                        .formatted(Printable.of(text)));
    }

    boolean contains(InetAddress address) {
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
}
