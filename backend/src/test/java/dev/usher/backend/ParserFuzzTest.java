package dev.usher.backend;

import com.code_intelligence.jazzer.junit.FuzzTest;

/**
 * Bytes from strangers. In a normal build the target runs on its seeds (the directory {@code
 * ParserFuzzTestInputs} beside this test). To look for new ones for a minute:
 *
 * <pre>JAZZER_FUZZ=1 ./mvnw -pl backend test -Dtest='ParserFuzzTest#messages'</pre>
 */
class ParserFuzzTest {

    @FuzzTest(maxDuration = "1m")
    void messages(byte[] json) {
        BackendCodecTest.assertThatFailsOnlyAsDeclared(json);
    }
}
