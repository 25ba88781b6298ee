package dev.usher.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileVaultTest {

    private static final KeyLabel BATCH = new KeyLabel("batch-7");
    private static final byte[] DATA = {1, 2, 3};

    @TempDir Path home;
    private FileVault vault;

    @BeforeEach
    void openVault() {
        vault = open();
    }

    private FileVault open() {
        return FileVault.open(directory(), MasterKey.file(masterKey()));
    }

    private Path directory() {
        return home.resolve("vault");
    }

    private Path masterKey() {
        return home.resolve("master.key");
    }

    private Path file(KeyLabel label) {
        return directory().resolve("keys").resolve(label.value());
    }

    @Test
    void findsItsKeysAgain() {
        vault.create(BATCH);
        byte[] mac = vault.hmacSha256(BATCH, DATA);
        TransportKey transportKey = vault.transportKey();
        byte[] sealed = vault.sealer().seal("row", DATA);
        vault.close();

        FileVault reopened = open();
        assertThat(reopened.hmacSha256(BATCH, DATA)).isEqualTo(mac);
        assertThat(reopened.transportKey()).isEqualTo(transportKey);
        assertThat(reopened.sealer().open("row", sealed)).isEqualTo(DATA);
    }

    @Test
    void seesWhatAnotherProcessDoes() {
        FileVault other = open();
        other.create(BATCH);
        assertThat(vault.hmacSha256(BATCH, DATA)).isEqualTo(other.hmacSha256(BATCH, DATA));
        assertThatExceptionOfType(VaultException.class).isThrownBy(() -> vault.create(BATCH));
        other.delete(BATCH);
        assertThat(vault.contains(BATCH)).isFalse();
    }

    @Test
    void letsNobodyElseReadItsFiles() throws IOException {
        vault.create(BATCH);
        vault.transportKey();
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.filter(path -> !path.equals(home)).toList()) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .as(file.toString())
                        .isEqualTo(Files.isDirectory(file) ? "rwx------" : "rw-------");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "master.key,         rw-r-----, run chmod 600",
        "master.key,         rw----r--, run chmod 600",
        "vault,              rwxr-xr-x, run chmod 700",
        "vault/keys,         rwx-----x, run chmod 700",
        "vault/vault,        rw-rw----, run chmod 600",
    })
    void refusesToOpenWhatOthersCanRead(String path, String mode, String message)
            throws IOException {
        Path open = home.resolve(path);
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString(mode));
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(this::open)
                .withMessageStartingWith(open + " is open to others")
                .withMessageContaining(mode)
                .withMessageContaining(message);
    }

    @Test
    void refusesAKeyFileOthersCanRead() throws IOException {
        vault.create(BATCH);
        Files.setPosixFilePermissions(file(BATCH), PosixFilePermissions.fromString("rw-r--r--"));
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(() -> vault.hmacSha256(BATCH, DATA))
                .withMessageContaining("run chmod 600");
    }

    @Test
    void refusesAnotherMasterKey() throws IOException {
        vault.create(BATCH);
        Files.delete(masterKey());
        FileVault.open(home.resolve("elsewhere"), MasterKey.file(masterKey()));

        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(this::open)
                .withMessage(
                        "the master key in "
                                + masterKey()
                                + " does not open the vault in "
                                + directory()
                                + ": it is not the key this vault was made with, restore that one");
    }

    @Test
    void makesNoNewMasterKeyForAVaultThatHasOne() throws IOException {
        Files.delete(masterKey());
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(this::open)
                .withMessageContaining(masterKey() + " is missing")
                .withMessageContaining("restore it from its backup");
        assertThat(masterKey()).doesNotExist();
    }

    @Test
    void takesTheMasterKeyFromTheEnvironment() throws IOException {
        vault.create(BATCH);
        String key = Files.readString(masterKey());
        FileVault other =
                FileVault.open(directory(), MasterKey.environment("KEY", Map.of("KEY", key)));
        assertThat(other.hmacSha256(BATCH, DATA)).isEqualTo(vault.hmacSha256(BATCH, DATA));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "secret!", "c2hvcnQ=", "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB"})
    void refusesAMasterKeyThatIsNone(String text) throws IOException {
        String complaint = "is not the base64 of 32 bytes";
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(
                        () ->
                                FileVault.open(
                                        directory(),
                                        MasterKey.environment("KEY", Map.of("KEY", text))))
                .withMessageContaining("environment variable KEY " + complaint)
                .withNoCause();
        Files.writeString(masterKey(), text);
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(this::open)
                .withMessageContaining(masterKey() + " " + complaint);
    }

    @Test
    void saysWhichEnvironmentVariableIsMissing() {
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(
                        () -> FileVault.open(directory(), MasterKey.environment("KEY", Map.of())))
                .withMessageContaining("KEY with the master key is not set");
    }

    @Test
    void refusesADirectoryThatIsAFile() throws IOException {
        Path file = Files.writeString(home.resolve("file"), "");
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(() -> FileVault.open(file, MasterKey.file(masterKey())))
                .withMessageContaining(file + " is not a directory");
    }

    @Test
    void refusesKeysWithoutTheirVault() throws IOException {
        vault.create(BATCH);
        Files.delete(directory().resolve("vault"));
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(this::open)
                .withMessageContaining("has keys but not its file 'vault'");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 13, 14, 60, 61})
    void refusesAKeyFileThatWasCut(int length) throws IOException {
        vault.create(BATCH);
        byte[] whole = Files.readAllBytes(file(BATCH));
        assertThat(whole).hasSize(62);
        Files.write(file(BATCH), Arrays.copyOf(whole, length));
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(() -> vault.hmacSha256(BATCH, DATA))
                .withMessageContaining(file(BATCH) + " is damaged");
    }

    @Test
    void refusesAKeyFileWithAnyByteChanged() throws IOException {
        vault.create(BATCH);
        byte[] whole = Files.readAllBytes(file(BATCH));
        for (int i = 0; i < whole.length; i++) {
            byte[] changed = whole.clone();
            changed[i] ^= 0x10;
            Files.write(file(BATCH), changed);
            assertThatExceptionOfType(VaultException.class)
                    .as("byte " + i)
                    .isThrownBy(() -> vault.hmacSha256(BATCH, DATA))
                    .withMessageContaining("is damaged");
        }
    }

    @Test
    void refusesAKeyUnderAnotherLabel() throws IOException {
        KeyLabel other = new KeyLabel("batch-8");
        vault.create(BATCH);
        vault.create(other);
        Files.write(file(other), Files.readAllBytes(file(BATCH)));
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(() -> vault.hmacSha256(other, DATA))
                .withMessageContaining(file(other) + " is damaged");
    }

    @Test
    void refusesToLiftTheExportBan() throws IOException {
        vault.create(BATCH);
        vault.forbidExport(BATCH);
        byte[] content = Files.readAllBytes(file(BATCH));
        content[1] = 0;
        Files.write(file(BATCH), content);
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(() -> vault.exportWrapped(BATCH, vault.transportKey()))
                .withMessageContaining("is damaged");
    }

    @Test
    void ignoresWhatACrashLeftBehind() throws IOException {
        vault.create(BATCH);
        Files.write(directory().resolve("keys").resolve(".new-1234"), new byte[7]);
        assertThat(open().labels()).containsExactly(BATCH);
    }

    @Test
    void keepsNoKeyInClear() throws IOException {
        byte[] key = HexFormat.of().parseHex("0f1e2d3c4b5a69788796a5b4c3d2e1f0".repeat(2));
        RootKeys.put(vault, BATCH, key);
        String hex = HexFormat.of().formatHex(key);
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(HexFormat.of().formatHex(Files.readAllBytes(file))).doesNotContain(hex);
            }
        }
    }

    @Test
    void showsNoSecrets() throws IOException {
        String key = Files.readString(masterKey()).strip();
        assertThat(List.of(vault.toString(), MasterKey.file(masterKey()).toString()))
                .allSatisfy(text -> assertThat(text).contains(home.toString()).doesNotContain(key));
    }
}
