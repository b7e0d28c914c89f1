/** @module Interface forgeone:runtime/calls@0.1.0 **/
/**
 * A half of `plugin` in the cell of `container` has opened this call. Whoever answers true has taken it.
 */
export declare function take(container: string, plugin: string, call: Call): boolean | undefined;

export declare class Call {
  /**
   * This type does not have a public constructor.
   */
  private constructor();
  /**
  * What it is about, as its opener said: text, JSON by custom, 256 KiB at most.
  */
  head(): string;
  /**
  * For its opener: what the other side answers. Fails with the reason for which it was cancelled.
  */
  reply(): string;
  /**
  * For the other side: answers, once.
  */
  answer(head: string): void;
  /**
  * The bytes that come next; none at their end.
  */
  read(): Uint8Array | undefined;
  /**
  * What was said at the end of the bytes, where anything was.
  */
  trailer(): string | undefined;
  /**
  * Returns when there is room for more.
  */
  write(bytes: Uint8Array): void;
  /**
  * No more bytes will be written.
  */
  finish(trailer: string | undefined): void;
  /**
  * Ends both directions at once, for both sides.
  */
  cancel(reason: string): void;
  /**
  * Returns once the other side has cancelled it or is gone, with the reason; or none once it is over.
  */
  cancelled(): string | undefined;
}
