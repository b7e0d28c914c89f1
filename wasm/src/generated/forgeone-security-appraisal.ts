/** @module Interface forgeone:security/appraisal@0.1.0 **/
export declare function appraise(evidence: Evidence): Vector;
export type Isolation = import('./forgeone-kernel-types.js').Isolation;
export interface Evidence {
  /**
   * `sha256:` and 64 hexadecimal digits, computed from the bytes.
   */
  digest: string,
  /**
   * The digest that was asked for, where one was.
   */
  pinned?: string,
  /**
   * Interfaces the component imports.
   */
  imports: Array<string>,
  /**
   * Host powers that were asked for: `net:example.com:443`, `volume:data:/data:rw`, `publish:8080`.
   */
  powers: Array<string>,
  isolation: Isolation,
}
/**
 * All eight claims are always there.
 */
export interface Vector {
  integrity: number,
  authenticity: number,
  provenance: number,
  freshness: number,
  configuration: number,
  executables: number,
  isolation: number,
  behaviour: number,
}
