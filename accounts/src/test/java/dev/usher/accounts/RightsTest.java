package dev.usher.accounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RightsTest {

    @ParameterizedTest
    @CsvSource({
        "RIGHT_GATEWAY_INFO, RIGHT_GATEWAY_INFO",
        "right_gateway_info, RIGHT_GATEWAY_INFO",
        "gateway-info, RIGHT_GATEWAY_INFO",
        "RIGHT_APPLICATION_TRAFFIC_READ, RIGHT_APPLICATION_TRAFFIC_READ",
        "RIGHT_ALL, RIGHT_ALL"
    })
    void aRightIsReadAsPeopleWriteIt(String text, String name) {
        assertThat(Right.parse(text)).hasToString(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "RIGHT_", "RIGHT_GATEWAY", "RIGHT_RIGHT_ALL", "RIGHT_GATEWAY_\n"})
    void whatIsNoRightIsRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Right.parse(text))
                .withMessageStartingWith("there is no right '");
    }

    @Test
    void oneRightBringsWhatFollowsFromIt() {
        Rights link = Rights.of(Right.GATEWAY_LINK);
        assertThat(link.includes(Right.GATEWAY_INFO)).isTrue();
        assertThat(link.includes(Right.GATEWAY_READ_SECRETS)).isFalse();

        Rights gateway = Rights.of(Right.GATEWAY_ALL);
        assertThat(gateway.includes(link)).isTrue();
        assertThat(gateway.includes(Right.USER_INFO)).isFalse();
        assertThat(gateway.includes(Right.ALL)).isFalse();

        assertThat(Rights.ALL.all()).containsExactlyInAnyOrder(Right.values());
    }

    @Test
    void rightsMeetAndJoin() {
        Rights one = Rights.of(Right.GATEWAY_LINK, Right.GATEWAY_DELETE);
        Rights other = Rights.of(Right.GATEWAY_INFO, Right.GATEWAY_DELETE, Right.USER_INFO);
        assertThat(one.and(other)).isEqualTo(Rights.of(Right.GATEWAY_INFO, Right.GATEWAY_DELETE));
        assertThat(one.or(other).without(one)).isEqualTo(Rights.of(Right.USER_INFO));
        assertThat(Rights.ALL.and(Rights.allOn(Entity.Kind.GATEWAY)))
                .isEqualTo(Rights.of(Right.GATEWAY_ALL));
    }

    @Test
    void theirTextNamesTheFewest() {
        assertThat(Rights.ALL).hasToString("RIGHT_ALL");
        assertThat(Rights.of(Right.GATEWAY_ALL, Right.USER_INFO))
                .hasToString("RIGHT_USER_INFO,RIGHT_GATEWAY_ALL");
        assertThat(Rights.NONE).hasToString("");
        assertThat(
                        Stream.of(
                                        Rights.NONE,
                                        Rights.ALL,
                                        Rights.of(Right.GATEWAY_LINK),
                                        Rights.of(Right.GATEWAY_ALL, Right.ORGANIZATION_INFO))
                                .map(rights -> Rights.parse(rights.toString())))
                .containsExactly(
                        Rights.NONE,
                        Rights.ALL,
                        Rights.of(Right.GATEWAY_LINK),
                        Rights.of(Right.GATEWAY_ALL, Right.ORGANIZATION_INFO));
    }
}
