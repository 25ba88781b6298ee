package dev.usher.network.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.usher.accounts.AccountId;
import dev.usher.accounts.Accounts;
import dev.usher.accounts.AuditLog;
import dev.usher.accounts.Collaborators;
import dev.usher.accounts.Conflict;
import dev.usher.accounts.Entity;
import dev.usher.accounts.NotFound;
import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Owners;
import dev.usher.accounts.Rights;
import dev.usher.lorawan.DataFrame;
import dev.usher.lorawan.DevAddrPrefix;
import dev.usher.lorawan.Direction;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.FrameFlag;
import dev.usher.lorawan.JoinRequest;
import dev.usher.lorawan.MacCommand;
import dev.usher.lorawan.MacCommands;
import dev.usher.lorawan.MacVersion;
import dev.usher.lorawan.ReceiveWindow;
import dev.usher.station.LnsDownlink;
import dev.usher.station.LnsUplink;
import dev.usher.store.EveryEngine;
import dev.usher.store.TestDatabase;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Devices join, are heard and are answered, through gateways that are connected. */
@EveryEngine
class TrafficTest {

    private static final byte[] HELLO = {1, 2, 3};

    @AutoClose private final TestTraffic house;

    TrafficTest(TestDatabase engine) {
        house = new TestTraffic(engine);
    }

    // Joining

    @Test
    void theJoinAcceptGoesThroughTheGatewayThatHeardTheDeviceBest() throws Exception {
        VirtualDevice device = house.device(MacVersion.V1_0_3);
        JoinRequest request = device.join();

        house.hears(house.far, request);
        house.hears(house.near, request);

        LnsDownlink.ClassA accept = house.near.next();
        assertThat(accept.rxDelay()).isEqualTo(5);
        assertThat(accept.rx1()).contains(new ReceiveWindow(TestTraffic.FREQUENCY, 5));
        assertThat(accept.rx2()).contains(new ReceiveWindow(869_525_000, 0));
        assertThat(accept.xtime()).isEqualTo(1_000_000);
        assertThat(accept.rctx()).isEqualTo(7);
        device.joined(accept);
        assertThat(DevAddrPrefix.of(TestTraffic.NET_ID).contains(device.devAddr())).isTrue();
        assertThat(house.next())
                .isEqualTo(
                        new TrafficEvent.Joined(
                                TestTraffic.NOW,
                                device.devEui,
                                VirtualDevice.JOIN_EUI,
                                device.devAddr(),
                                house.near.gateway()));
        assertThat(house.far.sent).isEmpty();
    }

    @Test
    void aJoinThatFailsSaysWhy() throws Exception {
        VirtualDevice stranger =
                new VirtualDevice(Eui64.parse("0909090909090909"), VirtualDevice.R1_0);
        house.hears(house.near, stranger.join());
        assertThat(failure()).isEqualTo("this network does not serve the device");

        VirtualDevice device = house.device(MacVersion.V1_0_3);
        house.joinServer.reachable = false;
        house.hears(house.near, device.join());
        assertThat(failure())
                .isEqualTo(
                        "the Join Server listed for JoinEUI 70B3D57ED0000000 failed: js.example"
                                + " cannot be reached");

        house.joinServer.listed = false;
        house.hears(house.near, device.join());
        assertThat(failure()).isEqualTo("no Join Server is listed for JoinEUI 70B3D57ED0000000");
        house.joinServer.listed = true;

        house.joinServer.reachable = true;
        house.database.write(
                house.traffic
                        .devices()
                        .create(
                                TestTraffic.ADMIN,
                                Optional.empty(),
                                stranger.devEui,
                                VirtualDevice.JOIN_EUI,
                                "",
                                MacVersion.V1_0_3));
        house.hears(house.near, stranger.join());
        assertThat(failure()).isEqualTo("the Join Server answers UnknownDevEUI: not known here");
        assertThat(house.near.sent).isEmpty();
    }

