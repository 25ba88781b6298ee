package dev.usher.cli;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** As whom an OpenID Connect provider knows somebody, as options. */
final class IdentityOptions {

    @Option(
            names = "--issuer",
            paramLabel = "URL",
            description = "The provider, as it calls itself. Default: the server's own.")
    private @Nullable String issuer;

    @Option(
            names = "--subject",
            required = true,
            paramLabel = "TEXT",
            description = "What it calls the user (sub): no name and no address.")
    private String subject = "";

    Map<String, String> parameters() {
        Map<String, String> parameters = new TreeMap<>();
        if (issuer != null) {
            parameters.put("issuer", issuer);
        }
        parameters.put("subject", subject);
        return parameters;
    }
}
