package dev.usher.gateways;

import static java.util.Objects.requireNonNull;

/**
 * What a setup says about one endpoint, CUPS or LNS.
 *
 * @param trust a certificate, DER or PEM
 * @param certificate a certificate, DER or PEM
 * @param key a private key, DER or PEM, if there is a certificate; else one header line
 */
public record EndpointChange(
        Setting<String> uri,
        Setting<byte[]> trust,
        Setting<byte[]> certificate,
        Setting<byte[]> key) {

    public static final EndpointChange NONE =
            new EndpointChange(
                    Setting.unchanged(),
                    Setting.unchanged(),
                    Setting.unchanged(),
                    Setting.unchanged());

    public EndpointChange {
        requireNonNull(uri, "uri");
        requireNonNull(trust, "trust");
        requireNonNull(certificate, "certificate");
        requireNonNull(key, "key");
    }

    /** A gateway's own settings over those that a request has in common for all. */
    public EndpointChange or(EndpointChange common) {
        return new EndpointChange(
                uri.or(common.uri),
                trust.or(common.trust),
                certificate.or(common.certificate),
                key.or(common.key));
    }

    boolean isNone() {
        return !uri.given() && !trust.given() && !certificate.given() && !key.given();
    }

    boolean givesCredentials() {
        return trust.value().isPresent()
                || certificate.value().isPresent()
                || key.value().isPresent();
    }
}
