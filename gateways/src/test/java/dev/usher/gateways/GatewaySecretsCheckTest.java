package dev.usher.gateways;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.keys.FileVault;
import dev.usher.keys.KeyLabel;
import dev.usher.keys.MasterKey;
import dev.usher.keys.Vault;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.EuiRange;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GatewaySecretsCheckTest {

    private static final Eui64 GATEWAY = new Eui64(0x58A0CBFFFE800BE7L);

    private final AtomicInteger used = new AtomicInteger();
    private @TempDir Path directory;
    private Vault vault;
    private Batch batch;

    @BeforeEach
    void open() {
        vault =
                FileVault.open(
                        directory.resolve("vault"),
                        MasterKey.file(directory.resolve("master.key")));
        KeyLabel key = new KeyLabel("femto");
        vault.create(key);
        batch =
                new Batch(
                        "femto",
                        EuiRange.parse("58A0CBFFFE800000/48"),
                        "",
                        key,
                        Optional.empty(),
                        false,
                        Instant.EPOCH);
    }

    @AfterEach
    void close() {
        vault.close();
    }

    @Test
    void aCodeCostsTheSameForEveryGateway() {
        GatewaySecretsCheck check = new GatewaySecretsCheck(counting());
        Optional<GatewayRow> untouched = Optional.of(GatewayRow.untouched(GATEWAY, batch));
        Optional<GatewayRow> imported = Optional.of(imported(check, "code"));
        String pin = check.derive(batch, GATEWAY, 0).pin().text();

        assertThat(uses(() -> check.isCode(GATEWAY, Optional.empty(), Optional.of(batch), pin)))
                .isEqualTo(uses(() -> check.isCode(GATEWAY, untouched, Optional.of(batch), "no")))
                .isEqualTo(
                        uses(() -> check.isCode(GATEWAY, Optional.empty(), Optional.empty(), pin)))
                .isEqualTo(uses(() -> check.isCode(GATEWAY, imported, Optional.empty(), "code")))
                .isEqualTo(uses(() -> check.isCode(GATEWAY, imported, Optional.empty(), "no")));
    }

    @Test
    void nobodyFitsADecoy() {
        GatewaySecretsCheck check = new GatewaySecretsCheck(vault);
        Batch decoys =
                new Batch(
                        "decoys",
                        batch.range(),
                        "",
                        new KeyLabel("decoys"),
                        Optional.empty(),
                        false,
                        Instant.EPOCH);
        vault.create(new KeyLabel("decoys"));
        String pin = check.derive(decoys, GATEWAY, 0).pin().text();
        for (String code : new String[] {"", " ", pin}) {
            assertThat(check.isCode(GATEWAY, Optional.empty(), Optional.empty(), code)).isFalse();
            assertThat(check.isCode(GATEWAY, Optional.empty(), Optional.of(batch), code)).isFalse();
        }
        assertThat(check.isCode(GATEWAY, Optional.empty(), Optional.of(decoys), pin)).isTrue();
        assertThat(
                        check.isCode(
                                GATEWAY,
                                Optional.of(imported(check, "code")),
                                Optional.of(decoys),
                                pin))
                .isFalse();
    }

    @Test
    void aSecondNodeStartsWithTheSameVault() {
        GatewaySecretsCheck first = new GatewaySecretsCheck(vault);
        GatewaySecretsCheck second = new GatewaySecretsCheck(vault);
        assertThat(second.derive(batch, GATEWAY, 0)).isEqualTo(first.derive(batch, GATEWAY, 0));
        assertThat(
                        second.isCode(
                                GATEWAY,
                                Optional.of(imported(first, "code")),
                                Optional.empty(),
                                "code"))
                .isTrue();
    }

    private static GatewayRow imported(GatewaySecretsCheck check, String code) {
        return new GatewayRow(
                GATEWAY,
                Origin.IMPORTED,
                "",
                0,
                Optional.of(check.hashCode(GATEWAY, code)),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private int uses(Runnable check) {
        used.set(0);
        check.run();
        return used.get();
    }

    /** The vault, counting how often a key in it is used. */
    private Vault counting() {
        return (Vault)
                Proxy.newProxyInstance(
                        Vault.class.getClassLoader(),
                        new Class<?>[] {Vault.class},
                        (_, method, arguments) -> {
                            if (method.getName().equals("hmacSha256")) {
                                used.incrementAndGet();
                            }
                            try {
                                return method.invoke(vault, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }
}
