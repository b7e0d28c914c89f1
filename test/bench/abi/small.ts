import {componentEmbed, componentNew} from '@bytecodealliance/jco-transpile/wasm-tools';
import asc from 'assemblyscript/asc';

const wit = `package bench:small@1.0.0;
interface clock { now: func() -> u64; }
interface log { write: func(line: string); }
interface types { record note { title: string, text: string, at: u64 } }
interface store { use types.{note}; save: func(title: string, text: string) -> u32; find: func(title: string) -> option<note>; }
interface listing { use types.{note}; all: func() -> list<note>; }
interface sums { add: func(a: u32, b: u32) -> u32; }
world small { import clock; import log; export store; export listing; export sums; }`;

/** The names of the core functions, by what the source calls them. */
const names: Readonly<Record<string, string>> = {
	allocate: 'cabi_realloc',
	save: 'bench:small/store@1.0.0#save',
	find: 'bench:small/store@1.0.0#find',
	all: 'bench:small/listing@1.0.0#all',
	add: 'bench:small/sums@1.0.0#add',
};

/** A store of notes, with the least that AssemblyScript needs at run time. */
const source = `
@external('bench:small/clock@1.0.0', 'now')
declare function now(): u64;
@external('bench:small/log@1.0.0', 'write')
declare function write(at: usize, units: usize): void;

class Note {
	constructor(
		public title: string,
		public text: string,
		public at: u64,
	) {}
}

const notes: Note[] = [];

export function allocate(from: usize, had: usize, _align: usize, size: usize): usize {
	const made = __pin(__new(size, 0));
	if (had > 0) memory.copy(made, from, had);
	return made;
}

export function free(_result: usize): void {
	__collect();
}

const text = (at: usize, units: usize): string => String.UTF16.decodeUnsafe(at, units << 1);

function put(at: usize, value: string): void {
	store<usize>(at, changetype<usize>(value));
	store<u32>(at + 4, value.length);
}

const out = memory.data(64, 8);

function note(at: usize, value: Note): void {
	put(at, value.title);
	put(at + 8, value.text);
	store<u64>(at + 16, value.at);
}

export function save(title: usize, titleUnits: usize, body: usize, bodyUnits: usize): u32 {
	const name = text(title, titleUnits);
	notes.push(new Note(name, text(body, bodyUnits), now()));
	write(changetype<usize>(name), name.length);
	return notes.length;
}

export function find(title: usize, units: usize): usize {
	const name = text(title, units);
	store<u8>(out, 0);
	for (let i = 0; i < notes.length; i++) {
		if (notes[i].title != name) continue;
		store<u8>(out, 1);
		note(out + 8, notes[i]);
	}
	return out;
}

export function all(): usize {
	const list = __pin(__new(24 * notes.length, 0));
	for (let i = 0; i < notes.length; i++) note(list + 24 * i, notes[i]);
	store<usize>(out, list);
	store<u32>(out + 4, notes.length);
	return out;
}

export function add(a: u32, b: u32): u32 {
	return a + b;
}
`;

const entry = 'index.ts';

interface Exports {
	removeExport(name: string): void;
	addFunctionExport(internal: string, external: string): unknown;
}

/** Gives exports the names that the language cannot spell. */
const renaming = {
	afterCompile(module: Exports) {
		for (const [name, external] of Object.entries(names)) {
			module.removeExport(name);
			module.addFunctionExport(`index/${name}`, external);
		}
		module.removeExport('free');
		for (const name of ['find', 'all']) module.addFunctionExport('index/free', `cabi_post_${names[name]}`);
	},
};

/** A component of about 5 kB in AssemblyScript, with several interfaces. */
export async function small(): Promise<Uint8Array> {
	let binary = new Uint8Array();
	const flags = '--outFile small.wasm --optimizeLevel 3 --shrinkLevel 2 --runtime stub --exportStart _initialize --use abort=';
	const {error, stderr} = await asc.main([entry, ...flags.split(' ')], {
		// The compiler supplies the other members of a transform.
		transforms: [renaming as never],
		readFile: (name: string) => (name === entry ? source : null),
		writeFile: (_name: string, contents: string | Uint8Array) => {
			binary = contents as Uint8Array<ArrayBuffer>;
		},
	});
	if (error) throw new Error(`${stderr}${error.message}`, {cause: error});
	return componentNew(await componentEmbed({binary, witSource: wit, stringEncoding: 'utf16'}));
}
