package dev.usher.devices;

import dev.usher.lorawan.Printable;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where the answers for an asynchronous peer are posted.
 *
 * @param url {@code https}, or {@code http} where something else protects the way there
 * @param authorization the value of the Authorization header that goes with them, such as {@code
 *     Bearer …}; a secret
 */
public record AsyncTarget(URI url, Optional<String> authorization) {

    /** A scheme and its credentials (RFC 9110 section 11.4). */
    private static final Pattern AUTHORIZATION =
            Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+ [\\x21-\\x7E][\\x20-\\x7E]{0,4095}");

    public AsyncTarget {
        String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
        if (!(scheme.equals("https") || scheme.equals("http")) || url.getHost() == null) {
            throw new IllegalArgumentException(
                    "'"
                            + Printable.of(url.toString())
                            + "' is no URL that answers can be posted to: use"
                            + " https://host:port/path");
        }
        if (url.getUserInfo() != null) {
            throw new IllegalArgumentException(
                    "the URL of asynchronous answers holds a user name or password: give them as"
                            + " its Authorization header instead");
        }
        authorization.ifPresent(
                value -> {
                    if (!AUTHORIZATION.matcher(value).matches()) {
                        throw new IllegalArgumentException(
                                "what is given is not the value of an Authorization header: write"
                                        + " it as in 'Bearer TOKEN', in ASCII, without the header's"
                                        + " name");
                    }
                });
    }

    /** Whether keys that no KEK wraps can be read on their way there. */
    public boolean isInClear() {
        return url.getScheme().equalsIgnoreCase("http");
    }

    @Override
    public String toString() {
        return "AsyncTarget[" + Printable.of(url.getHost()) + "]";
    }
}
