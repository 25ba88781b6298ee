package dev.usher.station;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.zip.CRC32;

/**
 * The three files of a credential set as they lie in a gateway: {@code cups.trust}, {@code
 * cups.crt}, {@code cups.key}, or the same three of {@code tc}. An absent part is an empty file.
 */
public final class CredentialFiles {

    /** What a blob has in the place of an absent part. */
    private static final byte[] NONE = new byte[4];

    private final byte[] trust;
    private final byte[] certificate;
    private final byte[] key;

    /**
     * @param trust the certificate the server's chain must end in
     * @param certificate the client certificate, or empty
     * @param key the private key of that certificate; without one, the text of the header lines by
     *     which the gateway authenticates itself; or empty
     */
    public CredentialFiles(byte[] trust, byte[] certificate, byte[] key) {
        this.trust = trust.clone();
        this.certificate = certificate.clone();
        this.key = key.clone();
    }

    /**
     * Cuts a blob into files as station does, its mistakes included ({@code sys.c:523-608}).
     *
     * <p>It looks at first bytes and lengths only. Every length of the form {@code 30 81 xx} is
     * misread ({@link CertificateDer} and {@link PrivateKeyDer} never let one into a blob), what
     * follows a DER key is dropped, and a key that begins with neither 00 nor 30 is text up to the
     * end. Where station would read or write beyond the blob, and may crash, this refuses it.
     *
     * @throws MalformedMessageException if station would ignore the blob; its session goes on, its
     *     files stay as they are
     */
    public static CredentialFiles split(byte[] blob) {
        if (blob.length == 0 || blob[0] != Der.SEQUENCE) {
            throw new MalformedMessageException(
                    "credential blob of "
                            + blob.length
                            + " bytes: a DER certificate is expected at its beginning");
        }
        int trustLength = elementLength(blob, 0, "trust");
        int certificateLength = 0;
        int keyAt = trustLength + NONE.length;
        if (byteAt(blob, trustLength) != 0) {
            if (blob[trustLength] != Der.SEQUENCE) {
                throw new MalformedMessageException(
                        "credential blob: at byte "
                                + trustLength
                                + ", after the trust, neither a DER certificate nor 0");
            }
            certificateLength = elementLength(blob, trustLength, "certificate");
            keyAt = trustLength + certificateLength;
        }
        int keyLength =
                switch (byteAt(blob, keyAt)) {
                    case Der.SEQUENCE -> elementLength(blob, keyAt, "key");
                    case 0 -> 0;
                    default -> blob.length - keyAt;
                };
        if (keyAt + keyLength > blob.length) {
            throw cutShort("key", keyAt, keyLength, blob);
        }
        return new CredentialFiles(
                Arrays.copyOf(blob, trustLength),
                Arrays.copyOfRange(blob, trustLength, trustLength + certificateLength),
                Arrays.copyOfRange(blob, keyAt, keyAt + keyLength));
    }

    /** Station puts a 0 behind the last byte, and reads it. */
    private static int byteAt(byte[] blob, int at) {
        if (at > blob.length) {
            throw cutShort("element before byte", at, 0, blob);
        }
        return at == blob.length ? 0 : blob[at];
    }

    private static int elementLength(byte[] blob, int at, String part) {
        int length = Der.lengthAsStationReads(blob, at);
        if (length < 0 || length > blob.length - at) {
            throw cutShort(part, at, length, blob);
        }
        return length;
    }

    private static MalformedMessageException cutShort(
            String part, int at, int length, byte[] blob) {
        return new MalformedMessageException(
                "credential blob of %d bytes: %s at byte %d has %d bytes as station reads it"
                        .formatted(blob.length, part, at, length));
    }

    /**
     * The files as one blob; an empty certificate or key becomes 4 zero bytes.
     *
     * @throws IllegalStateException if there is no trust: no blob can say so
     */
    public byte[] blob() {
        if (trust.length == 0) {
            throw new IllegalStateException("there is no blob without a trust certificate");
        }
        byte[] second = orNone(certificate);
        byte[] third = orNone(key);
        byte[] blob = Arrays.copyOf(trust, trust.length + second.length + third.length);
        System.arraycopy(second, 0, blob, trust.length, second.length);
        System.arraycopy(third, 0, blob, trust.length + second.length, third.length);
        return blob;
    }

    /**
     * The CRC-32 a gateway reports for these files ({@code sys.c:467-478}): over their contents one
     * after the other, an empty one counted as 4 zero bytes.
     */
    public int crc() {
        CRC32 crc = new CRC32();
        crc.update(orNone(trust));
        crc.update(orNone(certificate));
        crc.update(orNone(key));
        return (int) crc.getValue();
    }

    private static byte[] orNone(byte[] file) {
        return file.length == 0 ? NONE : file;
    }

    /** The certificate the server's chain must end in. */
    public byte[] trust() {
        return trust.clone();
    }

    /** The client certificate, or empty. */
    public byte[] certificate() {
        return certificate.clone();
    }

    /** The private key or the text of the header lines, or empty. A secret. */
    public byte[] key() {
        return key.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CredentialFiles that
                && Arrays.equals(trust, that.trust)
                && Arrays.equals(certificate, that.certificate)
                && MessageDigest.isEqual(key, that.key);
    }

    @Override
    public int hashCode() {
        return crc();
    }

    /** Sizes only. */
    @Override
    public String toString() {
        return "CredentialFiles[trust %d, certificate %d, key %d bytes]"
                .formatted(trust.length, certificate.length, key.length);
    }
}
