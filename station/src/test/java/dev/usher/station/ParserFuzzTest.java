package dev.usher.station;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/**
 * Bytes from strangers. In a normal build each target runs on its seeds (the directories {@code
 * ParserFuzzTestInputs} beside this test). To look for new ones for a minute, one at a time:
 *
 * <pre>JAZZER_FUZZ=1 ./mvnw -pl station test -Dtest='ParserFuzzTest#requests'</pre>
 */
class ParserFuzzTest {

    @FuzzTest(maxDuration = "1m")
    void requests(byte[] json) {
        try {
            UpdateInfoRequest request = UpdateInfoRequest.parse(json);
            assertThat(UpdateInfoRequest.parse(request.toJson())).isEqualTo(request);
        } catch (MalformedMessageException declared) {
            assertThat(declared).hasMessageNotContaining("\n");
        }
    }

    @FuzzTest(maxDuration = "1m")
    void lnsMessages(byte[] json) {
        String text = new String(json, StandardCharsets.UTF_8);
        LnsUplinkTest.assertThatFailsOnlyAsDeclared(text);
        LnsDownlinkTest.assertThatFailsOnlyAsDeclared(text);
    }

    @FuzzTest(maxDuration = "1m")
    void blobs(byte[] blob) {
        CredentialsTest.assertThatFailsOnlyAsDeclared(blob);
    }
}
