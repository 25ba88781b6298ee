package dev.usher.backend;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.usher.lorawan.CfList;
import dev.usher.lorawan.DevAddr;
import dev.usher.lorawan.DlSettings;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.MacVersion;
import dev.usher.lorawan.NetId;
import dev.usher.lorawan.Printable;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads messages: first all fields, then the header, then what the message type asks for. So the
 * order of the fields does not matter, and whatever is wrong with the others, a good header is
 * found.
 */
final class MessageReader {

    private static final int DEEPEST = 16;
    private static final int LONGEST_NUMBER = 64;

    // Names are neither interned nor kept in a shared table: strangers choose them.
    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
                    .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(DEEPEST)
                                    .maxNumberLength(LONGEST_NUMBER)
                                    .build())
                    .build();

    private static final Map<MessageType, BiFunction<Header, JsonFields, Message>> BODIES =
            Map.of(
                    MessageType.JOIN_REQ,
                    (header, fields) -> activationReq(JoinReq::new, header, fields),
                    MessageType.REJOIN_REQ,
                    (header, fields) -> activationReq(RejoinReq::new, header, fields),
                    MessageType.JOIN_ANS,
                    MessageReader::joinAns,
                    MessageType.REJOIN_ANS,
                    MessageReader::rejoinAns,
                    MessageType.APP_S_KEY_REQ,
                    MessageReader::appSKeyReq,
                    MessageType.APP_S_KEY_ANS,
                    MessageReader::appSKeyAns,
                    MessageType.HOME_NS_REQ,
                    MessageReader::homeNsReq,
                    MessageType.HOME_NS_ANS,
                    MessageReader::homeNsAns,
                    MessageType.ERROR_NOTIF,
                    MessageReader::errorNotif);

    private MessageReader() {}

    static Message read(byte[] json) {
        if (json.length > BackendCodec.LARGEST) {
            throw new UnreadableHeaderException(
                    "the message has %d bytes: at most %d are read"
                            .formatted(json.length, BackendCodec.LARGEST));
        }
        JsonFields fields = new JsonFields();
        Optional<String> defect = fill(fields, text(json));
        MessageType type;
        Header bare;
        try {
            type = new MessageType(required(fields, Field.MESSAGE_TYPE));
            bare = bareHeader(fields);
        } catch (IllegalArgumentException e) {
            throw new UnreadableHeaderException(defect.orElse(reason(e)));
        }
        if (version(fields).isEmpty()) {
            throw malformed(
                    bare,
                    type,
                    ResultCode.INVALID_PROTOCOL_VERSION,
                    unknownVersion(fields),
                    fields);
        }
        Header header = bare;
        try {
            header = completed(bare, fields);
            if (defect.isPresent()) {
                throw new IllegalArgumentException(defect.get());
            }
            return BODIES.getOrDefault(type, (read, _) -> new Unserved(read, type))
                    .apply(header, fields);
        } catch (IllegalArgumentException e) {
            throw malformed(header, type, ResultCode.MALFORMED_MESSAGE, reason(e), fields);
        }
    }

    /** With what of the message tells which device it is about. */
    private static MalformedBackendMessageException malformed(
            Header header, MessageType type, ResultCode code, String reason, JsonFields fields) {
        return new MalformedBackendMessageException(
                header,
                type,
                code,
                reason,
                ifReadable(() -> fields.eui(Field.DEV_EUI)),
                ifReadable(() -> fields.octets(Field.PHY_PAYLOAD)));
    }

    private static <T> Optional<T> ifReadable(Supplier<Optional<T>> field) {
        try {
            return field.get();
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /** Strict UTF-8: the JSON parser alone would let overlong forms pass, and UTF-16 and UTF-32. */
    private static String text(byte[] json) {
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(json)).toString();
        } catch (CharacterCodingException e) {
            throw new UnreadableHeaderException("the message is not UTF-8");
        }
    }

    /**
     * Reads as many fields as there are.
     *
     * @return what is wrong with the JSON
     */
    private static Optional<String> fill(JsonFields fields, String json) {
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return Optional.of("the message is not a JSON object");
            }
            fields.readFrom(parser);
            return parser.nextToken() == null
                    ? Optional.empty()
                    : Optional.of("the message goes on after its JSON object");
        } catch (StreamConstraintsException e) {
            return Optional.of(
                    "the message has more than %d levels, or a number of more than %d digits"
                            .formatted(DEEPEST, LONGEST_NUMBER));
        } catch (JacksonException e) {
            // Its own message quotes what it does not understand, and that may be a key.
            return Optional.of(
                    "the message is not JSON at line %d, column %d"
                            .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr()));
        }
    }

    /** What every answer needs, and nothing else. */
    private static Header bareHeader(JsonFields fields) {
        OptionalLong transactionId =
                fields.number(Field.TRANSACTION_ID, Header.LARGEST_TRANSACTION_ID);
        return new Header(
                version(fields).orElse(ProtocolVersion.V1_0),
                required(fields, Field.SENDER_ID),
                required(fields, Field.RECEIVER_ID),
                transactionId.orElseThrow(() -> fields.missing(Field.TRANSACTION_ID)));
    }

    private static Optional<ProtocolVersion> version(JsonFields fields) {
        return switch (required(fields, Field.PROTOCOL_VERSION)) {
            case "1.0" -> Optional.of(ProtocolVersion.V1_0);
            case "1.1" -> Optional.of(ProtocolVersion.V1_1);
            default -> Optional.empty();
        };
    }

    private static String unknownVersion(JsonFields fields) {
        return "ProtocolVersion '"
                + Printable.of(required(fields, Field.PROTOCOL_VERSION))
                + "' is not spoken here: send 1.0 or 1.1";
    }

    private static Header completed(Header bare, JsonFields fields) {
        return new Header(
                bare.version(),
                bare.senderId(),
                bare.receiverId(),
                bare.transactionId(),
                fields.eui(Field.SENDER_NS_ID),
                fields.eui(Field.RECEIVER_NS_ID),
                fields.text(Field.SENDER_TOKEN),
                fields.text(Field.RECEIVER_TOKEN));
    }

    private static Message activationReq(
            ActivationReqConstructor message, Header header, JsonFields fields) {
        Optional<MacVersion> macVersion =
                fields.text(Field.MAC_VERSION)
                        .map(fields.parsedBy(MacVersion::parse, Field.MAC_VERSION));
        return message.of(
                header,
                macVersion.orElseThrow(() -> fields.missing(Field.MAC_VERSION)),
                requiredOctets(fields, Field.PHY_PAYLOAD),
                requiredEui(fields, Field.DEV_EUI),
                new DevAddr((int) requiredHexNumber(fields, Field.DEV_ADDR, 8)),
                new DlSettings((int) requiredHexNumber(fields, Field.DL_SETTINGS, 2)),
                (int)
                        fields.number(Field.RX_DELAY, ActivationReq.LARGEST_RX_DELAY)
                                .orElseThrow(() -> fields.missing(Field.RX_DELAY)),
                fields.hex(Field.CF_LIST).map(CfList::parse));
    }

    private interface ActivationReqConstructor {
        ActivationReq of(
                Header header,
                MacVersion macVersion,
                Octets phyPayload,
                Eui64 devEui,
                DevAddr devAddr,
                DlSettings dlSettings,
                int rxDelay,
                Optional<CfList> cfList);
    }

    private static JoinAns joinAns(Header header, JsonFields fields) {
        Result result = result(fields);
        return new JoinAns(header, result, grant(result, fields));
    }

    private static RejoinAns rejoinAns(Header header, JsonFields fields) {
        Result result = result(fields);
        return new RejoinAns(header, result, grant(result, fields));
    }

    private static Optional<SessionGrant> grant(Result result, JsonFields fields) {
        if (!result.isSuccess()) {
            return Optional.empty();
        }
        return Optional.of(
                new SessionGrant(
                        requiredOctets(fields, Field.PHY_PAYLOAD),
                        fields.number(Field.LIFETIME, Long.MAX_VALUE),
                        networkKeys(fields),
                        envelope(fields, Field.APP_S_KEY),
                        fields.octets(Field.SESSION_KEY_ID)));
    }

    private static NetworkKeys networkKeys(JsonFields fields) {
        Optional<KeyEnvelope> nwkSKey = envelope(fields, Field.NWK_S_KEY);
        if (nwkSKey.isPresent()) {
            return new NetworkKeys.R1_0(nwkSKey.get());
        }
        return new NetworkKeys.R1_1(
                requiredEnvelope(fields, Field.F_NWK_S_INT_KEY),
                requiredEnvelope(fields, Field.S_NWK_S_INT_KEY),
                requiredEnvelope(fields, Field.NWK_S_ENC_KEY));
    }

    private static AppSKeyReq appSKeyReq(Header header, JsonFields fields) {
        return new AppSKeyReq(
                header,
                requiredEui(fields, Field.DEV_EUI),
                requiredOctets(fields, Field.SESSION_KEY_ID));
    }

    private static AppSKeyAns appSKeyAns(Header header, JsonFields fields) {
        Result result = result(fields);
        return new AppSKeyAns(
                header,
                result,
                fields.eui(Field.DEV_EUI),
                fields.octets(Field.SESSION_KEY_ID),
                result.isSuccess() ? envelope(fields, Field.APP_S_KEY) : Optional.empty());
    }

    private static HomeNsReq homeNsReq(Header header, JsonFields fields) {
        return new HomeNsReq(header, requiredEui(fields, Field.DEV_EUI));
    }

    private static HomeNsAns homeNsAns(Header header, JsonFields fields) {
        Result result = result(fields);
        return result.isSuccess()
                ? new HomeNsAns(
                        header,
                        result,
                        Optional.of(new NetId((int) requiredHexNumber(fields, Field.H_NET_ID, 6))),
                        fields.eui(Field.H_NS_ID))
                : new HomeNsAns(header, result, Optional.empty(), Optional.empty());
    }

    private static ErrorNotif errorNotif(Header header, JsonFields fields) {
        return new ErrorNotif(header, fields.octets(Field.PHY_PAYLOAD), result(fields));
    }

    private static Result result(JsonFields fields) {
        JsonFields result =
                fields.nested(Field.RESULT).orElseThrow(() -> fields.missing(Field.RESULT));
        return Result.received(required(result, Field.RESULT_CODE), result.text(Field.DESCRIPTION));
    }

    private static KeyEnvelope requiredEnvelope(JsonFields fields, Field field) {
        return envelope(fields, field).orElseThrow(() -> fields.missing(field));
    }

    private static Optional<KeyEnvelope> envelope(JsonFields fields, Field field) {
        return fields.nested(field).map(nested -> envelope(field, nested));
    }

    private static KeyEnvelope envelope(Field field, JsonFields nested) {
        Optional<String> label = nested.text(Field.KEK_LABEL);
        byte[] key =
                nested.secretOctets(Field.AES_KEY).orElseThrow(() -> nested.missing(Field.AES_KEY));
        try {
            return new KeyEnvelope(label, key);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(field + ": " + e.getMessage(), e);
        }
    }

    private static String required(JsonFields fields, Field field) {
        return fields.text(field).orElseThrow(() -> fields.missing(field));
    }

    private static Octets requiredOctets(JsonFields fields, Field field) {
        return fields.octets(field).orElseThrow(() -> fields.missing(field));
    }

    private static Eui64 requiredEui(JsonFields fields, Field field) {
        return fields.eui(field).orElseThrow(() -> fields.missing(field));
    }

    private static long requiredHexNumber(JsonFields fields, Field field, int digits) {
        return fields.hexNumber(field, digits).orElseThrow(() -> fields.missing(field));
    }

    private static String reason(IllegalArgumentException e) {
        return String.valueOf(e.getMessage());
    }
}
