package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** {@code usher users}: the people of this network. */
@Command(
        name = "users",
        aliases = "user",
        description = "The people of this network, who have gateways on it.",
        addMethodSubcommands = false)
final class UsersCommand implements Shared {

    private static final String PATH = "/api/v1/users";

    private final Terminal terminal;

    UsersCommand(Terminal terminal) {
        this.terminal = requireNonNull(terminal, "terminal");
    }

    @Shows(Shows.Result.USER)
    @Command(
            name = "create",
            aliases = "add",
            description = "Create a user; for administrators.",
            footer = {"%nExample:", "  usher users create user1 --name 'First User'"})
    void create(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Option(names = "--name", paramLabel = "NAME", description = "A name for people.")
                    @Nullable String name,
            @Option(names = "--email", paramLabel = "ADDRESS", description = "An e-mail address.")
                    @Nullable String email,
            @Option(names = "--administrator", description = "They may do everything.")
                    boolean administrator,
            @Parameters(
                            paramLabel = "USER",
                            description = "3 to 36 lower-case letters, digits and dashes.")
                    String id) {
        ObjectNode wish = Json.object().put("id", id);
        if (name != null) {
            wish.put("name", name);
        }
        if (email != null) {
            wish.put("email", email);
        }
        if (administrator) {
            wish.put("administrator", true);
        }
        output.show(connection.rest().post(PATH, wish, change));
    }

    @Command(
            name = "list",
            aliases = "ls",
            description = "List the users; for administrators.",
            footer = {"%nExample:", "  usher users list"})
    void list(@Mixin Connection connection, @Mixin Output output) {
        try (Listing users =
                output.listing(
                        List.of(
                                Column.of("ID", "id"),
                                Column.of("NAME", "name"),
                                Column.of("E-MAIL", "email"),
                                Column.of("ADMINISTRATOR", "administrator"),
                                Column.of("CREATED", "createdAt")))) {
            connection.rest().list(PATH, Map.of(), Long.MAX_VALUE, users::add);
            users.finish();
        }
    }

    @Shows(Shows.Result.PASSWORD)
    @Command(
            name = "set-password",
            description = "Set the password of a user.",
            footer = {"%nExample:", "  usher users set-password user1 --password - < password"})
    void setPassword(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Option(
                            names = "--password",
                            required = true,
                            paramLabel = "TEXT",
                            description = "The password, @FILE, or - for stdin.")
                    Secret password,
            @Parameters(paramLabel = "USER", description = "As 'list' shows it.") String id) {
        connection
                .rest()
                .put(
                        path(id) + "/password",
                        Json.object().put("password", password.reveal(terminal)),
                        change);
        output.show(Json.object().put("user", id).put("password", "set"));
    }

    @Shows(Shows.Result.IDENTITY)
    @Command(
            name = "link",
            description = {
                "Let a user sign in by an OpenID Connect provider; for administrators.",
                "Nobody is taken for a user who is there already by a name or an address alone."
            },
            footer = {
                "%nExamples:",
                "  usher users link user1 --subject 248289761001",
                "  usher users link user1 --issuer https://login.example.org --subject 248289761001"
            })
    void link(
            @Mixin Connection connection,
            @Mixin IdentityOptions identity,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(paramLabel = "USER", description = "As 'list' shows it.") String id) {
        ObjectNode wish = Json.object();
        identity.parameters().forEach(wish::put);
        output.show(connection.rest().post(identities(id), wish, change));
    }

    @Command(
            name = "list-links",
            description = "List as whom providers know a user.",
            footer = {"%nExample:", "  usher users list-links user1"})
    void listLinks(
            @Mixin Connection connection,
            @Mixin Output output,
            @Parameters(paramLabel = "USER", description = "As 'list' shows it.") String id) {
        try (Listing links =
                output.listing(
                        List.of(Column.of("ISSUER", "issuer"), Column.of("SUBJECT", "subject")))) {
            connection.rest().list(identities(id), Map.of(), Long.MAX_VALUE, links::add);
            links.finish();
        }
    }

    @Shows(Shows.Result.DELETED)
    @Command(
            name = "unlink",
            description = "Let a user no longer sign in by a provider, and sign them out.",
            footer = {"%nExample:", "  usher users unlink user1 --subject 248289761001"})
    void unlink(
            @Mixin Connection connection,
            @Mixin IdentityOptions identity,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(paramLabel = "USER", description = "As 'list' shows it.") String id) {
        connection
                .rest()
                .delete(RemoteServer.withQuery(identities(id), identity.parameters()), change);
        output.show(change.deleted("the link of " + id));
    }

    @Shows(Shows.Result.DELETED)
    @Command(
            name = "delete",
            aliases = {"remove", "rm"},
            description = "Delete a user, with their keys and rights.",
            footer = {"%nExample:", "  usher users delete user1"})
    void delete(
            @Mixin Connection connection,
            @Mixin Change change,
            @Mixin Output output,
            @Parameters(paramLabel = "USER", description = "As 'list' shows it.") String id) {
        connection.rest().delete(path(id), change);
        output.show(change.deleted(id));
    }

    private static String identities(String id) {
        return path(id) + "/identities";
    }

    @Override
    public String thing(String name) {
        return path(name);
    }

    private static String path(String id) {
        return PATH + "/" + RemoteServer.segment(id);
    }
}
