package dev.usher.interop;

import dev.usher.backend.ActivationAns;
import dev.usher.backend.ActivationReq;
import dev.usher.backend.Answer;
import dev.usher.backend.AppSKeyAns;
import dev.usher.backend.AppSKeyReq;
import dev.usher.backend.Header;
import dev.usher.backend.Message;
import dev.usher.backend.NetworkKeys;
import dev.usher.backend.Request;
import dev.usher.backend.ResultCode;
import dev.usher.backend.SessionGrant;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.JoinAccept;
import dev.usher.lorawan.NetId;
import dev.usher.lorawan.Printable;
import java.util.Optional;

/** Whether a message is the answer to a request, and to no other. */
final class AnswerCheck {

    private AnswerCheck() {}

    /**
     * What is wrong with it, as a sentence that begins with the Join Server; empty if it is the
     * answer.
     */
    static Optional<String> problem(Request request, Message message) {
        if (!(message instanceof Answer answer)
                || !request.type().answer().equals(Optional.of(answer.type()))) {
            return Optional.of("answered a " + request.type() + " with a " + message.type());
        }
        Header asked = request.header();
        // As if the answer were the question: sender and receiver in their old places.
        Header back = answer.header().answer();
        if (back.transactionId() != asked.transactionId()) {
            return Optional.of(
                    "answered transaction %d instead of %d"
                            .formatted(back.transactionId(), asked.transactionId()));
        }
        if (!back.receiverJoinEui().equals(asked.receiverJoinEui())) {
            return differs("SenderID", back.receiverId(), asked.receiverId());
        }
        Optional<NetId> netId = asked.senderNetId();
        boolean isOurs =
                netId.isPresent()
                        ? netId.equals(back.senderNetId())
                        : asked.senderId().equals(back.senderId());
        if (!isOurs) {
            return differs("ReceiverID", back.senderId(), asked.senderId());
        }
        Optional<Eui64> nsId = back.senderNsId();
        if (nsId.isPresent() && !nsId.equals(asked.senderNsId())) {
            return differs(
                    "ReceiverNSID",
                    nsId.get().toString(),
                    asked.senderNsId().map(Eui64::toString).orElse("none"));
        }
        // Whoever does not speak our version can say so in his own only.
        if (back.version() != asked.version()
                && answer.result().code() != ResultCode.INVALID_PROTOCOL_VERSION) {
            return differs("ProtocolVersion", back.version().text(), asked.version().text());
        }
        if (request instanceof AppSKeyReq appSKeyReq && answer instanceof AppSKeyAns appSKeyAns) {
            return problem(appSKeyReq, appSKeyAns);
        }
        return request instanceof ActivationReq activationReq
                        && answer instanceof ActivationAns activationAns
                ? activationAns.grant().flatMap(grant -> problem(activationReq, grant))
                : Optional.empty();
    }

    /** What is granted goes on the air as it is, and the device is heard with these keys alone. */
    private static Optional<String> problem(ActivationReq request, SessionGrant grant) {
        byte[] phyPayload = grant.phyPayload().bytes();
        if (!JoinAccept.looksLike(phyPayload)) {
            return Optional.of(
                    "answered with a PHYPayload of "
                            + phyPayload.length
                            + " bytes that is no join-accept");
        }
        return grant.networkKeys() instanceof NetworkKeys.R1_1 && !request.macVersion().isR1_1()
                ? Optional.of(
                        "answered with keys of LoRaWAN 1.1 for MACVersion "
                                + request.macVersion().text())
                : Optional.empty();
    }

    /** A key of another device or session would decrypt nothing, and be kept. */
    private static Optional<String> problem(AppSKeyReq request, AppSKeyAns answer) {
        if (answer.devEui().isPresent() && !answer.devEui().get().equals(request.devEui())) {
            return differs("DevEUI", answer.devEui().get().toString(), request.devEui().toString());
        }
        if (answer.sessionKeyId().isPresent()
                && !answer.sessionKeyId().get().equals(request.sessionKeyId())) {
            return differs(
                    "SessionKeyID",
                    answer.sessionKeyId().get().toString(),
                    request.sessionKeyId().toString());
        }
        return Optional.empty();
    }

    private static Optional<String> differs(String object, String is, String shouldBe) {
        return Optional.of(
                "answered with %s %s instead of %s"
                        .formatted(object, Printable.of(is), Printable.of(shouldBe)));
    }
}
