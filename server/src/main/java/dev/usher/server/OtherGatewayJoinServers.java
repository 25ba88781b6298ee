package dev.usher.server;

import dev.usher.network.claiming.OwnerApiUpstream;
import dev.usher.network.claiming.Upstreams;
import dev.usher.server.config.UpstreamConfig;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The Gateway Join Servers elsewhere, which the configuration names. */
final class OtherGatewayJoinServers {

    private static final Duration CONNECT = Duration.ofSeconds(10);

    private OtherGatewayJoinServers() {}

    /**
     * @throws IOException if a file that the configuration names cannot be used
     */
    static List<Upstreams.Upstream> of(List<UpstreamConfig> configured) throws IOException {
        List<Upstreams.Upstream> upstreams = new ArrayList<>();
        for (int i = 0; i < configured.size(); i++) {
            upstreams.add(of("network.upstreams[" + (i + 1) + "]", configured.get(i)));
        }
        return upstreams;
    }

    private static Upstreams.Upstream of(String key, UpstreamConfig upstream) throws IOException {
        HttpClient client =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .connectTimeout(CONNECT)
                        .sslContext(ClientTls.context(key, upstream.ca(), upstream.identity()))
                        .build();
        Optional<String> apiKey =
                upstream.apiKeyFile().isPresent()
                        ? Optional.of(
                                ClientTls.text(key + ".api-key-file", upstream.apiKeyFile().get()))
                        : Optional.empty();
        return new Upstreams.Upstream(
                upstream.name(),
                upstream.ranges(),
                new OwnerApiUpstream(
                        client, upstream.url(), upstream.ownerId(), apiKey, upstream.word()));
    }
}
