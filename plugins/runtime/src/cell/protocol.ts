import type {Ending, Task} from '../isolation.ts';

/** What the kernel's side sends to a cell. */
export type ToCell =
	| {readonly type: 'start'; readonly task: Task}
	| {readonly type: 'input'; readonly data: Uint8Array | undefined}
	| {readonly type: 'request'; readonly id: number; readonly payload: unknown};

/** What a cell sends back. */
export type FromCell =
	| {readonly type: 'output'; readonly source: 'stdout' | 'stderr'; readonly data: Uint8Array}
	| {readonly type: 'consumed'}
	| {readonly type: 'answer'; readonly id: number; readonly payload: unknown}
	| {readonly type: 'failure'; readonly id: number; readonly ending: Ending}
	| {readonly type: 'ended'; readonly ending: Ending};

/** The two words of the memory that both sides share: how many messages were sent to the cell, and how many bytes of output are unsettled. */
export const SENT = 0;
export const UNSETTLED = 1;

/** How much output may be unsettled before the guest waits, in bytes. */
export const OUTPUT_ROOM = 1024 * 1024;
