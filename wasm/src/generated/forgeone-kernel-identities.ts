/** @module Interface forgeone:kernel/identities@0.1.0 **/
/**
 * `name` is what comes after the kind in the subject: a user's number, a container's id.
 */
export declare function mint(kind: Kind, name: string): Identity;
export type Identity = import('./forgeone-kernel-types.js').Identity;
export type Kind = import('./forgeone-kernel-types.js').Kind;
