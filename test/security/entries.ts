import type {Client} from '@forgeone/core';
import type {Audit} from '@forgeone/wasm';

/** As many as there are. */
export const ALL = 0xffff_ffff;

/** The decision of this number. */
export const entry = (number: number): Audit.Entry => ({
	time: BigInt(number),
	subject: `user:${number}`,
	action: 'admit',
	object: '/app.wasm',
	allowed: number % 2 === 0,
	reason: number % 2 === 0 ? '' : 'no rule allows it',
});

/** The numbers of the entries that are kept, newest first. */
export const numbers = async (audit: Client<typeof Audit>, limit = ALL): Promise<number[]> =>
	(await audit.recent(limit)).map(({time}) => Number(time));

/** So many numbers, the newest first. */
export const down = (newest: number, count: number): number[] => Array.from({length: count}, (_, index) => newest - index);
