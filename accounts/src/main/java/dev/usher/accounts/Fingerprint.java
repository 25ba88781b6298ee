package dev.usher.accounts;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Sha256;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;

/**
 * The SHA-256 of a certificate's DER, which names it.
 *
 * @param bytes 32 bytes
 */
public record Fingerprint(byte[] bytes) {

    public Fingerprint {
        bytes = requireNonNull(bytes, "bytes").clone();
        if (bytes.length != 32) {
            throw new IllegalArgumentException("a fingerprint has 32 bytes, not " + bytes.length);
        }
    }

    public static Fingerprint of(X509Certificate certificate) {
        return of(Certificates.encoded(certificate));
    }

    public static Fingerprint of(byte[] der) {
        return new Fingerprint(Sha256.of(der));
    }

    /**
     * Reads 64 hex digits, with or without colons.
     *
     * @throws IllegalArgumentException if it is something else
     */
    public static Fingerprint parse(String text) {
        String digits = text.replace(":", "").toLowerCase(Locale.ROOT);
        if (!digits.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException(
                    "a certificate's fingerprint is 64 hex digits (SHA-256)");
        }
        return new Fingerprint(HexFormat.of().parseHex(digits));
    }

    @Override
    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Fingerprint that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }
}
