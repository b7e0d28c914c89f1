/** One word between the kernel and a cell, about one call. */
export type Frame =
	| {readonly kind: 'open'; readonly call: number; readonly to: string; readonly head: string; readonly object?: unknown}
	| {readonly kind: 'answer'; readonly call: number; readonly head: string}
	| {readonly kind: 'data'; readonly call: number; readonly bytes: Uint8Array}
	| {readonly kind: 'credit'; readonly call: number; readonly bytes: number}
	| {readonly kind: 'end'; readonly call: number; readonly trailer: string | undefined}
	| {readonly kind: 'cancel'; readonly call: number; readonly reason: string};

/** What carries frames, in order: a socket, a message port, or memory. */
export interface Wire {
	/** `bytes` of a frame of data may change once this returns. */
	send(frame: Frame): void;
	/** Has what was sent go out now, and not only at the end of this turn. */
	flush?(): void;
	/** Once: `take` gets each frame, `lost` hears why no more will come. */
	receive(take: (frame: Frame) => void, lost: (reason: string) => void): void;
	close(): void;
}

/** The longest text of a frame, in bytes. */
export const TEXT = 256 * 1024;

/** The most bytes of one frame of data. */
export const PIECE = 256 * 1024;

/** Pieces below this many bytes are put together where they can be. */
export const SMALL = 32 * 1024;

/** The longest frame that a cell may send, without its length. */
const LONGEST = TEXT + 1024;

/** Of a frame: its length, its kind, and the call, in 48 bits: a gateway's busiest cell would be done with 32 in a day. */
const HEADER = 11;

/** How a side is described that said what it may not say. */
export const BREACH = 'it broke the protocol';

const kinds = ['open', 'answer', 'data', 'credit', 'end', 'cancel'] as const;

function bodyOf(frame: Frame): string | Uint8Array {
	switch (frame.kind) {
		case 'open':
			return `${frame.to}\n${frame.head}`;
		case 'answer':
			return frame.head;
		case 'data':
			return frame.bytes;
		case 'credit': {
			const body = Buffer.allocUnsafe(4);
			body.writeUInt32LE(frame.bytes);
			return body;
		}
		case 'end':
			return frame.trailer === undefined ? '' : `.${frame.trailer}`;
		case 'cancel':
			return frame.reason;
	}
}

/** A frame as bytes: the length of what follows the length (u32), its kind (u8), the call (u48), and what it says; all little-endian. */
export function encode(frame: Frame): Buffer {
	const body = bodyOf(frame);
	const size = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
	const bytes = Buffer.allocUnsafe(HEADER + size);
	bytes.writeUInt32LE(HEADER - 4 + size, 0);
	bytes.writeUInt8(kinds.indexOf(frame.kind), 4);
	bytes.writeUIntLE(frame.call, 5, 6);
	if (typeof body === 'string') bytes.write(body, HEADER);
	else bytes.set(body, HEADER);
	return bytes;
}

function decode(kind: number, call: number, body: Buffer): Frame {
	switch (kinds[kind]) {
		case 'open': {
			const text = body.toString();
			const line = text.indexOf('\n');
			if (line < 0) throw new Error('a call to nobody');
			return {kind: 'open', call, to: text.slice(0, line), head: text.slice(line + 1)};
		}
		case 'answer':
			return {kind: 'answer', call, head: body.toString()};
		case 'data':
			// A small piece is copied: it may lie unread, and would keep all that came with it.
			return {kind: 'data', call, bytes: body.length < SMALL ? Buffer.from(body) : body};
		case 'credit':
			if (body.length !== 4) throw new Error('a credit of no size');
			return {kind: 'credit', call, bytes: body.readUInt32LE()};
		case 'end':
			return {kind: 'end', call, trailer: body.length === 0 ? undefined : body.toString('utf8', 1)};
		case 'cancel':
			return {kind: 'cancel', call, reason: body.toString()};
		default:
			throw new Error(`a frame of kind ${kind}`);
	}
}

/** A text that fits into a frame. */
export function short(text: string): string {
	if (text.length > TEXT / 3 && Buffer.byteLength(text) > TEXT) throw new RangeError(`more than ${TEXT} bytes of text in a call`);
	return text;
}

/**
 * Cuts bytes, as they come, into frames. Throws on what is none, or longer than `longest`; it holds no more than one frame that is not complete,
 * and copies no other.
 */
export function decoder(take: (frame: Frame) => void, longest = LONGEST): (chunk: Buffer) => void {
	/** Of a frame that has begun, what there is: its header alone, as long as not all of that has come. */
	let begun: Buffer | undefined;
	let filled = 0;

	function sizeAt(bytes: Buffer, at: number): number {
		const size = bytes.readUInt32LE(at);
		if (size < HEADER - 4 || size > longest) throw new Error(`a frame of ${size} bytes`);
		return size + 4;
	}

	function deliver(bytes: Buffer, at: number, size: number): void {
		take(decode(bytes.readUInt8(at + 4), bytes.readUIntLE(at + 5, 6), bytes.subarray(at + HEADER, at + size)));
	}

	function begin(bytes: Buffer): void {
		begun = Buffer.allocUnsafe(bytes.length < HEADER ? HEADER : sizeAt(bytes, 0));
		filled = bytes.copy(begun);
	}

	/** Goes on with what has begun, and says how much of the bytes that took. */
	function resume(bytes: Buffer): number {
		let at = 0;
		while (begun && at < bytes.length) {
			const taken = bytes.copy(begun, filled, at);
			at += taken;
			filled += taken;
			if (filled < begun.length) break;
			const whole = begun;
			begun = undefined;
			if (whole.length === HEADER && sizeAt(whole, 0) > HEADER) begin(whole);
			else deliver(whole, 0, whole.length);
		}
		return at;
	}

	return chunk => {
		let at = resume(chunk);
		while (chunk.length - at >= HEADER) {
			const size = sizeAt(chunk, at);
			if (chunk.length - at < size) break;
			deliver(chunk, at, size);
			at += size;
		}
		if (at < chunk.length) begin(chunk.subarray(at));
	};
}
