package dev.usher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.cli.Shows.Result;
import dev.usher.server.UsherServer;
import dev.usher.server.config.UsherConfig;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/** A template is refused only for a field that no server ever sends. */
class ShowsTest {

    @TempDir private Path directory;
    private Cli cli = new Cli();

    @Test
    void namesEveryFieldThatAServerSends() {
        try (UsherServer server =
                UsherServer.start(
                        directory.resolve("data"),
                        UsherConfig.DEFAULT.onLoopback(),
                        InstantSource.system())) {
            cli =
                    Cli.alone(directory.resolve("data"))
                            .with("USHER_URL", "https://localhost:" + server.webPort());
            String ca = server.authorityCertificate().toString();
            shows(Result.USER, "users create ann --name Ann --email ann@example.com");
            shows(Result.USER, "users create bob --dry-run");
            shows(Result.PASSWORD, "users set-password ann --password correct-horse-battery");
            shows(Result.IDENTITY, "users link ann --issuer https://id.example.com --subject 1");
            shows(
                    Result.KEY,
                    "users api-keys create ann --right RIGHT_ALL --expires-at 2099-01-01");
            shows(
                    Result.DEVICE,
                    "network devices create 0102030405060708 --join-eui ::1 --mac-version 1.0.3"
                            + " --name Door --user-id ann");
            shows(
                    Result.KEY,
                    "network devices api-keys create 0102030405060708 --right"
                            + " RIGHT_APPLICATION_TRAFFIC_READ");
            shows(Result.DOWNLINK, "network downlink 0102030405060708 --port 2 --payload 0A");
            showsEach(
                    Result.REGISTERED_GATEWAY,
                    "gateways create gtw1 --gateway-eui 58A0CBFFFE800BE7 --user-id ann"
                            + " --frequency-plan-id EU_863_870");
            shows(
                    Result.GATEWAY,
                    "gateways set gtw1 --name Roof --description North --gateway-server-address"
                            + " ws://192.0.2.1:1887");
            shows(
                    Result.GATEWAY,
                    "gateways claim authorize gtw1 --code SELL-2-BOB-1 --until " + tomorrow());
            shows(Result.STATION_KEY, "gateways issue-key gtw1 cups");
            shows(Result.KEY, "gateways api-keys create gtw1 --right RIGHT_GATEWAY_INFO");
            succeed("users create bob");
            shows(Result.ORGANIZATION, "organizations create acme --name Acme --user-id ann");
            shows(Result.OWNER, "owners create ::2 --name Acme");
            shows(Result.ORGANIZATION, "organizations set-owner acme ::2");
            shows(
                    Result.COLLABORATOR,
                    "organizations collaborators set acme bob --right RIGHT_ALL");
            shows(
                    Result.COLLABORATOR,
                    "gateways collaborators set gtw1 bob --right RIGHT_GATEWAY_INFO");
            shows(
                    Result.WEBHOOK,
                    "network webhooks create hook1 --to https://example.com/ --type uplink"
                            + " --user-id ann");
            shows(Result.WEBHOOK, "network webhooks get hook1");
            shows(Result.WEBHOOK, "network webhooks set hook1 --new-secret");
            shows(Result.SERVER, "trust pin lns.example.com:8887 --root " + ca);
            shows(Result.DELETED, "gateways collaborators delete gtw1 bob --dry-run");
            shows(Result.OWNERS_KEY, "owners api-keys create ::2 --expires-at 2099-01-01");
            joinServerShows(ca);
            gatewayJoinServerShows(ca, server);
        }
    }

    private void joinServerShows(String ca) {
        shows(Result.JOIN_EUI_RANGE, "join-euis set 70B3D57ED0000000/40 --maker ::2");
        shows(
                Result.PEER,
                "peers create ns1 --net-id 000013 --nsids 70B3D57ED0000001 --new-bearer-token"
                        + " --client-ca "
                        + ca
                        + " --client-name ns.example.com --async-url https://ns.example.com/"
                        + " --path-prefix /ns1 --user ns1 --password geheim-geheim");
        shows(Result.PEER, "peers create as1 --as-id as1 --new-bearer-token");
        shows(Result.PEER, "peers rotate-kek ns1 --label ns1-2026");
        shows(Result.TRANSPORT_KEK, "transport-keks register t1 --maker ::2");
        shows(
                Result.PROVISIONED,
                "devices provision 0102030405060709 --join-eui 70B3D57ED0000001 --app-key"
                        + " 000102030405060708090A0B0C0D0E0F --owner-token TOKEN12345"
                        + " --serial-number S1 --profile-id 01020304 --mac-version 1.0.3");
        shows(
                Result.CLAIMED_DEVICE,
                "devices claim 0102030405060709 TOKEN12345 --owner ::2 --new-token");
        shows(
                Result.PROVISIONED_DEVICE,
                "devices set 0102030405060709 --home-net-id 000013 --home-ns-id 70B3D57ED0000001"
                        + " --as-id as1 --roaming 000014 --app-s-key-in-clear");
        shows(Result.PROVISIONED_DEVICE, "devices reset-nonces 0102030405060709");
        shows(Result.OWNER_TOKEN, "devices owner-token 0102030405060709");
        shows(Result.OWNER_TOKEN, "devices release 0102030405060709");
        shows(Result.DELETED, "devices delete 0102030405060709");
    }

