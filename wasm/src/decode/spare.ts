import {extended, leb, replaced, sectionsOf} from './bytes.ts';
import {type Edit, rewritten, signed} from './code.ts';
import {instruction, opens} from './instructions.ts';
import {Reader} from './reader.ts';

const [globalGet, globalSet, memorySize, memoryGrow, i32Const] = [0x23, 0x24, 0x3f, 0x40, 0x41];
const [i32GreaterUnsigned, i32Add, i32Subtract, select] = [0x4b, 0x6a, 0x6b, 0x1b];

/** How the code sees its memory: `present` and `asked` are globals of it, in pages. */
function view(memory: number, pages: number, globals: number): {size: Uint8Array; grow: Uint8Array} {
	const [present, asked] = [leb(globals), leb(globals + 1)];
	const room = [memorySize, ...leb(memory), i32Const, ...signed(pages), i32Subtract, globalGet, ...present, i32Subtract];
	const refused = [globalGet, ...asked, ...room, i32GreaterUnsigned];
	return {
		size: Uint8Array.from([globalGet, ...present]),
		grow: Uint8Array.from([
			...[globalSet, ...asked, i32Const, 0x7f, globalGet, ...present, ...refused, select],
			...[i32Const, 0, globalGet, ...asked, ...refused, select, globalGet, ...present, i32Add, globalSet, ...present],
		]),
	};
}

/** The edits of one function. */
function edits(from: Reader, memory: number, {size, grow}: ReturnType<typeof view>): Edit[] {
	const found: Edit[] = [];
	for (let depth = 1; depth > 0; ) {
		const start = from.pos;
		const code = instruction(from);
		if (opens(code)) depth++;
		else if (code === 0x0b || code === 0x18) depth--;
		else if (code === memorySize || code === memoryGrow) {
			if (new Reader(from.bytes, start + 1, from.end).u32() === memory) {
				found.push({start, end: from.pos, bytes: code === memorySize ? size : grow});
			}
		}
	}
	return found;
}

/**
 * The same module, blind to the last `pages` of one of its memories, which are another's; of `min` pages it sees at first, and of more as
 * it grows. It takes for granted that the memory is as large as it can get from the beginning. `globals` is how many globals it has.
 *
 * Allocators take what lies between their end of the memory and its end for their own (those of AssemblyScript, TinyGo and older wasi-libc).
 */
export function sparing(
	bytes: Uint8Array,
	pages: number,
	{memory, min, globals}: {memory: number; min: number; globals: number},
): Uint8Array {
	const sections = sectionsOf(new Reader(bytes, 8));
	const of = (wanted: number) => sections.find(({id}) => id === wanted);
	const own = [min, 0].map(value => [0x7f, 1, i32Const, ...signed(value), 0x0b]);
	const by = new Map([[6, extended(bytes, 6, of(6), own)]]);
	const code = of(10);
	const seen = view(memory, pages, globals);
	if (code)
		by.set(
			10,
			rewritten(bytes, code, from => edits(from, memory, seen)),
		);
	return replaced(bytes, 0, sections, by);
}
