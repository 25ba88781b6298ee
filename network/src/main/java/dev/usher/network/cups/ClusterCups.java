package dev.usher.network.cups;

import static java.util.Objects.requireNonNull;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.usher.accounts.AccountId;
import dev.usher.accounts.Caller;
import dev.usher.accounts.Conflict;
import dev.usher.accounts.MissingRight;
import dev.usher.accounts.NotFound;
import dev.usher.accounts.Principal;
import dev.usher.lorawan.Eui64;
import dev.usher.network.claiming.GatewayClaiming.Targets;
import dev.usher.network.registry.GatewayId;
import dev.usher.network.registry.GatewayRegistry;
import dev.usher.network.registry.GatewaySettings;
import dev.usher.network.registry.NetworkGateway;
import dev.usher.network.registry.NetworkGateways;
import dev.usher.network.registry.StationGateway;
import dev.usher.network.registry.StationGateways;
import dev.usher.network.registry.StationKey;
import dev.usher.station.AuthorizationHeader;
import dev.usher.station.UpdateInfoRequest;
import dev.usher.station.UpdateInfoResponse;
import dev.usher.station.Why;
import dev.usher.store.Change;
import dev.usher.store.Database;
import dev.usher.store.StoreException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The CUPS of this network: tells its gateways which LNS and CUPS are theirs.
 *
 * <p>A gateway that was sent somewhere where it gets no further is told again what it last worked
 * with ({@link Trial}). The calls block while they read the registry, and the first time a server
 * is named while its root is looked up.
 */
