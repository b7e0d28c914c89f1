/** @module Interface forgeone:storage/store@0.1.0 **/
export declare function get(key: string): Uint8Array | undefined;
/**
 * On disk when it returns. A key has 1 to 1,024 bytes, else FORGE_STORE_KEY; a value 1 MiB at most, else FORGE_STORE_VALUE.
 */
export declare function set(key: string, value: Uint8Array): void;
/**
 * Whether there was one.
 */
export declare function remove(key: string): boolean;
/**
 * In byte order, from the first that is not below `start` and has the prefix, `limit` at most.
 */
export declare function keys(prefix: string, start: string, limit: number): Array<string>;
export type Failure = import('./forgeone-kernel-types.js').Failure;
