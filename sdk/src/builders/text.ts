import {readFile} from 'node:fs/promises';
import {relative} from 'node:path';
import {onOneLine} from '../bindgen/source.ts';
import {wasmTools} from '../bindgen/tools.ts';
import {errors} from '../errors.ts';
import type {Project} from './project.ts';

/** Where the tools, which count from 0, found the text wrong, and why. */
const complaint = /line: (\d+), col: (\d+).*kind: \w+\("(.*)"\)/s;

/** Makes a component of WebAssembly text. Throws FORGE_BUILD_COMPILE with the place. */
export async function parseText({folder, entry}: Project): Promise<Uint8Array> {
	const text = await readFile(entry, 'utf8');
	const {parse} = await wasmTools();
	try {
		return await parse(text);
	} catch (cause) {
		const [, line, column, reason = ''] = complaint.exec(onOneLine(cause)) ?? [];
		if (line === undefined) throw errors.FORGE_BUILD_FAILED({folder, reason: onOneLine(cause)}, {cause});
		throw errors.FORGE_BUILD_COMPILE({file: relative(folder, entry), line: Number(line) + 1, column: Number(column) + 1, reason}, {cause});
	}
}
