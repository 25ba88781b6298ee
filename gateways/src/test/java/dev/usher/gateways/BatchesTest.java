package dev.usher.gateways;

import static dev.usher.gateways.TestServer.ACME;
import static dev.usher.gateways.TestServer.ADMIN;
import static dev.usher.gateways.TestServer.eui;
import static dev.usher.gateways.TestServer.principal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.tuple;

import dev.usher.accounts.AuditEntry;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.Conflict;
import dev.usher.accounts.NotFound;
import dev.usher.keys.CertificateAuthority;
import dev.usher.keys.KeyLabel;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.EuiRange;
import dev.usher.store.EveryEngine;
import dev.usher.store.TestDatabase;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@EveryEngine
class BatchesTest {

    private final TestServer usher;

    BatchesTest(TestDatabase engine) {
        usher = TestServer.on(engine);
    }

    @AfterEach
    void close() {
        usher.close();
    }

    @Test
    void aBatchIsKeptAsItWasMade() {
        CertificateAuthority maker = CertificateAuthority.create("Maker", InstantSource.system());
        Batch batch =
                usher.create(
                        usher.describe(
                                "femto-2026",
                                "58A0CBFFFE800000/44",
                                Optional.of(maker.certificate()),
                                true));

        assertThat(usher.server.batches().list()).containsExactly(batch);
        assertThat(usher.server.batches().get("femto-2026")).isEqualTo(batch);
        assertThat(usher.server.batches().claimed(batch)).isZero();
        assertThat(usher.audit.list(AuditLog.Filter.ALL, 2, 10))
                .extracting(AuditEntry::action, AuditEntry::subject, AuditEntry::detail)
                .containsExactly(
                        tuple(
                                "batch.create",
                                "femto-2026",
                                "{\"key\":\"femto-2026\",\"range\":\"58A0CBFFFE800000/44\"}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "58A0CBFFFE800000/44",
                "58A0CBFFFE800000/64",
                "58A0CBFFFE8FFFFF/64",
                "58A0CBFFFE000000/40",
                "58A0CBFFFE7FFFFF-58A0CBFFFE800000",
                "58A0CBFFFE8FFFFF-58A0CBFFFE900000",
                "0000000000000000/0"
            })
    void batchesShareNoEui(String range) {
        usher.batch("femto", "58A0CBFFFE800000/44");
        assertThatExceptionOfType(Conflict.class)
                .isThrownBy(() -> usher.batch("other", range))
                .withMessageEndingWith(
                        " overlaps batch femto (58A0CBFFFE800000/44): batches share no EUI");
        usher.batch("neighbour", "58A0CBFFFE900000/44");
        assertThat(usher.server.batches().list())
                .extracting(Batch::name)
                .containsExactly("femto", "neighbour");
    }

    @Test
    void aNameIsTakenOnce() {
        usher.batch("femto", "58A0CBFFFE800000/44");
        assertThatExceptionOfType(Conflict.class)
                .isThrownBy(() -> usher.batch("femto", "58A0CBFFFE900000/44"))
                .withMessage("batch femto exists already: choose another name");
        assertThatExceptionOfType(NotFound.class)
                .isThrownBy(() -> usher.server.batches().get("nano\u0007"))
                .withMessage("there is no batch 'nano?'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Femto", "-a", "a-", "a b", "a/b", "ä"})
    void aNameIsPlain(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                new Batch(
                                        name,
                                        EuiRange.parse("::1/64"),
                                        "",
                                        new KeyLabel("k"),
                                        Optional.empty(),
                                        false,
                                        TestServer.START))
                .withMessageStartingWith("the batch name '" + name + "' is not understood");
    }

