package dev.usher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole chain, as {@code usher demo --auto} shows it. */
class DemoTest {

    @Test
    void gatewaysFindTheirNetworkAndDevicesJoin(@TempDir Path directory) {
        Cli.Run result = Cli.alone(directory).run("demo --auto --timeout 120");
        assertThat(result.out())
                .contains("is sent to the CUPS of its network, https://localhost:")
                .contains("is connected to its LNS, wss://localhost:")
                .contains("thermometer says \"21.")
                .contains("door says \"opened, no. ")
                .containsPattern(Pattern.compile("water meter says \"[0-9]+ litres so far\""))
                .endsWith("That is the demo.\n");
        assertThat(result.exitCode()).isZero();
    }
}
