/** @module Interface forgeone:kernel/handover@0.1.0 **/
/**
 * All that the next version must know; until that has answered its first call this one stands by, and goes on where that breaks. A component gives
 * 16 MiB at most: with more to give it fails, and goes on, for one that gives more is ended, and what it kept is lost.
 */
export declare function save(): Uint8Array;
/**
 * Comes before any other call, and takes the place of all that is kept. What the bytes mean is agreed by those who can take each other's
 * place: see the contract that they provide.
 */
export declare function restore(state: Uint8Array): void;
export type Failure = import('./forgeone-kernel-types.js').Failure;
