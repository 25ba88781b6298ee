package dev.usher.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.usher.backend.KeyEnvelope;
import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.Kek;
import dev.usher.server.config.KekConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedKeksTest {

    private static final String HEX = "000102030405060708090A0B0C0D0E0F";
    private static final AesKey KEY = AesKey.of(new byte[16]);

    private @TempDir Path directory;

    private SharedKeks keks(String text) throws IOException {
        Path file = Files.writeString(directory.resolve("ns.hex"), text);
        return SharedKeks.of(List.of(new KekConfig("ns-000013", file)));
    }

    @Test
    void openWhatWasWrappedUnderThem() throws IOException {
        SharedKeks keks = keks(HEX + "\n");

        assertThat(keks.open(KeyEnvelope.wrap(Kek.parse(HEX), "ns-000013", KEY))).contains(KEY);
        assertThat(keks.open(KeyEnvelope.clear(KEY))).contains(KEY);
    }

    @Test
    void openNothingElse() throws IOException {
        SharedKeks keks = keks(HEX);
        Kek other = Kek.parse("FF" + HEX.substring(2));

        assertThat(keks.open(KeyEnvelope.wrap(Kek.parse(HEX), "another", KEY))).isEmpty();
        assertThat(keks.open(KeyEnvelope.wrap(other, "ns-000013", KEY))).isEmpty();
    }

    @Test
    void areNotUsedWhenTheyCannotBeRead() {
        assertThatIOException()
                .isThrownBy(() -> keks("no key"))
                .withMessageStartingWith("network.keks, label 'ns-000013': ")
                .withMessageNotContaining("no key");
        assertThatIOException()
                .isThrownBy(
                        () -> SharedKeks.of(List.of(new KekConfig("a", directory.resolve("none")))))
                .withMessageContaining("there is no file");
    }
}
