package dev.usher.interop;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;

/**
 * Something in the configuration that is not right.
 *
 * @param file where it stands
 * @param line from 1; 0 when it is about the file as a whole
 * @param what is wrong with which value and what to do, without a full stop; holds no secret
 */
public record ConfigProblem(Severity severity, Path file, int line, String what) {

    /** What becomes of the configuration. */
    public enum Severity {
        /** It is not used. */
        ERROR,
        /** It is used, though its author may have wanted something else. */
        WARNING
    }

    public ConfigProblem {
        requireNonNull(severity, "severity");
        requireNonNull(file, "file");
        requireNonNull(what, "what");
    }

    public boolean isError() {
        return severity == Severity.ERROR;
    }

    /** One sentence: {@code interop/config.yml:3: unknown key 'fiel': did you mean 'file'?} */
    @Override
    public String toString() {
        return file
                + (line > 0 ? ":" + line : "")
                + ": "
                + (isError() ? "" : "warning: ")
                + what
                + (what.endsWith("?") ? "" : ".");
    }
}
