package dev.usher.backend;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.CfList;
import dev.usher.lorawan.DevAddr;
import dev.usher.lorawan.DlSettings;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.MacVersion;
import java.util.Optional;

/** A device wants to join: {@link #phyPayload} is its join-request. */
public record JoinReq(
        Header header,
        MacVersion macVersion,
        Octets phyPayload,
        Eui64 devEui,
        DevAddr devAddr,
        DlSettings dlSettings,
        int rxDelay,
        Optional<CfList> cfList)
        implements ActivationReq {

    public JoinReq {
        requireNonNull(header, "header");
        requireNonNull(macVersion, "macVersion");
        requireNonNull(phyPayload, "phyPayload");
        requireNonNull(devEui, "devEui");
        requireNonNull(devAddr, "devAddr");
        requireNonNull(dlSettings, "dlSettings");
        if (rxDelay < 0 || rxDelay > LARGEST_RX_DELAY) {
            throw new IllegalArgumentException(
                    "RxDelay " + rxDelay + " is not between 0 and " + LARGEST_RX_DELAY);
        }
        requireNonNull(cfList, "cfList");
    }

    @Override
    public MessageType type() {
        return MessageType.JOIN_REQ;
    }

    @Override
    public JoinAns refusal(Result result) {
        return JoinAns.refusal(header.answer(), result);
    }
}
