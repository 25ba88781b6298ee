/** Benchmarks: each against a floor in the same run, so that the ratio holds on any machine. */
@NullMarked
package dev.usher.bench;

import org.jspecify.annotations.NullMarked;