    @Test
    void aBatchHasAKeyOfItsOwnAndAnAuthorityThatIsOne() {
        EuiRange range = EuiRange.parse("::1/64");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                new Batch(
                                        "b",
                                        range,
                                        "",
                                        new KeyLabel("usher.seal.1"),
                                        Optional.empty(),
                                        false,
                                        TestServer.START))
                .withMessageContaining("is one of Usher's own");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                new Batch(
                                        "b",
                                        range,
                                        "",
                                        new KeyLabel("k"),
                                        Optional.of(
                                                usher.authority
                                                        .issueGateway(
                                                                new Eui64(1), Duration.ofDays(1))
                                                        .certificate()),
                                        false,
                                        TestServer.START))
                .withMessageContaining("not a certificate authority's");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                new Batch(
                                        "b",
                                        range,
                                        "x".repeat(65),
                                        new KeyLabel("k"),
                                        Optional.empty(),
                                        false,
                                        TestServer.START))
                .withMessage("the flavor has 65 characters: use at most 64");
    }

    @Test
    void aBatchDoesNotSwallowAGatewayOfItsOwn() {
        Eui64 standalone = eui("58A0CBFFFE800BE7");
        usher.database.write(
                usher.server
                        .claims()
                        .add(
                                principal(ACME),
                                ACME,
                                List.of(new Claims.Addition(standalone, "", "token")),
                                false));

        assertThatExceptionOfType(Conflict.class)
                .isThrownBy(() -> usher.batch("femto", "58A0CBFFFE800000/44"))
                .withMessageContaining("holds gateway 58A0CBFFFE800BE7, which was added");

        usher.batch("beside", "58A0CBFFFE800BE8/64");
        usher.release(ACME, standalone);
        usher.batch("femto", "58A0CBFFFE800BE7/64");
    }

    @Test
    void aBatchStaysWhileAGatewayOfItIsClaimed() {
        Batch batch = usher.batch("femto", "58A0CBFFFE800000/44");
        Eui64 gateway = usher.claimed(ACME, batch, eui("58A0CBFFFE800BE7"));
        usher.checkIn(gateway, usher.token(batch, gateway));
        usher.server.checkIns().flush();
        assertThatExceptionOfType(Conflict.class)
                .isThrownBy(() -> delete("femto"))
                .withMessage("batch femto has 1 claimed gateways: release them first");

        usher.release(ACME, gateway);
        delete("femto");
        usher.server.batches().refresh();

        assertThat(usher.server.batches().list()).isEmpty();
        assertThat(usher.server.batches().of(gateway)).isEmpty();
        assertThat(usher.server.gateways().find(gateway)).isEmpty();
        assertThat(usher.checkIn(gateway, usher.token(batch, gateway)))
                .isInstanceOf(CheckIns.Outcome.NotGenuine.class);
        assertThatExceptionOfType(NotFound.class).isThrownBy(() -> delete("femto"));
    }

    @Test
    void aRangeMayCrossTheMiddle() {
        Batch batch = usher.batch("middle", "7FFFFFFFFFFFFFFE-8000000000000001");
        List<Eui64> all = batch.range().stream().toList();
        assertThat(all).hasSize(4);
        for (Eui64 gateway : all) {
            assertThat(usher.server.batches().of(gateway)).hasValue(batch);
            usher.claimed(ACME, batch, gateway);
        }
        assertThat(usher.server.batches().of(eui("7FFFFFFFFFFFFFFD"))).isEmpty();
        assertThat(usher.server.batches().of(eui("8000000000000002"))).isEmpty();
        assertThat(usher.server.batches().claimed(batch)).isEqualTo(4);
        assertThat(
                        usher.server
                                .gateways()
                                .list(
                                        new Gateways.Filter(Optional.empty(), Optional.of(batch)),
                                        Optional.empty(),
                                        10))
                .extracting(Gateway::eui)
                .containsExactlyInAnyOrderElementsOf(all);
        assertThatExceptionOfType(Conflict.class)
                .isThrownBy(() -> usher.batch("other", "8000000000000000/64"));

        all.forEach(gateway -> usher.release(ACME, gateway));
        delete("middle");
        assertThat(
                        usher.database.<Long>read(
                                handle ->
                                        handle.createQuery("SELECT count(*) FROM gateway")
                                                .mapTo(Long.class)
                                                .one()))
                .isZero();
    }

    @Test
    void aBatchMayHoldEveryEui() {
        Batch batch = usher.batch("all", "0000000000000000/0");
        for (String eui : List.of("0000000000000000", "7FFFFFFFFFFFFFFF", "FFFFFFFFFFFFFFFF")) {
            usher.claimed(ACME, batch, eui(eui));
        }
        assertThat(usher.server.batches().claimed(batch)).isEqualTo(3);
    }

    @Test
    void theFactoryGetsTheSecretsOfItsBatchOnly() {
        Batch batch = usher.batch("femto", "58A0CBFFFE800000/44");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> usher.server.factorySecrets(batch, eui("58A0CBFFFE900000")))
                .withMessage(
                        "gateway 58A0CBFFFE900000 does not lie in batch femto"
                                + " (58A0CBFFFE800000/44)");
        assertThat(usher.server.factorySecrets(batch, eui("58A0CBFFFE800000")))
                .isEqualTo(usher.server.currentSecrets(batch, eui("58A0CBFFFE800000")));
    }

    private void delete(String name) {
        usher.database.write(usher.server.batches().delete(ADMIN, name));
    }
}
