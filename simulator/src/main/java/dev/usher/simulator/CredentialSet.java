package dev.usher.simulator;

/**
 * The three sets of URI and credentials in a gateway, in the order in which station turns to them
 * when the one before does not work.
 */
public enum CredentialSet {
    /** What CUPS keeps up to date. */
    REGULAR(""),
    /** A copy of the first regular set that ever worked; never made anew. */
    BACKUP("-bak"),
    /** What the factory put there; never written. */
    BOOT("-boot");

    private final String suffix;

    CredentialSet(String suffix) {
        this.suffix = suffix;
    }

    /** What stands in its file names between the server and the extension. */
    String suffix() {
        return suffix;
    }

    CredentialSet next() {
        return switch (this) {
            case REGULAR -> BACKUP;
            case BACKUP -> BOOT;
            case BOOT -> REGULAR;
        };
    }
}
