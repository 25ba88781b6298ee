package dev.usher.network.cups;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Keeps the servers that people name from leading into the network this one runs in.
 *
 * <p>A name is resolved once, every address it has must be on the public Internet or in a network
 * that was allowed, and these very addresses are dialled; so a name server that changes its mind
 * changes nothing. What is refused is said without the addresses, which would tell strangers about
 * names that only the inside knows.
 */
public final class DialGuard {

    /** The ports of gateway APIs: HTTPS, the LNS, the cluster's CUPS, the root CUPS. */
    private static final Set<Integer> PORTS = Set.of(443, 8887, 8885, 9191);

    /** So many addresses of a name are tried. */
    private static final int MOST = 4;

    /** What of IPv4 is not for everybody: the special-purpose registry of RFC 6890. */
    private static final List<IpNetwork> SPECIAL =
            networks(
                    "0.0.0.0/8",
                    "10.0.0.0/8",
                    "100.64.0.0/10",
                    "127.0.0.0/8",
                    "168.63.129.16/32", // the host of every machine at Azure
                    "169.254.0.0/16",
                    "172.16.0.0/12",
                    "192.0.0.0/24",
                    "192.0.2.0/24",
                    "192.88.99.0/24",
                    "192.168.0.0/16",
                    "198.18.0.0/15",
                    "198.51.100.0/24",
                    "203.0.113.0/24",
                    "224.0.0.0/4",
                    "240.0.0.0/4",
                    // Within 2000::/3: protocol assignments (Teredo), documentation, 6to4.
                    "2001::/23",
                    "2001:db8::/32",
                    "2002::/16",
                    "3fff::/20");

    /**
     * The only IPv6 for everybody. Mapped, translated (NAT64), loopback, unique local, link-local
     * and multicast addresses are all elsewhere.
     */
    private static final IpNetwork GLOBAL = IpNetwork.parse("2000::/3");

    private final Set<Integer> ports;
    private final List<IpNetwork> allowed;
    private final Resolver resolver;

    /** Finds the addresses of a name. */
    @FunctionalInterface
    interface Resolver {
        List<InetAddress> addresses(String host) throws UnknownHostException;
    }

    /**
     * @param morePorts that may be dialled besides 443, 8885, 8887 and 9191
     * @param networks that may be dialled though they are not public, such as {@code 10.1.0.0/16}
     * @throws IllegalArgumentException if one of them is no port or no network
     */
    public DialGuard(Collection<Integer> morePorts, Collection<String> networks) {
        this(morePorts, networks, host -> List.of(InetAddress.getAllByName(host)));
    }

    DialGuard(Collection<Integer> morePorts, Collection<String> networks, Resolver resolver) {
        Set<Integer> all = new LinkedHashSet<>(PORTS);
        for (int port : morePorts) {
            if (port < 1 || port > 65535) {
                throw new IllegalArgumentException("port " + port + " is not between 1 and 65535");
            }
            all.add(port);
        }
        this.ports = Set.copyOf(all);
        this.allowed = networks.stream().map(IpNetwork::parse).toList();
        this.resolver = requireNonNull(resolver, "resolver");
    }

    private static List<IpNetwork> networks(String... all) {
        return Stream.of(all).map(IpNetwork::parse).toList();
    }

    /**
     * Where the server may be dialled, at least one address.
     *
     * @throws IOException if it may not be; the message is the rest of a sentence that begins with
     *     the server
     */
    public List<InetSocketAddress> vet(String host, int port) throws IOException {
        return vet(host, port, this::isAllowed);
    }

    /**
     * Likewise, for what goes in clear: only networks that were allowed do.
     *
     * @throws IOException if it may not be; the message is the rest of a sentence that begins with
     *     the server
     */
    public List<InetSocketAddress> vetInClear(String host, int port) throws IOException {
        return vet(host, port, this::isNamed);
    }

    private List<InetSocketAddress> vet(String host, int port, Predicate<InetAddress> fits)
            throws IOException {
        if (!ports.contains(port)) {
            throw new IOException(
                    "has port %d, which is not allowed here: use 443, or have it allowed"
                            .formatted(port));
        }
        List<InetAddress> addresses;
        try {
            addresses = resolver.addresses(host);
        } catch (UnknownHostException | IllegalArgumentException e) {
            // The JDK refuses spellings of addresses that others read differently as an argument.
            throw new IOException("has a name that cannot be resolved: check it", e);
        }
        if (addresses.isEmpty() || !addresses.stream().allMatch(fits)) {
            throw new IOException(
                    "has an address that is not public and not allowed here: use another, or have"
                            + " its network allowed");
        }
        return addresses.stream()
                .distinct()
                .limit(MOST)
                .map(address -> new InetSocketAddress(address, port))
                .toList();
    }

    /** Whether it is in a network that was allowed. */
    private boolean isNamed(InetAddress address) {
        return allowed.stream().anyMatch(network -> network.contains(address));
    }

    private boolean isAllowed(InetAddress address) {
        return isNamed(address)
                || ((address instanceof Inet4Address || GLOBAL.contains(address))
                        && SPECIAL.stream().noneMatch(network -> network.contains(address)));
    }
}
