package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.EuiRange;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** Which gateways a factory makes, and where it wants their files. */
final class FactoryOrder {

    private final Terminal terminal;

    @Mixin private final Output output;

    @Option(
            names = "--eui",
            paramLabel = "EUI",
            description = "One gateway; may be given several times.")
    private @Nullable List<Eui64> euis;

    @Option(
            names = "--range",
            paramLabel = "RANGE",
            description = "Or many: FIRST-LAST or PREFIX/BITS.")
    private @Nullable EuiRange range;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description = "Where to write; it is made if it is not there.")
    @SuppressWarnings("NullAway.Init") // picocli sets what is required
    private Path out;

    @Option(names = "--boot-only", description = "Write cups-boot.* only.")
    private boolean bootOnly;

    @Option(names = "--show", description = "Also print each label with its QR code (tables only).")
    private boolean show;

    FactoryOrder(Terminal terminal) {
        this.terminal = requireNonNull(terminal, "terminal");
        this.output = new Output(terminal);
    }

    /** Takes what one gateway gets. */
    interface Writer {
        void write(GatewayHome home, Label label);
    }

    /** Makes the secrets of gateways. */
    interface Source {

        /** All of a part of the order, one after the other. */
        void make(EuiRange part, Writer writer);
    }

    /** Whether the gateways were named one by one. */
    boolean namesGateways() {
        return euis != null;
    }

    /**
     * Writes what is not there yet, and tells what was done.
     *
     * @param report what else there is to tell, first
     */
    void fill(ObjectNode report, Source source) {
        List<EuiRange> wanted = wanted();
        boolean showing = show && output.format() == Output.Format.TABLE;
        try (FactoryDirectory directory = new FactoryDirectory(out, bootOnly)) {
            List<EuiRange> missing = directory.missing(wanted);
            long total = count(missing);
            try (Progress progress = new Progress(terminal, "gateways", showing ? 0 : total)) {
                Writer writer =
                        (home, label) -> {
                            directory.write(home, label);
                            if (showing) {
                                output.print(label.render(terminal.hasColours()));
                            } else {
                                progress.advance(1);
                            }
                        };
                missing.forEach(part -> source.make(part, writer));
            }
            output.show(
                    report.put("provisioned", total)
                            .put("alreadyThere", count(wanted) - total)
                            .put("directory", out.toString())
                            .put("labels", directory.labelFile().toString()));
        }
    }

    private List<EuiRange> wanted() {
        if ((euis == null) == (range == null)) {
            throw Failure.ofUsage("Which gateways? Give --eui EUI or --range FIRST-LAST.");
        }
        return range != null
                ? List.of(range)
                : requireNonNull(euis).stream()
                        .distinct()
                        .map(eui -> new EuiRange(eui, eui))
                        .toList();
    }

    private static long count(List<EuiRange> ranges) {
        return ranges.stream().mapToLong(range -> range.size().longValueExact()).sum();
    }
}
