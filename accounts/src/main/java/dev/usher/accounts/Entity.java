package dev.usher.accounts;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import java.util.Locale;

/**
 * What rights are about.
 *
 * @param id its name among its kind: an {@link AccountId}, the ID of a gateway, or the DevEUI of a
 *     device
 */
public record Entity(Kind kind, String id) {

    /** The kinds of things there are rights on. */
    public enum Kind {
        USER,
        ORGANIZATION,
        GATEWAY,
        DEVICE;

        String column() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Kind ofColumn(String column) {
            return valueOf(column.toUpperCase(Locale.ROOT));
        }
    }

    public Entity {
        requireNonNull(kind, "kind");
        requireNonNull(id, "id");
    }

    public static Entity gateway(String id) {
        return new Entity(Kind.GATEWAY, id);
    }

    public static Entity device(Eui64 devEui) {
        return new Entity(Kind.DEVICE, devEui.toString());
    }

    /** The answer to whoever may not even know of it: the same whether it is there or not. */
    public NotFound notFound() {
        return new NotFound("there is no " + this + ", or you may not see it: check the ID");
    }

    /** {@code gateway gtw1}. */
    @Override
    public String toString() {
        return kind.column() + " " + id;
    }
}
