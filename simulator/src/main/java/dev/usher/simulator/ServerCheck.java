package dev.usher.simulator;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Whether station accepts the certificate of a server: PKIX to its own trust alone, and on top of
 * it where mbedTLS 2.28 is stricter than Java. The trust certificate itself must not have expired,
 * all signatures are SHA-2, RSA has 2048 bits, and the host is one of the DNS names (IP addresses
 * are not looked at; without any alternative name the common name counts).
 */
final class ServerCheck extends X509ExtendedTrustManager {

    private static final int DNS_NAME = 2;
    private static final int SMALLEST_RSA = 2048;
    private static final Pattern SHA2 =
            Pattern.compile("SHA(224|256|384|512)with.*", Pattern.CASE_INSENSITIVE);
    private static final Pattern COMMON_NAME = Pattern.compile("(?:^|,)CN=([^,]*)");

    private final List<X509Certificate> trusted;
    private final String host;

    ServerCheck(List<X509Certificate> trusted, String host) {
        this.trusted = trusted;
        this.host = host;
    }

    private void check(X509Certificate[] chain, String authType) throws CertificateException {
        CertificateException expired = null;
        List<X509Certificate> valid = new ArrayList<>();
        for (X509Certificate certificate : trusted) {
            try {
                certificate.checkValidity();
                valid.add(certificate);
            } catch (CertificateException e) {
                expired = e;
            }
        }
        if (valid.isEmpty()) {
            throw new CertificateException("trust certificate is not valid now", expired);
        }
        X509Certificate server = chain[0];
        server.checkValidity();
        if (valid.contains(server)
                && !server.getSubjectX500Principal().equals(server.getIssuerX500Principal())) {
            throw new CertificateException("trust is the server's certificate, not its issuer's");
        }
        pkix(valid).checkServerTrusted(chain, authType);
        for (X509Certificate certificate : chain) {
            checkStrength(certificate);
        }
        if (names(server).noneMatch(this::isHost)) {
            throw new CertificateException(
                    "certificate is for " + names(server).toList() + " and not for " + host);
        }
    }

    private static X509TrustManager pkix(List<X509Certificate> anchors)
            throws CertificateException {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (int i = 0; i < anchors.size(); i++) {
                store.setCertificateEntry(Integer.toString(i), anchors.get(i));
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            return (X509TrustManager) factory.getTrustManagers()[0];
        } catch (GeneralSecurityException | IOException e) {
            throw new CertificateException("cannot set up PKIX", e);
        }
    }

    private void checkStrength(X509Certificate certificate) throws CertificateException {
        if (!trusted.contains(certificate)
                && !SHA2.matcher(certificate.getSigAlgName()).matches()) {
            throw new CertificateException(
                    "certificate signed with " + certificate.getSigAlgName());
        }
        if (certificate.getPublicKey() instanceof RSAPublicKey rsa
                && rsa.getModulus().bitLength() < SMALLEST_RSA) {
            throw new CertificateException(
                    "RSA key of " + rsa.getModulus().bitLength() + " bits in a certificate");
        }
    }

    private static Stream<String> names(X509Certificate server) {
        try {
            Collection<List<?>> alternatives = server.getSubjectAlternativeNames();
            if (alternatives != null) {
                return alternatives.stream()
                        .filter(name -> name.getFirst().equals(DNS_NAME))
                        .map(name -> String.valueOf(name.get(1)));
            }
        } catch (CertificateException e) {
            return Stream.empty();
        }
        return COMMON_NAME
                .matcher(server.getSubjectX500Principal().getName())
                .results()
                .map(result -> result.group(1));
    }

    /** The same text in any case, or {@code *.} and all after the first dot of the host. */
    private boolean isHost(String name) {
        int dot = host.indexOf('.');
        return name.equalsIgnoreCase(host)
                || (name.length() >= 3
                        && name.startsWith("*.")
                        && dot > 0
                        && name.substring(1).equalsIgnoreCase(host.substring(dot)));
    }

    @Override
    public void checkServerTrusted(
            X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        check(chain, authType);
    }

    @Override
    public void checkServerTrusted(
            X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        check(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
            throws CertificateException {
        check(chain, authType);
    }

    @Override
    public void checkClientTrusted(
            X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        throw noServer();
    }

    @Override
    public void checkClientTrusted(
            X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        throw noServer();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
            throws CertificateException {
        throw noServer();
    }

    private static CertificateException noServer() {
        return new CertificateException("a station is no server");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
