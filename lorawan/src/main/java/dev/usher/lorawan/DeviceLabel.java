package dev.usher.lorawan;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the QR code on a device says (LoRa Alliance TR005): who it is, and the token that proves to
 * the Join Server that its holder has the device.
 *
 * <p>{@link #scan} reads the published form ({@code LW:D0:…}), its drafts and what is met on
 * devices; {@link #text} writes the published form.
 *
 * @param profileId VendorID and VendorProfileID, 8 hex digits, which become upper-case; some
 *     vendors write only 4
 * @param ownerToken a secret until the device is claimed
 * @param proprietary whatever the vendor wants
 */
public record DeviceLabel(
        Optional<Eui64> joinEui,
        Optional<Eui64> devEui,
        Optional<String> profileId,
        Optional<String> ownerToken,
        Optional<String> serialNumber,
        Optional<String> proprietary) {

    private static final Pattern PROFILE_ID = Pattern.compile("[0-9A-F]{8}|[0-9A-F]{4}");
    private static final Pattern VALUE = Pattern.compile("[ -9;-~]+");

    public DeviceLabel {
        requireNonNull(joinEui, "joinEui");
        requireNonNull(devEui, "devEui");
        requireNonNull(profileId, "profileId");
        requireNonNull(ownerToken, "ownerToken");
        requireNonNull(serialNumber, "serialNumber");
        requireNonNull(proprietary, "proprietary");
        if (profileId.filter(id -> !isProfileId(id.toUpperCase(Locale.ROOT))).isPresent()) {
            throw new IllegalArgumentException(
                    "ProfileID '" + Printable.of(profileId.get()) + "' is not 8 (or 4) hex digits");
        }
        profileId = profileId.map(id -> id.toUpperCase(Locale.ROOT));
        checkValue("owner token", ownerToken);
        checkValue("serial number", serialNumber);
        checkValue("proprietary part", proprietary);
    }

    /** A label with nothing but the device's two EUIs and its owner token. */
    public static DeviceLabel of(Eui64 joinEui, Eui64 devEui, String ownerToken) {
        return new DeviceLabel(
                Optional.of(joinEui),
                Optional.of(devEui),
                Optional.empty(),
                Optional.of(ownerToken),
                Optional.empty(),
                Optional.empty());
    }

    /**
     * A label as read, and what was odd about it; without warnings it is exactly as TR005 has it.
     *
     * @param warnings one sentence each, none of which repeats the owner token
     */
    public record Scan(DeviceLabel label, List<String> warnings) {
        public Scan {
            requireNonNull(label, "label");
            warnings = List.copyOf(warnings);
        }
    }

    /**
     * Reads what a scanner saw: {@code LW:D0:} with extensions in any order, {@code URN:LW:DP:}
     * (draft 2, also percent-encoded), {@code URN:DEV:LW:} (draft 3), any of these inside a URL, or
     * a DevEUI alone; letters in either case. A wrong checksum is a warning, since labels with one
     * are on sold devices.
     *
     * @throws IllegalArgumentException if it is none of these; the message repeats no secret
     */
    public static Scan scan(String text) {
        return DeviceLabelReader.read(text);
    }

    /** As {@link #scan}, for who does not care for the warnings. */
    public static DeviceLabel parse(String text) {
        return scan(text).label();
    }

    /** {@code LW:D0:…} with its checksum behind it, to be printed as a QR code. */
    public String text() {
        String unchecked = textWithoutChecksum();
        return unchecked + ":C" + checksum(unchecked);
    }

    /** {@code LW:D0:…}, for readers that stumble over a checksum. */
    public String textWithoutChecksum() {
        return "LW:D0:"
                + joinEui.map(Eui64::toString).orElse("")
                + ":"
                + devEui.map(Eui64::toString).orElse("")
                + ":"
                + profileId.orElse("")
                + extension('O', ownerToken)
                + extension('S', serialNumber)
                + extension('P', proprietary);
    }

    private static String extension(char letter, Optional<String> value) {
        return value.map(v -> ":" + letter + v).orElse("");
    }

    /**
     * CRC-16/MODBUS as 4 upper-case hex digits. TR005 prints one example and this is the CRC that
     * fits it.
     */
    static String checksum(String text) {
        int crc = 0xFFFF;
        for (int i = 0; i < text.length(); i++) {
            crc ^= text.charAt(i) & 0xFF;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) == 0 ? crc >>> 1 : (crc >>> 1) ^ 0xA001;
            }
        }
        return Hex.format(crc, 4);
    }

    static boolean isProfileId(String text) {
        return PROFILE_ID.matcher(text).matches();
    }

    static boolean isValue(String text) {
        return VALUE.matcher(text).matches();
    }

    private static void checkValue(String what, Optional<String> value) {
        if (value.isPresent() && !isValue(value.get())) {
            throw new IllegalArgumentException(
                    "the "
                            + what
                            + " of a label is one or more printable ASCII characters without"
                            + " colons; this one of "
                            + value.get().length()
                            + " characters is not");
        }
    }

    /** Without the owner token. */
    @Override
    public String toString() {
        return "DeviceLabel[joinEui="
                + joinEui.map(Eui64::toString).orElse("none")
                + ", devEui="
                + devEui.map(Eui64::toString).orElse("none")
                + ", ownerToken="
                + (ownerToken.isPresent() ? "hidden" : "none")
                + "]";
    }
}
