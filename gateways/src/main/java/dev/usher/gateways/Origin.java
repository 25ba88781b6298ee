package dev.usher.gateways;

import java.util.Locale;

/** How a gateway came to be known here, which decides how its secrets are checked. */
public enum Origin {
    /** It lies in a batch; its secrets are derived from the batch root key. */
    BATCH,
    /** Its owner added it, with a token of its own and without a code. */
    ADDED,
    /** It was imported with the code and token its maker gave it; they are kept as hashes. */
    IMPORTED;

    String column() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Origin ofColumn(String column) {
        return valueOf(column.toUpperCase(Locale.ROOT));
    }
}
