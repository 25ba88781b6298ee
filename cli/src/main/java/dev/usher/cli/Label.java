package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import java.util.List;

/**
 * What is printed on a gateway.
 *
 * @param mac empty if the EUI was not made of one
 * @param pin proves to be near the gateway
 * @param qr the text of the QR code; it has the PIN in it
 */
record Label(Eui64 eui, String mac, String pin, String qr) {

    /** The first line of a file of labels. */
    static final List<String> COLUMNS = List.of("eui", "mac", "pin", "qr");

    Label {
        requireNonNull(eui, "eui");
        requireNonNull(mac, "mac");
        requireNonNull(pin, "pin");
        requireNonNull(qr, "qr");
    }

    List<String> cells() {
        return List.of(eui.toString(), plain(mac), plain(pin), plain(qr));
    }

    /** The PIN as it stands in a file of labels. */
    String pinCell() {
        return pinCell(cells());
    }

    static String pinCell(List<String> cells) {
        return cells.get(COLUMNS.indexOf("pin"));
    }

    /** For a terminal. */
    String render(boolean colours) {
        return Qr.render(qr, colours)
                + "EUI  "
                + eui
                + (mac.isEmpty() ? "" : "\nMAC  " + Terminal.visible(mac))
                + "\nPIN  "
                + Terminal.visible(pin)
                + "\nQR   "
                + Terminal.visible(qr)
                + "\n\n";
    }

    /** A spreadsheet takes a cell that starts like this for a formula and would run it. */
    private static String plain(String cell) {
        return !cell.isEmpty() && "=+-@\t\r".indexOf(cell.charAt(0)) >= 0 ? "'" + cell : cell;
    }

    @Override
    public String toString() {
        return "Label[" + eui + "]";
    }
}
