package dev.usher.station;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Channel;
import dev.usher.lorawan.DataRate;
import dev.usher.lorawan.DevAddrPrefix;
import dev.usher.lorawan.EuiRange;
import dev.usher.lorawan.FrequencyPlan;
import dev.usher.lorawan.NetId;
import dev.usher.lorawan.Region;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import tools.jackson.core.JsonGenerator;

/**
 * What a gateway is to listen to and may transmit (router_config, {@code s2e.c:860-1232}, {@code
 * sx130xconf.c:112-304}). It starts the radio, and when sent again starts it anew.
 *
 * <p>Said are only the frequencies: what belongs to the hardware (kind of radio, gain tables, RSSI
 * offsets, which radio transmits) stands in the gateway's own {@code station.conf}. Class B beacons
 * are not configured, and {@code upchannels} not used, since station would lay out the channels by
 * itself then and disregard the plan's radios.
 *
 * @param plans one for each concentrator, nearly always one; all of the same region
 * @param netIds whose uplinks to pass on; none is all. Station looks at the first 7 bits of an
 *     address, which larger NetIDs share with others.
 * @param joinEuis whose join-requests to pass on, at most 10 ranges, none of which begins with 0;
 *     none is all
 * @param maxEirp dBm, where less than usual in the region is allowed; station takes no more than
 *     usual
 * @param nocca lifts listening before talking, unless the build is for production
 * @param nodc lifts the duty cycle, unless the build is for production
 * @param nodwell lifts the limit on time on air, unless the build is for production
 */
