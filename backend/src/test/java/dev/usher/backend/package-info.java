@NullMarked
package dev.usher.backend;

import org.jspecify.annotations.NullMarked;
