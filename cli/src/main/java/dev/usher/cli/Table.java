package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * A table in plain text. Its column widths follow from the first rows; a longer list is printed as
 * it comes, so it never lies in memory whole.
 */
final class Table implements Listing {

    private static final int MEASURED_ROWS = 500;
    private static final String GAP = "  ";

    private final PrintStream out;
    private final List<Column> columns;
    private final int measuredRows;
    private final int[] widths;
    private final List<List<String>> measured = new ArrayList<>();
    private boolean printing;

    Table(PrintStream out, List<Column> columns) {
        this(out, columns, MEASURED_ROWS);
    }

    /** A table whose rows are printed at once, as wide as the widest so far. */
    static Table live(PrintStream out, List<Column> columns) {
        return new Table(out, columns, 0);
    }

    private Table(PrintStream out, List<Column> columns, int measuredRows) {
        this.out = requireNonNull(out, "out");
        this.columns = List.copyOf(columns);
        this.measuredRows = measuredRows;
        this.widths = new int[columns.size()];
        measure(this.columns.stream().map(Column::title).toList());
    }

    @Override
    public void add(JsonNode item) {
        List<String> row =
                columns.stream()
                        .map(column -> Terminal.visible(column.cell().apply(item)))
                        .toList();
        if (printing && measuredRows > 0) {
            print(row);
            return;
        }
        measure(row);
        if (measured.size() > measuredRows) {
            printMeasured();
        }
        if (measuredRows == 0) {
            out.flush();
        }
    }

    /** An empty table still shows its titles, so that nobody takes it for an error. */
    @Override
    public void finish() {
        if (!printing) {
            printMeasured();
        }
        out.flush();
    }

    @Override
    public void close() {
        boolean hasRows = measured.size() > 1;
        if (hasRows) {
            printMeasured();
        }
        out.flush();
    }

    private void measure(List<String> row) {
        measured.add(row);
        for (int i = 0; i < widths.length; i++) {
            widths[i] = Math.max(widths[i], width(row.get(i)));
        }
    }

    private void printMeasured() {
        printing = true;
        measured.forEach(this::print);
        measured.clear();
    }

    private void print(List<String> row) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < row.size(); i++) {
            line.append(row.get(i));
            if (i < row.size() - 1) {
                line.repeat(" ", Math.max(0, widths[i] - width(row.get(i)))).append(GAP);
            }
        }
        out.println(line.toString().stripTrailing());
    }

    private static int width(String text) {
        return text.codePointCount(0, text.length());
    }
}
