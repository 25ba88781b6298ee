package dev.usher.api;

import static dev.usher.api.NetworkHouse.json;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Users and organizations over REST. */
class AccountRoutesTest {

    private static final String USERS = "/api/v1/users";
    private static final String ORGANIZATIONS = "/api/v1/organizations";

    private @TempDir Path directory;
    private NetworkHouse house;

    @BeforeEach
    void open() {
        house = new NetworkHouse(directory);
    }

    @AfterEach
    void close() {
        house.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/v1/audit", "/api/v1/owners", "/api/v1/batches"})
    void aUsersKeyIsKnownWhereItDoesNotSuffice(String path) throws Exception {
        House.Answer answer = house.asAnn("GET", path, "");
        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.body()).contains("only an administrator or an owner");
        assertThat(house.ask("USHER.0.wrong", "GET", path, "").status()).isEqualTo(401);
    }

    @Test
    void usersComeAndGo() throws Exception {
        assertThat(house.asAdmin("POST", USERS, "{'id':'eve','email':'eve@example.com'}").json())
                .isEqualTo(
                        json(
                                "{'id':'eve','name':'eve','email':'eve@example.com',"
                                        + "'administrator':false,"
                                        + "'createdAt':'2026-11-21T10:00:00Z'}"));
        assertThat(house.asAdmin("POST", USERS, "{'id':'eve'}").status()).isEqualTo(409);
        assertThat(house.asAnn("POST", USERS, "{'id':'mal'}").status()).isEqualTo(403);
        assertThat(house.asAnn("GET", USERS, "").status()).isEqualTo(403);
        assertThat(house.asAdmin("GET", USERS, "").json().get("items").findValuesAsString("id"))
                .containsExactly("ann", "bob", "eve");
        assertThat(house.asAnn("GET", USERS + "/eve", "").status()).isEqualTo(404);
        assertThat(house.asAnn("GET", USERS + "/ann", "").status()).isEqualTo(200);
        assertThat(house.asAdmin("DELETE", USERS + "/eve", "").status()).isEqualTo(204);
        assertThat(house.asAdmin("GET", USERS + "/eve", "").status()).isEqualTo(404);
    }

    @Test
    void passwordsGoInOnly() throws Exception {
        String password = "{'password':'correct horse battery'}";
        assertThat(house.asBob("PUT", USERS + "/ann/password", password).status()).isEqualTo(404);
        assertThat(house.asAdmin("PUT", USERS + "/ann/password", password).status()).isEqualTo(204);
        assertThat(house.house.askRest("GET", "/api/v1/audit", "").body())
                .doesNotContain("battery");
    }

    @Test
    void organizationsHaveMembers() throws Exception {
        assertThat(
                        house.asAnn(
                                        "POST",
                                        ORGANIZATIONS,
                                        "{'id':'acme','name':'Acme','member':'ann'}")
                                .json())
                .isEqualTo(json("{'id':'acme','name':'Acme','createdAt':'2026-11-21T10:00:00Z'}"));
        assertThat(house.asBob("GET", ORGANIZATIONS + "/acme", "").status()).isEqualTo(404);
        assertThat(house.asAnn("GET", USERS + "/acme", "").status()).isEqualTo(404);
        assertThat(
                        house.asAnn(
                                        "PUT",
                                        ORGANIZATIONS + "/acme/collaborators/bob",
                                        "{'rights':['RIGHT_ORGANIZATION_INFO']}")
                                .status())
                .isEqualTo(200);
        assertThat(house.asBob("GET", ORGANIZATIONS + "/acme", "").status()).isEqualTo(200);
        assertThat(
                        house.asBob("GET", ORGANIZATIONS + "?member=bob", "")
                                .json()
                                .get("items")
                                .findValuesAsString("id"))
                .containsExactly("acme");
        assertThat(house.asAnn("DELETE", ORGANIZATIONS + "/acme", "").status()).isEqualTo(204);
    }
}
