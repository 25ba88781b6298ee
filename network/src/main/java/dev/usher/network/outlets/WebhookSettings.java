package dev.usher.network.outlets;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Printable;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/**
 * What can be set of a webhook.
 *
 * @param url where events are posted to, {@code https}; {@code http} only reaches networks that the
 *     operator has allowed
 * @param types which events; all if empty
 * @param enabled whether it is told anything at present
 */
public record WebhookSettings(URI url, Set<String> types, boolean enabled) {

    private static final int LONGEST = 2000;

    /**
     * @throws IllegalArgumentException if the URL or a type cannot be used; the message says why
     */
    public WebhookSettings {
        requireNonNull(url, "url");
        types.forEach(EventJson::checkedType);
        types = Collections.unmodifiableSet(new TreeSet<>(types));
    }

    /**
     * Reads a URL.
     *
     * @throws IllegalArgumentException if nothing can be posted there; the message says why
     */
    public static URI url(String text) {
        URI url;
        try {
            url = new URI(text);
        } catch (URISyntaxException e) {
            throw wrong(text, "is not a URL: write it as in https://example.com/hook");
        }
        String scheme = url.getScheme();
        if (scheme == null || url.getHost() == null || text.length() > LONGEST) {
            throw wrong(text, "is not a URL: write it as in https://example.com/hook");
        }
        if (!scheme.equals("https") && !scheme.equals("http")) {
            throw wrong(text, "is not reached by https");
        }
        if (url.getRawUserInfo() != null) {
            throw new IllegalArgumentException(
                    "a URL with a user or password in it is shown to whoever sees the webhook:"
                            + " leave them out, and verify the signature of what arrives");
        }
        if (url.getRawFragment() != null) {
            throw wrong(text, "has a part after '#', which is never sent: leave it out");
        }
        return url;
    }

    private static IllegalArgumentException wrong(String text, String why) {
        return new IllegalArgumentException("'" + Printable.of(text) + "' " + why);
    }
}
