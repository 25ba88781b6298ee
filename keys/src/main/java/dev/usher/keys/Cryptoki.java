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
import java.lang.invoke.MethodHandle;
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
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The few PKCS#11 calls that a twin ceremony and the root keys of devices need and SunPKCS11 cannot
 * make, over {@code java.lang.foreign}.
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
        C_DestroyObject(22),
        C_GetAttributeValue(24),
        C_SetAttributeValue(25),
        C_FindObjectsInit(26),
        C_FindObjects(27),
        C_FindObjectsFinal(28),
        C_EncryptInit(29),
        C_Encrypt(30),
        C_DecryptInit(33),
        C_Decrypt(34),
        C_GenerateKey(58),
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
    static final long CKA_VALUE_LEN = 0x161;
    static final long CKA_EXTRACTABLE = 0x162;
    static final long CKA_UNWRAP_TEMPLATE = 0x4000_0212;

    static final long CKO_PUBLIC_KEY = 2;
    static final long CKO_PRIVATE_KEY = 3;
    static final long CKO_SECRET_KEY = 4;

    static final long CKK_AES = 0x1F;
    private static final long CKK_RSA = 0;
    private static final long CKK_GENERIC_SECRET = 0x10;
    private static final long CKM_RSA_PKCS_KEY_PAIR_GEN = 0;
    private static final long CKM_RSA_PKCS_OAEP = 9;
    private static final long CKM_SHA_1 = 0x220;
    private static final long CKM_AES_KEY_GEN = 0x1080;
    private static final long CKM_AES_ECB = 0x1081;
    private static final long CKM_AES_KEY_WRAP = 0x2109;
    private static final long CKG_MGF1_SHA1 = 1;
    private static final long CKZ_DATA_SPECIFIED = 1;
    private static final long CKF_OS_LOCKING_OK = 2;
    private static final long CKF_RW_SESSION = 2;
    private static final long CKF_SERIAL_SESSION = 4;
    private static final long CKR_OK = 0;
    private static final long CKR_CRYPTOKI_ALREADY_INITIALIZED = 0x191;

    private static final byte CK_TRUE = 1;
    private static final long TOKEN_INFO_BYTES = 208;
    private static final int TOKEN_LABEL_BYTES = 32;
    private static final long LARGEST_VALUE = 1024;
    private static final long FOUND_AT_ONCE = 64;

    private static final AddressLayout POINTER =
            ADDRESS.withTargetLayout(MemoryLayout.sequenceLayout(Long.MAX_VALUE, JAVA_BYTE));

    private final Linker linker = Linker.nativeLinker();
    private final MemorySegment functionList;
    private final Map<Function, MethodHandle> linked = new ConcurrentHashMap<>();

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
                    invoke(link(Linker.nativeLinker(), getFunctionList, list), list));
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

    /** A session that was left open; nobody else may be in it. */
    Session resume(long sessionHandle) {
        return new Session(sessionHandle);
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

        /** Leaves the session open, with the objects made in it, for {@link #resume}. */
        long leave() {
            arena.close();
            return handle;
        }

        /** The handle of a token object, if there is exactly one. */
        Optional<Long> find(long objectClass, String label) {
            Attributes template =
                    Attributes.NONE
                            .with(CKA_CLASS, objectClass)
                            .with(CKA_TOKEN, true)
                            .with(CKA_LABEL, label);
            List<Long> found = findAll(template);
            if (found.size() > 1) {
                throw new VaultException(
                        "the token has several objects labelled '"
                                + label
                                + "': delete those that are not Usher's");
            }
            return found.stream().findFirst();
        }

        /** The handles of all objects like that, of the token and of any session. */
        List<Long> findAll(Attributes like) {
            call(Function.C_FindObjectsInit, handle, like.in(arena), like.size());
            try {
                List<Long> found = new ArrayList<>();
                MemorySegment objects = arena.allocate(JAVA_LONG, FOUND_AT_ONCE);
                MemorySegment count = arena.allocate(JAVA_LONG);
                do {
                    call(Function.C_FindObjects, handle, objects, FOUND_AT_ONCE, count);
                    for (long i = 0; i < count.get(JAVA_LONG, 0); i++) {
                        found.add(objects.getAtIndex(JAVA_LONG, i));
                    }
                } while (count.get(JAVA_LONG, 0) > 0);
                return found;
            } finally {
                call(Function.C_FindObjectsFinal, handle);
            }
        }

        /** The value of one attribute; a sensitive one is refused with CKR_ATTRIBUTE_SENSITIVE. */
        byte[] attribute(long object, long type) {
            MemorySegment value = arena.allocate(LARGEST_VALUE);
            MemorySegment attribute = Attributes.toFill(arena, type, value);
            call(Function.C_GetAttributeValue, handle, object, attribute, 1L);
            return value.asSlice(0, Attributes.filled(attribute)).toArray(JAVA_BYTE);
        }

        boolean isExtractable(long object) {
            return attribute(object, CKA_EXTRACTABLE)[0] == CK_TRUE;
        }

        /** Clears CKA_EXTRACTABLE; PKCS#11 lets nobody set it again. */
        void forbidExtraction(long object) {
            if (!isExtractable(object)) {
                return;
            }
            Attributes template = Attributes.NONE.with(CKA_EXTRACTABLE, false);
            call(Function.C_SetAttributeValue, handle, object, template.in(arena), template.size());
        }

        /**
         * Makes an RSA key pair whose private half can unwrap and nothing else: with CKA_DECRYPT it
         * would give out in clear what was wrapped for it.
         */
        void generateTransportPair(String label) {
            Attributes publicKey =
                    Attributes.NONE
                            .with(CKA_TOKEN, true)
                            .with(CKA_LABEL, label)
                            .with(CKA_MODULUS_BITS, TransportKey.BITS)
                            .with(CKA_PUBLIC_EXPONENT, new byte[] {1, 0, 1})
                            .with(CKA_WRAP, true)
                            .with(CKA_ENCRYPT, false)
                            .with(CKA_VERIFY, false);
            Attributes privateKey =
                    Attributes.NONE
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
                    publicKey.in(arena),
                    publicKey.size(),
                    privateKey.in(arena),
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
            return wrap(oaep(), importPublic(under), key);
        }

        private long importPublic(RSAPublicKey key) {
            return create(
                    Attributes.NONE
                            .with(CKA_CLASS, CKO_PUBLIC_KEY)
                            .with(CKA_KEY_TYPE, CKK_RSA)
                            .with(CKA_TOKEN, false)
                            .with(CKA_WRAP, true)
                            .with(CKA_MODULUS, unsigned(key.getModulus()))
                            .with(CKA_PUBLIC_EXPONENT, unsigned(key.getPublicExponent())));
        }

        /** C_WrapKey under AES key wrap (RFC 3394). */
        byte[] wrap(long under, long key) {
            return wrap(mechanism(CKM_AES_KEY_WRAP, MemorySegment.NULL), under, key);
        }

        private byte[] wrap(MemorySegment mechanism, long under, long key) {
            MemorySegment wrapped = arena.allocate(LARGEST_VALUE);
            MemorySegment length = arena.allocate(JAVA_LONG);
            length.set(JAVA_LONG, 0, LARGEST_VALUE);
            call(Function.C_WrapKey, handle, mechanism, under, key, wrapped, length);
            return wrapped.asSlice(0, length.get(JAVA_LONG, 0)).toArray(JAVA_BYTE);
        }

        /** C_UnwrapKey under RSA-OAEP into a new root key of the token. */
        void unwrap(long unwrappingKey, byte[] wrapped, KeyLabel label) {
            unwrapOaep(
                    unwrappingKey,
                    wrapped,
                    Attributes.NONE
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
                            .with(CKA_DERIVE, false));
        }

        /** C_UnwrapKey under RSA-OAEP into a new key like that. */
        long unwrapOaep(long unwrappingKey, byte[] wrapped, Attributes like) {
            return unwrap(oaep(), unwrappingKey, wrapped, like);
        }

        /** C_UnwrapKey under AES key wrap (RFC 3394) into a new key like that. */
        long unwrap(long unwrappingKey, byte[] wrapped, Attributes like) {
            return unwrap(
                    mechanism(CKM_AES_KEY_WRAP, MemorySegment.NULL), unwrappingKey, wrapped, like);
        }

        private long unwrap(
                MemorySegment mechanism, long unwrappingKey, byte[] wrapped, Attributes like) {
            MemorySegment key = arena.allocate(JAVA_LONG);
            call(
                    Function.C_UnwrapKey,
                    handle,
                    mechanism,
                    unwrappingKey,
                    arena.allocateFrom(JAVA_BYTE, wrapped),
                    (long) wrapped.length,
                    like.in(arena),
                    like.size(),
                    key);
            return key.get(JAVA_LONG, 0);
        }

        /** A new random AES key like that. */
        long generateAes(Attributes like) {
            MemorySegment key = arena.allocate(JAVA_LONG);
            call(
                    Function.C_GenerateKey,
                    handle,
                    mechanism(CKM_AES_KEY_GEN, MemorySegment.NULL),
                    like.in(arena),
                    like.size(),
                    key);
            return key.get(JAVA_LONG, 0);
        }

        long create(Attributes like) {
            MemorySegment object = arena.allocate(JAVA_LONG);
            call(Function.C_CreateObject, handle, like.in(arena), like.size(), object);
            return object.get(JAVA_LONG, 0);
        }

        void destroy(long object) {
            call(Function.C_DestroyObject, handle, object);
        }

        void destroyIfThere(long object) {
            try {
                destroy(object);
            } catch (StaleHandleException e) {
                // It went with the session it was made in.
            }
        }

        /** C_Encrypt of each 16-byte block by itself. */
        byte[] encryptBlocks(long key, byte[] blocks) {
            return ecb(Function.C_EncryptInit, Function.C_Encrypt, key, blocks);
        }

        /** C_Decrypt of each 16-byte block by itself. */
        byte[] decryptBlocks(long key, byte[] blocks) {
            return ecb(Function.C_DecryptInit, Function.C_Decrypt, key, blocks);
        }

        private byte[] ecb(Function init, Function whole, long key, byte[] blocks) {
            call(init, handle, mechanism(CKM_AES_ECB, MemorySegment.NULL), key);
            MemorySegment out = arena.allocate(blocks.length);
            MemorySegment length = arena.allocateFrom(JAVA_LONG, blocks.length);
            call(
                    whole,
                    handle,
                    arena.allocateFrom(JAVA_BYTE, blocks),
                    (long) blocks.length,
                    out,
                    length);
            return out.toArray(JAVA_BYTE);
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

        /** Closes a session that may be broken, or gone with its token. */
        void abandon() {
            arena.close();
            result(Function.C_CloseSession, handle);
        }
    }

    private void call(Function function, Object... arguments) {
        check(function.name(), result(function, arguments));
    }

    private long result(Function function, Object... arguments) {
        return invoke(
                linked.computeIfAbsent(function, f -> link(linker, f.in(functionList), arguments)),
                arguments);
    }

    /** A function that returns a CK_RV. Its signature follows from the arguments of a call. */
    private static MethodHandle link(Linker linker, MemorySegment function, Object... arguments) {
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
        MethodHandle handle =
                linker.downcallHandle(function, FunctionDescriptor.of(JAVA_LONG, layouts));
        // As invokeWithArguments does it, but once and not on each call.
        return handle.asType(handle.type().generic().changeReturnType(long.class))
                .asSpreader(Object[].class, arguments.length);
    }

    private static long invoke(MethodHandle function, Object... arguments) {
        try {
            return (long) function.invokeExact(arguments);
        } catch (Throwable e) {
            throw new IllegalStateException("a native call throws nothing", e);
        }
    }

    private static void check(String function, long result) {
        if (result == CKR_OK) {
            return;
        }
        if (isStaleHandle(result)) {
            throw new StaleHandleException(
                    "the token has no object (any more) for " + function + " (PKCS#11)");
        }
        if (concernsTheSession(result)) {
            throw new VaultUnavailableException(
                    "the token broke off " + function + " with " + nameOf(result) + " (PKCS#11)");
        }
        throw new VaultException(
                "the token refused " + function + " with " + nameOf(result) + " (PKCS#11)");
    }

    /** An object was deleted behind our back, by another process or with the session it was of. */
    static final class StaleHandleException extends VaultException {
        private static final long serialVersionUID = 1;

        private StaleHandleException(String message) {
            super(message);
        }
    }

    private static boolean isStaleHandle(long result) {
        return switch ((int) result) {
            // CKR_KEY_, CKR_OBJECT_, CKR_UNWRAPPING_KEY_, CKR_WRAPPING_KEY_HANDLE_INVALID
            case 0x60, 0x82, 0xF0, 0x113 -> true;
            default -> false;
        };
    }

    /** Whether it is the session or the device that fails, and not what was asked of them. */
    private static boolean concernsTheSession(long result) {
        return switch ((int) result) {
            // CKR_OPERATION_ACTIVE, CKR_OPERATION_NOT_INITIALIZED: out of step with the session
            case 0x30, 0x31, 0x32, 0x90, 0x91, 0xB0, 0xB1, 0xB3, 0xE0, 0x101 -> true;
            default -> false;
        };
    }

    /** The results an operator can do something about have a name, the others their number. */
    private static String nameOf(long result) {
        return switch ((int) result) {
            case 0x11 -> "CKR_ATTRIBUTE_SENSITIVE";
            case 0x12 -> "CKR_ATTRIBUTE_TYPE_INVALID";
            case 0x30 -> "CKR_DEVICE_ERROR";
            case 0x31 -> "CKR_DEVICE_MEMORY";
            case 0x32 -> "CKR_DEVICE_REMOVED";
            case 0x40 -> "CKR_ENCRYPTED_DATA_INVALID";
            case 0x6A -> "CKR_KEY_UNEXTRACTABLE";
            case 0x70 -> "CKR_MECHANISM_INVALID";
            case 0x71 -> "CKR_MECHANISM_PARAM_INVALID";
            case 0xB1 -> "CKR_SESSION_COUNT";
            case 0xB3 -> "CKR_SESSION_HANDLE_INVALID";
            case 0xD1 -> "CKR_TEMPLATE_INCONSISTENT";
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