public final class ClusterCups {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterCups.class);
    private static final Caller HOUSE = new Principal.Administrator("cups");
    private static final int MOST_REMEMBERED = 100_000;

    /** So long a gateway that registered itself is told its keys without showing one. */
    private static final Duration FIRST_KEY = Duration.ofMinutes(15);

    private final Database database;
    private final NetworkGateways gateways;
    private final StationGateways stations;
    private final Trust trust;
    private final Settings settings;
    private final InstantSource clock;
    private final Cache<Eui64, Remembered> memory =
            Caffeine.newBuilder().maximumSize(MOST_REMEMBERED).build();
    private long hour;
    private int registeredInHour;

    /**
     * How this CUPS works.
     *
     * @param own where gateways are to go of which the registry says nothing else
     * @param grace how long a gateway is left to try what it was told, before it is given what it
     *     last worked with
     * @param registration what becomes of gateways that are not known; empty refuses them
     */
    public record Settings(Targets own, Duration grace, Optional<SelfRegistration> registration) {
        public Settings {
            requireNonNull(own, "own");
            requireNonNull(registration, "registration");
            if (!grace.isPositive()) {
                throw new IllegalArgumentException("grace is " + grace + ": give more than 0");
            }
        }
    }

    /**
     * Lets every gateway that asks register itself, and be told its keys: whoever names its EUI
     * first is believed. Only for networks that nobody else reaches.
     *
     * @param owner whose such gateways are
     * @param settings what they begin with
     * @param mostAnHour how many there may be in an hour, on this node
     */
    public record SelfRegistration(AccountId owner, GatewaySettings settings, int mostAnHour) {
        public SelfRegistration {
            requireNonNull(owner, "owner");
            requireNonNull(settings, "settings");
            if (mostAnHour < 1) {
                throw new IllegalArgumentException(
                        "mostAnHour is " + mostAnHour + ": give 1 or more");
            }
        }
    }

    /** How asking ends. */
    public sealed interface Outcome {

        /** The gateway is this network's and is to be told this. */
        record Answer(UpdateInfoResponse response) implements Outcome {
            public Answer {
                requireNonNull(response, "response");
            }
        }

        /** It is not the gateway it says it is, or none that is known. It gets nothing. */
        record Refused() implements Outcome {}
    }

    private static final Outcome REFUSED = new Outcome.Refused();

    public ClusterCups(
            Database database,
            GatewayRegistry registry,
            Trust trust,
            Settings settings,
            InstantSource clock) {
        this.database = requireNonNull(database, "database");
        this.gateways = registry.gateways();
        this.stations = registry.stations();
        this.trust = requireNonNull(trust, "trust");
        this.settings = requireNonNull(settings, "settings");
        this.clock = requireNonNull(clock, "clock");
    }

    /**
     * Answers a gateway.
     *
     * @param authorization the value of its Authorization header
     * @param certificate the EUI that its client certificate stands for, if it showed one that this
     *     network trusts
     */
    public Outcome answer(
            UpdateInfoRequest request,
            Optional<String> authorization,
            Optional<Eui64> certificate) {
        Eui64 eui = request.router();
        Optional<StationGateway> known = stations.find(eui);
        Optional<StationGateway> gateway = known.isPresent() ? known : register(eui);
        if (gateway.isEmpty()) {
            return REFUSED;
        }
        Remembered remembered = remembered(eui);
        boolean isProven =
                certificate
                        .map(eui::equals)
                        .orElseGet(() -> stations.mayConfigure(gateway.get(), authorization));
        if (isProven) {
            remembered.setSelfRegisteredAt(Optional.empty());
        } else if (certificate.isPresent() || !isNew(gateway.get(), remembered)) {
            remembered.add(
                    new Why(
                            now(),
                            "refused",
                            "it showed neither a key nor a certificate of this gateway",
                            1));
            return REFUSED;
        }
        return new Outcome.Answer(tell(gateway.get(), remembered, request, authorization));
    }

    /**
     * Whether it registered itself a moment ago, and may not have had the answer with its keys. If
     * somebody else has registered or claimed it since, it is another entry.
     */
    private boolean isNew(StationGateway gateway, Remembered remembered) {
        return remembered
                .selfRegisteredAt()
                .filter(gateway.gateway().createdAt()::equals)
                .filter(at -> now().isBefore(at.plus(FIRST_KEY)))
                .isPresent();
    }

    private Remembered remembered(Eui64 eui) {
        return memory.get(eui, _ -> new Remembered());
    }

    private UpdateInfoResponse tell(
            StationGateway gateway,
            Remembered remembered,
            UpdateInfoRequest request,
            Optional<String> authorization) {
        ClusterCupsDecision decision = decide(gateway, request);
        String reason = decision.reason();
        // That it reports the new key is not enough: it may be here with the old one because the
        // new one does not work.
        if (gateway.hasFormerCupsKeys()
                && decision.hasCupsKey()
                && shows(authorization, gateway.cupsKey())) {
            attempt(gateway.eui(), stations.confirmCupsKey(gateway.eui()));
        }
        if (judge(gateway, remembered, decision)
                && attempt(gateway.eui(), stations.revert(gateway.eui()))) {
            decision = decide(stations.find(gateway.eui()).orElse(gateway), request);
            reason =
                    "it does not get on with what it was told, so it is given what it last worked"
                            + " with: "
                            + decision.reason();
        }
        remembered.add(new Why(now(), decision.answer(), reason, 1));
        return decision.response();
    }

    private ClusterCupsDecision decide(StationGateway gateway, UpdateInfoRequest request) {
        return ClusterCupsDecision.decide(gateway, settings.own(), request, trust::root);
    }

    /** Whether the gateway has failed with what it was told; notes when it works. */
    private boolean judge(
            StationGateway gateway, Remembered remembered, ClusterCupsDecision decision) {
        Instant now = now();
        Instant target = gateway.gateway().targetChangedAt();
        if (!gateway.isOnProbation()) {
            remembered.setTrial(Optional.empty());
            return false;
        }
        Optional<Trial> trial = remembered.trial().filter(one -> one.target().equals(target));
        boolean isHandedOn = ClusterCupsDecision.handedOnTo(gateway, settings.own()).isPresent();
        // One that was handed on may come back by its Gateway Join Server, which has put this
        // network's CUPS in the place of the other cluster's: that it is here again is enough.
        boolean isBack =
                isHandedOn && trial.isPresent() && decision.response().cupsUri().isPresent();
        if (!decision.hasTarget() && !isBack) {
            remembered.setTrial(Optional.of(Trial.begun(target, now)));
            return false;
        }
        Trial current = trial.orElseGet(() -> Trial.begun(target, now));
        remembered.setTrial(Optional.of(current.again(now, isHandedOn)));
        return switch (current.verdict(now, isHandedOn, settings.grace())) {
            case OPEN -> false;
            case WORKS -> {
                // This network's own LNS says so itself.
                if (!ClusterCupsDecision.isAtOwnLns(gateway, settings.own())) {
                    attempt(gateway.eui(), stations.markWorking(gateway.eui()));
                }
                yield false;
            }
            case FAILED -> {
                remembered.setTrial(Optional.empty());
                yield true;
            }
        };
    }

    /**
     * To be called when a gateway has connected to this network's LNS: if that is where the
     * registry wants it, and with the key in use, then what it was told works.
     *
     * @param authorization the value of its Authorization header
     */
    public void connected(StationGateway gateway, Optional<String> authorization) {
        if (gateway.isOnProbation()
                && ClusterCupsDecision.isAtOwnLns(gateway, settings.own())
                && (gateway.lnsKey().isEmpty() || shows(authorization, gateway.lnsKey()))) {
            attempt(gateway.eui(), stations.markWorking(gateway.eui()));
        }
    }

    private static boolean shows(
            Optional<String> authorization, Optional<AuthorizationHeader> key) {
        return authorization.isPresent()
                && key.isPresent()
                && MessageDigest.isEqual(bare(authorization.get()), bare(key.get().value()));
    }

    private static byte[] bare(String authorization) {
        String value = authorization.strip();
        return (value.regionMatches(true, 0, "Bearer ", 0, 7) ? value.substring(7).strip() : value)
                .getBytes(StandardCharsets.UTF_8);
    }

    /** A gateway gets its answer also when what it showed cannot be written down. */
    private boolean attempt(Eui64 eui, Change<Boolean> change) {
        try {
            return database.write(change);
        } catch (StoreException e) {
            LOG.warn("what gateway {} showed could not be written down", eui, e);
            return false;
        }
    }

    private Optional<StationGateway> register(Eui64 eui) {
        Optional<SelfRegistration> registration = settings.registration();
        if (registration.isEmpty() || eui.value() == 0 || !mayRegister(registration.get())) {
            return Optional.empty();
        }
        try {
            NetworkGateway gateway = database.write(register(eui, registration.get()));
            remembered(eui).setSelfRegisteredAt(Optional.of(gateway.createdAt()));
        } catch (Conflict | MissingRight | NotFound e) {
            LOG.warn("gateway {} could not register itself: {}", eui, e.getMessage());
            return Optional.empty();
        }
        return stations.find(eui);
    }

    private Change<NetworkGateway> register(Eui64 eui, SelfRegistration registration) {
        Change<NetworkGateway> create =
                gateways.createUnasked(
                        HOUSE,
                        registration.owner(),
                        GatewayId.ofEui(eui),
                        eui,
                        registration.settings());
        return handle -> {
            NetworkGateway gateway = create.apply(handle);
            gateways.issueKey(HOUSE, gateway.id(), StationKey.LNS).apply(handle);
            gateways.issueKey(HOUSE, gateway.id(), StationKey.CUPS).apply(handle);
            return gateway;
        };
    }

    private synchronized boolean mayRegister(SelfRegistration registration) {
        long now = Math.floorDiv(clock.millis(), Duration.ofHours(1).toMillis());
        registeredInHour = now == hour ? registeredInHour + 1 : 1;
        hour = now;
        return registeredInHour <= registration.mostAnHour();
    }

    /**
     * To be called when this network's LNS has not let a gateway in.
     *
     * @param why one sentence for whoever looks after the gateway
     */
    public void refused(Eui64 eui, String why) {
        remembered(eui).add(new Why(now(), "refused", "the LNS did not let it in: " + why, 1));
    }

    /**
     * Notes, beside why the gateway was told what it was, what somebody should know of it.
     *
     * @param reason one sentence
     */
    public void alert(Eui64 eui, String reason) {
        remembered(eui).add(new Why(now(), "alert", reason, 1));
    }

    /** Why the gateway was told what it was told by this node lately, the newest first. */
    public List<Why> why(Eui64 eui) {
        Remembered remembered = memory.getIfPresent(eui);
        return remembered == null ? List.of() : remembered.whys();
    }

    private Instant now() {
        return Instant.ofEpochMilli(clock.millis());
    }
}
