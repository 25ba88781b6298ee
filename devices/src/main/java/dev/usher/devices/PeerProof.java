package dev.usher.devices;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * What somebody who asks over Backend Interfaces showed of himself.
 *
 * @param chain the certificates he proved to have the key of, his own first; empty: none
 * @param authorization the value of the Authorization header
 * @param path the path he posted to
 */
public record PeerProof(List<X509Certificate> chain, Optional<String> authorization, String path) {

    public PeerProof {
        chain = List.copyOf(chain);
    }

    @Override
    public String toString() {
        return "PeerProof[certificates=" + chain.size() + ", authorization=hidden]";
    }
}
