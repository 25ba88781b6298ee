package dev.usher.api;

import dev.usher.backend.BackendCodec;
import dev.usher.backend.Header;
import dev.usher.backend.JoinReq;
import dev.usher.backend.Octets;
import dev.usher.backend.ProtocolVersion;
import dev.usher.devices.ActivationSettings;
import dev.usher.devices.GivenRootKeys;
import dev.usher.devices.NewDevice;
import dev.usher.devices.PeerCredential;
import dev.usher.devices.PeerRole;
import dev.usher.devices.PeerSettings;
import dev.usher.lorawan.AesKey;
import dev.usher.lorawan.DevAddr;
import dev.usher.lorawan.DlSettings;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.EuiRange;
import dev.usher.lorawan.JoinCryptography;
import dev.usher.lorawan.MacVersion;
import dev.usher.lorawan.NetId;
import dev.usher.lorawan.RootKeys;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A {@link House} whose owner {@code ::1} has made a device that is at home in network 000013. */
final class JoinHouse implements AutoCloseable {

    static final Eui64 JOIN_EUI = Eui64.parse("70B3D57ED0000000");
    static final Eui64 DEV_EUI = Eui64.parse("0102030405060708");
    static final AesKey APP_KEY = AesKey.parse("000102030405060708090A0B0C0D0E0F");
    static final NetId NET_ID = NetId.parse("000013");

    final House house;

    JoinHouse(Path directory) {
        house = new House(directory);
        house.database.write(
                house.joinServer
                        .joinEuis()
                        .assign(House.ADMIN, new EuiRange(JOIN_EUI, JOIN_EUI), House.ACME));
        house.joinServer.joinEuis().refresh();
        house.database.write(
                house.joinServer
                        .provisioning()
                        .provision(House.ADMIN, List.of(newDevice()), /* dryRun= */ false));
    }

    private static NewDevice newDevice() {
        ActivationSettings home =
                new ActivationSettings(
                        Optional.of(NET_ID),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(true));
        return new NewDevice(
                DEV_EUI,
                JOIN_EUI,
                GivenRootKeys.Plain.r1_0(APP_KEY),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                home,
                Set.of(),
                false,
                false,
                0);
    }

    /** A synchronous Network Server of the device's home network. */
    void networkServer(String name, PeerCredential... credentials) {
        peer(name, PeerSettings.of(new PeerRole.NetworkServer(NET_ID)), credentials);
    }

    void peer(String name, PeerSettings settings, PeerCredential... credentials) {
        house.database.write(
                house.joinServer.peers().create(House.ADMIN, name, settings, List.of(credentials)));
        house.joinServer.peers().refresh();
    }

    /** The JoinReq of the device's home network, in version 1.1. */
    static String joinReq(int devNonce) {
        return joinReq(ProtocolVersion.V1_1, devNonce);
    }

    static String joinReq(ProtocolVersion version, int devNonce) {
        byte[] frame =
                JoinCryptography.request(RootKeys.r1_0(APP_KEY), JOIN_EUI, DEV_EUI, devNonce)
                        .phyPayload();
        return new String(
                BackendCodec.write(
                        new JoinReq(
                                new Header(version, NET_ID.toString(), JOIN_EUI.toString(), 7),
                                MacVersion.V1_0_3,
                                Octets.of(frame),
                                DEV_EUI,
                                DevAddr.parse("26011234"),
                                DlSettings.parse("00"),
                                5,
                                Optional.empty())),
                StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        house.close();
    }
}
