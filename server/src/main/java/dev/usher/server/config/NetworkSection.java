package dev.usher.server.config;

import dev.usher.accounts.AccountId;
import dev.usher.accounts.OwnerId;
import dev.usher.interop.Sender;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.EuiRange;
import dev.usher.lorawan.FrequencyPlan;
import dev.usher.lorawan.NetId;
import dev.usher.network.claiming.OwnerApiUpstream;
import dev.usher.network.outlets.MqttSettings;
import dev.usher.station.RouterConfig;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** Reads what the configuration says of the network. */
final class NetworkSection {

    static final String UPSTREAMS = "network.upstreams";
    static final String KEKS = "network.keks";

    private static final int MOST_AN_HOUR = 100;

    private final Settings settings;

    private NetworkSection(Settings settings) {
        this.settings = settings;
    }

    static UsherConfig.Network read(Settings settings) {
        return new NetworkSection(settings).read();
    }

    private UsherConfig.Network read() {
        UsherConfig.Network standard = UsherConfig.Network.DEFAULT;
        NetId netId = netId(settings.text("network.net-id", standard.netId().toString()));
        Eui64 nsId =
                settings.text("network.ns-id")
                        .map(text -> parsed("network.ns-id", text, Eui64::parse))
                        .orElseGet(() -> Sender.defaultNsId(netId));
        String asId = settings.text("network.as-id", standard.asId());
        boolean allowUnauthenticated = settings.flag("network.allow-unauthenticated");
        Optional<Path> interop = settings.path("network.interop");
        Optional<UsherConfig.Tls> interopIdentity = interopIdentity(interop);
        return new UsherConfig.Network(
                netId,
                nsId,
                asId,
                allowUnauthenticated,
                interop,
                interopIdentity,
                filter(),
                dial(),
                mqtt(),
                autoRegistration(),
                oidc(),
                upstreams(),
                keks());
    }

    private Optional<UsherConfig.Tls> interopIdentity(Optional<Path> interop) {
        Optional<Path> certificate = settings.path("network.interop-certificate");
        Optional<Path> key = settings.path("network.interop-key");
        if (certificate.isPresent() != key.isPresent()) {
            throw settings.about(
                    certificate.isPresent() ? "network.interop-key" : "network.interop-certificate",
                    "is missing: a client certificate has both");
        }
        if (certificate.isPresent() && interop.isEmpty()) {
            throw settings.about(
                    "network.interop-certificate",
                    "is of no use without network.interop: say where other Join Servers are named");
        }
        return certificate.map(file -> new UsherConfig.Tls(file, key.orElseThrow()));
    }

    private UsherConfig.Filter filter() {
        boolean byNetId = settings.flag("network.net-id-filter");
        try {
            List<EuiRange> ranges =
                    words("network.join-eui-filter").stream().map(EuiRange::parse).toList();
            RouterConfig.checkJoinEuis(ranges);
            return new UsherConfig.Filter(byNetId, ranges);
        } catch (IllegalArgumentException e) {
            throw settings.about("network.join-eui-filter", "cannot be used: " + e.getMessage());
        }
    }

    private NetId netId(String text) {
        try {
            return NetId.parse(text);
        } catch (IllegalArgumentException e) {
            throw settings.wrong("network.net-id", "must be a NetID: 6 hex digits, such as 000013");
        }
    }

    private DialConfig dial() {
        List<String> networks = words("network.dial.networks");
        List<String> ports = words("network.dial.ports");
        try {
            return new DialConfig(networks, ports.stream().map(NetworkSection::port).toList());
        } catch (IllegalArgumentException e) {
            throw settings.about(
                    e.getMessage() != null && e.getMessage().contains("port ")
                            ? "network.dial.ports"
                            : "network.dial.networks",
                    "cannot be used: " + e.getMessage());
        }
    }

    private static int port(String text) {
        if (!text.matches("[0-9]{1,5}")) {
            throw new IllegalArgumentException("port " + text + " is not a number");
        }
        return Integer.parseInt(text);
    }

    /** Words with commas between them. */
    private List<String> words(String name) {
        return settings.text(name)
                .map(text -> Stream.of(text.split(",", -1)).map(String::strip).toList())
                .orElse(List.of());
    }

