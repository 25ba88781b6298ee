/**
 * Custody: the vaults that hold root keys, what is derived from those keys, and the built-in
 * certificate authority.
 *
 * <p>Start at {@link dev.usher.keys.Vault} (what a vault does), {@link dev.usher.keys.GatewayKeys}
 * (from a batch root key to a gateway's token and PIN; docs/key-derivation.md) and docs/keys.md
 * (backup, twins, rotation, loss).
 */
@NullMarked
package dev.usher.keys;

import org.jspecify.annotations.NullMarked;
