import type {Bind, Needs} from '../abi/functions.ts';
import {Views} from '../abi/memory.ts';
import type {Store} from '../abi/store.ts';
import {encodings} from '../abi/strings.ts';
import type {CanonOptions} from '../decode/ast.ts';
import type {Interned} from '../types.ts';
import {within} from './threads.ts';
import {mismatch} from './types.ts';
import type {Frame} from './values.ts';

/** What all instances of a component share: compiled functions and their needs by signature, and the numbers of shapes. */
export interface Code extends Interned {
	readonly functions: Map<string, Bind>;
	readonly needs: Map<string, Needs>;
}

/** What is known by a key, or is made now. */
export function once<T>(known: Map<string, T>, key: string, make: () => T): T {
	const found = known.get(key);
	if (found !== undefined) return found;
	const made = make();
	known.set(key, made);
	return made;
}

const viewsOf = new WeakMap<WebAssembly.Memory, Views>();

/** The views of a memory, the same for all functions over it. */
export function views(memory: WebAssembly.Memory): Views {
	const known = viewsOf.get(memory);
	if (known !== undefined) return known;
	const made = new Views(memory);
	viewsOf.set(memory, made);
	return made;
}

/** The arguments that bind a compiled function to an instance, up to what it calls. */
export function bindings(store: Store, {guest, spaces}: Frame, options: CanonOptions, needs: Needs): unknown[] {
	const memory = options.memory === undefined ? undefined : spaces['core memory'][options.memory];
	const realloc = options.realloc === undefined ? undefined : spaces['core func'][options.realloc];
	if (needs.memory && memory === undefined) mismatch('a function with strings, lists or many values has no memory');
	if (needs.realloc && realloc === undefined) mismatch('a function with strings or lists has no realloc');
	// A guest's allocator runs as a task of its own, where it has tasks.
	const allocate = realloc === undefined || !guest.tasks ? realloc : (...args: unknown[]) => within(store, guest, () => realloc(...args));
	const strings = encodings[options.encoding];
	return [store, guest, memory === undefined ? undefined : views(memory), allocate, strings.lift, strings.lower, store.resources];
}
