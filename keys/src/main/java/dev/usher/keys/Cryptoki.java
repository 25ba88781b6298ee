package dev.usher.keys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The few PKCS#11 calls a twin ceremony needs and SunPKCS11 cannot make, over {@code
 * java.lang.foreign}.
 *
 * <p>SunPKCS11 (JDK 25) has no RSA-OAEP, does not map a token's AES key wrap unless the token can
 * also encrypt with it, and unwraps under RSA by decrypting: the key passes through the Java heap
 * in clear. {@code C_WrapKey} and {@code C_UnwrapKey} leave it inside. It cannot find a slot by its
 * token's label either.
 *
 * <p>The library is the one SunPKCS11 has loaded, and a login there holds for the sessions here,
 * since PKCS#11 logs in an application and not a session. Layouts are those of PKCS#11 2.40 on
 * 64-bit Unix, where CK_ULONG is 8 bytes and structures are not packed.
 */
@SuppressWarnings("restricted") // native calls are what this class is for
final class Cryptoki {

    /** The functions in use and where they stand in CK_FUNCTION_LIST (PKCS#11 2.40, pkcs11f.h). */
    private enum Function {
        C_Initialize(0),
        C_GetSlotList(4),
        C_GetTokenInfo(6),
        C_OpenSession(12),
        C_CloseSession(13),
        C_CreateObject(20),
        C_GetAttributeValue(24),
        C_SetAttributeValue(25),
        C_FindObjectsInit(26),
        C_FindObjects(27),
        C_FindObjectsFinal(28),
        C_GenerateKeyPair(59),
        C_WrapKey(60),
        C_UnwrapKey(61);

        private static final long FIRST_AT = 8;

        private final int index;

        Function(int index) {
            this.index = index;
        }

        MemorySegment in(MemorySegment functionList) {
            return functionList.get(ADDRESS, FIRST_AT + index * ADDRESS.byteSize());
        }
    }

    static final long CKA_CLASS = 0x0;
    static final long CKA_TOKEN = 0x1;
    static final long CKA_PRIVATE = 0x2;
    static final long CKA_LABEL = 0x3;
    static final long CKA_VALUE = 0x11;
    static final long CKA_KEY_TYPE = 0x100;
    static final long CKA_SENSITIVE = 0x103;
    static final long CKA_ENCRYPT = 0x104;
    static final long CKA_DECRYPT = 0x105;
    static final long CKA_WRAP = 0x106;
    static final long CKA_UNWRAP = 0x107;
    static final long CKA_SIGN = 0x108;
    static final long CKA_VERIFY = 0x10A;
    static final long CKA_DERIVE = 0x10C;
    static final long CKA_MODULUS = 0x120;
    static final long CKA_MODULUS_BITS = 0x121;
    static final long CKA_PUBLIC_EXPONENT = 0x122;
    static final long CKA_EXTRACTABLE = 0x162;

    static final long CKO_PUBLIC_KEY = 2;
    static final long CKO_PRIVATE_KEY = 3;
    static final long CKO_SECRET_KEY = 4;

    private static final long CKK_RSA = 0;
    private static final long CKK_GENERIC_SECRET = 0x10;
    private static final long CKM_RSA_PKCS_KEY_PAIR_GEN = 0;
    private static final long CKM_RSA_PKCS_OAEP = 9;
    private static final long CKM_SHA_1 = 0x220;
    private static final long CKG_MGF1_SHA1 = 1;
    private static final long CKZ_DATA_SPECIFIED = 1;
    private static final long CKF_OS_LOCKING_OK = 2;
    private static final long CKF_RW_SESSION = 2;
    private static final long CKF_SERIAL_SESSION = 4;
    private static final long CKR_OK = 0;
    private static final long CKR_CRYPTOKI_ALREADY_INITIALIZED = 0x191;

