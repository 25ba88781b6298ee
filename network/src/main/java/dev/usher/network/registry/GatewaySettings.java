package dev.usher.network.registry;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.FrequencyPlan;
import dev.usher.station.RouterConfig;
import dev.usher.station.StationUri;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * What people want of a gateway.
 *
 * @param name for people, at most 50 characters
 * @param description for people, at most 2000 characters
 * @param frequencyPlanIds which channels it listens to, at most 8 plans of one region; none keeps
 *     it from being used
 * @param address the LNS it connects to; empty for this network's own
 * @param requireAuthenticatedConnection whether it must prove who it is when it connects here
 * @param enforceDutyCycle whether it sends no more than the region's duty cycle allows
 * @param targetCupsUri the cluster it is handed on to; empty to stay here
 */
public record GatewaySettings(
        String name,
        String description,
        List<String> frequencyPlanIds,
        Optional<GatewayServerAddress> address,
        boolean requireAuthenticatedConnection,
        boolean enforceDutyCycle,
        Optional<StationUri> targetCupsUri) {

    /** Nothing said: authenticated and within the duty cycle. */
    public static final GatewaySettings DEFAULT =
            new GatewaySettings("", "", List.of(), Optional.empty(), true, true, Optional.empty());

    private static final int LONGEST_NAME = 50;
    private static final int LONGEST_DESCRIPTION = 2000;
    private static final int MOST_PLANS = 8;

    public GatewaySettings {
        check("name", requireNonNull(name, "name"), LONGEST_NAME);
        if (name.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "the gateway's name has a line break or another control character: leave it"
                            + " out");
        }
        check("description", requireNonNull(description, "description"), LONGEST_DESCRIPTION);
        List<FrequencyPlan> plans = frequencyPlanIds.stream().map(FrequencyPlan::of).toList();
        frequencyPlanIds = plans.stream().map(FrequencyPlan::id).toList();
        check(plans, frequencyPlanIds);
        requireNonNull(address, "address");
        targetCupsUri
                .filter(uri -> !uri.scheme().isCups())
                .ifPresent(
                        uri -> {
                            throw new IllegalArgumentException(
                                    "'" + uri + "' is not a CUPS URI: write https://HOST:PORT");
                        });
    }

    /**
     * Refuses what no station could use, where it is new; what was kept before is left as it is.
     *
     * @param before what was
     * @throws IllegalArgumentException if stations cannot transmit in a frequency plan, or the
     *     other cluster's CUPS is without TLS
     */
    public void requireUsable(GatewaySettings before) {
        frequencyPlanIds.stream()
                .filter(id -> !before.frequencyPlanIds.contains(id))
                .forEach(GatewaySettings::requireTransmits);
        if (!targetCupsUri.equals(before.targetCupsUri)) {
            requireCups(targetCupsUri);
        }
    }

    private static void requireTransmits(String planId) {
        RouterConfig.refusal(FrequencyPlan.of(planId))
                .ifPresent(
                        why -> {
                            throw new IllegalArgumentException(why);
                        });
    }

    /**
     * Refuses a CUPS that a gateway is not to be handed on to: without TLS anybody on the way could
     * take it over.
     *
     * @throws IllegalArgumentException if it is not {@code https}
     */
    public static void requireCups(Optional<StationUri> targetCupsUri) {
        targetCupsUri
                .filter(uri -> uri.scheme() != StationUri.Scheme.HTTPS)
                .ifPresent(
                        uri -> {
                            throw new IllegalArgumentException(
                                    "'" + uri + "' is not a CUPS URI: write https://HOST:PORT");
                        });
    }

    private static void check(String what, String text, int longest) {
        if (text.length() > longest) {
            throw new IllegalArgumentException(
                    "the gateway's "
                            + what
                            + " has "
                            + text.length()
                            + " characters: use at most "
                            + longest);
        }
    }

    private static void check(List<FrequencyPlan> plans, List<String> ids) {
        if (ids.size() > MOST_PLANS) {
            throw new IllegalArgumentException(
                    ids.size() + " frequency plans are too many: name at most " + MOST_PLANS);
        }
        if (new HashSet<>(ids).size() < ids.size()) {
            throw new IllegalArgumentException(
                    "a frequency plan is named twice in " + String.join(", ", ids));
        }
        if (plans.stream().map(FrequencyPlan::region).distinct().count() > 1) {
            throw new IllegalArgumentException(
                    "the frequency plans "
                            + String.join(", ", ids)
                            + " are of different regions: a gateway is in one");
        }
    }

    public GatewaySettings withName(String name) {
        return new GatewaySettings(
                name,
                description,
                frequencyPlanIds,
                address,
                requireAuthenticatedConnection,
                enforceDutyCycle,
                targetCupsUri);
    }

    public GatewaySettings withFrequencyPlanIds(List<String> frequencyPlanIds) {
        return new GatewaySettings(
                name,
                description,
                frequencyPlanIds,
                address,
                requireAuthenticatedConnection,
                enforceDutyCycle,
                targetCupsUri);
    }

    public GatewaySettings withAddress(Optional<GatewayServerAddress> address) {
        return new GatewaySettings(
                name,
                description,
                frequencyPlanIds,
                address,
                requireAuthenticatedConnection,
                enforceDutyCycle,
                targetCupsUri);
    }

    public GatewaySettings withRequireAuthenticatedConnection(boolean required) {
        return new GatewaySettings(
                name,
                description,
                frequencyPlanIds,
                address,
                required,
                enforceDutyCycle,
                targetCupsUri);
    }

    public GatewaySettings withTargetCupsUri(Optional<StationUri> targetCupsUri) {
        return new GatewaySettings(
                name,
                description,
                frequencyPlanIds,
                address,
                requireAuthenticatedConnection,
                enforceDutyCycle,
                targetCupsUri);
    }

    /** Whether both send the gateway to the same places. */
    boolean hasTargetOf(GatewaySettings other) {
        return address.equals(other.address) && targetCupsUri.equals(other.targetCupsUri);
    }
}
