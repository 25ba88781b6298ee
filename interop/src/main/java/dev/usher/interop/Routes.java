package dev.usher.interop;

import static java.util.Comparator.reverseOrder;

import dev.usher.lorawan.Eui64;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Which Join Servers one component asks for a JoinEUI: all that are listed for exactly this one; if
 * there are none, the one with the longest prefix; of several with the same, the one listed first.
 */
final class Routes {

    private final Map<JoinEuiPrefix, List<JoinServerConfig>> byPrefix = new HashMap<>();
    private final SortedSet<Integer> lengths = new TreeSet<>(reverseOrder());

    Routes(Component component, List<ConfigReader.Entry> entries) {
        for (ConfigReader.Entry entry : entries) {
            if (entry.components().contains(component)) {
                entry.prefixes().forEach(prefix -> add(prefix, entry.joinServer()));
            }
        }
    }

    /**
     * What is asked for a JoinEUI.
     *
     * @param joinServers one, or those that are raced
     */
    record Match(JoinEuiPrefix prefix, List<JoinServerConfig> joinServers) {

        Match {
            joinServers = List.copyOf(joinServers);
        }
    }

    Optional<Match> match(Eui64 joinEui) {
        for (int bits : lengths) {
            JoinEuiPrefix prefix = JoinEuiPrefix.of(joinEui, bits);
            List<JoinServerConfig> found = byPrefix.getOrDefault(prefix, List.of());
            if (!found.isEmpty()) {
                return Optional.of(new Match(prefix, found));
            }
        }
        return Optional.empty();
    }

    private void add(JoinEuiPrefix prefix, JoinServerConfig joinServer) {
        lengths.add(prefix.bits());
        List<JoinServerConfig> same = byPrefix.computeIfAbsent(prefix, _ -> new ArrayList<>());
        boolean isFirst = same.isEmpty();
        boolean isRaced = prefix.bits() == JoinEuiPrefix.LONGEST && !same.contains(joinServer);
        if (isFirst || isRaced) {
            same.add(joinServer);
        }
    }
}
