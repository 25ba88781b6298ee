package dev.usher.api.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.usher.api.edge.TestAuthority.Identity;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClientCertificateCheckTest {

    private final TestAuthority authority = new TestAuthority("Test Root");
    private final Identity gateway = authority.client("gateway-1");
    private final X509Certificate[] chain = {gateway.certificate()};
    private final Instant notAfter = gateway.certificate().getNotAfter().toInstant();

    private Instant now = Instant.now();
    private Instant holdsUntil = Instant.MAX;
    private boolean trusted = true;
    private long revision;
    private int asked;

    private final ClientCertificateCheck check =
            new ClientCertificateCheck(
                    new ClientTrust() {
                        @Override
                        public Instant check(List<X509Certificate> shown)
                                throws CertificateException {
                            asked++;
                            if (!trusted) {
                                throw new CertificateException("a stranger");
                            }
                            return holdsUntil;
                        }

                        @Override
                        public long revision() {
                            return revision;
                        }
                    },
                    () -> now);

    @Test
    void remembersWhomItTrusts() throws Exception {
        check.check(chain);
        check.check(chain);
        assertThat(asked).isEqualTo(1);

        check.check(new X509Certificate[] {authority.client("gateway-2").certificate()});
        assertThat(asked).isEqualTo(2);
    }

    @Test
    void asksAgainAboutAStranger() {
        trusted = false;
        assertThatThrownBy(() -> check.check(chain)).hasMessage("a stranger");
        assertThatThrownBy(() -> check.check(chain)).hasMessage("a stranger");
        assertThat(asked).isEqualTo(2);
    }

    @Test
    void asksAgainWhenTheTrustHasChanged() throws Exception {
        check.check(chain);
        trusted = false;
        revision++;

        assertThatThrownBy(() -> check.check(chain)).hasMessage("a stranger");
    }

    @Test
    void asksAgainWhenTheAnswerNoLongerHolds() throws Exception {
        holdsUntil = now.plusSeconds(60);
        check.check(chain);
        now = now.plusSeconds(59);
        check.check(chain);
        assertThat(asked).isEqualTo(1);
        now = now.plusSeconds(1);
        check.check(chain);
        assertThat(asked).isEqualTo(2);
    }

    @Test
    void refusesACertificateOutsideItsDatesWithoutAsking() throws Exception {
        check.check(chain);
        now = notAfter.plusSeconds(1);
        assertThatThrownBy(() -> check.check(chain))
                .isInstanceOf(CertificateExpiredException.class)
                .hasMessage("The client's certificate expired at " + notAfter + ".");

        now = now.minus(Duration.ofDays(2));
        revision++;
        assertThatThrownBy(() -> check.check(chain))
                .isInstanceOf(CertificateNotYetValidException.class);
        assertThat(asked).isEqualTo(1);
    }

    @Test
    void namesNoIssuersAndTrustsNoServer() {
        assertThat(check.getAcceptedIssuers()).isEmpty();
        assertThatThrownBy(() -> check.checkServerTrusted(chain, "EC"))
                .isInstanceOf(CertificateException.class);
    }
}
