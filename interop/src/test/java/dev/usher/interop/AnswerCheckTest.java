package dev.usher.interop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.usher.backend.AppSKeyReq;
import dev.usher.backend.BackendCodec;
import dev.usher.backend.Header;
import dev.usher.backend.HomeNsReq;
import dev.usher.backend.Octets;
import dev.usher.backend.ProtocolVersion;
import dev.usher.backend.Request;
import dev.usher.lorawan.MacVersion;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnswerCheckTest {

    private static final Request HOME_NS_REQ =
            new HomeNsReq(
                    new Header(
                            ProtocolVersion.V1_1,
                            "000013",
                            "70B3D57ED0000001",
                            7,
                            Optional.of(Setting.NS_ID),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty()),
                    Setting.DEV_EUI);

    private static final Request APP_S_KEY_REQ =
            new AppSKeyReq(
                    new Header(ProtocolVersion.V1_0, "as.example.com", "70B3D57ED0000001", 7),
                    Setting.DEV_EUI,
                    Octets.parse("0102"));

    private static Optional<String> problem(Request request, String answer) {
        byte[] json = answer.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        return AnswerCheck.problem(request, BackendCodec.parse(json));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    HomeNSAns | 1.1 | 70B3D57ED0000001   | 000013   | 7 | 70B3D57ED0000099 | Success |
                    HomeNSAns | 1.1 | 0x70b3d57ed0000001 | 0x000013 | 7 |                  | Other   |
                    JoinAns   | 1.1 | 70B3D57ED0000001   | 000013   | 7 |                  | Other   | answered a HomeNSReq with a JoinAns
                    HomeNSReq | 1.1 | 70B3D57ED0000001   | 000013   | 7 |                  | Other   | answered a HomeNSReq with a HomeNSReq
                    Nonsense  | 1.1 | 70B3D57ED0000001   | 000013   | 7 |                  | Other   | answered a HomeNSReq with a Nonsense
                    HomeNSAns | 1.1 | 70B3D57ED0000001   | 000013   | 8 |                  | Success | answered transaction 8 instead of 7
                    HomeNSAns | 1.1 | 70B3D57ED0000002   | 000013   | 7 |                  | Success | answered with SenderID 70B3D57ED0000002 instead of 70B3D57ED0000001
                    HomeNSAns | 1.1 | somebody           | 000013   | 7 |                  | Success | answered with SenderID somebody instead of 70B3D57ED0000001
                    HomeNSAns | 1.1 | 70B3D57ED0000001   | 000014   | 7 |                  | Success | answered with ReceiverID 000014 instead of 000013
                    HomeNSAns | 1.1 | 70B3D57ED0000001   | 000013   | 7 | 70B3D57ED0000098 | Success | answered with ReceiverNSID 70B3D57ED0000098 instead of 70B3D57ED0000099
                    HomeNSAns | 1.0 | 70B3D57ED0000001   | 000013   | 7 |                  | Success | answered with ProtocolVersion 1.0 instead of 1.1
                    HomeNSAns | 1.0 | 70B3D57ED0000001   | 000013   | 7 |                  | InvalidProtocolVersion |
                    """)
    void anAnswerIsToItsRequestAndToNoOther(
            String type,
            String version,
            String sender,
            String receiver,
            long transaction,
            String nsId,
            String result,
            String problem) {
        String answer =
                """
                {'MessageType': '%s', 'ProtocolVersion': '%s', 'SenderID': '%s', 'ReceiverID': '%s',
                 'TransactionID': %d, 'ReceiverNSID': '%s', 'Result': {'ResultCode': '%s'},
                 'HNetID': '000013', 'DevEUI': '0102030405060708'}
                """
                        .formatted(
                                type,
                                version,
                                sender,
                                receiver,
                                transaction,
                                nsId == null ? "" : nsId,
                                result);
        assertThat(problem(HOME_NS_REQ, answer)).isEqualTo(Optional.ofNullable(problem));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    as.example.com  | 0102030405060708 | 0102 |
                    as.example.com  |                  |      |
                    as2.example.com |                  |      | answered with ReceiverID as2.example.com instead of as.example.com
                    as.example.com  | 0102030405060709 | 0102 | answered with DevEUI 0102030405060709 instead of 0102030405060708
                    as.example.com  | 0102030405060708 | 0103 | answered with SessionKeyID 0103 instead of 0102
                    """)
    void aKeyIsThatOfTheSession(
            String receiver, String devEui, String sessionKeyId, String problem) {
        String answer =
                """
                {'MessageType': 'AppSKeyAns', 'ProtocolVersion': '1.0',
                 'SenderID': '70B3D57ED0000001', 'ReceiverID': '%s', 'TransactionID': 7,
                 'DevEUI': '%s', 'SessionKeyID': '%s', 'Result': {'ResultCode': 'Success'},
                 'AppSKey': {'AESKey': '00112233445566778899AABBCCDDEEFF'}}
                """
                        .formatted(
                                receiver,
                                devEui == null ? "" : devEui,
                                sessionKeyId == null ? "" : sessionKeyId);
        assertThat(problem(APP_S_KEY_REQ, answer)).isEqualTo(Optional.ofNullable(problem));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    1.0.3 | 204D675073BB4153833BFE3DF4DAEB06F5   | NwkSKey |
                    1.1   | 204D675073BB4153833BFE3DF4DAEB06F5   | 1.1     |
                    1.1   | 204D675073BB4153833BFE3DF4DAEB06F5   | NwkSKey |
                    1.0.3 | 204D675073BB4153833BFE3DF4DAEB06F5   | 1.1     | answered with keys of LoRaWAN 1.1 for MACVersion 1.0.3
                    1.0.3 | 20                                   | NwkSKey | answered with a PHYPayload of 1 bytes that is no join-accept
                    1.0.3 | 604D675073BB4153833BFE3DF4DAEB06F5   | NwkSKey | answered with a PHYPayload of 17 bytes that is no join-accept
                    1.1   | 204D675073BB4153833BFE3DF4DAEB06F5FF | 1.1     | answered with a PHYPayload of 18 bytes that is no join-accept
                    """)
    void whatIsGrantedIsAJoinAcceptWithKeysThatFitIt(
            String macVersion, String phyPayload, String keys, String problem) {
        Request request =
                Setting.joinReq(
                        new Header(ProtocolVersion.V1_0, "000013", "70B3D57ED0000001", 7),
                        MacVersion.parse(macVersion));
        String key = "{'AESKey': '00112233445566778899AABBCCDDEEFF'}";
        String answer =
                """
                {'MessageType': 'JoinAns', 'ProtocolVersion': '1.0', 'SenderID': '70B3D57ED0000001',
                 'ReceiverID': '000013', 'TransactionID': 7, 'PHYPayload': '%s', %s,
                 'SessionKeyID': '0102', 'Result': {'ResultCode': 'Success'}}
                """
                        .formatted(
                                phyPayload,
                                (keys.equals("1.1")
                                                ? List.of(
                                                        "FNwkSIntKey", "SNwkSIntKey", "NwkSEncKey")
                                                : List.of(keys))
                                        .stream()
                                                .map(name -> "'" + name + "': " + key)
                                                .collect(Collectors.joining(", ")));
        assertThat(problem(request, answer)).isEqualTo(Optional.ofNullable(problem));
    }
}