    private Optional<MqttConfig> mqtt() {
        Optional<URI> url =
                settings.text("network.mqtt.url")
                        .map(text -> parsed("network.mqtt.url", text, MqttSettings::url));
        Optional<String> user = settings.text("network.mqtt.user");
        boolean passwordVariable = settings.isInEnvironment("network.mqtt.password");
        Optional<Path> passwordFile = settings.path("network.mqtt.password-file");
        Optional<Path> ca = settings.path("network.mqtt.ca");
        String prefix =
                parsed(
                        "network.mqtt.topic-prefix",
                        settings.text("network.mqtt.topic-prefix", "usher"),
                        MqttSettings::prefix);
        String clientId = settings.text("network.mqtt.client-id", "usher");
        if (url.isEmpty()) {
            for (String name :
                    List.of(
                            "user",
                            "password",
                            "password-file",
                            "ca",
                            "topic-prefix",
                            "client-id")) {
                if (settings.has("network.mqtt." + name)) {
                    throw settings.about(
                            "network.mqtt." + name,
                            "is of no use without network.mqtt.url: say where the broker is");
                }
            }
            return Optional.empty();
        }
        if (passwordVariable && passwordFile.isPresent()) {
            throw settings.about(
                    "network.mqtt.password-file",
                    "and USHER_NETWORK_MQTT_PASSWORD are both set: keep one");
        }
        if ((passwordVariable || passwordFile.isPresent()) && user.isEmpty()) {
            throw settings.about("network.mqtt.user", "is missing: a password needs a user");
        }
        if (ca.isPresent() && url.get().getScheme().equals("mqtt")) {
            throw settings.about("network.mqtt.ca", "is for mqtts, and the URL says mqtt");
        }
        return Optional.of(
                new MqttConfig(
                        url.get(), clientId, prefix, user, passwordVariable, passwordFile, ca));
    }

    private Optional<AutoRegistrationConfig> autoRegistration() {
        Optional<String> owner = settings.text("network.auto-registration.owner");
        Optional<String> plan = settings.text("network.auto-registration.frequency-plan");
        int mostAnHour =
                settings.number(
                        "network.auto-registration.most-an-hour", MOST_AN_HOUR, 1, 1_000_000);
        if (owner.isEmpty() && plan.isEmpty()) {
            if (settings.has("network.auto-registration.most-an-hour")) {
                throw settings.about(
                        "network.auto-registration.owner", "is missing: say whose gateways are");
            }
            return Optional.empty();
        }
        for (String name : List.of("owner", "frequency-plan")) {
            if (!settings.has("network.auto-registration." + name)) {
                throw settings.about(
                        "network.auto-registration." + name,
                        "is missing: gateways that register themselves need an owner and a"
                                + " frequency plan");
            }
        }
        return Optional.of(
                new AutoRegistrationConfig(
                        parsed(
                                "network.auto-registration.owner",
                                owner.orElseThrow(),
                                AccountId::new),
                        parsed(
                                "network.auto-registration.frequency-plan",
                                plan.orElseThrow(),
                                NetworkSection::plan),
                        mostAnHour));
    }

    private static String plan(String text) {
        FrequencyPlan plan = FrequencyPlan.of(text);
        RouterConfig.refusal(plan)
                .ifPresent(
                        why -> {
                            throw new IllegalArgumentException(why);
                        });
        return plan.id();
    }

    private Optional<OidcConfig> oidc() {
        Optional<URI> issuer =
                settings.text("network.oidc.issuer")
                        .map(text -> parsed("network.oidc.issuer", text, NetworkSection::httpsUrl));
        Optional<String> clientId = settings.text("network.oidc.client-id");
        boolean secretVariable = settings.isInEnvironment("network.oidc.client-secret");
        Optional<Path> secretFile = settings.path("network.oidc.client-secret-file");
        Optional<Path> ca = settings.path("network.oidc.ca");
        Optional<URI> publicUrl =
                settings.text("network.oidc.public-url")
                        .map(
                                text ->
                                        parsed(
                                                "network.oidc.public-url",
                                                text,
                                                NetworkSection::serverUrl));
        boolean createsUsers = settings.flag("network.oidc.create-users");
        if (issuer.isEmpty()) {
            for (String name :
                    List.of(
                            "client-id",
                            "client-secret",
                            "client-secret-file",
                            "ca",
                            "public-url",
                            "create-users")) {
                if (settings.has("network.oidc." + name)) {
                    throw settings.about(
                            "network.oidc." + name,
                            "is of no use without network.oidc.issuer: say who the provider is");
                }
            }
            return Optional.empty();
        }
        if (secretVariable && secretFile.isPresent()) {
            throw settings.about(
                    "network.oidc.client-secret-file",
                    "and USHER_NETWORK_OIDC_CLIENT_SECRET are both set: keep one");
        }
        return Optional.of(
                new OidcConfig(
                        issuer.get(),
                        clientId.orElseThrow(
                                () ->
                                        settings.about(
                                                "network.oidc.client-id",
                                                "is missing: the provider gives you one")),
                        secretVariable,
                        secretFile,
                        ca,
                        publicUrl,
                        createsUsers));
    }

