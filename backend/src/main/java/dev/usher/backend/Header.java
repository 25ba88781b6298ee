package dev.usher.backend;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.NetId;
import dev.usher.lorawan.Printable;
import java.util.Optional;

/**
 * What every message carries: from whom, to whom, and which exchange it belongs to (1.0
 * specification table 3, 1.1 specification table 3).
 *
 * <p>The identifiers are kept as the peer wrote them, so that an answer repeats them letter by
 * letter. A Network Server is named by its NetID (6 hex digits), a Join Server by its JoinEUI (16
 * hex digits), an Application Server by an AS-ID, which is free text.
 *
 * @param senderId 1 to {@value #LONGEST_TEXT} visible ASCII characters
 * @param receiverId likewise
 * @param transactionId 0 to 2^32 - 1, chosen by the requester; peers exist that always send 0, so
 *     it identifies nothing
 * @param senderNsId the Network Server inside the sending network, version 1.1
 * @param receiverNsId the Network Server inside the receiving network, version 1.1
 * @param senderToken what the receiver shall send back as its receiver token from now on
 * @param receiverToken the token the receiver once sent
 */
public record Header(
        ProtocolVersion version,
        String senderId,
        String receiverId,
        long transactionId,
        Optional<Eui64> senderNsId,
        Optional<Eui64> receiverNsId,
        Optional<String> senderToken,
        Optional<String> receiverToken) {

    /** Identifiers and tokens have at most this many characters. */
    public static final int LONGEST_TEXT = 255;

    static final long LARGEST_TRANSACTION_ID = 0xFFFFFFFFL;

    private static final int NET_ID_DIGITS = 6;
    private static final int EUI_DIGITS = 16;

    public Header {
        requireNonNull(version, "version");
        requireVisible("SenderID", requireNonNull(senderId, "senderId"));
        requireVisible("ReceiverID", requireNonNull(receiverId, "receiverId"));
        if (transactionId < 0 || transactionId > LARGEST_TRANSACTION_ID) {
            throw new IllegalArgumentException(
                    "TransactionID " + transactionId + " is not between 0 and 4294967295");
        }
        requireNonNull(senderNsId, "senderNsId");
        requireNonNull(receiverNsId, "receiverNsId");
        senderToken.ifPresent(token -> requireVisible("SenderToken", token));
        receiverToken.ifPresent(token -> requireVisible("ReceiverToken", token));
    }

    /** A header without NSIDs and tokens. */
    public Header(ProtocolVersion version, String senderId, String receiverId, long transactionId) {
        this(
                version,
                senderId,
                receiverId,
                transactionId,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** The header of the answer to this message: sender and receiver change places. */
    public Header answer() {
        return new Header(
                version,
                /* senderId= */ receiverId,
                /* receiverId= */ senderId,
                transactionId,
                /* senderNsId= */ receiverNsId,
                /* receiverNsId= */ senderNsId,
                /* senderToken= */ receiverToken,
                /* receiverToken= */ senderToken);
    }

    /** The sending network, if the sender is a Network Server. */
    public Optional<NetId> senderNetId() {
        return Hex.isNumber(senderId, NET_ID_DIGITS)
                ? Optional.of(new NetId((int) Hex.number(senderId, NET_ID_DIGITS)))
                : Optional.empty();
    }

    /** The JoinEUI this message is for, if the receiver is a Join Server. */
    public Optional<Eui64> receiverJoinEui() {
        return Hex.isNumber(receiverId, EUI_DIGITS)
                ? Optional.of(new Eui64(Hex.number(receiverId, EUI_DIGITS)))
                : Optional.empty();
    }

    /**
     * What is wrong with the NSID of this message, if a Network Server sent it: in version 1.1 its
     * sender names itself, in version 1.0 there is no such thing. Reading a message does not look
     * at this, because there are peers that hold it differently; whoever knows the peer does.
     *
     * @return one sentence, or empty when all is well
     */
    public Optional<String> nsIdProblem() {
        return switch (version) {
            case V1_0 ->
                    senderNsId.map(
                            nsId ->
                                    "SenderNSID "
                                            + nsId
                                            + " does not belong into a message of version 1.0:"
                                            + " leave it out, or send version 1.1");
            case V1_1 ->
                    senderNsId.isPresent()
                            ? Optional.empty()
                            : Optional.of(
                                    "SenderNSID is missing: in version 1.1 a Network Server names"
                                            + " itself");
        };
    }

    static void requireVisible(String name, String text) {
        if (text.isEmpty() || text.length() > LONGEST_TEXT) {
            throw new IllegalArgumentException(
                    "%s has %d characters, not 1 to %d"
                            .formatted(name, text.length(), LONGEST_TEXT));
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < ' ' || text.charAt(i) > '~') {
                throw new IllegalArgumentException(
                        name + " has other characters than visible ASCII");
            }
        }
    }

    /** Tokens stay out of it. */
    @Override
    public String toString() {
        return "Header[%s %s -> %s #%d]"
                .formatted(
                        version.text(),
                        Printable.of(senderId),
                        Printable.of(receiverId),
                        transactionId);
    }
}
