package dev.usher.api;

import static dev.usher.api.NetworkHouse.CODE;
import static dev.usher.api.NetworkHouse.GATEWAY;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.api.edge.Edge;
import dev.usher.api.edge.Listener;
import dev.usher.api.edge.ListenerOptions;
import dev.usher.lorawan.Eui64;
import dev.usher.station.UpdateInfoRequest;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The web pages, at a real server, as somebody with a browser uses them. */
class ConsoleTest {

    private static final String PASSWORD = "correct horse battery staple";
    private static final Map<String, String> CLAIM =
            Map.of(
                    "eui", "58A0CB800BE7",
                    "code", CODE,
                    "id", "gtw1",
                    "collaborator", "ann",
                    "plan", "EU_863_870");

    @AutoClose private final HttpClient client = HttpClient.newHttpClient();
    @AutoClose private final Edge edge = Edge.create();
    @AutoClose private NetworkHouse house;
    private Listener listener;
    private String cookie = "";

    @BeforeEach
    void open(@TempDir Path directory) throws Exception {
        house = new NetworkHouse(directory);
        listener = edge.listen(ListenerOptions.of("web", "127.0.0.1", 0), house.rest);
        String password = "{'password':'" + PASSWORD + "'}";
        house.asAdmin("PUT", "/api/v1/users/ann/password", password);
        house.asAdmin("PUT", "/api/v1/users/bob/password", password);
    }

    private HttpResponse<String> get(String path) throws Exception {
        return send(request(path).GET());
    }

    /** As a browser posts a form of a page of this server. */
    private HttpResponse<String> post(String path, Map<String, String> form) throws Exception {
        return post(path, form, "same-origin");
    }

