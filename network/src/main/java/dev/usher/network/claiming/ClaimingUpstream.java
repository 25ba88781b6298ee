package dev.usher.network.claiming;

import dev.usher.lorawan.Eui64;

/**
 * A Gateway Join Server at which this network claims gateways, as one of its owners. Every call may
 * be made again without harm.
 */
public interface ClaimingUpstream {

    /**
     * Claims a gateway with the code on its label.
     *
     * @return false if it refuses: the code is wrong, or it does not know the gateway, or somebody
     *     else has it
     * @throws UpstreamFailure if it cannot be asked; then the gateway may be claimed or not
     */
    boolean claim(Eui64 gateway, String code) throws UpstreamFailure;

    /**
     * Says what a claimed gateway is to be told.
     *
     * @throws UpstreamFailure if it refuses or cannot be asked
     */
    void setup(Eui64 gateway, UpstreamSetup setup) throws UpstreamFailure;

    /**
     * Whether the gateway is claimed by this network there.
     *
     * @throws UpstreamFailure if it cannot be asked
     */
    boolean isClaimed(Eui64 gateway) throws UpstreamFailure;

    /**
     * Gives a gateway back; done already if it is not claimed by this network there.
     *
     * @throws UpstreamFailure if it refuses or cannot be asked
     */
    void release(Eui64 gateway) throws UpstreamFailure;

    /**
     * Takes back a claim that came to nothing; done already if there is none. A server that can,
     * leaves it as if it had not been made; to others it is a release, by which they may retire the
     * code.
     *
     * @throws UpstreamFailure if it refuses or cannot be asked
     */
    default void undoClaim(Eui64 gateway) throws UpstreamFailure {
        release(gateway);
    }
}
