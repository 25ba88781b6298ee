package dev.usher.network.outlets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.usher.network.traffic.Happening;
import dev.usher.network.traffic.TrafficEvents;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RecentEventsTest {

    private final TrafficEvents events = Happening.events();
    private final RecentEvents recent = new RecentEvents(events, 4);

    @AfterEach
    void close() {
        recent.close();
    }

    private void happen(int count) {
        long before = recent.last();
        for (int i = 1; i <= count; i++) {
            Happening.of(events, Events.uplink(i));
        }
        await().until(() -> recent.last() == before + count);
    }

    @Test
    void goesOnAfterAnEvent() throws InterruptedException {
        happen(3);

        RecentEvents.Page page = recent.after(1, 10, 0);
        assertThat(page.events())
                .containsExactly(
                        new RecentEvents.Numbered(2, Events.uplink(2)),
                        new RecentEvents.Numbered(3, Events.uplink(3)));
        assertThat(page.last()).isEqualTo(3);
        assertThat(page.missed()).isZero();
        assertThat(recent.after(3, 10, 1).events()).isEmpty();
    }

    @Test
    void saysHowManyAreNotKeptAnyMore() throws InterruptedException {
        happen(10);

        RecentEvents.Page page = recent.after(2, 3, 0);
        assertThat(page.events())
                .extracting(RecentEvents.Numbered::number)
                .containsExactly(7L, 8L, 9L);
        assertThat(page.missed()).isEqualTo(4);
        assertThat(recent.after(page.last(), 3, 0).missed()).isZero();
    }

    @Test
    void knowsItsOwnNumbersOnly() {
        happen(2);

        assertThat(recent.number(recent.id(2))).hasValue(2);
        assertThat(recent.number(recent.id(3))).isEmpty();
        assertThat(recent.number("0badf00d-1")).isEmpty();
        assertThat(recent.number("")).isEmpty();
    }
}
