package dev.usher.interop;

import static java.util.Objects.requireNonNull;

import java.util.List;

/** What became of a configuration that was read anew. */
public sealed interface Reload {

    /** It is in force; requests that had begun end by the one before. */
    record Replaced(InteropConfig config) implements Reload {
        public Replaced {
            requireNonNull(config, "config");
        }
    }

    /**
     * It cannot be used, and the one before stays in force.
     *
     * @param problems errors and warnings
     */
    record Kept(List<ConfigProblem> problems) implements Reload {
        public Kept {
            problems = List.copyOf(problems);
        }
    }
}
