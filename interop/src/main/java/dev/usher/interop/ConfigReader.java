package dev.usher.interop;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.usher.backend.ProtocolVersion;
import dev.usher.interop.ConfigDirectory.UnreadableException;
import dev.usher.interop.JoinServerConfig.Address;
import dev.usher.interop.JoinServerConfig.Lookup;
import dev.usher.interop.JoinServerConfig.Paths;
import dev.usher.interop.JoinServerConfig.Scheme;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.Printable;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Reads a configuration, and goes on after each problem so that all of them are found. */
final class ConfigReader {

    static final String DNS_SUFFIX = "joineuis.lora-alliance.org";

    private static final int DEFAULT_PORT = 443;

    private static final String LABEL = "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?";

    /** A DNS name, an IPv4 address, or an IPv6 address in brackets. */
    private static final Pattern HOST =
            Pattern.compile("(?=.{1,253}$)" + LABEL + "(\\." + LABEL + ")*|\\[[0-9A-Fa-f:.]+]");

    private static final Pattern DNS_SERVER =
            Pattern.compile("([0-9.]+|[A-Za-z0-9.-]+|\\[[0-9A-Fa-f:]+])(:[0-9]{1,5})?");

    /** RFC 9110 section 5.6.2. */
    private static final Pattern HEADER_NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");

    /** What stands in one header line and cannot begin another one. */
    private static final Pattern HEADER_VALUE = Pattern.compile("[\\x20-\\x7E\\t]*");

    /** They belong to the connection and the body, which the client takes care of. */
    private static final Set<String> RESERVED_HEADERS =
            Set.of(
                    "accept-encoding",
                    "connection",
                    "content-length",
                    "expect",
                    "host",
                    "keep-alive",
                    "te",
                    "trailer",
                    "transfer-encoding",
                    "upgrade");

    private final ConfigDirectory directory;
    private final Optional<Requester> requester;
    private final InstantSource clock;
    private final List<ConfigProblem> problems = new ArrayList<>();
    private final Map<Path, Optional<JoinServerConfig>> joinServers = new HashMap<>();

    /** For whom the configuration is read: what it does not have must come from here. */
    record Requester(Sender sender, KeyVault keyVault) {}

    /**
     * What came of it.
     *
     * @param entries those that are whole
     * @param fingerprint the files that were read, and what they were like
     */
    record Reading(
            List<Entry> entries, List<ConfigProblem> problems, Map<Path, String> fingerprint) {

        boolean isUsable() {
            return problems.stream().noneMatch(ConfigProblem::isError);
        }
    }

    /** One element of {@code join-servers}. */
    record Entry(
            JoinServerConfig joinServer, Set<Component> components, List<JoinEuiPrefix> prefixes) {

        Entry {
            components = Set.copyOf(components);
            prefixes = List.copyOf(prefixes);
        }
    }

    private ConfigReader(Path source, Optional<Requester> requester, InstantSource clock) {
        this.directory = new ConfigDirectory(source);
        this.requester = requester;
        this.clock = clock;
    }

    /**
     * @param requester without one, what it would have to know is not checked
     */
    static Reading read(Path source, Optional<Requester> requester, InstantSource clock) {
        ConfigReader reader = new ConfigReader(source, requester, clock);
        List<Entry> entries = reader.mainFile();
        return new Reading(
                List.copyOf(entries), List.copyOf(reader.problems), reader.directory.fingerprint());
    }

    private List<Entry> mainFile() {
        Path file = directory.mainFile();
        Report report = new Report(directory.shown(file), problems);
        Optional<Yaml.Section> yaml = yaml(file, report);
        if (yaml.isEmpty()) {
            return List.of();
        }
        Keys keys = Keys.of(yaml.get(), report);
        List<Entry> entries = new ArrayList<>();
        if (!keys.has("join-servers")) {
            keys.missing("join-servers", "list the Join Servers in it, each with its file");
        }
        Map<Claim, Integer> claims = new HashMap<>();
        for (Yaml item : keys.list("join-servers")) {
            keys.element(item)
                    .flatMap(element -> entry(file, element, claims, report))
                    .ifPresent(entries::add);
        }
        keys.refuseTheRest();
        return entries;
    }

