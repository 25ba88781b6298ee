package dev.usher.network.cups;

import static java.util.Objects.requireNonNull;

import dev.usher.station.CertificateDer;
import dev.usher.station.StationUri;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Dials a server as a station does, over TLS 1.2, to see in which root its chain ends. Nothing is
 * sent but the handshake.
 */
final class ChainFetch {

    /** What a server may cost. */
    record Limits(Duration time, int bytes) {
        static final Limits DEFAULT = new Limits(Duration.ofSeconds(10), 64 * 1024);
    }

    private static final Pattern IPV4 = Pattern.compile("[0-9.]+");

    private final DialGuard guard;
    private final Supplier<Set<X509Certificate>> trusted;
    private final Limits limits;
    private final InstantSource clock;

    /** Read for the first server that is asked: Java has some 150, which takes a while. */
    private @Nullable Set<X509Certificate> authorities;

    ChainFetch(
            DialGuard guard,
            Supplier<Set<X509Certificate>> trusted,
            Limits limits,
            InstantSource clock) {
        this.guard = requireNonNull(guard, "guard");
        this.trusted = requireNonNull(trusted, "trusted");
        this.limits = requireNonNull(limits, "limits");
        this.clock = requireNonNull(clock, "clock");
    }

    private synchronized Set<X509Certificate> authorities() {
        Set<X509Certificate> read = authorities;
        if (read == null) {
            read = Set.copyOf(trusted.get());
            authorities = read;
        }
        return read;
    }

    /**
     * The root that the server's chain ends in.
     *
     * @throws IOException if there is none that a station could use; the message is the rest of a
     *     sentence that begins with the server
     */
    CertificateDer rootOf(StationUri uri) throws IOException {
        List<InetSocketAddress> addresses = guard.vet(uri.host(), uri.port());
        long deadline = System.nanoTime() + limits.time().toNanos();
        try (CappedSocket socket = connect(addresses, deadline)) {
            X509Certificate root = handshake(socket, uri);
            try {
                return CertificateDer.of(root.getEncoded());
            } catch (IllegalArgumentException | CertificateException e) {
                throw new IOException(
                        "has a chain whose root no station can use: " + e.getMessage(), e);
            }
        }
    }

    private CappedSocket connect(List<InetSocketAddress> addresses, long deadline)
            throws IOException {
        IOException last = null;
        for (InetSocketAddress address : addresses) {
            CappedSocket socket = new CappedSocket(deadline, limits.bytes());
            try {
                socket.connect(address, socket.remaining());
                return socket;
            } catch (IOException e) {
                socket.close();
                last = e;
            }
        }
        throw new IOException("cannot be reached at the moment", last);
    }

