// Any function of core WebAssembly, or one that stands for it.
type Core = (...args: never[]) => unknown;

/** A core function's type: one letter for each parameter and result, as in `ValueType.flat`. */
export interface Flat {
	readonly params: string;
	readonly results: string;
}

const codes: Readonly<Record<string, number>> = {i: 0x7f, l: 0x7e, f: 0x7d, d: 0x7c};

const vec = (entries: readonly (readonly number[])[]): number[] => [entries.length, ...entries.flat()];

// No part of a shim is as long as 16 kB.
const sized = (bytes: readonly number[]): number[] => [(bytes.length & 0x7f) | 0x80, bytes.length >>> 7, ...bytes];

const section = (id: number, bytes: readonly number[]): number[] => [id, ...sized(bytes)];

const text = (name: string): number[] => [name.length, ...Buffer.from(name)];

const letters = (flat: string): number[] => vec([...flat].map(letter => [codes[letter] as number]));

/** A module with one function `f` of the first type, which calls imports named `0`, `1` and so on, of the other types. */
function assemble(self: Flat, imports: readonly Flat[], code: readonly number[]): WebAssembly.Module {
	const types = [self, ...imports].map(({params, results}) => [0x60, ...letters(params), ...letters(results)]);
	const bytes = [
		[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
		section(1, vec(types)),
		section(2, vec(imports.map((_, i) => [...text(''), ...text(String(i)), 0x00, i + 1]))),
		section(3, vec([[0]])),
		section(7, vec([[...text('f'), 0x00, imports.length]])),
		section(10, vec([sized([0, ...code, 0x0b])])),
	];
	return new WebAssembly.Module(Uint8Array.from(bytes.flat()));
}

const modules = new Map<string, WebAssembly.Module>();

function instance(key: string, make: () => WebAssembly.Module, imports: readonly unknown[]): Core {
	const module = modules.get(key) ?? make();
	modules.set(key, module);
	// The module was made just above, with this one export.
	return new WebAssembly.Instance(module, {'': {...imports}}).exports.f as Core;
}

const all = ({params}: Flat): number[] => [...params].flatMap((_, i) => [0x20, i]);

/** A function that may be suspended: calls `core`, and `done` with what it gave, while nothing else runs. Returns a promise, which only tells of traps. */
export function entry(flat: Flat, core: Core, done: (result: unknown) => void): (...args: unknown[]) => Promise<unknown> {
	const {params, results} = flat;
	const make = (): WebAssembly.Module =>
		assemble({params, results: ''}, [flat, {params: results, results: ''}], [...all(flat), 0x10, 0, 0x10, 1]);
	return WebAssembly.promising(instance(`entry ${params} ${results}`, make, [core, done]));
}

/** What becomes of a thread that was suspended: it goes on, waits again since something else came first, or has ended with its store. */
export const next = {go: 0, wait: 1, end: 2} as const;

/** The parts of a function that may have to wait. */
export interface Steps {
	/** Whether it has to wait. */
	readonly start: (...args: never[]) => boolean;
	/** Resolves to the number of the thread when that may go on. */
	readonly suspend: () => Promise<number>;
	/** What becomes of the thread then: one of `next`. */
	readonly again: (thread: number) => number;
	/** The result. */
	readonly finish: () => unknown;
}

/** A core function that suspends its caller only where it has to wait: V8 suspends for whatever a suspending import returns. */
export function exit(flat: Flat, {start, suspend, again, finish}: Steps): Core {
	const {params, results} = flat;
	const word: Flat = {params: '', results: 'i'};
	// if (start(...)) switch (again(suspend())) {go: break, wait: once more, end: unreachable, which no guest can catch}; finish()
	const waits = [0x02, 0x40, 0x02, 0x40, 0x03, 0x40, 0x10, 1, 0x10, 2, 0x0e, 2, 2, 0, 1, 0x0b, 0x0b, 0x00, 0x0b];
	const code = [...all(flat), 0x10, 0, 0x04, 0x40, ...waits, 0x0b, 0x10, 3];
	const make = (): WebAssembly.Module =>
		assemble(flat, [{params, results: 'i'}, word, {params: 'i', results: 'i'}, {params: '', results}], code);
	return instance(`exit ${params} ${results}`, make, [start, new WebAssembly.Suspending(suspend), again, finish]);
}
