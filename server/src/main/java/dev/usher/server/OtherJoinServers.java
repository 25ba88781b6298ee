package dev.usher.server;

import static java.util.Objects.requireNonNull;

import dev.usher.backend.AppSKeyAns;
import dev.usher.backend.Header;
import dev.usher.backend.JoinAns;
import dev.usher.backend.JoinReq;
import dev.usher.backend.KeyEnvelope;
import dev.usher.backend.Octets;
import dev.usher.backend.UnknownKekException;
import dev.usher.interop.InteropClient;
import dev.usher.interop.Outcome;
import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.Kek;
import dev.usher.lorawan.KeyWrapException;
import dev.usher.network.traffic.JoinServers;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The Join Servers elsewhere, which the interoperability configuration names. */
final class OtherJoinServers implements JoinServers {

    private static final Logger LOG = LoggerFactory.getLogger(OtherJoinServers.class);

    private final InteropClient client;
    private final Map<String, Kek> keks;

    /**
     * @param keks what Join Servers wrap keys under for this network, by their labels
     */
    OtherJoinServers(InteropClient client, Map<String, Kek> keks) {
        this.client = requireNonNull(client, "client");
        this.keks = Map.copyOf(keks);
    }

    @Override
    public Optional<JoinAns> join(Eui64 joinEui, Function<Header, JoinReq> request) {
        return switch (client.join(joinEui, request)) {
            case Outcome.Answered<JoinAns>(JoinAns answer, _) -> Optional.of(answer);
            case Outcome.Refused<JoinAns>(JoinAns answer, _) -> Optional.of(answer);
            case Outcome.Unreachable<JoinAns>(String reason) -> {
                LOG.warn("{}", reason);
                yield Optional.empty();
            }
            case Outcome.NoJoinServer<JoinAns> _ -> Optional.empty();
        };
    }

    @Override
    public Optional<AesKey> appSKey(Eui64 joinEui, Eui64 devEui, Octets sessionKeyId) {
        return client.appSKey(joinEui, devEui, sessionKeyId)
                        instanceof Outcome.Answered<AppSKeyAns>(AppSKeyAns answer, _)
                ? answer.appSKey().flatMap(this::open)
                : Optional.empty();
    }

    @Override
    public Optional<AesKey> open(KeyEnvelope envelope) {
        try {
            return Optional.of(envelope.open(label -> Optional.ofNullable(keks.get(label))));
        } catch (UnknownKekException | KeyWrapException e) {
            LOG.warn("a session key of a Join Server does not open: {}", e.getMessage());
            return Optional.empty();
        }
    }
}