    private static URI httpsUrl(String text) {
        try {
            URI url = new URI(text);
            if ("https".equals(url.getScheme())
                    && url.getHost() != null
                    && url.getRawUserInfo() == null
                    && url.getRawQuery() == null
                    && url.getRawFragment() == null) {
                return url;
            }
        } catch (URISyntaxException e) {
            // Said below, as for any other URL that will not do.
        }
        throw new IllegalArgumentException("write it as in https://id.example.com/realms/acme");
    }

    private <T> T parsed(String name, String text, Function<String, T> parser) {
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            throw settings.about(name, "cannot be used: " + e.getMessage());
        }
    }

    private List<UpstreamConfig> upstreams() {
        List<UpstreamConfig> upstreams = new ArrayList<>();
        Set<String> names = new HashSet<>(Set.of("own"));
        for (Settings.Entry entry : settings.entries(UPSTREAMS)) {
            UpstreamConfig upstream = upstream(entry);
            if (!names.add(upstream.name())) {
                throw entry.about(
                        "name",
                        "is '%s', which is another's: give each a name of its own"
                                .formatted(upstream.name()));
            }
            upstreams.add(upstream);
        }
        return upstreams;
    }

    private static UpstreamConfig upstream(Settings.Entry entry) {
        URI url = entry.parsed("url", entry.required("url"), NetworkSection::serverUrl);
        String name = entry.text("name").orElse(url.getHost());
        List<EuiRange> ranges =
                entry.texts("ranges").stream()
                        .map(text -> entry.parsed("ranges", text, EuiRange::parse))
                        .toList();
        if (ranges.isEmpty()) {
            throw entry.about(
                    "ranges",
                    "is missing: say whose gateways it knows, as in [\"58A0CBFFFE000000/40\"]");
        }
        OwnerId owner = entry.parsed("owner-id", entry.required("owner-id"), OwnerId::parse);
        entry.refuseSecret("api-key");
        Optional<Path> apiKey = entry.path("api-key-file");
        Optional<Path> certificate = entry.path("certificate");
        Optional<Path> key = entry.path("key");
        Optional<Path> ca = entry.path("ca");
        OwnerApiUpstream.Word word =
                entry.parsed(
                        "resource", entry.text("resource").orElse("gateway"), NetworkSection::word);
        if (certificate.isPresent() != key.isPresent()) {
            throw entry.about(
                    certificate.isPresent() ? "key" : "certificate",
                    "is missing: a client certificate has both");
        }
        if (apiKey.isPresent() == certificate.isPresent()) {
            throw entry.about(
                    "api-key-file",
                    apiKey.isPresent()
                            ? "and a client certificate are both given: keep one"
                            : "is missing: name the file with the owner's API key, or a client"
                                    + " certificate and its key");
        }
        return new UpstreamConfig(
                name,
                url,
                ranges,
                owner,
                apiKey,
                certificate.map(file -> new UsherConfig.Tls(file, key.orElseThrow())),
                ca,
                word);
    }

    private static URI serverUrl(String text) {
        try {
            URI url = new URI(text);
            String path = url.getRawPath();
            if ("https".equals(url.getScheme())
                    && url.getHost() != null
                    && url.getRawUserInfo() == null
                    && url.getRawQuery() == null
                    && url.getRawFragment() == null
                    && (path == null || path.isEmpty() || path.equals("/"))) {
                return url;
            }
        } catch (URISyntaxException e) {
            // Said below, as for any other URL that will not do.
        }
        throw new IllegalArgumentException(
                "write https, host and port and nothing else, as in https://gwjs.example.com:9193");
    }

    private static OwnerApiUpstream.Word word(String text) {
        return switch (text) {
            case "gateway" -> OwnerApiUpstream.Word.GATEWAY;
            case "router" -> OwnerApiUpstream.Word.ROUTER;
            default -> throw new IllegalArgumentException("write gateway or router");
        };
    }

    private List<KekConfig> keks() {
        List<KekConfig> keks = new ArrayList<>();
        Set<String> labels = new HashSet<>();
        for (Settings.Entry entry : settings.entries(KEKS)) {
            String label = entry.required("label");
            entry.refuseSecret("key");
            Path file =
                    entry.path("key-file")
                            .orElseThrow(
                                    () ->
                                            entry.about(
                                                    "key-file",
                                                    "is missing: name the file with the key in"
                                                            + " hex"));
            if (!labels.add(label)) {
                throw entry.about("label", "is there twice");
            }
            keks.add(new KekConfig(label, file));
        }
        return keks;
    }
}
