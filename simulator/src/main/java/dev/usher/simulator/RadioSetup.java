package dev.usher.simulator;

import dev.usher.lorawan.DataRate;
import dev.usher.station.MalformedMessageException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * What station makes of a router_config ({@code s2e.c:860-1232}, {@code sx130xconf.c}).
 *
 * @param region in its common spelling; empty if station does not know it: then it receives and
 *     drops all downlinks
 * @param dataRates by index; those left out are undefined
 * @param receivers the modems that are switched on
 * @param joinEuis whose join-requests to pass on; all if there are none
 * @param netIds whose data frames to pass on, by the first 7 bits of their addresses
 * @param hasDutyCycle whether it holds back what the duty cycle of the region does not allow
 */
record RadioSetup(
        Optional<String> region,
        long minFrequency,
        long maxFrequency,
        List<Rate> dataRates,
        List<Receiver> receivers,
        List<JoinEuis> joinEuis,
        BitSet netIds,
        boolean hasDutyCycle) {

    /** The only hardware a station with one concentrator of this kind is built for. */
    private static final String HARDWARE = "sx1301/1";

    private static final int LONGEST_HARDWARE = 20;
    private static final int DATA_RATES = 16;
    private static final int MOST_JOIN_EUIS = 10;
    private static final int MULTI_SF = 8;
    private static final int LOWEST_IF = -500_000;
    private static final int HIGHEST_IF = 500_000;

    private static final Map<String, String> REGIONS =
            Map.ofEntries(
                    Map.entry("EU863", "EU868"),
                    Map.entry("EU868", "EU868"),
                    Map.entry("IL915", "IL915"),
                    Map.entry("KR920", "KR920"),
                    Map.entry("AS923JP", "AS923-1"),
                    Map.entry("AS923-1", "AS923-1"),
                    Map.entry("US902", "US915"),
                    Map.entry("US915", "US915"),
                    Map.entry("AU915", "AU915"));

    private static final List<String> RADIO_CONFS =
            List.of("sx1301_conf", "SX1301_conf", "sx1302_conf", "SX1302_conf", "radio_conf");

    private static final Set<String> RADIO_FIELDS =
            Set.of(
                    "enable",
                    "tx_enable",
                    "txpow_adjust",
                    "antenna_gain",
                    "antenna_type",
                    "freq",
                    "tx_notch_freq",
                    "rssi_offset_lbt",
                    "rssi_offset",
                    "type");

    private static final Set<String> CHANNEL_FIELDS =
            Set.of(
                    "enable",
                    "radio",
                    "rf_chain",
                    "if",
                    "freq",
                    "bandwidth",
                    "spread_factor",
                    "datarate",
                    "sync_word",
                    "sync_word_size");

    /** What a DR stands for. */
    record Rate(Optional<DataRate> dataRate, boolean isDownlinkOnly) {}

    /** A modem that listens. */
    record Receiver(long frequency, Predicate<DataRate> understands) {}

    /** A range of JoinEUIs, unsigned. */
    record JoinEuis(long first, long last) {
        boolean contains(long joinEui) {
            return Long.compareUnsigned(joinEui, first) >= 0
                    && Long.compareUnsigned(joinEui, last) <= 0;
        }
    }

    /**
     * Reads a router_config.
     *
     * @throws MalformedMessageException if station finds a field of a wrong type: it stays
     *     connected, and is as it was
     * @throws ContactFailure if station closes the connection over it
     */
    static RadioSetup read(StationJson json) throws ContactFailure {
        List<Rate> dataRates = dataRates(json);
        List<Receiver> fromChannels = upchannels(json, dataRates);
        List<JoinEuis> joinEuis = joinEuis(json);
        BitSet netIds = netIds(json);
        boolean noDutyCycle = json.has("nodc") && json.flag("nodc");
        for (String name : List.of("nocca", "nodwell", "device_mode")) {
            if (json.has(name)) {
                json.flag(name);
            }
        }
        for (String name : List.of("max_eirp", "MuxTime")) {
            if (json.has(name)) {
                json.number(name);
            }
        }
        Optional<String> region = json.text("region").map(REGIONS::get);
        Range frequencies = frequencyRange(json);
        String hardware = json.text("hwspec").orElse("");
        if (hardware.length() > LONGEST_HARDWARE) {
            throw StationJson.wrong("hwspec", "hardware specifier is too long");
        }
        if (hardware.isEmpty()) {
            throw new ContactFailure("no 'hwspec' in 'router_config' message");
        }
        List<Receiver> fromRadios = radios(json);
        if (!hardware.equals(HARDWARE)) {
            throw new ContactFailure("unsupported hwspec=" + hardware);
        }
        return new RadioSetup(
                region,
                frequencies.min,
                frequencies.max,
                dataRates,
                json.has("upchannels") ? fromChannels : fromRadios,
                joinEuis,
                netIds,
                !noDutyCycle);
    }

    private record Range(long min, long max) {}

    private static Range frequencyRange(StationJson json) {
        if (!json.has("freq_range")) {
            return new Range(0, 0);
        }
        List<Long> range = json.unsigned("freq_range");
        if (range.size() != 2) {
            throw StationJson.wrong("freq_range", "expecting 2 elements, not " + range.size());
        }
        return new Range(range.get(0), range.get(1));
    }

    private static List<Rate> dataRates(StationJson json) {
        List<Rate> rates =
                new ArrayList<>(Collections.nCopies(DATA_RATES, new Rate(Optional.empty(), false)));
        if (json.has("DRs")) {
            int index = 0;
            for (List<Long> row : json.rows("DRs", 3)) {
                rates.set(index, rate(row.get(0), row.get(1), row.get(2) != 0));
                index = Math.min(DATA_RATES - 1, index + 1);
            }
        }
        return List.copyOf(rates);
    }

    private static Rate rate(long factor, long bandwidth, boolean downlinkOnly) {
        if (factor == 0) {
            return new Rate(Optional.of(new DataRate.Fsk(50_000)), downlinkOnly);
        }
        if (factor < 7 || factor > 12) {
            return new Rate(Optional.empty(), downlinkOnly);
        }
        int hertz = bandwidth == 125 ? 125_000 : bandwidth == 250 ? 250_000 : 500_000;
        return new Rate(Optional.of(new DataRate.LoRa((int) factor, hertz)), downlinkOnly);
    }

    /** Channels without radios, which station lays out itself. */
    private static List<Receiver> upchannels(StationJson json, List<Rate> dataRates) {
        List<Receiver> receivers = new ArrayList<>();
        if (json.has("upchannels")) {
            for (List<Long> row : json.rows("upchannels", 3)) {
                int slowest = upchannelRate(row.get(1));
                int fastest = upchannelRate(row.get(2));
                List<DataRate> understood =
                        IntStream.rangeClosed(slowest, fastest)
                                .mapToObj(index -> dataRates.get(index).dataRate)
                                .flatMap(Optional::stream)
                                .toList();
                receivers.add(new Receiver(row.get(0), understood::contains));
            }
        }
        return receivers;
    }

    private static int upchannelRate(long rate) {
        if (rate < 0 || rate > 7) {
            throw StationJson.wrong("upchannels", "not in range [0..7]: " + rate);
        }
        return (int) rate;
    }

    private static List<JoinEuis> joinEuis(StationJson json) {
        String name = json.has("JoinEUI") ? "JoinEUI" : "JoinEui";
        if (!json.isGiven(name)) {
            return List.of();
        }
        return json.rows(name, 2).stream()
                .limit(MOST_JOIN_EUIS)
                .map(row -> new JoinEuis(row.get(0), row.get(1)))
                .takeWhile(range -> range.first != 0)
                .toList();
    }

    private static BitSet netIds(StationJson json) {
        BitSet netIds = new BitSet();
        if (json.isGiven("NetID")) {
            json.unsigned("NetID").forEach(netId -> netIds.set((int) (netId & 0x7F)));
        } else {
            netIds.set(0, 128);
        }
        return netIds;
    }

    private static List<Receiver> radios(StationJson json) throws ContactFailure {
        String name =
                RADIO_CONFS.stream()
                        .filter(json::has)
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        new ContactFailure(
                                                "no 'sx1301_conf' or 'sx1302_conf' in"
                                                        + " 'router_config' message"));
        try {
            List<StationJson> elements = json.objects(name);
            if (elements.isEmpty()) {
                throw StationJson.wrong(name, "expecting an element");
            }
            return receivers(elements.getFirst());
        } catch (MalformedMessageException e) {
            // The radio layer reads this part, and what fails there ends the connection.
            throw new ContactFailure("parsing of " + name + " failed: " + e.getMessage(), e);
        }
    }

    private static List<Receiver> receivers(StationJson conf) {
        long[] centres = new long[2];
        boolean[] enabled = new boolean[2];
        for (String name : conf.names()) {
            OptionalInt radio = index(name, "radio_", 2);
            if (radio.isPresent()) {
                StationJson settings = known(conf.object(name), RADIO_FIELDS);
                enabled[radio.getAsInt()] = settings.has("enable") && settings.flag("enable");
                centres[radio.getAsInt()] = settings.whole("freq", 0);
            }
        }
        List<Receiver> receivers = new ArrayList<>();
        for (String name : conf.names()) {
            Optional<Predicate<DataRate>> modem = modem(conf, name);
            if (modem.isEmpty()) {
                continue;
            }
            StationJson settings = known(conf.object(name), CHANNEL_FIELDS);
            String chain = settings.has("radio") ? "radio" : "rf_chain";
            int radio = settings.has(chain) ? (int) settings.wholeWithin(chain, 0, 1) : 0;
            long offset = settings.whole(settings.has("if") ? "if" : "freq", 0);
            boolean on = settings.has("enable") && settings.flag("enable");
            if (on && enabled[radio] && offset >= LOWEST_IF && offset <= HIGHEST_IF) {
                receivers.add(new Receiver(centres[radio] + offset, modem.get()));
            }
        }
        return receivers;
    }

    /** What the modem of this field understands; empty if it is none. */
    private static Optional<Predicate<DataRate>> modem(StationJson conf, String name) {
        if (index(name, "chan_multiSF_", MULTI_SF + 2).isPresent()) {
            return Optional.of(
                    rate -> rate instanceof DataRate.LoRa lora && lora.bandwidth() == 125_000);
        }
        if (name.equals("chan_FSK")) {
            return Optional.of(DataRate.Fsk.class::isInstance);
        }
        if (!name.equals("chan_Lora_std")) {
            return Optional.empty();
        }
        StationJson settings = conf.object(name);
        long bandwidth = settings.whole("bandwidth", 0);
        long factor = settings.whole("spread_factor", 0);
        if (settings.has("bandwidth")
                && bandwidth != 125_000
                && bandwidth != 250_000
                && bandwidth != 500_000) {
            throw StationJson.wrong("bandwidth", "illegal bandwidth value: " + bandwidth);
        }
        if (settings.has("spread_factor") && (factor < 7 || factor > 12)) {
            throw StationJson.wrong("spread_factor", "illegal spread_factor value: " + factor);
        }
        return Optional.of(
                rate ->
                        rate instanceof DataRate.LoRa lora
                                && lora.bandwidth() == bandwidth
                                && lora.spreadingFactor() == factor);
    }

    private static OptionalInt index(String name, String prefix, int count) {
        if (!name.startsWith(prefix) || !name.substring(prefix.length()).matches("[0-9]{1,4}")) {
            return OptionalInt.empty();
        }
        int index = Integer.parseInt(name.substring(prefix.length()));
        if (index >= count) {
            throw StationJson.wrong(name, "illegal field (index suffix out of range)");
        }
        return OptionalInt.of(index);
    }

    private static StationJson known(StationJson object, Set<String> fields) {
        for (String name : object.names()) {
            if (!fields.contains(name)) {
                throw StationJson.wrong(name, "illegal field");
            }
        }
        return object;
    }

    /** Under which index a frame is reported; empty if no modem understands it. */
    OptionalInt reception(Transmission uplink) {
        boolean heard =
                receivers.stream()
                        .anyMatch(
                                receiver ->
                                        receiver.frequency == uplink.frequency()
                                                && receiver.understands.test(uplink.dataRate()));
        return IntStream.range(0, DATA_RATES)
                .filter(_ -> heard)
                .filter(
                        index ->
                                !dataRates.get(index).isDownlinkOnly
                                        && dataRates
                                                .get(index)
                                                .dataRate
                                                .equals(Optional.of(uplink.dataRate())))
                .findFirst();
    }

    boolean passesOnJoin(long joinEui) {
        return joinEuis.isEmpty() || joinEuis.stream().anyMatch(range -> range.contains(joinEui));
    }

    boolean passesOnData(int devAddr) {
        return netIds.get(devAddr >>> 25);
    }

    /** A window of a downlink, checked as station does. */
    Window window(StationJson json, String dataRate, String frequency) {
        long rate = json.whole(dataRate);
        if (rate < 0 || rate >= DATA_RATES || dataRates.get((int) rate).dataRate.isEmpty()) {
            throw StationJson.wrong(
                    dataRate,
                    "illegal datarate value: %d for region %s"
                            .formatted(rate, region.orElse("unknown")));
        }
        long hertz = json.whole(frequency);
        if (hertz < minFrequency || hertz > maxFrequency) {
            throw StationJson.wrong(
                    frequency,
                    "illegal frequency value: %d - not in range %d..%d"
                            .formatted(hertz, minFrequency, maxFrequency));
        }
        return new Window((int) hertz, (int) rate, dataRates.get((int) rate).dataRate.get());
    }

    /** Where a downlink may go. */
    record Window(int frequency, int index, DataRate dataRate) {}
}
