package dev.usher.backend;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.Printable;
import java.util.Optional;

/**
 * What a message is, by its name on the wire. The constants are those a Join Server and its peers
 * exchange; any other name makes a message {@link Unserved}.
 *
 * @param name 1 to {@value Header#LONGEST_TEXT} visible ASCII characters, such as {@code JoinReq}
 */
public record MessageType(String name) {

    public static final MessageType JOIN_REQ = new MessageType("JoinReq");
    public static final MessageType JOIN_ANS = new MessageType("JoinAns");
    public static final MessageType REJOIN_REQ = new MessageType("RejoinReq");
    public static final MessageType REJOIN_ANS = new MessageType("RejoinAns");
    public static final MessageType APP_S_KEY_REQ = new MessageType("AppSKeyReq");
    public static final MessageType APP_S_KEY_ANS = new MessageType("AppSKeyAns");
    public static final MessageType HOME_NS_REQ = new MessageType("HomeNSReq");
    public static final MessageType HOME_NS_ANS = new MessageType("HomeNSAns");
    public static final MessageType ERROR_NOTIF = new MessageType("ErrorNotif");

    private static final String REQUEST = "Req";
    private static final String ANSWER = "Ans";

    public MessageType {
        Header.requireVisible("MessageType", requireNonNull(name, "name"));
    }

    /** The type of the answer to a request of this type; empty for what is not a request. */
    public Optional<MessageType> answer() {
        if (!name.endsWith(REQUEST)) {
            return Optional.empty();
        }
        String subject = name.substring(0, name.length() - REQUEST.length());
        return Optional.of(new MessageType(subject + ANSWER));
    }

    @Override
    public String toString() {
        return Printable.of(name);
    }
}
