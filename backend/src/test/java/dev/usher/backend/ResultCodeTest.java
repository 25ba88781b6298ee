package dev.usher.backend;

import static dev.usher.backend.ProtocolVersion.V1_0;
import static dev.usher.backend.ProtocolVersion.V1_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ResultCodeTest {

    /** 1.0 specification table 24, letter by letter. */
    private static final Set<String> OF_1_0 =
            Set.of(
                    "Success",
                    "MICFailed",
                    "JoinReqFailed",
                    "NoRoamingAgreement",
                    "DevRoamingDisallowed",
                    "RoamingActDisallowed",
                    "ActivationDisallowed",
                    "UnknownDevEUI",
                    "UnknownDevAddr",
                    "UnknownSender",
                    "UnkownReceiver",
                    "Deferred",
                    "XmitFailed",
                    "InvalidFPort",
                    "InvalidProtocolVersion",
                    "StaleDeviceProfile",
                    "MalformedRequest",
                    "FrameSizeError",
                    "Other");

    @ParameterizedTest
    @EnumSource
    void writesNothingThatVersion1_0DoesNotKnow(ResultCode code) {
        assertThat(OF_1_0).contains(code.wire(V1_0));
    }

    @ParameterizedTest
    @CsvSource({
        "MALFORMED_MESSAGE, MalformedRequest, MalformedMessage",
        "FRAME_REPLAYED,    JoinReqFailed,    FrameReplayed",
        "NO_ACTION,         Other,            NoAction",
        "UNKNOWN_RECEIVER,  UnkownReceiver,   UnkownReceiver",
        "MIC_FAILED,        MICFailed,        MICFailed",
    })
    void isWrittenByVersion(ResultCode code, String of1_0, String of1_1) {
        assertThat(code.wire(V1_0)).isEqualTo(of1_0);
        assertThat(code.wire(V1_1)).isEqualTo(of1_1);
    }

    @ParameterizedTest
    @EnumSource
    void isReadAsItIsWrittenIn1_1(ResultCode code) {
        assertThat(ResultCode.of(code.wire(V1_1))).contains(code);
    }

    @ParameterizedTest
    @CsvSource({
        "MalformedRequest,      MALFORMED_MESSAGE",
        "UnknownReceiver,       UNKNOWN_RECEIVER",
        "RoamingActDisallowedA, ROAMING_ACT_DISALLOWED",
    })
    void isReadAsPeersSpellIt(String text, ResultCode code) {
        assertThat(ResultCode.of(text)).contains(code);
    }

    @Test
    void keepsTheTextOfACodeThatIsNotInTheTable() {
        Result result = Result.received("NoNegotiationAgreement", Optional.of("ask again"));
        assertThat(result.isSuccess()).isFalse();
        assertThat(result)
                .isEqualTo(
                        new Result(
                                ResultCode.OTHER,
                                "NoNegotiationAgreement",
                                Optional.of("ask again")));
    }
}
