package dev.usher.gateways;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.AuditEvent;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Principal;
import dev.usher.gateways.GatewayRow.EndpointKind;
import dev.usher.gateways.GatewayRow.EndpointRow;
import dev.usher.lorawan.Eui64;
import dev.usher.store.Change;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/**
 * What owners want their gateways to be told. A gateway cannot be mended by hand, so everything
 * that would harm it is refused here, when it is set up, and not when the gateway asks.
 */
public final class Setups {

    private static final String NOT_YOURS = "the gateway is not claimed by you: claim it first";

    /** Beyond this no clock counts on. */
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

    private final AuditLog audit;
    private final InstantSource clock;
    private final EndpointStore endpoints;
    private final Firmwares firmwares;

    Setups(AuditLog audit, InstantSource clock, EndpointStore endpoints, Firmwares firmwares) {
        this.audit = requireNonNull(audit, "audit");
        this.clock = requireNonNull(clock, "clock");
        this.endpoints = requireNonNull(endpoints, "endpoints");
        this.firmwares = requireNonNull(firmwares, "firmwares");
    }

    /** What to set up for one gateway. */
    public record Setup(Eui64 gateway, SetupChange change) {
        public Setup {
            requireNonNull(gateway, "gateway");
            requireNonNull(change, "change");
        }
    }

    /** Sets gateways up, each on its own: all that its setup says, or nothing of it. */
    public Change<List<ItemResult>> setup(
            Principal actor, OwnerId owner, List<Setup> setups, boolean dryRun) {
        CredentialReader reader = new CredentialReader();
        for (Setup setup : setups) {
            reader.readAhead(setup.change().cups());
            reader.readAhead(setup.change().lns());
        }
        return handle -> {
            Work work = new Work(handle, owner, setups, reader);
            List<AuditEvent> events = new ArrayList<>();
            List<ItemResult> results = new ArrayList<>(setups.size());
            for (Setup setup : setups) {
                Eui64 eui = setup.gateway();
                GatewayRow row = work.rows.get(eui);
                if (row == null || !row.isClaimedBy(owner)) {
                    results.add(ItemResult.failed(eui, NOT_YOURS));
                    continue;
                }
                try {
                    Applied applied = work.apply(row, setup.change());
                    events.add(
                            new AuditEvent(
                                    actor,
                                    "gateway.setup",
                                    eui.toString(),
                                    Optional.of(owner),
                                    detail(applied.row())));
                    results.add(
                            new ItemResult(
                                    eui,
                                    Optional.empty(),
                                    Optional.of(String.join("; ", applied.notices()))
                                            .filter(text -> !text.isEmpty())));
                } catch (IllegalArgumentException e) {
                    results.add(ItemResult.failed(eui, String.valueOf(e.getMessage())));
                }
            }
            if (!dryRun) {
                work.save();
                audit.append(handle, events);
            }
            return results;
        };
    }

    /**
     * What a setup made of a gateway.
     *
     * @param notices what was put right on the way
     */
    private record Applied(GatewayRow row, List<String> notices) {}

    /** The setups of one change, and what they have in common. */
    private final class Work {
        private final Handle handle;
        private final OwnerId owner;
        private final CredentialReader reader;
        private final Instant now = Instant.ofEpochMilli(clock.millis());
        private final Map<Eui64, GatewayRow> rows;
        private final Map<Eui64, List<Integer>> reportedKeys;
        private final CertificateTable.Additions certificates;
        private final Map<Integer, Optional<CupsDecision.Ordered>> firmwareByCrc = new HashMap<>();
        private final PreparedBatch updates;

        Work(Handle handle, OwnerId owner, List<Setup> setups, CredentialReader reader) {
            this.handle = handle;
            this.owner = owner;
            this.reader = reader;
            this.rows = GatewayRow.findAll(handle, setups.stream().map(Setup::gateway).toList());
            this.reportedKeys =
                    Seen.keyCrcs(
                            handle,
                            setups.stream()
                                    .filter(setup -> setup.change().orders())
                                    .map(Setup::gateway)
                                    .toList());
            this.certificates = endpoints.additions(handle);
            this.updates =
                    handle.prepareBatch(
                            """
                            UPDATE gateway SET setup_at = ?,
                                cups_uri = ?, cups_trust = ?, cups_crt = ?, cups_key = ?,
                                cups_crc = ?,
                                lns_uri = ?, lns_trust = ?, lns_crt = ?, lns_key = ?,
                                lns_crc = ?,
                                fw_crc = ?, fw_after = ?, fw_unsigned = ?, fw_offered_at = ?
                            WHERE eui = ?
                            """);
        }

        /**
         * Applies all that the change says.
         *
         * @throws IllegalArgumentException if something of it is refused; then nothing of it is
         *     applied
         */
        Applied apply(GatewayRow row, SetupChange change) {
            Endpoint.Merged cups = merge(EndpointKind.CUPS, row.eui(), row.cups(), change.cups());
            Endpoint.Merged lns = merge(EndpointKind.LNS, row.eui(), row.lns(), change.lns());
            List<String> notices = new ArrayList<>(cups.notices());
            notices.addAll(lns.notices());
            Optional<FirmwareOrder> order = order(row, change, notices);
            GatewayRow after =
                    row.withSetup(
                            now,
                            toRow(EndpointKind.CUPS, row.eui(), row.cups(), change.cups(), cups),
                            toRow(EndpointKind.LNS, row.eui(), row.lns(), change.lns(), lns),
                            order);
            // A gateway named twice in one request builds on what its first mention set up.
            rows.put(row.eui(), after);
            bind(updates, after);
            return new Applied(after, notices);
        }

        void save() {
            certificates.save();
            updates.execute();
        }