    /** That the Join Servers of an entry are asked for a prefix. */
    private record Claim(Component component, JoinEuiPrefix prefix) {}

    private Optional<Entry> entry(
            Path mainFile, Keys keys, Map<Claim, Integer> claims, Report report) {
        Optional<String> name = keys.text("file");
        Set<Component> components = EnumSet.noneOf(Component.class);
        components.addAll(keys.list("components", ConfigReader::component));
        if (components.isEmpty()) {
            components = EnumSet.allOf(Component.class);
        }
        List<JoinEuiPrefix> prefixes = new ArrayList<>();
        List<Yaml> texts = keys.list("join-euis");
        for (Yaml text : texts) {
            Optional<JoinEuiPrefix> prefix = keys.parsed(text, JoinEuiPrefix::parse);
            if (prefix.isPresent()) {
                prefixes.add(prefix.get());
                for (Component component : components) {
                    warnIfTaken(new Claim(component, prefix.get()), text.line(), claims, report);
                }
            }
        }
        keys.refuseTheRest();
        if (texts.isEmpty()) {
            keys.missing(
                    "join-euis", "without a prefix of JoinEUIs the Join Server is never asked");
        }
        if (name.isEmpty()) {
            if (!keys.has("file")) {
                keys.missing("file", "name the file that says how the Join Server is asked");
            }
            return Optional.empty();
        }
        Path file;
        try {
            file = directory.resolve(mainFile, name.get());
            directory.read(file);
        } catch (UnreadableException e) {
            keys.error("file", String.valueOf(e.getMessage()));
            return Optional.empty();
        }
        Optional<JoinServerConfig> joinServer = joinServers.get(file);
        if (joinServer == null) {
            joinServer = joinServer(file);
            joinServers.put(file, joinServer);
        }
        if (joinServer.isPresent()
                && components.contains(Component.NETWORK_SERVER)
                && lacksNsId(joinServer.get())) {
            keys.error(
                    "file",
                    "'"
                            + Printable.of(name.get())
                            + "' has protocol BI1.1, which needs an NSID, and the Network Server"
                            + " has none: write 'sender-ns-id' there, or use BI1.0");
        }
        Set<Component> asking = components;
        return joinServer.map(config -> new Entry(config, asking, prefixes));
    }

    private boolean lacksNsId(JoinServerConfig joinServer) {
        return joinServer.protocol() == ProtocolVersion.V1_1
                && joinServer.senderNsId().isEmpty()
                && requester.isPresent()
                && requester.get().sender().nsId().isEmpty();
    }

    /** Only whole JoinEUIs may have several Join Servers. */
    private static void warnIfTaken(
            Claim claim, int line, Map<Claim, Integer> claims, Report report) {
        Integer first = claims.putIfAbsent(claim, line);
        if (first != null && claim.prefix().bits() < JoinEuiPrefix.LONGEST) {
            report.warning(
                    line,
                    "the %s asks the Join Server of line %d for %s, never this one: only prefixes"
                                    .formatted(
                                            claim.component() == Component.NETWORK_SERVER
                                                    ? "Network Server"
                                                    : "Application Server",
                                            first,
                                            claim.prefix())
                            + " of 64 bits can have several");
        }
    }

