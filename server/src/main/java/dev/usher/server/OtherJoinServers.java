package dev.usher.server;

import static java.util.Objects.requireNonNull;

import dev.usher.backend.AppSKeyAns;
import dev.usher.backend.Header;
import dev.usher.backend.JoinAns;
import dev.usher.backend.JoinReq;
import dev.usher.backend.KeyEnvelope;
import dev.usher.backend.Octets;
import dev.usher.interop.InteropClient;
import dev.usher.interop.Outcome;
import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.Printable;
import dev.usher.network.traffic.JoinServerFailure;
import dev.usher.network.traffic.JoinServers;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The Join Servers elsewhere, which the interoperability configuration names. */
final class OtherJoinServers implements JoinServers {

    private static final Logger LOG = LoggerFactory.getLogger(OtherJoinServers.class);

    private final InteropClient client;
    private final SharedKeks keks;

    OtherJoinServers(InteropClient client, SharedKeks keks) {
        this.client = requireNonNull(client, "client");
        this.keks = requireNonNull(keks, "keks");
    }

    @Override
    public Optional<JoinAns> join(Eui64 joinEui, Function<Header, JoinReq> request)
            throws JoinServerFailure {
        return switch (client.join(joinEui, request)) {
            case Outcome.Answered<JoinAns>(JoinAns answer, _) -> Optional.of(answer);
            case Outcome.Refused<JoinAns>(JoinAns answer, _) -> Optional.of(answer);
            case Outcome.Unreachable<JoinAns>(String reason) -> {
                LOG.warn("{}", reason);
                throw new JoinServerFailure(reason);
            }
            case Outcome.NoJoinServer<JoinAns> _ -> Optional.empty();
        };
    }

    @Override
    public Optional<AesKey> appSKey(Eui64 joinEui, Eui64 devEui, Octets sessionKeyId) {
        return switch (client.appSKey(joinEui, devEui, sessionKeyId)) {
            case Outcome.Answered<AppSKeyAns>(AppSKeyAns answer, _) ->
                    answer.appSKey().flatMap(this::open);
            case Outcome.Refused<AppSKeyAns>(AppSKeyAns answer, String joinServer) -> {
                LOG.info(
                        "{} does not tell the AppSKey of device {}: {}",
                        joinServer,
                        devEui,
                        Printable.of(answer.result().text()));
                yield Optional.empty();
            }
            case Outcome.Unreachable<AppSKeyAns>(String reason) -> {
                LOG.warn("no AppSKey of device {}: {}", devEui, reason);
                yield Optional.empty();
            }
            case Outcome.NoJoinServer<AppSKeyAns> _ -> Optional.empty();
        };
    }

    @Override
    public Optional<AesKey> open(KeyEnvelope envelope) {
        return keks.open(envelope);
    }
}
