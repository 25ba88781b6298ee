package dev.usher.cli;

import dev.usher.keys.KeyLabel;
import dev.usher.keys.TransportKey;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code usher vault}: the keys everything is derived from, and how one gets into another vault
 * (the twin ceremony of docs/keys.md).
 */
@Command(
        name = "vault",
        description = {
            "The vault's keys, and how one gets to another vault.",
            "Each command means the server's vault; with --vault or --library one on this machine,"
                    + " for which it needs no server."
        },
        addMethodSubcommands = false)
final class VaultCommand {

    /** What the first byte of a wrapped key is at most; base64 never begins with one of these. */
    private static final byte LAST_KIND_OF_WRAPPED_KEY = 2;

    @Command(
            name = "show",
            description = "Show the vault's transport key, and its keys with their check values.",
            footer = {
                "%nExamples:",
                "  usher vault show",
                "  usher vault show --library /usr/lib/softhsm/libsofthsm2.so --token usher"
            })
    void show(@Mixin AnyVault vault, @Mixin Output output) {
        output.show(vault.use(KindOfKey.ROOT_KEY, KeysOfVault::show));
    }

    @Shows(Shows.Result.TRANSPORT_KEY)
    @Command(
            name = "transport-key",
            description = {
                "Print the public key that others wrap keys with for this vault.",
                "Send it by any way; read its fingerprint, which --out shows, over another one."
            },
            footer = {
                "%nExamples:",
                "  usher vault transport-key > twin.pem",
                "  usher vault transport-key --vault twin/vault --out twin.pem"
            })
    void transportKey(
            @Mixin AnyVault vault,
            @Mixin Output output,
            @Option(names = "--out", paramLabel = "FILE", description = "Write it there instead.")
                    @Nullable Path out) {
        ObjectNode shown = vault.useOrMake(KindOfKey.ROOT_KEY, KeysOfVault::show);
        String pem = Json.text(shown, "transportKey").strip() + "\n";
        if (out == null) {
            output.print(pem);
            return;
        }
        LocalFile.write(out, pem.getBytes(StandardCharsets.UTF_8));
        output.show(
                Json.object()
                        .put("transportKey", out.toString())
                        .put("fingerprint", Json.text(shown, "fingerprint")));
    }

    @Shows(Shows.Result.VAULT_KEY)
    @Command(
            name = "create",
            description = "Make a new key; 'batches create' does so by itself.",
            footer = {
                "%nExamples:",
                "  usher vault create femto-2026 --vault factory/vault",
                "  usher vault create devices-2026 --wrapping"
            })
    void create(
            @Mixin AnyVault vault,
            @Mixin KindOfKey.Options kind,
            @Mixin Output output,
            @Parameters(paramLabel = "LABEL", description = "Its name.") KeyLabel label) {
        output.show(vault.useOrMake(kind.kind(), keys -> keys.create(label)));
    }

    @Shows(Shows.Result.WRAPPED_KEY)
    @Command(
            name = "export",
            description = {
                "Wrap a key for another vault, which alone can open it.",
                "Whoever owns the transport key gets the key: compare its fingerprint first."
            },
            footer = {
                "%nExamples:",
                "  usher vault export femto-2026 --for twin.pem --out femto-2026.wrapped",
                "  usher vault export usher.seal.1 --vault data/vault --for twin.pem \\",
                "      --fingerprint 5f0c… --out seal.wrapped"
            })
    void export(
            @Mixin AnyVault vault,
            @Mixin KindOfKey.Options kind,
            @Mixin Output output,
            @Parameters(paramLabel = "LABEL", description = "The key.") KeyLabel label,
            @Option(
                            names = "--for",
                            required = true,
                            paramLabel = "FILE",
                            description = "The other vault's transport key (PEM).")
                    Path twin,
            @Option(
                            names = "--fingerprint",
                            paramLabel = "HEX",
                            description =
                                    "What the other side read out; export only if it is the"
                                            + " transport key's.")
                    @Nullable String fingerprint,
            @Option(
                            names = "--out",
                            paramLabel = "FILE",
                            description = "Write the wrapped key there, in base64.")
                    @Nullable Path out) {
        TransportKey transportKey = transportKey(twin);
        if (fingerprint != null && !plain(fingerprint).equals(transportKey.fingerprint())) {
            throw new Failure(
                    "The fingerprint of the transport key in '"
                            + twin
                            + "' is "
                            + transportKey.fingerprint()
                            + ", another than was read out: get the transport key again, and find"
                            + " out who changed it.");
        }
        ObjectNode exported =
                vault.use(kind.kind(), keys -> keys.exportWrapped(label, transportKey));
        if (out != null) {
            String line = Json.text(exported, "wrappedKey") + "\n";
            LocalFile.write(out, line.getBytes(StandardCharsets.UTF_8));
            exported.put("wrappedKey", out.toString());
        }
        output.show(exported);
    }

