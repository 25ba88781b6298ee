package dev.usher.network.outlets;

import dev.usher.lorawan.Eui64;
import dev.usher.lorawan.Printable;
import dev.usher.network.traffic.TrafficEvent;
import dev.usher.station.Reception;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** How traffic stands in JSON: in the stream of events, in webhooks and at the MQTT broker. */
public final class EventJson {

    private EventJson() {}

    /** The names of all that can happen. */
    public static final Set<String> TYPES =
            Set.of(
                    "join",
                    "join-failed",
                    "uplink",
                    "downlink",
                    "transmitted",
                    "downlink-acked",
                    "downlink-nacked",
                    "gateway-connected",
                    "gateway-disconnected",
                    "gateway-alert");

    /**
     * The name of a type of events.
     *
     * @throws IllegalArgumentException if there is no such type
     */
    public static String checkedType(String name) {
        if (!TYPES.contains(name)) {
            throw new IllegalArgumentException(
                    "'%s' is no type of event: there are %s"
                            .formatted(
                                    Printable.of(name), String.join(", ", new TreeSet<>(TYPES))));
        }
        return name;
    }

    private static final JsonMapper JSON = new JsonMapper();

    /** The name of what happened. */
    public static String type(TrafficEvent event) {
        return switch (event) {
            case TrafficEvent.Joined _ -> "join";
            case TrafficEvent.JoinFailed _ -> "join-failed";
            case TrafficEvent.Uplink _ -> "uplink";
            case TrafficEvent.Downlink _ -> "downlink";
            case TrafficEvent.Transmitted _ -> "transmitted";
            case TrafficEvent.Acknowledged _ -> "downlink-acked";
            case TrafficEvent.NotAcknowledged _ -> "downlink-nacked";
            case TrafficEvent.GatewayConnected _ -> "gateway-connected";
            case TrafficEvent.GatewayDisconnected _ -> "gateway-disconnected";
            case TrafficEvent.GatewayAlert _ -> "gateway-alert";
        };
    }

    /** Which gateways had to do with it. */
    public static List<Eui64> gateways(TrafficEvent event) {
        return switch (event) {
            case TrafficEvent.Joined joined -> List.of(joined.gateway());
            case TrafficEvent.JoinFailed _,
                    TrafficEvent.Acknowledged _,
                    TrafficEvent.NotAcknowledged _ ->
                    List.of();
            case TrafficEvent.Uplink uplink ->
                    uplink.heardBy().stream().map(TrafficEvent.HeardBy::gateway).toList();
            case TrafficEvent.Downlink downlink -> List.of(downlink.gateway());
            case TrafficEvent.Transmitted sent -> List.of(sent.gateway());
            case TrafficEvent.OfGateway ofGateway -> List.of(ofGateway.gateway());
        };
    }

    public static ObjectNode of(TrafficEvent event) {
        ObjectNode node =
                JSON.createObjectNode()
                        .put("type", type(event))
                        .put("at", event.at().truncatedTo(ChronoUnit.MILLIS).toString());
        switch (event) {
            case TrafficEvent.OfDevice ofDevice -> node.put("device", ofDevice.devEui().toString());
            case TrafficEvent.OfGateway ofGateway ->
                    node.put("gateway", ofGateway.gateway().toString());
        }
        switch (event) {
            case TrafficEvent.Joined joined ->
                    node.put("joinEui", joined.joinEui().toString())
                            .put("devAddr", joined.devAddr().toString())
                            .put("gateway", joined.gateway().toString());
            case TrafficEvent.JoinFailed failed ->
                    node.put("joinEui", failed.joinEui().toString())
                            .put("devNonce", failed.devNonce())
                            .put("why", failed.why());
            case TrafficEvent.Uplink uplink -> write(node, uplink);
            case TrafficEvent.Downlink downlink -> {
                node.put("fCnt", downlink.fCnt()).put("ack", downlink.ack());
                write(node, downlink.fPort());
                node.put("gateway", downlink.gateway().toString());
            }
            case TrafficEvent.Transmitted sent -> node.put("gateway", sent.gateway().toString());
            case TrafficEvent.Acknowledged acknowledged -> node.put("fCnt", acknowledged.fCnt());
            case TrafficEvent.NotAcknowledged not -> node.put("fCnt", not.fCnt());
            case TrafficEvent.GatewayConnected connected ->
                    node.put("station", connected.station());
            case TrafficEvent.GatewayAlert alert -> node.put("why", alert.why());
            case TrafficEvent.GatewayDisconnected _ -> {
                // All is said.
            }
        }
        return node;
    }

    private static void write(ObjectNode node, TrafficEvent.Uplink uplink) {
        node.put("devAddr", uplink.devAddr().toString())
                .put("fCnt", uplink.fCnt())
                .put("confirmed", uplink.confirmed());
        write(node, uplink.fPort());
        uplink.payload()
                .ifPresent(
                        payload ->
                                node.put("payload", Base64.getEncoder().encodeToString(payload)));
        ArrayNode heardBy = node.putArray("heardBy");
        uplink.heardBy().forEach(heard -> write(heardBy.addObject(), heard));
    }

    private static void write(ObjectNode node, TrafficEvent.HeardBy heard) {
        Reception reception = heard.reception();
        node.put("gateway", heard.gateway().toString())
                .put("frequency", reception.frequency())
                .put("dataRate", reception.dataRate())
                .put("rssi", reception.rssi())
                .put("snr", reception.snr());
    }

    private static void write(ObjectNode node, OptionalInt port) {
        port.ifPresent(value -> node.put("port", value));
    }
}
