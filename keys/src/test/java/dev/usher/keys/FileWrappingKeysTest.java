package dev.usher.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FileWrappingKeysTest extends WrappingKeysContract {

    private final Path home;
    private final FileVault vault;

    FileWrappingKeysTest(@TempDir Path home) {
        this.home = home;
        vault = open();
    }

    private FileVault open() {
        return FileVault.open(home.resolve("vault"), MasterKey.file(home.resolve("master.key")));
    }

    @Override
    Vault vault() {
        return vault;
    }

    @Test
    void findsItsKeysAgain() {
        keys().create(LABEL);
        byte[] wrapped = keys().wrap(LABEL, ROOT_KEY);
        try (FileVault again = open()) {
            byte[] block = again.wrappingKeys().use(LABEL, wrapped, key -> key.encrypt(BLOCK));
            assertThat(block).isEqualTo(ROOT_KEY.encrypt(BLOCK));
        }
    }

    @Test
    void opensNoFileUnderAnotherName() throws IOException {
        keys().create(LABEL);
        Path folder = home.resolve("vault").resolve("wrapping-keys");
        Files.copy(folder.resolve(LABEL.value()), folder.resolve(NEXT.value()));
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(() -> keys().wrap(NEXT, ROOT_KEY))
                .withMessageContaining("is damaged");
    }
}
