package dev.usher.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    private static final String SECRET = "key";

    private static final Map<String, String> WHAT_IS_IN =
            Map.of("uri", "server", "trust", "certificate", SECRET, "key");

    private final Path directory;
    private final Path labelFile;
    private final List<String> sets;
    private final Map<Eui64, List<String>> labelled = new HashMap<>();
    private final Set<Eui64> samples = new LinkedHashSet<>();
    private CsvWriter labels;

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
            this.labels = open();
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

    private CsvWriter open() throws IOException {
        return CsvWriter.builder()
                .lineDelimiter(LineDelimiter.LF)
                .build(labelFile, UTF_8, StandardOpenOption.APPEND);
    }

    /**
     * The parts of some ranges that are still to be made, each as long as it can be. Of each range
     * the first gateway that is there already is one of {@link #samples} afterwards.
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
                label -> {
                    Eui64 eui = Eui64.parse(label.getFirst());
                    boolean complete = isComplete(eui);
                    for (int i = 0; i < wanted.size(); i++) {
                        if (wanted.get(i).contains(eui)) {
                            if (!complete) {
                                labelled.put(eui, label);
                            } else {
                                if (made.get(i).isEmpty()) {
                                    labelled.put(eui, label);
                                    samples.add(eui);
                                }
                                made.get(i).set(offset(wanted.get(i), eui));
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

    /** Gateways that are there already, for {@link #isThere} and {@link #requireSame}. */
    List<Eui64> samples() {
        return List.copyOf(samples);
    }

    /** Whether a gateway of {@link #samples} has exactly these files and this label. */
    boolean isThere(GatewayHome home, Label label) {
        return difference(home).isEmpty() && label.cells().equals(labelled.get(home.eui()));
    }

    /**
     * Checks that a gateway of {@link #samples} was made of the same things as this one. How its QR
     * code is written does not matter.
     *
     * @throws Failure that says what is different
     */
    void requireSame(GatewayHome home, Label label) {
        Optional<Path> different = difference(home);
        if (different.isPresent()) {
            throw new Failure(
                    "'"
                            + different.get()
                            + "' would have another "
                            + WHAT_IS_IN.get(extension(different.get()))
                            + " now: choose another --out directory.");
        }
        if (!label.pinCell().equals(Label.pinCell(requireNonNull(labelled.get(home.eui()))))) {
            throw new Failure(
                    "'"
                            + labelFile
                            + "' would have another PIN for "
                            + home.eui()
                            + " now: choose another --out directory.");
        }
    }

    /** The first file of a gateway that is not as it would be written now. */
    private Optional<Path> difference(GatewayHome home) {
        return files(home).entrySet().stream()
                .filter(
                        file ->
                                Files.notExists(file.getKey())
                                        || !Arrays.equals(
                                                LocalFile.read(file.getKey()), file.getValue()))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** What a gateway gets, in the order of writing. */
    private Map<Path, byte[]> files(GatewayHome home) {
        Path gateway = directory.resolve(home.eui().toString());
        Map<Path, byte[]> files = new LinkedHashMap<>();
        for (String set : sets) {
            files.put(gateway.resolve(set + ".uri"), home.cupsUri().getBytes(UTF_8));
            files.put(gateway.resolve(set + ".trust"), home.trust());
            files.put(gateway.resolve(set + ".key"), home.keyFile().getBytes(US_ASCII));
        }
        return files;
    }

    /** Writes everything for one gateway, in place of what may be there. */
    void write(GatewayHome home, Label label) {
        LocalFile.createSecretDirectories(directory.resolve(home.eui().toString()));
        files(home)
                .forEach(
                        (file, content) -> {
                            if (extension(file).equals(SECRET)) {
                                LocalFile.writeSecret(file, content);
                            } else {
                                LocalFile.write(file, content);
                            }
                        });
        List<String> old = labelled.get(home.eui());
        if (label.cells().equals(old)) {
            return;
        }
        try {
            if (old != null) {
                removeLabel(home.eui());
            }
            labels.writeRecord(label.cells());
        } catch (IOException e) {
            throw LocalFile.unwritable(labelFile, e);
        } catch (UncheckedIOException e) {
            throw LocalFile.unwritable(labelFile, requireNonNull(e.getCause()));
        }
    }

    /** The file is there whole at every moment, as nobody can read the other labels again. */
    private void removeLabel(Eui64 eui) throws IOException {
        labels.close();
        Path kept = directory.resolve("labels.csv.new");
        LocalFile.writeSecret(kept, new byte[0]);
        try (CsvWriter writer =
                CsvWriter.builder()
                        .lineDelimiter(LineDelimiter.LF)
                        .build(kept, UTF_8, StandardOpenOption.APPEND)) {
            writer.writeRecord(Label.COLUMNS);
            readLabels(
                    label -> {
                        if (!Eui64.parse(label.getFirst()).equals(eui)) {
                            writer.writeRecord(label);
                        }
                    });
        }
        Files.move(kept, labelFile, StandardCopyOption.REPLACE_EXISTING);
        this.labels = open();
    }

    private static String extension(Path file) {
        String name = file.getFileName().toString();
        return name.substring(name.lastIndexOf('.') + 1);
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

    private void readLabels(Consumer<List<String>> label) {
        try (CsvReader<CsvRecord> lines = CsvReader.builder().ofCsvRecord(labelFile)) {
            boolean header = true;
            for (CsvRecord line : lines) {
                if (header) {
                    if (!line.getFields().equals(Label.COLUMNS)) {
                        throw notLabels();
                    }
                    header = false;
                } else {
                    label.accept(line.getFields());
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
