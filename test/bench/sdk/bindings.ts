import {mkdtemp, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {componentEmbed, componentNew} from '@bytecodealliance/jco-transpile/wasm-tools';
import {build, witOf} from '@forgeone/sdk/bindgen';
import ExportAs from '@forgeone/sdk/bindgen/transform';
import asc from 'assemblyscript/asc';

const wit = witOf(`package bench:sdk;
world small {
	record note { id: u32, text: string, tags: list<string> }
	import log: func(line: string) -> u32;
	export add: func(a: u32, b: u32) -> u32;
	export find: func(key: string) -> option<string>;
	export keep: func(note: note) -> note;
	export say: func(line: string) -> u32;
}`);

/** What an author writes over generated bindings. */
const generated = `import {log, Note} from './bindings/world';

export function add(a: u32, b: u32): u32 {
	return a + b;
}

export function find(key: string): string | null {
	return key.length ? key : null;
}

export function keep(note: Note): Note {
	return note;
}

export function say(line: string): u32 {
	return log(line);
}
`;

/** The same with glue by hand, as the templates had it: blocks of the heap, each copied and then freed. */
const byHand = `@external('$root', 'log')
declare function callLog(at: usize, units: i32): u32;

const area = memory.data(32, 8);

export function cabi_realloc(old: usize, oldSize: usize, align: usize, size: usize): usize {
	if (!size) return align;
	return oldSize ? heap.realloc(old, size) : heap.alloc(size);
}

export function abort(_message: string | null, _file: string | null, _line: u32, _column: u32): void {
	unreachable();
}

function free(at: usize, length: i32): void {
	if (length) heap.free(at);
}

function take(at: usize, units: i32): string {
	const text = String.UTF16.decodeUnsafe(at, units << 1);
	free(at, units);
	return text;
}

function give(at: usize, text: string): void {
	const size = text.length << 1;
	const data = size ? heap.alloc(size) : 2;
	memory.copy(data, changetype<usize>(text), size);
	store<usize>(at, data);
	store<i32>(at, text.length, 4);
}

class Note {
	constructor(public id: u32, public text: string, public tags: string[]) {}
}

@exportAs('add')
export function add(a: u32, b: u32): u32 {
	return a + b;
}

@exportAs('find')
export function find(at: usize, units: i32): usize {
	const key = take(at, units);
	store<u8>(area, key.length ? 1 : 0);
	if (key.length) give(area + 4, key);
	return area;
}

@exportAs('cabi_post_find')
export function findDone(at: usize): void {
	if (load<u8>(at)) free(load<usize>(at, 4), load<i32>(at, 8));
}

@exportAs('keep')
export function keep(id: u32, at: usize, units: i32, tags: usize, count: i32): usize {
	const note = new Note(id, take(at, units), new Array<string>(count));
	for (let i = 0; i < count; i++) note.tags[i] = take(load<usize>(tags + i * 8), load<i32>(tags + i * 8, 4));
	free(tags, count);
	store<u32>(area, note.id);
	give(area + 4, note.text);
	const list = note.tags.length ? heap.alloc(note.tags.length * 8) : 4;
	for (let i = 0; i < note.tags.length; i++) give(list + i * 8, note.tags[i]);
	store<usize>(area, list, 12);
	store<i32>(area, note.tags.length, 16);
	return area;
}

@exportAs('cabi_post_keep')
export function keepDone(at: usize): void {
	free(load<usize>(at, 4), load<i32>(at, 8));
	const list = load<usize>(at, 12);
	const count = load<i32>(at, 16);
	for (let i = 0; i < count; i++) free(load<usize>(list + i * 8), load<i32>(list + i * 8, 4));
	free(list, count);
}

@exportAs('say')
export function say(at: usize, units: i32): u32 {
	const line = take(at, units);
	return callLog(changetype<usize>(line), line.length);
}
`;

async function written(source: string): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'forge-bench-'));
	await writeFile(join(folder, 'app.ts'), source);
	return folder;
}

/** The small component over generated bindings. */
export async function ofBindings(runtime: 'incremental' | 'minimal'): Promise<Uint8Array> {
	return build({wit, source: join(await written(generated), 'app.ts'), runtime});
}

/** The same with its glue written by hand. */
export async function ofHand(): Promise<Uint8Array> {
	const folder = await written(byHand);
	let binary: Uint8Array | undefined;
	const flags =
		'--outFile app.wasm --optimizeLevel 3 --shrinkLevel 2 --runtime incremental --exportStart _initialize --use abort=app/abort';
	const {error, stderr} = await asc.main(['app.ts', ...flags.split(' '), '--baseDir', folder], {
		transforms: [new ExportAs() as never],
		writeFile: (_name, contents) => {
			binary = contents as Uint8Array;
		},
	});
	if (error !== null || binary === undefined) throw new Error(stderr.toString());
	return componentNew(await componentEmbed({binary, witSource: wit.text, world: 'small', stringEncoding: 'utf16'}));
}
