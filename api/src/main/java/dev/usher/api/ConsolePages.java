package dev.usher.api;

import static java.util.Objects.requireNonNull;

import dev.usher.accounts.AccountId;
import dev.usher.accounts.Caller;
import dev.usher.lorawan.FrequencyPlan;
import dev.usher.network.registry.ClaimState;
import dev.usher.network.registry.GatewayServerAddress;
import dev.usher.network.registry.NetworkGateway;
import dev.usher.network.traffic.GatewayStatus;
import dev.usher.station.RouterConfig;
import dev.usher.station.Why;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the pages of the {@link Console} look like. */
final class ConsolePages {

    static final String STYLE =
            """
            :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
            body { margin: 0 auto; max-width: 62rem; padding: 0 1rem 3rem; }
            header { align-items: center; border-bottom: 1px solid #8885; display: flex; gap: 1rem;
                padding: .75rem 0; }
            header a { font-weight: 600; margin-right: auto; text-decoration: none; }
            h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
            table { border-collapse: collapse; width: 100%; }
            th, td { border-bottom: 1px solid #8883; padding: .35rem .75rem .35rem 0;
                text-align: left; vertical-align: top; }
            label { display: block; margin: .6rem 0; } label span { display: block; }
            input, select, button { font: inherit; padding: .3rem .5rem; }
            input, select { box-sizing: border-box; max-width: 100%; width: 24rem; }
            input[type=checkbox] { width: auto; }
            .notice { border-left: .3rem solid #c33; padding: .3rem .8rem; }
            .connected { color: light-dark(#161, #7d7); } .away { color: light-dark(#b22, #f99); }
            .eui { font-family: monospace; }
            .quiet { opacity: .7; } time { white-space: nowrap; }
            @media (max-width: 40rem) {
                td, h1 { overflow-wrap: anywhere; } td:nth-child(4) { overflow-wrap: normal; }
                time { white-space: normal; }
            }
            """;

    private ConsolePages() {}

    /** What a page says above all else; nothing, or why something was not done. */
    record Notice(Html html) {

        static final Notice NONE = new Notice(Html.NONE);

        static Notice of(String sentence) {
            return new Notice(Html.of("<p class=\"notice\" role=\"alert\">{}</p>", sentence));
        }

        static Notice of(Refusal refusal) {
            return new Notice(
                    Html.of(
                            "<p class=\"notice\" role=\"alert\"><strong>{}</strong><br>{}</p>",
                            refusal.title(),
                            refusal.detail()));
        }
    }

    /**
     * A gateway in a list.
     *
     * @param stats empty if whoever looks may not know
     */
    record Row(NetworkGateway gateway, Optional<GatewayStats.Stats> stats) {
        Row {
            requireNonNull(gateway, "gateway");
            requireNonNull(stats, "stats");
        }
    }

    private static Html page(String title, Optional<Caller> caller, Html content) {
        return Html.of(
                """
                <!doctype html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <title>{} - Usher</title>
                <link rel="stylesheet" href="/console.css">
                </head>
                <body>
                <header><a href="/">Usher</a>{}</header>
                <main>
                <h1>{}</h1>
                {}
                </main>
                </body>
                </html>
                """,
                title,
                caller.map(ConsolePages::self).orElse(Html.NONE),
                title,
                content);
    }

    private static Html self(Caller caller) {
        return Html.of(
                """
                <span>You are {}</span>
                <form method="post" action="/logout"><button>Log out</button></form>\
                """,
                caller.account().map(AccountId::value).orElseGet(caller::name));
    }

    static Html login(boolean hasProvider, Notice notice) {
        return page(
                "Sign in",
                Optional.empty(),
                Html.of(
                        """
                        {}
                        <form method="post" action="/login">
                        <label><span>User</span>
                        <input name="user" autocomplete="username" required autofocus></label>
                        <label><span>Password</span>
                        <input name="password" type="password" autocomplete="current-password" \
                        required></label>
                        <button>Sign in</button>
                        </form>
                        {}\
                        """,
                        notice.html(),
                        hasProvider
                                ? Html.of(
                                        "<p><a href=\"{}\">Sign in by your organization's"
                                                + " provider</a></p>",
                                        LoginRoutes.OIDC)
                                : Html.NONE));
    }