    private static final byte CK_TRUE = 1;
    private static final byte CK_FALSE = 0;
    private static final long ATTRIBUTE_BYTES = 24;
    private static final long TOKEN_INFO_BYTES = 208;
    private static final int TOKEN_LABEL_BYTES = 32;
    private static final long LARGEST_VALUE = 1024;

    private static final AddressLayout POINTER =
            ADDRESS.withTargetLayout(MemoryLayout.sequenceLayout(Long.MAX_VALUE, JAVA_BYTE));

    private final Linker linker = Linker.nativeLinker();
    private final MemorySegment functionList;

    private Cryptoki(MemorySegment functionList) {
        this.functionList = functionList;
    }

    /**
     * Loads and initialises the library; it stays loaded as long as the process lives.
     *
     * @throws VaultException if there is no PKCS#11 library at that path
     */
    static Cryptoki load(Path library) {
        if (!Files.isRegularFile(library)) {
            throw new VaultException(
                    "there is no PKCS#11 library at "
                            + library
                            + ": install it or correct the path");
        }
        try (Arena arena = Arena.ofConfined()) {
            SymbolLookup symbols =
                    SymbolLookup.libraryLookup(library.toAbsolutePath(), Arena.global());
            MemorySegment getFunctionList =
                    symbols.find("C_GetFunctionList").orElseThrow(IllegalArgumentException::new);
            MemorySegment list = arena.allocate(ADDRESS);
            check(
                    "C_GetFunctionList",
                    invoke(Linker.nativeLinker(), getFunctionList, new Object[] {list}));
            Cryptoki cryptoki = new Cryptoki(list.get(POINTER, 0));
            cryptoki.initialise(arena);
            return cryptoki;
        } catch (IllegalArgumentException e) {
            throw new VaultException(
                    library + " is not a PKCS#11 library of this machine: correct the path", e);
        }
    }

    private void initialise(Arena arena) {
        // CK_C_INITIALIZE_ARGS: four mutex callbacks, flags, reserved
        MemorySegment arguments = arena.allocate(48, 8);
        arguments.set(JAVA_LONG, 32, CKF_OS_LOCKING_OK);
        long result = result(Function.C_Initialize, arguments);
        if (result != CKR_CRYPTOKI_ALREADY_INITIALIZED) {
            check(Function.C_Initialize.name(), result);
        }
    }

