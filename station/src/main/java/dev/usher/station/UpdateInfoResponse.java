package dev.usher.station;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Printable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * The answer to {@code POST /update-info}: what a gateway has to change, and before that nothing.
 *
 * <p>It goes out with status 200 and an exact Content-Length, which is {@link #length()}, and never
 * chunked. Its bytes are {@link #head()} and then the update, so that an update of any size can be
 * streamed behind the head. All numbers are little-endian:
 *
 * <pre>
 *  1 + n      length and text of the CUPS URI, 0 = no change
 *  1 + n      length and text of the LNS (TC) URI
 *  2 + n      length and blob of the CUPS credentials, 0 = no change
 *  2 + n      length and blob of the LNS credentials
 *  4 + 4 + n  length of what follows, CRC of the key, signature; only four zero bytes without one
 *  4 + n      length and bytes of the update
 * </pre>
 *
 * <p>Station applies URIs and credentials before it receives the update ({@code cups.c:353-357}).
 *
 * @param signature of the update. Without one, station runs the update if and only if it has no
 *     signature key at all.
 * @param updateLength of the update in bytes, 0 to 2^31 - 1
 */
public record UpdateInfoResponse(
        Optional<StationUri> cupsUri,
        Optional<StationUri> tcUri,
        Optional<Credentials> cupsCredentials,
        Optional<Credentials> tcCredentials,
        Optional<FirmwareSignature> signature,
        long updateLength) {

    /** Nothing to do: 14 zero bytes. */
    public static final UpdateInfoResponse NOTHING =
            new UpdateInfoResponse(
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    0);

    private static final int KEY_CRC_LENGTH = 4;

    public UpdateInfoResponse {
        cupsUri.ifPresent(uri -> checkScheme(uri, true));
        tcUri.ifPresent(uri -> checkScheme(uri, false));
        requireNonNull(cupsCredentials, "cupsCredentials");
        requireNonNull(tcCredentials, "tcCredentials");
        if (updateLength < 0 || updateLength > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "update of " + updateLength + " bytes: station takes 0 to 2147483647");
        }
        if (signature.isPresent() && updateLength == 0) {
            throw new IllegalArgumentException("signature without an update to sign");
        }
    }

    private static void checkScheme(StationUri uri, boolean cups) {
        if (uri.scheme().isCups() != cups) {
            throw new IllegalArgumentException(
                    uri + " in the place of " + (cups ? "a CUPS URI" : "an LNS URI"));
        }
    }

    /** Whether the gateway has nothing to do. */
    public boolean isNothing() {
        return equals(NOTHING);
    }

    /** Every byte before the update itself, the four of its length included. */
    public byte[] head() {
        byte[] cups = uri(cupsUri);
        byte[] tc = uri(tcUri);
        byte[] cupsBlob = blob(cupsCredentials);
        byte[] tcBlob = blob(tcCredentials);
        byte[] der = signature.map(FirmwareSignature::der).orElseGet(() -> new byte[0]);
        int crcLength = signature.isPresent() ? KEY_CRC_LENGTH : 0;
        ByteBuffer head =
                ByteBuffer.allocate(
                                14
                                        + cups.length
                                        + tc.length
                                        + cupsBlob.length
                                        + tcBlob.length
                                        + crcLength
                                        + der.length)
                        .order(ByteOrder.LITTLE_ENDIAN);
        head.put((byte) cups.length).put(cups);
        head.put((byte) tc.length).put(tc);
        head.putShort((short) cupsBlob.length).put(cupsBlob);
        head.putShort((short) tcBlob.length).put(tcBlob);
        head.putInt(crcLength + der.length);
        signature.ifPresent(signed -> head.putInt(signed.keyCrc()));
        head.put(der);
        head.putInt((int) updateLength);
        return head.array();
    }

    /** The Content-Length: head and update together, in bytes. */
    public long length() {
        return head().length + updateLength;
    }

    private static byte[] uri(Optional<StationUri> uri) {
        return uri.map(StationUri::toString).orElse("").getBytes(US_ASCII);
    }

    private static byte[] blob(Optional<Credentials> credentials) {
        return credentials.map(Credentials::blob).orElseGet(() -> new byte[0]);
    }

    /**
     * Reads an answer as station reads it: for clients and tests.
     *
     * @throws MalformedMessageException if station would give up on it
     */
    public static Decoded parse(byte[] body) {
        return new Reader(body).read();
    }

    /**
     * An answer as it came in, before anybody looked into its parts. Bytes behind the update are
     * ignored.
     */
    public static final class Decoded {

        private final Optional<String> cupsUri;
        private final Optional<String> tcUri;
        private final byte[] cupsCredentials;
        private final byte[] tcCredentials;
        private final int keyCrc;
        private final byte[] signature;
        private final long updateLength;
        private final byte[] update;

        private Decoded(
                Optional<String> cupsUri,
                Optional<String> tcUri,
                byte[] cupsCredentials,
                byte[] tcCredentials,
                int keyCrc,
                byte[] signature,
                long updateLength,
                byte[] update) {
            this.cupsUri = cupsUri;
            this.tcUri = tcUri;
            this.cupsCredentials = cupsCredentials;
            this.tcCredentials = tcCredentials;
            this.keyCrc = keyCrc;
            this.signature = signature;
            this.updateLength = updateLength;
            this.update = update;
        }

        /** The CUPS URI: any text, as station does not check it. */
        public Optional<String> cupsUri() {
            return cupsUri;
        }

        /** The LNS URI: any text. */
        public Optional<String> tcUri() {
            return tcUri;
        }

        /**
         * Whether the whole update is there. If not, station has nevertheless applied everything
         * before it.
         */
        public boolean isComplete() {
            return update.length == updateLength;
        }

        /** The blob of the CUPS credentials; empty for no change. */
        public byte[] cupsCredentials() {
            return cupsCredentials.clone();
        }

        /** The blob of the LNS credentials; empty for no change. */
        public byte[] tcCredentials() {
            return tcCredentials.clone();
        }

        /** The CRC of the key of the signature; 0 without one. */
        public int keyCrc() {
            return keyCrc;
        }

        /** The signature, any 4 to 128 bytes; empty without one. */
        public byte[] signature() {
            return signature.clone();
        }

        /** How long the update is meant to be, in bytes. */
        public long updateLength() {
            return updateLength;
        }

        /** What has come in of the update. */
        public byte[] update() {
            return update.clone();
        }

        /** URIs and sizes, nothing of the credentials. */
        @Override
        public String toString() {
            return "Decoded[%s, %s, credentials %d and %d, signature %d, update %d of %d bytes]"
                    .formatted(
                            cupsUri.map(Printable::of).orElse("no CUPS URI"),
                            tcUri.map(Printable::of).orElse("no LNS URI"),
                            cupsCredentials.length,
                            tcCredentials.length,
                            signature.length,
                            update.length,
                            updateLength);
        }
    }

    /** Takes the segments of {@code cups.c:277-425} off the bytes, one after the other. */
    private static final class Reader {

        /** Station takes 8 to 132 bytes, the CRC of the key included. */
        private static final int SMALLEST_SIGNATURE = 8;

        private static final int LARGEST_SIGNATURE = 132;

        private final ByteBuffer body;

        Reader(byte[] body) {
            this.body = ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN);
        }

        Decoded read() {
            Optional<String> cupsUri = uri();
            Optional<String> tcUri = uri();
            byte[] cupsCredentials = take(Short.toUnsignedInt(number(Short.BYTES).getShort()));
            byte[] tcCredentials = take(Short.toUnsignedInt(number(Short.BYTES).getShort()));
            int signatureLength = number(Integer.BYTES).getInt();
            if (signatureLength != 0
                    && (signatureLength < SMALLEST_SIGNATURE
                            || signatureLength > LARGEST_SIGNATURE)) {
                throw new MalformedMessageException(
                        "update-info answer: signature segment of "
                                + Integer.toUnsignedString(signatureLength)
                                + " bytes, where 0 or 8 to 132 are allowed");
            }
            ByteBuffer signed =
                    ByteBuffer.wrap(take(signatureLength)).order(ByteOrder.LITTLE_ENDIAN);
            int keyCrc = signatureLength == 0 ? 0 : signed.getInt();
            byte[] signature = new byte[signed.remaining()];
            signed.get(signature);
            int updateLength = number(Integer.BYTES).getInt();
            if (updateLength < 0) {
                throw new MalformedMessageException(
                        "update-info answer: update of "
                                + Integer.toUnsignedString(updateLength)
                                + " bytes, where at most 2147483647 are allowed");
            }
            byte[] update = take(Math.min(updateLength, body.remaining()));
            return new Decoded(
                    cupsUri,
                    tcUri,
                    cupsCredentials,
                    tcCredentials,
                    keyCrc,
                    signature,
                    updateLength,
                    update);
        }

        private Optional<String> uri() {
            int length = Byte.toUnsignedInt(number(Byte.BYTES).get());
            if (length == 0) {
                return Optional.empty();
            }
            String text = new String(take(length), ISO_8859_1);
            int end = text.indexOf('\0'); // to station it is a C string
            return Optional.of(end < 0 ? text : text.substring(0, end));
        }

        private ByteBuffer number(int length) {
            requireRemaining(length);
            return body;
        }

        private byte[] take(int length) {
            requireRemaining(length);
            byte[] bytes = new byte[length];
            body.get(bytes);
            return bytes;
        }

        private void requireRemaining(int length) {
            if (body.remaining() < length) {
                throw new MalformedMessageException(
                        "update-info answer of %d bytes ends within a segment: at byte %d another %d are missing"
                                .formatted(
                                        body.limit(), body.position(), length - body.remaining()));
            }
        }
    }
}
