import {promises as fs} from 'node:fs';
import type {ComponentNode} from './decode/ast.ts';
import {readComponent} from './decode/component.ts';
import {readModule} from './decode/core-module.ts';
import {Reader} from './decode/reader.ts';
import {type Gathered, gathered} from './decode/scope.ts';
import {errors} from './errors.ts';

/** Whether the bytes begin as a core module does. */
export const isCoreModule = (bytes: Uint8Array): boolean =>
	[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00].every((byte, i) => bytes[i] === byte);

/** The pages that the adapter keeps its stack and its state in, at the end of the command's memory. */
const ADAPTER = 2;

let read: Promise<Uint8Array> | undefined;

function adapter(): Promise<Uint8Array> {
	read ??= fs.readFile(new URL('preview1.wasm', import.meta.url));
	return read;
}

/** The module of a WASI preview1 command, in a component: it takes the place of the template's first core module, for which the adapter was linked. */
export async function wrap(bytes: Uint8Array, meter: boolean): Promise<{node: ComponentNode; all: Gathered}> {
	const command = readModule(new Reader(bytes), {meter, spare: ADAPTER});
	const all = gathered(meter);
	const node = readComponent(new Reader(await adapter()), all);
	all.modules[0] = command;
	return {node, all};
}

/** Checks that a preview1 module is a command, whose memory the adapter can use. */
export function checkCommand(module: WebAssembly.Module): void {
	const exports = WebAssembly.Module.exports(module);
	for (const [name, kind] of [
		['memory', 'memory'],
		['_start', 'function'],
	] as const) {
		const found = exports.some(entry => entry.name === name && entry.kind === kind);
		if (!found) throw errors.FORGE_PREVIEW1_EXPORT({name, kind});
	}
}
