@NullMarked
package dev.usher.interop;

import org.jspecify.annotations.NullMarked;
