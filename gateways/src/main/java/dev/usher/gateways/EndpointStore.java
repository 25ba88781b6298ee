package dev.usher.gateways;

import static java.util.Objects.requireNonNull;

import dev.usher.gateways.GatewayRow.EndpointKind;
import dev.usher.gateways.GatewayRow.EndpointRow;
import dev.usher.keys.Sealer;
import dev.usher.lorawan.Eui64;
import dev.usher.station.CredentialFiles;
import dev.usher.station.Credentials;
import dev.usher.station.StationUri;
import java.util.Optional;
import java.util.OptionalInt;
import org.jdbi.v3.core.Handle;

/** Turns endpoints into columns and back: certificates by reference, keys sealed. */
final class EndpointStore {

    private static final byte[] NOTHING = new byte[0];

    private final CertificateTable certificates = new CertificateTable();
    private final Sealer sealer;

    EndpointStore(Sealer sealer) {
        this.sealer = requireNonNull(sealer, "sealer");
    }

    CertificateTable.Additions additions() {
        return new CertificateTable.Additions();
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
                OptionalInt.of(endpoint.credentials().get().crc()));
    }

    Endpoint toEndpoint(Handle handle, EndpointKind kind, Eui64 eui, EndpointRow row) {
        return new Endpoint(
                uri(kind, row),
                files(handle, kind, eui, row).map(files -> Credentials.parseBlob(files.blob())));
    }

    /**
     * The credential files; they were checked when they were set up, so they are not looked into
     * again.
     */
    Optional<CredentialFiles> files(Handle handle, EndpointKind kind, Eui64 eui, EndpointRow row) {
        return row.trust()
                .map(
                        trust ->
                                new CredentialFiles(
                                        certificates.get(handle, trust),
                                        row.certificate()
                                                .map(sha256 -> certificates.get(handle, sha256))
                                                .orElse(NOTHING),
                                        row.key()
                                                .map(key -> sealer.open(kind.sealContext(eui), key))
                                                .orElse(NOTHING)));
    }

    private static Optional<byte[]> given(byte[] file) {
        return file.length == 0 ? Optional.empty() : Optional.of(file);
    }

    static StationUri uri(EndpointKind kind, EndpointRow row) {
        return switch (kind) {
            case CUPS -> StationUri.cups(row.uri());
            case LNS -> StationUri.lns(row.uri());
        };
    }
}
