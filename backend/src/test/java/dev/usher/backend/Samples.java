package dev.usher.backend;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.Kek;
import java.util.HexFormat;

/** Messages as peers send them, and what the tests do with them. */
final class Samples {

    /** RFC 3394 section 4.1. */
    static final Kek KEK = Kek.parse("000102030405060708090A0B0C0D0E0F");

    static final AesKey KEY = AesKey.parse("00112233445566778899AABBCCDDEEFF");

    static final byte[] WRAPPED =
            HexFormat.of().parseHex("1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5");

    /** From the Network Server of The Things Stack. */
    static final String JOIN_REQ =
            """
            {"ProtocolVersion":"1.1","TransactionID":0,"MessageType":"JoinReq","SenderID":"42FFFF",
             "SenderNSID":"70B3D57ED0000001","ReceiverID":"70B3D57ED0000000","MACVersion":"1.0.3",
             "PHYPayload":"00000000D07ED5B370080706050403020100003851F0B6",
             "DevEUI":"0102030405060708","DevAddr":"01020304","DLSettings":"00","RxDelay":5}\
            """;

    static final String JOIN_ANS =
            """
            {"ProtocolVersion":"1.1","TransactionID":0,"MessageType":"JoinAns",
             "SenderID":"70B3D57ED0000000","ReceiverID":"42FFFF",
             "ReceiverNSID":"70B3D57ED0000001","Result":{"ResultCode":"Success"},"Lifetime":0,
             "PHYPayload":"204D675073BB4153833BFE3DF4DAEB06F5",
             "NwkSKey":{"KEKLabel":"ns:42ffff",
                        "AESKey":"1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5"},
             "AppSKey":{"AESKey":"00112233445566778899AABBCCDDEEFF"},
             "SessionKeyID":"016BFA7BAD4756346A674981E75CDBDC"}\
            """;

    static final String APP_S_KEY_REQ =
            """
            {"ProtocolVersion":"1.0","MessageType":"AppSKeyReq","TransactionID":7,
             "SenderID":"as.example.com","ReceiverID":"70B3D57ED0000000",
             "DevEUI":"0102030405060708","SessionKeyID":"016BFA7BAD4756346A674981E75CDBDC"}\
            """;

    /** From the Network Server of ChirpStack: lower case, MACVersion with three numbers. */
    static final String REJOIN_REQ =
            """
            {"ProtocolVersion":"1.0","SenderID":"010203","ReceiverID":"70b3d57ed0000000",
             "TransactionID":4294967295,"MessageType":"RejoinReq","SenderToken":"0a0b",
             "MACVersion":"1.1.0","PHYPayload":"c000030201080706050403020100002b459cf0",
             "DevEUI":"0102030405060708","DevAddr":"01020304","DLSettings":"80","RxDelay":1,
             "CFList":"184f84e85684b85e8488668458d15f00"}\
            """;

    /** From the Join Server of The Things Stack, with its vendor extension. */
    static final String HOME_NS_ANS =
            """
            {"ProtocolVersion":"1.1","TransactionID":0,"MessageType":"HomeNSAns",
             "SenderID":"70B3D57ED0000000","ReceiverID":"42FFFF",
             "ReceiverNSID":"70B3D57ED0000001","Result":{"ResultCode":"Success"},
             "HNetID":"000013","HNSID":"EC656E0000000181",
             "VSExtension":{"VendorID":"EC656E",
                            "Object":{"TTSV3":{"HTenantID":"t","HNSAddress":"localhost"}}}}\
            """;

    private Samples() {}

    static Message parse(String json) {
        return BackendCodec.parse(json.getBytes(UTF_8));
    }

    static String written(Message message) {
        return new String(BackendCodec.write(message), UTF_8);
    }
}
