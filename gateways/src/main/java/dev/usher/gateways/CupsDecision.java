package dev.usher.gateways;

import static java.util.Objects.requireNonNull;

import dev.usher.station.Reasons;
import dev.usher.station.UpdateInfoRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What a gateway is told when it checks in, and why.
 *
 * <p>The decision compares what the owner wants with what the gateway reports, never with what was
 * sent before: a gateway that fell back to an older set of credentials still reports its broken
 * one, and is healed by being told again (basics-station.md 3.8).
 *
 * @param reason one sentence for the gateway's owner
 */
record CupsDecision(
        boolean sendsCupsUri,
        boolean sendsCupsCredentials,
        boolean sendsLnsUri,
        boolean sendsLnsCredentials,
        Optional<Update> update,
        String reason) {

    private static final int KEYS_SHOWN = 8;

    CupsDecision {
        requireNonNull(update, "update");
        requireNonNull(reason, "reason");
    }

    /**
     * The update to offer.
     *
     * @param keyCrc the CRC-32 of the signature key whose signature goes with it; empty if it goes
     *     unsigned
     */
    record Update(int fwcrc, OptionalInt keyCrc) {}

    /**
     * Where the owner wants a gateway to go.
     *
     * @param uri as {@link dev.usher.station.StationUri} writes it
     * @param crc CRC-32 of the credentials; empty where none belong to the URI (http, ws)
     */
    record Destination(String uri, OptionalInt crc) {
        Destination {
            requireNonNull(uri, "uri");
            requireNonNull(crc, "crc");
        }
    }

    /**
     * An ordered firmware with what is known of it.
     *
     * @param version the {@code package} a gateway reports once it runs it
     * @param signedBy the CRC-32s of the keys there is a signature of
     */
    record Ordered(FirmwareOrder order, String version, Set<Integer> signedBy) {
        Ordered {
            requireNonNull(order, "order");
            requireNonNull(version, "version");
            signedBy = Set.copyOf(signedBy);
        }
    }

    /** The same without the update, which turned out not to be there to offer. */
    CupsDecision withoutUpdate(String because) {
        return new CupsDecision(
                sendsCupsUri,
                sendsCupsCredentials,
                sendsLnsUri,
                sendsLnsCredentials,
                Optional.empty(),
                reason + "; the firmware was not sent after all, as " + because);
    }

    /** Decides; a pure function. */
    static CupsDecision decide(
            Optional<Destination> cups,
            Optional<Destination> lns,
            Optional<Ordered> firmware,
            UpdateInfoRequest reported,
            Instant now) {
        List<String> reasons = new ArrayList<>(4);
        boolean cupsUri = differs(cups, reported.cupsUri());
        boolean cupsCredentials = differs(cups, reported.cupsCredCrc());
        boolean lnsUri = differs(lns, reported.tcUri());
        boolean lnsCredentials = differs(lns, reported.tcCredCrc());
        explain(reasons, "CUPS", cups, cupsUri, reported.cupsUri(), cupsCredentials);
        explain(reasons, "LNS", lns, lnsUri, reported.tcUri(), lnsCredentials);
        Optional<Update> update =
                firmware.flatMap(ordered -> update(ordered, reported, now, reasons));
        if (reasons.isEmpty()) {
            reasons.add(
                    cups.isEmpty() && lns.isEmpty()
                            ? "its owner has not set it up yet"
                            : "it has what its owner wants");
        }
        return new CupsDecision(
                cupsUri,
                cupsCredentials,
                lnsUri,
                lnsCredentials,
                update,
                String.join("; ", reasons));
    }

    private static boolean differs(Optional<Destination> wanted, Optional<String> reportedUri) {
        return wanted.isPresent()
                && !reportedUri.map(String::strip).equals(wanted.map(Destination::uri));
    }

    private static boolean differs(Optional<Destination> wanted, int reportedCrc) {
        OptionalInt crc = wanted.map(Destination::crc).orElse(OptionalInt.empty());
        return crc.isPresent() && crc.getAsInt() != reportedCrc;
    }

    private static void explain(
            List<String> reasons,
            String which,
            Optional<Destination> wanted,
            boolean uri,
            Optional<String> reportedUri,
            boolean credentials) {
        if (uri) {
            reasons.add(Reasons.uriSent(which, wanted.orElseThrow().uri(), reportedUri));
        }
        if (credentials) {
            reasons.add(Reasons.credentialsSent(which));
        }
    }

    private static Optional<Update> update(
            Ordered ordered, UpdateInfoRequest reported, Instant now, List<String> reasons) {
        FirmwareOrder order = ordered.order();
        String firmware = "firmware " + crc(order.fwcrc()) + " (" + ordered.version() + ")";
        if (reported.packageVersion().filter(ordered.version()::equals).isPresent()) {
            reasons.add("it runs " + firmware + " as its owner wants");
            return Optional.empty();
        }
        if (order.offeredAt().isPresent()) {
            reasons.add(
                    "%s was offered at %s and is offered once: order it again to repeat that"
                            .formatted(firmware, order.offeredAt().get()));
            return Optional.empty();
        }
        if (order.after().filter(now::isBefore).isPresent()) {
            reasons.add(firmware + " waits until " + order.after().get());
            return Optional.empty();
        }
        for (int keyCrc : reported.keyCrcs()) {
            if (ordered.signedBy().contains(keyCrc)) {
                reasons.add(firmware + " offered, signed by key " + crc(keyCrc));
                return Optional.of(new Update(order.fwcrc(), OptionalInt.of(keyCrc)));
            }
        }
        if (!reported.keyCrcs().isEmpty()) {
            reasons.add(
                    firmware
                            + " held back: there is no signature by any of its keys ("
                            + String.join(
                                    ", ",
                                    reported.keyCrcs().stream()
                                            .limit(KEYS_SHOWN)
                                            .map(CupsDecision::crc)
                                            .toList())
                            + ")");
            return Optional.empty();
        }
        if (!order.unsignedAllowed()) {
            reasons.add(
                    firmware
                            + " held back: it has no signature key, and an unsigned update was not"
                            + " allowed");
            return Optional.empty();
        }
        reasons.add(
                firmware
                        + " offered unsigned, as it has no signature key and its owner allowed it");
        return Optional.of(new Update(order.fwcrc(), OptionalInt.empty()));
    }

    private static String crc(int crc) {
        return HexFormat.of().withUpperCase().toHexDigits(crc);
    }

    /**
     * What the answer consists of, in one word or several: {@code nothing}, {@code cups+lns},
     * {@code lns+firmware}.
     */
    String answer() {
        List<String> parts = new ArrayList<>(3);
        if (sendsCupsUri || sendsCupsCredentials) {
            parts.add("cups");
        }
        if (sendsLnsUri || sendsLnsCredentials) {
            parts.add("lns");
        }
        if (update.isPresent()) {
            parts.add("firmware");
        }
        return parts.isEmpty() ? "nothing" : String.join("+", parts);
    }
}
