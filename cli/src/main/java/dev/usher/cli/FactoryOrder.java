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
     * Writes what is not there yet, and tells what was done. Gateways that were named are made in
     * any case, and their labels shown; of a range that is partly there one gateway is made to see
     * that it came out the same.
     *
     * @param report what else there is to tell, first
     * @param replacing whether a gateway that was named may have got other secrets meanwhile
     * @throws Failure if what is there was made with another key or for another server
     */
    void fill(ObjectNode report, boolean replacing, Source source) {
        List<EuiRange> wanted = wanted();
        boolean showing = show && output.format() == Output.Format.TABLE;
        try (FactoryDirectory directory = new FactoryDirectory(out, bootOnly)) {
            List<EuiRange> missing = directory.missing(wanted);
            long total = count(missing);
            long replaced = 0;
            for (Eui64 eui : directory.samples()) {
                Again again = new Again(directory, replacing && namesGateways());
                source.make(new EuiRange(eui, eui), again);
                replaced += again.replaced;
                if (showing && namesGateways()) {
                    output.print(again.label().render(terminal.hasColours()));
                }
            }
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
                    report.put("provisioned", total + replaced)
                            .put("alreadyThere", count(wanted) - total - replaced)
                            .put("directory", out.toString())
                            .put("labels", directory.labelFile().toString()));
        }
    }

    /** Compares a gateway with what is there of it. */
    private static final class Again implements Writer {

        private final FactoryDirectory directory;
        private final boolean replacing;
        private @Nullable Label label;
        private int replaced;

        Again(FactoryDirectory directory, boolean replacing) {
            this.directory = directory;
            this.replacing = replacing;
        }

        @Override
        public void write(GatewayHome home, Label label) {
            this.label = label;
            if (!replacing) {
                directory.requireSame(home, label);
            } else if (!directory.isThere(home, label)) {
                directory.write(home, label);
                replaced++;
            }
        }

        Label label() {
            return requireNonNull(label, "the source made nothing");
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
