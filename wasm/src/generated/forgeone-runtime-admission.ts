/** @module Interface forgeone:runtime/admission@0.1.0 **/
export declare function admit(verdict: Verdict, request: Request): Verdict;
export type Vector = import('./forgeone-security-appraisal.js').Vector;
export type Isolation = import('./forgeone-kernel-types.js').Isolation;
export type Spec = import('./forgeone-runtime-types.js').Spec;
export type Grants = import('./forgeone-runtime-types.js').Grants;
export interface Request {
  /**
   * Who wants it, and through whom.
   */
  subject: string,
  via: Array<string>,
  spec: Spec,
  digest: string,
  /**
   * Interfaces the component imports.
   */
  imports: Array<string>,
  /**
   * The isolation it will have.
   */
  isolation: Isolation,
}
export interface Admitted {
  grants: Grants,
  trust: Vector,
}
export type Verdict = VerdictUndecided | VerdictAllowed | VerdictRefused;
export interface VerdictUndecided {
  tag: 'undecided',
}
export interface VerdictAllowed {
  tag: 'allowed',
  val: Admitted,
}
/**
 * With the reason. A later tap may not lift it.
 */
export interface VerdictRefused {
  tag: 'refused',
  val: string,
}
