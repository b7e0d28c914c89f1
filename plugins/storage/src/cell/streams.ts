import {closeSync, constants, type Dir, openSync, readSync, writeSync} from 'node:fs';
import {always, IoError, type Sink, type Source} from '@forgeone/sdk/cell';
import {attempt, codeOf, fail} from './code.ts';
import {type DescriptorType, typeOf} from './values.ts';
import {held, textOf} from './walk.ts';

const {O_APPEND, O_NONBLOCK, O_RDONLY, O_WRONLY} = constants;

/** The most that one call moves, whatever the guest asks for. */
const LARGEST = 1024 * 1024;

/** A place in a file, as a number that Node takes. */
export function offsetOf(offset: bigint): number {
	return offset > BigInt(Number.MAX_SAFE_INTEGER) ? fail('file-too-large') : Number(offset);
}

/** Up to `length` bytes from `offset`; none at the end of the file. */
export function readAt(fd: number, length: number, offset: number): Uint8Array {
	const bytes = new Uint8Array(Math.min(length, LARGEST));
	return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, offset));
}

/** A stream has the file to itself: it lives on when the descriptor that it was made from is dropped. */
const reopen = (fd: number, flags: number): number => attempt(() => openSync(held(fd), flags | O_NONBLOCK));

function orIoError<T>(work: () => T): T {
	try {
		return work();
	} catch (error) {
		const code = codeOf(error);
		throw code ? new IoError(code, code) : error;
	}
}

/** The bytes of a file from `offset` on. */
export function fileSource(file: number, offset: bigint): Source {
	let at = offsetOf(offset);
	const fd = reopen(file, O_RDONLY);
	return {
		...always,
		read(most) {
			const bytes = orIoError(() => readAt(fd, most, at));
			at += bytes.length;
			return bytes.length === 0 && most > 0 ? undefined : bytes;
		},
		close: () => closeSync(fd),
	};
}

/** Takes the bytes of a file from `offset` on, or after its last byte, wherever that is by then. */
export function fileSink(file: number, offset: bigint | 'end'): Sink {
	let at = offset === 'end' ? null : offsetOf(offset);
	const fd = reopen(file, O_WRONLY | (at === null ? O_APPEND : 0));
	return {
		...always,
		room: () => LARGEST,
		write(bytes) {
			orIoError(() => {
				for (let done = 0; done < bytes.length; ) {
					const count = writeSync(fd, bytes, done, bytes.length - done, at);
					done += count;
					if (at !== null) at += count;
				}
			});
		},
		close: () => closeSync(fd),
	};
}

/** `directory-entry-stream`: what is in a folder, without `.` and `..`, in no order. */
export class DirectoryEntryStream {
	readonly #folder: Dir;

	constructor(folder: Dir) {
		this.#folder = folder;
	}

	readDirectoryEntry(): {type: DescriptorType; name: string} | undefined {
		// Its names are bytes, which the types of Node do not say.
		const entry = attempt(() => this.#folder.readSync()) as unknown as (Parameters<typeof typeOf>[0] & {name: Buffer}) | null;
		return entry ? {type: typeOf(entry), name: textOf(entry.name)} : undefined;
	}

	[Symbol.dispose](): void {
		this.#folder.closeSync();
	}
}
