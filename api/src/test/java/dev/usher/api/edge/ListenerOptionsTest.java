package dev.usher.api.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ListenerOptionsTest {

    @ParameterizedTest
    @ValueSource(ints = {-1, 65536})
    void refusesAPortThatIsNone(int port) {
        assertThatThrownBy(() -> ListenerOptions.of("web", "127.0.0.1", port))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("port is " + port + ", must be 0 to 65535");
    }

    @Test
    void refusesLimitsThatLetNobodyIn() {
        assertThatThrownBy(() -> Limits.DEFAULT.withConnections(0))
                .hasMessage("connections is 0, must be at least 1");
        assertThatThrownBy(() -> Limits.DEFAULT.withInFlight(-5))
                .hasMessage("inFlight is -5, must be at least 1");
        assertThatThrownBy(() -> Limits.DEFAULT.withBodyBytes(0))
                .hasMessage("bodyBytes is 0, must be at least 1");
    }

    @Test
    void refusesATimeThatIsNone() {
        assertThatThrownBy(() -> Timeouts.DEFAULT.withHead(Duration.ZERO))
                .hasMessage("head is PT0S, must be longer than 0");
        assertThatThrownBy(() -> Timeouts.DEFAULT.withWrite(Duration.ofSeconds(-1)))
                .hasMessage("write is PT-1S, must be longer than 0");
    }

    @Test
    void changesOneThingAtATime() {
        ListenerOptions options =
                ListenerOptions.of("web", "127.0.0.1", 0)
                        .withSilent(true)
                        .withLimits(Limits.DEFAULT.withBodyBytes(7))
                        .withTimeouts(Timeouts.DEFAULT.withIdle(Duration.ofSeconds(7)));

        assertThat(options.silent()).isTrue();
        assertThat(options.limits()).isEqualTo(new Limits(7, 10_000, 512));
        assertThat(options.timeouts().idle()).isEqualTo(Duration.ofSeconds(7));
        assertThat(options.timeouts().body()).isEqualTo(Timeouts.DEFAULT.body());
        assertThat(options.tls()).isEmpty();
    }
}