    private static TransportKey transportKey(Path file) {
        try {
            return TransportKey.parse(new String(LocalFile.read(file), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            throw new Failure(
                    "'"
                            + file
                            + "' is no transport key ("
                            + Terminal.visible(String.valueOf(e.getMessage()))
                            + "): take it from the other vault with 'usher vault transport-key'.",
                    e);
        }
    }

    /** As people read it out and type it: in either case, in groups. */
    private static String plain(String fingerprint) {
        return fingerprint.replaceAll("[\\s:-]", "").toLowerCase(Locale.ROOT);
    }

    @Shows(Shows.Result.VAULT_KEY)
    @Command(
            name = "import",
            description = {
                "Take a key that was wrapped for this vault.",
                "Compare the check value with the other side's; if they differ, delete the key."
            },
            footer = {
                "%nExamples:",
                "  usher vault import femto-2026 --in femto-2026.wrapped",
                "  usher vault import femto-2026 --in femto-2026.wrapped --vault twin/vault",
                "  usher vault import 1.line-1 --in line-1.wrapped --transport-kek"
            })
    void importWrapped(
            @Mixin AnyVault vault,
            @Mixin KindOfKey.AllOptions kind,
            @Mixin Output output,
            @Parameters(paramLabel = "LABEL", description = "Its name here.") KeyLabel label,
            @Option(
                            names = "--in",
                            required = true,
                            paramLabel = "FILE",
                            description = "What 'vault export' wrote.")
                    Path in) {
        byte[] wrapped = wrappedKey(in);
        output.show(vault.useOrMake(kind.kind(), keys -> keys.importWrapped(label, wrapped)));
    }

    /** A wrapped key in a file, as it is or in base64. */
    static byte[] wrappedKey(Path file) {
        byte[] content = LocalFile.read(file);
        if (content.length > 0 && content[0] > 0 && content[0] <= LAST_KIND_OF_WRAPPED_KEY) {
            return content;
        }
        try {
            String text = new String(content, StandardCharsets.US_ASCII);
            return Base64.getDecoder().decode(text.replaceAll("\\s", ""));
        } catch (IllegalArgumentException e) {
            throw new Failure(
                    "'" + file + "' is no wrapped key: give the file 'usher vault export' wrote.",
                    e);
        }
    }

    @Shows(Shows.Result.VAULT_KEY)
    @Command(
            name = "forbid-export",
            description =
                    "Never let a key out again, not even wrapped; once there are as many twins as"
                            + " there shall be.",
            footer = {"%nExample:", "  usher vault forbid-export femto-2026"})
    void forbidExport(
            @Mixin AnyVault vault,
            @Mixin KindOfKey.Options kind,
            @Mixin Output output,
            @Parameters(paramLabel = "LABEL", description = "The key.") KeyLabel label) {
        output.show(vault.use(kind.kind(), keys -> keys.forbidExport(label)));
    }

    @Shows(Shows.Result.DELETED)
    @Command(
            name = "delete",
            description = {
                "Destroy a key, such as one whose check value is wrong.",
                "Every gateway that is derived from it, and every device whose root keys are"
                        + " wrapped under it, is lost, unless a twin has the key."
            },
            footer = {"%nExample:", "  usher vault delete femto-2026 --vault twin/vault"})
    void delete(
            @Mixin AnyVault vault,
            @Mixin KindOfKey.AllOptions kind,
            @Mixin Output output,
            @Parameters(paramLabel = "LABEL", description = "The key.") KeyLabel label) {
        output.show(
                vault.use(
                        kind.kind(),
                        keys -> {
                            keys.delete(label);
                            return Json.object().put("deleted", label.value());
                        }));
    }

    @Shows(Shows.Result.REWRAPPED)
    @Command(
            name = "rewrap",
            description = {
                "Put the root keys of all devices under this wrapping key, whatever they are"
                        + " under.",
                "Devices join meanwhile. Interrupted, it goes on when it is called again."
            },
            footer = {"%nExample:", "  usher vault rewrap devices-2027"})
    void rewrap(
            @Mixin Connection connection,
            @Mixin Output output,
            @Parameters(paramLabel = "LABEL", description = "The wrapping key.") KeyLabel label) {
        RemoteServer server = connection.rest();
        String path = ServerKeys.path(KindOfKey.WRAPPING_KEY, label) + "/rewrap";
        int rewrapped = 0;
        JsonNode answer = server.post(path, Json.object());
        while (answer.has("after")) {
            rewrapped += answer.path("rewrapped").intValue();
            answer = server.post(path, Json.object().put("after", Json.text(answer, "after")));
        }
        output.show(Json.object().put("label", label.value()).put("rewrapped", rewrapped));
    }
}
