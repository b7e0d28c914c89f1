/** @module Interface forgeone:kernel/handover@0.1.0 **/
/**
 * All that the next version must know. Until it has answered its first call this one stands by, and goes on where that breaks.
 */
export declare function save(): Uint8Array;
/**
 * Comes before any other call, and takes the place of all that is kept. What the bytes mean is agreed by those who can take each other's
 * place: see the contract that they provide.
 */
export declare function restore(state: Uint8Array): void;
