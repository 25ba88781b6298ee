package dev.usher.devices;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Printable;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.regex.Pattern;

/** One way for a peer to prove who it is. A peer with none is refused. */
public sealed interface PeerCredential {

    /** What a peer has one of, at most. */
    enum Kind {
        CLIENT_CERTIFICATE("client certificate"),
        BEARER_TOKEN("bearer token"),
        PASSWORD("password");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        /** For people. */
        @Override
        public String toString() {
            return words;
        }
    }

    Kind kind();

    /**
     * A client certificate of this authority.
     *
     * @param san a DNS name (or, in a certificate without one, a CN) that the certificate must be
     *     for, {@code *} standing for its first label; empty: every certificate of the authority
     *     will do
     */
    record ClientCertificate(X509Certificate authority, Optional<String> san)
            implements PeerCredential {

        private static final Pattern NAME =
                Pattern.compile("(\\*|[a-zA-Z0-9_-]+)(\\.[a-zA-Z0-9_-]+)*");

        public ClientCertificate {
            requireNonNull(authority, "authority");
            if (authority.getBasicConstraints() < 0) {
                throw new IllegalArgumentException(
                        "the certificate of '"
                                + Printable.of(authority.getSubjectX500Principal().getName())
                                + "' is not an authority's: give the CA that issues the peer's"
                                + " certificates");
            }
            san.ifPresent(
                    name -> {
                        if (!NAME.matcher(name).matches()) {
                            throw new IllegalArgumentException(
                                    "'"
                                            + Printable.of(name)
                                            + "' is not a name in a certificate: write it as in"
                                            + " ns.example.com or *.example.com");
                        }
                    });
        }

        @Override
        public Kind kind() {
            return Kind.CLIENT_CERTIFICATE;
        }
    }

    /** {@code Authorization: Bearer <token>}. */
    record BearerToken(String token) implements PeerCredential {
        public BearerToken {
            requireLong("token", token);
        }

        @Override
        public Kind kind() {
            return Kind.BEARER_TOKEN;
        }

        @Override
        public String toString() {
            return "BearerToken[hidden]";
        }
    }

    /** {@code Authorization: Basic …}. */
    record UserAndPassword(String user, String password) implements PeerCredential {
        public UserAndPassword {
            if (user.isEmpty() || user.indexOf(':') >= 0) {
                throw new IllegalArgumentException(
                        "'"
                                + Printable.of(user)
                                + "' is not a user name of basic authentication: use a name"
                                + " without a colon");
            }
            requireLong("password", password);
        }

        @Override
        public Kind kind() {
            return Kind.PASSWORD;
        }

        @Override
        public String toString() {
            return "UserAndPassword[user=" + Printable.of(user) + "]";
        }
    }

    private static void requireLong(String what, String secret) {
        int shortest = 8;
        if (secret.length() < shortest) {
            throw new IllegalArgumentException(
                    "the peer's " + what + " is shorter than " + shortest + " characters");
        }
    }
}
