/** @module Interface forgeone:network/middleware@0.1.0 **/
/**
 * It begins as `pass`, with the headers that came.
 */
export declare function onRequest(step: Step, request: Request): Step;
/**
 * The headers of what a container answers, or a tap in its stead; what it returns goes back. Not called for what fails, nor for what is refused.
 */
export declare function onResponse(headers: Array<Field>, status: number, request: Request): Array<Field>;
/**
 * A header. Names are the same whatever their case. Each character of a value is one byte, so none is above 255.
 */
export interface Field {
  name: string,
  value: string,
}
/**
 * Who asks: the address of a client, or the id of a container.
 */
export type Origin = OriginClient | OriginContainer;
export interface OriginClient {
  tag: 'client',
  val: string,
}
export interface OriginContainer {
  tag: 'container',
  val: string,
}
/**
 * What is asked for, but for its headers. It can not be changed.
 */
export interface Request {
  /**
   * The id of the container that it is for.
   */
  container: string,
  origin: Origin,
  method: string,
  /**
   * With its query.
   */
  path: string,
  /**
   * The host that was asked for, and its port where one was named.
   */
  authority: string,
}
/**
 * An answer in the container's stead.
 */
export interface Response {
  /**
   * 200 to 599.
   */
  status: number,
  headers: Array<Field>,
  /**
   * 64 KiB at most.
   */
  body: Uint8Array,
}
export type Step = StepPass | StepAnswered | StepRefused;
/**
 * It goes on to the next tap, and in the end to the container, with these headers, which replace those that came. Headers of the connection and
 * `host` are not among them; `content-length` is, and stays what it was.
 */
export interface StepPass {
  tag: 'pass',
  val: Array<Field>,
}
/**
 * This goes back; neither a later tap nor the container sees the request.
 */
export interface StepAnswered {
  tag: 'answered',
  val: Response,
}
/**
 * 403 goes back with the reason; neither a later tap nor the container sees the request.
 */
export interface StepRefused {
  tag: 'refused',
  val: string,
}
