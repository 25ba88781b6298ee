package dev.usher.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseUrlTest {

    @ParameterizedTest
    @CsvSource({
        "postgresql://usher:pa%40ss@db/usher,            jdbc:postgresql://db/usher,               "
                + "                                 usher, pa@ss",
        "postgres://u:p@db:5433/usher?sslmode=require,  "
            + " jdbc:postgresql://db:5433/usher?sslmode=require,                           u,    "
            + " p",
        "'jdbc:postgresql://u@a:1,b:2/usher',             "
            + " 'jdbc:postgresql://a:1,b:2/usher?targetServerType=primary',                 u,    "
            + " ",
        "'postgresql://a,b/usher?targetServerType=any', "
            + " 'jdbc:postgresql://a,b/usher?targetServerType=any',                         ,     "
            + " ",
    })
    void readsPostgresqlUrls(String text, String jdbcUrl, String user, String password) {
        DatabaseUrl url = DatabaseUrl.parse(text);
        assertThat(url.engine()).isEqualTo(Engine.POSTGRESQL);
        assertThat(url.jdbcUrl()).isEqualTo(jdbcUrl);
        assertThat(url.credentials().getProperty("user")).isEqualTo(user);
        assertThat(url.credentials().getProperty("password")).isEqualTo(password);
    }

    @Test
    void neverShowsAPassword() {
        assertThat(DatabaseUrl.parse("postgresql://usher:topsecret@db/usher?password=topsecret"))
                .hasToString("postgresql://db/usher");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "db",
                "mysql://u:topsecret@db/x",
                "postgresql://u:topsecret@db",
                "postgresql:///usher",
                "sqlite:"
            })
    void refusesEverythingElseWithoutRepeatingIt(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DatabaseUrl.parse(text))
                .withMessageContaining("postgresql://USER")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("topsecret"));
    }

    @Test
    void saysWhichDatabaseCannotBeOpened() {
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> Database.open(DatabaseUrl.parse("sqlite:/nonexistent/usher.db")))
                .withMessageContaining("/nonexistent/usher.db cannot be opened");
    }
}