    @Test
    void aDeviceThatWasClaimedSinceDoesNotJoinForWhoHadItBefore() throws Exception {
        VirtualDevice device = house.device(MacVersion.V1_0_3);
        OwnerId owner = OwnerId.parse("::2");
        claimed(owner, TestTraffic.NOW.plusSeconds(1));
        house.join(device); // served for nobody, as an administrator wanted it

        AuditLog audit = new AuditLog(house.database, house.now::get);
        Accounts accounts = new Accounts(house.database, audit, house.now::get);
        AccountId ann = new AccountId("ann");
        AccountId acme = new AccountId("acme");
        house.database.write(
                accounts.createUser(TestTraffic.ADMIN, ann, "Ann", Optional.empty(), false));
        holds(ann, device);
        house.hears(house.near, device.join());
        assertThat(failure())
                .isEqualTo(
                        "the device has been claimed by another owner since it is served here: have"
                                + " it served anew, for the organization that has claimed it");
        assertThat(house.near.sent).isEmpty();

        house.database.write(
                new Owners(house.database, audit, house.now::get)
                        .create(TestTraffic.ADMIN, owner, "Acme", 0));
        house.database.write(accounts.createOrganization(TestTraffic.ADMIN, acme, "Acme", ann));
        house.database.write(accounts.makeOwner(TestTraffic.ADMIN, acme, owner));
        holds(acme, device);
        house.join(device);

        claimed(OwnerId.parse("::3"), TestTraffic.NOW.minusSeconds(1));
        house.join(device); // an administrator may have it served for whomever they like
    }

    private void claimed(OwnerId owner, Instant at) {
        house.joinServer.known = Optional.of(new KnownDevice(Optional.of(owner), Optional.of(at)));
    }

    private void holds(AccountId account, VirtualDevice device) {
        house.database.write(
                handle -> {
                    Collaborators.put(
                            handle,
                            Entity.device(device.devEui),
                            account,
                            Rights.allOn(Entity.Kind.DEVICE));
                    return account;
                });
    }

    private String failure() throws InterruptedException {
        return ((TrafficEvent.JoinFailed) house.next()).why();
    }

    // Uplinks

    @ParameterizedTest
    @EnumSource(
            value = MacVersion.class,
            names = {"V1_0_2", "V1_0_4", "V1_1_0"})
    void anUplinkComesOutOnceAndInClear(MacVersion version) throws Exception {
        VirtualDevice device = house.joined(version);
        DataFrame frame = device.send(10, HELLO);

        house.hears(house.far, frame);
        house.hears(house.near, frame);

        TrafficEvent.Uplink uplink = (TrafficEvent.Uplink) house.next();
        assertThat(uplink.devEui()).isEqualTo(device.devEui);
        assertThat(uplink.fCnt()).isZero();
        assertThat(uplink.fPort()).hasValue(10);
        assertThat(uplink.payload()).hasValueSatisfying(p -> assertThat(p).isEqualTo(HELLO));
        assertThat(uplink.heardBy())
                .extracting(TrafficEvent.HeardBy::gateway)
                .containsExactly(house.near.gateway(), house.far.gateway());
        assertThat(house.near.sent).isEmpty();
    }

    @Test
    void anUplinkThatIsPlayedAgainIsDropped() throws Exception {
        VirtualDevice device = house.joined(MacVersion.V1_0_3);
        DataFrame first = device.send(10, HELLO);
        house.hears(house.near, first);
        assertThat(count()).isZero();
        house.hears(house.near, device.send(10, HELLO));
        assertThat(count()).isEqualTo(1);

        house.hears(house.near, first);
        house.hears(house.far, device.send(10, HELLO));

        assertThat(count()).isEqualTo(2);
    }

    private long count() throws InterruptedException {
        return ((TrafficEvent.Uplink) house.next()).fCnt();
    }

    @Test
    void theCounterGoesBeyondSixteenBits() throws Exception {
        VirtualDevice device = house.joined(MacVersion.V1_0_4);
        for (long fCnt : new long[] {0, 60_000, 120_000}) {
            house.hears(house.near, device.send(10, HELLO));
            assertThat(count()).isEqualTo(fCnt);
            device.skip(59_999);
        }
    }

    @Test
    void aConfirmedUplinkIsAcknowledgedAndAgainWhenItIsRepeated() throws Exception {
        VirtualDevice device = house.joined(MacVersion.V1_0_3);
        DataFrame frame = device.send(10, HELLO, FrameFlag.CONFIRMED);

        house.hears(house.near, frame);
        LnsDownlink.ClassA ack = house.near.next();

        assertThat(ack.rxDelay()).isEqualTo(5);
        assertThat(ack.rx1()).contains(new ReceiveWindow(TestTraffic.FREQUENCY, 5));
        DataFrame downlink = DataFrame.parse(ack.pdu());
        assertThat(downlink.direction()).isEqualTo(Direction.DOWN);
        assertThat(downlink.has(FrameFlag.ACK)).isTrue();
        assertThat(device.accepts(downlink, 0, 0)).isTrue();
        assertThat(house.next()).isInstanceOf(TrafficEvent.Downlink.class);
        assertThat(house.next()).isInstanceOf(TrafficEvent.Uplink.class);

        repeat(frame); // the device did not hear it
        assertThat(device.accepts(DataFrame.parse(house.near.next().pdu()), 1, 0)).isTrue();
        assertThat(house.next()).isInstanceOf(TrafficEvent.Downlink.class);
        house.hears(house.near, device.send(10, HELLO));
        assertThat(count()).isEqualTo(1); // the repeated one was not handed on again
    }

