package dev.usher.interop;

import java.util.List;
import java.util.stream.Collectors;

/** The configuration cannot be used. The message is all that is wrong with it, a line for each. */
public final class InteropConfigException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    // Not for serialization, like everything else here.
    private final transient List<ConfigProblem> problems;

    InteropConfigException(List<ConfigProblem> problems) {
        super(problems.stream().map(ConfigProblem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /** Errors and warnings, in the order of the files. */
    public List<ConfigProblem> problems() {
        return problems;
    }
}
