import {type BigIntStats, statSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {reasonOf} from '@forgeone/core';
import {load, unpack} from '@forgeone/wasm';
import {decode} from './decoding.ts';
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

/** How many bytes of images are kept, and what one takes at the least. */
const HELD = 64 * 1024 * 1024;
const LEAST = 64 * 1024;

const entries = [
	{name: 'wasi:cli/run', kind: 'command'},
	{name: 'wasi:http/incoming-handler', kind: 'server'},
] as const;

/** What a file was when it was read; another time or size means that it must be read again. */
const stamp = ({dev, ino, size, mtimeNs, ctimeNs}: BigIntStats): string => [dev, ino, size, mtimeNs, ctimeNs].join();

/** An image as it is kept, as long as its file stays what it is. */
interface Kept {
	readonly stamp: string;
	readonly made: Image;
}

const weight = ({bytes, packed}: Image): number => Math.max(bytes.length + packed.length, LEAST);

async function read(image: string, size: number): Promise<Image> {
	if (size > LARGEST) throw errors.FORGE_IMAGE_SIZE({image, size, limit: LARGEST});
	const bytes = await readFile(image);
	const {digest, packed: component} = await decode(image, bytes);
	const {imports, exports, bytes: packed} = component;
	const names = exports.map(({name}) => name);
	const entry = entries.flatMap(({name, kind}) => {
		const found = names.find(exported => exported.startsWith(`${name}@`));
		return found === undefined ? [] : [{interface: found, kind}];
	})[0];
	if (!entry) throw errors.FORGE_IMAGE_EXPORT({image, known: entries.map(({name}) => name).join(' nor ')});
	const shared = async (metered: boolean) => (await (metered ? load(bytes, {metered}) : unpack(packed))).share();
	return {digest: `sha256:${digest}`, imports: imports.map(({name}) => name), exports: names, entry, bytes, packed, shared};
}

/** Reads images, and keeps those that it read last: each is decoded once, and compiled where it is run. Throws FORGE_IMAGE_*, FORGE_COMPONENT_*. */
export function createImages(): (image: string) => Promise<Image> {
	const all = new Map<string, Kept>();
	let held = 0;

	function drop(image: string, {made}: Kept): void {
		all.delete(image);
		held -= weight(made);
	}

	function keep(image: string, kept: Kept): Image {
		const before = all.get(image);
		if (before) drop(image, before);
		all.set(image, kept);
		held += weight(kept.made);
		for (const [oldest, other] of all) {
			if (held <= HELD || oldest === image) break;
			drop(oldest, other);
		}
		return kept.made;
	}

	return async image => {
		try {
			// Not worth a thread: most starts find what is kept.
			const stats = statSync(image, {bigint: true});
			const known = all.get(image);
			if (known?.stamp === stamp(stats)) return keep(image, known);
			return keep(image, {stamp: stamp(stats), made: await read(image, Number(stats.size))});
		} catch (error) {
			if (error instanceof Error && 'syscall' in error) throw errors.FORGE_IMAGE_MISSING({image, reason: reasonOf(error)}, {cause: error});
			throw error;
		}
	};
}