    private Optional<JoinServerConfig> joinServer(Path file) {
        Report report = new Report(directory.shown(file), problems);
        long errors = errors();
        Optional<Yaml.Section> yaml = yaml(file, report);
        if (yaml.isEmpty()) {
            return Optional.empty();
        }
        Keys keys = Keys.of(yaml.get(), report);
        Scheme scheme = keys.read("scheme", ConfigReader::scheme).orElse(Scheme.HTTPS);
        Optional<String> fqdn = keys.read("fqdn", ConfigReader::host);
        int port = keys.read("port", ConfigReader::port).orElse(DEFAULT_PORT);
        Optional<ProtocolVersion> protocol = keys.read("protocol", ConfigReader::protocol);
        Paths paths = keys.section("paths").map(ConfigReader::paths).orElse(Paths.NONE);
        Optional<Eui64> senderNsId = keys.read("sender-ns-id", ConfigReader::nsId);
        Map<String, String> headers = headers(keys);
        Optional<Address.InDns> dns = keys.section("dns").map(ConfigReader::dns);
        Optional<Tls> tls =
                keys.section("tls")
                        .map(section -> tls(file, section, fqdn.orElse(file.toString())));
        keys.refuseTheRest();

        if (!keys.has("protocol")) {
            keys.missing("protocol", "write BI1.0 or BI1.1");
        }
        if (!keys.has("fqdn") && !keys.has("dns")) {
            keys.missing("fqdn", "give the host name of the Join Server");
        }
        if (keys.has("fqdn") && keys.has("dns")) {
            keys.error("dns", "'dns' looks up what 'fqdn' already says: keep one of them");
        }
        refuseCredentialsForAnybody(keys);
        if (scheme == Scheme.HTTP) {
            keys.warning("scheme", "with scheme http, everybody on the way reads the session keys");
            if (keys.has("tls")) {
                keys.error("tls", "'tls' is for scheme https, and it is http");
            }
        }
        if (senderNsId.isPresent() && protocol.equals(Optional.of(ProtocolVersion.V1_0))) {
            keys.warning(
                    "sender-ns-id",
                    "'sender-ns-id' is for protocol BI1.1, and it is BI1.0: it is not sent");
        }
        if (errors() > errors || protocol.isEmpty()) {
            return Optional.empty();
        }
        Address address = dns.<Address>map(Function.identity()).orElseGet(() -> fixed(fqdn));
        return Optional.of(
                new JoinServerConfig(
                        file,
                        scheme,
                        address,
                        port,
                        protocol.get(),
                        paths,
                        senderNsId,
                        headers,
                        tls.map(Tls::rootCa).orElse(List.of()),
                        tls.flatMap(Tls::identity)));
    }

    private static Address fixed(Optional<String> fqdn) {
        return new Address.Fixed(fqdn.orElseThrow());
    }

    /** A host that is found by a JoinEUI is anybody's. */
    private static void refuseCredentialsForAnybody(Keys keys) {
        if (!keys.has("dns")) {
            return;
        }
        for (String secret : List.of("basic-auth", "headers")) {
            if (keys.has(secret)) {
                keys.error(
                        secret,
                        "'"
                                + secret
                                + "' would go to whatever host DNS names: use a client certificate"
                                + " with 'dns'");
            }
        }
    }

    private static Paths paths(Keys keys) {
        Paths paths =
                new Paths(
                        keys.read("join", ConfigReader::path).orElse(""),
                        keys.read("rejoin", ConfigReader::path).orElse(""),
                        keys.read("app-s-key", ConfigReader::path).orElse(""),
                        keys.read("home-ns", ConfigReader::path).orElse(""));
        keys.refuseTheRest();
        return paths;
    }

    private static Map<String, String> headers(Keys keys) {
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        keys.section("headers")
                .ifPresent(
                        section ->
                                section.all().forEach((name, _) -> header(section, name, headers)));
        keys.section("basic-auth")
                .flatMap(ConfigReader::basicAuth)
                .ifPresent(
                        credentials -> {
                            if (headers.put("Authorization", credentials) != null) {
                                keys.error(
                                        "basic-auth",
                                        "'basic-auth' and the header Authorization are both given:"
                                                + " keep one");
                            }
                        });
        return headers;
    }

    private static void header(Keys section, String name, Map<String, String> headers) {
        if (!HEADER_NAME.matcher(name).matches()) {
            section.error(name, "'" + Printable.of(name) + "' is not the name of an HTTP header");
            return;
        }
        if (RESERVED_HEADERS.contains(name.toLowerCase(Locale.ROOT))) {
            section.error(name, "the header " + name + " belongs to the connection: leave it out");
            return;
        }
        String value = section.secret(name).orElse("");
        if (!HEADER_VALUE.matcher(value).matches()) {
            section.error(
                    name,
                    "the value of the header "
                            + name
                            + " has characters that cannot stand in one header line");
        } else if (headers.putIfAbsent(name, value.strip()) != null) {
            section.error(
                    name,
                    "the header " + name + " is given twice: upper and lower case are the same");
        }
    }

