import {getHeapStatistics, setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';
import type {Passage} from '@forgeone/wasm';
import {errors} from '../errors.ts';
import type {Task} from '../isolation.ts';

/** The memory of what a cell is made of. */
export interface Ground {
	/** Bytes that it has now. */
	held(): number;
	/** By how many bytes it may grow before it is collected. */
	readonly slack: number;
	/** The most bytes that it may have, where guests and what is kept for them may take so many. */
	most(bytes: number): number;
}

const MiB = 2 ** 20;

/** How much may go by between two looks at least, in bytes, and which part of what there is room for: what is told takes more room here than there. */
const LEAST = MiB;
const PART = 4;

/** Collects what nobody uses any more; of the `minor` collector, what is young. */
type Collect = (how?: {readonly type: 'minor'}) => void;

let collector: Collect | undefined;

/** V8 shows its collector only to those who ask before they make a context. */
function collect(...how: Parameters<Collect>): void {
	if (!collector) {
		setFlagsFromString('--expose-gc');
		collector = runInNewContext('gc') as Collect;
	}
	collector(...how);
}

/** All that V8 has in this thread. */
function heap(): number {
	const {total_heap_size: total, external_memory: external, malloced_memory: malloced} = getHeapStatistics();
	return total + external + malloced;
}

const grown = (held: () => number) => {
	const before = held();
	return (bytes: number) => before + bytes;
};

/** A process: all that it has. */
export const processGround = (): Ground => ({held: process.memoryUsage.rss, slack: 16 * MiB, most: grown(process.memoryUsage.rss)});
/** A thread: what V8 has in it, guests' memories with it. */
export const threadGround = (): Ground => ({held: heap, slack: 16 * MiB, most: grown(heap)});
/** The kernel's own thread, which shares its heap with guests: they may fill half of what that can have. To collect it is V8's to decide. */
export const kernelGround = (): Ground => ({
	held: heap,
	slack: Number.POSITIVE_INFINITY,
	most: () => getHeapStatistics().heap_size_limit / 2,
});

/** What counts the bytes of a cell's guests. */
export interface Upkeep extends Passage {
	/** So many more bytes come into being for a guest. Throws as `look` does. */
	pass(bytes: number): void;
}

/** What is left below that at which the kernel ends a cell, in bytes. */
const MARGIN = 32 * MiB;

/**
 * Has the host collected as guests fill it: V8 is in no hurry to collect text and buffers. Where they, and what is kept for them, have more than
 * the task gives them nevertheless, the guest ends that says more.
 */
export function createUpkeep({held, slack, most}: Ground, {memory, instances, room}: Task): Upkeep {
	let least = Number.POSITIVE_INFINITY;
	const limit = most(memory * instances + room - MARGIN);

	/** By how much it has grown. */
	function growth(): number {
		const now = held();
		least = Math.min(least, now);
		return now - least;
	}

	/** Collects all; V8 gives back what buffers had when it collects again. */
	function clean(): void {
		for (let times = 0; times < 2; times++) {
			collect();
			least = held();
			if (least <= limit) return;
		}
		throw errors.FORGE_CONTAINER_MEMORY({bytes: least});
	}

	return {
		left: 0,
		pass(bytes) {
			this.left -= bytes;
			if (this.left < 0) this.look();
		},
		look() {
			let more = growth();
			if (more > slack) {
				collect({type: 'minor'});
				more = growth();
			}
			if (more > slack || least + more > limit) {
				clean();
				more = 0;
			}
			this.left = Math.max(LEAST, (Math.min(slack, limit - least) - more) / PART);
		},
	};
}
