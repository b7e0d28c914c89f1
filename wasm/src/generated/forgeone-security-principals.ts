/** @module Interface forgeone:security/principals@0.1.0 **/
/**
 * The person behind a connection to the unix socket, which only the owner of its folder can open.
 */
export declare function user(uid: number): Identity;
export declare function container(id: string): Identity;
export type Identity = import('./forgeone-kernel-types.js').Identity;
export type Failure = import('./forgeone-kernel-types.js').Failure;
