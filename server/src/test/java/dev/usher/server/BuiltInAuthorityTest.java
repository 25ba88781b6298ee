package dev.usher.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.usher.keys.CertificateAuthority;
import dev.usher.keys.FileVault;
import dev.usher.keys.MasterKey;
import dev.usher.keys.VaultException;
import dev.usher.store.Database;
import dev.usher.store.DatabaseUrl;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuiltInAuthorityTest {

    private static final InstantSource CLOCK = InstantSource.system();

    private @TempDir Path directory;
    private FileVault vault;
    private Database database;

    @BeforeEach
    void open() {
        vault =
                FileVault.open(
                        directory.resolve("vault"), MasterKey.file(directory.resolve("key")));
        database = Database.open(DatabaseUrl.sqlite(directory.resolve("usher.db")));
    }

    @AfterEach
    void close() {
        database.close();
        vault.close();
    }

    private CertificateAuthority loadOrCreate() {
        return BuiltInAuthority.loadOrCreate(database, vault.sealer(), CLOCK);
    }

    @Test
    void isMadeOnce() {
        CertificateAuthority made = loadOrCreate();

        assertThat(loadOrCreate().certificate()).isEqualTo(made.certificate());
        assertThat(loadOrCreate().privateKeyPkcs8()).isEqualTo(made.privateKeyPkcs8());
    }

    @Test
    void signsWithTheKeyOfItsCertificateOrNotAtAll() {
        loadOrCreate();
        byte[] another = CertificateAuthority.create("Usher CA", CLOCK).certificateDer();
        database.write(handle -> handle.execute("UPDATE built_in_ca SET certificate = ?", another));

        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(this::loadOrCreate)
                .withMessageContaining("restore the database and the vault from the same backup");
    }
}
