/** The interoperability client: which Join Server answers for a JoinEUI, and how it is asked. */
@NullMarked
package dev.usher.interop;

import org.jspecify.annotations.NullMarked;
