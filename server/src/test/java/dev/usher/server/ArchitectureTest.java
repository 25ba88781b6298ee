package dev.usher.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

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
                    .layer("keys")
                    .definedBy("dev.usher.keys..")
                    .layer("store")
                    .definedBy("dev.usher.store..")
                    .layer("accounts")
                    .definedBy("dev.usher.accounts..")
                    .layer("gateways")
                    .definedBy("dev.usher.gateways..")
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
                    .whereLayer("accounts")
                    .mayOnlyBeAccessedByLayers("gateways", "api", "server")
                    .whereLayer("store")
                    .mayOnlyBeAccessedByLayers("accounts", "gateways", "api", "server")
                    .whereLayer("keys")
                    .mayOnlyBeAccessedByLayers("accounts", "gateways", "api", "server")
                    .whereLayer("station")
                    .mayOnlyBeAccessedByLayers("gateways", "api", "server");

    @ArchTest
    static final ArchRule ONLY_THE_EDGE_KNOWS_VERTX_AND_NETTY =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("dev.usher.api.edge..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("io.vertx..", "io.netty..");

    @ArchTest
    static final ArchRule THE_DOMAIN_KNOWS_NO_HTTP =
            noClasses()
                    .that()
                    .resideInAnyPackage(
                            "dev.usher.gateways..",
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
                    .resideInAnyPackage("dev.usher.lorawan..", "dev.usher.station..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "java.net..", "java.nio.file..", "java.sql..", "org.slf4j..");

    @ArchTest
    static final ArchRule NAMES_SAY_WHAT_A_CLASS_IS =
            classes().should().haveNameNotMatching(".*(Util|Utils|Manager|Impl|Helper)");
}
