/**
 * Who may do what, and who did what: owners and their keys and certificates; users, organizations,
 * their rights and keys; the audit log; idempotent requests.
 */
@NullMarked
package dev.usher.accounts;

import org.jspecify.annotations.NullMarked;
