package dev.usher.gateways;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.AuditEvent;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.Conflict;
import dev.usher.accounts.NotFound;
import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Principal;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.Printable;
import dev.usher.station.FirmwareSignature;
import dev.usher.station.UpdateInfoRequest;
import dev.usher.store.Change;
import dev.usher.store.Database;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.zip.CRC32;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * The updates owners have for their gateways, the signatures over them, and the ledger of what was
 * offered: each order is offered once, however many check-ins there are at the same moment and
 * whatever happens in between.
 */
public final class Firmwares {

    /**
     * Firmware is kept and sent in parts of this many bytes, so that no node ever holds a whole
     * one.
     */
    private static final int PART_BYTES = 256 * 1024;

    private final Database database;
    private final AuditLog audit;
    private final InstantSource clock;

    Firmwares(Database database, AuditLog audit, InstantSource clock) {
        this.database = requireNonNull(database, "database");
        this.audit = requireNonNull(audit, "audit");
        this.clock = requireNonNull(clock, "clock");
    }

    /**
     * An update, without its bytes.
     *
     * @param fwcrc its CRC-32, by which the Owner API names it
     * @param version what a gateway that runs it reports as its {@code package}
     * @param size in bytes
     */
    public record Firmware(
            int fwcrc, String version, Optional<String> model, long size, Instant createdAt) {
        public Firmware {
            requireNonNull(version, "version");
            requireNonNull(model, "model");
            requireNonNull(createdAt, "createdAt");
        }
    }

    /**
     * A signature over a firmware: by which key, and by which CRC-32 the Owner API names the
     * signature.
     */
    public record Signature(int sigcrc, int fwcrc, int keycrc) {}

    /**
     * Adds a firmware and returns its CRC. Adding the same again changes nothing; under another
     * version it is a {@link Conflict}, as is another firmware with its CRC.
     *
     * @param version what a gateway that runs it reports as its {@code package}, 1 to 255
     *     characters
     * @param fwcrc the CRC it is to have: the CRC-32 of the bytes, or what the last four bytes say
     *     where the maker puts it there; empty for the CRC-32
     * @throws IllegalArgumentException if it is empty, the version is missing or the CRC is neither
     *     of the two
     */
    public Change<Integer> add(
            Principal actor,
            OwnerId owner,
            byte[] firmware,
            String version,
            Optional<String> model,
            OptionalInt fwcrc,
            boolean dryRun) {
        if (firmware.length == 0) {
            throw new IllegalArgumentException("the firmware is empty: send its bytes in base64");
        }
        // Station strips it too before it reports it.
        String reported = version.strip();
        if (reported.isEmpty() || reported.length() > UpdateInfoRequest.LONGEST_TEXT) {
            throw new IllegalArgumentException(
                    "the version has "
                            + reported.length()
                            + " characters: send what the gateway will report as its package, 1 to"
                            + " 255 characters");
        }
        checkLine("version", reported);
        model.ifPresent(name -> checkLine("model", name));
        int crc = crc(firmware, fwcrc);
        byte[] sha512 = sha512(firmware);
        return handle -> {
            Optional<Stored> there = find(handle, owner, crc);
            if (there.isPresent() && !Arrays.equals(there.get().sha512(), sha512)) {
                throw new Conflict(
                        "another firmware has the CRC " + hex(crc) + " already: delete it first");
            }
            if (there.isPresent() && !there.get().version().equals(reported)) {
                throw new Conflict(
                        "firmware "
                                + hex(crc)
                                + " is there already as version '"
                                + there.get().version()
                                + "': delete it first");
            }
            if (there.isEmpty() && !dryRun) {
                insert(handle, owner, firmware, reported, model, crc, sha512);
                audit.append(
                        handle,
                        new AuditEvent(
                                actor,
                                "firmware.add",
                                hex(crc),
                                Optional.of(owner),
                                Map.of(
                                        "version",
                                        reported,
                                        "bytes",
                                        Integer.toString(firmware.length))));
            }
            return crc;
        };
    }

