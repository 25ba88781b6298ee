package dev.usher.keys;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** The keys of one kind in a {@link FileVault}: a folder with a file for each. */
final class KeyFiles {

    private final VaultFiles files;
    private final String folder;
    private final String kind;

    /**
     * @param kind for messages, such as "key"
     */
    KeyFiles(VaultFiles files, String folder, String kind) {
        this.files = files;
        this.folder = folder;
        this.kind = kind;
    }

    /** Stores the key and clears the array. */
    void store(KeyLabel label, byte[] key) {
        try {
            files.create(fileName(label), true, key);
        } catch (FileAlreadyExistsException e) {
            throw new VaultException(
                    named(label) + " exists already in " + files + ": choose another label", e);
        } catch (IOException e) {
            throw new VaultException(
                    "cannot store " + named(label) + " in " + files + ": " + e.getMessage(), e);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    boolean contains(KeyLabel label) {
        return files.exists(fileName(label));
    }

    List<KeyLabel> labels() {
        try (Stream<Path> all = Files.list(files.path(folder))) {
            return all.map(file -> file.getFileName().toString())
                    .filter(KeyLabel::isLabel)
                    .map(KeyLabel::new)
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new VaultException(
                    "cannot list the " + kind + "s of " + files + ": " + e.getMessage(), e);
        }
    }

    void delete(KeyLabel label) {
        try {
            SecretFile.delete(files.path(fileName(label)));
        } catch (NoSuchFileException e) {
            throw unknown(label);
        } catch (IOException e) {
            throw new VaultException(
                    "cannot delete " + named(label) + " from " + files + ": " + e.getMessage(), e);
        }
    }

    /** The key; the caller clears the array. */
    byte[] read(KeyLabel label) {
        return content(label).bytes();
    }

    /** The key, unless its export was forbidden; the caller clears the array. */
    byte[] readForExport(KeyLabel label) {
        VaultFiles.Content content = content(label);
        if (!content.exportAllowed()) {
            Arrays.fill(content.bytes(), (byte) 0);
            throw new VaultException("export of " + named(label) + " was forbidden for good");
        }
        return content.bytes();
    }

    void forbidExport(KeyLabel label) {
        byte[] key = read(label);
        try {
            files.replace(fileName(label), false, key);
        } catch (IOException e) {
            throw new VaultException(
                    "cannot change " + named(label) + " in " + files + ": " + e.getMessage(), e);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private VaultFiles.Content content(KeyLabel label) {
        if (!contains(label)) {
            throw unknown(label);
        }
        return files.read(fileName(label));
    }

    private VaultException unknown(KeyLabel label) {
        return new VaultException(
                "there is no " + named(label) + " in " + files + ": create it or import it");
    }

    private String named(KeyLabel label) {
        return kind + " '" + label + "'";
    }

    private String fileName(KeyLabel label) {
        return folder + "/" + label;
    }
}
