/**
 * Who may do what, and who did what: owners, their API keys and certificates, the audit log,
 * idempotent requests.
 */
@NullMarked
package dev.usher.accounts;

import org.jspecify.annotations.NullMarked;
