package dev.usher.backend;

import static dev.usher.backend.ProtocolVersion.V1_0;
import static dev.usher.backend.ProtocolVersion.V1_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.NetId;
import java.util.Optional;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderTest {

    private static final Optional<Eui64> NS_ID = Optional.of(new Eui64(0x70B3D57ED0000001L));

    private static Header ofNetworkServer(ProtocolVersion version, Optional<Eui64> nsId) {
        return new Header(
                version,
                "42FFFF",
                "70B3D57ED0000000",
                7,
                nsId,
                Optional.empty(),
                Optional.of("0A0B"),
                Optional.empty());
    }

    @Test
    void sendsTheAnswerBackWithTheTokenOfTheSender() {
        assertThat(ofNetworkServer(V1_1, NS_ID).answer())
                .isEqualTo(
                        new Header(
                                V1_1,
                                "70B3D57ED0000000",
                                "42FFFF",
                                7,
                                Optional.empty(),
                                NS_ID,
                                Optional.empty(),
                                Optional.of("0A0B")));
    }

    @Property
    void answersAnAnswerWithTheSameHeader(@ForAll("headers") Header header) {
        assertThat(header.answer().answer()).isEqualTo(header);
    }

    @Provide
    Arbitrary<Header> headers() {
        return Messages.headers();
    }

    @ParameterizedTest
    @ValueSource(strings = {"42ffff", "42FFFF", "0x42ffff", "0X42FFFF"})
    void readsTheNetIdOfTheSender(String senderId) {
        assertThat(new Header(V1_0, senderId, "as", 0).senderNetId()).contains(new NetId(0x42FFFF));
    }

    @ParameterizedTest
    @ValueSource(strings = {"70b3d57ed0000000", "70B3D57ED0000000", "0x70B3D57ED0000000"})
    void readsTheJoinEuiOfTheReceiver(String receiverId) {
        assertThat(new Header(V1_0, "42FFFF", receiverId, 0).receiverJoinEui())
                .contains(new Eui64(0x70B3D57ED0000000L));
    }

    @ParameterizedTest
    @ValueSource(strings = {"as.example.com", "42FFF", "42FFFF0", "0x42FF", "70B3D57ED000000Z"})
    void takesNoOtherNameForANetworkOrJoinServer(String name) {
        Header header = new Header(V1_0, name, name, 0);
        assertThat(header.senderNetId()).isEmpty();
        assertThat(header.receiverJoinEui()).isEmpty();
    }

    @Test
    void wantsANetworkServerToNameItselfIn1_1Only() {
        assertThat(ofNetworkServer(V1_1, NS_ID).nsIdProblem()).isEmpty();
        assertThat(ofNetworkServer(V1_0, Optional.empty()).nsIdProblem()).isEmpty();
        assertThat(ofNetworkServer(V1_1, Optional.empty()).nsIdProblem())
                .hasValueSatisfying(problem -> assertThat(problem).contains("is missing"));
        assertThat(ofNetworkServer(V1_0, NS_ID).nsIdProblem())
                .hasValueSatisfying(
                        problem -> assertThat(problem).contains("SenderNSID 70B3D57ED0000001"));
    }

    @Test
    void doesNotPrintTokens() {
        assertThat(ofNetworkServer(V1_1, NS_ID))
                .hasToString("Header[1.1 42FFFF -> 70B3D57ED0000000 #7]");
    }

    @ParameterizedTest
    @CsvSource({
        "'',     0,          'SenderID has 0 characters'",
        "'a\tb', 0,          'SenderID has other characters'",
        "ä,      0,          'SenderID has other characters'",
        "ns,     -1,         'TransactionID -1 is not between'",
        "ns,     4294967296, 'TransactionID 4294967296 is not between'",
    })
    void refuses(String senderId, long transactionId, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Header(V1_0, senderId, "js", transactionId))
                .withMessageContaining(message);
    }
}
