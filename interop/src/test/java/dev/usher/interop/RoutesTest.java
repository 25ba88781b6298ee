package dev.usher.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.backend.ProtocolVersion;
import dev.usher.interop.ConfigReader.Entry;
import dev.usher.interop.JoinServerConfig.Address;
import dev.usher.interop.JoinServerConfig.Paths;
import dev.usher.interop.JoinServerConfig.Scheme;
import dev.usher.lorawan.Eui64;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoutesTest {

    private static final List<Entry> ENTRIES =
            List.of(
                    entry("all", Set.of(Component.values()), "0000000000000000/0"),
                    entry("wide", Set.of(Component.values()), "70B3D57ED0000000/36"),
                    entry("first", Set.of(Component.values()), "70B3D57ED0000000/40"),
                    entry("second", Set.of(Component.values()), "70B3D57ED0000000/40"),
                    entry(
                            "one",
                            Set.of(Component.NETWORK_SERVER),
                            "70B3D57ED0000000/64",
                            "EC656E0000000000/56"),
                    entry("other", Set.of(Component.values()), "70B3D57ED0000000/64"),
                    entry("other", Set.of(Component.values()), "70B3D57ED0000000/64"));

    private static Entry entry(String name, Set<Component> components, String... prefixes) {
        return new Entry(
                joinServer(name),
                components,
                Arrays.stream(prefixes).map(JoinEuiPrefix::parse).toList());
    }

    private static JoinServerConfig joinServer(String name) {
        return new JoinServerConfig(
                Path.of(name),
                Scheme.HTTPS,
                new Address.Fixed(name),
                443,
                ProtocolVersion.V1_0,
                Paths.NONE,
                Optional.empty(),
                Map.of(),
                List.of(),
                Optional.empty());
    }

    private static List<String> asked(Routes routes, Eui64 joinEui) {
        return routes.match(joinEui)
                .map(
                        match ->
                                match.joinServers().stream()
                                        .map(each -> each.file().toString())
                                        .toList())
                .orElse(List.of());
    }

    @ParameterizedTest
    @CsvSource({
        "NETWORK_SERVER,     70B3D57ED0000000, one other",
        "NETWORK_SERVER,     70B3D57ED0000001, first",
        "NETWORK_SERVER,     70B3D57ED1000001, wide",
        "NETWORK_SERVER,     EC656E0000000001, one",
        "NETWORK_SERVER,     EC656E0000000100, all",
        "APPLICATION_SERVER, 70B3D57ED0000000, other",
        "APPLICATION_SERVER, EC656E0000000001, all",
    })
    void takesTheMostSpecificPrefix(Component component, String joinEui, String joinServers) {
        assertThat(asked(new Routes(component, ENTRIES), Eui64.parse(joinEui)))
                .containsExactly(joinServers.split(" ", -1));
    }

    @Property
    void isWhatOneWouldFindByLookingAtEach(
            @ForAll("prefixes") List<JoinEuiPrefix> prefixes, @ForAll("joinEuis") long joinEui) {
        List<Entry> entries = new ArrayList<>();
        for (JoinEuiPrefix prefix : prefixes) {
            String name = "js" + entries.size();
            entries.add(entry(name, Set.of(Component.NETWORK_SERVER), prefix.toString()));
        }
        Eui64 eui = new Eui64(joinEui);

        int longest =
                prefixes.stream()
                        .filter(prefix -> begins(prefix, joinEui))
                        .mapToInt(JoinEuiPrefix::bits)
                        .max()
                        .orElse(-1);
        List<String> expected =
                entries.stream()
                        .filter(entry -> entry.prefixes().getFirst().bits() == longest)
                        .filter(entry -> begins(entry.prefixes().getFirst(), joinEui))
                        .map(entry -> entry.joinServer().file().toString())
                        .limit(longest == 64 ? Long.MAX_VALUE : 1)
                        .toList();
        assertThat(asked(new Routes(Component.NETWORK_SERVER, entries), eui)).isEqualTo(expected);
        assertThat(asked(new Routes(Component.APPLICATION_SERVER, entries), eui)).isEmpty();
    }

    private static boolean begins(JoinEuiPrefix prefix, long joinEui) {
        for (int bit = 0; bit < prefix.bits(); bit++) {
            if ((prefix.eui().value() << bit < 0) != (joinEui << bit < 0)) {
                return false;
            }
        }
        return true;
    }

    /** Close to each other, so that many match. */
    @Provide
    Arbitrary<Long> joinEuis() {
        return Combinators.combine(
                        Arbitraries.of(0L, -1L, 0x70B3D57ED0000000L),
                        Arbitraries.integers().between(0, 63))
                .as((base, bit) -> base ^ (1L << bit));
    }

    @Provide
    Arbitrary<List<JoinEuiPrefix>> prefixes() {
        return Combinators.combine(
                        joinEuis(),
                        Arbitraries.frequencyOf(
                                Tuple.of(3, Arbitraries.integers().between(0, 64)),
                                Tuple.of(1, Arbitraries.just(64))))
                .as((joinEui, bits) -> JoinEuiPrefix.of(new Eui64(joinEui), bits))
                .list()
                .ofMaxSize(12);
    }
}
