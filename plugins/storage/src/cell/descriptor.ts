import {
	type BigIntStats,
	closeSync,
	constants,
	fdatasyncSync,
	fstatSync,
	fsyncSync,
	ftruncateSync,
	linkSync,
	lstatSync,
	lutimesSync,
	mkdirSync,
	opendirSync,
	openSync,
	renameSync,
	rmdirSync,
	symlinkSync,
	unlinkSync,
	utimesSync,
	writeSync,
} from 'node:fs';
import {InputStream, OutputStream} from '@forgeone/sdk/cell';
import {suspending, viewing} from '@forgeone/wasm';
import {within} from './allowance.ts';
import {attempt, fail} from './code.ts';
import {closing} from './handles.ts';
import type {Mount} from './mount.ts';
import {DirectoryEntryStream, fileSink, fileSource, growth, offsetOf, readAt} from './streams.ts';
import {changed, seconds} from './times.ts';
import {
	type DescriptorFlags,
	type DescriptorStat,
	type DescriptorType,
	metadataHash,
	type NewTimestamp,
	type OpenFlags,
	type PathFlags,
	statOf,
	typeOf,
} from './values.ts';
import {held, linkAt, type Place, walk} from './walk.ts';

const {O_CREAT, O_DIRECTORY, O_DSYNC, O_EXCL, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR, O_SYNC, O_TRUNC, O_WRONLY} = constants;

function statAt({path, folder}: Place): BigIntStats {
	const stats = lstatSync(path, {bigint: true});
	return folder && !stats.isDirectory() ? fail('not-directory') : stats;
}

/** A file is not a folder, however it is written. */
function asFile({path, folder}: Place): string {
	if (folder) fail(statAt({path, folder}).isDirectory() ? 'is-directory' : 'not-directory');
	return path;
}

