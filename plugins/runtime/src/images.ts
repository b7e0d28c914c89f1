import {type BigIntStats, statSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {reasonOf} from '@forgeone/core';
import {describe, digest, load} from '@forgeone/wasm';
import {errors} from './errors.ts';
import type {Program, Task} from './isolation.ts';

/** A component that can be run. */
export interface Image extends Program {
	/** `sha256:` and 64 hexadecimal digits. */
	readonly digest: string;
	readonly imports: readonly string[];
	readonly exports: readonly string[];
	readonly entry: Task['entry'];
}

/** The largest image, in bytes. */
const LARGEST = 256 * 1024 * 1024;

/** How many bytes of images are kept, and how many descriptions. */
const HELD = 64 * 1024 * 1024;
const KEPT = 256;

type Description = Pick<Image, 'digest' | 'imports' | 'exports' | 'entry'>;

const entries = [
	{name: 'wasi:cli/run', kind: 'command'},
	{name: 'wasi:http/incoming-handler', kind: 'server'},
] as const;

/** What a file was when it was read; another time or size means that it must be read again. */
const stamp = ({dev, ino, size, mtimeNs, ctimeNs}: BigIntStats): string => [dev, ino, size, mtimeNs, ctimeNs].join();

interface Read {
	readonly stamp: string;
	readonly bytes: Uint8Array;
	readonly digest: string;
}

/** Reads files, and keeps what it read last as long as the files stay what they are. */
function createReader(): (image: string) => Promise<Read> {
	const kept = new Map<string, Read>();
	let held = 0;

	function keep(image: string, read: Read): void {
		kept.delete(image);
		kept.set(image, read);
		held += read.bytes.length;
		for (const [oldest, {bytes}] of kept) {
			if (held <= HELD || oldest === image) break;
			kept.delete(oldest);
			held -= bytes.length;
		}
	}

	return async image => {
		try {
			// Not worth a thread: most starts find what is kept.
			const stats = statSync(image, {bigint: true});
			const known = kept.get(image);
			if (known?.stamp === stamp(stats)) return known;
			if (known) held -= known.bytes.length;
			kept.delete(image);
			const size = Number(stats.size);
			if (size > LARGEST) throw errors.FORGE_IMAGE_SIZE({image, size, limit: LARGEST});
			const bytes = await readFile(image);
			const read = {stamp: stamp(stats), bytes, digest: `sha256:${digest(bytes)}`};
			keep(image, read);
			return read;
		} catch (error) {
			if (error instanceof Error && 'syscall' in error) throw errors.FORGE_IMAGE_MISSING({image, reason: reasonOf(error)}, {cause: error});
			throw error;
		}
	};
}

async function read(image: string, bytes: Uint8Array, digest: string): Promise<Description> {
	const {imports, exports} = await describe(bytes);
	const names = exports.map(({name}) => name);
	const entry = entries.flatMap(({name, kind}) => {
		const found = names.find(exported => exported.startsWith(`${name}@`));
		return found === undefined ? [] : [{interface: found, kind}];
	})[0];
	if (!entry) throw errors.FORGE_IMAGE_EXPORT({image, known: entries.map(({name}) => name).join(' nor ')});
	return {digest, imports: imports.map(({name}) => name), exports: names, entry};
}

/** Reads images: each is decoded once for its digest, and compiled where it is run. Throws FORGE_IMAGE_*, FORGE_COMPONENT_*. */
export function createImages(): (image: string) => Promise<Image> {
	const known = new Map<string, Description>();
	const reader = createReader();

	return async image => {
		const {bytes, digest} = await reader(image);
		const description = known.get(digest) ?? (await read(image, bytes, digest));
		known.delete(digest);
		known.set(digest, description);
		const [oldest] = known.keys();
		if (known.size > KEPT && oldest !== undefined) known.delete(oldest);
		return {...description, bytes, shared: async () => (await load(bytes)).share()};
	};
}