    static Html refused(Optional<Caller> caller, Refusal refusal) {
        return page(
                refusal.title(),
                caller,
                Html.of("<p>{}</p><p><a href=\"/\">To your gateways</a></p>", refusal.detail()));
    }

    static Html notSignedIn(Refusal refusal) {
        return page(
                "You are not signed in",
                Optional.empty(),
                Html.of(
                        "{}<p><a href=\"{}\">Sign in</a></p>",
                        Notice.of(refusal.detail()).html(),
                        Console.LOGIN));
    }

    /**
     * @param isFull whether there may be more gateways than these
     * @param typed what was typed into the form before
     */
    static Html home(
            Caller caller,
            List<Row> rows,
            boolean isFull,
            Map<String, String> typed,
            Notice notice) {
        return page(
                "Your gateways",
                Optional.of(caller),
                Html.of(
                        "{}\n{}\n{}\n{}",
                        notice.html(),
                        rows.isEmpty()
                                ? Html.of("<p>You have none yet: claim one.</p>")
                                : Html.of(
                                        """
                                        <table>
                                        <tr><th scope="col">ID</th><th scope="col">EUI</th>\
                                        <th scope="col">Name</th><th scope="col">State</th></tr>
                                        {}
                                        </table>\
                                        """,
                                        Html.all(rows.stream().map(ConsolePages::row).toList())),
                        isFull
                                ? Html.of(
                                        "<p><a href=\"/?after={}\">More</a></p>",
                                        rows.getLast().gateway().id())
                                : Html.NONE,
                        claim(caller, typed)));
    }

    private static Html row(Row row) {
        NetworkGateway gateway = row.gateway();
        return Html.of(
                """
                <tr><td><a href="{}">{}</a></td><td class="eui">{}</td><td>{}</td><td>{}</td></tr>\
                """,
                Console.path(gateway.id()),
                gateway.id(),
                gateway.eui(),
                gateway.settings().name(),
                state(row.stats()));
    }

    private static Html state(Optional<GatewayStats.Stats> stats) {
        return stats.map(GatewayStats.Stats::status)
                .map(ConsolePages::state)
                .orElseGet(() -> Html.of("<span class=\"quiet\">not yours to see</span>"));
    }

    private static Html state(GatewayStatus status) {
        return switch (status) {
            case GatewayStatus.Connected(Instant since) ->
                    Html.of("<span class=\"connected\">connected</span> since {}", time(since));
            case GatewayStatus.Away(Optional<Instant> lastSeen) ->
                    lastSeen.map(
                                    at ->
                                            Html.of(
                                                    "<span class=\"away\">not connected</span>,"
                                                            + " last seen {}",
                                                    time(at)))
                            .orElseGet(
                                    () ->
                                            Html.of(
                                                    "<span class=\"away\">never"
                                                            + " connected</span>"));
        };
    }

    private static Html time(Instant at) {
        Instant second = at.truncatedTo(ChronoUnit.SECONDS);
        return Html.of("<time datetime=\"{}\">{}</time>", second, second);
    }

    private static Html claim(Caller caller, Map<String, String> typed) {
        String plan = typed.getOrDefault("plan", "");
        return Html.of(
                """
                <h2>Claim a gateway</h2>
                <form method="post" action="/gateways">
                <label><span>EUI, MAC or the 12 digits on its label</span>
                <input name="eui" value="{}" required></label>
                <label><span>Code on its label, or from its former owner</span>
                <input name="code" value="{}" autocomplete="off" required></label>
                <label><span>What to call it (leave it empty for eui-EUI)</span>
                <input name="id" value="{}"></label>
                <label><span>For the user or the organization</span>
                <input name="collaborator" value="{}" required></label>
                <label><span>Frequency plan</span>
                <select name="plan">
                {}
                </select></label>
                <button>Claim</button>
                </form>\
                """,
                typed.getOrDefault("eui", ""),
                typed.getOrDefault("code", ""),
                typed.getOrDefault("id", ""),
                typed.getOrDefault(
                        "collaborator", caller.account().map(AccountId::value).orElse("")),
                Html.all(
                        FrequencyPlan.all().stream()
                                .filter(one -> RouterConfig.refusal(one).isEmpty())
                                .map(
                                        one ->
                                                Html.of(
                                                        "<option value=\"{}\"{}>{}</option>",
                                                        one.id(),
                                                        one.id().equals(plan)
                                                                ? new Html(" selected")
                                                                : Html.NONE,
                                                        one.name()))
                                .toList()));
    }

