package dev.usher.backend;

import dev.usher.lorawan.MacVersion;
import java.io.ByteArrayOutputStream;
import java.util.Optional;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;

/** Writes messages. */
final class MessageWriter {

    private static final int USUAL_SIZE = 1024;

    // ASCII, because a description may hold what is no character (half a surrogate pair): escaped,
    // that can be written like anything else.
    private static final JsonFactory JSON =
            JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private final JsonGenerator json;
    private final ProtocolVersion version;

    private MessageWriter(JsonGenerator json, ProtocolVersion version) {
        this.json = json;
        this.version = version;
    }

    static byte[] write(Message message) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(USUAL_SIZE);
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
            new MessageWriter(json, message.header().version()).object(message);
        }
        return bytes.toByteArray();
    }

    private void object(Message message) {
        json.writeStartObject();
        header(message);
        switch (message) {
            case ActivationReq req -> activationReq(req);
            case ActivationAns ans -> {
                result(ans.result());
                ans.grant().ifPresent(this::grant);
            }
            case AppSKeyReq req -> {
                text(Field.DEV_EUI, req.devEui());
                text(Field.SESSION_KEY_ID, req.sessionKeyId());
            }
            case AppSKeyAns ans -> {
                result(ans.result());
                text(Field.DEV_EUI, ans.devEui());
                ans.appSKey().ifPresent(key -> envelope(Field.APP_S_KEY, key));
                text(Field.SESSION_KEY_ID, ans.sessionKeyId());
            }
            case HomeNsReq req -> text(Field.DEV_EUI, req.devEui());
            case HomeNsAns ans -> {
                result(ans.result());
                text(Field.H_NET_ID, ans.hNetId());
                if (version != ProtocolVersion.V1_0) {
                    text(Field.H_NS_ID, ans.hNsId());
                }
            }
            case ErrorNotif notif -> {
                text(Field.PHY_PAYLOAD, notif.phyPayload());
                result(notif.result());
            }
            case Refusal refusal -> result(refusal.result());
            case Unserved _ -> {}
        }
        json.writeEndObject();
    }

    private void header(Message message) {
        Header header = message.header();
        text(Field.PROTOCOL_VERSION, header.version().text());
        text(Field.MESSAGE_TYPE, message.type().name());
        number(Field.TRANSACTION_ID, header.transactionId());
        text(Field.SENDER_ID, header.senderId());
        text(Field.RECEIVER_ID, header.receiverId());
        text(Field.SENDER_NS_ID, header.senderNsId());
        text(Field.RECEIVER_NS_ID, header.receiverNsId());
        text(Field.SENDER_TOKEN, header.senderToken());
        text(Field.RECEIVER_TOKEN, header.receiverToken());
    }

    private void activationReq(ActivationReq req) {
        text(Field.MAC_VERSION, wire(req.macVersion()));
        text(Field.PHY_PAYLOAD, req.phyPayload());
        text(Field.DEV_EUI, req.devEui());
        text(Field.DEV_ADDR, req.devAddr());
        text(Field.DL_SETTINGS, req.dlSettings());
        number(Field.RX_DELAY, req.rxDelay());
        text(Field.CF_LIST, req.cfList());
    }

    private void grant(SessionGrant grant) {
        text(Field.PHY_PAYLOAD, grant.phyPayload());
        grant.lifetime().ifPresent(seconds -> number(Field.LIFETIME, seconds));
        switch (grant.networkKeys()) {
            case NetworkKeys.R1_0(KeyEnvelope nwkSKey) -> envelope(Field.NWK_S_KEY, nwkSKey);
            case NetworkKeys.R1_1 keys -> {
                envelope(Field.F_NWK_S_INT_KEY, keys.fNwkSIntKey());
                envelope(Field.S_NWK_S_INT_KEY, keys.sNwkSIntKey());
                envelope(Field.NWK_S_ENC_KEY, keys.nwkSEncKey());
            }
        }
        grant.appSKey().ifPresent(key -> envelope(Field.APP_S_KEY, key));
        text(Field.SESSION_KEY_ID, grant.sessionKeyId());
    }

    private void result(Result result) {
        json.writeObjectPropertyStart(Field.RESULT.toString());
        text(Field.RESULT_CODE, result.code().wire(version));
        text(Field.DESCRIPTION, result.description());
        json.writeEndObject();
    }

    private void envelope(Field field, KeyEnvelope envelope) {
        json.writeObjectPropertyStart(field.toString());
        text(Field.KEK_LABEL, envelope.kekLabel());
        text(Field.AES_KEY, Hex.of(envelope.aesKey()));
        json.writeEndObject();
    }

    private void number(Field field, long number) {
        json.writeNumberProperty(field.toString(), number);
    }

    /** Identifiers and octets of every kind write themselves as upper-case hex digits. */
    private void text(Field field, Object value) {
        json.writeStringProperty(field.toString(), value.toString());
    }

    private void text(Field field, Optional<?> value) {
        value.ifPresent(present -> text(field, present));
    }

    /** The Things Stack does not know 1.0.0 and 1.1.0, but 1.0 and 1.1. */
    private static String wire(MacVersion version) {
        return switch (version) {
            case V1_0_0 -> "1.0";
            case V1_1_0 -> "1.1";
            default -> version.text();
        };
    }
}
