package dev.usher.lorawan;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * Which part of a region a gateway listens to, and what devices are told of it. Identifiers and
 * channels are those of The Things Network's frequency plans, which people know and choose by.
 *
 * @param id {@code EU_863_870_TTN}
 * @param name for people
 * @param radios centre frequencies of the concentrator's one or two radios, Hz
 * @param channels what the concentrator's modems for all spreading factors listen to. Unless the
 *     region has fixed channels, those come first that every device knows, and the order is that of
 *     their numbers in a device.
 * @param fastLoRa what the modem for a single LoRa data rate listens to
 * @param fsk what the FSK modem listens to
 * @param rx2 the RX2 of devices that have joined; a network says so in its join-accept
 */
public record FrequencyPlan(
        String id,
        String name,
        Region region,
        List<Integer> radios,
        List<Channel> channels,
        Optional<Channel> fastLoRa,
        Optional<Channel> fsk,
        ReceiveWindow rx2) {

    /** As many modems for all spreading factors has a concentrator. */
    public static final int MOST_CHANNELS = 8;

    private static final int CFLIST_CHANNELS = 5;

    private static final List<FrequencyPlan> ALL = Plans.all();

    public FrequencyPlan {
        requireNonNull(id, "id");
        requireNonNull(name, "name");
        requireNonNull(region, "region");
        radios = List.copyOf(radios);
        channels = List.copyOf(channels);
        requireNonNull(fastLoRa, "fastLoRa");
        requireNonNull(fsk, "fsk");
        requireNonNull(rx2, "rx2");
        if (radios.isEmpty() || radios.size() > 2) {
            throw new IllegalArgumentException(
                    "plan %s has %d radios, and a concentrator 1 or 2"
                            .formatted(Printable.of(id), radios.size()));
        }
        if (channels.isEmpty() || channels.size() > MOST_CHANNELS) {
            throw new IllegalArgumentException(
                    "plan %s has %d channels, and a concentrator 1 to %d"
                            .formatted(Printable.of(id), channels.size(), MOST_CHANNELS));
        }
    }

    /** Every plan there is, by region. */
    public static List<FrequencyPlan> all() {
        return ALL;
    }

    /**
     * The plan of this identifier, in either case.
     *
     * @throws IllegalArgumentException if there is none; the message has those there are
     */
    public static FrequencyPlan of(String id) {
        String upper = requireNonNull(id, "id").strip().toUpperCase(Locale.ROOT);
        return ALL.stream()
                .filter(plan -> plan.id.equals(upper))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "there is no frequency plan '%s'; there are %s"
                                                .formatted(
                                                        Printable.of(id),
                                                        ALL.stream()
                                                                .map(FrequencyPlan::id)
                                                                .collect(
                                                                        Collectors.joining(
                                                                                ", ")))));
    }

    /**
     * Where a device listens first after an uplink.
     *
     * @param rx1DrOffset 0, unless the network told the device another
     * @throws IllegalArgumentException if the region has no such data rate, offset or fixed channel
     */
    public ReceiveWindow rx1(int uplinkFrequency, int uplinkDataRate, int rx1DrOffset) {
        return new ReceiveWindow(
                region.rx1Frequency(uplinkFrequency),
                region.rx1DataRate(uplinkDataRate, rx1DrOffset));
    }

    /** The DLSettings of a join-accept: RX1DROffset 0 and the RX2 of this plan. */
    public DlSettings dlSettings(boolean optNeg) {
        return new DlSettings((optNeg ? 0x80 : 0) | rx2.dataRate());
    }

    /**
     * The CFList of a join-accept: the channels a device does not know yet (type 0), or which ones
     * of the fixed channels it is to use (type 1). Empty where there is nothing to tell.
     */
    public Optional<CfList> cfList() {
        if (region.hasFixedChannels()) {
            return Optional.of(channelMasks());
        }
        List<Channel> more = channels.subList(defaultChannels(), channels.size());
        return more.isEmpty() ? Optional.empty() : Optional.of(frequencies(more));
    }

    /**
     * The number a device knows this channel by, as it enters the MIC of a 1.1 uplink; empty if the
     * device was told of no such channel.
     */
    public OptionalInt channelNumber(int uplinkFrequency) {
        if (region.hasFixedChannels()) {
            return OptionalInt.of(region.fixedChannel(uplinkFrequency));
        }
        for (int number = 0; number < channels.size(); number++) {
            if (channels.get(number).frequency() == uplinkFrequency) {
                return OptionalInt.of(number);
            }
        }
        return OptionalInt.empty();
    }

    /** How many of the channels every device of the region knows: those it may join in. */
    private int defaultChannels() {
        return switch (region) {
            case AS_923, AS_923_2, AS_923_3, AS_923_4, RU_864_870 -> 2;
            default -> 3;
        };
    }

    private static CfList frequencies(List<Channel> channels) {
        byte[] bytes = new byte[CfList.LENGTH];
        int end = 0;
        for (Channel channel : channels.subList(0, Math.min(CFLIST_CHANNELS, channels.size()))) {
            end = LittleEndian.put(bytes, end, 3, channel.frequency() / 100);
        }
        return CfList.of(bytes);
    }

    /** Up to seven masks of 16 channels each, then the type. */
    private CfList channelMasks() {
        byte[] bytes = new byte[CfList.LENGTH];
        List<Channel> all = new ArrayList<>(channels);
        fastLoRa.ifPresent(all::add);
        for (Channel channel : all) {
            int number = region.fixedChannel(channel.frequency());
            bytes[number / 8] |= (byte) (1 << (number % 8));
        }
        bytes[CfList.LENGTH - 1] = 1;
        return CfList.of(bytes);
    }

    /** The plans as data. */
    private static final class Plans {

        private static final int EU_RX2 = 869_525_000;

        private Plans() {}

        static List<FrequencyPlan> all() {
            List<FrequencyPlan> plans = new ArrayList<>();
            plans.add(europe("EU_863_870", "Europe 863-870 MHz (SF12 for RX2)", 0));
            plans.add(europe("EU_863_870_TTN", "Europe 863-870 MHz (SF9 for RX2)", 3));
            for (int subBand = 1; subBand <= 8; subBand++) {
                plans.add(unitedStates(subBand));
            }
            for (int subBand = 1; subBand <= 8; subBand++) {
                plans.add(australia(subBand));
            }
            plans.add(asia("AS_923", "AS923 group 1, default channels", Region.AS_923));
            plans.add(asia("AS_923_2", "AS923 group 2, default channels", Region.AS_923_2));
            plans.add(asia("AS_923_3", "AS923 group 3, default channels", Region.AS_923_3));
            plans.add(asia("AS_923_4", "AS923 group 4, default channels", Region.AS_923_4));
            plans.add(korea());
            plans.add(india());
            plans.add(china());
            plans.add(russia());
            return List.copyOf(plans);
        }

        private static FrequencyPlan europe(String id, String name, int rx2DataRate) {
            return new FrequencyPlan(
                    id,
                    name,
                    Region.EU_863_870,
                    List.of(867_500_000, 868_500_000),
                    channels(
                            868_100_000,
                            868_300_000,
                            868_500_000,
                            867_100_000,
                            867_300_000,
                            867_500_000,
                            867_700_000,
                            867_900_000),
                    Optional.of(new Channel(868_300_000, 6, 6)),
                    Optional.of(new Channel(868_800_000, 7, 7)),
                    new ReceiveWindow(EU_RX2, rx2DataRate));
        }

        private static FrequencyPlan unitedStates(int subBand) {
            int lowest = 902_300_000 + (subBand - 1) * 1_600_000;
            return subBand(
                    "US_902_928_FSB_" + subBand,
                    "United States 902-928 MHz, sub-band " + subBand,
                    Region.US_902_928,
                    lowest,
                    new Channel(lowest + 700_000, 4, 4),
                    3);
        }

        private static FrequencyPlan australia(int subBand) {
            int lowest = 915_200_000 + (subBand - 1) * 1_600_000;
            return subBand(
                    "AU_915_928_FSB_" + subBand,
                    "Australia 915-928 MHz, sub-band " + subBand,
                    Region.AU_915_928,
                    lowest,
                    new Channel(lowest + 700_000, 6, 6),
                    5);
        }

        /** Eight channels of 125 kHz and the one of 500 kHz among them. */
        private static FrequencyPlan subBand(
                String id, String name, Region region, int lowest, Channel wide, int fastest) {
            List<Channel> channels = new ArrayList<>();
            for (int i = 0; i < MOST_CHANNELS; i++) {
                channels.add(new Channel(lowest + i * 200_000, 0, fastest));
            }
            return new FrequencyPlan(
                    id,
                    name,
                    region,
                    List.of(lowest + 400_000, lowest + 1_100_000),
                    channels,
                    Optional.of(wide),
                    Optional.empty(),
                    region.rx2());
        }

        private static FrequencyPlan asia(String id, String name, Region region) {
            int lowest = region.rx2().frequency();
            return new FrequencyPlan(
                    id,
                    name,
                    region,
                    List.of(lowest + 100_000),
                    channels(lowest, lowest + 200_000),
                    Optional.empty(),
                    Optional.empty(),
                    region.rx2());
        }

        private static FrequencyPlan korea() {
            return new FrequencyPlan(
                    "KR_920_923_TTN",
                    "South Korea 920-923 MHz",
                    Region.KR_920_923,
                    List.of(922_400_000, 923_000_000),
                    channels(
                            922_100_000,
                            922_300_000,
                            922_500_000,
                            922_700_000,
                            922_900_000,
                            923_100_000,
                            923_300_000),
                    Optional.empty(),
                    Optional.empty(),
                    Region.KR_920_923.rx2());
        }

        private static FrequencyPlan india() {
            return new FrequencyPlan(
                    "IN_865_867",
                    "India 865-867 MHz",
                    Region.IN_865_867,
                    List.of(865_200_000, 866_385_000),
                    channels(
                            865_062_500,
                            865_402_500,
                            865_985_000,
                            865_232_500,
                            866_185_000,
                            866_385_000,
                            866_585_000,
                            866_785_000),
                    Optional.empty(),
                    Optional.empty(),
                    Region.IN_865_867.rx2());
        }

        private static FrequencyPlan china() {
            return new FrequencyPlan(
                    "CN_470_510_FSB_11",
                    "China 470-510 MHz, sub-band 11",
                    Region.CN_470_510,
                    List.of(486_600_000, 487_400_000),
                    channels(
                            486_300_000,
                            486_500_000,
                            486_700_000,
                            486_900_000,
                            487_100_000,
                            487_300_000,
                            487_500_000,
                            487_700_000),
                    Optional.empty(),
                    Optional.empty(),
                    Region.CN_470_510.rx2());
        }

        private static FrequencyPlan russia() {
            return new FrequencyPlan(
                    "RU_864_870_TTN",
                    "Russia 864-870 MHz",
                    Region.RU_864_870,
                    List.of(864_500_000, 869_000_000),
                    channels(
                            868_900_000,
                            869_100_000,
                            864_100_000,
                            864_300_000,
                            864_500_000,
                            864_700_000,
                            864_900_000),
                    Optional.empty(),
                    Optional.empty(),
                    Region.RU_864_870.rx2());
        }

        /** Channels for all spreading factors at 125 kHz. */
        private static List<Channel> channels(int... frequencies) {
            return Arrays.stream(frequencies).mapToObj(f -> new Channel(f, 0, 5)).toList();
        }
    }
}
