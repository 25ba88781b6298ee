package dev.usher.simulator;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.usher.lorawan.Printable;
import dev.usher.simulator.CupsOutcome.Segment;
import dev.usher.station.MalformedMessageException;
import dev.usher.station.UpdateInfoRequest;
import dev.usher.station.UpdateInfoResponse;
import dev.usher.station.UpdateInfoResponse.Decoded;
import java.io.ByteArrayOutputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * One contact with CUPS: the request, and the answer as far as it came ({@code cups.c:206-430}).
 */
final class CupsContact {

    /** One buffer for host and port, the request, and each chunk of the answer. */
    private static final int BUFFER = 8192;

    private final ConfigFiles files;
    private final CredentialSet set;
    private final Duration timeout;
    private final Set<Segment> received = EnumSet.noneOf(Segment.class);
    private final Set<Segment> ignored = EnumSet.noneOf(Segment.class);
    private int status;
    private Optional<Decoded> answer = Optional.empty();

    CupsContact(ConfigFiles files, CredentialSet set, Duration timeout) {
        this.files = files;
        this.set = set;
        this.timeout = timeout;
    }

    /** The status of the answer; 0 if none came, -1 if it is none that station knows. */
    int status() {
        return status;
    }

    Set<Segment> received() {
        return received;
    }

    Set<Segment> ignored() {
        return ignored;
    }

    /** The answer, once all of it is there. */
    Optional<Decoded> answer() {
        return answer;
    }

    static Address address(String uri) throws ContactFailure {
        return Address.parse(uri, Peer.CUPS.scheme())
                .orElseThrow(() -> new ContactFailure("bad CUPS URI: " + Printable.of(uri)));
    }

    /**
     * Sends the request and takes the answer.
     *
     * @param tls of the set; needed if the address asks for it
     * @throws ContactFailure if it came to nothing; a status other than 200 is no failure
     */
    void run(Address address, Optional<Tls> tls, UpdateInfoRequest request) throws ContactFailure {
        Socket connection = address.connect(timeout);
        Socket socket = tls.isPresent() ? tls.get().over(connection, address) : connection;
        int bufferSize = BUFFER - address.reservedBytes();
        try (HttpSession http = new HttpSession(socket, bufferSize, timeout)) {
            http.send(bytes(address, tls, request));
            status = http.readHead();
            if (status == 200) {
                if (set == CredentialSet.REGULAR) {
                    files.backUp(Peer.CUPS);
                }
                receive(http);
            }
        }
    }

    private static byte[] bytes(Address address, Optional<Tls> tls, UpdateInfoRequest request) {
        byte[] json = request.toJson();
        byte[] head =
                "POST /update-info HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %5d\r\n%s\r\n"
                        .formatted(
                                address.hostPort(),
                                json.length,
                                tls.map(Tls::headerLines).orElse(""))
                        .getBytes(ISO_8859_1);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(head.length + json.length);
        bytes.writeBytes(head);
        bytes.writeBytes(json);
        return bytes.toByteArray();
    }

    /**
     * Takes chunks until the answer is complete. What stands before an update is applied before the
     * update is there.
     */
    private void receive(HttpSession http) throws ContactFailure {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(http.chunk());
        requireUris(http.chunk());
        Decoded decoded = decode(http, body);
        apply(decoded);
        long length = body.size() - decoded.update().length + decoded.updateLength();
        while (body.size() < length) {
            body.writeBytes(http.nextChunk().orElseThrow(CupsContact::unexpectedEnd));
        }
        Decoded complete =
                decoded.isComplete() ? decoded : UpdateInfoResponse.parse(body.toByteArray());
        if (complete.updateLength() > 0) {
            received.add(Segment.UPDATE);
        }
        answer = Optional.of(complete);
    }

    /** Both URIs have to be in the first chunk, and a byte more. */
    private static void requireUris(byte[] chunk) throws ContactFailure {
        int cupsUri = chunk.length > 0 ? chunk[0] & 0xFF : 0;
        int tcUri = chunk.length > 1 + cupsUri ? chunk[1 + cupsUri] & 0xFF : 0;
        if (chunk.length < 3 + cupsUri + tcUri) {
            throw new ContactFailure(
                    "malformed CUPS response: URI segments lengths (%d) exceed available data (%d)"
                            .formatted(2 + cupsUri + tcUri, chunk.length));
        }
    }

    /** Takes chunks until everything before the update is there. */
    private static Decoded decode(HttpSession http, ByteArrayOutputStream body)
            throws ContactFailure {
        while (true) {
            try {
                return UpdateInfoResponse.parse(body.toByteArray());
            } catch (MalformedMessageException e) {
                body.writeBytes(
                        http.nextChunk()
                                .orElseThrow(
                                        () ->
                                                new ContactFailure(
                                                        "CUPS protocol error: " + e.getMessage(),
                                                        e)));
            }
        }
    }

    private static ContactFailure unexpectedEnd() {
        return new ContactFailure("unexpected end of data");
    }

    private void apply(Decoded decoded) {
        files.beginUpdate();
        decoded.cupsUri().ifPresent(uri -> stage(Peer.CUPS, Segment.CUPS_URI, uri));
        decoded.tcUri().ifPresent(uri -> stage(Peer.LNS, Segment.TC_URI, uri));
        stage(Peer.CUPS, Segment.CUPS_CREDENTIALS, decoded.cupsCredentials());
        stage(Peer.LNS, Segment.TC_CREDENTIALS, decoded.tcCredentials());
        files.commitUpdate();
        if (decoded.signature().length > 0) {
            received.add(Segment.SIGNATURE);
        }
    }

    private void stage(Peer peer, Segment segment, String uri) {
        files.stageUri(peer, uri);
        received.add(segment);
    }

    private void stage(Peer peer, Segment segment, byte[] blob) {
        if (blob.length > 0) {
            received.add(segment);
            if (!files.stageCredentials(peer, blob)) {
                ignored.add(segment);
            }
        }
    }
}
