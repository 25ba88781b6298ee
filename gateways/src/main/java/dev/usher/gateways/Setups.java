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
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * What owners want their gateways to be told. A gateway cannot be mended by hand, so everything
 * that would harm it is refused here, when it is set up, and not when the gateway asks.
 */
public final class Setups {

    private static final String NOT_YOURS = "the gateway is not claimed by you: claim it first";

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
        return handle -> {
            Map<Eui64, GatewayRow> rows =
                    new HashMap<>(
                            GatewayRow.findAll(
                                    handle, setups.stream().map(Setup::gateway).toList()));
            CertificateTable.Additions certificates = endpoints.additions();
            Instant now = Instant.ofEpochMilli(clock.millis());
            PreparedBatch updates =
                    handle.prepareBatch(
                            """
                            UPDATE gateway SET setup_at = ?,
                                cups_uri = ?, cups_trust = ?, cups_crt = ?, cups_key = ?, cups_crc = ?,
                                lns_uri = ?, lns_trust = ?, lns_crt = ?, lns_key = ?, lns_crc = ?,
                                fw_crc = ?, fw_after = ?, fw_unsigned = ?, fw_offered_at = ?
                            WHERE eui = ?
                            """);
            List<AuditEvent> events = new ArrayList<>();
            List<ItemResult> results = new ArrayList<>(setups.size());
            for (Setup setup : setups) {
                Eui64 eui = setup.gateway();
                GatewayRow row = rows.get(eui);
                if (row == null || !row.isClaimedBy(owner)) {
                    results.add(ItemResult.failed(eui, NOT_YOURS));
                    continue;
                }
                try {
                    List<String> notices = new ArrayList<>();
                    GatewayRow after =
                            merge(handle, owner, row, setup.change(), certificates, notices, now);
                    // A gateway named twice in one request builds on what its first mention set up.
                    rows.put(eui, after);
                    bind(updates, after);
                    events.add(
                            new AuditEvent(
                                    actor,
                                    "gateway.setup",
                                    eui.toString(),
                                    Optional.of(owner),
                                    detail(after)));
                    results.add(
                            new ItemResult(
                                    eui,
                                    Optional.empty(),
                                    notices.isEmpty()
                                            ? Optional.empty()
                                            : Optional.of(String.join("; ", notices))));
                } catch (IllegalArgumentException e) {
                    results.add(ItemResult.failed(eui, String.valueOf(e.getMessage())));
                }
            }
            if (!dryRun) {
                certificates.save(handle);
                updates.execute();
                audit.append(handle, events);
            }
            return results;
        };
    }

    private GatewayRow merge(
            Handle handle,
            OwnerId owner,
            GatewayRow row,
            SetupChange change,
            CertificateTable.Additions certificates,
            List<String> notices,
            Instant now) {
        Optional<EndpointRow> cups =
                merge(
                        handle,
                        EndpointKind.CUPS,
                        row.eui(),
                        row.cups(),
                        change.cups(),
                        certificates,
                        notices);
        Optional<EndpointRow> lns =
                merge(
                        handle,
                        EndpointKind.LNS,
                        row.eui(),
                        row.lns(),
                        change.lns(),
                        certificates,
                        notices);
        Optional<FirmwareOrder> firmware = order(handle, owner, row, change, notices);
        return new GatewayRow(
                row.eui(),
                row.origin(),
                row.flavor(),
                row.generation(),
                row.codeHash(),
                row.tokenHash(),
                row.owner(),
                row.claimedAt(),
                Optional.of(now),
                cups,
                lns,
                firmware);
    }

    private Optional<EndpointRow> merge(
            Handle handle,
            EndpointKind kind,
            Eui64 eui,
            Optional<EndpointRow> before,
            EndpointChange change,
            CertificateTable.Additions certificates,
            List<String> notices) {
        if (change.isNone()) {
            return before;
        }
        Endpoint.Merged merged =
                Endpoint.merge(
                        kind,
                        before.map(row -> endpoints.toEndpoint(handle, kind, eui, row)),
                        change);
        notices.addAll(merged.notices());
        return merged.endpoint()
                .map(endpoint -> endpoints.toRow(certificates, kind, eui, endpoint));
    }

    private Optional<FirmwareOrder> order(
            Handle handle,
            OwnerId owner,
            GatewayRow row,
            SetupChange change,
            List<String> notices) {
        if (!change.fwcrc().given() && !change.fwafter().given() && !change.fwunsigned().given()) {
            return row.firmware();
        }
        Optional<Integer> fwcrc = change.fwcrc().over(row.firmware().map(FirmwareOrder::fwcrc));
        if (fwcrc.isEmpty()) {
            if (change.fwafter().value().isPresent() || change.fwunsigned().value().orElse(false)) {
                throw new IllegalArgumentException(
                        "fwcrc is missing: say which firmware is to be offered");
            }
            return Optional.empty();
        }
        boolean isUnsignedAllowed =
                change.fwunsigned()
                        .over(row.firmware().map(FirmwareOrder::unsignedAllowed))
                        .orElse(false);
        checkSignature(handle, owner, row.eui(), fwcrc.get(), isUnsignedAllowed, notices);
        boolean isAskedAgain = change.fwcrc().given() || change.fwafter().given();
        return Optional.of(
                new FirmwareOrder(
                        fwcrc.get(),
                        change.fwafter().over(row.firmware().flatMap(FirmwareOrder::after)),
                        isUnsignedAllowed,
                        isAskedAgain
                                ? Optional.empty()
                                : row.firmware().flatMap(FirmwareOrder::offeredAt)));
    }

    private void checkSignature(
            Handle handle,
            OwnerId owner,
            Eui64 eui,
            int fwcrc,
            boolean isUnsignedAllowed,
            List<String> notices) {
        CupsDecision.Ordered firmware =
                firmwares
                        .ordered(
                                handle,
                                owner,
                                new FirmwareOrder(
                                        fwcrc,
                                        Optional.empty(),
                                        isUnsignedAllowed,
                                        Optional.empty()))
                        .orElseThrow(
                                () ->
                                        new IllegalArgumentException(
                                                "there is no firmware "
                                                        + hex(fwcrc)
                                                        + ": add it with firmware/add first"));
        Optional<List<Integer>> reportedKeys = Seen.find(handle, eui).map(Seen::keyCrcs);
        if (reportedKeys.filter(List::isEmpty).isPresent() && !isUnsignedAllowed) {
            throw new IllegalArgumentException(
                    "the gateway has no signature key and would run whatever it is sent: set"
                            + " fwunsigned to true to allow this update");
        }
        if (reportedKeys
                .filter(
                        keys ->
                                !keys.isEmpty()
                                        && keys.stream().noneMatch(firmware.signedBy()::contains))
                .isPresent()) {
            notices.add(
                    "firmware "
                            + hex(fwcrc)
                            + " waits: there is no signature by a key the gateway has, add one with"
                            + " signature/add");
        }
    }

    private static void bind(PreparedBatch updates, GatewayRow row) {
        updates.bind(0, row.setupAt().map(Instant::toEpochMilli).orElse(null));
        bind(updates, 1, row.cups());
        bind(updates, 6, row.lns());
        updates.bind(11, row.firmware().map(FirmwareOrder::fwcrc).orElse(null))
                .bind(
                        12,
                        row.firmware()
                                .flatMap(FirmwareOrder::after)
                                .map(Instant::toEpochMilli)
                                .orElse(null))
                .bind(13, row.firmware().filter(FirmwareOrder::unsignedAllowed).isPresent() ? 1 : 0)
                .bind(
                        14,
                        row.firmware()
                                .flatMap(FirmwareOrder::offeredAt)
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
                                .filter(java.util.OptionalInt::isPresent)
                                .map(java.util.OptionalInt::getAsInt)
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
