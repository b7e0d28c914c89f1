import {extended, leb, replaced, type Section, sectionsOf, text} from './bytes.ts';
import {instruction, opens} from './instructions.ts';
import {Reader} from './reader.ts';

const globalGet = 0x23;
const globalSet = 0x24;

/** Copies bytes, with some of them replaced. */
class Copy {
	readonly #bytes: Uint8Array;
	readonly #parts: Uint8Array[] = [];
	#at: number;

	constructor(bytes: Uint8Array, start: number) {
		this.#bytes = bytes;
		this.#at = start;
	}

	/** Puts something in place of what lies from `start` to `end`. */
	put(start: number, end: number, what: Uint8Array): void {
		this.#parts.push(this.#bytes.subarray(this.#at, start), what);
		this.#at = end;
	}

	/** All up to `end`. */
	done(end: number): Uint8Array {
		this.#parts.push(this.#bytes.subarray(this.#at, end));
		return Buffer.concat(this.#parts);
	}
}

/** A signed LEB128 of a number that is not negative. */
function signed(value: number): number[] {
	const bytes = leb(value);
	const last = bytes.at(-1) as number;
	return last & 0x40 ? [...bytes.slice(0, -1), last | 0x80, 0] : bytes;
}

/** Code that takes from the fuel, and traps when it falls below zero. */
function charge(fuel: number, cost: number): Uint8Array {
	const at = leb(fuel);
	const take = [globalGet, ...at, 0x42, ...signed(cost), 0x7d, globalSet, ...at];
	return Uint8Array.from([...take, globalGet, ...at, 0x42, 0, 0x53, 0x04, 0x40, 0x00, 0x0b]);
}

/** A stretch of code that is paid for where it begins: a function or the body of a loop, without the loops inside. */
interface Stretch {
	readonly start: number;
	cost: number;
}

/** The index of a global, where it is written, as it has to become. */
interface Moved {
	readonly start: number;
	readonly end: number;
	readonly index: number;
}

/** What has to be done to an expression: what is paid where, and which indices of globals move past the fuel's. */
interface Findings {
	readonly stretches: Stretch[];
	readonly moved: Moved[];
}

/** Where the innermost block or arm of an `if` begins that all of some places are in: who runs none of them need not pass it. */
class Common {
	#around: readonly number[] | undefined;

	/** Adds a place, by where the blocks around it begin, outer ones first. */
	add(around: readonly number[]): void {
		const before = this.#around ?? around;
		const differs = before.findIndex((start, i) => start !== around[i]);
		this.#around = differs < 0 ? before : before.slice(0, differs);
	}

