package dev.usher.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.usher.api.House.Answer;
import dev.usher.api.edge.Request;
import dev.usher.backend.BackendCodec;
import dev.usher.devices.PeerCredential;
import dev.usher.devices.PeerProof;
import dev.usher.keys.KeyLabel;
import dev.usher.lorawan.DeviceLabel;
import dev.usher.lorawan.EuiRange;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Devices over REST: {@code ::1} makes them, {@code ::2} claims them. */
class DeviceRoutesTest {

    private static final String DEVICES = "/api/v1/devices";
    private static final String DEVICE = DEVICES + "/0102030405060708";
    private static final String APP_KEY = "000102030405060708090A0B0C0D0E0F";
    private static final String NEW =
            "{'devEui':'0102030405060708','joinEui':'70B3D57ED0000001','appKey':'" + APP_KEY + "'}";
    private static final String WITH_TOKEN = NEW.replace("}", ",'ownerToken':'TOKEN1'}");

    private @TempDir Path directory;
    private House house;

    @BeforeEach
    void open() {
        house = new House(directory);
        house.database.write(
                house.joinServer
                        .joinEuis()
                        .assign(House.ADMIN, EuiRange.parse("70B3D57ED0000000/40"), House.ACME));
        house.joinServer.joinEuis().refresh();
    }

    @AfterEach
    void close() {
        house.close();
    }

    @Test
    void aMakerProvisionsADeviceAndGetsItsLabelOnce() throws Exception {
        Answer created = maker("POST", DEVICES, NEW);

        assertThat(created.status()).isEqualTo(201);
        assertThat(created.json().get("result").stringValue()).isEqualTo("created");
        String token = created.json().get("ownerToken").stringValue();
        DeviceLabel label = DeviceLabel.parse(created.json().get("label").stringValue());
        assertThat(label.ownerToken()).contains(token);
        assertThat(label.devEui().orElseThrow()).hasToString("0102030405060708");

        Answer device = maker("GET", DEVICE, "");
        assertThat(device.json())
                .isEqualTo(
                        json(
                                "{'devEui':'0102030405060708','joinEui':'70B3D57ED0000001',"
                                        + "'maker':'::1','hasNwkKey':false,'hasAppKey':true,"
                                        + "'claimable':true,'locked':false,'strict':false,"
                                        + "'resetsJoinNonces':false,'lifetime':0,'lastJoinNonce':0,"
                                        + "'createdAt':'2026-11-21T10:00:00Z'}"));
        assertThat(maker("GET", DEVICE + "/label", "").json().get("label").stringValue())
                .startsWith("LW:D0:70B3D57ED0000001:0102030405060708::C");
        String told = house.askRest("GET", "/api/v1/audit", "").body() + device.body();
        assertThat(told).doesNotContain(token).doesNotContain(APP_KEY);
    }

    @Test
    void aDeviceMayNameTheKeyInsideOfWhichAloneItsRootKeysAreUsed() throws Exception {
        String named = NEW.replace("}", ",'wrappingKey':'devices-1'}");
        Answer unknown = maker("POST", DEVICES, named);
        assertThat(unknown.status()).isEqualTo(409);
        assertThat(unknown.json().get("detail").stringValue()).contains("devices-1");

        house.vault.wrappingKeys().create(new KeyLabel("devices-1"));
        assertThat(maker("POST", DEVICES, named).status()).isEqualTo(201);
        assertThat(maker("GET", DEVICE, "").json().get("wrappingKey").stringValue())
                .isEqualTo("devices-1");
    }

