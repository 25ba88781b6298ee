package dev.usher.network.registry;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.Entity;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.Printable;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The name of a gateway on this network: 3 to 36 lower-case letters, digits and single dashes, as
 * people know it from The Things Stack.
 */
public record GatewayId(String value) implements Comparable<GatewayId> {

    private static final Pattern FORM = Pattern.compile("[a-z0-9](?:-?[a-z0-9]){2,}");
    private static final int LONGEST = 36;

    public GatewayId {
        if (requireNonNull(value, "value").length() > LONGEST || !FORM.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "'"
                            + Printable.of(value)
                            + "' is not a gateway ID: use 3 to "
                            + LONGEST
                            + " lower-case letters, digits and single dashes");
        }
    }

    /** The name of a gateway that nobody named: {@code eui-58a0cbfffe800be7}. */
    public static GatewayId ofEui(Eui64 eui) {
        return new GatewayId("eui-" + eui.toString().toLowerCase(Locale.ROOT));
    }

    /** As a thing that people, and API keys, have rights on. */
    public Entity entity() {
        return Entity.gateway(value);
    }

    @Override
    public int compareTo(GatewayId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
