package dev.usher.cli;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code usher completion}: lets the shell complete commands and options. */
@Command(
        name = "completion",
        description = "Print a script that lets the shell complete commands and options.",
        footer = {
            "%nExamples:",
            "  bash: echo 'source <(usher completion bash)' >> ~/.bashrc",
            "  zsh:  echo 'source <(usher completion zsh)' >> ~/.zshrc"
        })
final class CompletionCommand implements Callable<Integer> {

    enum Shell {
        bash,
        zsh
    }

    private final Terminal terminal;

    @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}")
    private Shell shell = Shell.bash;

    @Spec private CommandSpec spec = CommandSpec.create();

    CompletionCommand(Terminal terminal) {
        this.terminal = requireNonNull(terminal, "terminal");
    }

    @Override
    public Integer call() {
        // bash's completion functions work in zsh once it is told to emulate them.
        String prologue =
                shell == Shell.zsh
                        ? """
                        autoload -U +X compinit && compinit -u
                        autoload -U +X bashcompinit && bashcompinit
                        """
                        : "";
        terminal.out().print(prologue + AutoComplete.bash("usher", spec.root().commandLine()));
        terminal.out().flush();
        return Usher.OK;
    }
}
