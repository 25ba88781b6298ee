package dev.usher.server;

import dev.usher.backend.KeyEnvelope;
import dev.usher.backend.UnknownKekException;
import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.Kek;
import dev.usher.lorawan.KeyWrapException;
import dev.usher.server.config.KekConfig;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What other Join Servers wrap session keys under for this network, by their labels. */
record SharedKeks(Map<String, Kek> byLabel) {

    private static final Logger LOG = LoggerFactory.getLogger(SharedKeks.class);

    SharedKeks {
        byLabel = Map.copyOf(byLabel);
    }

    /**
     * @throws IOException if a file cannot be read, or holds no key; the message says why
     */
    static SharedKeks of(List<KekConfig> configured) throws IOException {
        Map<String, Kek> keks = new HashMap<>();
        for (KekConfig kek : configured) {
            String key = "network.keks, label '" + kek.label() + "'";
            try {
                keks.put(kek.label(), Kek.parse(ClientTls.text(key, kek.keyFile())));
            } catch (IllegalArgumentException e) {
                throw new IOException(
                        "%s: '%s' cannot be used: %s".formatted(key, kek.keyFile(), e.getMessage()),
                        e);
            }
        }
        return new SharedKeks(keks);
    }

    /** The key inside; empty, and said in the log, without the KEK for it. */
    Optional<AesKey> open(KeyEnvelope envelope) {
        try {
            return Optional.of(envelope.open(label -> Optional.ofNullable(byLabel.get(label))));
        } catch (UnknownKekException | KeyWrapException e) {
            LOG.warn("a session key of a Join Server does not open: {}", e.getMessage());
            return Optional.empty();
        }
    }
}
