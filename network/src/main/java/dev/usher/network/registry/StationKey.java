package dev.usher.network.registry;

import dev.usher.accounts.Right;
import dev.usher.accounts.Rights;
import dev.usher.lorawan.Eui64;

/** The keys a gateway is told. */
public enum StationKey {
    /** It connects to its LNS with this one. */
    LNS("lns_key"),
    /** It asks this network's CUPS with this one. */
    CUPS("cups_key"),
    /** It asks the CUPS of the cluster that it is handed on to with this one. */
    TARGET_CUPS("target_cups_key");

    private final String column;

    StationKey(String column) {
        this.column = column;
    }

    String column() {
        return column;
    }

    /** What binds a sealed key to its gateway and use. */
    String sealContext(Eui64 eui) {
        return "network-gateway/" + eui + "/" + column;
    }

    /** What a key of this kind allows on this network. */
    Rights rights() {
        return switch (this) {
            case LNS -> Rights.of(Right.GATEWAY_LINK);
            case CUPS ->
                    Rights.of(
                            Right.GATEWAY_INFO,
                            Right.GATEWAY_SETTINGS_BASIC,
                            Right.GATEWAY_READ_SECRETS);
            case TARGET_CUPS ->
                    throw new IllegalArgumentException(
                            "another cluster's key cannot be made here: set the one it gave");
        };
    }
}
