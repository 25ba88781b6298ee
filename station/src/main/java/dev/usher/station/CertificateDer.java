package dev.usher.station;

import java.io.ByteArrayInputStream;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * One X.509 certificate in DER, in a form that station reads: the trust of a credential set, or its
 * client certificate.
 *
 * <p>Station holds exactly one trust certificate and no chain behind a client certificate, and its
 * TLS library (mbedTLS 2.28) knows RSA keys of 2048 bits and more and the named elliptic curves.
 */
public final class CertificateDer {

    /** The largest element whose length station reads, and the largest blob a message carries. */
    static final int LARGEST = 65535;

    private static final int SMALLEST_RSA = 2048;

    private final byte[] der;

    private CertificateDer(byte[] der) {
        this.der = der;
    }

    /**
     * Takes one certificate, in DER or in PEM.
     *
     * @throws IllegalArgumentException if it is none, or more than one, or station could not use
     *     it; the message says why and what to give
     */
    public static CertificateDer of(byte[] bytes) {
        byte[] der = Pem.looksLike(bytes) ? fromPem(bytes) : bytes.clone();
        X509Certificate certificate = parse(der);
        if (!Der.isLegibleToStation(der)) {
            throw refusal(
                    "has "
                            + der.length
                            + " bytes, and station misreads an element of 128 to 255 or of more"
                            + " than 65535 bytes: use another certificate");
        }
        checkKey(certificate.getPublicKey());
        return new CertificateDer(der);
    }

    /** One whole element out of a blob; what is in it was checked when the blob was made. */
    static CertificateDer ofBlob(byte[] der) {
        return new CertificateDer(der);
    }

    private static byte[] fromPem(byte[] pem) {
        List<Pem> blocks;
        try {
            blocks = Pem.blocks(pem);
        } catch (IllegalArgumentException e) {
            throw refusal(String.valueOf(e.getMessage()));
        }
        for (Pem block : blocks) {
            if (!block.label().equals("CERTIFICATE")) {
                throw refusal(
                        block.label().endsWith("PRIVATE KEY")
                                ? "comes with a private key: give the certificate alone"
                                : "holds something else: give one PEM block 'CERTIFICATE'");
            }
        }
        if (blocks.size() > 1) {
            throw tooMany();
        }
        return blocks.getFirst().content();
    }

    private static X509Certificate parse(byte[] der) {
        List<Der.Element> elements;
        try {
            elements = Der.elements(der);
        } catch (Der.Malformed e) {
            throw refusal("is neither DER nor PEM: " + e.getMessage());
        }
        if (elements.isEmpty()) {
            throw refusal("is empty: give an X.509 certificate in DER or PEM");
        }
        if (PrivateKeyDer.looksLike(elements.getFirst())) {
            throw refusal("is a private key: give the certificate");
        }
        if (elements.size() > 1) {
            throw tooMany();
        }
        try {
            X509Certificate certificate =
                    (X509Certificate)
                            CertificateFactory.getInstance("X.509")
                                    .generateCertificate(new ByteArrayInputStream(der));
            if (Arrays.equals(certificate.getEncoded(), der)) {
                return certificate;
            }
            throw refusal("is not an X.509 certificate in DER or PEM");
        } catch (CertificateException e) {
            throw new IllegalArgumentException(
                    "the certificate is not an X.509 certificate in DER or PEM", e);
        }
    }

    private static void checkKey(PublicKey key) {
        if (!Set.of("RSA", "EC").contains(key.getAlgorithm())) {
            throw refusal(
                    "has a key of type "
                            + key.getAlgorithm()
                            + ", which station's TLS library does not know: use RSA or EC");
        }
        if (key instanceof RSAPublicKey rsa && rsa.getModulus().bitLength() < SMALLEST_RSA) {
            throw refusal(
                    "has an RSA key of "
                            + rsa.getModulus().bitLength()
                            + " bits, which station's TLS library refuses: use 2048 bits or more,"
                            + " or EC");
        }
    }

    private static IllegalArgumentException tooMany() {
        return refusal("is more than one, and station holds exactly one: give the one it needs");
    }

    private static IllegalArgumentException refusal(String reason) {
        return new IllegalArgumentException("the certificate " + reason);
    }

    /** The certificate in DER. */
    public byte[] bytes() {
        return der.clone();
    }

    int length() {
        return der.length;
    }

    /** The certificate, to look at its names and dates. */
    public X509Certificate toX509() {
        return parse(der);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CertificateDer that && Arrays.equals(der, that.der);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(der);
    }

    @Override
    public String toString() {
        return "CertificateDer[" + der.length + " bytes]";
    }
}
