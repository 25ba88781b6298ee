package dev.usher.backend;

import dev.usher.lorawan.CfList;
import dev.usher.lorawan.DevAddr;
import dev.usher.lorawan.DlSettings;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.MacVersion;
import java.util.Optional;

/**
 * A Network Server passes on the frame of a device that wants to join or rejoin, and says how the
 * device shall be activated (1.0 specification tables 7 and 9). {@link JoinReq} and {@link
 * RejoinReq} carry the same objects.
 */
public sealed interface ActivationReq extends Request permits JoinReq, RejoinReq {

    /** The highest version that the device and the Network Server have in common. */
    MacVersion macVersion();

    /** The device's frame, on-air bytes with the MIC, whatever their number. */
    Octets phyPayload();

    Eui64 devEui();

    /** The address the Network Server gives to the device. */
    DevAddr devAddr();

    DlSettings dlSettings();

    /** Delay of the first receive window, 0 to {@value #LARGEST_RX_DELAY}; 0 means a second. */
    int rxDelay();

    /** Channels for the device. */
    Optional<CfList> cfList();

    /** The join-accept has four bits for it. */
    int LARGEST_RX_DELAY = 15;

    @Override
    ActivationAns refusal(Result result);
}
