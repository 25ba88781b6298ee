/**
 * The database: SQLite or PostgreSQL behind one small door, its migrations, and the group commit
 * through which every change goes. The SQL itself stands beside the domain code that owns the
 * table.
 */
@NullMarked
package dev.usher.store;

import org.jspecify.annotations.NullMarked;
