/**
 * The faces: what HTTP requests mean and what is answered. {@link dev.usher.api.CupsFace} is the
 * Gateway API (CUPS), {@link dev.usher.api.OwnerApi} the Owner API, {@link dev.usher.api.RestApi}
 * everything else. What is decided stands in the domain modules; how bytes get on the wire in
 * {@code edge}.
 */
@NullMarked
package dev.usher.api;

import org.jspecify.annotations.NullMarked;
