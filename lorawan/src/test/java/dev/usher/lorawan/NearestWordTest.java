package dev.usher.lorawan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestWordTest {

    private static final List<String> KNOWN = List.of("id", "eui", "name", "frequencyPlanIds");

    @ParameterizedTest
    @CsvSource({"nam, name", "nmae, name", "name, name", "frequencyPlan, frequencyPlanIds"})
    void findsWhatWasMeant(String typed, String meant) {
        assertThat(NearestWord.to(typed, KNOWN)).contains(meant);
    }

    @Test
    void doesNotGuess() {
        assertThat(NearestWord.to("temperature", KNOWN)).isEmpty();
        assertThat(NearestWord.to("name", List.of())).isEmpty();
    }
}
