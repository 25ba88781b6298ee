package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import java.util.function.Function;
import picocli.CommandLine.Mixin;

/** The vault a command means: one on this machine if it is named, else the server's. */
final class AnyVault {

    @Mixin private final Connection connection;
    @Mixin private final LocalVault local;

    AnyVault(Terminal terminal) {
        requireNonNull(terminal, "terminal");
        this.connection = new Connection(terminal);
        this.local = new LocalVault(terminal);
    }

    <T> T use(KindOfKey kind, Function<KeysOfVault, T> use) {
        return local.isGiven()
                ? local.use(vault -> use.apply(new LocalKeys(vault, kind)))
                : use.apply(new ServerKeys(connection.rest(), kind));
    }

    /** The same; a file vault of this machine that is not there yet is made. */
    <T> T useOrMake(KindOfKey kind, Function<KeysOfVault, T> use) {
        return local.isGiven()
                ? local.useOrMake(vault -> use.apply(new LocalKeys(vault, kind)))
                : use(kind, use);
    }
}
