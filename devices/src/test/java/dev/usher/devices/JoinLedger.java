package dev.usher.devices;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.devices.JoinLoad.Asked;
import dev.usher.devices.JoinLoad.Event;
import dev.usher.devices.JoinLoad.Granted;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What the devices saw, and whether the Join Server kept to it. */
final class JoinLedger {

    private final Set<Asked> asked = new LinkedHashSet<>();
    private final Map<Asked, Granted> granted = new HashMap<>();

    /** By JoinNonce, of each device. */
    private final Map<Integer, TreeMap<Integer, Granted>> sessions = new TreeMap<>();

    synchronized void note(Event event) {
        asked.add(event.asked());
        if (event instanceof Granted grant) {
            assertThat(granted.put(grant.asked(), grant))
                    .as("the same DevNonce accepted twice: %s", grant.asked())
                    .isNull();
            assertThat(
                            sessions.computeIfAbsent(grant.asked().device(), _ -> new TreeMap<>())
                                    .put(grant.joinNonce(), grant))
                    .as("the same JoinNonce given out twice: %s", grant.asked())
                    .isNull();
        }
    }

    int joins() {
        return granted.size();
    }

    /** The last session that each device was granted is known, with the key that it has. */
    void requireSessions(JoinServer server) {
        assertThat(sessions).hasSize(JoinLoad.DEVICES);
        sessions.forEach(
                (device, own) -> {
                    // The server may have begun one more that the device never heard of.
                    Granted last = own.lastEntry().getValue();
                    assertThat(JoinLoad.appSKey(server, last))
                            .as("the session that %s was granted", last.asked())
                            .contains(last.appSKey());
                });
    }

    /** Asks everything again: nothing that was granted is granted again. */
    void replay(JoinServer server) {
        Map<Asked, Granted> before = Map.copyOf(granted);
        for (Asked again : asked) {
            Optional<Granted> now = JoinLoad.ask(server, again);
            if (before.containsKey(again)) {
                assertThat(now).as("a replay of %s", again).isEmpty();
            }
            now.ifPresent(this::note);
        }
    }
}
