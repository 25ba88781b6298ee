package dev.usher.api;

import dev.usher.keys.ClaimPin;
import dev.usher.lorawan.Eui64;
import java.util.Locale;

/**
 * The text of the QR code on a gateway's label: a link, so that any phone can read it, of the shape
 * labels of gateways have today.
 */
public final class ClaimLink {

    private ClaimLink() {}

    /**
     * {@code https://HOST/c/EUI/PIN}, both in lower case and the PIN without its dashes.
     *
     * @param cupsUri where the gateway finds the Gateway API, {@code https://HOST:PORT}
     */
    public static String of(String cupsUri, Eui64 eui, ClaimPin pin) {
        String host = cupsUri.replaceFirst("^https://", "").replaceFirst(":[0-9]+$", "");
        return "https://"
                + host
                + "/c/"
                + eui.toString().toLowerCase(Locale.ROOT)
                + "/"
                + pin.text().replace("-", "").toLowerCase(Locale.ROOT);
    }
}
