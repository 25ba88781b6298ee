package dev.usher.network.outlets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Compared with openssl dgst -sha256 -hmac. */
class WebhookSignatureTest {

    private static final Instant AT = Instant.ofEpochSecond(1_795_255_200);
    private static final byte[] BODY = "{\"type\":\"test\"}".getBytes(UTF_8);

    @Test
    void isOfTimeAndBody() {
        assertThat(WebhookSignature.of(List.of("whsec_0123456789abcdef"), AT, BODY))
                .isEqualTo(
                        "t=1795255200,v1=1e21b68022d7318ba261d368ced3d06e0dc202c51c02f2ca5343f55fde24cf09");
    }

    @Test
    void isThereForEachSecretWhileOneIsReplaced() {
        assertThat(
                        WebhookSignature.of(
                                List.of("the-new-secret-of-it", "whsec_0123456789abcdef"),
                                AT,
                                BODY))
                .matches(
                        "t=1795255200,v1=[0-9a-f]{64},v1=1e21b68022d7318ba261d368ced3d06e0dc202c51c02f2ca5343f55fde24cf09");
    }
}
