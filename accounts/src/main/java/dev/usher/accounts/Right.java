package dev.usher.accounts;

import dev.usher.lorawan.Printable;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Something that somebody may do. The names are those of The Things Stack ({@code
 * RIGHT_GATEWAY_INFO}), which people and their scripts know. What they allow on an application
 * there ({@code RIGHT_APPLICATION_DEVICES_READ}) they allow on a single device here.
 */
public enum Right {
    /** See the user's profile. */
    USER_INFO(Entity.Kind.USER),
    /** Change the user's profile and password. */
    USER_SETTINGS_BASIC(Entity.Kind.USER),
    /** See, make and end the user's API keys. */
    USER_SETTINGS_API_KEYS(Entity.Kind.USER),
    /** Delete the user. */
    USER_DELETE(Entity.Kind.USER),
    /** See which gateways the user has. */
    USER_GATEWAYS_LIST(Entity.Kind.USER),
    /** Register and claim gateways for the user. */
    USER_GATEWAYS_CREATE(Entity.Kind.USER),
    /** See which devices the user has. */
    USER_APPLICATIONS_LIST(Entity.Kind.USER),
    /** Have devices served for the user. */
    USER_APPLICATIONS_CREATE(Entity.Kind.USER),
    /** See which organizations the user belongs to. */
    USER_ORGANIZATIONS_LIST(Entity.Kind.USER),
    /** Create organizations. */
    USER_ORGANIZATIONS_CREATE(Entity.Kind.USER),
    /** All rights on the user, also those that come later. */
    USER_ALL(Entity.Kind.USER),

    /** See the organization. */
    ORGANIZATION_INFO(Entity.Kind.ORGANIZATION),
    /** Change the organization's name. */
    ORGANIZATION_SETTINGS_BASIC(Entity.Kind.ORGANIZATION),
    /** See, make and end the organization's API keys. */
    ORGANIZATION_SETTINGS_API_KEYS(Entity.Kind.ORGANIZATION),
    /** Change who belongs to the organization. */
    ORGANIZATION_SETTINGS_MEMBERS(Entity.Kind.ORGANIZATION),
    /** Delete the organization. */
    ORGANIZATION_DELETE(Entity.Kind.ORGANIZATION),
    /** See which gateways the organization has. */
    ORGANIZATION_GATEWAYS_LIST(Entity.Kind.ORGANIZATION),
    /** Register and claim gateways for the organization. */
    ORGANIZATION_GATEWAYS_CREATE(Entity.Kind.ORGANIZATION),
    /** See which devices the organization has. */
    ORGANIZATION_APPLICATIONS_LIST(Entity.Kind.ORGANIZATION),
    /** Have devices served for the organization. */
    ORGANIZATION_APPLICATIONS_CREATE(Entity.Kind.ORGANIZATION),
    /** All rights on the organization, also those that come later. */
    ORGANIZATION_ALL(Entity.Kind.ORGANIZATION),

    /** See the gateway. */
    GATEWAY_INFO(Entity.Kind.GATEWAY),
    /** Change the gateway's settings. */
    GATEWAY_SETTINGS_BASIC(Entity.Kind.GATEWAY),
    /** See, make and end the gateway's API keys. */
    GATEWAY_SETTINGS_API_KEYS(Entity.Kind.GATEWAY),
    /** Change who has rights on the gateway. */
    GATEWAY_SETTINGS_COLLABORATORS(Entity.Kind.GATEWAY),
    /** Delete, unclaim and hand over the gateway. */
    GATEWAY_DELETE(Entity.Kind.GATEWAY),
    /** See what the gateway receives and sends. */
    GATEWAY_TRAFFIC_READ(Entity.Kind.GATEWAY),
    /** Send through the gateway. */
    GATEWAY_TRAFFIC_DOWN_WRITE(Entity.Kind.GATEWAY),
    /** Connect as the gateway; includes {@link #GATEWAY_INFO}. */
    GATEWAY_LINK(Entity.Kind.GATEWAY),
    /** See whether the gateway is connected, and how it fares. */
    GATEWAY_STATUS_READ(Entity.Kind.GATEWAY),
    /** See where the gateway is. */
    GATEWAY_LOCATION_READ(Entity.Kind.GATEWAY),
    /** Set the gateway's secrets. */
    GATEWAY_WRITE_SECRETS(Entity.Kind.GATEWAY),
    /** Read the gateway's secrets. */
    GATEWAY_READ_SECRETS(Entity.Kind.GATEWAY),
    /** All rights on the gateway, also those that come later. */
    GATEWAY_ALL(Entity.Kind.GATEWAY),

    /** See the device. */
    APPLICATION_DEVICES_READ(Entity.Kind.DEVICE),
    /** Have the device served no longer. */
    APPLICATION_DEVICES_WRITE(Entity.Kind.DEVICE),
    /** See, make and end the device's API keys. */
    APPLICATION_SETTINGS_API_KEYS(Entity.Kind.DEVICE),
    /** Change who has rights on the device. */
    APPLICATION_SETTINGS_COLLABORATORS(Entity.Kind.DEVICE),
    /** See what the device says and is sent, in clear, and how it joins. */
    APPLICATION_TRAFFIC_READ(Entity.Kind.DEVICE),
    /** Send to the device, and take back what waits for it. */
    APPLICATION_TRAFFIC_DOWN_WRITE(Entity.Kind.DEVICE),
    /** All rights on the device, also those that come later. */
    APPLICATION_ALL(Entity.Kind.DEVICE),

    /** All rights, also those that come later. */
    ALL(null);

    private static final String PREFIX = "RIGHT_";

    private final Entity.@Nullable Kind kind;

    Right(Entity.@Nullable Kind kind) {
        this.kind = kind;
    }

    /** What it is a right on; {@link #ALL} is on everything. */
    public Optional<Entity.Kind> kind() {
        return Optional.ofNullable(kind);
    }

    /** All rights on things of this kind. */
    static Right allOn(Entity.Kind kind) {
        return switch (kind) {
            case USER -> USER_ALL;
            case ORGANIZATION -> ORGANIZATION_ALL;
            case GATEWAY -> GATEWAY_ALL;
            case DEVICE -> APPLICATION_ALL;
        };
    }

    /**
     * Reads {@code RIGHT_GATEWAY_INFO}, also in lower case, with dashes and without its prefix.
     *
     * @throws IllegalArgumentException if there is no such right
     */
    public static Right parse(String text) {
        String name = text.strip().toUpperCase(Locale.ROOT).replace('-', '_');
        String bare = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
        return Arrays.stream(values())
                .filter(right -> right.name().equals(bare))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "there is no right '"
                                                + Printable.of(text)
                                                + "': write it like "
                                                + GATEWAY_INFO));
    }

    /** {@code RIGHT_GATEWAY_INFO}. */
    @Override
    public String toString() {
        return PREFIX + name();
    }
}