    /** The slot that holds the token with this label. */
    Optional<Long> slotOf(String tokenLabel) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment count = arena.allocate(JAVA_LONG);
            call(Function.C_GetSlotList, CK_TRUE, MemorySegment.NULL, count);
            MemorySegment slots = arena.allocate(JAVA_LONG, Math.max(1, count.get(JAVA_LONG, 0)));
            call(Function.C_GetSlotList, CK_TRUE, slots, count);
            for (long i = 0; i < count.get(JAVA_LONG, 0); i++) {
                long slot = slots.getAtIndex(JAVA_LONG, i);
                if (tokenLabel(arena, slot).equals(tokenLabel)) {
                    return Optional.of(slot);
                }
            }
            return Optional.empty();
        }
    }

    private String tokenLabel(Arena arena, long slot) {
        MemorySegment info = arena.allocate(TOKEN_INFO_BYTES, 8);
        call(Function.C_GetTokenInfo, slot, info);
        byte[] label = info.asSlice(0, TOKEN_LABEL_BYTES).toArray(JAVA_BYTE);
        return new String(label, StandardCharsets.UTF_8).stripTrailing();
    }

    /** A session on the token; the user must be logged in already. */
    Session openSession(long slot) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment handle = arena.allocate(JAVA_LONG);
            call(
                    Function.C_OpenSession,
                    slot,
                    CKF_RW_SESSION | CKF_SERIAL_SESSION,
                    MemorySegment.NULL,
                    MemorySegment.NULL,
                    handle);
            return new Session(handle.get(JAVA_LONG, 0));
        }
    }

    /**
     * A session, and the objects that are found, made and wrapped in it. Confined to one thread.
     */
    final class Session implements AutoCloseable {
        private final long handle;
        private final Arena arena = Arena.ofConfined();

        private Session(long handle) {
            this.handle = handle;
        }

        /** The handle of a token object, if there is exactly one. */
        Optional<Long> find(long objectClass, String label) {
            Template template =
                    new Template(arena)
                            .with(CKA_CLASS, objectClass)
                            .with(CKA_TOKEN, true)
                            .with(CKA_LABEL, label);
            call(Function.C_FindObjectsInit, handle, template.segment(), template.size());
            try {
                MemorySegment objects = arena.allocate(JAVA_LONG, 2);
                MemorySegment count = arena.allocate(JAVA_LONG);
                call(Function.C_FindObjects, handle, objects, 2L, count);
                if (count.get(JAVA_LONG, 0) > 1) {
                    throw new VaultException(
                            "the token has several objects labelled '"
                                    + label
                                    + "': delete those that are not Usher's");
                }
                return count.get(JAVA_LONG, 0) == 0
                        ? Optional.empty()
                        : Optional.of(objects.get(JAVA_LONG, 0));
            } finally {
                call(Function.C_FindObjectsFinal, handle);
            }
        }

        /** The value of one attribute; a sensitive one is refused with CKR_ATTRIBUTE_SENSITIVE. */
        byte[] attribute(long object, long type) {
            MemorySegment value = arena.allocate(LARGEST_VALUE);
            Template template = new Template(arena).with(type, value);
            MemorySegment attribute = template.segment();
            call(Function.C_GetAttributeValue, handle, object, attribute, 1L);
            return value.asSlice(0, attribute.get(JAVA_LONG, 16)).toArray(JAVA_BYTE);
        }

        boolean isExtractable(long object) {
            return attribute(object, CKA_EXTRACTABLE)[0] == CK_TRUE;
        }

        /** Clears CKA_EXTRACTABLE; PKCS#11 lets nobody set it again. */
        void forbidExtraction(long object) {
            if (!isExtractable(object)) {
                return;
            }
            Template template = new Template(arena).with(CKA_EXTRACTABLE, false);
            call(Function.C_SetAttributeValue, handle, object, template.segment(), template.size());
        }

        /**
         * Makes an RSA key pair whose private half can unwrap and nothing else: with CKA_DECRYPT it
         * would give out in clear what was wrapped for it.
         */
        void generateTransportPair(String label) {
            Template publicKey =
                    new Template(arena)
                            .with(CKA_TOKEN, true)
                            .with(CKA_LABEL, label)
                            .with(CKA_MODULUS_BITS, TransportKey.BITS)
                            .with(CKA_PUBLIC_EXPONENT, new byte[] {1, 0, 1})
                            .with(CKA_WRAP, true)
                            .with(CKA_ENCRYPT, false)
                            .with(CKA_VERIFY, false);
            Template privateKey =
                    new Template(arena)
                            .with(CKA_TOKEN, true)
                            .with(CKA_PRIVATE, true)
                            .with(CKA_LABEL, label)
                            .with(CKA_SENSITIVE, true)
                            .with(CKA_EXTRACTABLE, false)
                            .with(CKA_UNWRAP, true)
                            .with(CKA_DECRYPT, false)
                            .with(CKA_SIGN, false);
            call(
                    Function.C_GenerateKeyPair,
                    handle,
                    mechanism(CKM_RSA_PKCS_KEY_PAIR_GEN, MemorySegment.NULL),
                    publicKey.segment(),
                    publicKey.size(),
                    privateKey.segment(),
                    privateKey.size(),
                    arena.allocate(JAVA_LONG),
                    arena.allocate(JAVA_LONG));
        }

        RSAPublicKey publicKey(long object) {
            BigInteger modulus = new BigInteger(1, attribute(object, CKA_MODULUS));
            BigInteger exponent = new BigInteger(1, attribute(object, CKA_PUBLIC_EXPONENT));
            try {
                return (RSAPublicKey)
                        KeyFactory.getInstance("RSA")
                                .generatePublic(new RSAPublicKeySpec(modulus, exponent));
            } catch (GeneralSecurityException e) {
                throw new VaultException("the token's transport key is not a usable RSA key", e);
            }
        }

        /** C_WrapKey under RSA-OAEP. */
        byte[] wrap(RSAPublicKey under, long key) {
            MemorySegment wrapped = arena.allocate(LARGEST_VALUE);
            MemorySegment length = arena.allocate(JAVA_LONG);
            length.set(JAVA_LONG, 0, LARGEST_VALUE);
            call(Function.C_WrapKey, handle, oaep(), importPublic(under), key, wrapped, length);
            return wrapped.asSlice(0, length.get(JAVA_LONG, 0)).toArray(JAVA_BYTE);
        }

        private long importPublic(RSAPublicKey key) {
            Template template =
                    new Template(arena)
                            .with(CKA_CLASS, CKO_PUBLIC_KEY)
                            .with(CKA_KEY_TYPE, CKK_RSA)
                            .with(CKA_TOKEN, false)
                            .with(CKA_WRAP, true)
                            .with(CKA_MODULUS, unsigned(key.getModulus()))
                            .with(CKA_PUBLIC_EXPONENT, unsigned(key.getPublicExponent()));
            MemorySegment object = arena.allocate(JAVA_LONG);
            call(Function.C_CreateObject, handle, template.segment(), template.size(), object);
            return object.get(JAVA_LONG, 0);
        }

        /** C_UnwrapKey under RSA-OAEP into a new root key of the token. */
        void unwrap(long unwrappingKey, byte[] wrapped, KeyLabel label) {
            Template template =
                    new Template(arena)
                            .with(CKA_CLASS, CKO_SECRET_KEY)
                            .with(CKA_KEY_TYPE, CKK_GENERIC_SECRET)
                            .with(CKA_TOKEN, true)
                            .with(CKA_PRIVATE, true)
                            .with(CKA_LABEL, label.value())
                            .with(CKA_SENSITIVE, true)
                            .with(CKA_EXTRACTABLE, true)
                            .with(CKA_SIGN, true)
                            .with(CKA_VERIFY, false)
                            .with(CKA_ENCRYPT, false)
                            .with(CKA_DECRYPT, false)
                            .with(CKA_WRAP, false)
                            .with(CKA_UNWRAP, false)
                            .with(CKA_DERIVE, false);
            call(
                    Function.C_UnwrapKey,
                    handle,
                    oaep(),
                    unwrappingKey,
                    arena.allocateFrom(JAVA_BYTE, wrapped),
                    (long) wrapped.length,
                    template.segment(),
                    template.size(),
                    arena.allocate(JAVA_LONG));
        }

        private MemorySegment oaep() {
            // CK_RSA_PKCS_OAEP_PARAMS: hash, mask generation, source of the label, label, its
            // length
            MemorySegment parameters = arena.allocate(40, 8);
            parameters.set(JAVA_LONG, 0, CKM_SHA_1);
            parameters.set(JAVA_LONG, 8, CKG_MGF1_SHA1);
            parameters.set(JAVA_LONG, 16, CKZ_DATA_SPECIFIED);
            return mechanism(CKM_RSA_PKCS_OAEP, parameters);
        }

        private MemorySegment mechanism(long type, MemorySegment parameters) {
            MemorySegment mechanism = arena.allocate(24, 8);
            mechanism.set(JAVA_LONG, 0, type);
            mechanism.set(ADDRESS, 8, parameters);
            mechanism.set(JAVA_LONG, 16, parameters.byteSize());
            return mechanism;
        }

        @Override
        public void close() {
            arena.close();
            call(Function.C_CloseSession, handle);
        }
    }

    /** An array of CK_ATTRIBUTE in the making. */
    private static final class Template {
        private final Arena arena;
        private final List<Long> types = new ArrayList<>();
        private final List<MemorySegment> values = new ArrayList<>();

        Template(Arena arena) {
            this.arena = arena;
        }

        Template with(long type, boolean value) {
            return with(type, arena.allocateFrom(JAVA_BYTE, value ? CK_TRUE : CK_FALSE));
        }

        Template with(long type, long value) {
            return with(type, arena.allocateFrom(JAVA_LONG, value));
        }

        Template with(long type, String value) {
            return with(type, value.getBytes(StandardCharsets.UTF_8));
        }

        Template with(long type, byte[] value) {
            return with(type, arena.allocateFrom(JAVA_BYTE, value));
        }

        Template with(long type, MemorySegment value) {
            types.add(type);
            values.add(value);
            return this;
        }

        long size() {
            return types.size();
        }

        MemorySegment segment() {
            MemorySegment attributes = arena.allocate(ATTRIBUTE_BYTES * size(), 8);
            for (int i = 0; i < types.size(); i++) {
                long at = i * ATTRIBUTE_BYTES;
                attributes.set(JAVA_LONG, at, types.get(i));
                attributes.set(ADDRESS, at + 8, values.get(i));
                attributes.set(JAVA_LONG, at + 16, values.get(i).byteSize());
            }
            return attributes;
        }
    }

    private void call(Function function, Object... arguments) {
        check(function.name(), result(function, arguments));
    }

    private long result(Function function, Object... arguments) {
        return invoke(linker, function.in(functionList), arguments);
    }

    /** Calls a function that returns a CK_RV. Its signature follows from its arguments. */
    private static long invoke(Linker linker, MemorySegment function, Object... arguments) {
        MemoryLayout[] layouts = new MemoryLayout[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            layouts[i] =
                    switch (arguments[i]) {
                        case Byte _ -> JAVA_BYTE;
                        case Long _ -> JAVA_LONG;
                        case MemorySegment _ -> ADDRESS;
                        default ->
                                throw new IllegalArgumentException(
                                        arguments[i].getClass() + " is no PKCS#11 argument");
                    };
        }
        try {
            return (long)
                    linker.downcallHandle(function, FunctionDescriptor.of(JAVA_LONG, layouts))
                            .invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new IllegalStateException("a native call throws nothing", e);
        }
    }

    private static void check(String function, long result) {
        if (result != CKR_OK) {
            throw new VaultException(
                    "the token refused " + function + " with " + nameOf(result) + " (PKCS#11)");
        }
    }

    /** The results an operator can do something about have a name, the others their number. */
    private static String nameOf(long result) {
        return switch ((int) result) {
            case 0x11 -> "CKR_ATTRIBUTE_SENSITIVE";
            case 0x30 -> "CKR_DEVICE_ERROR";
            case 0x31 -> "CKR_DEVICE_MEMORY";
            case 0x32 -> "CKR_DEVICE_REMOVED";
            case 0x40 -> "CKR_ENCRYPTED_DATA_INVALID";
            case 0x6A -> "CKR_KEY_UNEXTRACTABLE";
            case 0x70 -> "CKR_MECHANISM_INVALID";
            case 0x71 -> "CKR_MECHANISM_PARAM_INVALID";
            case 0xE0 -> "CKR_TOKEN_NOT_PRESENT";
            case 0xE2 -> "CKR_TOKEN_WRITE_PROTECTED";
            case 0x101 -> "CKR_USER_NOT_LOGGED_IN";
            case 0x110 -> "CKR_WRAPPED_KEY_INVALID";
            case 0x112 -> "CKR_WRAPPED_KEY_LEN_RANGE";
            default -> "0x" + Long.toHexString(result);
        };
    }

    private static byte[] unsigned(BigInteger number) {
        byte[] bytes = number.toByteArray();
        return bytes[0] == 0 ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes;
    }
}
