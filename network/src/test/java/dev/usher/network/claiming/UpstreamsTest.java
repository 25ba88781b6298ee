package dev.usher.network.claiming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.EuiRange;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UpstreamsTest {

    private final Upstreams upstreams =
            new Upstreams(
                    List.of(
                            upstream("everything", "0000000000000000/0"),
                            upstream("vendor", "58A0CB0000000000/24", "AA00000000000000/8"),
                            upstream("same", "58A0CB0000000000/24"),
                            upstream("batch", "58A0CBFFFE800000-58A0CBFFFE80FFFF")));

    private static Upstreams.Upstream upstream(String name, String... ranges) {
        return new Upstreams.Upstream(
                name, Arrays.stream(ranges).map(EuiRange::parse).toList(), new FakeUpstream());
    }

    @ParameterizedTest
    @CsvSource({
        "58A0CBFFFE800BE7, batch",
        "58A0CBFFFE810000, vendor",
        "AA00000000000001, vendor",
        "FFFFFFFFFFFFFFFF, everything"
    })
    void theSmallestRangeWins(String eui, String name) {
        assertThat(upstreams.of(Eui64.parse(eui))).map(Upstreams.Upstream::name).hasValue(name);
    }

    @Test
    void namesAreUnique() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                new Upstreams(
                                        List.of(
                                                upstream("one", "AA00000000000000/8"),
                                                upstream("one", "BB00000000000000/8"))))
                .withMessageContaining("'one'");
    }
}