    private void gatewayJoinServerShows(String ca, UsherServer server) {
        shows(Result.BATCH, "batches create femto --range 58A0CBFFFE800000/44 --maker-ca " + ca);
        shows(Result.BATCH, "batches create pico --range 0000000000000000/60 --dry-run");
        shows(Result.GATEWAY_CERTIFICATE, "factory gateways certificate 58A0CBFFFE800BE7");
        shows(Result.OWNERS_CERTIFICATE, "owners certificate create ::2");
        shows(Result.OWNERS_CERTIFICATE, "owners certificate add ::2 " + ca);
        shows(Result.OWNERS_CA, "owners ca add ::2 " + ca);
        shows(
                Result.ACTIVATION,
                "owners activation set ::2 --home-net-id 000013 --home-ns-id 70B3D57ED0000001"
                        + " --as-id as1 --app-s-key-in-clear");
        vaultShows();
        Path key = directory.resolve("acme.apikey");
        succeed("owners api-keys create ::2 --out " + key);
        cli.with("USHER_OWNER_URL", "https://localhost:" + server.ownerApiPort());
        String owner = " --ownerid ::2 --api-key @" + key;
        shows(Result.FIRMWARE, "owner firmware add " + ca + " --version 2.0" + owner);
        JsonNode firmware =
                Json.MAPPER.readTree(succeed("owner firmware list -o json" + owner)).get(0);
        shows(
                Result.FIRMWARE,
                "owner firmware delete " + Json.text(firmware, "fwcrc") + " --dry-run" + owner);
    }

    private void vaultShows() {
        Path transportKey = directory.resolve("twin.pem");
        Path wrapped = directory.resolve("wrapped");
        shows(Result.TRANSPORT_KEY, "vault transport-key --out " + transportKey);
        shows(Result.VAULT_KEY, "vault create spare");
        shows(Result.WRAPPED_KEY, "vault export spare --for " + transportKey + " --out " + wrapped);
        shows(Result.DELETED, "vault delete spare");
        shows(Result.VAULT_KEY, "vault import spare --in " + wrapped);
        shows(Result.VAULT_KEY, "vault forbid-export spare");
        succeed("vault create devices --wrapping");
        shows(Result.REWRAPPED, "vault rewrap devices");
    }

    @Test
    void everyChangeLooksAtTheTemplateFirst() {
        List<CommandLine> all =
                commands(Usher.commandLine(Terminal.ofProcess(), "help"))
                        .filter(command -> has(command, Change.class))
                        .filter(command -> has(command, Output.class))
                        .toList();

        assertThat(all).hasSizeGreaterThan(50);
        assertThat(all)
                .allSatisfy(
                        command ->
                                assertThat(method(command).isAnnotationPresent(Shows.class))
                                        .as(command.getCommandSpec().qualifiedName())
                                        .isTrue());
    }

    private static Stream<CommandLine> commands(CommandLine command) {
        return Stream.concat(
                Stream.of(command),
                command.getSubcommands().values().stream().flatMap(ShowsTest::commands));
    }

    private static boolean has(CommandLine command, Class<?> mixin) {
        return command.getMixins().values().stream().anyMatch(mixin::isInstance);
    }

    private static Method method(CommandLine command) {
        return (Method) command.getCommandSpec().userObject();
    }

    private static String tomorrow() {
        return InstantSource.system().instant().plusSeconds(86_400).toString();
    }

    private void shows(Result result, String command) {
        JsonNode shown = Json.MAPPER.readTree(succeed(command + " -o json"));
        assertThat(result.fields()).as(command).containsAll(shown.propertyNames());
    }

    private void showsEach(Result result, String command) {
        Json.MAPPER
                .readTree(succeed(command + " -o json"))
                .forEach(
                        shown ->
                                assertThat(result.fields())
                                        .as(command)
                                        .containsAll(shown.propertyNames()));
    }

    private String succeed(String command) {
        Cli.Run run = cli.run(command);
        assertThat(run.exitCode()).as(command + ": " + run.err()).isZero();
        return run.out();
    }
}