    /** RFC 7617. */
    private static Optional<String> basicAuth(Keys keys) {
        Optional<String> username = keys.text("username");
        Optional<String> password = keys.secret("password");
        keys.refuseTheRest();
        if (!keys.has("username")) {
            keys.missing("username", "basic authentication needs one");
        }
        if (username.isPresent() && username.get().indexOf(':') >= 0) {
            keys.error(
                    "username",
                    "'basic-auth.username' has a colon, where a user name would end: take one"
                            + " without");
            return Optional.empty();
        }
        return username.map(
                name -> {
                    byte[] credentials = (name + ":" + password.orElse("")).getBytes(UTF_8);
                    return "Basic " + Base64.getEncoder().encodeToString(credentials);
                });
    }

    private static Address.InDns dns(Keys keys) {
        Lookup lookup = keys.read("lookup", ConfigReader::lookup).orElse(Lookup.HOST);
        String suffix = keys.read("suffix", ConfigReader::suffix).orElse(DNS_SUFFIX);
        List<String> servers = keys.list("servers", ConfigReader::dnsServer);
        keys.refuseTheRest();
        if (lookup == Lookup.HOST && !servers.isEmpty()) {
            keys.error(
                    "servers",
                    "'dns.servers' is for lookup naptr: hosts are looked up as the system does");
        }
        return new Address.InDns(lookup, suffix, servers);
    }

    /** What {@code tls} says. */
    private record Tls(List<X509Certificate> rootCa, Optional<ClientIdentity> identity) {}

    private Tls tls(Path file, Keys keys, String joinServer) {
        boolean inVault =
                keys.read("source", ConfigReader::tlsSource).orElse("file").equals("key-vault");
        List<X509Certificate> rootCa =
                pem(file, keys, "root-ca", Pem::certificates).orElse(List.of());
        Optional<List<X509Certificate>> chain = pem(file, keys, "certificate", Pem::certificates);
        Optional<PrivateKey> key = pem(file, keys, "key", Pem::privateKey);
        keys.refuseTheRest();

        rootCa.forEach(authority -> warnIfExpired(keys, "root-ca", authority));
        if (inVault) {
            for (String name : List.of("certificate", "key")) {
                if (keys.has(name)) {
                    keys.error(name, "'tls." + name + "' is for source file, and it is key-vault");
                }
            }
            return new Tls(rootCa, inVault(keys, joinServer));
        }
        if (keys.has("certificate") != keys.has("key")) {
            boolean hasKey = keys.has("key");
            keys.missing(
                    hasKey ? "certificate" : "key",
                    "'tls." + (hasKey ? "key" : "certificate") + "' needs it");
        }
        chain.ifPresent(
                certificates -> warnIfExpired(keys, "certificate", certificates.getFirst()));
        if (chain.isEmpty() || key.isEmpty()) {
            return new Tls(rootCa, Optional.empty());
        }
        if (!Pem.belongTogether(chain.get().getFirst(), key.get())) {
            keys.error("key", "'tls.key' is not the private key of 'tls.certificate'");
        }
        return new Tls(rootCa, Optional.of(new ClientIdentity(chain.get(), key.get())));
    }

    private Optional<ClientIdentity> inVault(Keys keys, String joinServer) {
        if (requester.isEmpty()) {
            return Optional.empty();
        }
        Optional<ClientIdentity> identity = requester.get().keyVault().clientIdentity(joinServer);
        if (identity.isEmpty()) {
            keys.warning(
                    "source",
                    "the key vault has no client certificate for "
                            + joinServer
                            + ", which is asked without one: name one in"
                            + " network.interop-certificate");
        }
        return identity;
    }

    private <T> Optional<T> pem(Path from, Keys keys, String key, Function<byte[], T> parser) {
        Optional<String> name = keys.text(key);
        if (name.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(parser.apply(directory.read(directory.resolve(from, name.get()))));
        } catch (UnreadableException e) {
            keys.error(key, "'tls." + key + "': " + e.getMessage());
        } catch (IllegalArgumentException e) {
            keys.error(key, "'" + Printable.of(name.get()) + "' " + e.getMessage());
        }
        return Optional.empty();
    }

