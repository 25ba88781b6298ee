package dev.usher.network.outlets;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Proves to a receiver that an event comes from here, and when it was sent: {@code
 * t=1795255200,v1=5257a8…}, where v1 is the HMAC-SHA-256, in hex, of the time, a dot and the body
 * under the webhook's secret. While a secret is being replaced there is a v1 for each.
 */
final class WebhookSignature {

    static final String HEADER = "Usher-Signature";

    private WebhookSignature() {}

    static String of(List<String> secrets, Instant at, byte[] body) {
        StringBuilder signature = new StringBuilder("t=").append(at.getEpochSecond());
        for (String secret : secrets) {
            signature.append(",v1=").append(mac(secret, at, body));
        }
        return signature.toString();
    }

    private static String mac(String secret, Instant at, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA256"));
            mac.update((at.getEpochSecond() + ".").getBytes(US_ASCII));
            return HexFormat.of().formatHex(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HMAC-SHA-256", e);
        }
    }
}
