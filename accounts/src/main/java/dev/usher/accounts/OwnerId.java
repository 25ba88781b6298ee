package dev.usher.accounts;

import dev.usher.lorawan.Id6;

/**
 * The name of an owner: the party gateways are claimed by. The Owner API writes it as an ID6
 * ({@code ::1}).
 *
 * @param value the 64 bits of the ID6
 */
public record OwnerId(long value) {

    /**
     * Reads an ID6.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static OwnerId parse(String id6) {
        return new OwnerId(Id6.parse(id6));
    }

    @Override
    public String toString() {
        return Id6.format(value);
    }
}
