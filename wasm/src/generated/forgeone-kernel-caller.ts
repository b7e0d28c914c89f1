/** @module Interface forgeone:kernel/caller@0.1.0 **/
export declare function current(): Identity;
export type Identity = import('./forgeone-kernel-types.js').Identity;
