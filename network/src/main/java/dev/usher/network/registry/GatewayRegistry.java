package dev.usher.network.registry;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.AccountKeys;
import dev.usher.accounts.AuditLog;
import dev.usher.keys.SecretHash;
import dev.usher.keys.Vault;
import dev.usher.lorawan.Eui64;
import dev.usher.store.Database;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;

/** The registry of this network's gateways, put together. */
public final class GatewayRegistry {

    private final NetworkGateways gateways;
    private final StationGateways stations;
    private final Reservations reservations;

    /**
     * Without a Gateway Join Server in this house.
     *
     * @param guessesPerDay how many wrong codes are accepted for a gateway a day
     */
    public GatewayRegistry(
            Database database,
            Vault vault,
            AccountKeys accountKeys,
            AuditLog audit,
            InstantSource clock,
            int guessesPerDay) {
        this(database, vault, accountKeys, _ -> Optional.empty(), audit, clock, guessesPerDay);
    }

    /**
     * With one.
     *
     * @param known what this house's own Gateway Join Server knows of a gateway
     * @param guessesPerDay how many wrong codes are accepted for a gateway a day
     */
    public GatewayRegistry(
            Database database,
            Vault vault,
            AccountKeys accountKeys,
            Function<Eui64, Optional<KnownGateway>> known,
            AuditLog audit,
            InstantSource clock,
            int guessesPerDay) {
        requireNonNull(database, "database");
        StationKeys keys = new StationKeys(vault.sealer(), accountKeys);
        ClaimCodes codes = new ClaimCodes(new SecretHash(vault));
        this.gateways = new NetworkGateways(database, keys, codes, known, audit, clock);
        this.stations = new StationGateways(database, keys, accountKeys, audit, clock);
        this.reservations = new Reservations(database, keys, codes, audit, clock, guessesPerDay);
    }

    /** For people. */
    public NetworkGateways gateways() {
        return gateways;
    }

    /** For LNS and CUPS. */
    public StationGateways stations() {
        return stations;
    }

    /** For claiming. */
    public Reservations reservations() {
        return reservations;
    }
}
