package dev.usher.keys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * What an object of a token is to be: a template of PKCS#11, an array of CK_ATTRIBUTE in the
 * making. Immutable, so that what several objects have in common can be a constant; an attribute
 * that is set again takes the place of the former.
 */
final class Attributes {

    static final Attributes NONE = new Attributes(List.of());

    private static final long ATTRIBUTE_BYTES = 24;
    private static final byte CK_TRUE = 1;
    private static final byte CK_FALSE = 0;

    private final List<Attribute> all;

    /** A type, CKA_…, and what lays its value out in native memory. */
    private record Attribute(long type, Function<Arena, MemorySegment> value) {}

    private Attributes(List<Attribute> all) {
        this.all = all;
    }

    Attributes with(long type, boolean value) {
        return with(type, arena -> arena.allocateFrom(JAVA_BYTE, value ? CK_TRUE : CK_FALSE));
    }

    Attributes with(long type, long value) {
        return with(type, arena -> arena.allocateFrom(JAVA_LONG, value));
    }

    Attributes with(long type, String value) {
        return with(type, value.getBytes(StandardCharsets.UTF_8));
    }

    Attributes with(long type, byte[] value) {
        return with(type, arena -> arena.allocateFrom(JAVA_BYTE, value));
    }

    /** An attribute whose value is a template itself. */
    Attributes with(long type, Attributes value) {
        return with(type, value::in);
    }

    private Attributes with(long type, Function<Arena, MemorySegment> value) {
        List<Attribute> more = new ArrayList<>(all);
        more.removeIf(attribute -> attribute.type() == type);
        more.add(new Attribute(type, value));
        return new Attributes(List.copyOf(more));
    }

    long size() {
        return all.size();
    }

    /** The array, as native code reads it while the arena is open. */
    MemorySegment in(Arena arena) {
        MemorySegment attributes = arena.allocate(ATTRIBUTE_BYTES * size(), 8);
        for (int i = 0; i < all.size(); i++) {
            MemorySegment value = all.get(i).value().apply(arena);
            set(attributes, i * ATTRIBUTE_BYTES, all.get(i).type(), value);
        }
        return attributes;
    }

    /** One CK_ATTRIBUTE for the token to fill in; {@link #filled} tells how far it did. */
    static MemorySegment toFill(Arena arena, long type, MemorySegment buffer) {
        MemorySegment attribute = arena.allocate(ATTRIBUTE_BYTES, 8);
        set(attribute, 0, type, buffer);
        return attribute;
    }

    /** The length of the value, in bytes. */
    static long filled(MemorySegment attribute) {
        return attribute.get(JAVA_LONG, 16);
    }

    private static void set(MemorySegment attributes, long at, long type, MemorySegment value) {
        attributes.set(JAVA_LONG, at, type);
        attributes.set(ADDRESS, at + 8, value);
        attributes.set(JAVA_LONG, at + 16, value.byteSize());
    }
}