public record RouterConfig(
        List<FrequencyPlan> plans,
        RadioConf radioConf,
        List<NetId> netIds,
        List<EuiRange> joinEuis,
        OptionalDouble maxEirp,
        boolean nocca,
        boolean nodc,
        boolean nodwell)
        implements LnsDownlink {

    /** More ranges of JoinEUIs are not taken. */
    public static final int MOST_JOIN_EUI_RANGES = 10;

    private static final int DATA_RATES = 16;
    private static final int MOST_CONCENTRATORS = 8;

    public RouterConfig {
        plans = List.copyOf(plans);
        requireNonNull(radioConf, "radioConf");
        netIds = List.copyOf(netIds);
        joinEuis = List.copyOf(joinEuis);
        requireNonNull(maxEirp, "maxEirp");
        if (plans.isEmpty() || plans.size() > MOST_CONCENTRATORS) {
            throw new IllegalArgumentException(
                    "a gateway has 1 to 8 frequency plans, not " + plans.size());
        }
        for (FrequencyPlan plan : plans) {
            refusal(plan)
                    .ifPresent(
                            reason -> {
                                throw new IllegalArgumentException(reason);
                            });
            if (plan.region() != plans.getFirst().region()) {
                throw new IllegalArgumentException(
                        "frequency plans %s and %s are of different regions, and a gateway has one"
                                .formatted(plans.getFirst().id(), plan.id()));
            }
        }
        checkJoinEuis(joinEuis);
        if (maxEirp.isPresent() && !(maxEirp.getAsDouble() >= 0 && maxEirp.getAsDouble() <= 36)) {
            throw new IllegalArgumentException(
                    "max EIRP " + maxEirp.getAsDouble() + " is not in 0..36 dBm");
        }
    }

    /**
     * Checks a filter of JoinEUIs before there is a plan to go with it.
     *
     * @throws IllegalArgumentException if station would not take it
     */
    public static void checkJoinEuis(List<EuiRange> joinEuis) {
        if (joinEuis.size() > MOST_JOIN_EUI_RANGES) {
            throw new IllegalArgumentException(
                    "%d ranges of JoinEUIs: station takes %d"
                            .formatted(joinEuis.size(), MOST_JOIN_EUI_RANGES));
        }
        for (EuiRange range : joinEuis) {
            if (range.first().value() == 0) {
                throw new IllegalArgumentException(
                        "JoinEUI range "
                                + range
                                + " begins with 0, which ends station's list: leave the filter"
                                + " empty");
            }
        }
    }

    /**
     * For a gateway with one concentrator, without filters.
     *
     * @throws IllegalArgumentException if station cannot transmit in that region; the message is
     *     {@link #refusal}
     */
    public static RouterConfig of(FrequencyPlan plan) {
        return new RouterConfig(
                List.of(plan),
                RadioConf.SX1301,
                List.of(),
                List.of(),
                OptionalDouble.empty(),
                false,
                false,
                false);
    }

    /**
     * Why a station cannot be used with this plan; empty if it can. In a region it does not know it
     * receives, but drops every downlink ({@code s2e.c:976-1037}), so that no device could join.
     */
    public static Optional<String> refusal(FrequencyPlan plan) {
        return station(plan.region()).isPresent()
                ? Optional.empty()
                : Optional.of(
                        "LoRa Basics Station cannot transmit in frequency plan %s: it would drop"
                                        .formatted(plan.id())
                                + " every downlink. It knows the regions "
                                + Arrays.stream(Region.values())
                                        .filter(region -> station(region).isPresent())
                                        .map(Region::name)
                                        .collect(Collectors.joining(", ")));
    }

    /** As it suits this gateway: without what a build for production does not take. */
    public RouterConfig forVersion(LnsUplink.Version version) {
        boolean may = !version.isProduction();
        return new RouterConfig(
                plans,
                radioConf,
                netIds,
                joinEuis,
                maxEirp,
                nocca && may,
                nodc && may,
                nodwell && may);
    }

    /** For a concentrator of this kind. */
    public RouterConfig withRadioConf(RadioConf radioConf) {
        return new RouterConfig(plans, radioConf, netIds, joinEuis, maxEirp, nocca, nodc, nodwell);
    }

    /** Passing on only data frames of these networks and join-requests to these JoinEUIs. */
    public RouterConfig withFilters(List<NetId> netIds, List<EuiRange> joinEuis) {
        return new RouterConfig(plans, radioConf, netIds, joinEuis, maxEirp, nocca, nodc, nodwell);
    }

    /** With other limits on transmitting. */
    public RouterConfig withLimits(
            OptionalDouble maxEirp, boolean nocca, boolean nodc, boolean nodwell) {
        return new RouterConfig(plans, radioConf, netIds, joinEuis, maxEirp, nocca, nodc, nodwell);
    }

    /**
     * The names that stations before 2.0.6 know too; a later one takes them for EU868 and so on.
     */
    private static Optional<String> station(Region region) {
        return switch (region) {
            case EU_863_870 -> Optional.of("EU863");
            case US_902_928 -> Optional.of("US902");
            case AU_915_928 -> Optional.of("AU915");
            case AS_923 -> Optional.of("AS923JP");
            case KR_920_923 -> Optional.of("KR920");
            case AS_923_2, AS_923_3, AS_923_4, IN_865_867, CN_470_510, RU_864_870 ->
                    Optional.empty();
        };
    }

    private Region region() {
        return plans.getFirst().region();
    }

    void writeTo(JsonGenerator json) {
        json.writeStringProperty("msgtype", "router_config");
        writeFilters(json);
        json.writeStringProperty("region", station(region()).orElseThrow());
        // Also for an SX1302: station knows no other.
        json.writeStringProperty("hwspec", "sx1301/" + plans.size());
        json.writeArrayPropertyStart("freq_range");
        json.writeNumber(region().minFrequency());
        json.writeNumber(region().maxFrequency());
        json.writeEndArray();
        writeDataRates(json);
        maxEirp.ifPresent(eirp -> Json.number(json, "max_eirp", eirp));
        json.writeArrayPropertyStart(radioConf.field());
        plans.forEach(plan -> writeRadios(json, plan));
        json.writeEndArray();
        writeIfSet(json, "nocca", nocca);
        writeIfSet(json, "nodc", nodc);
        writeIfSet(json, "nodwell", nodwell);
    }

    private static void writeIfSet(JsonGenerator json, String name, boolean set) {
        if (set) {
            json.writeBooleanProperty(name, true);
        }
    }

    private void writeFilters(JsonGenerator json) {
        if (netIds.isEmpty()) {
            json.writeNullProperty("NetID");
        } else {
            json.writeArrayPropertyStart("NetID");
            netIds.stream()
                    .map(netId -> DevAddrPrefix.of(netId).value() >>> 25)
                    .distinct()
                    .sorted()
                    .forEach(json::writeNumber);
            json.writeEndArray();
        }
        if (joinEuis.isEmpty()) {
            json.writeNullProperty("JoinEui");
        } else {
            json.writeArrayPropertyStart("JoinEui");
            for (EuiRange range : joinEuis) {
                json.writeStartArray();
                json.writeRawValue(Long.toUnsignedString(range.first().value()));
                json.writeRawValue(Long.toUnsignedString(range.last().value()));
                json.writeEndArray();
            }
            json.writeEndArray();
        }
    }

    /** Spreading factor (0 for FSK, -1 for undefined), bandwidth in kHz, whether only downlinks. */
    private void writeDataRates(JsonGenerator json) {
        json.writeArrayPropertyStart("DRs");
        for (int index = 0; index < DATA_RATES; index++) {
            json.writeStartArray();
            switch (region().dataRate(index).orElse(null)) {
                case null -> row(json, -1, 0, false);
                case DataRate.LoRa(int spreadingFactor, int bandwidth) ->
                        row(
                                json,
                                spreadingFactor,
                                bandwidth / 1000,
                                region().isDownlinkOnly(index));
                case DataRate.Fsk _ -> row(json, 0, 0, region().isDownlinkOnly(index));
            }
            json.writeEndArray();
        }
        json.writeEndArray();
    }

    private static void row(
            JsonGenerator json, int spreadingFactor, int bandwidth, boolean downlinkOnly) {
        json.writeNumber(spreadingFactor);
        json.writeNumber(bandwidth);
        json.writeNumber(downlinkOnly ? 1 : 0);
    }

    /** What is not used is switched off, since station.conf might have switched it on. */
    private void writeRadios(JsonGenerator json, FrequencyPlan plan) {
        json.writeStartObject();
        for (int radio = 0; radio < 2; radio++) {
            boolean used = radio < plan.radios().size();
            json.writeObjectPropertyStart("radio_" + radio);
            json.writeBooleanProperty("enable", used);
            if (used) {
                json.writeNumberProperty("freq", plan.radios().get(radio));
            }
            json.writeEndObject();
        }
        for (int i = 0; i < FrequencyPlan.MOST_CHANNELS; i++) {
            Optional<Channel> channel =
                    i < plan.channels().size()
                            ? Optional.of(plan.channels().get(i))
                            : Optional.empty();
            startModem(json, "chan_multiSF_" + i, plan, channel);
            json.writeEndObject();
        }
        startModem(json, "chan_Lora_std", plan, plan.fastLoRa());
        plan.fastLoRa()
                .flatMap(channel -> region().dataRate(channel.maxDataRate()))
                .ifPresent(
                        rate -> {
                            if (rate instanceof DataRate.LoRa(int factor, int bandwidth)) {
                                json.writeNumberProperty("bandwidth", bandwidth);
                                json.writeNumberProperty("spread_factor", factor);
                            }
                        });
        json.writeEndObject();
        startModem(json, "chan_FSK", plan, plan.fsk());
        plan.fsk()
                .flatMap(channel -> region().dataRate(channel.maxDataRate()))
                .ifPresent(
                        rate -> {
                            if (rate instanceof DataRate.Fsk(int bitRate)) {
                                json.writeNumberProperty("bandwidth", 125_000);
                                json.writeNumberProperty("datarate", bitRate);
                            }
                        });
        json.writeEndObject();
        json.writeEndObject();
    }

    /** Which radio a modem listens with, and how far off its centre. */
    private static void startModem(
            JsonGenerator json, String name, FrequencyPlan plan, Optional<Channel> channel) {
        json.writeObjectPropertyStart(name);
        json.writeBooleanProperty("enable", channel.isPresent());
        channel.map(Channel::frequency)
                .ifPresent(
                        frequency -> {
                            int nearest =
                                    plan.radios().stream()
                                            .min(
                                                    Comparator.comparingInt(
                                                            r -> Math.abs(r - frequency)))
                                            .orElseThrow();
                            json.writeNumberProperty("radio", plan.radios().indexOf(nearest));
                            json.writeNumberProperty("if", frequency - nearest);
                        });
    }
}
