package dev.usher.lorawan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The bands of the LoRaWAN Regional Parameters (RP002-1.0.4), as much of them as a network with
 * LoRa gateways needs. The numbers stand in the tables of each region's section: "data rate", "TX
 * power", "maximum payload size (not repeater compatible)" and "downlink RX1 data rate mapping".
 *
 * <p>Data rates that a concentrator of the SX1301 or SX1302 kind cannot receive (LR-FHSS, SF6, SF5)
 * are left out.
 */
// Its fields are records of numbers and unmodifiable lists of such.
@SuppressWarnings("ImmutableEnumChecker")
public enum Region {

    /** Section "EU863-870 MHz band"; the duty cycles are those of ETSI EN 300 220-2. */
    EU_863_870(
            Rates.TO_FSK,
            new Rx1Rule(0, 0, 7, 5),
            new ReceiveWindow(869_525_000, 0),
            new Band(863_000_000, 870_000_000, 16, 0.001),
            new SubBand(865_000_000, 868_600_000, 0.01),
            new SubBand(869_400_000, 869_650_000, 0.1),
            new SubBand(869_700_000, 870_000_000, 0.01)),

    /** Section "US902-928 MHz ISM band"; an uplink lasts at most 400 ms (FCC 15.247). */
    US_902_928(
            "SF10/125:19 SF9/125:61 SF8/125:133 SF7/125:250 SF8/500:250 - - - " + Rates.DOWN_500,
            new Rx1Rule(10, 8, 13, 3),
            new ReceiveWindow(923_300_000, 8),
            new Band(923_000_000, 928_000_000, 30, 1)),

    /**
     * Section "AU915-928 MHz ISM band". A device begins with uplinks of at most 400 ms, until the
     * network lifts that by TXParamSetupReq.
     */
    AU_915_928(
            Rates.TO_SF7 + " SF8/500:250 - " + Rates.DOWN_500,
            new Rx1Rule(8, 8, 13, 5),
            new ReceiveWindow(923_300_000, 8),
            new Band(915_000_000, 928_000_000, 30, 1)),

    /** Section "AS923 MHz ISM band", group 1. */
    AS_923(
            Rates.AS_923,
            new Rx1Rule(0, 0, 7, 7),
            new ReceiveWindow(923_200_000, 2),
            new Band(915_000_000, 928_000_000, 16, 0.01)),

    /** Group 2: 1.8 MHz below group 1. */
    AS_923_2(
            Rates.AS_923,
            new Rx1Rule(0, 0, 7, 7),
            new ReceiveWindow(921_400_000, 2),
            new Band(915_000_000, 928_000_000, 16, 0.01)),

    /** Group 3: 6.6 MHz below group 1. */
    AS_923_3(
            Rates.AS_923,
            new Rx1Rule(0, 0, 7, 7),
            new ReceiveWindow(916_600_000, 2),
            new Band(915_000_000, 928_000_000, 16, 0.01)),

    /** Group 4: 5.9 MHz below group 1. */
    AS_923_4(
            Rates.AS_923,
            new Rx1Rule(0, 0, 7, 7),
            new ReceiveWindow(917_300_000, 2),
            new Band(915_000_000, 928_000_000, 16, 0.01)),

    /** Section "KR920-923 MHz ISM band"; who transmits listens before. */
    KR_920_923(
            Rates.TO_SF7,
            new Rx1Rule(0, 0, 5, 5),
            new ReceiveWindow(921_900_000, 0),
            new Band(920_900_000, 923_300_000, 14, 1)),

    /** Section "IN865-867 MHz ISM band"; it has no DR6. */
    IN_865_867(
            Rates.TO_SF7 + " - FSK:250",
            new Rx1Rule(0, 0, 7, 7),
            new ReceiveWindow(866_550_000, 2),
            new Band(865_000_000, 867_000_000, 30, 1)),

    /**
     * The 96 uplink and 48 downlink channels of section "CN470-510 MHz band" in the Regional
     * Parameters 1.0.2 and 1.1, not the four plans by which RP002 replaced them.
     */
    CN_470_510(
            Rates.TO_SF7,
            new Rx1Rule(0, 0, 5, 5),
            new ReceiveWindow(505_300_000, 0),
            new Band(470_000_000, 510_000_000, 19.15, 1)),