    /** Long enough after the first for it not to be a copy. */
    private void repeat(DataFrame frame) {
        house.now.set(house.now.get().plusSeconds(7));
        Awaitility.await()
                .until(
                        () -> {
                            house.hears(house.near, frame);
                            return !house.near.sent.isEmpty();
                        });
    }

    @Test
    void theAppSKeyIsAskedForWhenItDidNotComeWithTheJoin() throws Exception {
        house.joinServer.givesAppSKey = false;
        VirtualDevice device = house.joined(MacVersion.V1_0_3);

        house.hears(house.near, device.send(10, HELLO));

        assertThat(((TrafficEvent.Uplink) house.next()).payload())
                .hasValueSatisfying(payload -> assertThat(payload).isEqualTo(HELLO));
    }

    @Test
    void theSessionBeforeHoldsUntilTheDeviceIsHeardInTheNewOne() throws Exception {
        VirtualDevice device = house.joined(MacVersion.V1_0_3);
        house.hears(house.near, device.send(10, HELLO));
        assertThat(count()).isEqualTo(0);

        // It asks again, but does not hear the answer.
        house.hears(house.near, device.join());
        LnsDownlink.ClassA accept = house.near.next();
        assertThat(house.next()).isInstanceOf(TrafficEvent.Joined.class);
        house.hears(house.near, device.send(10, HELLO));
        assertThat(count()).isEqualTo(1);
        DataFrame old = device.send(10, HELLO);

        device.joined(accept);
        house.hears(house.near, device.send(10, HELLO));
        assertThat(count()).isEqualTo(0);
        house.hears(house.near, old);
        house.hears(house.near, device.send(10, HELLO));
        assertThat(count()).isEqualTo(1);
    }

    // Downlinks

    @ParameterizedTest
    @EnumSource(
            value = MacVersion.class,
            names = {"V1_0_3", "V1_1_0"})
    void whatWaitsForADeviceIsSentAfterItsNextUplinks(MacVersion version) throws Exception {
        VirtualDevice device = house.joined(version);
        Downlinks downlinks = house.traffic.downlinks();
        house.database.write(downlinks.push(device.devEui, 20, new byte[] {4, 5}, false));
        house.database.write(downlinks.push(device.devEui, 21, new byte[] {6}, true));
        assertThat(house.traffic.downlinks().list(TestTraffic.ADMIN, device.devEui)).hasSize(2);

        house.hears(house.near, device.send(10, HELLO));
        DataFrame first = DataFrame.parse(house.near.next().pdu());
        assertThat(device.accepts(first, 0, 0)).isTrue();
        assertThat(first.fPort()).hasValue(20);
        assertThat(first.has(FrameFlag.F_PENDING)).isTrue();
        assertThat(device.payload(first, 0)).containsExactly(4, 5);

        house.hears(house.near, device.send(10, HELLO));
        DataFrame second = DataFrame.parse(house.near.next().pdu());
        assertThat(device.accepts(second, 1, 0)).isTrue();
        assertThat(second.has(FrameFlag.CONFIRMED)).isTrue();
        assertThat(second.has(FrameFlag.F_PENDING)).isFalse();
        assertThat(device.payload(second, 1)).containsExactly(6);
        assertThat(house.traffic.downlinks().list(TestTraffic.ADMIN, device.devEui)).isEmpty();
    }

    /** Sends it after an uplink. */
    private void sends(VirtualDevice device, boolean confirmed) throws Exception {
        house.database.write(house.traffic.downlinks().push(device.devEui, 20, HELLO, confirmed));
        house.hears(house.near, device.send(10, HELLO));
        assertThat(house.next()).isInstanceOf(TrafficEvent.Downlink.class);
        assertThat(house.next()).isInstanceOf(TrafficEvent.Uplink.class);
    }