    static Html gateway(
            Caller caller,
            NetworkGateway gateway,
            Optional<GatewayStats.Stats> stats,
            Notice notice) {
        return page(
                gateway.id().value(),
                Optional.of(caller),
                Html.of(
                        """
                        {}
                        <table>
                        <tr><th scope="row">EUI</th><td class="eui">{}</td></tr>
                        <tr><th scope="row">Name</th><td>{}</td></tr>
                        <tr><th scope="row">Frequency plans</th><td>{}</td></tr>
                        <tr><th scope="row">LNS</th><td>{}</td></tr>
                        <tr><th scope="row">Origin</th><td>{}</td></tr>
                        <tr><th scope="row">State</th><td>{}</td></tr>
                        </table>
                        {}
                        {}
                        {}\
                        """,
                        notice.html(),
                        gateway.eui(),
                        gateway.settings().name(),
                        String.join(", ", gateway.settings().frequencyPlanIds()),
                        gateway.settings()
                                .address()
                                .map(GatewayServerAddress::toString)
                                .orElse("this network's"),
                        origin(gateway.claim()),
                        state(stats),
                        why(stats.map(GatewayStats.Stats::why).orElse(List.of())),
                        handOver(gateway),
                        giveBack(gateway)));
    }

    private static Html origin(ClaimState claim) {
        return switch (claim) {
            case ClaimState.Registered() -> Html.of("registered by hand");
            case ClaimState.Claiming(_, Instant until) ->
                    Html.of("being claimed; the claim can go on until {}", time(until));
            case ClaimState.Transferred _ -> Html.of("taken over from somebody else");
            case ClaimState.Claimed(_, Instant at) -> Html.of("claimed {}", time(at));
        };
    }

    private static Html why(List<Why> why) {
        if (why.isEmpty()) {
            return Html.NONE;
        }
        return Html.of(
                """
                <h2>What it was told, and why</h2>
                <table>
                <tr><th scope="col">At</th><th scope="col">Told</th><th scope="col">Because</th>\
                <th scope="col">Times</th></tr>
                {}
                </table>\
                """,
                Html.all(
                        why.stream()
                                .map(
                                        one ->
                                                Html.of(
                                                        "<tr><td>{}</td><td>{}</td><td>{}</td>"
                                                                + "<td>{}</td></tr>",
                                                        time(one.at()),
                                                        one.answer(),
                                                        one.reason(),
                                                        one.times()))
                                .toList()));
    }

    private static Html handOver(NetworkGateway gateway) {
        String path = Console.path(gateway.id());
        return gateway.claimableUntil()
                .map(
                        until ->
                                Html.of(
                                        """
                                        <h2>Hand it over</h2>
                                        <p>Until {} somebody else can claim it with the code you \
                                        gave them.</p>
                                        <form method="post" action="{}/unauthorize">
                                        <button>Let nobody claim it</button>
                                        </form>\
                                        """,
                                        time(until),
                                        path))
                .orElseGet(
                        () ->
                                Html.of(
                                        """
                                        <h2>Hand it over</h2>
                                        <p>Somebody else can claim it with this code. It is theirs \
                                        alone then, and its keys end.</p>
                                        <form method="post" action="{}/authorize">
                                        <label><span>Code, at least 8 letters and digits</span>
                                        <input name="code" autocomplete="off" required></label>
                                        <label><span>Until the beginning of this day (UTC)</span>
                                        <input name="until" type="date" required></label>
                                        <button>Let somebody claim it</button>
                                        </form>\
                                        """,
                                        path));
    }

    private static Html giveBack(NetworkGateway gateway) {
        return gateway.claim() instanceof ClaimState.Registered
                ? Html.NONE
                : Html.of(
                        """
                        <h2>Give it back</h2>
                        <p>It is deleted here, and whoever has the code on its label can claim \
                        it.</p>
                        <form method="post" action="{}/unclaim">
                        <label><input type="checkbox" required> I no longer want it</label>
                        <button>Unclaim it</button>
                        </form>\
                        """,
                        Console.path(gateway.id()));
    }
}