	get start(): number | undefined {
		return this.#around?.at(-1);
	}
}

/** Passes over an expression to its end. Without a loop or a call, nothing of it is paid. */
function expression(from: Reader, fuel: number): Findings {
	const body = from.pos;
	const whole = {start: body, cost: 0};
	const loops: Stretch[] = [];
	const moved: Moved[] = [];
	const open: Stretch[] = [whole];
	/** Where the blocks begin that are open, up to the outermost loop. */
	const blocks: number[] = [body];
	const paid = new Common();
	for (let around = open.at(-1); around !== undefined; around = open.at(-1)) {
		const start = from.pos;
		const code = instruction(from);
		around.cost++;
		if (code === 0x03) {
			const loop = {start: from.pos, cost: 0};
			if (around === whole) paid.add(blocks.slice());
			loops.push(loop);
			open.push(loop);
		} else if (opens(code)) {
			open.push(around);
			if (around === whole) blocks.push(from.pos);
		} else if (code === 0x05) {
			if (around === whole) blocks[blocks.length - 1] = from.pos;
		} else if (code === 0x0b || code === 0x18) {
			// A `delegate` ends its block as an `end` does.
			open.pop();
			if (around === whole) blocks.pop();
		} else if (code >= 0x10 && code <= 0x15) {
			if (around === whole) paid.add(blocks.slice());
		} else if (code === globalGet || code === globalSet) {
			const index = new Reader(from.bytes, start + 1, from.end).u32();
			if (index >= fuel) moved.push({start: start + 1, end: from.pos, index: index + 1});
		}
	}
	const {start} = paid;
	return {stretches: start === undefined ? [] : [{start, cost: whole.cost}, ...loops], moved};
}

/** Copies a constant expression. */
function constant(from: Reader, copy: Copy, fuel: number): void {
	for (const {start, end, index} of expression(from, fuel).moved) copy.put(start, end, Uint8Array.from(leb(index)));
}

/** One function's code, paid for where it is about to call or to loop, and at the head of each of its loops; a path that does neither is free. */
function body(from: Reader, fuel: number): Uint8Array {
	const end = from.u32('the size of a function') + from.pos;
	const start = from.pos;
	from.vec('locals', () => {
		from.u32();
		if ([0x63, 0x64].includes(from.u8('a type'))) from.u32();
	});
	const {stretches, moved} = expression(from, fuel);
	const edits = [
		...stretches.map(({start: at, cost}) => ({start: at, end: at, bytes: charge(fuel, cost)})),
		...moved.map(({start: at, end: to, index}) => ({start: at, end: to, bytes: Uint8Array.from(leb(index))})),
	].sort((a, b) => a.start - b.start);
	const copy = new Copy(from.bytes, start);
	for (const edit of edits) copy.put(edit.start, edit.end, edit.bytes);
	const code = copy.done(end);
	from.pos = end;
	return Buffer.concat([Uint8Array.from(leb(code.length)), code]);
}

/** How sections other than code name globals: each passes over an entry and moves the indices in it. */
const entries: Readonly<Record<number, (from: Reader, copy: Copy, fuel: number) => void>> = {
	6: (from, copy, fuel) => {
		if ([0x63, 0x64].includes(from.u8('a type'))) from.u32();
		from.u8('mutability');
		constant(from, copy, fuel);
	},
	7: (from, copy, fuel) => {
		from.name();
		const kind = from.u8('a kind of export');
		const start = from.pos;
		const index = from.u32();
		if (kind === 3 && index >= fuel) copy.put(start, from.pos, Uint8Array.from(leb(index + 1)));
	},
	9: (from, copy, fuel) => {
		const flags = from.u32('a kind of elements');
		if ((flags & 1) === 0) {
			if (flags & 2) from.u32('a table');
			constant(from, copy, fuel);
		}
		if (flags & 3) {
			const type = from.u8('a kind of element');
			if (flags & 4 && (type === 0x63 || type === 0x64)) from.u32();
		}
		from.vec('elements', () => {
			if (flags & 4) constant(from, copy, fuel);
			else from.u32();
		});
	},
	11: (from, copy, fuel) => {
		const flags = from.u32('a kind of data');
		if (flags === 2) from.u32('a memory');
		if (flags !== 1) constant(from, copy, fuel);
		from.take(from.u32('bytes'));
	},
};

function section(bytes: Uint8Array, {id, body: start, end}: Section, fuel: number): Uint8Array {
	const from = new Reader(bytes, start, end);
	let content: Uint8Array;
	if (id === 10) {
		const count = from.count('functions');
		content = Buffer.concat([Uint8Array.from(leb(count)), ...Array.from({length: count}, () => body(from, fuel))]);
	} else {
		const copy = new Copy(bytes, start);
		from.vec('entries', () => entries[id]?.(from, copy, fuel));
		content = copy.done(end);
	}
	return Buffer.concat([Uint8Array.of(id, ...leb(content.length)), content]);
}

/**
 * The same module with a meter: it imports the global `fuel` from `host`, an i64 from which every function takes the number of
 * its instructions before it calls or loops, and every loop that of its body at each turn. Below zero it traps, always at the same
 * place. `globals` is how many globals it imports so far.
 */
export function metered(bytes: Uint8Array, host: string, globals: number): Uint8Array {
	const from = new Reader(bytes, 8);
	const sections = sectionsOf(from);
	const fuel = [...text(host), ...text('fuel'), 3, 0x7e, 1];
	const imports = extended(
		bytes,
		2,
		sections.find(({id}) => id === 2),
		[fuel],
	);
	const changed = sections.filter(({id}) => id === 10 || entries[id] !== undefined);
	const by = new Map([[2, imports], ...changed.map(part => [part.id, section(bytes, part, globals)] as const)]);
	return replaced(bytes, 0, sections, by);
}