    /** Section "RU864-870 MHz ISM band". */
    RU_864_870(
            Rates.TO_FSK,
            new Rx1Rule(0, 0, 7, 5),
            new ReceiveWindow(869_100_000, 0),
            new Band(864_000_000, 870_000_000, 16, 0.01));

    /** Seconds from the end of an uplink to RX1, unless the network says otherwise. */
    public static final int RECEIVE_DELAY1 = 1;

    /** Seconds from the end of a join-request to the RX1 of its answer. */
    public static final int JOIN_ACCEPT_DELAY1 = 5;

    /** Data rates by index, each with the largest MACPayload. */
    private interface Rates {
        String TO_SF7 = "SF12/125:59 SF11/125:59 SF10/125:59 SF9/125:123 SF8/125:250 SF7/125:250";
        String TO_FSK = TO_SF7 + " SF7/250:250 FSK:250";
        String AS_923 =
                "SF12/125:59 SF11/125:59 SF10/125:123 SF9/125:123 SF8/125:250 SF7/125:250"
                        + " SF7/250:250 FSK:250";
        String DOWN_500 =
                "SF12/500:61 SF11/500:137 SF10/500:250 SF9/500:250 SF8/500:250 SF7/500:250";
    }

    /**
     * RX1DR = uplink DR + shift - RX1DROffset, kept within bounds. The tables of all regions come
     * down to that.
     */
    private record Rx1Rule(int shift, int slowest, int fastest, int largestOffset) {

        int dataRate(int uplinkDataRate, int offset) {
            // AS923 and IN865: offsets 6 and 7 mean -1 and -2.
            int effective = offset > 5 ? 5 - offset : offset;
            return Math.clamp((long) uplinkDataRate + shift - effective, slowest, fastest);
        }
    }

    /** Where downlinks may be, how strong, and which share of the time. */
    private record Band(int minFrequency, int maxFrequency, double maxEirp, double dutyCycle) {}

    private record SubBand(int minFrequency, int maxFrequency, double dutyCycle) {}

    private record Entry(DataRate dataRate, int maxMacPayload) {

        static Optional<Entry> parse(String text) {
            if (text.equals("-")) {
                return Optional.empty();
            }
            String[] parts = text.split("[:/]", -1);
            int maxMacPayload = Integer.parseInt(parts[parts.length - 1]);
            DataRate rate =
                    parts[0].equals("FSK")
                            ? new DataRate.Fsk(50_000)
                            : new DataRate.LoRa(
                                    Integer.parseInt(parts[0].substring(2)),
                                    Integer.parseInt(parts[1]) * 1000);
            return Optional.of(new Entry(rate, maxMacPayload));
        }
    }

    private final List<Optional<Entry>> rates;
    private final Rx1Rule rx1Rule;
    private final ReceiveWindow rx2;
    private final Band band;
    private final List<SubBand> subBands;

    Region(String rates, Rx1Rule rx1Rule, ReceiveWindow rx2, Band band, SubBand... subBands) {
        List<Optional<Entry>> entries = new ArrayList<>();
        for (String rate : rates.split(" ", -1)) {
            entries.add(Entry.parse(rate));
        }
        this.rates = List.copyOf(entries);
        this.rx1Rule = rx1Rule;
        this.rx2 = rx2;
        this.band = band;
        this.subBands = List.of(subBands);
    }

    /**
     * What DR{@code index} is here; empty where the region leaves it undefined.
     *
     * @param index 0..15
     */
    public Optional<DataRate> dataRate(int index) {
        return entry(index).map(Entry::dataRate);
    }

    /** Whether only gateways use this data rate. */
    public boolean isDownlinkOnly(int index) {
        Channel.checkDataRate(index);
        return rx1Rule.shift() > 0 && index >= rx1Rule.slowest();
    }

    /**
     * The largest MACPayload (FHDR, FPort and FRMPayload), in bytes, where the time on air is not
     * limited; the FRMPayload can have 8 less than that, and less again by the FOpts.
     *
     * @throws IllegalArgumentException if the data rate is undefined here
     */
    public int maxMacPayload(int dataRate) {
        return entry(dataRate).map(Entry::maxMacPayload).orElseThrow(() -> undefined(dataRate));
    }

