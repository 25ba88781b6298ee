package dev.usher.interop;

import static java.util.Objects.requireNonNull;

import dev.usher.interop.ConfigProblem.Severity;
import java.nio.file.Path;
import java.util.List;

/** What is wrong with one file, added to what is wrong with all. */
final class Report {

    private final Path file;
    private final List<ConfigProblem> all;

    Report(Path file, List<ConfigProblem> all) {
        this.file = requireNonNull(file, "file");
        this.all = requireNonNull(all, "all");
    }

    void error(int line, String what) {
        all.add(new ConfigProblem(Severity.ERROR, file, line, what));
    }

    void warning(int line, String what) {
        all.add(new ConfigProblem(Severity.WARNING, file, line, what));
    }
}