    private void warnIfExpired(Keys keys, String key, X509Certificate certificate) {
        Instant end = certificate.getNotAfter().toInstant();
        if (end.isBefore(clock.instant())) {
            keys.warning(
                    key,
                    "'tls.%s' expired on %s: get a new one"
                            .formatted(key, LocalDate.ofInstant(end, ZoneOffset.UTC)));
        }
    }

    private Optional<Yaml.Section> yaml(Path file, Report report) {
        try {
            ByteBuffer content = ByteBuffer.wrap(directory.read(file));
            return Yaml.read(UTF_8.newDecoder().decode(content).toString(), report);
        } catch (UnreadableException e) {
            report.error(0, String.valueOf(e.getMessage()));
        } catch (CharacterCodingException e) {
            report.error(0, "this is not a text file in UTF-8");
        }
        return Optional.empty();
    }

    private long errors() {
        return problems.stream().filter(ConfigProblem::isError).count();
    }

    private static Component component(String text) {
        return Arrays.stream(Component.values())
                .filter(component -> component.text().equals(text))
                .findFirst()
                .orElseThrow(() -> isNone(text, "a component", oneOf("ns", "as")));
    }

    private static Scheme scheme(String text) {
        return Arrays.stream(Scheme.values())
                .filter(scheme -> scheme.text().equals(text))
                .findFirst()
                .orElseThrow(() -> isNone(text, "a scheme", oneOf("https", "http")));
    }

    private static ProtocolVersion protocol(String text) {
        return switch (text) {
            case "BI1.0" -> ProtocolVersion.V1_0;
            case "BI1.1" -> ProtocolVersion.V1_1;
            default -> throw isNone(text, "a protocol", oneOf("BI1.0", "BI1.1"));
        };
    }

    private static String tlsSource(String text) {
        if (!text.equals("file") && !text.equals("key-vault")) {
            throw isNone(text, "a source of certificates", oneOf("file", "key-vault"));
        }
        return text;
    }

    private static Lookup lookup(String text) {
        return switch (text) {
            case "host" -> Lookup.HOST;
            case "naptr" -> Lookup.NAPTR;
            default -> throw isNone(text, "a kind of lookup", oneOf("host", "naptr"));
        };
    }

    private static String host(String text) {
        if (!HOST.matcher(text).matches()) {
            throw isNone(text, "a host name", "a name alone, without scheme, port and path");
        }
        return text;
    }

    private static String suffix(String text) {
        if (text.startsWith("[") || !HOST.matcher(text).matches()) {
            throw isNone(text, "a DNS name", "one such as " + DNS_SUFFIX);
        }
        return text;
    }

    private static String dnsServer(String text) {
        if (!DNS_SERVER.matcher(text).matches()) {
            throw isNone(
                    text, "a DNS server", "its address, such as 192.0.2.53 or [2001:db8::53]:53");
        }
        return text;
    }

    private static int port(String text) {
        if (text.matches("[0-9]{1,5}")) {
            int port = Integer.parseInt(text);
            if (port >= 1 && port <= 65_535) {
                return port;
            }
        }
        throw isNone(text, "a port", "a number from 1 to 65535");
    }

    private static Eui64 nsId(String text) {
        if (!text.matches("[0-9A-Fa-f]{16}")) {
            throw isNone(text, "an NSID", "16 hex digits");
        }
        return Eui64.parse(text);
    }

    /** Without its first slash, which the URL has anyway. */
    private static String path(String text) {
        String path = text.startsWith("/") ? text.substring(1) : text;
        try {
            URI uri = new URI("https://host:443/" + path);
            if (uri.getRawFragment() == null) {
                return path;
            }
        } catch (URISyntaxException e) {
            // Said below.
        }
        throw isNone(text, "the path of a URL", "one such as some/path, with % before codes");
    }

    private static IllegalArgumentException isNone(String text, String what, String instead) {
        return new IllegalArgumentException(
                "'" + Printable.of(text) + "' is not " + what + ": write " + instead);
    }

    private static String oneOf(String... words) {
        return String.join(" or ", words);
    }
}
