package dev.usher.server;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Principal;
import dev.usher.gateways.Claims;
import dev.usher.gateways.EndpointChange;
import dev.usher.gateways.GatewayJoinServer;
import dev.usher.gateways.ItemResult;
import dev.usher.gateways.Setting;
import dev.usher.gateways.SetupChange;
import dev.usher.gateways.Setups;
import dev.usher.lorawan.Eui64;
import dev.usher.network.claiming.ClaimingUpstream;
import dev.usher.network.claiming.UpstreamFailure;
import dev.usher.network.claiming.UpstreamSetup;
import dev.usher.store.Change;
import dev.usher.store.Database;
import dev.usher.store.StoreException;
import java.util.List;
import java.util.Optional;

/**
 * The Gateway Join Server in this process, where the network in this process claims as an owner.
 */
final class OwnGatewayJoinServer implements ClaimingUpstream {

    private final Database database;
    private final GatewayJoinServer server;
    private final OwnerId owner;
    private final Principal network;

    OwnGatewayJoinServer(Database database, GatewayJoinServer server, OwnerId owner) {
        this.database = requireNonNull(database, "database");
        this.server = requireNonNull(server, "server");
        this.owner = requireNonNull(owner, "owner");
        this.network = new Principal.OwnerPrincipal(owner, "this network");
    }

    @Override
    public boolean claim(Eui64 gateway, String code) throws UpstreamFailure {
        return written(
                        server.claims()
                                .claim(
                                        network,
                                        owner,
                                        List.of(new Claims.Claim(gateway, code)),
                                        /* dryRun= */ false))
                .isDone();
    }

    @Override
    public void setup(Eui64 gateway, UpstreamSetup setup) throws UpstreamFailure {
        EndpointChange endpoint =
                new EndpointChange(
                        Setting.to(setup.uri().toString()),
                        given(setup.trust()),
                        Setting.cleared(),
                        given(setup.key().map(key -> key.bytes())));
        SetupChange none = SetupChange.NONE;
        SetupChange change =
                setup.uri().scheme().isCups()
                        ? new SetupChange(
                                endpoint,
                                none.lns(),
                                none.fwcrc(),
                                none.fwafter(),
                                none.fwunsigned())
                        : new SetupChange(
                                none.cups(),
                                endpoint,
                                none.fwcrc(),
                                none.fwafter(),
                                none.fwunsigned());
        requireDone(
                written(
                        server.setups()
                                .setup(
                                        network,
                                        owner,
                                        List.of(new Setups.Setup(gateway, change)),
                                        /* dryRun= */ false)));
    }

    private static Setting<byte[]> given(Optional<byte[]> value) {
        return new Setting<>(true, value);
    }

    @Override
    public boolean isClaimed(Eui64 gateway) throws UpstreamFailure {
        try {
            return !server.gateways().setups(owner, List.of(gateway)).isEmpty();
        } catch (StoreException e) {
            throw away(e);
        }
    }

    @Override
    public void release(Eui64 gateway) throws UpstreamFailure {
        if (isClaimed(gateway)) {
            requireGone(
                    gateway,
                    written(
                            server.claims()
                                    .release(
                                            network,
                                            owner,
                                            List.of(gateway),
                                            /* dryRun= */ false)));
        }
    }

    @Override
    public void undoClaim(Eui64 gateway) throws UpstreamFailure {
        if (isClaimed(gateway)) {
            requireGone(gateway, written(server.claims().undo(network, owner, gateway)));
        }
    }

    /** Two may give it back at the same time. */
    private void requireGone(Eui64 gateway, ItemResult result) throws UpstreamFailure {
        if (!result.isDone() && isClaimed(gateway)) {
            throw new UpstreamFailure(result.error().orElse(""));
        }
    }

    private ItemResult written(Change<List<ItemResult>> change) throws UpstreamFailure {
        try {
            return database.write(change).getFirst();
        } catch (StoreException e) {
            throw away(e);
        }
    }

    private static void requireDone(ItemResult result) throws UpstreamFailure {
        if (!result.isDone()) {
            throw new UpstreamFailure(result.error().orElse(""));
        }
    }

    private static UpstreamFailure away(StoreException e) {
        return new UpstreamFailure(String.valueOf(e.getMessage()), e);
    }
}
