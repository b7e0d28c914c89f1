import {createReadStream} from 'node:fs';
import type {KernelCall} from '@forgeone/sdk';
import type {Attached} from './attached.ts';
import type {Blob, Blobs, Written} from './blobs.ts';
import {type Answer, bytesOf, type Head, type Operation, type Operations, textOf, wholeOf} from './calls.ts';

/** What an object and a store hold at most, in bytes; how many objects a store has; how long a name is; how many are named at once. */
const MOST = {object: 1024 ** 3, store: 4 * 1024 ** 3, objects: 100_000, name: 1024, named: 128} as const;

/** How many objects a container may be writing and reading at a time, each of which is an open file, and how much it may have written of them, in bytes. */
const OPEN = {files: 128, bytes: MOST.store} as const;

/** What is said to the guest; of a store that it was not granted, also to the record. */
class Refusal extends Error {
	readonly store: string | undefined;

	constructor(reason: string, store?: string) {
		super(reason);
		this.store = store;
	}
}

function nameOf(value: unknown): string {
	const name = textOf(value, MOST.name);
	return name === '' ? refuse('an object has a name') : name;
}

function refuse(reason: string, store?: string): never {
	throw new Refusal(reason, store);
}

/** A file that a container has open, while it has. */
interface Share extends Disposable {
	/** So many bytes more were written. */
	add(bytes: number): void;
}

/** Makes what counts the files that containers have open. */
function createShares(): (container: string) => Share {
	const all = new Map<string, {files: number; bytes: number}>();
	return container => {
		const open = all.get(container) ?? {files: 0, bytes: 0};
		if (open.files === OPEN.files) refuse(`${OPEN.files} objects can be written and read at a time`);
		all.set(container, open);
		open.files++;
		let own = 0;
		return {
			add(bytes) {
				own += bytes;
				open.bytes += bytes;
				if (own > MOST.object) refuse(`an object has ${MOST.object} bytes at most`);
				if (open.bytes > OPEN.bytes) refuse(`${OPEN.bytes} bytes can be written at a time`);
			},
			[Symbol.dispose]() {
				open.bytes -= own;
				if (--open.files === 0) all.delete(container);
			},
		};
	};
}

/** The bytes of a call, as they come. */
async function* incoming(call: KernelCall, share: Share): AsyncGenerator<Uint8Array> {
	for (let bytes = await call.read(); bytes; bytes = await call.read()) {
		share.add(bytes.length);
		yield bytes;
	}
}

