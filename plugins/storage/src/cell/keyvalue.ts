import {CallCancelled, type CellContext, type HostInterface} from '@forgeone/sdk/cell';
import {suspending} from '@forgeone/wasm';
import type {Ask, Reply} from './asking.ts';

type StoreError = {readonly tag: 'no-such-store' | 'access-denied'} | {readonly tag: 'other'; readonly val: string};

/** What the kernel half says, or the `error` that it throws. */
async function answered(asked: Promise<Reply>): Promise<Reply> {
	const reply = await asked.catch((error: unknown): never => {
		throw error instanceof CallCancelled ? ({tag: 'other', val: error.reason} satisfies StoreError) : error;
	});
	if (reply.head?.error) throw reply.head.error as StoreError;
	return reply;
}

/** Cuts bytes into values of these lengths; of what is not there the length is null. */
function valuesOf({head, bytes}: Reply): (Uint8Array | undefined)[] {
	let end = 0;
	return (head.lengths as (number | null)[]).map(length => {
		if (length === null) return undefined;
		end += length;
		return bytes.slice(end - length, end);
	});
}

/** `wasi:keyvalue/store` `bucket`. */
class Bucket {
	readonly #name: string;
	readonly #ask: Ask;

	constructor(name: string, ask: Ask) {
		this.#name = name;
		this.#ask = ask;
	}

	ask(op: string, head: Readonly<Record<string, unknown>>, body?: Uint8Array): Promise<Reply> {
		return answered(this.#ask({op: `keyvalue.${op}`, bucket: this.#name, ...head}, body));
	}

	async get(key: string): Promise<Uint8Array | undefined> {
		return valuesOf(await this.ask('get', {keys: [key]}))[0];
	}

	async set(key: string, value: Uint8Array): Promise<void> {
		await this.ask('set', {keys: [key], lengths: [value.length]}, value);
	}

	async delete(key: string): Promise<void> {
		await this.ask('delete', {keys: [key]});
	}

	async exists(key: string): Promise<boolean> {
		return (await this.get(key)) !== undefined;
	}

	async listKeys(cursor: string | undefined): Promise<{keys: string[]; cursor?: string}> {
		return (await this.ask('keys', {after: cursor ?? null})).head;
	}
}

/** `wasi:keyvalue/atomics` `cas`: a value, and which one it was. */
class Cas {
	readonly bucket: Bucket;
	readonly key: string;
	readonly version: string;
	readonly #value: Uint8Array | undefined;

	private constructor(bucket: Bucket, key: string, version: string, value: Uint8Array | undefined) {
		this.bucket = bucket;
		this.key = key;
		this.version = version;
		this.#value = value;
	}

	static async new(bucket: Bucket, key: string): Promise<Cas> {
		const reply = await bucket.ask('get', {keys: [key]});
		return new Cas(bucket, key, reply.head.versions[0], valuesOf(reply)[0]);
	}

	current(): Uint8Array | undefined {
		return this.#value;
	}
}

const {get, set, exists, listKeys, delete: remove} = Bucket.prototype;
for (const method of [get, set, exists, listKeys, remove, Cas.new]) suspending(method);

async function swap({bucket, key, version}: Cas, value: Uint8Array): Promise<void> {
	const {head} = await bucket.ask('swap', {key, version}, value).catch((val: StoreError) => {
		throw {tag: 'store-error', val};
	});
	if (!head.swapped) throw {tag: 'cas-failed', val: await Cas.new(bucket, key)};
}

async function setMany(bucket: Bucket, pairs: readonly (readonly [string, Uint8Array])[]): Promise<void> {
	const head = {keys: pairs.map(([key]) => key), lengths: pairs.map(([, value]) => value.length)};
	await bucket.ask('set', head, Buffer.concat(pairs.map(([, value]) => value)));
}

async function getMany(bucket: Bucket, keys: readonly string[]): Promise<([string, Uint8Array] | undefined)[]> {
	const values = valuesOf(await bucket.ask('get', {keys}));
	return keys.map((key, index) => {
		const value = values[index];
		return value === undefined ? undefined : [key, value];
	});
}

/** Hosts `wasi:keyvalue`: each value is asked of the kernel half, which has them. */
export function keyvalue(ask: Ask, refused: CellContext['refused']): Readonly<Record<string, HostInterface>> {
	return {
		'wasi:keyvalue/store': {
			Bucket,
			open: suspending(async (name: string) => {
				const bucket = new Bucket(name, ask);
				await bucket.ask('open', {}).catch((error: StoreError) => {
					if (error.tag === 'access-denied') refused('keyvalue', `the store "${name}"`, `--keyvalue ${name}`);
					throw error;
				});
				return bucket;
			}),
		},
		'wasi:keyvalue/atomics': {
			Cas,
			increment: suspending(async (bucket: Bucket, key: string, delta: bigint) =>
				BigInt((await bucket.ask('increment', {key, delta: String(delta)})).head.sum),
			),
			swap: suspending(swap),
		},
		'wasi:keyvalue/batch': {
			getMany: suspending(getMany),
			setMany: suspending(setMany),
			deleteMany: suspending(async (bucket: Bucket, keys: readonly string[]) => void (await bucket.ask('delete', {keys}))),
		},
	};
}