function systemFlags({create, directory, exclusive, truncate}: OpenFlags, flags: DescriptorFlags): number {
	const write = flags.write || truncate;
	const access = write ? (flags.read ? O_RDWR : O_WRONLY) : O_RDONLY;
	const wanted = [
		[create, O_CREAT],
		[directory, O_DIRECTORY],
		[create && exclusive, O_EXCL],
		[truncate, O_TRUNC],
		[flags.dataIntegritySync, O_DSYNC],
		[flags.fileIntegritySync || flags.requestedWriteSync, O_SYNC],
	] as const;
	return wanted.reduce((all, [on, flag]) => (on ? all | flag : all), access | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
}

/** `wasi:filesystem/types` `descriptor`: an open file or folder, and what its holder may do with it. */
export class Descriptor {
	readonly #fd: number;
	readonly #mount: Mount;
	readonly #flags: DescriptorFlags;
	readonly #type: DescriptorType;
	readonly #close: () => void;

	/** Takes over an open file or folder; closes it and throws `not-permitted` where it is anything else. */
	constructor(fd: number, mount: Mount, flags: DescriptorFlags) {
		this.#fd = fd;
		this.#mount = mount;
		this.#type = typeOf(fstatSync(fd, {bigint: true}));
		this.#flags = this.#type === 'directory' ? {read: true, mutateDirectory: !mount.readOnly} : flags;
		if (this.#type !== 'directory' && this.#type !== 'regular-file') {
			closeSync(fd);
			fail('not-permitted');
		}
		this.#close = closing(fd);
		mount.handles.hold(this, this.#close);
	}

	get #folder(): number {
		return this.#type === 'directory' ? this.#fd : fail('not-directory');
	}

	/** The folder, for one who will change what is in it. */
	get #mutable(): number {
		return this.#mount.readOnly ? this.#unchanging() : this.#folder;
	}

	get #readable(): number {
		return this.#type === 'regular-file' && this.#flags.read ? this.#fd : fail('bad-descriptor');
	}

	get #writable(): number {
		if (this.#mount.readOnly) this.#unchanging();
		return this.#type === 'regular-file' && this.#flags.write ? this.#fd : fail('bad-descriptor');
	}

	/** Puts a change that the mount does not allow on record, and refuses it. */
	#unchanging(): never {
		const {target, refused} = this.#mount;
		refused('file', `a change below "${target}"`, `--volume SOURCE:${target}, without :ro`);
		return fail('read-only');
	}

	/** As `walk`; a way out is put on record. */
	#walk<T>(root: number, path: string, follow: boolean, then: (place: Place) => T): T {
		try {
			return walk(root, path, follow, then);
		} catch (error) {
			if (error === 'not-permitted') this.#mount.refused('file', `"${path}" from "${this.#mount.target}"`, '--volume SOURCE:TARGET');
			throw error;
		}
	}

	/** Whether a name can move between the two at all; also where the system would do it, as between two volumes of one disk. */
	#meets(other: Descriptor): void {
		if (other.#mount !== this.#mount) fail('cross-device');
	}

	readViaStream(offset: bigint): InputStream {
		return new InputStream(fileSource(this.#readable, offset, this.#mount));
	}

	writeViaStream(offset: bigint): OutputStream {
		return new OutputStream(fileSink(this.#writable, offset, this.#mount));
	}

	appendViaStream(): OutputStream {
		return new OutputStream(fileSink(this.#writable, 'end', this.#mount));
	}

	/** Advice is heard, and nothing is done about it. */
	advise(_offset: bigint, _length: bigint, _advice: string): void {
		if (this.#type !== 'regular-file') fail('bad-descriptor');
	}

	syncData(): void | Promise<void> {
		return this.#mount.remote ? this.#mount.remote.sync(this.#fd) : attempt(() => fdatasyncSync(this.#fd));
	}

	sync(): void | Promise<void> {
		return this.#mount.remote ? this.#mount.remote.sync(this.#fd) : attempt(() => fsyncSync(this.#fd));
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
		return within(this.#mount.allowance, need, () => attempt(() => ftruncateSync(fd, length)));
	}

	setTimes(access: NewTimestamp, modification: NewTimestamp): void {
		if (this.#mount.readOnly) this.#unchanging();
		const {times} = this.#mount;
		const wanted = changed(times.of(this.#stats()), access, modification);
		attempt(() => utimesSync(held(this.#fd), seconds(wanted.access), seconds(wanted.modification)));
		times.remember(this.#stats(), wanted);
	}

	read(length: bigint, offset: bigint): [Uint8Array, boolean] {
		const most = length > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(length);
		const bytes = attempt(() => readAt(this.#readable, this.#mount.handles.room(most), offsetOf(offset)));
		this.#mount.usage.read += bytes.length;
		return [bytes, bytes.length === 0 && most > 0];
	}

	write(bytes: Uint8Array, offset: bigint): bigint {
		const [fd, at, {allowance, usage}] = [this.#writable, offsetOf(offset), this.#mount];
		const need = () => ({bytes: growth(fd, at, bytes.length), inodes: 0});
		// What waits for its grant may not look into the guest's memory by then.
		const kept = allowance ? bytes.slice() : bytes;
		return within(allowance, need, () => {
			const count = attempt(() => writeSync(fd, kept, 0, kept.length, at));
			usage.written += count;
			return BigInt(count);
		});
	}

	readDirectory(): DirectoryEntryStream {
		// Its names as bytes, since not every name is text; Node's types do not know this encoding here.
		const encoding = 'buffer' as BufferEncoding;
		return new DirectoryEntryStream(
			attempt(() => opendirSync(held(this.#folder), {encoding})),
			this.#mount.handles,
		);
	}

	/** Does what makes a name, with so many bytes. */
	#named<T>(bytes: number, work: () => T): T {
		return within(this.#mount.allowance, () => ({bytes, inodes: 1}), work);
	}

	createDirectoryAt(path: string): void | Promise<void> {
		const folder = this.#mutable;
		return this.#named(0, () => this.#walk(folder, path, false, place => mkdirSync(place.path)));
	}

	#stats(): BigIntStats {
		return attempt(() => fstatSync(this.#fd, {bigint: true}));
	}

	#statsAt({symlinkFollow = false}: PathFlags, path: string): BigIntStats {
		return this.#walk(this.#folder, path, symlinkFollow, statAt);
	}

	#describe(stats: BigIntStats): DescriptorStat {
		return statOf(stats, this.#mount.times.of(stats));
	}

	stat(): DescriptorStat {
		return this.#describe(this.#stats());
	}

	statAt(flags: PathFlags, path: string): DescriptorStat {
		return this.#describe(this.#statsAt(flags, path));
	}

	setTimesAt({symlinkFollow = false}: PathFlags, path: string, access: NewTimestamp, modification: NewTimestamp): void {
		this.#walk(this.#mutable, path, symlinkFollow, place => {
			const {times} = this.#mount;
			const wanted = changed(times.of(statAt(place)), access, modification);
			lutimesSync(place.path, seconds(wanted.access), seconds(wanted.modification));
			times.remember(statAt(place), wanted);
		});
	}

	linkAt({symlinkFollow = false}: PathFlags, oldPath: string, target: Descriptor, newPath: string): void | Promise<void> {
		this.#meets(target);
		const [source, folder] = [this.#mutable, target.#mutable];
		return this.#named(0, () =>
			this.#walk(source, oldPath, symlinkFollow, from => {
				this.#walk(folder, newPath, false, to => linkSync(asFile(from), to.folder ? fail('no-entry') : to.path));
			}),
		);
	}

	openAt({symlinkFollow = false}: PathFlags, path: string, open: OpenFlags, flags: DescriptorFlags): Descriptor {
		const changes = open.create || open.truncate || flags.write || flags.mutateDirectory;
		if (changes && this.#mount.readOnly) this.#unchanging();
		if (open.create && open.directory) fail('invalid');
		const follow = symlinkFollow && !(open.create && open.exclusive);
		if (!open.create || !this.#mount.allowance) return this.#open(path, follow, open, flags);
		// Where the file is there, nothing has to be granted, and nothing is made if it goes meanwhile.
		if (!open.exclusive && this.#has(path, follow)) return this.#open(path, follow, {...open, create: false}, flags);
		return this.#named(0, () => this.#open(path, follow, open, flags));
	}

	#has(path: string, symlinkFollow: boolean): boolean {
		try {
			this.#statsAt({symlinkFollow}, path);
		} catch (error) {
			return error !== 'no-entry';
		}
		return true;
	}

	#open(path: string, follow: boolean, open: OpenFlags, flags: DescriptorFlags): Descriptor {
		return this.#walk(this.#folder, path, follow, place => {
			if (place.folder && open.create) asFile(place);
			// Asked first, since to open a device is already to use it; the constructor asks again what was opened.
			const there = lstatSync(place.path, {throwIfNoEntry: false});
			if (there && open.create && open.exclusive) fail('exist');
			if (there && !there.isFile() && !there.isDirectory()) fail(there.isSymbolicLink() ? 'loop' : 'not-permitted');
			const fd = openSync(place.path, systemFlags({...open, directory: open.directory || place.folder}, flags), 0o666);
			return new Descriptor(fd, this.#mount, {...flags, read: flags.read || !flags.write, mutateDirectory: false});
		});
	}

	readlinkAt(path: string): string {
		const link = this.#walk(this.#folder, path, false, place => {
			statAt(place);
			return linkAt(place.path) ?? fail('invalid');
		});
		return link.startsWith('/') ? fail('not-permitted') : link;
	}

	removeDirectoryAt(path: string): void {
		this.#walk(this.#mutable, path, false, place => rmdirSync(place.path));
	}

	renameAt(oldPath: string, target: Descriptor, newPath: string): void {
		this.#meets(target);
		this.#walk(this.#mutable, oldPath, false, from => {
			this.#walk(target.#mutable, newPath, false, to => {
				if (from.folder || to.folder) statAt({path: from.path, folder: true});
				renameSync(from.path, to.path);
			});
		});
	}

	symlinkAt(content: string, path: string): void | Promise<void> {
		const folder = this.#mutable;
		if (content.startsWith('/')) fail('not-permitted');
		const {remote} = this.#mount;
		return this.#named(Buffer.byteLength(content), () =>
			this.#walk(folder, path, false, place => {
				if (place.folder) fail('no-entry');
				if (!remote) return symlinkSync(content, place.path);
				return remote.symlink(content, place.path);
			}),
		);
	}

	unlinkFileAt(path: string): void {
		this.#walk(this.#mutable, path, false, place => unlinkSync(asFile(place)));
	}

	isSameObject(other: Descriptor): boolean {
		const [one, two] = [this.#stats(), other.#stats()];
		return one.dev === two.dev && one.ino === two.ino;
	}

	metadataHash(): {lower: bigint; upper: bigint} {
		return metadataHash(this.#stats());
	}

	metadataHashAt(flags: PathFlags, path: string): {lower: bigint; upper: bigint} {
		return metadataHash(this.#statsAt(flags, path));
	}

	[Symbol.dispose](): void {
		this.#mount.handles.release(this, this.#close);
	}
}

// What makes a file, or one larger, may have to be granted first; the rest may be done by the kernel half.
const {createDirectoryAt, linkAt: link, openAt, setSize, symlinkAt, write, sync, syncData} = Descriptor.prototype;
for (const method of [createDirectoryAt, link, openAt, setSize, symlinkAt, write, sync, syncData]) suspending(method);
viewing(write);
