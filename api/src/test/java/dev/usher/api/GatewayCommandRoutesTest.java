package dev.usher.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.api.House.Answer;
import dev.usher.api.edge.Request;
import dev.usher.station.LnsDownlink;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Commands on gateways, for those who have every right on them; LnsFaceTest has the shells. */
class GatewayCommandRoutesTest {

    private static final String GTW1 = "/api/v1/network/gateways/gtw1";
    private static final String COMMANDS = GTW1 + "/commands";

    private @TempDir Path directory;
    private NetworkHouse house;

    @BeforeEach
    void open() throws Exception {
        house = new NetworkHouse(directory);
        house.asAnn(
                "POST",
                "/api/v1/network/gateways",
                "{'id':'gtw1','eui':'58A0CBFFFE800BE7','collaborator':'ann'}");
    }

    @AfterEach
    void close() {
        house.close();
    }

    @Test
    void runOnAGatewayAndStandInTheAuditLog() throws Exception {
        List<LnsDownlink> sent = house.connect(NetworkHouse.GATEWAY);

        Answer answer =
                house.asAnn("POST", COMMANDS, "{'command':'reboot','arguments':['-d','5']}");

        assertThat(answer.status()).isEqualTo(202);
        assertThat(sent).containsExactly(new LnsDownlink.RunCommand("reboot", List.of("-d", "5")));
        assertThat(house.asAdmin("GET", "/api/v1/audit?limit=100", "").body())
                .contains("network-gateway.run", "58A0CBFFFE800BE7", "reboot", "-d 5");
    }

    @Test
    void wantEveryRightOnTheGateway() throws Exception {
        house.connect(NetworkHouse.GATEWAY);
        assertThat(house.asBob("POST", COMMANDS, "{'command':'reboot'}").status()).isEqualTo(404);
        house.asAnn(
                "PUT",
                GTW1 + "/collaborators/bob",
                "{'rights':['RIGHT_GATEWAY_INFO','RIGHT_GATEWAY_SETTINGS_BASIC',"
                        + "'RIGHT_GATEWAY_READ_SECRETS','RIGHT_GATEWAY_WRITE_SECRETS']}");

        Answer refused = house.asBob("POST", COMMANDS, "{'command':'reboot'}");

        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.json().get("detail").stringValue()).contains("RIGHT_GATEWAY_ALL");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {}                              | 400 | command is missing
                    {'command':''}                  | 400 | the command is empty
                    {'command':'a\\u0000b'}         | 400 | NUL
                    {'command':'a','arguments':'b'} | 400 | arguments
                    {'command':'reboot'}            | 409 | gateway 58A0CBFFFE800BE7 is not connected
                    """)
    void areRefusedForAReason(String body, int status, String why) throws Exception {
        Answer answer = house.asAnn("POST", COMMANDS, body);
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.json().get("detail").stringValue()).contains(why);
    }

    @Test
    void areShort() throws Exception {
        Answer answer = house.asAnn("POST", COMMANDS, "{'command':'" + "x".repeat(4000) + "'}");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("detail").stringValue())
                .isEqualTo("a command of 4002 bytes is too long: 4000 bytes can be");
    }

    @Test
    void aShellIsAWebSocketOfAGatewayThatIsConnected() throws Exception {
        assertThat(house.asAnn("GET", GTW1 + "/shell", "").status()).isEqualTo(400);
        assertThat(house.asAnn("GET", GTW1 + "/shell?term=a%20b", "").status()).isEqualTo(400);
    }

    @Test
    void aShellEndsForWhomMayNoLonger() throws Exception {
        openShell(house.annKey);
        String key = keyOfGateway();
        openShell(key);
        assertThat(house.shells).hasSize(2).allMatch(BooleanSupplier::getAsBoolean);

        house.asAnn("DELETE", GTW1 + "/api-keys/" + key.split("\\.", -1)[1], "");
        assertThat(house.shells.get(0).getAsBoolean()).isTrue();
        assertThat(house.shells.get(1).getAsBoolean()).isFalse();

        house.asAdmin("DELETE", GTW1, ""); // another gateway gets its ID
        house.asAnn(
                "POST",
                "/api/v1/network/gateways",
                "{'id':'gtw1','eui':'58A0CBFFFE800BE8','collaborator':'ann'}");
        assertThat(house.shells.get(0).getAsBoolean()).isFalse();
    }

    private void openShell(String key) {
        house.rest.handle(
                Request.of("GET", GTW1 + "/shell")
                        .withHeader("Upgrade", "websocket")
                        .withHeader("Authorization", "Bearer " + key));
    }

    private String keyOfGateway() throws Exception {
        return house.asAnn("POST", GTW1 + "/api-keys", "{'rights':['RIGHT_GATEWAY_ALL']}")
                .json()
                .get("key")
                .stringValue();
    }
}
