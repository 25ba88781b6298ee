package dev.usher.server.config;

import static java.util.Objects.requireNonNull;

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
 * @param webPort REST API, health and metrics
 * @param databaseUrl the database all nodes share; the embedded one in the data directory if empty
 * @param tls the operator's own certificate; the built-in authority issues one if empty
 */
public record UsherConfig(
        String bindAddress,
        String hostname,
        int gatewayApiPort,
        int ownerApiPort,
        int webPort,
        Optional<String> databaseUrl,
        Optional<Tls> tls,
        VaultConfig vault,
        OwnerApi ownerApi) {

    public static final UsherConfig DEFAULT =
            new UsherConfig(
                    "0.0.0.0",
                    "localhost",
                    9191,
                    9193,
                    8885,
                    Optional.empty(),
                    Optional.empty(),
                    VaultConfig.DEFAULT,
                    OwnerApi.DEFAULT);

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
     */
    public record VaultConfig(
            String type,
            Optional<Path> directory,
            Optional<Path> masterKeyFile,
            boolean masterKeyVariable,
            Optional<Path> library,
            Optional<String> token,
            Optional<Path> pinFile) {

        public static final VaultConfig DEFAULT =
                new VaultConfig(
                        "file",
                        Optional.empty(),
                        Optional.empty(),
                        false,
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
     * Reads a configuration. A variable of the environment comes before the file, the file before
     * the default.
     *
     * @param file a YAML file, or none
     * @param environment usually {@link System#getenv()}
     * @throws ConfigException if the file cannot be read, or anything in it or in a variable that
     *     begins with {@code USHER_} is unknown or wrong
     */
    public static UsherConfig load(Optional<Path> file, Map<String, String> environment) {
        return read(new Settings(file.map(YamlFile::read).orElse(null), environment));
    }

    static UsherConfig read(Settings settings) {
        String bindAddress = settings.text("bind-address", DEFAULT.bindAddress);
        String hostname = settings.text("hostname", DEFAULT.hostname);
        int gatewayApiPort = port(settings, "gateway-api-port", DEFAULT.gatewayApiPort);
        int ownerApiPort = port(settings, "owner-api-port", DEFAULT.ownerApiPort);
        int webPort = port(settings, "web-port", DEFAULT.webPort);
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
        settings.refuseTheRest();

        if (!HOSTNAME.matcher(hostname).matches()) {
            throw settings.wrong(
                    "hostname", "must be a DNS name such as usher.example.org, without a port");
        }
        requireDifferent(
                settings, "owner-api-port", ownerApiPort, "gateway-api-port", gatewayApiPort);
        requireDifferent(settings, "web-port", webPort, "gateway-api-port", gatewayApiPort);
        requireDifferent(settings, "web-port", webPort, "owner-api-port", ownerApiPort);
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
                webPort,
                databaseUrl,
                certificate.map(file -> new Tls(file, key.orElseThrow())),
                vault,
                ownerApi);
    }

    /** The same, listening on loopback only and on free ports: for tests and the demo. */
    public UsherConfig onLoopback() {
        return new UsherConfig("127.0.0.1", hostname, 0, 0, 0, databaseUrl, tls, vault, ownerApi);
    }

    /** Without the password of the database. */
    @Override
    public String toString() {
        return ("UsherConfig[bindAddress=%s, hostname=%s, gatewayApiPort=%d, ownerApiPort=%d,"
                        + " webPort=%d, databaseUrl=%s, tls=%s, vault=%s, ownerApi=%s]")
                .formatted(
                        bindAddress,
                        hostname,
                        gatewayApiPort,
                        ownerApiPort,
                        webPort,
                        databaseUrl.map(DatabaseUrl::parse),
                        tls,
                        vault,
                        ownerApi);
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
        return new VaultConfig(
                type, directory, masterKeyFile, masterKeyVariable, library, token, pinFile);
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

    private static void requireDifferent(
            Settings settings, String name, int port, String otherName, int other) {
        if (port != 0 && port == other) {
            throw settings.about(name, "and " + otherName + " are both " + port);
        }
    }
}
