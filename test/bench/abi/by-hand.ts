/** What the exports look like in every column. */
export interface Api {
	add(a: number, b: number): number;
	get(key: string): string | undefined;
	bytes(bytes: Uint8Array): Uint8Array;
	points(points: readonly Point[]): Point[];
	call(): number;
	wait(n: number): number | Promise<number>;
	readonly Counter?: new (n: number) => {value(): number} & Disposable;
}

/** One of a list of records. */
export interface Point {
	readonly id: number;
	readonly x: number;
	readonly y: number;
	readonly on: boolean;
}

type Core = Record<string, (...args: number[]) => number> & {readonly memory: WebAssembly.Memory};

/** The same calls written by hand on the core exports, for this one guest: no checks, no limits, views kept as its memory never grows. */
export function byHand(module: WebAssembly.Module, host: {log(text: string): number; wait(n: number): number}): Api {
	const read = (pointer: number, units: number): string => {
		let text = '';
		for (let i = pointer >> 1; i < (pointer >> 1) + units; i++) text += String.fromCharCode(u16[i] as number);
		return text;
	};
	const instance = new WebAssembly.Instance(module, {
		'bench:abi/host': {log: (pointer: number, units: number) => host.log(read(pointer, units)), wait: host.wait},
		'[export]bench:abi/api': {'[resource-new]counter': (rep: number) => rep},
	});
	// The guest's own text says what it exports.
	const core = instance.exports as unknown as Core;
	const {memory, cabi_realloc: realloc} = core as Core & {cabi_realloc: (a: number, b: number, c: number, d: number) => number};
	const u8 = new Uint8Array(memory.buffer);
	const u16 = new Uint16Array(memory.buffer);
	const u32 = new Uint32Array(memory.buffer);
	const f64 = new Float64Array(memory.buffer);
	const of = (name: string): ((...args: number[]) => number) => core[`bench:abi/api#${name}`] as never;
	const [add, get, bytes, points, call, wait] = [of('add'), of('get'), of('bytes'), of('points'), of('call'), of('wait')];
	const free = core['cabi_post_bench:abi/api#get'] as (pointer: number) => number;
	const finish = <T>(value: T): T => {
		free(0);
		return value;
	};
	return {
		add: (a, b) => add(a, b) >>> 0,
		get(key) {
			const pointer = realloc(0, 0, 2, key.length * 2);
			for (let i = 0; i < key.length; i++) u16[(pointer >> 1) + i] = key.charCodeAt(i);
			const at = get(pointer, key.length);
			return finish(u8[at] === 0 ? undefined : read(u32[(at + 4) >> 2] as number, u32[(at + 8) >> 2] as number));
		},
		bytes(given) {
			const pointer = realloc(0, 0, 1, given.length);
			u8.set(given, pointer);
			const at = bytes(pointer, given.length) >> 2;
			const start = u32[at] as number;
			return finish(u8.slice(start, start + (u32[at + 1] as number)));
		},
		points(given) {
			const pointer = realloc(0, 0, 8, given.length * 32);
			for (const [i, point] of given.entries()) {
				const at = pointer + i * 32;
				u32[at >> 2] = point.id;
				f64[(at + 8) >> 3] = point.x;
				f64[(at + 16) >> 3] = point.y;
				u8[at + 24] = point.on ? 1 : 0;
			}
			const at = points(pointer, given.length) >> 2;
			const made: Point[] = [];
			for (let i = 0, p = u32[at] as number; i < (u32[at + 1] as number); i++, p += 32) {
				made.push({id: u32[p >> 2] as number, x: f64[(p + 8) >> 3] as number, y: f64[(p + 16) >> 3] as number, on: u8[p + 24] !== 0});
			}
			return finish(made);
		},
		call: () => call() >>> 0,
		wait: n => wait(n) >>> 0,
	};
}
