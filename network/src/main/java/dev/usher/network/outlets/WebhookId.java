package dev.usher.network.outlets;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Printable;
import java.util.regex.Pattern;

/** The name of a webhook: 3 to 36 lower-case letters, digits and single dashes. */
public record WebhookId(String value) implements Comparable<WebhookId> {

    private static final Pattern FORM = Pattern.compile("[a-z0-9](?:-?[a-z0-9]){2,}");
    private static final int LONGEST = 36;

    public WebhookId {
        if (requireNonNull(value, "value").length() > LONGEST || !FORM.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "'"
                            + Printable.of(value)
                            + "' is not a webhook ID: use 3 to "
                            + LONGEST
                            + " lower-case letters, digits and single dashes");
        }
    }

    /** What its deliveries go by. */
    String outlet() {
        return "webhook:" + value;
    }

    @Override
    public int compareTo(WebhookId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