    private HttpResponse<String> post(String path, Map<String, String> form, String site)
            throws Exception {
        String body =
                form.entrySet().stream()
                        .map(field -> encoded(field.getKey()) + "=" + encoded(field.getValue()))
                        .collect(Collectors.joining("&"));
        HttpRequest.Builder request =
                request(path)
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(body));
        return send(site.isEmpty() ? request : request.header("Sec-Fetch-Site", site));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, UTF_8);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + listener.port() + path))
                .header("Cookie", cookie);
    }

    private HttpResponse<String> send(HttpRequest.Builder request)
            throws IOException, InterruptedException {
        HttpResponse<String> response =
                client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        response.headers()
                .firstValue("Set-Cookie")
                .ifPresent(set -> cookie = set.substring(0, set.indexOf(';')));
        return response;
    }

    private void signIn(String user) throws Exception {
        HttpResponse<String> response = post("/login", Map.of("user", user, "password", PASSWORD));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(303);
        assertThat(goesTo(response)).isEqualTo("/");
    }

    private static String goesTo(HttpResponse<String> response) {
        return response.headers().firstValue("Location").orElse("");
    }

    @Test
    void somebodySignsInSeesTheirGatewaysAndLeaves() throws Exception {
        assertThat(goesTo(get("/"))).isEqualTo("/login");
        assertThat(get("/login").body()).contains("name=\"password\"").doesNotContain("provider");
        HttpResponse<String> wrong = post("/login", Map.of("user", "ann", "password", "guess"));
        assertThat(wrong.statusCode()).isEqualTo(401);
        assertThat(wrong.body()).contains("or this is not their password");

        signIn("ann");
        assertThat(get("/").body()).contains("You are ann", "You have none yet");

        assertThat(goesTo(post("/logout", Map.of()))).isEqualTo("/login");
        assertThat(goesTo(get("/"))).isEqualTo("/login");
    }

    @Test
    void somebodyClaimsAGatewayAndSeesHowItFares() throws Exception {
        signIn("ann");
        assertThat(goesTo(post("/gateways", CLAIM))).isEqualTo("/gateways/gtw1");
        assertThat(get("/").body()).contains("58A0CBFFFE800BE7", "never connected");

        house.connectedSince.put(GATEWAY, Instant.parse("2026-11-21T10:00:00Z"));
        house.cups.answer(
                UpdateInfoRequest.parse(
                        "{\"router\":\"58A0:CBFF:FE80:BE7\",\"cupsUri\":\"\",\"tcUri\":\"\"}"
                                .getBytes(UTF_8)),
                Optional.empty(),
                Optional.empty());

        assertThat(get("/").body()).contains("connected</span> since");
        assertThat(get("/gateways/gtw1").body())
                .contains("EU_863_870", "2026-11-21T10:00:00Z")
                .contains("it showed neither a key nor a certificate of this gateway");
        assertThat(house.asAnn("GET", "/api/v1/network/gateways/gtw1/stats", "").body())
                .contains("it showed neither a key nor a certificate of this gateway");
    }

    @ParameterizedTest
    @CsvSource({
        "/gateways, /",
        "/gateways/gtw1/authorize, /gateways/gtw1",
        "/gateways/gtw1/unclaim, /gateways/gtw1",
    })
    void whatAFormWasSentToIsLoadedAgainWithoutIt(String address, String page) throws Exception {
        signIn("ann");
        assertThat(goesTo(get(address))).isEqualTo(page);
    }

    @Test
    void whatIsReadOffALabelStandsInTheFormAndInNoAddress() throws Exception {
        HttpResponse<String> scanned = get("/c/58a0cbfffe800be7/vfjk89h3");
        assertThat(goesTo(scanned)).isEqualTo("/");
        assertThat(scanned.headers().firstValue("Set-Cookie"))
                .hasValue(
                        "__Host-usher-scanned=58a0cbfffe800be7.vfjk89h3; Path=/; Secure; HttpOnly;"
                                + " SameSite=Lax; Max-Age=600");
        assertThat(scanned.headers().firstValue("Referrer-Policy")).hasValue("no-referrer");
        String label = cookie;
        assertThat(goesTo(get("/"))).isEqualTo("/login");

        signIn("ann");
        cookie = cookie + "; " + label;
        assertThat(get("/").body())
                .contains("name=\"eui\" value=\"58a0cbfffe800be7\"")
                .contains("name=\"code\" value=\"vfjk89h3\"");
        HttpResponse<String> claimed = post("/gateways", CLAIM);
        assertThat(goesTo(claimed)).isEqualTo("/gateways/gtw1");
        assertThat(claimed.headers().firstValue("Set-Cookie").orElse(""))
                .startsWith("__Host-usher-scanned=;")
                .endsWith("Max-Age=0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/c/", "/c/58a0", "/c/58a0cbfffe800be7", "/c/58a0cbfffe800be7/a%22b"})
    void whatIsNoLabelLeadsNowhere(String path) throws Exception {
        signIn("ann");
        HttpResponse<String> answer = get(path);
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.headers().firstValue("Set-Cookie")).isEmpty();
    }

    @Test
    void onlyPlansThatStationsCanTransmitInAreOffered() throws Exception {
        signIn("ann");
        assertThat(get("/").body())
                .contains("EU_863_870_TTN")
                .doesNotContain("IN_865_867", "RU_864_870", "CN_470_510", "AS_923_2");
    }

    @Test
    void aGatewayIsHandedOver() throws Exception {
        signIn("ann");
        post("/gateways", CLAIM);
        Map<String, String> offer = Map.of("code", "SELL-2-BOB-1", "until", "2026-12-24");
        assertThat(goesTo(post("/gateways/gtw1/authorize", offer))).isEqualTo("/gateways/gtw1");
        assertThat(get("/gateways/gtw1").body()).contains("2026-12-24T00:00:00Z");
        post("/gateways/gtw1/unauthorize", Map.of());
        assertThat(get("/gateways/gtw1").body()).contains("/gateways/gtw1/authorize");
        post("/gateways/gtw1/authorize", offer);

        signIn("bob");
        assertThat(get("/gateways/gtw1").statusCode()).isEqualTo(404);
        Map<String, String> his =
                Map.of(
                        "eui", "58A0CBFFFE800BE7",
                        "code", "SELL-2-BOB-1",
                        "id", "gtw2",
                        "collaborator", "bob",
                        "plan", "EU_863_870");
        assertThat(goesTo(post("/gateways", his))).isEqualTo("/gateways/gtw2");
        assertThat(goesTo(post("/gateways/gtw2/unclaim", Map.of()))).isEqualTo("/");
        assertThat(get("/").body()).contains("You have none yet");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    code         | VfjK89hE    | 403 | Claim authentication code mismatch
                    code         |             | 400 | code is missing: fill it in
                    eui          | 58A0        | 400 | 58A0
                    eui          | 0102030405060708 | 404 | Claiming is not supported
                    id           | Gateway One | 400 | is not a gateway ID
                    collaborator | bob         | 404 | there is no user or organization bob
                    plan         | EU_1        | 400 | there is no frequency plan
                    """)
    void whatIsWrongWithAClaimIsSaidAboveTheFormThatWasFilledIn(
            String field, String value, int status, String why) throws Exception {
        signIn("ann");
        Map<String, String> form = new HashMap<>(CLAIM);
        form.put(field, value == null ? "" : value);

        HttpResponse<String> response = post("/gateways", form);

        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.body()).contains("role=\"alert\"", why, "action=\"/gateways\"");
        assertThat(response.body()).doesNotContain(CODE);
        assertThat(get("/").body()).contains("You have none yet");
    }

    @Test
    void theSentenceIsThatOfTheRestApi() throws Exception {
        signIn("ann");
        Map<String, String> form = new HashMap<>(CLAIM);
        form.put("code", "wrong-code");
        String told =
                house.asAnn(
                                "POST",
                                "/api/v1/network/gateways/claim",
                                "{'eui':'58A0CBFFFE800BE7','authenticationCode':'wrong-code',"
                                        + "'collaborator':'ann',"
                                        + "'targetFrequencyPlanIds':['EU_863_870']}")
                        .json()
                        .get("detail")
                        .stringValue();

        assertThat(post("/gateways", form).body()).contains(Html.of("{}", told).text());
    }

    /** What a page of another site, an old browser or a program without one could send. */
    @ParameterizedTest
    @ValueSource(strings = {"cross-site", "same-site", "none", ""})
    void nothingIsChangedForAPageOfAnotherSite(String site) throws Exception {
        signIn("ann");
        post("/gateways", CLAIM);
        Map<String, String> offer = Map.of("code", "SELL-2-BOB-1", "until", "2026-12-24");
        for (String path :
                new String[] {
                    "/gateways",
                    "/gateways/gtw1/authorize",
                    "/gateways/gtw1/unauthorize",
                    "/gateways/gtw1/unclaim",
                    "/logout"
                }) {
            HttpResponse<String> response = post(path, offer, site);
            assertThat(response.statusCode()).as(path).isEqualTo(403);
            assertThat(response.body()).contains("a page of another site may not do this");
        }
        assertThat(get("/gateways/gtw1").body()).contains("/gateways/gtw1/authorize");
    }

    @Test
    void nobodyIsSignedInByAPageOfAnotherSite() throws Exception {
        HttpResponse<String> response =
                post("/login", Map.of("user", "bob", "password", PASSWORD), "cross-site");

        assertThat(response.statusCode()).isEqualTo(403);
        assertThat(response.headers().firstValue("Set-Cookie")).isEmpty();
    }

    @Test
    void whatSomebodyCallsAGatewayStaysText() throws Exception {
        String name = "<script>alert(1)</script>\\\" onload=x '&amp;";
        signIn("ann");
        house.asAnn(
                "POST",
                "/api/v1/network/gateways",
                "{'eui':'AA00000000000001','id':'gtw2','collaborator':'ann','name':'"
                        + name.replace("'", "\\u0027")
                        + "'}");
        String escaped = "&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=x &#39;&amp;amp;";
        assertThat(get("/").body()).contains(escaped).doesNotContain("<script");
        assertThat(get("/gateways/gtw2").body()).contains(escaped).doesNotContain("<script");

        Map<String, String> form = new HashMap<>(CLAIM);
        form.put("eui", "\"><script>alert(1)</script>");
        form.put("id", "\"><img src=x>");
        assertThat(post("/gateways", form).body())
                .contains("value=\"&quot;&gt;&lt;script&gt;")
                .doesNotContain("<script", "<img");
        assertThat(get("/gateways/%3Cscript%3E").body()).doesNotContain("<script");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/login", "/gateways/gtw9", "/gateways/a/b/c"})
    void everyPageAllowsNothingOfOthers(String path) throws Exception {
        signIn("ann");
        HttpResponse<String> response = get(path);

        assertThat(response.headers().firstValue("Content-Security-Policy"))
                .contains(
                        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri"
                                + " 'none'; frame-ancestors 'none'");
        assertThat(response.headers().firstValue("Cache-Control")).contains("no-store");
        assertThat(response.body())
                .contains("<!doctype html>")
                .doesNotContain("<script", " style=", "://");
        assertThat(get("/console.css").headers().firstValue("Content-Type"))
                .contains("text/css; charset=utf-8");
    }

    @Test
    void whatSomebodyMayNotKnowIsNotShown() throws Exception {
        house.asAnn(
                "POST",
                "/api/v1/network/gateways",
                "{'eui':'AA00000000000001','id':'gtw2','collaborator':'ann'}");
        house.connectedSince.put(Eui64.parse("AA00000000000001"), Instant.EPOCH);
        house.asAnn(
                "PUT",
                "/api/v1/network/gateways/gtw2/collaborators/bob",
                "{'rights':['RIGHT_GATEWAY_INFO']}");
        signIn("bob");

        assertThat(get("/").body()).contains("gtw2", "not yours to see").doesNotContain("since");
        HttpResponse<String> refused = post("/gateways/gtw2/unclaim", Map.of());
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body()).contains("you need RIGHT_GATEWAY_DELETE on gateway gtw2");
    }

    @Test
    void anAdministratorSeesAllGateways() throws Exception {
        house.asAdmin("POST", "/api/v1/users", "{'id':'carol','administrator':true}");
        house.asAdmin("PUT", "/api/v1/users/carol/password", "{'password':'" + PASSWORD + "'}");
        house.asAnn(
                "POST",
                "/api/v1/network/gateways",
                "{'eui':'AA00000000000001','id':'gtw2','collaborator':'ann'}");
        signIn("carol");

        assertThat(get("/").body()).contains("gtw2", "You are administrator user carol");
    }
}
