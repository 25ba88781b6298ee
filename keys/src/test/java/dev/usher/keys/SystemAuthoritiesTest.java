package dev.usher.keys;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;

class SystemAuthoritiesTest {

    @Test
    void areThoseOfJavaAndMore() {
        X509Certificate own =
                CertificateAuthority.create("Test CA", InstantSource.system()).certificate();
        assertThat(SystemAuthorities.and(List.of())).isNotEmpty().doesNotContain(own);
        assertThat(SystemAuthorities.and(List.of(own)))
                .contains(own)
                .containsAll(SystemAuthorities.and(List.of()));
    }
}
