package dev.usher.station;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Printable;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The address of a CUPS server ({@code https://HOST:PORT}) or of an LNS ({@code wss://HOST:PORT})
 * in the only form station takes.
 *
 * <p>Station does not look at a URI when it gets one. It stores it, and a malformed one stops the
 * program at its next start until somebody repairs the gateway by hand ({@code sys.c:277-310}). So
 * a value of this type is always one that works: with a port (station knows no default), without a
 * path ({@code /update-info} and {@code /router-info} are its own), at most {@value #LONGEST}
 * characters, the scheme in lower case, the host a DNS name or an IPv4 address. An IPv6 address is
 * refused, because station loses the last character between the brackets ({@code net.c:103}: {@code
 * [2001:db8::12]} becomes {@code 2001:db8::1}).
 *
 * @param host a DNS name or an IPv4 address. Over TLS a name is nearly always needed: station
 *     compares the host with the DNS names of the certificate and ignores its IP addresses.
 * @param port 1 to 65535
 */
public record StationUri(Scheme scheme, String host, int port) {

    /** What station speaks with the server. */
    public enum Scheme {
        HTTP,
        HTTPS,
        WS,
        WSS;

        /** Whether it runs over TLS, which needs credentials with a trust certificate. */
        public boolean isSecure() {
            return this == HTTPS || this == WSS;
        }

        /** Whether it leads to a CUPS server; the others lead to an LNS. */
        public boolean isCups() {
            return this == HTTP || this == HTTPS;
        }

        /** As it stands in a URI. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The longest URI station keeps, in characters ({@code s2conf.h:106}). */
    public static final int LONGEST = 127;

    // Underscores are no host name, but name servers and container networks have them.
    private static final Pattern NAME =
            Pattern.compile(
                    "(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\\.)*"
                            + "[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?");

    private static final Pattern NUMERIC = Pattern.compile("(?:.*\\.)?[0-9]+");
    private static final String OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final Pattern IPV4 = Pattern.compile(OCTET + "(?:\\." + OCTET + "){3}");

    public StationUri {
        requireNonNull(scheme, "scheme");
        requireNonNull(host, "host");
        if (!isHost(host)) {
            throw new IllegalArgumentException(
                    "host '%s' is neither a DNS name nor an IPv4 address"
                            .formatted(Printable.of(host)));
        }
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("port " + port + " is not between 1 and 65535");
        }
        int length = text(scheme, host, port).length();
        if (length > LONGEST) {
            throw new IllegalArgumentException(
                    "URI of %d characters: station keeps at most %d; use a shorter host name"
                            .formatted(length, LONGEST));
        }
    }

    /**
     * Reads the address of a CUPS server.
     *
     * @throws IllegalArgumentException if station could not use it; the message says why and what
     *     to write
     */
    public static StationUri cups(String text) {
        return new Parser(text, "a CUPS URI", Scheme.HTTPS, Scheme.HTTP, "/update-info").parse();
    }

    /**
     * Reads the address of an LNS.
     *
     * @throws IllegalArgumentException if station could not use it; the message says why and what
     *     to write
     */
    public static StationUri lns(String text) {
        return new Parser(text, "an LNS URI", Scheme.WSS, Scheme.WS, "/router-info").parse();
    }

    /** Whether it runs over TLS, which needs credentials with a trust certificate. */
    public boolean isSecure() {
        return scheme.isSecure();
    }

    /** The text station is sent and reports back. */
    @Override
    public String toString() {
        return text(scheme, host, port);
    }

    private static String text(Scheme scheme, String host, int port) {
        return scheme + "://" + host + ":" + port;
    }

    private static boolean isHost(String host) {
        return NUMERIC.matcher(host).matches()
                ? IPV4.matcher(host).matches()
                : NAME.matcher(host).matches();
    }

    private record Parser(String text, String kind, Scheme secure, Scheme plain, String path) {

        Parser {
            requireNonNull(text, "text");
        }

        StationUri parse() {
            if (text.length() > LONGEST) {
                throw refusal(
                        "has %d characters and station keeps at most %d; use a shorter host name"
                                .formatted(text.length(), LONGEST));
            }
            if (!text.chars().allMatch(c -> c > ' ' && c < 0x7F)) {
                throw refusal("has a space, a control or a non-ASCII character; " + form());
            }
            int end = text.indexOf("://");
            if (end < 0) {
                throw refusal(form());
            }
            Scheme scheme = scheme(text.substring(0, end));
            String rest = text.substring(end + 3);
            int authorityEnd = indexOfAny(rest, "/?#");
            if (authorityEnd < rest.length()) {
                throw refusal(
                        "has a path, a query or a fragment, and station adds %s itself; write '%s'"
                                .formatted(path, text.substring(0, end + 3 + authorityEnd)));
            }
            if (rest.indexOf('@') >= 0) {
                throw refusal("has a user name in it, and station would look it up as a host");
            }
            if (rest.startsWith("[") || rest.indexOf(':') != rest.lastIndexOf(':')) {
                throw refusal(
                        "has an IPv6 address, which station misreads; write a DNS name that"
                                + " resolves to it");
            }
            int colon = rest.indexOf(':');
            if (colon < 0) {
                throw refusal(
                        "has no port, and station knows no default; write '%s:%d' if the server"
                                        .formatted(text, scheme.isSecure() ? 443 : 80)
                                + " listens there");
            }
            return new StationUri(
                    scheme, host(rest.substring(0, colon)), port(rest.substring(colon + 1)));
        }

        private Scheme scheme(String name) {
            if (name.equals(secure.toString())) {
                return secure;
            }
            if (name.equals(plain.toString())) {
                return plain;
            }
            if (name.equalsIgnoreCase(secure.toString())
                    || name.equalsIgnoreCase(plain.toString())) {
                throw refusal("has its scheme in upper case, which station does not always know");
            }
            throw refusal("begins with another scheme; " + form());
        }

        private String host(String host) {
            if (host.isEmpty()) {
                throw refusal("has no host; " + form());
            }
            if (!isHost(host)) {
                throw refusal("has a host that is neither a DNS name nor an IPv4 address");
            }
            return host;
        }

        private int port(String port) {
            int number = port.matches("[0-9]{1,5}") ? Integer.parseInt(port) : 0;
            if (number < 1 || number > 65535) {
                throw refusal("has a port that is not between 1 and 65535");
            }
            return number;
        }

        private static int indexOfAny(String text, String characters) {
            int index = 0;
            while (index < text.length() && characters.indexOf(text.charAt(index)) < 0) {
                index++;
            }
            return index;
        }

        private String form() {
            return "write %s://HOST:PORT or %s://HOST:PORT".formatted(secure, plain);
        }

        private IllegalArgumentException refusal(String reason) {
            return new IllegalArgumentException(
                    "'%s' is not %s for station: it %s"
                            .formatted(Printable.of(text), kind, reason));
        }
    }
}
