import {hash} from 'node:crypto';
import {readFile, stat} from 'node:fs/promises';
import {reasonOf} from '@forgeone/core';
import {describe, load} from '@forgeone/wasm';
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

/** How many descriptions are kept. */
const KEPT = 256;

type Description = Pick<Image, 'digest' | 'imports' | 'exports' | 'entry'>;

const entries = [
	{name: 'wasi:cli/run', kind: 'command'},
	{name: 'wasi:http/incoming-handler', kind: 'server'},
] as const;

async function bytesOf(image: string): Promise<Uint8Array> {
	try {
		const {size} = await stat(image);
		if (size > LARGEST) throw errors.FORGE_IMAGE_SIZE({image, size, limit: LARGEST});
		return await readFile(image);
	} catch (error) {
		if (error instanceof Error && 'syscall' in error) throw errors.FORGE_IMAGE_MISSING({image, reason: reasonOf(error)}, {cause: error});
		throw error;
	}
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

	return async image => {
		const bytes = await bytesOf(image);
		const digest = `sha256:${hash('sha256', bytes)}`;
		const description = known.get(digest) ?? (await read(image, bytes, digest));
		known.delete(digest);
		known.set(digest, description);
		const [oldest] = known.keys();
		if (known.size > KEPT && oldest !== undefined) known.delete(oldest);
		return {...description, bytes, shared: async () => (await load(bytes)).share()};
	};
}
