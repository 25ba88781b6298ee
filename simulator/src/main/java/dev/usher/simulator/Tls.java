package dev.usher.simulator;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.usher.station.CredentialFiles;
import dev.usher.station.PrivateKeyDer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.StandardConstants;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * What station makes of a set of credentials: TLS 1.2, a server that its one trust certificate
 * vouches for, and a client certificate or header lines if there are any ({@code tls.c}, {@code
 * net.c:1468-1514}).
 */
final class Tls {

    private final List<X509Certificate> trusted;
    private final Optional<Identity> identity;
    private final String headerLines;

    private record Identity(X509Certificate[] chain, PrivateKey key) {}

    private Tls(List<X509Certificate> trusted, Optional<Identity> identity, String headerLines) {
        this.trusted = trusted;
        this.identity = identity;
        this.headerLines = headerLines;
    }

    /**
     * Reads the files of a set.
     *
     * @throws ContactFailure if station would not even connect with them
     */
    static Tls of(CredentialFiles files) throws ContactFailure {
        if (files.trust().length == 0) {
            throw new ContactFailure("URI requires TLS but no trust configured");
        }
        List<X509Certificate> trusted = certificates(files.trust(), "trust");
        if (files.certificate().length == 0) {
            return new Tls(
                    trusted,
                    Optional.empty(),
                    HeaderLines.parse(new String(files.key(), ISO_8859_1)));
        }
        if (files.key().length == 0) {
            return new Tls(trusted, Optional.empty(), "");
        }
        return new Tls(trusted, Optional.of(identity(files)), "");
    }

    /** One certificate in DER, whatever follows it; or all that are in a PEM file. */
    private static List<X509Certificate> certificates(byte[] file, String what)
            throws ContactFailure {
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            ByteArrayInputStream in = new ByteArrayInputStream(file);
            if (file[0] != '-') {
                return List.of((X509Certificate) factory.generateCertificate(in));
            }
            return factory.generateCertificates(in).stream()
                    .map(X509Certificate.class::cast)
                    .toList();
        } catch (CertificateException e) {
            throw new ContactFailure(what + " certificate rejected: " + e.getMessage(), e);
        }
    }

    private static Identity identity(CredentialFiles files) throws ContactFailure {
        X509Certificate[] chain =
                certificates(files.certificate(), "client").toArray(X509Certificate[]::new);
        try {
            return new Identity(chain, PrivateKeyDer.of(files.key()).toPrivateKey());
        } catch (IllegalArgumentException e) {
            throw new ContactFailure("key/cert rejected: " + e.getMessage(), e);
        }
    }

    /** What goes into every request besides; empty without a token. */
    String headerLines() {
        return headerLines;
    }

    /** Puts TLS on a connection. The handshake comes with the first byte that is sent. */
    Socket over(Socket connection, Address address) throws ContactFailure {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    identity.map(Tls::keyManager)
                            .map(manager -> new KeyManager[] {manager})
                            .orElse(null),
                    new TrustManager[] {new ServerCheck(trusted, address.host())},
                    null);
            SSLSocket socket =
                    (SSLSocket)
                            context.getSocketFactory()
                                    .createSocket(
                                            connection, address.host(), connection.getPort(), true);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setProtocols(new String[] {"TLSv1.2"});
            parameters.setServerNames(List.of(new HostName(address.host())));
            socket.setSSLParameters(parameters);
            return socket;
        } catch (GeneralSecurityException | IOException e) {
            closeQuietly(connection);
            throw new ContactFailure("cannot begin TLS: " + e.getMessage(), e);
        }
    }

    private static void closeQuietly(Socket connection) {
        try {
            connection.close();
        } catch (
                @SuppressWarnings("unused")
                IOException e) {
            // the failure that led here is the one to tell
        }
    }

    /** The host as station sends it: also an IP address, which {@code SNIHostName} may refuse. */
    private static final class HostName extends SNIServerName {

        HostName(String host) {
            super(StandardConstants.SNI_HOST_NAME, host.getBytes(ISO_8859_1));
        }
    }

    private static KeyManager keyManager(Identity identity) {
        return new OneIdentity(identity);
    }

    /** Shows its certificate to whoever asks for one, whichever issuers they name. */
    private static final class OneIdentity extends X509ExtendedKeyManager {

        private static final String ALIAS = "station";

        private final Identity identity;

        OneIdentity(Identity identity) {
            this.identity = identity;
        }

        @Override
        public String chooseClientAlias(
                String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return ALIAS;
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return identity.chain.clone();
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return identity.key;
        }

        @Override
        public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
            return new String[] {ALIAS};
        }

        @Override
        public String @Nullable [] getServerAliases(
                String keyType, Principal @Nullable [] issuers) {
            return null;
        }

        @Override
        public @Nullable String chooseServerAlias(
                String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return null;
        }
    }
}
