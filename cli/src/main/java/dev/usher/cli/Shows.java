package dev.usher.cli;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Set;

/**
 * What the result of a command has fields for, so that a template is looked at before it is run.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface Shows {

    Result value();

    /** The kinds of results; any of their fields may be missing in one. */
    enum Result {
        GATEWAY(
                "id eui name description frequencyPlanIds "
                        + "gatewayServerAddress targetCupsUri "
                        + "requireAuthenticatedConnection enforceDutyCycle "
                        + "claimableUntil createdAt origin upstream claimingUntil "
                        + "claimedAt targetChangedAt workingAt revertedAt dryRun"),
        DEVICE("devEui joinEui name macVersion createdAt dryRun"),
        DOWNLINK("seq devEui port payload confirmed"),
        COMMAND("eui"),
        WEBHOOK(
                "id account url types enabled createdAt secret pending "
                        + "deliveredAt failedAt lastError givenUp dryRun"),
        SERVER("server pinned subject root endsAt checkedAt changedAt remark dryRun"),
        USER("id name email administrator createdAt dryRun"),
        ORGANIZATION("id name ownerid createdAt dryRun"),
        OWNER("ownerid name addLimit createdAt dryRun"),
        OWNERS_KEY("id name createdAt expiresAt key dryRun"),
        PEER(
                "name netId asId nsIds strictNsId asyncUrl hasAsyncAuthorization asyncInClear"
                        + " pathPrefix clientCa clientName hasBearerToken bearerToken user keks kek"
                        + " createdAt dryRun"),
        JOIN_EUI_RANGE("range first last maker dryRun"),
        TRANSPORT_KEK("maker label bits createdAt kek dryRun"),
        PROVISIONED("devEui result ownerToken label dryRun"),
        PROVISIONED_DEVICE(
                "devEui joinEui maker owner macVersion profileId serialNumber hasNwkKey hasAppKey"
                    + " claimable locked homeNetId homeNsId asId asKekLabel appSKeyInClear"
                    + " roamingNetIds wrappingKey strict resetsJoinNonces lifetime lastJoinNonce"
                    + " lastDevNonce lastRjCount1 createdAt claimedAt effective dryRun"),
        CLAIMED_DEVICE("devEui owner ownerToken label dryRun"),
        OWNER_TOKEN("devEui ownerToken label dryRun"),
        PASSWORD("user password"),
        IDENTITY("issuer subject dryRun"),
        KEY("id name rights createdAt expiresAt key dryRun"),
        STATION_KEY("key dryRun"),
        COLLABORATOR("account rights dryRun"),
        UNCLAIMED("unclaimed"),
        DELETED("deleted dryRun");

        private final String fields;

        /**
         * @param fields with blanks between them
         */
        Result(String fields) {
            this.fields = fields;
        }

        Set<String> fields() {
            return Set.of(fields.split(" ", -1));
        }
    }
}
