package dev.usher.backend;

/**
 * The JSON of Backend Interfaces messages, for both sides: a Join Server reads requests and writes
 * answers, its peers write requests and read answers.
 *
 * <p>Reading is lenient where peers are known to differ: hex digits in either case, with or without
 * {@code 0x}; objects in any order; an object that is null or an empty text is an absent one;
 * objects that do not concern the message are ignored, vendor extensions too. It is strict where
 * two readers could understand different things: wrong types, wrong lengths, an object that comes
 * twice. Writing is one form: upper-case hex without {@code 0x}, nothing empty, ASCII.
 */
public final class BackendCodec {

    /** The largest message that is read, in bytes. */
    public static final int LARGEST = 32 * 1024;

    private BackendCodec() {}

    /**
     * Reads one message, which is one JSON object in UTF-8.
     *
     * @throws UnreadableHeaderException if not even ProtocolVersion, MessageType, SenderID,
     *     ReceiverID and TransactionID can be read, or there are more than {@value #LARGEST} bytes
     * @throws MalformedBackendMessageException if these could be read, and anything else is wrong
     */
    public static Message parse(byte[] json) {
        return MessageReader.read(json);
    }

    /** Writes one message, as its protocol version wants it. */
    public static byte[] write(Message message) {
        return MessageWriter.write(message);
    }
}
