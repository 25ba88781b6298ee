package dev.usher.accounts;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.stream.Stream;

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
        byte[] digest =
                Sha256.of(
                        Stream.of(
                                        previous,
                                        Long.toString(seq),
                                        Long.toString(at.toEpochMilli()),
                                        actor,
                                        action,
                                        subject,
                                        owner.map(OwnerId::toString).orElse(""),
                                        detail)
                                .map(AuditEntry::field)
                                .toArray(byte[][]::new));
        return HexFormat.of().formatHex(digest);
    }

    /** The length before each field keeps two different entries from ever reading the same. */
    private static byte[] field(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Integer.BYTES + bytes.length)
                .putInt(bytes.length)
                .put(bytes)
                .array();
    }
}
