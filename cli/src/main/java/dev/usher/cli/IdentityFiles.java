package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import tools.jackson.databind.node.ObjectNode;

/** Where a new certificate and its private key go: files that were not there before, PEM. */
record IdentityFiles(Path certificate, Path key) {

    IdentityFiles {
        requireNonNull(certificate, "certificate");
        requireNonNull(key, "key");
    }

    /**
     * BASE.crt and BASE.key.
     *
     * @throws Failure if one of them is there already, or could not be written
     */
    static IdentityFiles requireNew(String base) {
        IdentityFiles files = new IdentityFiles(Path.of(base + ".crt"), Path.of(base + ".key"));
        LocalFile.requireNew(files.certificate);
        LocalFile.requireNew(files.key);
        return files;
    }

    /** Writes what a server issued, and puts the files' names in its place. */
    void take(ObjectNode issued) {
        LocalFile.writeSecret(key, bytes(Json.text(issued, "key")));
        LocalFile.write(certificate, bytes(Json.text(issued, "certificate")));
        issued.put("certificate", certificate.toString()).put("key", key.toString());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