/** Serves `wasi:blobstore` to containers, each in the stores that it was granted. */
export function blobstore(blobs: Blobs, attached: Attached): Operations {
	const shareOf = createShares();
	const allowed = (container: string, value: unknown): string => {
		const store = textOf(value, 63);
		return attached.may(container, 'blobstore', store) ? store : refuse(`the store "${store}" is not granted: --blobstore ${store}`, store);
	};
	const there = (container: string, value: unknown): string => {
		const store = allowed(container, value);
		return blobs.store(store) === undefined ? refuse(`there is no store "${store}"`) : store;
	};
	const blobOf = (store: string, name: unknown): Blob =>
		blobs.find(store, nameOf(name)) ?? refuse(`there is no object "${name}" in "${store}"`);

	async function put(store: string, name: string, written: Written): Promise<void> {
		const before = blobs.find(store, name);
		const {entries, bytes} = blobs.totals(store);
		const full = bytes - (before?.size ?? 0) + written.size > MOST.store || (!before && entries >= MOST.objects);
		if (full) refuse(`the store is full: it holds ${MOST.store} bytes and ${MOST.objects} objects at most`);
		await blobs.put(store, name, written);
	}

	/** The same, where nobody else knows the file. */
	async function place(store: string, name: string, written: Written): Promise<void> {
		try {
			await put(store, name, written);
		} catch (error) {
			await blobs.forget(written.file);
			throw error;
		}
	}

	/** Hears the whole of a call before it answers; what is refused is the answer. */
	const plain =
		(work: (container: string, head: Head) => Answer | Promise<Answer> | undefined | Promise<undefined>): Operation =>
		async (container, head, call, hold) => {
			await bytesOf(call, 0, hold);
			return answered(async () => (await work(container, head)) ?? {});
		};

	async function answered(work: () => Promise<Answer>): Promise<Answer> {
		try {
			return await work();
		} catch (error) {
			if (error instanceof Refusal) return {head: {error: error.message, store: error.store}};
			throw error;
		}
	}

	/** The bytes come first; what they shall be is said at their end. */
	async function write(container: string, call: KernelCall): Promise<Answer> {
		using share = shareOf(container);
		const written = await blobs.write(incoming(call, share));
		try {
			const targets: unknown = JSON.parse((await call.trailer()) ?? '[]');
			if (!Array.isArray(targets)) throw new Error('what the bytes shall be is no list');
			const [last, ...others] = targets.map(target => ({store: there(container, target?.store), name: nameOf(target?.name)})).reverse();
			for (const {store, name} of others) await place(store, name, await blobs.copy(written));
			if (last) await put(last.store, last.name, written);
			else await blobs.forget(written.file);
			return {};
		} catch (error) {
			await blobs.forget(written.file);
			throw error;
		}
	}

	/** From `start` to `end`, both included. */
	function piece(container: string, {file, size}: Blob, start: number, end: number): Answer {
		const last = Math.min(end, size - 1);
		const length = Math.max(0, last - start + 1);
		if (length === 0) return {head: {size: 0}};
		const share = shareOf(container);
		async function* bytes() {
			using _ = share;
			yield* createReadStream(file, {start, end: last, highWaterMark: 256 * 1024});
		}
		return {head: {size: length}, bytes: bytes()};
	}

	async function transfer(container: string, {from, to}: Head, move: boolean): Promise<Answer> {
		const [source, target] = [from, to] as {store: unknown; name: unknown}[];
		const [fromStore, toStore] = [there(container, source?.store), there(container, target?.store)];
		const [blob, name] = [blobOf(fromStore, source?.name), nameOf(target?.name)];
		if (fromStore === toStore && blob.name === name) return {};
		using share = shareOf(container);
		share.add(blob.size);
		await place(toStore, name, await blobs.copy(blob));
		if (move) await blobs.remove(fromStore, [blob.name]);
		return {};
	}

	return {
		'blobstore.create': plain((container, {store}) => {
			const name = allowed(container, store);
			if (blobs.store(name) !== undefined) refuse(`there is a store "${name}"`);
			blobs.make(name);
			return {};
		}),
		'blobstore.get': plain((container, {store}) => ({head: {created: blobs.store(there(container, store))}})),
		'blobstore.exists': plain((container, {store}) => ({head: {exists: blobs.store(allowed(container, store)) !== undefined}})),
		'blobstore.drop': plain(async (container, {store}) => void (await blobs.drop(there(container, store)))),
		'blobstore.clear': plain(async (container, {store}) => {
			const name = there(container, store);
			for (let all = blobs.names(name, ''); all.length > 0; all = blobs.names(name, '')) await blobs.remove(name, all);
			return {};
		}),
		'blobstore.info': plain((container, {store, name}) => {
			const {size, created} = blobOf(there(container, store), name);
			return {head: {size, created}};
		}),
		'blobstore.has': plain((container, {store, name}) => ({head: {has: blobs.find(there(container, store), nameOf(name)) !== undefined}})),
		'blobstore.names': plain((container, {store, after}) => ({
			head: {names: blobs.names(there(container, store), textOf(after, MOST.name))},
		})),
		'blobstore.delete': plain(async (container, {store, names}) => {
			if (!Array.isArray(names) || names.length > MOST.named) return refuse(`${MOST.named} objects can be deleted at once`);
			await blobs.remove(there(container, store), names.map(nameOf));
			return {};
		}),
		'blobstore.read': plain((container, {store, name, start, end}) =>
			piece(container, blobOf(there(container, store), name), wholeOf(start), wholeOf(end)),
		),
		'blobstore.write': (container, _, call) => answered(() => write(container, call)),
		'blobstore.copy': plain((container, head) => transfer(container, head, false)),
		'blobstore.move': plain((container, head) => transfer(container, head, true)),
	};
}
