package dev.usher.server;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.net.URLDecoder;

/**
 * The rooms of the house (ARCHITECTURE.md): what may know of what. The module POMs hold most of it;
 * this holds the rest.
 */
@AnalyzeClasses(packages = "dev.usher", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule LOWER_ROOMS_KNOW_NOTHING_OF_HIGHER_ONES =
            layeredArchitecture()
                    .consideringOnlyDependenciesInLayers()
                    .layer("lorawan")
                    .definedBy("dev.usher.lorawan..")
                    .layer("station")
                    .definedBy("dev.usher.station..")
                    .layer("backend")
                    .definedBy("dev.usher.backend..")
                    .layer("keys")
                    .definedBy("dev.usher.keys..")
                    .layer("store")
                    .definedBy("dev.usher.store..")
                    .layer("accounts")
                    .definedBy("dev.usher.accounts..")
                    .layer("gateways")
                    .definedBy("dev.usher.gateways..")
                    .layer("devices")
                    .definedBy("dev.usher.devices..")
                    .layer("interop")
                    .definedBy("dev.usher.interop..")
                    .layer("network")
                    .definedBy("dev.usher.network..")
                    .layer("api")
                    .definedBy("dev.usher.api..")
                    .layer("server")
                    .definedBy("dev.usher.server..")
                    .whereLayer("server")
                    .mayNotBeAccessedByAnyLayer()
                    .whereLayer("api")
                    .mayOnlyBeAccessedByLayers("server")
                    .whereLayer("gateways")
                    .mayOnlyBeAccessedByLayers("api", "server")
                    .whereLayer("devices")
                    .mayOnlyBeAccessedByLayers("api", "server")
                    .whereLayer("network")
                    .mayOnlyBeAccessedByLayers("api", "server")
                    .whereLayer("interop")
                    .mayOnlyBeAccessedByLayers("api", "server")
                    .whereLayer("accounts")
                    .mayOnlyBeAccessedByLayers("gateways", "devices", "network", "api", "server")
                    .whereLayer("store")
                    .mayOnlyBeAccessedByLayers(
                            "accounts", "gateways", "devices", "network", "api", "server")
                    .whereLayer("keys")
                    .mayOnlyBeAccessedByLayers(
                            "accounts", "gateways", "devices", "network", "api", "server")
                    .whereLayer("backend")
                    .mayOnlyBeAccessedByLayers("interop", "devices", "network", "api", "server")
                    .whereLayer("station")
                    .mayOnlyBeAccessedByLayers("gateways", "network", "api", "server");

    @ArchTest
    static final ArchRule ONLY_THE_EDGE_KNOWS_VERTX_AND_NETTY =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("dev.usher.api.edge..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("io.vertx..", "io.netty..");

    @ArchTest
    static final ArchRule ONLY_THE_OUTLETS_KNOW_THE_MQTT_CLIENT =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("dev.usher.network.outlets..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("org.eclipse.paho..");

    @ArchTest
    static final ArchRule THE_DOMAIN_KNOWS_NO_HTTP =
            noClasses()
                    .that()
                    .resideInAnyPackage(
                            "dev.usher.gateways..",
                            "dev.usher.devices..",
                            "dev.usher.network.registry..",
                            "dev.usher.network.traffic..",
                            "dev.usher.accounts..",
                            "dev.usher.store..",
                            "dev.usher.keys..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("java.net.http..", "com.sun.net.httpserver..");

    @ArchTest
    static final ArchRule PROTOCOLS_DO_NO_IO =
            noClasses()
                    .that()
                    .resideInAnyPackage(
                            "dev.usher.lorawan..", "dev.usher.station..", "dev.usher.backend..")
                    .should()
                    .dependOnClassesThat(
                            resideInAnyPackage(
                                            "java.net..",
                                            "java.nio.file..",
                                            "java.sql..",
                                            "org.slf4j..")
                                    // percent-decoding: it lives in java.net and opens nothing
                                    .and(not(type(URLDecoder.class))));

    @ArchTest
    static final ArchRule NAMES_SAY_WHAT_A_CLASS_IS =
            classes().should().haveNameNotMatching(".*(Util|Utils|Manager|Impl|Helper)");
}
