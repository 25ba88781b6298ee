package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.DeviceLabel;
import dev.usher.lorawan.Eui64;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the QR code of a device says (LoRa Alliance TR005), to be shown.
 *
 * @param text as it was scanned, or as it is to be printed
 * @param warnings what was odd about it
 */
record DeviceQr(String text, DeviceLabel label, List<String> warnings) {

    DeviceQr {
        requireNonNull(text, "text");
        requireNonNull(label, "label");
        warnings = List.copyOf(warnings);
    }

    static DeviceQr toPrint(DeviceLabel label) {
        return new DeviceQr(label.text(), label, List.of());
    }

    /**
     * @throws Failure if it is no label
     */
    static DeviceQr scanned(String text) {
        try {
            DeviceLabel.Scan scan = DeviceLabel.scan(text);
            return new DeviceQr(text.strip(), scan.label(), scan.warnings());
        } catch (IllegalArgumentException e) {
            throw new Failure(sentence(String.valueOf(e.getMessage())), e);
        }
    }

    /** Says what was odd, and shows what it says: in a table's place, the code itself. */
    void show(Terminal terminal, Output output) {
        warn(terminal);
        ObjectNode fields = fields();
        if (output.format() == Output.Format.TABLE) {
            output.print(Qr.render(text, terminal.hasColours()));
            fields.remove("warnings");
        }
        output.show(fields);
    }

    /** Says what was odd. */
    void warn(Terminal terminal) {
        warnings.forEach(warning -> terminal.say(sentence(warning)));
    }

    private ObjectNode fields() {
        ObjectNode fields = Json.object();
        label.joinEui().map(Eui64::toString).ifPresent(eui -> fields.put("joinEui", eui));
        label.devEui().map(Eui64::toString).ifPresent(eui -> fields.put("devEui", eui));
        label.profileId().ifPresent(id -> fields.put("profileId", id));
        label.ownerToken().ifPresent(token -> fields.put("ownerToken", token));
        label.serialNumber().ifPresent(serial -> fields.put("serialNumber", serial));
        label.proprietary().ifPresent(own -> fields.put("proprietary", own));
        fields.put("label", text);
        if (!warnings.isEmpty()) {
            ArrayNode odd = fields.putArray("warnings");
            warnings.forEach(odd::add);
        }
        return fields;
    }

    private static String sentence(String text) {
        return Character.toUpperCase(text.charAt(0)) + Terminal.visible(text.substring(1)) + ".";
    }

    /** Without the owner token. */
    @Override
    public String toString() {
        return "DeviceQr[" + label + "]";
    }
}
