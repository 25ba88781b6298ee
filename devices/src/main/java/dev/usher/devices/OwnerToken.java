package dev.usher.devices;

import java.security.SecureRandom;

/**
 * Owner tokens (LoRa Alliance TR005): what the holder of a device proves with that it has it. They
 * stand in the device's QR code.
 */
final class OwnerToken {

    /** Without I, O, 0 and 1; all in the alphanumeric mode of QR codes. */
    private static final String ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    /** 80 bits. */
    private static final int DRAWN = 16;

    private static final int LONGEST = 128;
    private static final SecureRandom RANDOM = new SecureRandom();

    private OwnerToken() {}

    static String random() {
        byte[] drawn = new byte[DRAWN];
        RANDOM.nextBytes(drawn);
        StringBuilder token = new StringBuilder(DRAWN);
        for (byte octet : drawn) {
            token.append(ALPHABET.charAt(octet & 0x1F));
        }
        return token.toString();
    }

    /** Returns the text, or says what is wrong with it as an owner token, without repeating it. */
    static String check(String text) {
        if (text.isEmpty()
                || text.length() > LONGEST
                || !text.chars().allMatch(c -> c > ' ' && c < 0x7f && c != ':')) {
            throw new IllegalArgumentException(
                    "an owner token is 1 to "
                            + LONGEST
                            + " visible ASCII characters without colons; this one of "
                            + text.length()
                            + " characters is not");
        }
        return text;
    }
}
