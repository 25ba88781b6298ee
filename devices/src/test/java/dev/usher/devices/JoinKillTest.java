package dev.usher.devices;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.store.DatabaseUrl;
import dev.usher.store.Engine;
import dev.usher.store.EveryEngine;
import dev.usher.store.TestDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Kills the Join Server ({@code kill -9}) while devices join: no DevNonce is accepted twice, no
 * JoinNonce given out twice, no session lost that a device was granted.
 *
 * <p>{@code -Dusher.kills=100} kills it more often; {@code .ci/run} kills it 20 times.
 */
@EveryEngine
class JoinKillTest {

    private static final int KILLS = Integer.getInteger("usher.kills", 5);

    /** More than a device joins in one run. */
    private static final int DEV_NONCES_PER_RUN = 65_536 / (KILLS + 1);

    private final DatabaseUrl url;
    private final Random random = new Random(20261121);

    JoinKillTest(TestDatabase engine) {
        url = engine.freshUrl();
    }

    @Test
    @Timeout(600)
    void keepsWhatItHasPromised() throws Exception {
        JoinLedger ledger = new JoinLedger();
        try (TestJoinServer house = TestJoinServer.onFresh(url)) {
            JoinLoad.provision(house);
            house.database.close();
        }
        for (int run = 0; run < KILLS; run++) {
            joinUntilKilled(run * DEV_NONCES_PER_RUN, 50 + random.nextInt(400), ledger);
        }
        assertThat(ledger.joins()).isGreaterThan(KILLS * 20);

        try (TestJoinServer house = TestJoinServer.onFormer(url)) {
            ledger.requireSessions(house.server);
            ledger.replay(house.server);
            house.database.close();
        }
    }

    private void joinUntilKilled(int firstDevNonce, int events, JoinLedger ledger)
            throws IOException, InterruptedException {
        Process server =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                JoinLoad.class.getName(),
                                connection(),
                                TestJoinServer.HOME_OF_VAULT.toString(),
                                Integer.toString(firstDevNonce))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (BufferedReader output = server.inputReader(StandardCharsets.UTF_8)) {
            for (int i = 0; i < events; i++) {
                String line = requireNonNull(output.readLine(), "it ended by itself");
                ledger.note(JoinLoad.Event.parse(line));
            }
            // Through its handle: Process.destroyForcibly would close the output as well.
            server.toHandle().destroyForcibly();
            // What it wrote before it died was answered as well.
            output.lines().map(JoinLoad.Event::parse).forEach(ledger::note);
        }
        server.waitFor();
    }

    /** With the user, which {@link DatabaseUrl#toString} leaves out. */
    private String connection() {
        return url.engine() == Engine.SQLITE
                ? url.toString()
                : url.toString().replace("//", "//postgres@");
    }
}
