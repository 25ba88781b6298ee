package dev.usher.network.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.usher.backend.Header;
import dev.usher.backend.JoinAns;
import dev.usher.backend.JoinReq;
import dev.usher.backend.KeyEnvelope;
import dev.usher.backend.Octets;
import dev.usher.backend.ProtocolVersion;
import dev.usher.backend.Result;
import dev.usher.backend.ResultCode;
import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.DevAddr;
import dev.usher.lorawan.DlSettings;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.MacVersion;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What is told of a join that this house's own Join Server does not accept. */
class JoinServersTest {

    private static final Eui64 JOIN_EUI = Eui64.parse("70B3D57ED0000001");

    /** Refuses, fails, or is none at all. */
    private record Stub(Optional<ResultCode> refusal, Optional<String> failure)
            implements JoinServers {

        static final Stub NONE = new Stub(Optional.empty(), Optional.empty());

        static Stub refusing(ResultCode code) {
            return new Stub(Optional.of(code), Optional.empty());
        }

        @Override
        public Optional<JoinAns> join(Eui64 joinEui, Function<Header, JoinReq> request)
                throws JoinServerFailure {
            if (failure.isPresent()) {
                throw new JoinServerFailure(failure.get());
            }
            Header header =
                    new Header(
                            ProtocolVersion.V1_1,
                            "000013",
                            JOIN_EUI.toString(),
                            /* transactionId= */ 1);
            return refusal.map(code -> request.apply(header).refusal(Result.of(code, "no")));
        }

        @Override
        public Optional<AesKey> appSKey(Eui64 joinEui, Eui64 devEui, Octets sessionKeyId) {
            return Optional.empty();
        }

        @Override
        public Optional<AesKey> open(KeyEnvelope envelope) {
            return Optional.empty();
        }
    }

    private static Optional<ResultCode> told(JoinServers own, JoinServers others)
            throws JoinServerFailure {
        return JoinServers.inOrder(own, others)
                .join(JOIN_EUI, JoinServersTest::request)
                .map(answer -> answer.result().code());
    }

    private static JoinReq request(Header header) {
        return new JoinReq(
                header,
                MacVersion.V1_0_3,
                Octets.parse("00010000D07ED5B370080706050403020100003851F0B6"),
                Eui64.parse("0102030405060708"),
                new DevAddr(0x26000001),
                new DlSettings(0),
                5,
                Optional.empty());
    }

    @Test
    void theOthersRefusalIsTold() throws Exception {
        assertThat(
                        told(
                                Stub.refusing(ResultCode.UNKNOWN_RECEIVER),
                                Stub.refusing(ResultCode.MIC_FAILED)))
                .hasValue(ResultCode.MIC_FAILED);
    }

    @Test
    void whyTheOthersFailedIsToldAndNotThatTheOwnIsAnothers() {
        Stub away = new Stub(Optional.empty(), Optional.of("js.example cannot be reached"));
        assertThatExceptionOfType(JoinServerFailure.class)
                .isThrownBy(() -> told(Stub.refusing(ResultCode.UNKNOWN_RECEIVER), away))
                .withMessage("js.example cannot be reached");
    }

    @Test
    void withoutOthersTheOwnRefusalIsToldUnlessTheJoinEuiIsNoneOfItsOwn() throws Exception {
        assertThat(told(Stub.refusing(ResultCode.MIC_FAILED), Stub.NONE))
                .hasValue(ResultCode.MIC_FAILED);
        assertThat(told(Stub.refusing(ResultCode.UNKNOWN_RECEIVER), Stub.NONE)).isEmpty();
    }
}
