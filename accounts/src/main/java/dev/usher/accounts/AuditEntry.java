package dev.usher.accounts;

import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;

/**
 * One line of the audit log.
 *
 * @param seq counts from 1 without gaps
 * @param detail a JSON object
 * @param hash SHA-256 over the hash before it and every field here, in hex
 */
public record AuditEntry(
        long seq,
        Instant at,
        String actor,
        String action,
        String subject,
        Optional<OwnerId> owner,
        String detail,
        String hash) {

    public AuditEntry {
        requireNonNull(at, "at");
        requireNonNull(actor, "actor");
        requireNonNull(action, "action");
        requireNonNull(subject, "subject");
        requireNonNull(owner, "owner");
        requireNonNull(detail, "detail");
        requireNonNull(hash, "hash");
    }

    /**
     * What {@link #hash} must be if nothing was altered and {@code previous} is the hash of the
     * entry before.
     */
    String expectedHash(String previous) {
        return hash(previous, seq, at, actor, action, subject, owner, detail);
    }

    static String hash(
            String previous,
            long seq,
            Instant at,
            String actor,
            String action,
            String subject,
            Optional<OwnerId> owner,
            String detail) {
        MessageDigest sha256;
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
        update(sha256, previous);
        update(sha256, Long.toString(seq));
        update(sha256, Long.toString(at.toEpochMilli()));
        update(sha256, actor);
        update(sha256, action);
        update(sha256, subject);
        update(sha256, owner.map(OwnerId::toString).orElse(""));
        update(sha256, detail);
        return HexFormat.of().formatHex(sha256.digest());
    }

    /** The length before each field keeps two different entries from ever reading the same. */
    private static void update(MessageDigest digest, String field) {
        byte[] bytes = field.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
        digest.update(bytes);
    }
}
