package dev.usher.backend;

import dev.usher.lorawan.CfList;
import dev.usher.lorawan.DevAddr;
import dev.usher.lorawan.DlSettings;
import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.MacVersion;
import dev.usher.lorawan.NetId;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Any message that is read back as it was written. */
final class Messages {

    /** A message that only lacks its header. */
    private interface Body extends Function<Header, Message> {}

    private Messages() {}

    static Arbitrary<Message> any() {
        return Combinators.combine(
                        headers(),
                        Arbitraries.oneOf(
                                activationReqs(),
                                activationAns(),
                                appSKeyMessages(),
                                homeNsMessages(),
                                otherMessages()))
                .as((header, body) -> body.apply(header));
    }

    static Arbitrary<Header> headers() {
        Arbitrary<String> texts = visible();
        Arbitrary<Optional<Eui64>> nsIds = euis().optional();
        return Combinators.combine(
                        Arbitraries.of(ProtocolVersion.class),
                        texts,
                        texts,
                        Arbitraries.longs().between(0, 0xFFFFFFFFL),
                        nsIds,
                        nsIds,
                        texts.optional(),
                        texts.optional())
                .as(Header::new);
    }

    private static Arbitrary<Body> activationReqs() {
        return Combinators.combine(
                        Arbitraries.of(MacVersion.class),
                        octets(),
                        euis(),
                        Arbitraries.integers().map(DevAddr::new),
                        Arbitraries.integers().between(0, 255).map(DlSettings::new),
                        Arbitraries.integers().between(0, 15),
                        bytes(16).map(CfList::of).optional(),
                        Arbitraries.of(true, false))
                .as(
                        (mac, phy, eui, addr, settings, delay, cfList, join) ->
                                header ->
                                        join
                                                ? new JoinReq(
                                                        header, mac, phy, eui, addr, settings,
                                                        delay, cfList)
                                                : new RejoinReq(
                                                        header, mac, phy, eui, addr, settings,
                                                        delay, cfList));
    }

    private static Arbitrary<Body> activationAns() {
        Arbitrary<SessionGrant> grants =
                Combinators.combine(
                                octets(),
                                Arbitraries.longs().greaterOrEqual(0).map(OptionalLong::of),
                                networkKeys(),
                                envelopes().optional(),
                                octets().optional())
                        .as(SessionGrant::new);
        return Arbitraries.oneOf(
                grants.map(grant -> header -> JoinAns.success(header, grant)),
                grants.map(grant -> header -> RejoinAns.success(header, grant)),
                failures().map(result -> header -> JoinAns.refusal(header, result)),
                failures().map(result -> header -> RejoinAns.refusal(header, result)));
    }

    private static Arbitrary<Body> appSKeyMessages() {
        return Combinators.combine(euis(), octets(), envelopes(), failures())
                .flatAs(
                        (eui, id, key, failure) ->
                                Arbitraries.of(
                                        header -> new AppSKeyReq(header, eui, id),
                                        header -> new AppSKeyReq(header, eui, id).success(key),
                                        header -> new AppSKeyReq(header, eui, id).refusal(failure),
                                        header ->
                                                new AppSKeyAns(
                                                        header,
                                                        failure,
                                                        Optional.empty(),
                                                        Optional.empty(),
                                                        Optional.empty())));
    }

    private static Arbitrary<Body> homeNsMessages() {
        Arbitrary<NetId> netIds = Arbitraries.integers().between(0, 0xFFFFFF).map(NetId::new);
        return Combinators.combine(euis(), netIds, euis().optional(), failures())
                .flatAs(
                        (eui, netId, nsId, failure) ->
                                Arbitraries.of(
                                        header -> new HomeNsReq(header, eui),
                                        header ->
                                                new HomeNsReq(header, eui)
                                                        .success(netId, in1_1(header, nsId)),
                                        header -> new HomeNsReq(header, eui).refusal(failure)));
    }

    private static Optional<Eui64> in1_1(Header header, Optional<Eui64> nsId) {
        return header.version() == ProtocolVersion.V1_1 ? nsId : Optional.empty();
    }

    private static Arbitrary<Body> otherMessages() {
        return Arbitraries.oneOf(
                Combinators.combine(octets().optional(), failures())
                        .as((phy, result) -> header -> new ErrorNotif(header, phy, result)),
                visible()
                        .map(name -> new MessageType("?" + name))
                        .map(type -> header -> new Unserved(header, type)));
    }

    /** Without the codes that are written as another one in version 1.0. */
    private static Arbitrary<Result> failures() {
        Arbitrary<ResultCode> codes =
                Arbitraries.of(ResultCode.class)
                        .filter(code -> code != ResultCode.SUCCESS)
                        .filter(code -> code != ResultCode.NO_ACTION)
                        .filter(code -> code != ResultCode.FRAME_REPLAYED);
        return Combinators.combine(codes, texts().optional()).as(Result::of);
    }

    private static Arbitrary<NetworkKeys> networkKeys() {
        return Arbitraries.oneOf(
                envelopes().map(NetworkKeys.R1_0::new),
                Combinators.combine(envelopes(), envelopes(), envelopes())
                        .as(NetworkKeys.R1_1::new));
    }

    private static Arbitrary<KeyEnvelope> envelopes() {
        return Arbitraries.oneOf(
                bytes(16).map(key -> new KeyEnvelope(Optional.empty(), key)),
                Combinators.combine(texts(), bytes(24))
                        .as((label, key) -> new KeyEnvelope(Optional.of(label), key)));
    }

    private static Arbitrary<Eui64> euis() {
        return Arbitraries.longs().map(Eui64::new);
    }

    private static Arbitrary<Octets> octets() {
        return Arbitraries.bytes().array(byte[].class).ofMinSize(1).ofMaxSize(40).map(Octets::of);
    }

    private static Arbitrary<byte[]> bytes(int count) {
        return Arbitraries.bytes().array(byte[].class).ofSize(count);
    }

    /** Also of what is no character, such as half a surrogate pair. */
    private static Arbitrary<String> texts() {
        return Arbitraries.strings().ofMinLength(1).ofMaxLength(40);
    }

    private static Arbitrary<String> visible() {
        return Arbitraries.strings().withCharRange(' ', '~').ofMinLength(1).ofMaxLength(40);
    }
}
