package dev.usher.station;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The files beside this test were made once with OpenSSL 3.0: {@code openssl ecparam -name
 * prime256v1 -genkey -noout -out k.pem}, {@code openssl dgst -sha512 -sign k.pem -out firmware.sig
 * firmware.bin}, and {@code openssl ec -in k.pem -pubout -outform DER | tail -c 64 > sig-0.key}.
 */
class FirmwareSignatureTest {

    private static final byte[] UPDATE = Bytes.ofFile("firmware.bin");
    private static final byte[] DER = Bytes.ofFile("firmware.sig");
    private static final SignatureKey KEY = new SignatureKey(Bytes.ofFile("sig-0.key"));
    private static final FirmwareSignature SIGNATURE = new FirmwareSignature(KEY.crc(), DER);
    private static final KeyPair OTHER = Certificates.ec("secp256r1");

    private static byte[] sha512(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-512").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static SignatureKey key(KeyPair keys) {
        return SignatureKey.ofPublicKey((ECPublicKey) keys.getPublic());
    }

    private static byte[] sign(KeyPair keys, byte[] update) {
        try {
            Signature signature = Signature.getInstance("SHA512withECDSA");
            signature.initSign(keys.getPrivate());
            signature.update(update);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void verifiesWhatOpensslSigned() {
        assertThat(SIGNATURE.verifies(KEY, sha512(UPDATE))).isTrue();
        assertThat(SIGNATURE.verifies(KEY, sha512(new byte[1]))).isFalse();
        assertThat(SIGNATURE.verifies(key(OTHER), sha512(UPDATE))).isFalse();
    }

    @Test
    void findsTheSignerByTheCrcOfItsKeyAlone() {
        assertThat(SIGNATURE.signer(sha512(UPDATE))).contains(KEY);
    }

    @Test
    void findsNoSignerOfAnotherUpdateOrKey() {
        assertThat(SIGNATURE.signer(sha512(new byte[1]))).isEmpty();
        assertThat(new FirmwareSignature(KEY.crc() + 1, DER).signer(sha512(UPDATE))).isEmpty();
        assertThat(new FirmwareSignature(KEY.crc(), sign(OTHER, UPDATE)).signer(sha512(UPDATE)))
                .isEmpty();
    }

    @Property(tries = 200)
    void findsEverySigner(@ForAll byte[] update) {
        KeyPair keys = Certificates.ec("secp256r1");
        FirmwareSignature signature = new FirmwareSignature(key(keys).crc(), sign(keys, update));
        assertThat(signature.signer(sha512(update))).contains(key(keys));
        assertThat(signature.verifies(key(keys), sha512(update))).isTrue();
    }

    @Property(tries = 200)
    void everyKeyItFindsVerifies(@ForAll byte[] update, @ForAll byte[] other) {
        // also where update and signature have nothing to do with each other
        FirmwareSignature signature = new FirmwareSignature(0, sign(OTHER, update));
        assertThat(signature.candidates(sha512(other)))
                .hasSizeBetween(1, 4)
                .allMatch(key -> signature.verifies(key, sha512(other)));
    }

    @Test
    void findsTheSignerAlsoWhereXIsBeyondTheOrder() {
        // r = 6 stands for x = 6 and for x = n + 6, which is below p, and both have two points
        FirmwareSignature signature = new FirmwareSignature(0, Bytes.ofHex("3006 020106 020107"));
        assertThat(signature.candidates(sha512(UPDATE)))
                .doesNotHaveDuplicates()
                .allMatch(key -> signature.verifies(key, sha512(UPDATE)))
                .hasSize(4);
    }

    @Test
    void hasNoSignerWhereNoPointHasItsX() {
        assertThat(
                        new FirmwareSignature(0, Bytes.ofHex("3006 020107 020107"))
                                .candidates(sha512(UPDATE)))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "30",
                "3000",
                "3003 020101",
                "3006 020101 020100", // s = 0
                "3006 0201FF 020101", // r < 0
                "3006 020101 040101", // not a number
                "3006 020101 020101 00", // something behind it
                "3009 020101 020101 020101", // three numbers
                "3007 02020001 020101", // not minimal
                "308106 020101 020101", // length not minimal
                "3106 020101 020101", // SET
                "3026 022100FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"
                        + " 020101",
            })
    void refusesWhatIsNoSignature(String hex) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FirmwareSignature(0, Bytes.ofHex(hex)))
                .withMessageStartingWith("the signature is not an ECDSA signature of P-256 in DER");
    }

    @Test
    void refusesADigestOfAnotherKind() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SIGNATURE.signer(new byte[32]))
                .withMessage("digest of 32 bytes: SHA-512 has 64");
    }

    @Test
    void refusesKeysThatAreNotOfP256() {
        byte[] offCurve = KEY.point();
        offCurve[63] ^= 1;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SignatureKey(offCurve))
                .withMessageContaining("is not a point of P-256");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SignatureKey(new byte[65]))
                .withMessageContaining("signature key of 65 bytes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> key(Certificates.ec("secp384r1")))
                .withMessageContaining("signature key on a curve of 384 bits");
        // x + p is no coordinate, though it is the same number modulo p
        BigInteger p =
                new BigInteger(
                        1, Bytes.ofHex("FFFFFFFF00000001" + "0".repeat(24) + "F".repeat(24)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SignatureKey.of(p, BigInteger.ONE))
                .withMessageContaining("is not a point of P-256");
    }

    @Test
    void areValues() {
        byte[] der = DER.clone();
        FirmwareSignature signature = new FirmwareSignature(KEY.crc(), der);
        der[10] ^= 1;
        signature.der()[10] ^= 1;
        KEY.point()[10] ^= 1;
        assertThat(signature).isEqualTo(SIGNATURE).hasSameHashCodeAs(SIGNATURE);
        assertThat(signature).hasToString("FirmwareSignature[key B53B270F, 70 bytes]");
        assertThat(new SignatureKey(KEY.point())).isEqualTo(KEY).hasSameHashCodeAs(KEY);
        assertThat(SignatureKey.ofPublicKey(KEY.toPublicKey())).isEqualTo(KEY);
        assertThat(KEY).hasToString("SignatureKey[B53B270F]");
    }
}
