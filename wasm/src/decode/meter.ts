import {extended, leb, replaced, type Section, sectionsOf, text} from './bytes.ts';
import {type Edit, edited, rewritten, section, signed} from './code.ts';
import {instruction, opens} from './instructions.ts';
import {Reader} from './reader.ts';

const globalGet = 0x23;
const globalSet = 0x24;

/** How many globals are put before those that a module defines: the fuel, and one that keeps a length for a moment. */
const added = 2;

/** Code that takes what `cost` leaves on the stack from the fuel, and traps when it falls below zero. */
function taking(fuel: number, cost: readonly number[]): number[] {
	const at = leb(fuel);
	const take = [globalGet, ...at, ...cost, 0x7d, globalSet, ...at];
	return [...take, globalGet, ...at, 0x42, 0, 0x53, 0x04, 0x40, 0x00, 0x0b];
}

/** Code that takes so much. */
const charge = (fuel: number, cost: number): Uint8Array => Uint8Array.from(taking(fuel, [0x42, ...signed(cost)]));

/** Instructions that work on as much as the number on top of the stack says, by what comes after 0xfc; the power of two of it that costs one. */
const bulk = new Map([
	[8, 3],
	[10, 3],
	[11, 3],
	[12, 0],
	[14, 0],
	[17, 0],
]);

/** The 32 bits of a signed LEB128, as an unsigned number. */
function bitsAt(bytes: Uint8Array, at: number): number {
	let bits = 0;
	for (let shift = 0; ; shift += 7) {
		const byte = bytes[at++] ?? 0;
		bits |= (byte & 0x7f) << shift;
		if (byte >= 0x80) continue;
		return (shift < 25 && byte & 0x40 ? bits | (-1 << (shift + 7)) : bits) >>> 0;
	}
}

/** Finds the code before each instruction of a length that takes for it, and leaves the stack as it was. */
function createLengths({bytes, end}: Reader, fuel: number) {
	const found: Edit[] = [];
	/** The number on top of the stack, where the instruction before put it there. */
	let top: number | undefined;
	const [kept, take] = [leb(fuel + 1), (shift: number) => [globalGet, ...leb(fuel + 1), 0xad, 0x42, shift, 0x88]];
	return {
		found,
		pass(start: number, code: number): void {
			const shift = code === 0xfc ? bulk.get(new Reader(bytes, start + 1, end).u32()) : undefined;
			if (shift !== undefined) {
				const dynamic = () => Uint8Array.from([globalSet, ...kept, globalGet, ...kept, ...taking(fuel, take(shift))]);
				// V8 makes moves of copies whose length it knows: it has to stay known.
				found.push({start, end: start, bytes: top === undefined ? dynamic() : charge(fuel, top >>> shift)});
			}
			top = code === 0x41 ? bitsAt(bytes, start + 1) : undefined;
		},
	};
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
	/** What is paid by its length. */
	readonly lengths: Edit[];
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
	const lengths = createLengths(from, fuel);
	const open: Stretch[] = [whole];
	/** Where the blocks begin that are open, up to the outermost loop. */
	const blocks: number[] = [body];
	const paid = new Common();
	for (let around = open.at(-1); around !== undefined; around = open.at(-1)) {
		const start = from.pos;
		const code = instruction(from);
		lengths.pass(start, code);
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
			if (index >= fuel) moved.push({start: start + 1, end: from.pos, index: index + added});
		}
	}
	const {start} = paid;
	return {stretches: start === undefined ? [] : [{start, cost: whole.cost}, ...loops], moved, lengths: lengths.found};
}

const moving = (moved: readonly Moved[]): Edit[] => moved.map(({start, end, index}) => ({start, end, bytes: Uint8Array.from(leb(index))}));

/** The edits of a constant expression. */
const constant = (from: Reader, fuel: number): Edit[] => moving(expression(from, fuel).moved);

/** The edits of one function, which pays where it is about to call or to loop, and at the head of each of its loops; a path that does neither is free. */
function paying(from: Reader, fuel: number): Edit[] {
	const {stretches, moved, lengths} = expression(from, fuel);
	const charges = stretches.map(({start, cost}) => ({start, end: start, bytes: charge(fuel, cost)}));
	return [...charges, ...lengths, ...moving(moved)].sort((a, b) => a.start - b.start);
}

/** How sections other than code name globals: each passes over an entry and gives the edits of it. */
const entries: Readonly<Record<number, (from: Reader, fuel: number) => Edit[]>> = {
	6: (from, fuel) => {
		if ([0x63, 0x64].includes(from.u8('a type'))) from.u32();
		from.u8('mutability');
		return constant(from, fuel);
	},
	7: (from, fuel) => {
		from.name();
		const kind = from.u8('a kind of export');
		const start = from.pos;
		const index = from.u32();
		return kind === 3 && index >= fuel ? moving([{start, end: from.pos, index: index + added}]) : [];
	},
	9: (from, fuel) => {
		const flags = from.u32('a kind of elements');
		const edits: Edit[] = [];
		if ((flags & 1) === 0) {
			if (flags & 2) from.u32('a table');
			edits.push(...constant(from, fuel));
		}
		if (flags & 3) {
			const type = from.u8('a kind of element');
			if (flags & 4 && (type === 0x63 || type === 0x64)) from.u32();
		}
		from.vec('elements', () => {
			if (flags & 4) edits.push(...constant(from, fuel));
			else from.u32();
		});
		return edits;
	},
	11: (from, fuel) => {
		const flags = from.u32('a kind of data');
		if (flags === 2) from.u32('a memory');
		const edits = flags === 1 ? [] : constant(from, fuel);
		from.take(from.u32('bytes'));
		return edits;
	},
};

function moved(bytes: Uint8Array, {id, body: start, end}: Section, fuel: number): Uint8Array {
	const from = new Reader(bytes, start, end);
	const edits = from.vec('entries', () => entries[id]?.(from, fuel) ?? []).flat();
	return section(id, edited(bytes, start, end, edits));
}

/**
 * The same module with a meter: it imports the global `fuel` from `host`, an i64 from which every function takes the number of
 * its instructions before it calls or loops, every loop that of its body at each turn, and every instruction on many bytes or elements an
 * eighth of the bytes, or the elements; `length` is for these. Below zero it traps, always at the same place. `globals` is how many globals it imports so far.
 */
export function metered(bytes: Uint8Array, host: string, globals: number): Uint8Array {
	const from = new Reader(bytes, 8);
	const sections = sectionsOf(from);
	const own = [
		[...text(host), ...text('fuel'), 3, 0x7e, 1],
		[...text(host), ...text('length'), 3, 0x7f, 1],
	];
	const imports = extended(
		bytes,
		2,
		sections.find(({id}) => id === 2),
		own,
	);
	const by = new Map([[2, imports]]);
	for (const part of sections) {
		if (part.id === 10)
			by.set(
				10,
				rewritten(bytes, part, code => paying(code, globals)),
			);
		else if (entries[part.id]) by.set(part.id, moved(bytes, part, globals));
	}
	return replaced(bytes, 0, sections, by);
}
