package dev.usher.api;

import static java.util.Objects.requireNonNull;

import dev.usher.api.edge.Request;
import dev.usher.network.cups.IpNetwork;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reverse proxies that end the TLS of clients and say in headers which certificate a client showed,
 * and from where it came. These headers count only from them; they must take away what clients send
 * under the name of the first, and add to the second, {@code X-Forwarded-For}.
 *
 * <p>The header holds one certificate or a chain, the client's own first, as the usual proxies
 * write it: PEM or base64 of DER, with or without the lines around it, percent-encoded or not,
 * commas between certificates.
 *
 * @param subnets where they are
 * @param header the name of the header with the certificate
 */
public record TrustedProxies(List<IpNetwork> subnets, String header) {

    /** As Traefik calls it. */
    public static final String DEFAULT_HEADER = "X-Forwarded-Tls-Client-Cert";

    private static final String FORWARDED_FOR = "X-Forwarded-For";
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

    /** Nobody's word is taken. */
    public static final TrustedProxies NONE = new TrustedProxies(List.of(), DEFAULT_HEADER);

    private static final Logger LOG = LoggerFactory.getLogger(TrustedProxies.class);
    private static final int LONGEST_CHAIN = 10;
    private static final Pattern LIMITS = Pattern.compile("-----(BEGIN|END)[ +]CERTIFICATE-----|,");

    public TrustedProxies {
        subnets = List.copyOf(subnets);
        requireNonNull(header, "header");
        if (!TOKEN.matcher(header).matches()) {
            throw new IllegalArgumentException(
                    "it is not the name of an HTTP header, such as " + DEFAULT_HEADER);
        }
    }

    /**
     * Networks with commas between them, such as {@code 10.0.0.0/8, 2001:db8::7}.
     *
     * @throws IllegalArgumentException if one cannot be read; the message says which
     */
    public static List<IpNetwork> parseSubnets(String text) {
        return Arrays.stream(text.split(",", -1)).map(String::strip).map(IpNetwork::parse).toList();
    }

    /**
     * The certificates a client proved to have the key of: to Usher itself or, behind a trusted
     * proxy, to that. A proxy's own certificate stands for no client.
     */
    List<X509Certificate> clientChain(Request request) {
        return isTrusted(request.remoteAddress().getAddress())
                ? forwarded(request)
                : request.clientChain();
    }

    /**
     * Where a client is: at the other end of the connection or, behind a trusted proxy, where that
     * says. What stands before the first address that is no trusted proxy's may be anybody's
     * invention.
     *
     * @return empty if a trusted proxy does not say
     */
    Optional<InetAddress> clientAddress(Request request) {
        InetAddress address = request.remoteAddress().getAddress();
        List<String> forwarded =
                request.headers().getOrDefault(FORWARDED_FOR, List.of()).stream()
                        .flatMap(value -> Arrays.stream(value.split(",", -1)))
                        .toList();
        try {
            for (String hop : forwarded.reversed()) {
                if (!isTrusted(address)) {
                    break;
                }
                address = IpNetwork.address(hop.strip());
            }
        } catch (IllegalArgumentException e) {
            LOG.debug("request {}: {} holds no address", request.id(), FORWARDED_FOR, e);
            return Optional.empty();
        }
        return Optional.of(address).filter(client -> !isTrusted(client));
    }

    private boolean isTrusted(InetAddress proxy) {
        return subnets.stream().anyMatch(subnet -> subnet.contains(proxy));
    }

    private List<X509Certificate> forwarded(Request request) {
        List<String> values = request.headers().getOrDefault(header, List.of());
        if (values.size() > 1) {
            // One of them may be the client's own invention.
            LOG.warn(
                    "request {} from trusted proxy {} has {} headers {}: it has to take away what"
                            + " clients send",
                    request.id(),
                    request.remoteAddress(),
                    values.size(),
                    header);
            return List.of();
        }
        if (values.isEmpty() || values.getFirst().isBlank()) {
            return List.of();
        }
        try {
            return chain(values.getFirst());
        } catch (CertificateException | IllegalArgumentException e) {
            LOG.debug("request {}: {} holds no certificate", request.id(), header, e);
            return List.of();
        }
    }

    private static List<X509Certificate> chain(String value) throws CertificateException {
        // A plus is a letter of base64, and not always encoded.
        String text =
                value.indexOf('%') < 0
                        ? value
                        : URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.US_ASCII);
        List<String> encoded =
                LIMITS.splitAsStream(text)
                        .map(part -> part.replaceAll("\\s", ""))
                        .filter(part -> !part.isEmpty())
                        .toList();
        if (encoded.size() > LONGEST_CHAIN) {
            throw new CertificateException("a chain of " + encoded.size() + " certificates");
        }
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        List<X509Certificate> chain = new ArrayList<>();
        for (String one : encoded) {
            byte[] der = Base64.getDecoder().decode(one);
            chain.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der)));
        }
        return List.copyOf(chain);
    }
}