    @Test
    void whatADeviceAcknowledgesIsTold() throws Exception {
        VirtualDevice device = house.joined(MacVersion.V1_0_3);
        sends(device, false);
        sends(device, true);

        DataFrame acknowledgement = device.send(10, HELLO, FrameFlag.ACK);
        house.hears(house.near, acknowledgement);
        assertThat(house.next())
                .isInstanceOfSatisfying(
                        TrafficEvent.Acknowledged.class,
                        acknowledged -> {
                            assertThat(acknowledged.devEui()).isEqualTo(device.devEui);
                            assertThat(acknowledged.fCnt()).isEqualTo(1);
                        });
        assertThat(house.next()).isInstanceOf(TrafficEvent.Uplink.class);

        house.hears(house.near, device.send(10, HELLO, FrameFlag.ACK)); // of nothing
        assertThat(house.next()).isInstanceOf(TrafficEvent.Uplink.class);
    }

    @ParameterizedTest
    @EnumSource(
            value = MacVersion.class,
            names = {"V1_0_3", "V1_1_0"})
    void whatADeviceDoesNotAcknowledgeIsTold(MacVersion version) throws Exception {
        VirtualDevice device = house.joined(version);
        sends(device, true);

        DataFrame silent = device.send(10, HELLO);
        house.hears(house.near, silent);
        assertNotAcknowledged(device, 0);
        assertThat(house.next()).isInstanceOf(TrafficEvent.Uplink.class);

        house.hears(house.near, device.send(10, HELLO)); // told once
        assertThat(house.next()).isInstanceOf(TrafficEvent.Uplink.class);
    }

    private void assertNotAcknowledged(VirtualDevice device, long fCnt) throws Exception {
        assertThat(house.next())
                .isInstanceOfSatisfying(
                        TrafficEvent.NotAcknowledged.class,
                        not -> {
                            assertThat(not.devEui()).isEqualTo(device.devEui);
                            assertThat(not.fCnt()).isEqualTo(fCnt);
                        });
    }

    @Test
    void anUplinkThatIsRepeatedDoesNotDecideWhetherADownlinkArrived() throws Exception {
        VirtualDevice device = house.joined(MacVersion.V1_0_3);
        house.database.write(
                house.traffic.downlinks().push(device.devEui, 20, HELLO, /* confirmed= */ true));
        DataFrame uplink = device.send(10, HELLO, FrameFlag.CONFIRMED);
        house.hears(house.near, uplink);
        assertThat(house.next()).isInstanceOf(TrafficEvent.Downlink.class);
        assertThat(house.next()).isInstanceOf(TrafficEvent.Uplink.class);
        house.database.write(
                house.traffic.downlinks().push(device.devEui, 20, HELLO, /* confirmed= */ true));

        house.near.next();
        repeat(uplink);
        assertThat(house.next())
                .isInstanceOfSatisfying(
                        TrafficEvent.Downlink.class,
                        downlink -> assertThat(downlink.fPort()).isEmpty()); // only the ACK
        house.hears(house.near, device.send(10, HELLO, FrameFlag.ACK));
        assertThat(house.next()).isInstanceOf(TrafficEvent.Downlink.class); // the other one
        assertThat(house.next())
                .isInstanceOfSatisfying(
                        TrafficEvent.Acknowledged.class,
                        acknowledged -> assertThat(acknowledged.fCnt()).isZero());
    }

    @Test
    void whatADeviceNeverAcknowledgedIsToldWhenItIsHeardInItsNextSession() throws Exception {
        VirtualDevice device = house.joined(MacVersion.V1_0_3);
        sends(device, true);

        house.near.next();
        house.hears(house.near, device.join());
        device.joined(house.near.next());
        assertThat(house.next()).isInstanceOf(TrafficEvent.Joined.class);
        house.hears(house.near, device.send(10, HELLO));

        assertNotAcknowledged(device, 0);
        assertThat(house.next()).isInstanceOf(TrafficEvent.Uplink.class);
    }

    @Test
    void gatewaysTellWhatTheyHaveSent() throws Exception {
        VirtualDevice device = house.joined(MacVersion.V1_0_3);
        house.hears(house.near, device.send(10, HELLO, FrameFlag.CONFIRMED));
        LnsDownlink.ClassA ack = house.near.next();
        assertThat(house.next()).isInstanceOf(TrafficEvent.Downlink.class);
        assertThat(house.next()).isInstanceOf(TrafficEvent.Uplink.class);

        house.traffic.received(
                house.near,
                new LnsUplink.Transmitted(ack.diid(), device.devEui, 7, 2_000_000, 0, 0));

        assertThat(house.next())
                .isEqualTo(
                        new TrafficEvent.Transmitted(
                                TestTraffic.NOW, device.devEui, house.near.gateway()));
    }

