import {constants, type Dir, fstatSync, openSync, readSync, writeSync} from 'node:fs';
import {always, IoError, type Sink, type Source} from '@forgeone/sdk/cell';
import type {Allowance} from './allowance.ts';
import {attempt, codeOf, fail} from './code.ts';
import {closing, type Handles} from './handles.ts';
import type {Mount} from './mount.ts';
import {type DescriptorType, typeOf} from './values.ts';
import {held, textOf} from './walk.ts';

const {O_APPEND, O_NONBLOCK, O_RDONLY, O_WRONLY} = constants;

/** The most that one call writes, whatever the guest asks for. */
export const LARGEST = 1024 * 1024;

/** How much of a quota a stream sets aside for what it writes next. */
const ASIDE = 64 * 1024;

/** A place in a file, as a number that Node takes. */
export function offsetOf(offset: bigint): number {
	return offset > BigInt(Number.MAX_SAFE_INTEGER) ? fail('file-too-large') : Number(offset);
}

/** Up to as many bytes as there is room for, from `offset`; none at the end of the file. */
export const readAt = (fd: number, room: Uint8Array, offset: number): Uint8Array =>
	room.subarray(0, readSync(fd, room, 0, room.length, offset));

/** By how much a file becomes larger where so much is written at a place. */
export const growth = (fd: number, offset: number, length: number): number => Math.max(0, offset + length - fstatSync(fd).size);

/** A stream has the file to itself: it lives on when the descriptor that it was made from is dropped. */
const reopen = (fd: number, flags: number): number => attempt(() => openSync(held(fd), flags | O_NONBLOCK));

function orIoError<T>(work: () => T): T {
	try {
		return work();
	} catch (error) {
		const code = typeof error === 'string' ? error : codeOf(error);
		throw code ? new IoError(code, code) : error;
	}
}

/** The bytes of a file from `offset` on. */
export function fileSource(file: number, offset: bigint, {handles, usage}: Mount): Source {
	let at = offsetOf(offset);
	const fd = reopen(file, O_RDONLY);
	const close = closing(fd);
	const source: Source = {
		...always,
		read(most) {
			const bytes = orIoError(() => readAt(fd, handles.room(most), at));
			at += bytes.length;
			usage.read += bytes.length;
			return bytes.length === 0 && most > 0 ? undefined : bytes;
		},
		close: () => handles.release(source, close),
	};
	handles.hold(source, close);
	return source;
}

/** Takes the bytes of a file from `offset` on, or after its last byte, wherever that is by then. */
export function fileSink(file: number, offset: bigint | 'end', {handles, allowance, usage}: Mount): Sink {
	let at = offset === 'end' ? null : offsetOf(offset);
	const fd = reopen(file, O_WRONLY | (at === null ? O_APPEND : 0));
	const close = closing(fd);
	const write = (bytes: Uint8Array): void => {
		for (let done = 0; done < bytes.length; ) {
			const count = writeSync(fd, bytes, done, bytes.length - done, at);
			done += count;
			usage.written += count;
			if (at !== null) at += count;
		}
	};
	const grown = (length: number) => (at === null ? length : growth(fd, at, length));
	const bounds = allowance && bounded(allowance, grown);
	const sink: Sink = {
		...(bounds ?? {...always, room: () => LARGEST}),
		write: bytes => orIoError(() => (bounds ? bounds.spend(bytes, write) : write(bytes))),
		close() {
			bounds?.close();
			handles.release(sink, close);
		},
	};
	handles.hold(sink, close);
	return sink;
}

/** How much a stream may write within a quota: what it set aside, and what is there already. */
function bounded(allowance: Allowance, grown: (length: number) => number) {
	let aside = 0;
	/** Asked in vain: what is written now fails. */
	let full = false;
	let asking = false;
	const prepare = (): number => {
		const more = Math.max(0, Math.min(ASIDE - aside, allowance.bytes));
		allowance.setAside(more);
		aside += more;
		return Math.min(LARGEST, aside + LARGEST - grown(LARGEST));
	};
	const ask = async (): Promise<void> => {
		if (asking) return;
		asking = true;
		try {
			// Others may be faster to take what was granted.
			while (!full && prepare() === 0) full = (await allowance.more({bytes: ASIDE, inodes: 0})).bytes === 0;
		} catch {
			full = true;
		}
		asking = false;
		allowance.ring();
	};
	return {
		ready: () => full || prepare() > 0,
		watch(wake: () => void) {
			const end = allowance.watch(wake);
			if (!full && prepare() === 0) void ask();
			return end;
		},
		room: () => (full ? LARGEST : prepare()),
		spend(bytes: Uint8Array, write: (bytes: Uint8Array) => void): void {
			const needed = grown(bytes.length);
			if (needed > aside) fail('quota');
			aside -= needed;
			allowance.spend(needed);
			write(bytes);
		},
		close() {
			allowance.setAside(-aside);
			aside = 0;
		},
	};
}

/** `directory-entry-stream`: what is in a folder, without `.` and `..`, in no order. */
export class DirectoryEntryStream {
	readonly #folder: Dir;
	readonly #handles: Handles;
	readonly #close: () => void;

	constructor(folder: Dir, handles: Handles) {
		this.#folder = folder;
		this.#handles = handles;
		this.#close = () => folder.closeSync();
		handles.hold(this, this.#close);
	}

	readDirectoryEntry(): {type: DescriptorType; name: string} | undefined {
		// Its names are bytes, which the types of Node do not say.
		const entry = attempt(() => this.#folder.readSync()) as unknown as (Parameters<typeof typeOf>[0] & {name: Buffer}) | null;
		return entry ? {type: typeOf(entry), name: textOf(entry.name)} : undefined;
	}

	[Symbol.dispose](): void {
		this.#handles.release(this, this.#close);
	}
}
