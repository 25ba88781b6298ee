package dev.usher.backend;

import static java.util.Objects.requireNonNull;

import dev.usher.lorawan.CfList;
import dev.usher.lorawan.DevAddr;
import dev.usher.lorawan.DlSettings;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.MacVersion;
import java.util.Optional;

/**
 * A device wants to rejoin: {@link #phyPayload} is its rejoin-request of type 0, 1 or 2. The
 * receiver is the Join Server by its JoinEUI also where the frame carries a NetID instead.
 */
public record RejoinReq(
        Header header,
        MacVersion macVersion,
        Octets phyPayload,
        Eui64 devEui,
        DevAddr devAddr,
        DlSettings dlSettings,
        int rxDelay,
        Optional<CfList> cfList)
        implements ActivationReq {

    public RejoinReq {
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
        return MessageType.REJOIN_REQ;
    }

    @Override
    public RejoinAns refusal(Result result) {
        return RejoinAns.refusal(header.answer(), result);
    }
}
