package dev.usher.api;

import static dev.usher.api.RestApi.administrator;
import static java.util.Objects.requireNonNull;

import dev.usher.accounts.Fingerprint;
import dev.usher.accounts.Owner;
import dev.usher.accounts.OwnerCertificates;
import dev.usher.accounts.OwnerId;
import dev.usher.accounts.Principal;
import dev.usher.api.edge.Request;
import dev.usher.api.edge.Response;
import dev.usher.keys.IssuedCertificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** Owners in the REST API, with what they prove themselves and their gateways by. */
final class OwnerRoutes {

    private static final Duration CERTIFICATE_LIFETIME = Duration.ofDays(365);

    private final RestApi.Services services;
    private final Changes changes;

    OwnerRoutes(RestApi.Services services, Changes changes) {
        this.services = requireNonNull(services, "services");
        this.changes = requireNonNull(changes, "changes");
    }

    void addTo(Routes<Principal> routes) {
        routes.add("GET", "/api/v1/owners", administrator(this::listOwners))
                .add("POST", "/api/v1/owners", administrator(this::createOwner))
                .add("GET", "/api/v1/owners/{id}", administrator(this::getOwner))
                .add("GET", "/api/v1/owners/{id}/api-keys", administrator(this::listApiKeys))
                .add("POST", "/api/v1/owners/{id}/api-keys", administrator(this::createApiKey))
                .add(
                        "DELETE",
                        "/api/v1/owners/{id}/api-keys/{key}",
                        administrator(this::deleteApiKey))
                .add(
                        "GET",
                        "/api/v1/owners/{id}/certificates",
                        administrator(this::listCertificates))
                .add(
                        "POST",
                        "/api/v1/owners/{id}/certificates",
                        administrator(this::addCertificate))
                .add(
                        "DELETE",
                        "/api/v1/owners/{id}/certificates/{fingerprint}",
                        administrator(this::deleteCertificate))
                .add("GET", "/api/v1/owners/{id}/ca", administrator(this::listCas))
                .add("POST", "/api/v1/owners/{id}/ca", administrator(this::addCa))
                .add(
                        "DELETE",
                        "/api/v1/owners/{id}/ca/{fingerprint}",
                        administrator(this::deleteCa));
    }

    private Response listOwners(Principal caller, Request request, Routes.Variables path) {
        return Answers.list(services.owners().list(), OwnerRoutes::write);
    }

    private Response createOwner(Principal caller, Request request, Routes.Variables path) {
        Fields fields =
                Fields.ofBody(request.body(), Set.of("ownerid", "name", "addLimit", "dryRun"));
        OwnerId id = fields.ownerId();
        return changes.make(
                caller,
                request,
                fields,
                201,
                services.owners()
                        .create(
                                caller,
                                id,
                                fields.text("name").orElseGet(id::toString),
                                fields.count("addLimit").orElse(Owner.DEFAULT_ADD_LIMIT)),
                OwnerRoutes::write);
    }

    private Response getOwner(Principal caller, Request request, Routes.Variables path) {
        Owner owner = services.owners().get(ownerId(path));
        return Answers.json(200, node -> write(node, owner));
    }

    private static OwnerId ownerId(Routes.Variables path) {
        return OwnerId.parse(path.get("id"));
    }

    private static void write(ObjectNode node, Owner owner) {
        node.put("ownerid", owner.id().toString())
                .put("name", owner.name())
                .put("addLimit", owner.addLimit())
                .put("createdAt", owner.createdAt().toString());
    }

    private Response listApiKeys(Principal caller, Request request, Routes.Variables path) {
        Owner owner = services.owners().get(ownerId(path));
        return Answers.list(services.apiKeys().list(owner.id()), AdministratorKeyRoutes::write);
    }

