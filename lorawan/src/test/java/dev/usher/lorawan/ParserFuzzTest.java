package dev.usher.lorawan;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/**
 * Bytes from strangers. In a normal build each target runs on its seeds (the directories {@code
 * ParserFuzzTestInputs} beside this test). To look for new ones for a minute, one at a time:
 *
 * <pre>JAZZER_FUZZ=1 ./mvnw -pl lorawan test -Dtest='ParserFuzzTest#frames'</pre>
 */
class ParserFuzzTest {

    @FuzzTest(maxDuration = "1m")
    void frames(byte[] phyPayload) {
        FramesTest.assertThatFailsOnlyAsDeclared(phyPayload);
    }

    @FuzzTest(maxDuration = "1m")
    void dataFrames(byte[] phyPayload) {
        FrameCryptographyTest.assertThatFailsOnlyAsDeclared(phyPayload);
    }

    @FuzzTest(maxDuration = "1m")
    void labels(byte[] text) {
        DeviceLabelTest.assertThatFailsOnlyAsDeclared(new String(text, StandardCharsets.UTF_8));
    }
}
