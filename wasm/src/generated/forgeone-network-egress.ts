/** @module Interface forgeone:network/egress@0.1.0 **/
/**
 * The rules in canonical form, or what is wrong with the first bad one.
 */
export declare function parse(rules: Array<string>): Array<string>;
/**
 * Whether one of the rules names this host and port. No rules, no way out.
 */
export declare function allows(rules: Array<string>, host: string, port: number): boolean;
export type Failure = import('./forgeone-kernel-types.js').Failure;
