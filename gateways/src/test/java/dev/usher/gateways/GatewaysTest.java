package dev.usher.gateways;

import static dev.usher.gateways.TestServer.ACME;
import static dev.usher.gateways.TestServer.OTHER;
import static dev.usher.gateways.TestServer.eui;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.usher.accounts.OwnerId;
import dev.usher.lorawan.Eui64;
import dev.usher.store.EveryEngine;
import dev.usher.store.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@EveryEngine
class GatewaysTest {

    private final TestServer usher;
    private final Batch batch;

    GatewaysTest(TestDatabase engine) {
        usher = TestServer.on(engine);
        batch = usher.batch("femto", "58A0CBFFFE800000/48");
    }

    @AfterEach
    void close() {
        usher.close();
    }

    @Test
    void aBatchVouchesForGatewaysNobodyHasHeardOf() {
        Gateway gateway = usher.gateway(batch.range().last());
        assertThat(gateway.batch()).hasValue("femto");
        assertThat(gateway.flavor()).isEqualTo("femto");
        assertThat(gateway.owner()).isEmpty();
        assertThat(gateway.seen()).isEmpty();
        assertThat(usher.server.gateways().find(eui("0000000000000BAD"))).isEmpty();
    }

    @Test
    void gatewaysAreListedPageByPage() {
        Batch other = usher.batch("other", "8000000000000000/48");
        List<Eui64> mine = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            mine.add(usher.claimed(ACME, batch, new Eui64(batch.range().first().value() + i)));
            mine.add(usher.claimed(ACME, other, new Eui64(other.range().first().value() + i)));
        }
        usher.claimed(OTHER, batch, batch.range().last());

        assertThat(pages(Optional.of(ACME), Optional.empty()))
                .containsExactlyInAnyOrderElementsOf(mine);
        assertThat(usher.server.gateways().ofOwner(ACME))
                .containsExactlyElementsOf(pages(Optional.of(ACME), Optional.empty()));
        assertThat(pages(Optional.of(ACME), Optional.of(other)))
                .hasSize(5)
                .allMatch(other.range()::contains);
        assertThat(pages(Optional.of(OTHER), Optional.of(other))).isEmpty();
        assertThat(pages(Optional.empty(), Optional.empty())).hasSize(11);
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                usher.server
                                        .gateways()
                                        .list(
                                                new Gateways.Filter(
                                                        Optional.empty(), Optional.empty()),
                                                Optional.empty(),
                                                0));
    }

    @Test
    void aListTellsOfWhichBatchAndWhenSeen() {
        Eui64 gateway = usher.claimed(ACME, batch, batch.range().first());
        usher.checkIn(gateway, usher.token(batch, gateway));
        usher.server.checkIns().flush();

        assertThat(
                        usher.server
                                .gateways()
                                .list(
                                        new Gateways.Filter(Optional.of(ACME), Optional.empty()),
                                        Optional.empty(),
                                        10))
                .singleElement()
                .isEqualTo(usher.gateway(gateway))
                .satisfies(listed -> assertThat(listed.batch()).hasValue("femto"))
                .satisfies(listed -> assertThat(listed.seen()).isPresent());
    }

    /** All gateways of a filter, three at a time. */
    private List<Eui64> pages(Optional<OwnerId> owner, Optional<Batch> of) {
        List<Eui64> all = new ArrayList<>();
        Optional<Eui64> after = Optional.empty();
        while (true) {
            List<Gateway> page =
                    usher.server.gateways().list(new Gateways.Filter(owner, of), after, 3);
            if (page.isEmpty()) {
                return all;
            }
            page.forEach(gateway -> all.add(gateway.eui()));
            after = Optional.of(page.getLast().eui());
        }
    }
}