        private Endpoint.Merged merge(
                EndpointKind kind, Eui64 eui, Optional<EndpointRow> before, EndpointChange change) {
            return change.isNone()
                    ? new Endpoint.Merged(Optional.empty(), List.of())
                    : Endpoint.merge(
                            kind,
                            before.map(row -> endpoints.toEndpoint(certificates, kind, eui, row)),
                            change,
                            reader);
        }

        private Optional<EndpointRow> toRow(
                EndpointKind kind,
                Eui64 eui,
                Optional<EndpointRow> before,
                EndpointChange change,
                Endpoint.Merged merged) {
            return change.isNone()
                    ? before
                    : merged.endpoint()
                            .map(endpoint -> endpoints.toRow(certificates, kind, eui, endpoint));
        }

        private Optional<FirmwareOrder> order(
                GatewayRow row, SetupChange change, List<String> notices) {
            if (!change.orders()) {
                return row.firmware();
            }
            Optional<FirmwareOrder> before = row.firmware();
            Optional<Integer> fwcrc = change.fwcrc().over(before.map(FirmwareOrder::fwcrc));
            if (fwcrc.isEmpty()) {
                if (change.fwafter().value().isPresent()
                        || change.fwunsigned().value().orElse(false)) {
                    throw new IllegalArgumentException(
                            "fwcrc is missing: say which firmware is to be offered");
                }
                return Optional.empty();
            }
            if (change.fwafter().value().filter(LATEST::isBefore).isPresent()) {
                throw new IllegalArgumentException(
                        "fwafter is after the year 9999: clear fwcrc to offer nothing");
            }
            // To run an unsigned update is allowed for one firmware, not for the next.
            boolean isUnsignedAllowed =
                    change.fwunsigned()
                            .over(
                                    before.filter(order -> order.fwcrc() == fwcrc.get())
                                            .map(FirmwareOrder::unsignedAllowed))
                            .orElse(false);
            checkSignature(row.eui(), fwcrc.get(), isUnsignedAllowed, notices);
            boolean isAskedAgain = change.fwcrc().given() || change.fwafter().given();
            return Optional.of(
                    new FirmwareOrder(
                            fwcrc.get(),
                            change.fwafter().over(before.flatMap(FirmwareOrder::after)),
                            isUnsignedAllowed,
                            isAskedAgain
                                    ? Optional.empty()
                                    : before.flatMap(FirmwareOrder::offeredAt)));
        }

        private void checkSignature(
                Eui64 eui, int fwcrc, boolean isUnsignedAllowed, List<String> notices) {
            CupsDecision.Ordered firmware =
                    firmwareByCrc
                            .computeIfAbsent(fwcrc, this::firmware)
                            .orElseThrow(
                                    () ->
                                            new IllegalArgumentException(
                                                    "there is no firmware "
                                                            + hex(fwcrc)
                                                            + ": add it with firmware/add first"));
            @Nullable List<Integer> keys = reportedKeys.get(eui);
            if (keys == null) {
                return;
            }
            if (keys.isEmpty() && !isUnsignedAllowed) {
                throw new IllegalArgumentException(
                        "the gateway has no signature key and would run whatever it is sent: set"
                                + " fwunsigned to true to allow this update");
            }
            if (!keys.isEmpty() && keys.stream().noneMatch(firmware.signedBy()::contains)) {
                notices.add(
                        "firmware "
                                + hex(fwcrc)
                                + " waits: there is no signature by a key the gateway has, add one"
                                + " with signature/add");
            }
        }

        private Optional<CupsDecision.Ordered> firmware(int fwcrc) {
            return firmwares.ordered(
                    handle,
                    owner,
                    new FirmwareOrder(fwcrc, Optional.empty(), false, Optional.empty()));
        }
    }

    private static void bind(PreparedBatch updates, GatewayRow row) {
        updates.bind(0, row.setupAt().map(Instant::toEpochMilli).orElse(null));
        bind(updates, 1, row.cups());
        bind(updates, 6, row.lns());
        Optional<FirmwareOrder> order = row.firmware();
        updates.bind(11, order.map(FirmwareOrder::fwcrc).orElse(null))
                .bind(
                        12,
                        order.flatMap(FirmwareOrder::after).map(Instant::toEpochMilli).orElse(null))
                .bind(13, order.filter(FirmwareOrder::unsignedAllowed).isPresent() ? 1 : 0)
                .bind(
                        14,
                        order.flatMap(FirmwareOrder::offeredAt)
                                .map(Instant::toEpochMilli)
                                .orElse(null))
                .bind(15, row.eui().value())
                .add();
    }

    private static void bind(PreparedBatch updates, int first, Optional<EndpointRow> endpoint) {
        updates.bind(first, endpoint.map(EndpointRow::uri).orElse(null))
                .bind(first + 1, endpoint.flatMap(EndpointRow::trust).orElse(null))
                .bind(first + 2, endpoint.flatMap(EndpointRow::certificate).orElse(null))
                .bind(first + 3, endpoint.flatMap(EndpointRow::key).orElse(null))
                .bind(
                        first + 4,
                        endpoint.map(EndpointRow::crc)
                                .filter(OptionalInt::isPresent)
                                .map(OptionalInt::getAsInt)
                                .orElse(null));
    }

    private static Map<String, String> detail(GatewayRow row) {
        Map<String, String> detail = new TreeMap<>();
        row.cups().ifPresent(cups -> detail.put("cupsUri", cups.uri()));
        row.lns().ifPresent(lns -> detail.put("lnsUri", lns.uri()));
        row.firmware().ifPresent(order -> detail.put("fwcrc", hex(order.fwcrc())));
        return detail;
    }

    private static String hex(int crc) {
        return HexFormat.of().withUpperCase().toHexDigits(crc);
    }
}
