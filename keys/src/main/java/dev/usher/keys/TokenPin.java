package dev.usher.keys;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Printable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/**
 * Where the user PIN of a PKCS#11 token comes from: a file of mode 0600 or an environment variable.
 * A line end after the PIN does not count.
 */
public abstract sealed class TokenPin {

    private TokenPin() {}

    public static TokenPin file(Path file) {
        return new InFile(requireNonNull(file, "file"));
    }

    public static TokenPin environment(String variable) {
        return environment(variable, System.getenv());
    }

    static TokenPin environment(String variable, Map<String, String> environment) {
        return new InEnvironment(requireNonNull(variable, "variable"), environment);
    }

    /**
     * @throws VaultException if it is missing, empty or too open to others
     */
    abstract char[] read();

    private static char[] checked(String text, TokenPin source) {
        String pin = text.strip();
        if (pin.isEmpty()) {
            throw new VaultException(
                    "the " + source + " is empty: write the token's user PIN there");
        }
        return pin.toCharArray();
    }

    private static final class InFile extends TokenPin {
        private final Path file;

        InFile(Path file) {
            this.file = file;
        }

        @Override
        char[] read() {
            return checked(new String(SecretFile.read(file), StandardCharsets.UTF_8), this);
        }

        @Override
        public String toString() {
            return "PIN in " + file;
        }
    }

    private static final class InEnvironment extends TokenPin {
        private final String variable;
        private final Map<String, String> environment;

        InEnvironment(String variable, Map<String, String> environment) {
            this.variable = variable;
            this.environment = environment;
        }

        @Override
        char[] read() {
            return checked(environment.getOrDefault(variable, ""), this);
        }

        @Override
        public String toString() {
            return "PIN in environment variable " + Printable.of(variable);
        }
    }
}
