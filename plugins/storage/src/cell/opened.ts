import {type BigIntStats, closeSync, fdatasyncSync, fstatSync, fsyncSync, ftruncateSync, utimesSync, writeSync} from 'node:fs';
import {InputStream, OutputStream} from '@forgeone/sdk/cell';
import {suspending, viewing} from '@forgeone/wasm';
import {within} from './allowance.ts';
import {attempt, fail} from './code.ts';
import {closing} from './handles.ts';
import type {Mount} from './mount.ts';
import {fileSink, fileSource, growth, LARGEST, offsetOf, readAt} from './streams.ts';
import {changed, seconds} from './times.ts';
import {type DescriptorFlags, type DescriptorStat, type DescriptorType, metadataHash, type NewTimestamp, statOf, typeOf} from './values.ts';
import {held} from './walk.ts';

/** An open file or folder, and what its holder may do with it: the part of `descriptor` that takes no path. */
export class Opened {
	protected readonly fd: number;
	protected readonly mount: Mount;
	readonly #flags: DescriptorFlags;
	readonly #type: DescriptorType;
	readonly #close: () => void;

	/** Takes over an open file or folder; closes it and throws `not-permitted` where it is anything else. */
	constructor(fd: number, mount: Mount, flags: DescriptorFlags) {
		this.fd = fd;
		this.mount = mount;
		this.#type = typeOf(fstatSync(fd, {bigint: true}));
		this.#flags = this.#type === 'directory' ? {read: true, mutateDirectory: !mount.readOnly} : flags;
		if (this.#type !== 'directory' && this.#type !== 'regular-file') {
			closeSync(fd);
			fail('not-permitted');
		}
		this.#close = closing(fd);
		mount.handles.hold(this, this.#close);
	}

	protected get folder(): number {
		return this.#type === 'directory' ? this.fd : fail('not-directory');
	}

	/** The folder, for one who will change what is in it. */
	protected get mutable(): number {
		return this.mount.readOnly ? this.unchanging() : this.folder;
	}

	get #readable(): number {
		return this.#type === 'regular-file' && this.#flags.read ? this.fd : fail('bad-descriptor');
	}

	get #writable(): number {
		if (this.mount.readOnly) this.unchanging();
		return this.#type === 'regular-file' && this.#flags.write ? this.fd : fail('bad-descriptor');
	}

	/** Puts a change that the mount does not allow on record, and refuses it. */
	protected unchanging(): never {
		const {target, refused} = this.mount;
		refused('file', `a change below "${target}"`, `--volume SOURCE:${target}, without :ro`);
		return fail('read-only');
	}

	/** Whether a name can move between the two at all; also where the system would do it, as between two volumes of one disk. */
	protected meets(other: Opened): void {
		if (other.mount !== this.mount) fail('cross-device');
	}

	readViaStream(offset: bigint): InputStream {
		return new InputStream(fileSource(this.#readable, offset, this.mount));
	}

	writeViaStream(offset: bigint): OutputStream {
		return new OutputStream(fileSink(this.#writable, offset, this.mount));
	}

	appendViaStream(): OutputStream {
		return new OutputStream(fileSink(this.#writable, 'end', this.mount));
	}

	/** Advice is heard, and nothing is done about it. */
	advise(_offset: bigint, _length: bigint, _advice: string): void {
		if (this.#type !== 'regular-file') fail('bad-descriptor');
	}

	syncData(): void | Promise<void> {
		return this.mount.remote ? this.mount.remote.sync(this.fd) : attempt(() => fdatasyncSync(this.fd));
	}

	sync(): void | Promise<void> {
		return this.mount.remote ? this.mount.remote.sync(this.fd) : attempt(() => fsyncSync(this.fd));
	}

	getFlags(): DescriptorFlags {
		const {read = false, write = false, mutateDirectory = false} = this.#flags;
		const {fileIntegritySync = false, dataIntegritySync = false, requestedWriteSync = false} = this.#flags;
		return {read, write, fileIntegritySync, dataIntegritySync, requestedWriteSync, mutateDirectory};
	}

	getType(): DescriptorType {
		return this.#type;
	}

	setSize(size: bigint): void | Promise<void> {
		const [fd, length] = [this.#writable, offsetOf(size)];
		const need = () => ({bytes: growth(fd, 0, length), inodes: 0});
		return within(this.mount.allowance, need, () => attempt(() => ftruncateSync(fd, length)));
	}

	setTimes(access: NewTimestamp, modification: NewTimestamp): void {
		if (this.mount.readOnly) this.unchanging();
		const {times} = this.mount;
		const wanted = changed(times.of(this.stats()), access, modification);
		attempt(() => utimesSync(held(this.fd), seconds(wanted.access), seconds(wanted.modification)));
		times.remember(this.stats(), wanted);
	}

	read(length: bigint, offset: bigint): [Uint8Array, boolean] {
		const most = length > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(length);
		const bytes = attempt(() => readAt(this.#readable, this.mount.handles.room(most), offsetOf(offset)));
		this.mount.usage.read += bytes.length;
		return [bytes, bytes.length === 0 && most > 0];
	}

	write(bytes: Uint8Array, offset: bigint): bigint {
		const [fd, at, {allowance, usage}] = [this.#writable, offsetOf(offset), this.mount];
		// What waits for its grant may not look into the guest's memory by then; a copy is bounded, and a guest writes the rest by another call.
		const kept = allowance ? bytes.slice(0, LARGEST) : bytes;
		const need = () => ({bytes: growth(fd, at, kept.length), inodes: 0});
		return within(allowance, need, () => {
			const count = attempt(() => writeSync(fd, kept, 0, kept.length, at));
			usage.written += count;
			return BigInt(count);
		});
	}

	protected stats(): BigIntStats {
		return attempt(() => fstatSync(this.fd, {bigint: true}));
	}

	protected describe(stats: BigIntStats): DescriptorStat {
		return statOf(stats, this.mount.times.of(stats));
	}

	stat(): DescriptorStat {
		return this.describe(this.stats());
	}

	isSameObject(other: Opened): boolean {
		const [one, two] = [this.stats(), other.stats()];
		return one.dev === two.dev && one.ino === two.ino;
	}

	metadataHash(): {lower: bigint; upper: bigint} {
		return metadataHash(this.stats());
	}

	[Symbol.dispose](): void {
		this.mount.handles.release(this, this.#close);
	}
}

// What makes a file larger may have to be granted first, and syncing may be for the kernel half to do.
const {setSize, write, sync, syncData} = Opened.prototype;
for (const method of [setSize, write, sync, syncData]) suspending(method);
viewing(write);
