package dev.usher.server.config;

import static java.util.Objects.requireNonNull;

import dev.usher.api.TrustedProxies;
import dev.usher.interop.Sender;
import dev.usher.keys.KeyLabel;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.EuiRange;
import dev.usher.lorawan.NetId;
import dev.usher.network.cups.IpNetwork;
import dev.usher.store.DatabaseUrl;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Everything about a node that its operator can choose; docs/configuration.md lists it. Holds no
 * secret but the password a database URL may have, which {@link #toString()} leaves out.
 *
 * @param bindAddress the address all ports listen on
 * @param hostname the name gateways, owners and administrators reach this node by
 * @param gatewayApiPort where gateways ask (CUPS); 0 takes any free port, here as below
 * @param ownerApiPort where owners ask
 * @param backendPort where Network and Application Servers ask (Backend Interfaces)
 * @param webPort REST API, health and metrics, and the CUPS of the network
 * @param lnsPort where gateways connect to the network without TLS
 * @param lnsTlsPort likewise, with TLS
 * @param databaseUrl the database all nodes share; the embedded one in the data directory if empty
 * @param tls the operator's own certificate; the built-in authority issues one if empty
 */
public record UsherConfig(
        String bindAddress,
        String hostname,
        int gatewayApiPort,
        int ownerApiPort,
        int backendPort,
        int webPort,
        int lnsPort,
        int lnsTlsPort,
        Optional<String> databaseUrl,
        Optional<Tls> tls,
        VaultConfig vault,
        OwnerApi ownerApi,
        Backend backend,
        Network network) {

    public static final UsherConfig DEFAULT =
            new UsherConfig(
                    "0.0.0.0",
                    "localhost",
                    9191,
                    9193,
                    8886,
                    8885,
                    1887,
                    8887,
                    Optional.empty(),
                    Optional.empty(),
                    VaultConfig.DEFAULT,
                    OwnerApi.DEFAULT,
                    Backend.DEFAULT,
                    Network.DEFAULT);

    /** A host name that fits into a certificate and into the URIs a station accepts. */
    private static final Pattern HOSTNAME =
            Pattern.compile(
                    "(?=.{1,100}$)[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?"
                            + "(\\.[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?)*");

    public UsherConfig {
        requireNonNull(bindAddress, "bindAddress");
        requireNonNull(hostname, "hostname");
        requireNonNull(databaseUrl, "databaseUrl");
        requireNonNull(tls, "tls");
        requireNonNull(vault, "vault");
        requireNonNull(ownerApi, "ownerApi");
        requireNonNull(backend, "backend");
        requireNonNull(network, "network");
    }

    /**
     * The operator's certificate.
     *
     * @param certificate the chain in PEM, the node's own certificate first
     * @param key its private key in PEM
     */
    public record Tls(Path certificate, Path key) {

        public Tls {
            requireNonNull(certificate, "certificate");
            requireNonNull(key, "key");
        }
    }

    /**
     * Where root keys are kept.
     *
     * @param type {@code file} or {@code pkcs11}
     * @param directory of the file vault; {@code vault} in the data directory if empty
     * @param masterKeyFile what opens the file vault; {@code master.key} in the data directory if
     *     empty
     * @param masterKeyVariable whether the master key is in the environment instead
     *     (USHER_VAULT_MASTER_KEY)
     * @param library the PKCS#11 library
     * @param token the label of the token
     * @param pinFile the PIN of the token; in the environment (USHER_VAULT_PIN) if empty
     * @param wrappingKey inside of which alone root keys of new devices are used; empty: they are
     *     sealed
     */
    public record VaultConfig(
            String type,
            Optional<Path> directory,
            Optional<Path> masterKeyFile,
            boolean masterKeyVariable,
            Optional<Path> library,
            Optional<String> token,
            Optional<Path> pinFile,
            Optional<KeyLabel> wrappingKey) {

        public static final VaultConfig DEFAULT =
                new VaultConfig(
                        "file",
                        Optional.empty(),
                        Optional.empty(),
                        false,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty());

        public VaultConfig {
            requireNonNull(type, "type");
            requireNonNull(directory, "directory");
            requireNonNull(masterKeyFile, "masterKeyFile");
            requireNonNull(library, "library");
            requireNonNull(token, "token");
            requireNonNull(pinFile, "pinFile");
            requireNonNull(wrappingKey, "wrappingKey");
        }
    }

    /**
     * The limits of the Owner API.
     *
     * @param guessesPerDay how many wrong codes a gateway accepts a day
     * @param maxBodyBytes the largest request; firmware comes in base64
     */
    public record OwnerApi(int guessesPerDay, int maxBodyBytes) {

        public static final OwnerApi DEFAULT = new OwnerApi(10, 64 << 20);
    }

    /**
     * Who the Join Server's peers are reached by, and through.
     *
     * @param proxies whose word counts for the client certificate of a peer
     * @param answerCa authorities (PEM) whose certificates asynchronous peers may show besides
     *     those the system trusts
     */
    public record Backend(TrustedProxies proxies, Optional<Path> answerCa) {

        public static final Backend DEFAULT = new Backend(TrustedProxies.NONE, Optional.empty());

        public Backend {
            requireNonNull(proxies, "proxies");
            requireNonNull(answerCa, "answerCa");
        }
    }

    /**
     * The network: its gateways and the devices behind them.
     *
     * @param netId what it asks Join Servers as; the addresses of its devices are of this block
     * @param nsId what its Network Server is called there (SenderNSID)
     * @param asId what it asks for AppSKeys as
     * @param allowUnauthenticated whether gateways may connect without a key if their own settings
     *     do not demand one
     * @param interop the directory of the interoperability configuration; other Join Servers are
     *     not asked without
     * @param interopIdentity the client certificate for those with {@code tls.source: key-vault}
     * @param filter what gateways need not pass on
     * @param dial what may be dialled of what people name
     * @param mqtt where events are published
     * @param autoRegistration what becomes of gateways that are not known; they are refused if
     *     empty
     * @param oidc by whom users can sign in besides with a password
     * @param upstreams Gateway Join Servers besides the one in this process
     * @param keks what other Join Servers wrap keys under for this network
     */
    public record Network(
            NetId netId,
            Eui64 nsId,
            String asId,
            boolean allowUnauthenticated,
            Optional<Path> interop,
            Optional<Tls> interopIdentity,
            Filter filter,
            DialConfig dial,
            Optional<MqttConfig> mqtt,
            Optional<AutoRegistrationConfig> autoRegistration,
            Optional<OidcConfig> oidc,
            List<UpstreamConfig> upstreams,
            List<KekConfig> keks) {

        public static final Network DEFAULT =
                new Network(NetId.parse("000000"), "usher", false, Optional.empty(), Filter.NONE);

        /** Nothing but this. */
        public Network(
                NetId netId,
                String asId,
                boolean allowUnauthenticated,
                Optional<Path> interop,
                Filter filter) {
            this(
                    netId,
                    Sender.defaultNsId(netId),
                    asId,
                    allowUnauthenticated,
                    interop,
                    Optional.empty(),
                    filter,
                    DialConfig.DEFAULT,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    List.of(),
                    List.of());
        }

        public Network {
            requireNonNull(dial, "dial");
            requireNonNull(mqtt, "mqtt");
            requireNonNull(autoRegistration, "autoRegistration");
            requireNonNull(oidc, "oidc");
            upstreams = List.copyOf(upstreams);
            keks = List.copyOf(keks);
            requireNonNull(netId, "netId");
            requireNonNull(nsId, "nsId");
            requireNonNull(asId, "asId");
            requireNonNull(interop, "interop");
            requireNonNull(interopIdentity, "interopIdentity");
            requireNonNull(filter, "filter");
        }
    }

    /**
     * What gateways pass on to the network; they drop the rest.
     *
     * @param byNetId whether data of addresses of this network only
     * @param joinEuis join-requests with these JoinEUIs only; all if it is empty
     */
    public record Filter(boolean byNetId, List<EuiRange> joinEuis) {

        public static final Filter NONE = new Filter(false, List.of());

        public Filter {
            joinEuis = List.copyOf(joinEuis);
        }
    }

    /**
     * Reads a configuration. A variable of the environment comes before the file, the file before
     * the default.
     *
     * @param file a YAML file, or none
     * @param environment usually {@link System#getenv()}
     * @throws ConfigException if the file cannot be read, or anything in it or in a variable that
     *     begins with {@code USHER_} is unknown or wrong
     */
    public static UsherConfig load(Optional<Path> file, Map<String, String> environment) {
        return read(
                new Settings(
                        file.map(path -> YamlFile.read(path, Settings.LISTS)).orElse(null),
                        environment));
    }

    static UsherConfig read(Settings settings) {
        String bindAddress = settings.text("bind-address", DEFAULT.bindAddress);
        String hostname = settings.text("hostname", DEFAULT.hostname);
        int gatewayApiPort = port(settings, "gateway-api-port", DEFAULT.gatewayApiPort);
        int ownerApiPort = port(settings, "owner-api-port", DEFAULT.ownerApiPort);
        int backendPort = port(settings, "backend-port", DEFAULT.backendPort);
        int webPort = port(settings, "web-port", DEFAULT.webPort);
        int lnsPort = port(settings, "lns-port", DEFAULT.lnsPort);
        int lnsTlsPort = port(settings, "lns-tls-port", DEFAULT.lnsTlsPort);
        Optional<String> databaseUrl = settings.secretText("database-url", DatabaseUrl::parse);
        Optional<Path> certificate = settings.path("tls.certificate");
        Optional<Path> key = settings.path("tls.key");
        VaultConfig vault = vault(settings);
        OwnerApi ownerApi =
                new OwnerApi(
                        settings.number(
                                "owner-api.guesses-per-day",
                                OwnerApi.DEFAULT.guessesPerDay,
                                1,
                                1000),
                        settings.number(
                                "owner-api.max-body-bytes",
                                OwnerApi.DEFAULT.maxBodyBytes,
                                1 << 16,
                                1 << 30));
        Backend backend = backend(settings);
        Network network = NetworkSection.read(settings);
        settings.refuseTheRest();

        if (!HOSTNAME.matcher(hostname).matches()) {
            throw settings.wrong(
                    "hostname", "must be a DNS name such as usher.example.org, without a port");
        }
        requireDifferent(
                settings,
                List.of(
                        new Port("gateway-api-port", gatewayApiPort),
                        new Port("owner-api-port", ownerApiPort),
                        new Port("backend-port", backendPort),
                        new Port("web-port", webPort),
                        new Port("lns-port", lnsPort),
                        new Port("lns-tls-port", lnsTlsPort)));
        if (certificate.isPresent() != key.isPresent()) {
            throw certificate.isPresent()
                    ? settings.about("tls.key", "is missing: tls.certificate needs it")
                    : settings.about("tls.certificate", "is missing: tls.key needs it");
        }
        requireOneVault(settings, vault.type);
        return new UsherConfig(
                bindAddress,
                hostname,
                gatewayApiPort,
                ownerApiPort,
                backendPort,
                webPort,
                lnsPort,
                lnsTlsPort,
                databaseUrl,
                certificate.map(file -> new Tls(file, key.orElseThrow())),
                vault,
                ownerApi,
                backend,
                network);
    }

    /** The same, listening on loopback only and on free ports: for tests and the demo. */
    public UsherConfig onLoopback() {
        return new UsherConfig(
                "127.0.0.1",
                hostname,
                0,
                0,
                0,
                0,
                0,
                0,
                databaseUrl,
                tls,
                vault,
                ownerApi,
                backend,
                network);
    }

    /** Without the password of the database. */
    @Override
    public String toString() {
        return ("UsherConfig[bindAddress=%s, hostname=%s, gatewayApiPort=%d, ownerApiPort=%d,"
                        + " backendPort=%d, webPort=%d, lnsPort=%d, lnsTlsPort=%d,"
                        + " databaseUrl=%s, tls=%s, vault=%s, ownerApi=%s, backend=%s,"
                        + " network=%s]")
                .formatted(
                        bindAddress,
                        hostname,
                        gatewayApiPort,
                        ownerApiPort,
                        backendPort,
                        webPort,
                        lnsPort,
                        lnsTlsPort,
                        databaseUrl.map(DatabaseUrl::parse),
                        tls,
                        vault,
                        ownerApi,
                        backend,
                        network);
    }

    private static Backend backend(Settings settings) {
        Optional<String> proxies = settings.text("backend.trusted-proxies");
        String header =
                settings.text("backend.client-certificate-header", TrustedProxies.DEFAULT_HEADER);
        Optional<Path> answerCa = settings.path("backend.answer-ca");
        if (proxies.isEmpty() && settings.has("backend.client-certificate-header")) {
            throw settings.about(
                    "backend.client-certificate-header",
                    "counts from trusted proxies only: name them in backend.trusted-proxies");
        }
        List<IpNetwork> subnets;
        try {
            subnets = proxies.map(TrustedProxies::parseSubnets).orElse(List.of());
        } catch (IllegalArgumentException e) {
            throw settings.about("backend.trusted-proxies", "cannot be used: " + e.getMessage());
        }
        try {
            return new Backend(new TrustedProxies(subnets, header), answerCa);
        } catch (IllegalArgumentException e) {
            throw settings.wrong(
                    "backend.client-certificate-header",
                    "must be the name of an HTTP header, such as " + TrustedProxies.DEFAULT_HEADER);
        }
    }

    private static VaultConfig vault(Settings settings) {
        String type = settings.oneOf("vault.type", "file", "pkcs11");
        Optional<Path> directory = settings.path("vault.directory");
        boolean masterKeyVariable = settings.isInEnvironment("vault.master-key");
        Optional<Path> masterKeyFile = settings.path("vault.master-key-file");
        Optional<Path> library = settings.path("vault.library");
        Optional<String> token = settings.text("vault.token");
        settings.isInEnvironment("vault.pin");
        Optional<Path> pinFile = settings.path("vault.pin-file");
        Optional<KeyLabel> wrappingKey =
                settings.text("vault.wrapping-key").map(text -> keyLabel(settings, text));
        return new VaultConfig(
                type,
                directory,
                masterKeyFile,
                masterKeyVariable,
                library,
                token,
                pinFile,
                wrappingKey);
    }

    private static KeyLabel keyLabel(Settings settings, String text) {
        try {
            return new KeyLabel(text);
        } catch (IllegalArgumentException e) {
            throw settings.wrong(
                    "vault.wrapping-key",
                    "must be the label of a key: 1 to 64 of a-z 0-9 . _ - beginning with a letter"
                            + " or digit");
        }
    }

    private static void requireOneVault(Settings settings, String type) {
        List<String> forFiles =
                List.of("vault.directory", "vault.master-key", "vault.master-key-file");
        List<String> forTokens =
                List.of("vault.library", "vault.token", "vault.pin", "vault.pin-file");
        boolean isFile = type.equals("file");
        for (String name : isFile ? forTokens : forFiles) {
            if (settings.has(name)) {
                throw settings.about(
                        name,
                        "is for vault.type "
                                + (isFile ? "pkcs11" : "file")
                                + ", and it is "
                                + type);
            }
        }
        if (settings.has("vault.master-key") && settings.has("vault.master-key-file")) {
            throw settings.about(
                    "vault.master-key-file", "and USHER_VAULT_MASTER_KEY are both set: keep one");
        }
        if (settings.has("vault.pin") && settings.has("vault.pin-file")) {
            throw settings.about("vault.pin-file", "and USHER_VAULT_PIN are both set: keep one");
        }
        if (isFile) {
            return;
        }
        for (String name : List.of("vault.library", "vault.token")) {
            if (!settings.has(name)) {
                throw settings.about(name, "is missing: vault.type pkcs11 needs it");
            }
        }
        if (!settings.has("vault.pin") && !settings.has("vault.pin-file")) {
            throw settings.about(
                    "vault.pin-file",
                    "is missing: vault.type pkcs11 needs it, or the PIN in USHER_VAULT_PIN");
        }
    }

    private static int port(Settings settings, String name, int defaultValue) {
        return settings.number(name, defaultValue, 0, 65535);
    }

    private record Port(String key, int number) {}

    private static void requireDifferent(Settings settings, List<Port> ports) {
        for (int i = 0; i < ports.size(); i++) {
            Port port = ports.get(i);
            for (Port earlier : ports.subList(0, i)) {
                if (port.number != 0 && port.number == earlier.number) {
                    throw settings.about(
                            port.key, "and " + earlier.key + " are both " + port.number);
                }
            }
        }
    }
}
