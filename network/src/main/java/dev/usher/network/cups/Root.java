package dev.usher.network.cups;

import static java.util.Objects.requireNonNull;

import dev.usher.station.CertificateDer;

/** What is known of the one certificate that a gateway must trust to reach a server. */
sealed interface Root {

    /** It is this one. */
    record Known(CertificateDer certificate) implements Root {
        public Known {
            requireNonNull(certificate, "certificate");
        }
    }

    /**
     * It could not be found out.
     *
     * @param why the rest of a sentence that begins with the server
     */
    record Unknown(String why) implements Root {
        public Unknown {
            requireNonNull(why, "why");
        }
    }
}
