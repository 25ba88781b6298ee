package dev.usher.network.traffic;

import dev.usher.backend.Header;
import dev.usher.backend.JoinAns;
import dev.usher.backend.JoinReq;
import dev.usher.backend.KeyEnvelope;
import dev.usher.backend.Octets;
import dev.usher.backend.ResultCode;
import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.Eui64;
import java.util.Optional;
import java.util.function.Function;

/** The Join Servers that this network can ask. */
public interface JoinServers {

    /**
     * Asks whichever Join Server answers for the JoinEUI.
     *
     * @param request to be made with the header that this Join Server is to see
     * @return empty if there is none
     * @throws JoinServerFailure if there is one, and it gives no answer
     */
    Optional<JoinAns> join(Eui64 joinEui, Function<Header, JoinReq> request)
            throws JoinServerFailure;

    /** Asks for the AppSKey of a session; empty if it is not to be had. */
    Optional<AesKey> appSKey(Eui64 joinEui, Eui64 devEui, Octets sessionKeyId);

    /** Opens what a Join Server has wrapped for this network; empty without the KEK for it. */
    Optional<AesKey> open(KeyEnvelope envelope);

    /** What this house's own Join Server knows of a device, if there is one that knows it. */
    default Optional<KnownDevice> known(Eui64 devEui) {
        return Optional.empty();
    }

    /**
     * First the ones of this cluster; unless they accept, the others.
     *
     * <p>What is told in the end is the others' refusal, or why they could not be asked; the own
     * one's if there are no others for the JoinEUI.
     */
    static JoinServers inOrder(JoinServers local, JoinServers others) {
        return new JoinServers() {

            @Override
            public Optional<JoinAns> join(Eui64 joinEui, Function<Header, JoinReq> request)
                    throws JoinServerFailure {
                Optional<JoinAns> own = local.join(joinEui, request);
                if (own.filter(answer -> answer.grant().isPresent()).isPresent()) {
                    return own;
                }
                Optional<JoinAns> other = others.join(joinEui, request);
                if (other.isPresent()) {
                    return other;
                }
                // That the own one answers for other JoinEUIs is not what the matter is.
                return own.filter(answer -> answer.result().code() != ResultCode.UNKNOWN_RECEIVER);
            }

            @Override
            public Optional<AesKey> appSKey(Eui64 joinEui, Eui64 devEui, Octets sessionKeyId) {
                return local.appSKey(joinEui, devEui, sessionKeyId)
                        .or(() -> others.appSKey(joinEui, devEui, sessionKeyId));
            }

            @Override
            public Optional<AesKey> open(KeyEnvelope envelope) {
                return local.open(envelope).or(() -> others.open(envelope));
            }

            @Override
            public Optional<KnownDevice> known(Eui64 devEui) {
                return local.known(devEui);
            }
        };
    }
}
