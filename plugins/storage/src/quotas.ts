import type {Volumes} from '@forgeone/wasm';
import {type Usage, usageOf} from './usage.ts';

/** How much is granted at once beyond what is asked for: an eighth of what is left, this many at most. */
const PIECE: Usage = {bytes: 4n * 1024n * 1024n, inodes: 64n};

/** For each millisecond that a count took, so many pass before the next one begins. */
const REST = 10;

const none: Usage = {bytes: 0n, inodes: 0n};
const both = (combine: (key: keyof Usage) => bigint): Usage => ({bytes: combine('bytes'), inodes: combine('inodes')});

function least(one: bigint, other: bigint): bigint {
	if (one < other) return one;
	return other;
}

/** What containers may still write to volumes that have quotas. */
export interface Quotas {
	/**
	 * Grants a container what it asks for, or less: nothing where the volume is full. `left` is what it has not used of what it was granted
	 * before; that it keeps.
	 */
	grant(volume: Volumes.Volume, container: string, asked: Usage, left: Usage): Promise<Usage>;
	/** What a container was granted counts as used from now on, until the next count. */
	release(container: string): void;
	/** Counts what a volume holds. */
	count(volume: Volumes.Volume): Promise<Usage>;
	/** What it held when it was last counted. */
	known(volume: string): Usage | undefined;
	forget(volume: string): void;
}

/** What is known of one volume. Used and granted together are never less than what is there. */
interface Account {
	counted: Usage | undefined;
	/** Used since the last count began. */
	used: Usage;
	readonly granted: Map<string, Usage>;
	counting: Promise<Usage> | undefined;
	/** When the next count for a guest may begin, by `performance.now()`. */
	next: number;
}

function room({quota}: Volumes.Volume, {counted = none, used, granted}: Account): Usage {
	return both(key => {
		const most = quota[key] ?? 2n ** 64n - 1n;
		const taken = [...granted.values()].reduce((sum, one) => sum + one[key], counted[key] + used[key]);
		return taken < most ? most - taken : 0n;
	});
}

/** Keeps account of what is granted, in memory: what a volume holds is counted when a container first asks, and again when it seems full. */
export function createQuotas(): Quotas {
	const accounts = new Map<string, Account>();
	const accountOf = (volume: string): Account => {
		const account = accounts.get(volume) ?? {counted: undefined, used: none, granted: new Map(), counting: undefined, next: 0};
		accounts.set(volume, account);
		return account;
	};

	async function recount({path}: Volumes.Volume, account: Account): Promise<Usage> {
		// What is used while it is counted is counted twice, rather than not at all.
		const [start, before] = [performance.now(), account.used];
		const counted = await usageOf(path);
		account.counted = counted;
		account.used = both(key => account.used[key] - before[key]);
		account.next = performance.now() + REST * (performance.now() - start);
		return counted;
	}

	function count(volume: Volumes.Volume): Promise<Usage> {
		const account = accountOf(volume.name);
		account.counting ??= recount(volume, account).finally(() => {
			account.counting = undefined;
		});
		return account.counting;
	}

	/** The same for a guest, who may not keep this process busy with it. */
	async function countLater(volume: Volumes.Volume, account: Account): Promise<void> {
		const wait = account.next - performance.now();
		if (wait > 0) await new Promise(resolve => setTimeout(resolve, wait));
		await count(volume);
	}

	/** Takes what a container has used from what it was granted. */
	function settle(account: Account, container: string, left: Usage): void {
		const granted = account.granted.get(container) ?? none;
		const kept = both(key => least(left[key], granted[key]));
		account.used = both(key => account.used[key] + granted[key] - kept[key]);
		account.granted.set(container, kept);
	}

	return {
		async grant(volume, container, asked, left) {
			const account = accountOf(volume.name);
			const first = !account.granted.has(container);
			settle(account, container, left);
			const short = () => {
				const {bytes, inodes} = room(volume, account);
				return bytes < asked.bytes || inodes < asked.inodes;
			};
			if (first || short()) await countLater(volume, account);
			const free = room(volume, account);
			// All or nothing of the inodes: nobody makes half a file.
			if (free.inodes < asked.inodes) return none;
			const given = both(key => {
				const piece = asked[key] === 0n ? 0n : asked[key] + least(PIECE[key], free[key] / 8n);
				return least(piece, free[key]);
			});
			const before = account.granted.get(container) ?? none;
			account.granted.set(
				container,
				both(key => before[key] + given[key]),
			);
			return given;
		},
		release(container) {
			for (const account of accounts.values()) {
				settle(account, container, none);
				account.granted.delete(container);
			}
		},
		count,
		known: volume => accounts.get(volume)?.counted,
		forget: volume => void accounts.delete(volume),
	};
}
