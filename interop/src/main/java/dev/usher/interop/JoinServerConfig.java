package dev.usher.interop;

import static java.util.Objects.requireNonNull;

import dev.usher.backend.AppSKeyReq;
import dev.usher.backend.HomeNsReq;
import dev.usher.backend.JoinReq;
import dev.usher.backend.ProtocolVersion;
import dev.usher.backend.RejoinReq;
import dev.usher.backend.Request;
import dev.usher.lorawan.Eui64;
import java.net.URI;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How one Join Server is asked: a {@code js.yml}.
 *
 * @param file it was read from, relative to the configuration's directory
 * @param address where it is
 * @param senderNsId what our Network Server is called there, if not by its own NSID
 * @param headers HTTP headers of every request, the credentials of basic authentication among them;
 *     secrets
 * @param rootCa who issued its certificate; those the system trusts if empty
 * @param identity what we show it
 */
record JoinServerConfig(
        Path file,
        Scheme scheme,
        Address address,
        int port,
        ProtocolVersion protocol,
        Paths paths,
        Optional<Eui64> senderNsId,
        Map<String, String> headers,
        List<X509Certificate> rootCa,
        Optional<ClientIdentity> identity) {

    JoinServerConfig {
        requireNonNull(file, "file");
        requireNonNull(scheme, "scheme");
        requireNonNull(address, "address");
        requireNonNull(protocol, "protocol");
        requireNonNull(paths, "paths");
        requireNonNull(senderNsId, "senderNsId");
        headers = Map.copyOf(headers);
        rootCa = List.copyOf(rootCa);
        requireNonNull(identity, "identity");
    }

    enum Scheme {
        HTTPS,
        HTTP;

        String text() {
            return this == HTTPS ? "https" : "http";
        }
    }

    /** Where a Join Server is. */
    sealed interface Address {

        /** At one place. */
        record Fixed(String fqdn) implements Address {
            public Fixed {
                requireNonNull(fqdn, "fqdn");
            }
        }

        /** Where DNS says that the Join Server of a JoinEUI is. */
        record InDns(Lookup lookup, String suffix, List<String> servers) implements Address {
            public InDns {
                requireNonNull(lookup, "lookup");
                requireNonNull(suffix, "suffix");
                servers = List.copyOf(servers);
            }
        }
    }

    /** What is looked up for a JoinEUI. */
    enum Lookup {
        /** Its name is the name of a host. */
        HOST,
        /** Its name has NAPTR records (1.0 specification section 19). */
        NAPTR
    }

    /** The part of the URL after host and port, without its first slash, for each request. */
    record Paths(String join, String rejoin, String appSKey, String homeNs) {

        static final Paths NONE = new Paths("", "", "", "");

        Paths {
            requireNonNull(join, "join");
            requireNonNull(rejoin, "rejoin");
            requireNonNull(appSKey, "appSKey");
            requireNonNull(homeNs, "homeNs");
        }

        String of(Request request) {
            return switch (request) {
                case JoinReq _ -> join;
                case RejoinReq _ -> rejoin;
                case AppSKeyReq _ -> appSKey;
                case HomeNsReq _ -> homeNs;
            };
        }
    }

    /** A host as it is asked with this path; without one, there is no slash either. */
    URI uri(String host, int atPort, String path) {
        return URI.create(
                scheme.text() + "://" + host + ":" + atPort + (path.isEmpty() ? "" : "/" + path));
    }

    /** For people: {@code https://js.example.com:443}, or where it is looked up. */
    String shown() {
        return switch (address) {
            case Address.Fixed fixed -> scheme.text() + "://" + fixed.fqdn() + ":" + port;
            case Address.InDns dns -> scheme.text() + "://(JoinEUI)." + dns.suffix() + " in DNS";
        };
    }

    /** Without headers and keys. */
    @Override
    public String toString() {
        return "JoinServerConfig[" + file + ", " + shown() + "]";
    }
}
