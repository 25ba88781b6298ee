package dev.usher.lorawan;

/** How bits become radio waves: what stands behind the index DR0..DR15 of a region. */
public sealed interface DataRate {

    /**
     * LoRa modulation.
     *
     * @param spreadingFactor 7..12
     * @param bandwidth 125000, 250000 or 500000 Hz
     */
    record LoRa(int spreadingFactor, int bandwidth) implements DataRate {
        public LoRa {
            if (spreadingFactor < 7 || spreadingFactor > 12) {
                throw new IllegalArgumentException(
                        "spreading factor " + spreadingFactor + " is not in 7..12");
            }
            if (bandwidth != 125_000 && bandwidth != 250_000 && bandwidth != 500_000) {
                throw new IllegalArgumentException(
                        "bandwidth " + bandwidth + " is not 125000, 250000 or 500000 Hz");
            }
        }

        /** As people write it: {@code SF7BW125}. */
        @Override
        public String toString() {
            return "SF" + spreadingFactor + "BW" + bandwidth / 1000;
        }
    }

    /**
     * Frequency shift keying.
     *
     * @param bitRate bits a second
     */
    record Fsk(int bitRate) implements DataRate {
        public Fsk {
            if (bitRate <= 0) {
                throw new IllegalArgumentException("bit rate " + bitRate + " is not positive");
            }
        }

        @Override
        public String toString() {
            return "FSK" + bitRate;
        }
    }
}
