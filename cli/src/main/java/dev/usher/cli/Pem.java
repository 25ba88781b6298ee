package dev.usher.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.util.io.pem.PemHeader;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;

/** Certificates and private keys in files, PEM or DER. */
final class Pem {

    private static final byte ASN1_SEQUENCE = 0x30;

    private Pem() {}

    /**
     * All certificates of a file.
     *
     * @throws Failure if it cannot be read or holds none
     */
    static List<X509Certificate> certificates(Path file) {
        List<X509Certificate> certificates = new ArrayList<>();
        try {
            CertificateFactory x509 = CertificateFactory.getInstance("X.509");
            for (byte[] der : certificatesInDer(file)) {
                certificates.add(
                        (X509Certificate) x509.generateCertificate(new ByteArrayInputStream(der)));
            }
        } catch (CertificateException e) {
            throw new Failure(
                    "The certificate in '"
                            + file
                            + "' is damaged: give the file as its CA sent it.",
                    e);
        }
        return certificates;
    }

    /** The one certificate of a file as a gateway takes it. */
    static byte[] certificateInDer(Path file) {
        List<byte[]> certificates = certificatesInDer(file);
        if (certificates.size() != 1) {
            throw new Failure(
                    "'"
                            + file
                            + "' holds "
                            + certificates.size()
                            + " certificates, and a gateway takes exactly one: leave only the one"
                            + " its server's chain ends in.");
        }
        return certificates.getFirst();
    }

    private static List<byte[]> certificatesInDer(Path file) {
        byte[] content = LocalFile.read(file);
        if (isDer(content)) {
            return List.of(content);
        }
        List<byte[]> certificates =
                objects(file, content).stream()
                        .filter(object -> object.getType().equals("CERTIFICATE"))
                        .map(PemObject::getContent)
                        .toList();
        if (certificates.isEmpty()) {
            throw new Failure(
                    "'"
                            + file
                            + "' holds no certificate: give a file with -----BEGIN"
                            + " CERTIFICATE-----.");
        }
        return certificates;
    }

    /** The private key of a file as it is encoded there: PKCS#8, SEC1 or PKCS#1. */
    static byte[] privateKeyInDer(Path file) {
        byte[] content = LocalFile.read(file);
        if (isDer(content)) {
            return content;
        }
        for (PemObject object : objects(file, content)) {
            if (isEncrypted(object)) {
                throw encrypted(file);
            }
            if (object.getType().endsWith("PRIVATE KEY")) {
                return object.getContent();
            }
        }
        throw noKey(file);
    }

    /** The private key of a PEM file, for this program's own use. */
    static PrivateKey privateKey(Path file) {
        String content = new String(LocalFile.read(file), StandardCharsets.UTF_8);
        try (PEMParser parser = new PEMParser(new StringReader(content))) {
            for (Object object = parser.readObject();
                    object != null;
                    object = parser.readObject()) {
                switch (object) {
                    case PrivateKeyInfo key -> {
                        return privateKey(key);
                    }
                    case PEMKeyPair pair -> {
                        return privateKey(pair.getPrivateKeyInfo());
                    }
                    case org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo _,
                            org.bouncycastle.openssl.PEMEncryptedKeyPair _ ->
                            throw encrypted(file);
                    default -> {} // certificates and EC parameters may stand before the key
                }
            }
        } catch (IOException | GeneralSecurityException e) {
            throw new Failure(
                    "The private key in '" + file + "' is damaged or of an unknown kind.", e);
        }
        throw noKey(file);
    }

    private static PrivateKey privateKey(PrivateKeyInfo key)
            throws IOException, GeneralSecurityException {
        return KeyFactory.getInstance(key.getPrivateKeyAlgorithm().getAlgorithm().getId())
                .generatePrivate(new PKCS8EncodedKeySpec(key.getEncoded()));
    }

    /** In either of the two ways there are: PKCS#8, or OpenSSL's own with a header. */
    private static boolean isEncrypted(PemObject object) {
        return object.getType().equals("ENCRYPTED PRIVATE KEY")
                || ((List<?>) object.getHeaders())
                        .stream()
                                .anyMatch(
                                        header ->
                                                header instanceof PemHeader field
                                                        && field.getValue().contains("ENCRYPTED"));
    }

    private static boolean isDer(byte[] content) {
        return content.length > 0 && content[0] == ASN1_SEQUENCE;
    }

    private static List<PemObject> objects(Path file, byte[] content) {
        List<PemObject> objects = new ArrayList<>();
        try (PemReader reader =
                new PemReader(new StringReader(new String(content, StandardCharsets.US_ASCII)))) {
            for (PemObject object = reader.readPemObject();
                    object != null;
                    object = reader.readPemObject()) {
                objects.add(object);
            }
        } catch (IOException | IllegalArgumentException | IllegalStateException e) {
            throw new Failure("'" + file + "' is damaged PEM: make or copy it anew.", e);
        }
        return objects;
    }

    private static Failure noKey(Path file) {
        return new Failure(
                "'"
                        + file
                        + "' holds no private key: give a file with -----BEGIN PRIVATE KEY-----.");
    }

    private static Failure encrypted(Path file) {
        return new Failure(
                "The private key in '"
                        + file
                        + "' is encrypted: decrypt it first, as with 'openssl pkey -in "
                        + file
                        + " -out plain.key'.");
    }
}
