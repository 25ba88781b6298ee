package dev.usher.accounts;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class PasswordsTest {

    private final Passwords passwords = new Passwords();

    @Test
    void areCheckedWithoutHoldingUpOtherRequests() throws Exception {
        CountDownLatch left = new CountDownLatch(80);
        IntStream.range(0, 80).forEach(_ -> Thread.startVirtualThread(() -> tryOne(left)));

        assertThat(Thread.startVirtualThread(() -> {}).join(Duration.ofSeconds(30))).isTrue();
        assertThat(left.getCount()).isGreaterThan(40);
        assertThat(left.await(100, TimeUnit.SECONDS)).isTrue();
    }

    private void tryOne(CountDownLatch left) {
        assertThat(passwords.matches(Passwords.nobodys(), "a guess")).isFalse();
        left.countDown();
    }

    @Test
    void areRefusedWhenTooManyWait() throws Exception {
        ConcurrentLinkedQueue<String> outcomes = new ConcurrentLinkedQueue<>();
        CountDownLatch left = new CountDownLatch(300);
        for (int i = 0; i < 300; i++) {
            Thread.startVirtualThread(
                    () -> {
                        try {
                            passwords.matches(Passwords.nobodys(), "a guess");
                            outcomes.add("checked");
                        } catch (TooManySignIns e) {
                            outcomes.add(String.valueOf(e.getMessage()));
                        }
                        left.countDown();
                    });
        }
        assertThat(left.await(100, TimeUnit.SECONDS)).isTrue();

        assertThat(outcomes)
                .contains(
                        "checked",
                        "too many people sign in at the moment: try again in some seconds");
    }
}
