package dev.usher.gateways;

import dev.usher.station.CertificateDer;
import dev.usher.station.PrivateKeyDer;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Reads the certificates and private keys of one request, each once.
 *
 * <p>To read a private key and to prove that it belongs to its certificate takes milliseconds. A
 * change must not, as all others wait for it: {@link #readAhead} does it before.
 */
final class CredentialReader {

    private final Map<ByteBuffer, Read<CertificateDer>> certificates = new HashMap<>();
    private final Map<Pair, Read<PrivateKeyDer>> keys = new HashMap<>();

    /**
     * @param key the bytes of a private key as they were given
     */
    private record Pair(CertificateDer certificate, ByteBuffer key) {}

    /** What became of reading something, also if it was wrong: that takes as long to find out. */
    private record Read<T>(Optional<T> value, String error) {

        static <T> Read<T> of(Supplier<T> reading) {
            try {
                return new Read<>(Optional.of(reading.get()), "");
            } catch (IllegalArgumentException e) {
                return new Read<>(Optional.empty(), String.valueOf(e.getMessage()));
            }
        }

        T get() {
            return value.orElseThrow(() -> new IllegalArgumentException(error));
        }
    }

    /** Reads what the change will ask for. What is wrong with it is told when it asks. */
    void readAhead(EndpointChange change) {
        if (change.certificate().value().isPresent() && change.key().value().isPresent()) {
            byte[] key = change.key().value().get();
            read(change.certificate().value().get()).value().ifPresent(own -> read(key, own));
        }
    }

    /**
     * @param bytes DER or PEM
     * @throws IllegalArgumentException if it is no certificate, or none that station can use
     */
    CertificateDer certificate(byte[] bytes) {
        return read(bytes).get();
    }

    /**
     * The private key of this certificate.
     *
     * @param bytes DER or PEM
     * @throws IllegalArgumentException if it is no private key, none that station can use, or not
     *     that of the certificate
     */
    PrivateKeyDer key(byte[] bytes, CertificateDer certificate) {
        return read(bytes, certificate).get();
    }

    private Read<CertificateDer> read(byte[] bytes) {
        return certificates.computeIfAbsent(
                ByteBuffer.wrap(bytes), _ -> Read.of(() -> CertificateDer.of(bytes)));
    }

    private Read<PrivateKeyDer> read(byte[] bytes, CertificateDer certificate) {
        return keys.computeIfAbsent(
                new Pair(certificate, ByteBuffer.wrap(bytes)),
                _ -> Read.of(() -> fitting(PrivateKeyDer.of(bytes), certificate)));
    }

    private static PrivateKeyDer fitting(PrivateKeyDer key, CertificateDer certificate) {
        if (!key.fits(certificate)) {
            throw new IllegalArgumentException(
                    "the private key does not belong to the certificate");
        }
        return key;
    }
}