    @Test
    void theSameDeviceAgainHasNoEffectAndAnotherOneIsRefused() throws Exception {
        assertThat(maker("POST", DEVICES, WITH_TOKEN).json())
                .isEqualTo(
                        json(
                                "{'devEui':'0102030405060708','result':'created','label':"
                                    + "'LW:D0:70B3D57ED0000001:0102030405060708::OTOKEN1:C78A3'}"));

        Answer again = maker("POST", DEVICES, WITH_TOKEN);
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.json())
                .isEqualTo(json("{'devEui':'0102030405060708','result':'unchanged'}"));
        Answer other = maker("POST", DEVICES, WITH_TOKEN.replace("0001'", "0002'"));
        assertThat(other.status()).isEqualTo(409);
        assertThat(other.json().get("detail").stringValue()).contains("other content (JoinEUI)");
        Answer foreign = buyer("POST", DEVICES, WITH_TOKEN.replace("0708", "0709"));
        assertThat(foreign.status()).isEqualTo(409);
        assertThat(foreign.json().get("detail").stringValue()).contains("in no range of yours");
    }

    @Test
    void aDryRunChangesNothingAndTheSameKeyChangesOnce() throws Exception {
        assertThat(maker("POST", DEVICES + "?dryRun=true", NEW).body())
                .isEqualTo("{\"dryRun\":true}");
        assertThat(maker("GET", DEVICE, "").status()).isEqualTo(404);
        assertThat(maker("POST", DEVICES + "?dryRun=true", NEW.replace("70B3", "80B3")).status())
                .isEqualTo(409);

        Answer first = once(DEVICES, NEW);
        Answer second = once(DEVICES, NEW);
        assertThat(second).isEqualTo(first);
        assertThat(second.json().has("ownerToken")).isTrue();
        assertThat(once(DEVICES, WITH_TOKEN).status()).isEqualTo(409);
    }

    @Test
    void takesAllThereIsToSayAboutADevice() throws Exception {
        String all =
                "{'devEui':'0102030405060708','joinEui':'70B3D57ED0000001','nwkKey':'"
                        + APP_KEY
                        + "','appKey':'0x0F0E0D0C0B0A09080706050403020100','macVersion':'1.1',"
                        + "'profileId':'AABB1122','serialNumber':'YYWWNNNNNN',"
                        + "'ownerToken':'TOKEN1','homeNetId':'000013',"
                        + "'homeNsId':'70B3D57ED0000007','asId':'as.example.com',"
                        + "'asKekLabel':'as','asKek':'"
                        + APP_KEY
                        + "','appSKeyInClear':false,'roamingNetIds':['000017','000016'],"
                        + "'strict':true,'resetsJoinNonces':true,'lifetime':4294967295}";
        assertThat(maker("POST", DEVICES, all).status()).isEqualTo(201);

        assertThat(maker("GET", DEVICE, "").json())
                .isEqualTo(
                        json(
                                "{'devEui':'0102030405060708','joinEui':'70B3D57ED0000001',"
                                        + "'maker':'::1','macVersion':'1.1.0',"
                                        + "'profileId':'AABB1122','serialNumber':'YYWWNNNNNN',"
                                        + "'hasNwkKey':true,'hasAppKey':true,'claimable':true,"
                                        + "'locked':false,'homeNetId':'000013',"
                                        + "'homeNsId':'70B3D57ED0000007','asId':'as.example.com',"
                                        + "'asKekLabel':'as','appSKeyInClear':false,"
                                        + "'roamingNetIds':['000016','000017'],'strict':true,"
                                        + "'resetsJoinNonces':true,'lifetime':4294967295,"
                                        + "'lastJoinNonce':0,'createdAt':'2026-11-21T10:00:00Z'}"));
        assertThat(maker("POST", DEVICES, all).json().get("result").stringValue())
                .isEqualTo("unchanged");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {} | devEui is missing
                    {'devEui':'0102030405060708'} | joinEui is missing
                    {'devEui':'x','joinEui':'70B3D57ED0000001','appKey':'KEY'} | devEui: 'x' is not an EUI
                    {'devEui':'010203040506','joinEui':'70B3D57ED0000001','appKey':'KEY'} | devEui: '010203040506' has 12 hex digits
                    {'devEui':'0102030405060708','joinEui':'70:B3:D5:7E:D0:00','appKey':'KEY'} | joinEui: '70:B3:D5:7E:D0:00' has 12 hex digits
                    {'devEui':'0000000000000000','joinEui':'70B3D57ED0000001','appKey':'KEY'} | names no device
                    {'devEui':'0102030405060708','joinEui':'70B3D57ED0000001'} | a root key is missing
                    {'devEui':'0102030405060708','joinEui':'70B3D57ED0000001','appKey':'KEYKEY'} | appKey: an AES-128 key is written as 32 hex digits
                    {'devEui':'0102030405060708','joinEui':'70B3D57ED0000001','appKey':7} | appKey must be a string
                    {'devEui':'0102030405060708','joinEui':'70B3D57ED0000001','kekLabel':'k'} | kekLabel goes with
                    {'devEui':'0102030405060708','joinEui':'70B3D57ED0000001','appKey':'KEY','kekLabel':'k'} | a wrapped root key is written as 48 hex digits
                    {'devEui':'0102030405060708','joinEui':'70B3D57ED0000001','appKey':'KEY','macVersion':'1.1'} | needs both
                    {'devEui':'0102030405060708','joinEui':'70B3D57ED0000001','appKey':'KEY','macVersion':'2'} | macVersion: '2' is not a LoRaWAN version
                    {'devEui':'0102030405060708','joinEui':'70B3D57ED0000001','appKey':'KEY','profileId':'x'} | ProfileID 'x'
                    {'devEui':'0102030405060708','joinEui':'70B3D57ED0000001','appKey':'KEY','ownerToken':'KEY:'} | an owner token is 1 to
                    {'devEui':'0102030405060708','joinEui':'70B3D57ED0000001','appKey':'KEY','homeNetId':'13'} | homeNetId:
                    {'devEui':'0102030405060708','joinEui':'70B3D57ED0000001','appKey':'KEY','homeNsId':'70B3D57ED0000001'} | has no home NetID
                    {'devEui':'0102030405060708','joinEui':'70B3D57ED0000001','appKey':'KEY','asId':'a b'} | is not an AS-ID
                    {'devEui':'0102030405060708','joinEui':'70B3D57ED0000001','appKey':'KEY','asKek':'KEY'} | asKekLabel and asKek go together
                    {'devEui':'0102030405060708','joinEui':'70B3D57ED0000001','appKey':'KEY','asKekLabel':'x','asKek':'12'} | asKek: a KEK is written as
                    {'devEui':'0102030405060708','joinEui':'70B3D57ED0000001','appKey':'KEY','roamingNetIds':'000013'} | roamingNetIds must be an array
                    {'devEui':'0102030405060708','joinEui':'70B3D57ED0000001','appKey':'KEY','roamingNetIds':[13]} | roamingNetIds must be an array of strings
                    {'devEui':'0102030405060708','joinEui':'70B3D57ED0000001','appKey':'KEY','strict':'yes'} | strict must be true or false
                    {'devEui':'0102030405060708','joinEui':'70B3D57ED0000001','appKey':'KEY','lifetime':-1} | lifetime must be a whole number
                    {'devEui':'0102030405060708','joinEui':'70B3D57ED0000001','appKey':'KEY','lifetime':4294967296} | a session's lifetime of 4294967296 s
                    {'devEui':'0102030405060708','joinEui':'70B3D57ED0000001','appkey':'KEY'} | unknown field 'appkey'
                    {'devEui':'0102030405060708','devEui':'0102030405060708'} | the body is not JSON
                    """)
    void saysWhatIsWrongWithANewDevice(String body, String detail) throws Exception {
        Answer answer = maker("POST", DEVICES, body.replace("KEY", APP_KEY));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("detail").stringValue())
                .contains(detail)
                .doesNotContain(APP_KEY);
    }

    @Test
    void changesWhatIsGivenAndTakesAwayWhatIsNull() throws Exception {
        maker("POST", DEVICES, WITH_TOKEN);
        maker(
                "PATCH",
                DEVICE,
                "{'homeNetId':'000013','homeNsId':'70B3D57ED0000007','asId':'as','asKekLabel':'k',"
                        + "'asKek':'"
                        + APP_KEY
                        + "','lifetime':60}");

        JsonNode set = maker("PATCH", DEVICE, "{'asId':null,'appSKeyInClear':true}").json();
        assertThat(set.get("homeNsId").stringValue()).isEqualTo("70B3D57ED0000007");
        assertThat(set.has("asId")).isFalse();
        assertThat(set.get("asKekLabel").stringValue()).isEqualTo("k");
        assertThat(set.get("appSKeyInClear").booleanValue()).isTrue();
        assertThat(set.get("lifetime").intValue()).isEqualTo(60);

        JsonNode moved = maker("PATCH", DEVICE, "{'homeNetId':'000014','asKek':null}").json();
        assertThat(moved.get("homeNetId").stringValue()).isEqualTo("000014");
        assertThat(moved.has("homeNsId")).isFalse();
        assertThat(moved.has("asKekLabel")).isFalse();

        Answer refused = maker("PATCH", DEVICE, "{'macVersion':null}");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.json().get("detail").stringValue())
                .isEqualTo("macVersion is null: leave it out to keep it as it is");
        assertThat(maker("PATCH", DEVICE + "?dryRun=true", "{'strict':true}").body())
                .isEqualTo("{\"dryRun\":true}");
        assertThat(maker("GET", DEVICE, "").json().get("strict").booleanValue()).isFalse();
    }

    @Test
    void anOwnerClaimsADeviceSetsItUpAndGivesItBack() throws Exception {
        maker("POST", DEVICES, WITH_TOKEN);

        Answer claimed = buyer("POST", DEVICE + "/claim", "{'ownerToken':'TOKEN1'}");
        assertThat(claimed.status()).isEqualTo(200);
        assertThat(claimed.json()).isEqualTo(json("{'devEui':'0102030405060708','owner':'::2'}"));
        assertThat(buyer("PATCH", DEVICE, "{'homeNetId':'000013'}").status()).isEqualTo(200);
        assertThat(buyer("GET", DEVICE, "").json().get("owner").stringValue()).isEqualTo("::2");
        assertThat(buyer("POST", DEVICE + "/reset-nonces", "").status()).isEqualTo(200);
        assertThat(buyer("DELETE", DEVICE, "").status()).isEqualTo(409);

        assertThat(maker("GET", DEVICE, "").status()).isEqualTo(404);
        assertThat(maker("PATCH", DEVICE, "{'strict':true}").status()).isEqualTo(409);
        assertThat(maker("DELETE", DEVICE, "").status()).isEqualTo(409);
        assertThat(maker("POST", DEVICE + "/owner-token", "").status()).isEqualTo(409);
        assertThat(maker("POST", DEVICE + "/release", "").status()).isEqualTo(404);

        Answer released = buyer("POST", DEVICE + "/release", "");
        assertThat(released.status()).isEqualTo(200);
        String token = released.json().get("ownerToken").stringValue();
        assertThat(released.json().get("label").stringValue()).contains(":O" + token + ":");
        assertThat(buyer("GET", DEVICE, "").status()).isEqualTo(404);
        assertThat(maker("GET", DEVICE, "").json().has("homeNetId")).isFalse();
        assertThat(buyer("POST", DEVICE + "/claim", "{'ownerToken':'TOKEN1'}").status())
                .isEqualTo(403);
        assertThat(
                        buyer(
                                        "POST",
                                        DEVICE + "/claim",
                                        "{'ownerToken':'"
                                                + token
                                                + "','regenerateOwnerToken':true}")
                                .json()
                                .get("ownerToken")
                                .stringValue())
                .isNotEqualTo(token);
    }

    @Test
    void claimingAgainWhatIsOnesOwnChangesOnlyWhatIsGiven() throws Exception {
        maker("POST", DEVICES, WITH_TOKEN);
        buyer(
                "POST",
                DEVICE + "/claim",
                "{'ownerToken':'TOKEN1','homeNetId':'000013','homeNsId':'70B3D57ED0000007',"
                        + "'lock':false,'asKekLabel':'k','asKek':'"
                        + APP_KEY
                        + "'}");

        assertThat(buyer("POST", DEVICE + "/claim", "{'ownerToken':'x','asId':'as'}").status())
                .isEqualTo(200);

        JsonNode device = buyer("GET", DEVICE, "").json();
        assertThat(device.get("locked").booleanValue()).isFalse();
        assertThat(device.get("homeNetId").stringValue()).isEqualTo("000013");
        assertThat(device.get("homeNsId").stringValue()).isEqualTo("70B3D57ED0000007");
        assertThat(device.get("asKekLabel").stringValue()).isEqualTo("k");
        assertThat(device.get("asId").stringValue()).isEqualTo("as");
    }

    @Test
    void showsWhatAJoinGoesByWhereItIsTheOwnersSettings() throws Exception {
        maker("POST", DEVICES, WITH_TOKEN);
        assertThat(maker("GET", DEVICE, "").json().has("effective")).isFalse();
        buyer("POST", DEVICE + "/claim", "{'ownerToken':'TOKEN1','asId':'own'}");
        buyer(
                "PATCH",
                "/api/v1/owners/::2/activation",
                "{'homeNetId':'000013','homeNsId':'70B3D57ED0000007','asId':'as'}");

        JsonNode device = buyer("GET", DEVICE, "").json();
        assertThat(device.has("homeNetId")).isFalse();
        assertThat(device.get("effective"))
                .isEqualTo(
                        json(
                                "{'homeNetId':'000013','homeNsId':'70B3D57ED0000007',"
                                        + "'asId':'own'}"));
        assertThat(buyer("GET", DEVICES, "").json().at("/items/0")).isEqualTo(device);
    }

    @Test
    void anAdministratorClaimsAndReleasesForAnOwner() throws Exception {
        maker("POST", DEVICES, WITH_TOKEN);

        assertThat(admin("POST", DEVICE + "/claim", "{'ownerToken':'TOKEN1'}").status())
                .isEqualTo(400);
        assertThat(
                        admin("POST", DEVICE + "/claim", "{'ownerToken':'TOKEN1','owner':'::2'}")
                                .json()
                                .get("owner")
                                .stringValue())
                .isEqualTo("::2");
        assertThat(
                        maker("POST", DEVICE + "/claim", "{'ownerToken':'TOKEN1','owner':'::2'}")
                                .status())
                .isEqualTo(403);
        assertThat(admin("POST", DEVICE + "/release", "{'regenerateOwnerToken':false}").json())
                .isEqualTo(json("{'devEui':'0102030405060708'}"));
        assertThat(admin("POST", DEVICE + "/release", "").status()).isEqualTo(404);
    }

    @Test
    void wrongTokensCountHoweverTheyAreTried() throws Exception {
        maker("POST", DEVICES, WITH_TOKEN);
        for (int guess = 0; guess < 10; guess++) {
            Answer denied =
                    buyer(
                            "POST",
                            DEVICE + "/claim" + (guess % 2 == 0 ? "?dryRun=true" : ""),
                            "{'ownerToken':'WRONG" + guess + "'}");
            assertThat(denied.status()).isEqualTo(403);
            assertThat(denied.json().get("type").stringValue())
                    .isEqualTo("urn:usher:problem:claim-denied");
        }

        Answer locked = buyer("POST", DEVICE + "/claim", "{'ownerToken':'TOKEN1'}");
        assertThat(locked.status()).isEqualTo(403);
        assertThat(locked.json().get("type").stringValue())
                .isEqualTo("urn:usher:problem:too-many-guesses");
    }

    @Test
    void aDryRunOfAClaimClaimsNothing() throws Exception {
        maker("POST", DEVICES, WITH_TOKEN);

        assertThat(buyer("POST", DEVICE + "/claim?dryRun=true", "{'ownerToken':'TOKEN1'}").body())
                .isEqualTo("{\"dryRun\":true}");
        assertThat(buyer("GET", DEVICE, "").status()).isEqualTo(404);
    }

    @Test
    void makesANewOwnerTokenAndTellsItOnce() throws Exception {
        maker("POST", DEVICES, WITH_TOKEN);

        JsonNode made = maker("POST", DEVICE + "/owner-token", "").json();

        String token = made.get("ownerToken").stringValue();
        assertThat(made.get("label").stringValue()).contains(":O" + token + ":");
        assertThat(buyer("POST", DEVICE + "/owner-token", "").status()).isEqualTo(404);
        assertThat(buyer("POST", DEVICE + "/claim", "{'ownerToken':'" + token + "'}").status())
                .isEqualTo(200);
    }

    @Test
    void everybodySeesWhatIsTheirs() throws Exception {
        maker("POST", DEVICES, WITH_TOKEN);
        maker("POST", DEVICES, WITH_TOKEN.replace("0708", "0709"));
        buyer("POST", DEVICE + "/claim", "{'ownerToken':'TOKEN1'}");

        assertThat(devEuis(admin("GET", DEVICES, "")))
                .isEqualTo("0102030405060708 0102030405060709");
        assertThat(devEuis(admin("GET", DEVICES + "?owner=::2", ""))).isEqualTo("0102030405060708");
        assertThat(devEuis(admin("GET", DEVICES + "?joinEui=70B3D57ED0000002", ""))).isEmpty();
        assertThat(devEuis(buyer("GET", DEVICES, ""))).isEqualTo("0102030405060708");
        assertThat(devEuis(maker("GET", DEVICES, ""))).isEmpty();
        assertThat(devEuis(maker("GET", DEVICES + "?maker=::1", ""))).isEqualTo("0102030405060709");
        assertThat(buyer("GET", DEVICES + "?maker=::1", "").status()).isEqualTo(403);
        assertThat(buyer("GET", DEVICES + "?owner=::1", "").status()).isEqualTo(403);
        for (String call : new String[] {"", "/label", "/joins"}) {
            assertThat(maker("GET", DEVICE + call, "").status()).isEqualTo(404);
            assertThat(buyer("GET", DEVICE + call, "").status()).isEqualTo(200);
        }
    }

    @Test
    void followsAListPageByPage() throws Exception {
        maker("POST", DEVICES, WITH_TOKEN);
        maker("POST", DEVICES, WITH_TOKEN.replace("0708", "0709"));
        buyer("POST", DEVICE + "/claim", "{'ownerToken':'TOKEN1'}");

        JsonNode first = maker("GET", DEVICES + "?maker=::1&limit=1", "").json();
        assertThat(first.get("items").size()).isZero();
        assertThat(first.get("next").stringValue()).isEqualTo("0102030405060708");
        assertThat(devEuis(maker("GET", DEVICES + "?maker=::1&limit=1&after=0102030405060708", "")))
                .isEqualTo("0102030405060709");
    }

    @Test
    void aMakerDeletesWhatNobodyHasClaimed() throws Exception {
        maker("POST", DEVICES, WITH_TOKEN);

        assertThat(buyer("DELETE", DEVICE, "").status()).isEqualTo(404);
        assertThat(maker("DELETE", DEVICE + "?dryRun=true", "").status()).isEqualTo(200);
        assertThat(maker("DELETE", DEVICE, "").status()).isEqualTo(204);
        assertThat(maker("GET", DEVICE, "").status()).isEqualTo(404);
    }

    @Test
    void showsAnOwnerWhyAJoinWasRejected(@TempDir Path other) throws Exception {
        try (JoinHouse joins = new JoinHouse(other)) {
            joins.networkServer("ns", new PeerCredential.BearerToken("token-of-ns"));
            PeerProof proof = new PeerProof(List.of(), Optional.of("Bearer token-of-ns"), "/");
            for (int time = 0; time < 2; time++) {
                joins.house.joinServer.answer(
                        BackendCodec.parse(JoinHouse.joinReq(7).getBytes(UTF_8)), proof);
            }
            String path = DEVICES + "/" + JoinHouse.DEV_EUI + "/joins?result=FrameReplayed";

            JsonNode rejected =
                    await().until(
                                    () ->
                                            House.ask(
                                                            joins.house.rest,
                                                            "GET",
                                                            path,
                                                            joins.house.acmeKey,
                                                            "")
                                                    .json()
                                                    .at("/items/0"),
                                    JsonNode::isObject);
            assertThat(rejected.get("device").stringValue())
                    .isEqualTo(JoinHouse.DEV_EUI.toString());
            assertThat(rejected.get("nonce").intValue()).isEqualTo(7);
            assertThat(rejected.get("why").stringValue()).contains("DevNonce");
        }
    }

    @Test
    void showsAnOwnerNothingOfTheTimeBeforeItWas(@TempDir Path other) throws Exception {
        try (JoinHouse joins = new JoinHouse(other)) {
            String device = DEVICES + "/" + JoinHouse.DEV_EUI;
            String token =
                    joins.house
                            .askRest("POST", device + "/owner-token", "")
                            .json()
                            .get("ownerToken")
                            .stringValue();
            joins.house.joinServer.answer(
                    BackendCodec.parse(JoinHouse.joinReq(7).getBytes(UTF_8)),
                    new PeerProof(List.of(), Optional.empty(), "/"));
            await().until(
                            () -> joins.house.askRest("GET", device + "/joins", "").json(),
                            log -> log.get("items").size() == 1);

            joins.house.now.set(joins.house.now.get().plusSeconds(1));
            String claim = "{\"ownerToken\":\"" + token + "\"}";
            assertThat(
                            House.ask(
                                            joins.house.rest,
                                            "POST",
                                            device + "/claim",
                                            joins.house.otherKey,
                                            claim)
                                    .status())
                    .isEqualTo(200);

            assertThat(
                            House.ask(
                                            joins.house.rest,
                                            "GET",
                                            device + "/joins",
                                            joins.house.otherKey,
                                            "")
                                    .json()
                                    .get("items"))
                    .isEmpty();
        }
    }

    private static String devEuis(Answer list) {
        assertThat(list.status()).isEqualTo(200);
        return String.join(" ", list.json().get("items").findValuesAsString("devEui"));
    }

    private Answer maker(String method, String path, String body) throws Exception {
        return House.ask(house.rest, method, path, house.acmeKey, body.replace('\'', '"'));
    }

    private Answer buyer(String method, String path, String body) throws Exception {
        return House.ask(house.rest, method, path, house.otherKey, body.replace('\'', '"'));
    }

    private Answer admin(String method, String path, String body) throws Exception {
        return house.askRest(method, path, body.replace('\'', '"'));
    }

    private Answer once(String path, String body) throws Exception {
        return Answer.of(
                house.rest.handle(
                        Request.of("POST", path)
                                .withHeader("Authorization", "Bearer " + house.acmeKey)
                                .withHeader("Idempotency-Key", "one")
                                .withBody(body.replace('\'', '"'))));
    }

    private static JsonNode json(String text) {
        return Fields.JSON.readTree(text.replace('\'', '"'));
    }
}