    @Test
    void macCommandsAreAnswered() throws Exception {
        VirtualDevice device = house.joined(MacVersion.V1_1_0);

        house.hears(
                house.near, device.send(new MacCommand.RekeyInd(1), new MacCommand.LinkCheckReq()));

        DataFrame answer = DataFrame.parse(house.near.next().pdu());
        assertThat(device.accepts(answer, 0, 0)).isTrue();
        assertThat(MacCommands.parse(Direction.DOWN, device.commands(answer, 0)).commands())
                .containsExactly(new MacCommand.RekeyConf(1), new MacCommand.LinkCheckAns(17, 1));
        assertThat(answer.fPort()).isEqualTo(OptionalInt.empty());
    }

    @Test
    void whoAsksMoreThanFitsIntoAnAnswerIsAnsweredAsFarAsItFits() throws Exception {
        VirtualDevice device = house.joined(MacVersion.V1_0_3);
        MacCommand linkCheck = new MacCommand.LinkCheckReq();

        house.hears(
                house.near,
                device.send(
                        linkCheck, linkCheck, linkCheck, linkCheck, linkCheck, linkCheck,
                        linkCheck));

        DataFrame answer = DataFrame.parse(house.near.next().pdu());
        assertThat(MacCommands.parse(Direction.DOWN, device.commands(answer, 0)).commands())
                .hasSize(5)
                .containsOnly(new MacCommand.LinkCheckAns(17, 1));
        assertThat(house.next()).isInstanceOf(TrafficEvent.Downlink.class);
        assertThat(house.next()).isInstanceOf(TrafficEvent.Uplink.class);
    }

    @Test
    void whatIsTooLongForRx2IsSentInRx1Alone() throws Exception {
        VirtualDevice device = house.joined(MacVersion.V1_0_3);
        Downlinks downlinks = house.traffic.downlinks();
        // With 8 bytes before it, the first is all that DR0 has room for.
        house.database.write(downlinks.push(device.devEui, 1, new byte[51], false));
        house.database.write(downlinks.push(device.devEui, 1, new byte[52], false));

        house.hears(house.near, device.send(1, HELLO));
        assertThat(house.near.next().rx2()).contains(new ReceiveWindow(869_525_000, 0));
        house.hears(house.near, device.send(1, HELLO));
        LnsDownlink.ClassA second = house.near.next();

        assertThat(second.rx1()).contains(new ReceiveWindow(TestTraffic.FREQUENCY, 5));
        assertThat(second.rx2()).isEmpty();
    }

    @Test
    void whatFitsNoFrameIsRefused() {
        VirtualDevice device = house.device(MacVersion.V1_0_3);
        Downlinks downlinks = house.traffic.downlinks();
        assertThatThrownBy(() -> downlinks.push(device.devEui, 0, HELLO, false))
                .hasMessage("port 0 is not an application's: choose one of 1 to 255");
        assertThatThrownBy(() -> downlinks.push(device.devEui, 1, new byte[243], false))
                .hasMessage("a payload of 243 bytes fits no frame: 242 bytes do at most");
        assertThat(house.traffic.downlinks().list(TestTraffic.ADMIN, device.devEui)).isEmpty();
    }

    // Gateways and devices

    @Test
    void aGatewayThatConnectsAnewEndsItsOldConnection() {
        TestTraffic.Link anew = new TestTraffic.Link(house.near.gateway());
        house.traffic.connected(anew, "2.0.6");

        assertThat(house.near.closed).contains("the gateway has connected anew");
        house.traffic.disconnected(house.near); // too late to matter
        assertThat(house.traffic.connected(house.near.gateway())).contains(anew);
        house.traffic.disconnected(anew);
        assertThat(house.traffic.connected(house.near.gateway())).isEmpty();
    }

    @Test
    void devicesAreTakenInAndLetGo() {
        VirtualDevice device = house.device(MacVersion.V1_0_3);
        NetworkDevices devices = house.traffic.devices();
        assertThat(devices.list(TestTraffic.ADMIN, Optional.empty(), Optional.empty(), 10))
                .containsExactly(devices.get(TestTraffic.ADMIN, device.devEui));
        assertThatThrownBy(() -> house.device(MacVersion.V1_0_3))
                .isInstanceOf(Conflict.class)
                .hasMessage("device 0102030405060708 is served already");

        house.database.write(devices.delete(TestTraffic.ADMIN, device.devEui));
        assertThatThrownBy(() -> devices.get(TestTraffic.ADMIN, device.devEui))
                .isInstanceOf(NotFound.class)
                .hasMessage(
                        "there is no device 0102030405060708, or you may not see it: check the ID");
    }
}