    private Response createApiKey(Principal caller, Request request, Routes.Variables path) {
        Fields fields = Fields.ofBody(request.body(), Set.of("name", "expiresAt", "dryRun"));
        return changes.make(
                caller,
                request,
                fields,
                201,
                services.apiKeys()
                        .create(
                                caller,
                                ownerId(path),
                                fields.text("name").orElse("unnamed"),
                                fields.time("expiresAt")),
                AdministratorKeyRoutes::write);
    }

    private Response deleteApiKey(Principal caller, Request request, Routes.Variables path) {
        return changes.delete(
                caller, request, services.apiKeys().delete(caller, ownerId(path), path.get("key")));
    }

    private Response listCertificates(Principal caller, Request request, Routes.Variables path) {
        Owner owner = services.owners().get(ownerId(path));
        return Answers.list(services.ownerCertificates().list(owner.id()), OwnerRoutes::write);
    }

    /** Maps a certificate that the owner has, or issues one. */
    private Response addCertificate(Principal caller, Request request, Routes.Variables path) {
        Fields fields = Fields.ofBody(request.body(), Set.of("certificate", "dryRun"));
        OwnerId owner = services.owners().get(ownerId(path)).id();
        Optional<X509Certificate> given = fields.bytes("certificate").map(Answers::certificate);
        Optional<IssuedCertificate> issued =
                given.isPresent()
                        ? Optional.empty()
                        : Optional.of(
                                services.ca().issueOwner(owner.toString(), CERTIFICATE_LIFETIME));
        X509Certificate certificate =
                given.or(() -> issued.map(IssuedCertificate::certificate)).orElseThrow();
        return changes.make(
                caller,
                request,
                fields,
                201,
                services.ownerCertificates().map(caller, owner, certificate),
                (node, mapped) -> {
                    write(node, mapped);
                    issued.ifPresent(
                            own ->
                                    node.put("certificate", own.certificatePem())
                                            .put("key", own.privateKeyPem()));
                });
    }

    private Response deleteCertificate(Principal caller, Request request, Routes.Variables path) {
        return changes.delete(
                caller,
                request,
                services.ownerCertificates().unmap(caller, ownerId(path), fingerprint(path)));
    }

    private static Fingerprint fingerprint(Routes.Variables path) {
        return Fingerprint.parse(path.get("fingerprint"));
    }

    private static void write(ObjectNode node, OwnerCertificates.ClientCertificate certificate) {
        node.put("fingerprint", certificate.fingerprint().toString())
                .put("notAfter", certificate.notAfter().toString());
    }

    private Response listCas(Principal caller, Request request, Routes.Variables path) {
        Owner owner = services.owners().get(ownerId(path));
        return Answers.list(
                services.ownerCertificates().gatewayCas().stream()
                        .filter(ca -> ca.owner().equals(owner.id()))
                        .toList(),
                OwnerRoutes::write);
    }

    private static void write(ObjectNode node, OwnerCertificates.GatewayCa ca) {
        X509Certificate certificate = ca.certificate();
        node.put("fingerprint", ca.fingerprint().toString())
                .put("subject", certificate.getSubjectX500Principal().getName())
                .put("notAfter", certificate.getNotAfter().toInstant().toString());
    }

    private Response addCa(Principal caller, Request request, Routes.Variables path) {
        Fields fields = Fields.ofBody(request.body(), Set.of("certificate", "dryRun"));
        X509Certificate ca =
                Answers.certificate(
                        fields.bytes("certificate")
                                .orElseThrow(() -> new BadRequest("certificate is missing")));
        Response response =
                changes.make(
                        caller,
                        request,
                        fields,
                        201,
                        services.ownerCertificates().trustGatewayCa(caller, ownerId(path), ca),
                        (node, trusted) ->
                                node.put("fingerprint", trusted.fingerprint().toString()));
        services.gateways().batches().refresh();
        return response;
    }

    private Response deleteCa(Principal caller, Request request, Routes.Variables path) {
        Response response =
                changes.delete(
                        caller,
                        request,
                        services.ownerCertificates()
                                .distrustGatewayCa(caller, ownerId(path), fingerprint(path)));
        services.gateways().batches().refresh();
        return response;
    }
}
