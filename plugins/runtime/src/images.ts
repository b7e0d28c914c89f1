import {createHash} from 'node:crypto';
import {readFile, stat} from 'node:fs/promises';
import {reasonOf} from '@forgeone/core';
import {type Component, load} from '@forgeone/wasm';
import {errors} from './errors.ts';
import type {Task} from './isolation.ts';

/** A component, ready to be run. */
export interface Image {
	/** `sha256:` and 64 hexadecimal digits. */
	readonly digest: string;
	readonly component: Component;
	readonly imports: readonly string[];
	readonly exports: readonly string[];
	readonly entry: Task['entry'];
}

/** The largest image, in bytes. */
const LARGEST = 256 * 1024 * 1024;

/** How many compiled components are kept. */
const KEPT = 16;

const entries = [
	{name: 'wasi:cli/run', kind: 'command'},
	{name: 'wasi:http/incoming-handler', kind: 'server'},
] as const;

async function read(image: string): Promise<Uint8Array> {
	try {
		const {size} = await stat(image);
		if (size > LARGEST) throw errors.FORGE_IMAGE_SIZE({image, size, limit: LARGEST});
		return await readFile(image);
	} catch (error) {
		if (error instanceof Error && 'syscall' in error) throw errors.FORGE_IMAGE_MISSING({image, reason: reasonOf(error)}, {cause: error});
		throw error;
	}
}

/** Reads images: each is decoded and compiled once for its digest. Throws FORGE_IMAGE_*, FORGE_COMPONENT_*. */
export function createImages(): (image: string) => Promise<Image> {
	const compiled = new Map<string, Promise<Component>>();

	function compile(digest: string, bytes: Uint8Array): Promise<Component> {
		const component = compiled.get(digest) ?? load(bytes);
		compiled.delete(digest);
		compiled.set(digest, component);
		component.catch(() => compiled.delete(digest));
		const [oldest] = compiled.keys();
		if (compiled.size > KEPT && oldest !== undefined) compiled.delete(oldest);
		return component;
	}

	return async image => {
		const bytes = await read(image);
		const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
		const component = await compile(digest, bytes);
		const exports = component.exports.map(({name}) => name);
		const entry = entries.flatMap(({name, kind}) => {
			const found = exports.find(exported => exported.startsWith(`${name}@`));
			return found === undefined ? [] : [{interface: found, kind}];
		})[0];
		if (!entry) throw errors.FORGE_IMAGE_EXPORT({image, known: entries.map(({name}) => name).join(' nor ')});
		return {digest, component, imports: component.imports.map(({name}) => name), exports, entry};
	};
}
