package dev.usher.cli;

import dev.usher.lorawan.Eui64;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What a peer is, how it proves who it is, and how it is answered, as options. */
final class PeerOptions {

    private static final int TOKEN_BYTES = 32;

    @Option(
            names = "--net-id",
            paramLabel = "NETID",
            description = "It is a Network Server of this network, as in 000013.")
    private @Nullable String netId;

    @Option(
            names = "--as-id",
            paramLabel = "AS-ID",
            description = "It is an Application Server that calls itself so.")
    private @Nullable String asId;

    @Option(
            names = "--nsids",
            paramLabel = "EUI[,EUI...]",
            description = "The NSIDs a Network Server may send. Default: any.")
    private @Nullable String nsIds;

    @Option(
            names = "--strict-nsid",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "true|false",
            description = "Refuse version 1.1 without SenderNSID, and 1.0 with one.")
    private @Nullable Boolean strictNsId;

    @Option(
            names = "--bearer-token",
            paramLabel = "TOKEN",
            description = "The bearer token it shows, or @FILE.")
    private @Nullable Secret bearerToken;

    @Option(
            names = "--new-bearer-token",
            description = "Make a bearer token for it, which is shown this once.")
    private boolean newBearerToken;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Write the new token into this new file (mode 0600) instead.")
    private @Nullable Path out;

    @Option(names = "--user", paramLabel = "NAME", description = "The user it authenticates as.")
    private @Nullable String user;

    @Option(names = "--password", paramLabel = "TEXT", description = "Its password, or @FILE.")
    private @Nullable Secret password;

    @Option(
            names = "--client-ca",
            paramLabel = "FILE",
            description = "The CA its client certificate comes from (PEM).")
    private @Nullable Path clientCa;

    @Option(
            names = "--client-name",
            paramLabel = "NAME",
            description =
                    "The DNS name in its client certificate, as in ns.example.com or"
                            + " *.example.com. Default: any certificate of the CA.")
    private @Nullable String clientName;

    @Option(
            names = "--async-url",
            paramLabel = "URL",
            description =
                    "Post the answers there; with http, keys that no KEK wraps can be read on the"
                            + " way. Default: answer in the HTTP response.")
    private @Nullable String asyncUrl;

    @Option(
            names = "--async-authorization",
            paramLabel = "TEXT",
            description =
                    "With these answers: what follows 'Authorization: ', as in 'Bearer …', or"
                            + " @FILE.")
    private @Nullable Secret asyncAuthorization;

    @Option(
            names = "--path-prefix",
            paramLabel = "PATH",
            description = "It posts to paths that begin so. Default: to any path.")
    private @Nullable String pathPrefix;

    /** The token that was made for this call. */
    private Optional<String> madeToken = Optional.empty();

    /** The options as the REST API has them; an empty value takes away. */
    ObjectNode read() {
        if (out != null && !newBearerToken) {
            throw Failure.ofUsage("--out is for a token made here: give --new-bearer-token too.");
        }
        if (out != null) {
            LocalFile.requireNew(out);
        }
        ObjectNode peer = Json.object();
        put(peer, "netId", netId);
        put(peer, "asId", asId);
        if (nsIds != null) {
            putNsIds(peer.putArray("nsIds"), nsIds);
        }
        if (strictNsId != null) {
            peer.put("strictNsId", strictNsId);
        }
        put(peer, "bearerToken", token());
        put(peer, "user", user);
        put(peer, "password", revealed(password));
        if (clientCa != null) {
            put(peer, "clientCa", pem(clientCa));
        }
        put(peer, "clientName", clientName);
        put(peer, "asyncUrl", asyncUrl);
        put(peer, "asyncAuthorization", revealed(asyncAuthorization));
        put(peer, "pathPrefix", pathPrefix);
        return peer;
    }

    /** Adds the token that was made to what is shown, or writes it into its file. */
    void tell(ObjectNode made) {
        if (madeToken.isEmpty()) {
            return;
        }
        if (out == null) {
            made.put("bearerToken", madeToken.get());
            return;
        }
        LocalFile.writeSecret(out, (madeToken.get() + "\n").getBytes(StandardCharsets.UTF_8));
        made.put("bearerToken", "@" + out);
    }

    private @Nullable String token() {
        if (!newBearerToken) {
            return revealed(bearerToken);
        }
        if (bearerToken != null) {
            throw Failure.ofUsage("Give --bearer-token or --new-bearer-token, not both.");
        }
        byte[] token = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(token);
        madeToken = Optional.of(Base64.getUrlEncoder().withoutPadding().encodeToString(token));
        return madeToken.get();
    }

    private static void putNsIds(ArrayNode array, String list) {
        if (list.isBlank()) {
            return;
        }
        for (String text : list.split(",", -1)) {
            try {
                array.add(Eui64.parseOfDevice(text.strip()).toString());
            } catch (IllegalArgumentException e) {
                throw Failure.ofUsage("--nsids: " + e.getMessage() + ".");
            }
        }
    }

    private static String pem(Path file) {
        return file.toString().isEmpty()
                ? ""
                : new String(LocalFile.read(file), StandardCharsets.UTF_8);
    }

    private static @Nullable String revealed(@Nullable Secret secret) {
        return secret == null ? null : secret.reveal();
    }

    private static void put(ObjectNode peer, String field, @Nullable String value) {
        if (value != null && value.isEmpty()) {
            peer.putNull(field);
        } else if (value != null) {
            peer.put(field, value);
        }
    }
}
