package dev.usher.gateways;

import static java.util.Objects.requireNonNull;

import dev.usher.gateways.GatewayRow.EndpointKind;
import dev.usher.gateways.GatewayRow.EndpointRow;
import dev.usher.keys.Sealer;
import dev.usher.lorawan.Eui64;
import dev.usher.station.CredentialFiles;
import dev.usher.station.Credentials;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;

/** Turns endpoints into columns and back: certificates by reference, keys sealed. */
final class EndpointStore {

    private static final byte[] NOTHING = new byte[0];

    private final CertificateTable certificates = new CertificateTable();
    private final Sealer sealer;

    EndpointStore(Sealer sealer) {
        this.sealer = requireNonNull(sealer, "sealer");
    }

    CertificateTable.Additions additions(Handle handle) {
        return certificates.additions(handle);
    }

    EndpointRow toRow(
            CertificateTable.Additions additions, EndpointKind kind, Eui64 eui, Endpoint endpoint) {
        if (endpoint.credentials().isEmpty()) {
            return new EndpointRow(
                    endpoint.uri().toString(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    OptionalInt.empty());
        }
        CredentialFiles files = endpoint.credentials().get().files();
        return new EndpointRow(
                endpoint.uri().toString(),
                Optional.of(additions.add(files.trust())),
                given(files.certificate()).map(additions::add),
                given(files.key()).map(key -> sealer.seal(kind.sealContext(eui), key)),
                OptionalInt.of(files.crc()));
    }

    Endpoint toEndpoint(
            CertificateTable.Additions additions, EndpointKind kind, Eui64 eui, EndpointRow row) {
        return new Endpoint(
                kind.uri(row.uri()),
                files(additions::get, kind, eui, row).map(EndpointStore::parsed));
    }

    /** What is sent to the gateway. */
    Optional<Credentials> credentials(
            Handle handle, EndpointKind kind, Eui64 eui, EndpointRow row) {
        return files(handle, kind, eui, row).map(EndpointStore::parsed);
    }

    Optional<CredentialFiles> files(Handle handle, EndpointKind kind, Eui64 eui, EndpointRow row) {
        return files(sha256 -> certificates.get(handle, sha256), kind, eui, row);
    }

    /** The private key of the certificate, or the header line where there is no certificate. */
    Optional<byte[]> key(EndpointKind kind, Eui64 eui, EndpointRow row) {
        return row.key().map(key -> sealer.open(kind.sealContext(eui), key));
    }

    private Optional<CredentialFiles> files(
            UnaryOperator<byte[]> certificate, EndpointKind kind, Eui64 eui, EndpointRow row) {
        return row.trust()
                .map(
                        trust ->
                                new CredentialFiles(
                                        certificate.apply(trust),
                                        row.certificate().map(certificate).orElse(NOTHING),
                                        key(kind, eui, row).orElse(NOTHING)));
    }

    /** They were checked when they were set up, so they are not looked into again. */
    private static Credentials parsed(CredentialFiles files) {
        return Credentials.parseBlob(files.blob());
    }

    private static Optional<byte[]> given(byte[] file) {
        return file.length == 0 ? Optional.empty() : Optional.of(file);
    }
}
