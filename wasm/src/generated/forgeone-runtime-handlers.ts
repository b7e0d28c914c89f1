/** @module Interface forgeone:runtime/handlers@0.1.0 **/
/**
 * Opens a call of the container, whose cell is started where none runs. The half that serves the export reads the head.
 */
export declare function open(container: string, head: string): Call;
export type Failure = import('./forgeone-kernel-types.js').Failure;
export type Call = import('./forgeone-runtime-calls.js').Call;
