/**
 * The Gateway Join Server without its HTTP: which batch a gateway comes from, who has claimed it,
 * what its owner wants it to be told ({@link dev.usher.gateways.Setups}), and what it is told when
 * it checks in ({@link dev.usher.gateways.CheckIns}).
 */
@NullMarked
package dev.usher.gateways;

import org.jspecify.annotations.NullMarked;
