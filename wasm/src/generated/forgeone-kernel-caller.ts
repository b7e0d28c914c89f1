/** @module Interface forgeone:kernel/caller@0.1.0 **/
export declare function current(): Identity;
/**
 * A number for the caller, to find by it at once what is kept for each. While the plugin runs it is never another's; each contract has its own.
 */
export declare function number(): number;
export type Identity = import('./forgeone-kernel-types.js').Identity;