    private static void checkLine(String name, String text) {
        if (text.length() > UpdateInfoRequest.LONGEST_TEXT
                || text.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "the "
                            + name
                            + " '"
                            + Printable.of(text)
                            + "' is not one line of at most 255 characters");
        }
    }

    private void insert(
            Handle handle,
            OwnerId owner,
            byte[] firmware,
            String version,
            Optional<String> model,
            int crc,
            byte[] sha512) {
        handle.execute(
                "INSERT INTO firmware (owner, fw_crc, version, model, size, sha512, created_at)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?)",
                owner.value(),
                crc,
                version,
                model.orElse(null),
                firmware.length,
                sha512,
                clock.millis());
        for (int part = 0; part * PART_BYTES < firmware.length; part++) {
            int from = part * PART_BYTES;
            handle.execute(
                    "INSERT INTO firmware_part (owner, fw_crc, part, bytes) VALUES (?, ?, ?, ?)",
                    owner.value(),
                    crc,
                    part,
                    Arrays.copyOfRange(
                            firmware, from, Math.min(firmware.length, from + PART_BYTES)));
        }
    }

    private static int crc(byte[] firmware, OptionalInt wanted) {
        CRC32 crc32 = new CRC32();
        crc32.update(firmware);
        int computed = (int) crc32.getValue();
        if (wanted.isEmpty() || wanted.getAsInt() == computed) {
            return computed;
        }
        if (firmware.length >= Integer.BYTES) {
            int last = ByteBuffer.wrap(firmware).getInt(firmware.length - Integer.BYTES);
            if (wanted.getAsInt() == last || wanted.getAsInt() == Integer.reverseBytes(last)) {
                return wanted.getAsInt();
            }
        }
        throw new IllegalArgumentException(
                "fwcrc "
                        + hex(wanted.getAsInt())
                        + " is neither the CRC-32 of the firmware ("
                        + hex(computed)
                        + ") nor its last four bytes: check that it is the right file");
    }

    /**
     * Takes a firmware and its signatures away; {@link Conflict} while a gateway is set up to get
     * it.
     */
    public Change<Boolean> delete(Principal actor, OwnerId owner, int fwcrc, boolean dryRun) {
        return handle -> {
            if (find(handle, owner, fwcrc).isEmpty()) {
                throw new NotFound("there is no firmware " + named(fwcrc));
            }
            int ordered =
                    handle.createQuery(
                                    "SELECT count(*) FROM gateway WHERE owner = ? AND fw_crc = ?")
                            .bind(0, owner.value())
                            .bind(1, fwcrc)
                            .mapTo(Integer.class)
                            .one();
            if (ordered > 0) {
                throw new Conflict(
                        ordered
                                + " gateways are set up with firmware "
                                + hex(fwcrc)
                                + ": set them up with another one first");
            }
            if (!dryRun) {
                for (String table : List.of("firmware_signature", "firmware_part", "firmware")) {
                    handle.execute(
                            "DELETE FROM " + table + " WHERE owner = ? AND fw_crc = ?",
                            owner.value(),
                            fwcrc);
                }
                audit.append(
                        handle,
                        new AuditEvent(
                                actor,
                                "firmware.delete",
                                hex(fwcrc),
                                Optional.of(owner),
                                Map.of()));
            }
            return true;
        };
    }

    public List<Firmware> list(OwnerId owner) {
        return database.read(
                handle ->
                        handle.createQuery(
                                        "SELECT * FROM firmware WHERE owner = ? ORDER BY"
                                                + " created_at, fw_crc")
                                .bind(0, owner.value())
                                .map(Firmwares::firmware)
                                .list());
    }

    /**
     * Adds a signature and returns its CRC.
     *
     * @param keycrc the CRC-32 of the gateway's signature key
     * @throws IllegalArgumentException if it is no signature, or not one over this firmware by a
     *     key with this CRC
     */
    public Change<Integer> addSignature(
            Principal actor,
            OwnerId owner,
            int fwcrc,
            int keycrc,
            byte[] signature,
            boolean dryRun) {
        FirmwareSignature checked = new FirmwareSignature(keycrc, signature);
        CRC32 crc32 = new CRC32();
        crc32.update(signature);
        int sigcrc = (int) crc32.getValue();
        return handle -> {
            Stored firmware =
                    find(handle, owner, fwcrc)
                            .orElseThrow(
                                    () ->
                                            new NotFound(
                                                    "there is no firmware "
                                                            + named(fwcrc)
                                                            + ": add it first"));
            if (checked.signer(firmware.sha512()).isEmpty()) {
                throw new IllegalArgumentException(
                        "the signature does not verify: it is not over firmware "
                                + hex(fwcrc)
                                + " (ECDSA P-256 over its SHA-512), or not by the key whose CRC-32"
                                + " is "
                                + hex(keycrc));
            }
            Optional<Signature> there = findSignature(handle, owner, sigcrc);
            if (there.isPresent() && !there.get().equals(new Signature(sigcrc, fwcrc, keycrc))) {
                throw new Conflict(
                        "signature "
                                + hex(sigcrc)
                                + " is there already for firmware "
                                + hex(there.get().fwcrc())
                                + " and key "
                                + hex(there.get().keycrc())
                                + ": delete it first");
            }
            if (there.isEmpty() && !dryRun) {
                handle.execute(
                        "INSERT INTO firmware_signature (owner, sig_crc, fw_crc, key_crc,"
                                + " signature) VALUES (?, ?, ?, ?, ?)",
                        owner.value(),
                        sigcrc,
                        fwcrc,
                        keycrc,
                        signature);
                audit.append(
                        handle,
                        new AuditEvent(
                                actor,
                                "signature.add",
                                hex(fwcrc),
                                Optional.of(owner),
                                Map.of("signature", hex(sigcrc), "key", hex(keycrc))));
            }
            return sigcrc;
        };
    }

    public Change<Boolean> deleteSignature(
            Principal actor, OwnerId owner, int sigcrc, boolean dryRun) {
        return handle -> {
            if (findSignature(handle, owner, sigcrc).isEmpty()) {
                throw new NotFound("there is no signature " + named(sigcrc));
            }
            if (!dryRun) {
                handle.execute(
                        "DELETE FROM firmware_signature WHERE owner = ? AND sig_crc = ?",
                        owner.value(),
                        sigcrc);
                audit.append(
                        handle,
                        new AuditEvent(
                                actor,
                                "signature.delete",
                                hex(sigcrc),
                                Optional.of(owner),
                                Map.of()));
            }
            return true;
        };
    }

    public List<Signature> signatures(OwnerId owner) {
        return database.read(
                handle ->
                        handle.createQuery(
                                        "SELECT sig_crc, fw_crc, key_crc FROM firmware_signature"
                                                + " WHERE owner = ? ORDER BY fw_crc, sig_crc")
                                .bind(0, owner.value())
                                .map(Firmwares::signature)
                                .list());
    }

    private static Optional<Signature> findSignature(Handle handle, OwnerId owner, int sigcrc) {
        return handle.createQuery(
                        "SELECT sig_crc, fw_crc, key_crc FROM firmware_signature WHERE owner = ?"
                                + " AND sig_crc = ?")
                .bind(0, owner.value())
                .bind(1, sigcrc)
                .map(Firmwares::signature)
                .findOne();
    }

    /**
     * An order with what is known of its firmware; empty if there is no such firmware (any more).
     */
    Optional<CupsDecision.Ordered> ordered(Handle handle, OwnerId owner, FirmwareOrder order) {
        return find(handle, owner, order.fwcrc())
                .map(
                        firmware ->
                                new CupsDecision.Ordered(
                                        order,
                                        firmware.version(),
                                        signedBy(handle, owner, order.fwcrc())));
    }

    private static Set<Integer> signedBy(Handle handle, OwnerId owner, int fwcrc) {
        return Set.copyOf(
                handle.createQuery(
                                "SELECT DISTINCT key_crc FROM firmware_signature WHERE owner = ?"
                                        + " AND fw_crc = ?")
                        .bind(0, owner.value())
                        .bind(1, fwcrc)
                        .mapTo(Integer.class)
                        .list());
    }

    /**
     * What the one who took an offer sends.
     *
     * @param size of the update in bytes
     */
    record Offer(int fwcrc, Optional<FirmwareSignature> signature, long size) {}

    /**
     * Takes the one offer of this order, if the order still is what it was and the update is still
     * there. Only the caller that gets it may send the update, and does so after this is durable: a
     * crash in between loses the offer rather than making a second one.
     */
    Optional<Offer> takeOffer(
            OwnerId owner, Eui64 eui, FirmwareOrder order, CupsDecision.Update update) {
        return database.write(
                handle -> {
                    Optional<Offer> offer =
                            find(handle, owner, update.fwcrc())
                                    .flatMap(stored -> offer(handle, owner, stored, update));
                    if (offer.isEmpty() || !take(handle, owner, eui, order)) {
                        return Optional.empty();
                    }
                    audit.append(
                            handle,
                            new AuditEvent(
                                    "usher",
                                    "gateway.firmware.offer",
                                    eui.toString(),
                                    Optional.of(owner),
                                    Map.of("fwcrc", hex(update.fwcrc()))));
                    return offer;
                });
    }

    private static Optional<Offer> offer(
            Handle handle, OwnerId owner, Stored stored, CupsDecision.Update update) {
        if (update.keyCrc().isEmpty()) {
            return Optional.of(new Offer(update.fwcrc(), Optional.empty(), stored.size()));
        }
        int keyCrc = update.keyCrc().getAsInt();
        return handle.createQuery(
                        "SELECT signature FROM firmware_signature WHERE owner = ? AND fw_crc = ?"
                                + " AND key_crc = ? ORDER BY sig_crc LIMIT 1")
                .bind(0, owner.value())
                .bind(1, update.fwcrc())
                .bind(2, keyCrc)
                .mapTo(byte[].class)
                .findOne()
                .map(der -> Optional.of(new FirmwareSignature(keyCrc, der)))
                .map(signature -> new Offer(update.fwcrc(), signature, stored.size()));
    }

    private boolean take(Handle handle, OwnerId owner, Eui64 eui, FirmwareOrder order) {
        return handle.execute(
                        """
                        UPDATE gateway SET fw_offered_at = ?
                        WHERE eui = ? AND owner = ? AND fw_crc = ? AND fw_offered_at IS NULL
                            AND fw_after IS NOT DISTINCT FROM ? AND fw_unsigned = ?
                        """,
                        clock.millis(),
                        eui.value(),
                        owner.value(),
                        order.fwcrc(),
                        order.after().map(Instant::toEpochMilli).orElse(null),
                        order.unsignedAllowed() ? 1 : 0)
                > 0;
    }

    /** The bytes of a firmware, read from the database part by part as they are asked for. */
    InputStream content(OwnerId owner, int fwcrc) {
        return new PartsInputStream(
                part ->
                        database.read(
                                handle ->
                                        handle.createQuery(
                                                        "SELECT bytes FROM firmware_part WHERE"
                                                            + " owner = ? AND fw_crc = ? AND part ="
                                                            + " ?")
                                                .bind(0, owner.value())
                                                .bind(1, fwcrc)
                                                .bind(2, part)
                                                .mapTo(byte[].class)
                                                .findOne()));
    }

    /** What changes and check-ins need to know of a firmware. */
    private record Stored(String version, long size, byte[] sha512) {}

    private static Optional<Stored> find(Handle handle, OwnerId owner, int fwcrc) {
        return handle.createQuery(
                        "SELECT version, size, sha512 FROM firmware WHERE owner = ? AND fw_crc = ?")
                .bind(0, owner.value())
                .bind(1, fwcrc)
                .map(
                        (row, _) ->
                                new Stored(
                                        row.getString("version"),
                                        row.getLong("size"),
                                        row.getBytes("sha512")))
                .findOne();
    }

    private static Signature signature(ResultSet row, StatementContext context)
            throws SQLException {
        return new Signature(row.getInt("sig_crc"), row.getInt("fw_crc"), row.getInt("key_crc"));
    }

    private static Firmware firmware(ResultSet row, StatementContext context) throws SQLException {
        return new Firmware(
                row.getInt("fw_crc"),
                row.getString("version"),
                Optional.ofNullable(row.getString("model")),
                row.getLong("size"),
                Instant.ofEpochMilli(row.getLong("created_at")));
    }

    private static byte[] sha512(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-512").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-512", e);
        }
    }

    /** As people see it, and as the Owner API writes it. */
    private static String named(int crc) {
        return hex(crc) + " (" + crc + ")";
    }

    private static String hex(int crc) {
        return HexFormat.of().withUpperCase().toHexDigits(crc);
    }
}
