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
        GATEWAY(Result.OF_GATEWAY),
        REGISTERED_GATEWAY(Result.OF_GATEWAY + " error"),
        BATCH(
                "name range first last size flavor keyLabel makerCa policy"
                        + " policy.retirePinOnRelease createdAt claimed dryRun"),
        GATEWAY_CERTIFICATE("eui certificate key notAfter dryRun"),
        OWNERS_CERTIFICATE("fingerprint notAfter certificate key dryRun"),
        OWNERS_CA("fingerprint dryRun"),
        ACTIVATION("homeNetId homeNsId asId asKekLabel appSKeyInClear dryRun"),
        FIRMWARE("fwcrc dryRun"),
        SIGNATURE("sigcrc dryRun"),
        VAULT_KEY("label checkValue dryRun"),
        WRAPPED_KEY("label checkValue fingerprint wrappedKey"),
        TRANSPORT_KEY("transportKey fingerprint"),
        REWRAPPED("label rewrapped"),
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

        private static final String OF_GATEWAY =
                "id eui name description frequencyPlanIds "
                        + "gatewayServerAddress targetCupsUri "
                        + "requireAuthenticatedConnection enforceDutyCycle "
                        + "claimableUntil createdAt origin upstream claimingUntil "
                        + "claimedAt targetChangedAt workingAt revertedAt dryRun";

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
