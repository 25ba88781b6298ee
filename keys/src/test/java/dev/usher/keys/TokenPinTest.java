package dev.usher.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenPinTest {

    @TempDir Path home;

    private Path pinFile(String content, String mode) throws IOException {
        Path file = Files.writeString(home.resolve("pin"), content);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    @Test
    void comesFromAFileOrTheEnvironment() throws IOException {
        assertThat(TokenPin.file(pinFile("1234\n", "rw-------")).read())
                .containsExactly('1', '2', '3', '4');
        assertThat(TokenPin.environment("PIN", Map.of("PIN", "12 34")).read()).hasSize(5);
    }

    @Test
    void refusesAFileOthersCanRead() throws IOException {
        TokenPin pin = TokenPin.file(pinFile("1234", "rw-r-----"));
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(pin::read)
                .withMessageContaining("run chmod 600")
                .withMessageNotContaining("1234");
    }

    @Test
    void saysWhereThePinIsMissing() throws IOException {
        TokenPin empty = TokenPin.file(pinFile("\n", "rw-------"));
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(empty::read)
                .withMessage(
                        "the PIN in "
                                + home.resolve("pin")
                                + " is empty: write the token's user PIN there");
        TokenPin missing = TokenPin.file(home.resolve("none"));
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(missing::read)
                .withMessageContaining(home.resolve("none") + " does not exist");
        TokenPin unset = TokenPin.environment("PIN", Map.of());
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(unset::read)
                .withMessageContaining("PIN in environment variable PIN is empty");
    }

    @Test
    void refusesAFileThatCannotBeAPin() throws IOException {
        TokenPin pin = TokenPin.file(pinFile("1".repeat(20_000), "rw-------"));
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(pin::read)
                .withMessageContaining("is larger than 16384 bytes");
    }
}
