/**
 * The one program, {@code usher}: its client commands, and the doors to serve, demo and bench.
 *
 * <p>One class holds the commands of one group. What they share are picocli mixins: {@link
 * dev.usher.cli.Connection} finds the server, {@link dev.usher.cli.Output} prints the result,
 * {@link dev.usher.cli.Change} says how a change is made. Errors are {@link
 * dev.usher.cli.Failure}s, one sentence each.
 */
@NullMarked
package dev.usher.cli;

import org.jspecify.annotations.NullMarked;
