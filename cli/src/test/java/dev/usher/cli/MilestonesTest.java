package dev.usher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class MilestonesTest {

    private final Milestones milestones = new Milestones(List.of("it boots", "it runs"));

    @Test
    void tellsWhatHasNotHappened() throws InterruptedException {
        milestones.reached("it runs");
        milestones.reached("it flies");
        assertThat(milestones.await(Duration.ofMillis(1))).containsExactly("it boots");
    }

    @Test
    void isDoneWhenAllHasHappened() throws InterruptedException {
        Thread.startVirtualThread(
                () -> {
                    milestones.reached("it runs");
                    milestones.reached("it boots");
                });
        assertThat(milestones.await(Duration.ofSeconds(10))).isEmpty();
    }
}
