package dev.usher.gateways;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.AuditLog;
import dev.usher.accounts.OwnerCertificates;
import dev.usher.keys.GatewaySecrets;
import dev.usher.keys.Vault;
import dev.usher.lorawan.Eui64;
import dev.usher.store.Database;
import java.security.cert.X509Certificate;
import java.time.InstantSource;

/** The Gateway Join Server, put together: everything its faces need. */
public final class GatewayJoinServer implements AutoCloseable {

    private final Batches batches;
    private final Claims claims;
    private final Setups setups;
    private final Firmwares firmwares;
    private final Gateways gateways;
    private final CheckIns checkIns;
    private final GatewaySecretsCheck secrets;

    /**
     * @param builtInCa the authority whose certificates may stand for any gateway
     * @param guessesPerDay how many wrong codes a gateway accepts a day
     */
    public GatewayJoinServer(
            Database database,
            Vault vault,
            X509Certificate builtInCa,
            AuditLog audit,
            OwnerCertificates ownerCertificates,
            InstantSource clock,
            int guessesPerDay) {
        requireNonNull(database, "database");
        requireNonNull(vault, "vault");
        EndpointStore endpoints = new EndpointStore(vault.sealer());
        this.secrets = new GatewaySecretsCheck(vault);
        this.batches = new Batches(database, audit);
        this.claims = new Claims(database, secrets, batches, audit, clock, guessesPerDay);
        this.firmwares = new Firmwares(database, audit, clock);
        this.setups = new Setups(audit, clock, endpoints, firmwares);
        this.gateways = new Gateways(database, endpoints);
        this.checkIns =
                new CheckIns(
                        database,
                        batches,
                        secrets,
                        new GatewayCertificates(builtInCa, batches, ownerCertificates, clock),
                        endpoints,
                        firmwares,
                        new SeenLog(database::write),
                        clock);
    }

    public Batches batches() {
        return batches;
    }

    public Claims claims() {
        return claims;
    }

    public Setups setups() {
        return setups;
    }

    public Firmwares firmwares() {
        return firmwares;
    }

    public Gateways gateways() {
        return gateways;
    }

    public CheckIns checkIns() {
        return checkIns;
    }

    /** The secrets the factory writes into and onto a gateway of this batch when it is made. */
    public GatewaySecrets factorySecrets(Batch batch, Eui64 eui) {
        return secrets(batch, eui, 0);
    }

    /**
     * The secrets of a gateway of this batch as they are now. They differ from the factory's once
     * the gateway was released under a policy that retires PINs: this PIN claims it, and the
     * factory's no longer does. The gateway may authenticate with either token.
     */
    public GatewaySecrets currentSecrets(Batch batch, Eui64 eui) {
        return secrets(batch, eui, gateways.generation(eui));
    }

    private GatewaySecrets secrets(Batch batch, Eui64 eui, int generation) {
        if (!batch.range().contains(eui)) {
            throw new IllegalArgumentException(
                    "gateway "
                            + eui
                            + " does not lie in batch "
                            + batch.name()
                            + " ("
                            + batch.range()
                            + ")");
        }
        return secrets.derive(batch, eui, generation);
    }

    /** Writes what is still to be written of the last check-ins. */
    @Override
    public void close() {
        checkIns.close();
    }
}
