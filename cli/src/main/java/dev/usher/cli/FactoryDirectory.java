package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.EuiRange;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What a factory line takes its gateways from: {@code EUI/cups.uri}, {@code cups.trust}, {@code
 * cups.key} and the same as {@code cups-boot.*} for each gateway, and {@code labels.csv} with one
 * line for each. A gateway's line is written after its files, so that a run which was cut off can
 * go on where it ended. It does not matter where the secrets come from.
 */
final class FactoryDirectory implements AutoCloseable {

    /** One OUI's worth; what is left to do is kept in memory, a bit for each gateway. */
    private static final BigInteger LARGEST_RANGE = BigInteger.ONE.shiftLeft(24);

    private final Path directory;
    private final Path labelFile;
    private final List<String> sets;
    private final CsvWriter labels;
    private final Set<Eui64> alreadyLabelled = new HashSet<>();

    /**
     * @param bootOnly write {@code cups-boot.*} alone, as for gateways that never lose their first
     *     server
     * @throws Failure if the directory cannot be written, or its labels.csv is something else
     */
    FactoryDirectory(Path directory, boolean bootOnly) {
        this.directory = requireNonNull(directory, "directory");
        this.labelFile = directory.resolve("labels.csv");
        // The last set written tells that all of them are.
        this.sets = bootOnly ? List.of("cups-boot") : List.of("cups-boot", "cups");
        LocalFile.createSecretDirectories(directory);
        try {
            boolean isNew = !Files.exists(labelFile);
            if (isNew) {
                LocalFile.writeSecret(labelFile, new byte[0]);
            } else {
                dropTornLine();
            }
            this.labels =
                    CsvWriter.builder()
                            .lineDelimiter(LineDelimiter.LF)
                            .build(labelFile, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
            if (Files.size(labelFile) == 0) {
                labels.writeRecord(Label.COLUMNS);
                labels.flush();
            }
        } catch (IOException e) {
            throw LocalFile.unwritable(labelFile, e);
        }
    }

    Path labelFile() {
        return labelFile;
    }

    /**
     * The parts of some ranges that are still to be made, each as long as it can be.
     *
     * @throws Failure if there are more gateways than fit, or labels.csv cannot be read
     */
    List<EuiRange> missing(List<EuiRange> wanted) {
        List<BitSet> made = new ArrayList<>();
        for (EuiRange range : wanted) {
            if (range.size().compareTo(LARGEST_RANGE) > 0) {
                throw Failure.ofUsage(
                        "Range "
                                + range
                                + " has "
                                + range.size()
                                + " gateways: provision at most "
                                + LARGEST_RANGE
                                + " at once.");
            }
            made.add(new BitSet());
        }
        readLabels(
                eui -> {
                    boolean complete = isComplete(eui);
                    for (int i = 0; i < wanted.size(); i++) {
                        if (wanted.get(i).contains(eui)) {
                            if (complete) {
                                made.get(i).set(offset(wanted.get(i), eui));
                            } else {
                                alreadyLabelled.add(eui);
                            }
                        }
                    }
                });
        List<EuiRange> missing = new ArrayList<>();
        for (int i = 0; i < wanted.size(); i++) {
            addMissing(wanted.get(i), made.get(i), missing);
        }
        return missing;
    }

    /** Writes everything for one gateway. */
    void write(GatewayHome home, Label label) {
        Path gateway = directory.resolve(home.eui().toString());
        LocalFile.createSecretDirectories(gateway);
        byte[] uri = home.cupsUri().getBytes(StandardCharsets.UTF_8);
        byte[] key = home.keyFile().getBytes(StandardCharsets.US_ASCII);
        for (String set : sets) {
            LocalFile.write(gateway.resolve(set + ".uri"), uri);
            LocalFile.write(gateway.resolve(set + ".trust"), home.trust());
            LocalFile.writeSecret(gateway.resolve(set + ".key"), key);
        }
        if (!alreadyLabelled.contains(home.eui())) {
            try {
                labels.writeRecord(label.cells());
            } catch (UncheckedIOException e) {
                throw LocalFile.unwritable(labelFile, requireNonNull(e.getCause()));
            }
        }
    }

    @Override
    public void close() {
        try {
            labels.close();
        } catch (IOException e) {
            throw LocalFile.unwritable(labelFile, e);
        }
    }

    private boolean isComplete(Eui64 eui) {
        Path last = directory.resolve(eui.toString()).resolve(sets.getLast() + ".key");
        return last.toFile().length() > 0;
    }

    private static int offset(EuiRange range, Eui64 eui) {
        return (int) (eui.value() - range.first().value());
    }

    private static void addMissing(EuiRange wanted, BitSet made, List<EuiRange> missing) {
        int size = wanted.size().intValueExact();
        for (int from = made.nextClearBit(0); from < size; ) {
            int next = made.nextSetBit(from);
            int end = next < 0 ? size : next;
            missing.add(new EuiRange(at(wanted, from), at(wanted, end - 1)));
            from = made.nextClearBit(end);
        }
    }

    private static Eui64 at(EuiRange range, int offset) {
        return new Eui64(range.first().value() + offset);
    }

    private void readLabels(Consumer<Eui64> label) {
        try (CsvReader<CsvRecord> lines = CsvReader.builder().ofCsvRecord(labelFile)) {
            boolean header = true;
            for (CsvRecord line : lines) {
                if (header) {
                    if (!line.getFields().equals(Label.COLUMNS)) {
                        throw notLabels();
                    }
                    header = false;
                } else {
                    label.accept(Eui64.parse(line.getField(0)));
                }
            }
        } catch (CsvParseException | IllegalArgumentException e) {
            throw notLabels();
        } catch (IOException e) {
            throw LocalFile.unreadable(labelFile, e);
        } catch (UncheckedIOException e) {
            throw LocalFile.unreadable(labelFile, requireNonNull(e.getCause()));
        }
    }

    private Failure notLabels() {
        return new Failure(
                "'"
                        + labelFile
                        + "' was not written by an earlier run: choose another --out directory.");
    }

    /** A run that was cut off may have written half a line at last. */
    private void dropTornLine() throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(labelFile.toFile(), "rw")) {
            long end = file.length();
            while (end > 0) {
                file.seek(end - 1);
                if (file.read() == '\n') {
                    break;
                }
                end--;
            }
            file.setLength(end);
        }
    }
}