    private X509Certificate handshake(CappedSocket socket, StationUri uri) throws IOException {
        Chain chain;
        SSLSocket tls;
        try {
            chain = new Chain();
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {chain}, null);
            tls =
                    (SSLSocket)
                            context.getSocketFactory()
                                    .createSocket(socket, uri.host(), uri.port(), false);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("TLS is part of every Java", e);
        }
        SSLParameters parameters = tls.getSSLParameters();
        parameters.setProtocols(new String[] {"TLSv1.2"});
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        parameters.setServerNames(serverNames(uri.host()));
        tls.setSSLParameters(parameters);
        try {
            tls.startHandshake();
        } catch (IOException e) {
            // Its certificate comes first: a server that goes on to ask for one itself has shown
            // it.
            if (chain.root == null) {
                throw new IOException(
                        chain.problem == null
                                ? "does not complete a handshake of TLS 1.2, which stations need"
                                : chain.problem,
                        e);
            }
        }
        return requireNonNull(chain.root, "root");
    }

    /** No address is a server name, nor is a name that only some name servers allow. */
    private static List<SNIServerName> serverNames(String host) {
        if (IPV4.matcher(host).matches() || host.indexOf('_') >= 0) {
            return List.of();
        }
        return List.of(new SNIHostName(host));
    }

    /** Checks the chain as every client does, and then looks where it ends. */
    private final class Chain extends X509ExtendedTrustManager {

        private final X509ExtendedTrustManager pkix;
        private @Nullable X509Certificate root;
        private @Nullable String problem;

        Chain() throws GeneralSecurityException {
            PKIXBuilderParameters parameters =
                    new PKIXBuilderParameters(
                            authorities().stream()
                                    .map(authority -> new TrustAnchor(authority, null))
                                    .collect(Collectors.toSet()),
                            new X509CertSelector());
            parameters.setRevocationEnabled(false);
            parameters.setDate(now());
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(new CertPathTrustManagerParameters(parameters));
            this.pkix =
                    (X509ExtendedTrustManager)
                            Stream.of(factory.getTrustManagers()).findFirst().orElseThrow();
        }

        private Date now() {
            return Date.from(clock.instant());
        }

        private boolean isCurrent(X509Certificate certificate) {
            Instant now = clock.instant();
            return !now.isBefore(certificate.getNotBefore().toInstant())
                    && !now.isAfter(certificate.getNotAfter().toInstant());
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            problem = "has a certificate that has expired or is not valid yet";
            chain[0].checkValidity(now());
            problem =
                    "has a chain that ends in no root that is known here: let it send its"
                            + " intermediate certificates, or pin its root";
            pkix.checkServerTrusted(chain, authType);
            problem = "has a certificate for another name";
            pkix.checkServerTrusted(chain, authType, socket);
            problem = "has a chain whose root has expired, which stations do not accept";
            root = end(chain);
        }

        /**
         * Follows the chain from the server's certificate to the first that is issued by a root.
         */
        private X509Certificate end(X509Certificate[] chain) throws CertificateException {
            X509Certificate at = chain[0];
            for (int step = 0; step < chain.length; step++) {
                X509Certificate current = at;
                if (authorities().contains(current) && isCurrent(current)) {
                    return current;
                }
                Optional<X509Certificate> root =
                        authorities().stream()
                                .filter(this::isCurrent)
                                .filter(authority -> hasIssued(authority, current))
                                .max(Comparator.comparing(X509Certificate::getNotAfter));
                if (root.isPresent()) {
                    return root.get();
                }
                at =
                        Stream.of(chain)
                                .filter(next -> hasIssued(next, current))
                                .findFirst()
                                .orElseThrow(() -> new CertificateException("no issuer is there"));
            }
            throw new CertificateException("the chain has no end");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            throw new CertificateException("only sockets are used here");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType)
                throws CertificateException {
            throw new CertificateException("only sockets are used here");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType)
                throws CertificateException {
            throw new CertificateException("there are no clients here");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            throw new CertificateException("there are no clients here");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            throw new CertificateException("there are no clients here");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    private static boolean hasIssued(X509Certificate issuer, X509Certificate certificate) {
        if (!issuer.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())) {
            return false;
        }
        try {
            certificate.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** Gives up when its time is over or the other side has sent too much. */
    private static final class CappedSocket extends Socket {

        private final long deadline;
        private long bytesLeft;

        CappedSocket(long deadline, int bytes) {
            super(Proxy.NO_PROXY);
            this.deadline = deadline;
            this.bytesLeft = bytes;
        }

        /** Milliseconds to the deadline, at least 1. */
        int remaining() throws SocketTimeoutException {
            long millis = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
            if (millis <= 0) {
                throw new SocketTimeoutException("its time is over");
            }
            return Math.toIntExact(millis);
        }

        @Override
        public InputStream getInputStream() throws IOException {
            return new FilterInputStream(super.getInputStream()) {
                @Override
                public int read() throws IOException {
                    byte[] one = new byte[1];
                    return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
                }

                @Override
                public int read(byte[] to, int offset, int length) throws IOException {
                    setSoTimeout(remaining());
                    int count = super.read(to, offset, length);
                    bytesLeft -= Math.max(count, 0);
                    if (bytesLeft < 0) {
                        throw new IOException("it sends too much");
                    }
                    return count;
                }
            };
        }
    }
}
