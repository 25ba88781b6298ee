package dev.usher.keys;

import java.nio.file.Path;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FileVaultContractTest extends VaultContract {

    private final FileVault vault;

    FileVaultContractTest(@TempDir Path home) {
        vault = FileVault.open(home.resolve("vault"), MasterKey.file(home.resolve("master.key")));
    }

    @Override
    Vault vault() {
        return vault;
    }
}