    /**
     * The data rate of RX1 after an uplink, where the time on air of downlinks is not limited.
     *
     * @param rx1DrOffset 0, unless the network told the device another
     * @throws IllegalArgumentException if there is no such data rate or offset here
     */
    public int rx1DataRate(int uplinkDataRate, int rx1DrOffset) {
        if (dataRate(uplinkDataRate).isEmpty() || isDownlinkOnly(uplinkDataRate)) {
            throw undefined(uplinkDataRate);
        }
        if (rx1DrOffset < 0 || rx1DrOffset > rx1Rule.largestOffset()) {
            throw new IllegalArgumentException(
                    "RX1DROffset "
                            + rx1DrOffset
                            + " is not in 0.."
                            + rx1Rule.largestOffset()
                            + ", which "
                            + this
                            + " has");
        }
        int dataRate = rx1Rule.dataRate(uplinkDataRate, rx1DrOffset);
        return dataRate(dataRate).isPresent() ? dataRate : dataRate - 1;
    }

    /**
     * The frequency of RX1 after an uplink: that of the uplink, but in the regions with fixed
     * channels one of the downlink channels.
     *
     * @throws IllegalArgumentException if the region has fixed channels and this is none of them
     */
    public int rx1Frequency(int uplinkFrequency) {
        return switch (this) {
            case US_902_928, AU_915_928 ->
                    923_300_000 + 600_000 * (fixedChannel(uplinkFrequency) % 8);
            case CN_470_510 -> 500_300_000 + 200_000 * (fixedChannel(uplinkFrequency) % 48);
            default -> uplinkFrequency;
        };
    }

    /**
     * The RX2 of a device that the network has not told another one, as one that is joining; those
     * that have joined follow {@link FrequencyPlan#rx2()}.
     */
    public ReceiveWindow rx2() {
        return rx2;
    }

    /** The lowest frequency of downlinks, Hz. */
    public int minFrequency() {
        return band.minFrequency();
    }

    /** The highest frequency of downlinks, Hz. */
    public int maxFrequency() {
        return band.maxFrequency();
    }

    /** The most a device radiates, unless the network knows better, in dBm EIRP. */
    public double maxEirp() {
        return band.maxEirp();
    }

    /** Which share of the time one may transmit at this frequency; 1 is without limit. */
    public double dutyCycle(int frequency) {
        return subBands.stream()
                .filter(s -> frequency >= s.minFrequency() && frequency <= s.maxFrequency())
                .findFirst()
                .map(SubBand::dutyCycle)
                .orElse(band.dutyCycle());
    }

    /** Whether all channels are known beforehand, so that a network only enables some. */
    public boolean hasFixedChannels() {
        return this == US_902_928 || this == AU_915_928 || this == CN_470_510;
    }

    /**
     * The number of a channel in a region with fixed channels: 125 kHz wide from 0 on, and in
     * US902-928 and AU915-928 500 kHz wide from 64 on.
     */
    int fixedChannel(int frequency) {
        int narrow =
                switch (this) {
                    case US_902_928 -> 902_300_000;
                    case AU_915_928 -> 915_200_000;
                    case CN_470_510 -> 470_300_000;
                    default -> throw new IllegalStateException(this + " has no fixed channels");
                };
        int above = frequency - narrow;
        int wide = above - 700_000;
        if (above >= 0 && above % 200_000 == 0 && above / 200_000 < narrowChannels()) {
            return above / 200_000;
        }
        if (this != CN_470_510 && wide >= 0 && wide % 1_600_000 == 0 && wide / 1_600_000 < 8) {
            return 64 + wide / 1_600_000;
        }
        throw new IllegalArgumentException(
                "frequency " + frequency + " is that of no uplink channel in " + this);
    }

    private int narrowChannels() {
        return this == CN_470_510 ? 96 : 64;
    }

    private Optional<Entry> entry(int dataRate) {
        Channel.checkDataRate(dataRate);
        return dataRate < rates.size() ? rates.get(dataRate) : Optional.empty();
    }

    private IllegalArgumentException undefined(int dataRate) {
        return new IllegalArgumentException(
                "DR" + dataRate + " is no data rate for this purpose in " + this);
    }
}
