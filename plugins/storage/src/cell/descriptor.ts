import {
	type BigIntStats,
	constants,
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
} from 'node:fs';
import {suspending} from '@forgeone/wasm';
import {within} from './allowance.ts';
import {attempt, fail} from './code.ts';
import {Opened} from './opened.ts';
import {DirectoryEntryStream} from './streams.ts';
import {changed, seconds} from './times.ts';
import {type DescriptorFlags, type DescriptorStat, metadataHash, type NewTimestamp, type OpenFlags, type PathFlags} from './values.ts';
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

/** `wasi:filesystem/types` `descriptor`: an open file or folder, and what is to be reached by a path from a folder. */
export class Descriptor extends Opened {
	/** As `walk`; a way out is put on record. */
	#walk<T>(root: number, path: string, follow: boolean, then: (place: Place) => T): T {
		try {
			return walk(root, path, follow, then);
		} catch (error) {
			if (error === 'not-permitted') this.mount.refused('file', `"${path}" from "${this.mount.target}"`, '--volume SOURCE:TARGET');
			throw error;
		}
	}

	readDirectory(): DirectoryEntryStream {
		// Its names as bytes, since not every name is text; Node's types do not know this encoding here.
		const encoding = 'buffer' as BufferEncoding;
		return new DirectoryEntryStream(
			attempt(() => opendirSync(held(this.folder), {encoding})),
			this.mount.handles,
		);
	}

	/** Does what makes a name, with so many bytes. */
	#named<T>(bytes: number, work: () => T): T {
		return within(this.mount.allowance, () => ({bytes, inodes: 1}), work);
	}

	createDirectoryAt(path: string): void | Promise<void> {
		const folder = this.mutable;
		return this.#named(0, () => this.#walk(folder, path, false, place => mkdirSync(place.path)));
	}

	#statsAt({symlinkFollow = false}: PathFlags, path: string): BigIntStats {
		return this.#walk(this.folder, path, symlinkFollow, statAt);
	}

	statAt(flags: PathFlags, path: string): DescriptorStat {
		return this.describe(this.#statsAt(flags, path));
	}

	setTimesAt({symlinkFollow = false}: PathFlags, path: string, access: NewTimestamp, modification: NewTimestamp): void {
		this.#walk(this.mutable, path, symlinkFollow, place => {
			const {times} = this.mount;
			const wanted = changed(times.of(statAt(place)), access, modification);
			lutimesSync(place.path, seconds(wanted.access), seconds(wanted.modification));
			times.remember(statAt(place), wanted);
		});
	}

	linkAt({symlinkFollow = false}: PathFlags, oldPath: string, target: Descriptor, newPath: string): void | Promise<void> {
		this.meets(target);
		const [source, folder] = [this.mutable, target.mutable];
		return this.#named(0, () =>
			this.#walk(source, oldPath, symlinkFollow, from => {
				this.#walk(folder, newPath, false, to => linkSync(asFile(from), to.folder ? fail('no-entry') : to.path));
			}),
		);
	}

	openAt({symlinkFollow = false}: PathFlags, path: string, open: OpenFlags, flags: DescriptorFlags): Descriptor {
		const changes = open.create || open.truncate || flags.write || flags.mutateDirectory;
		if (changes && this.mount.readOnly) this.unchanging();
		if (open.create && open.directory) fail('invalid');
		const follow = symlinkFollow && !(open.create && open.exclusive);
		if (!open.create || !this.mount.allowance) return this.#open(path, follow, open, flags);
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
		return this.#walk(this.folder, path, follow, place => {
			if (place.folder && open.create) asFile(place);
			// Asked first, since to open a device is already to use it; the constructor asks again what was opened.
			const there = lstatSync(place.path, {throwIfNoEntry: false});
			if (there && open.create && open.exclusive) fail('exist');
			if (there && !there.isFile() && !there.isDirectory()) fail(there.isSymbolicLink() ? 'loop' : 'not-permitted');
			const fd = openSync(place.path, systemFlags({...open, directory: open.directory || place.folder}, flags), 0o666);
			return new Descriptor(fd, this.mount, {...flags, read: flags.read || !flags.write, mutateDirectory: false});
		});
	}

	readlinkAt(path: string): string {
		const link = this.#walk(this.folder, path, false, place => {
			statAt(place);
			return linkAt(place.path) ?? fail('invalid');
		});
		return link.startsWith('/') ? fail('not-permitted') : link;
	}

	removeDirectoryAt(path: string): void {
		this.#walk(this.mutable, path, false, place => rmdirSync(place.path));
	}

	renameAt(oldPath: string, target: Descriptor, newPath: string): void {
		this.meets(target);
		this.#walk(this.mutable, oldPath, false, from => {
			this.#walk(target.mutable, newPath, false, to => {
				if (from.folder || to.folder) statAt({path: from.path, folder: true});
				renameSync(from.path, to.path);
			});
		});
	}

	symlinkAt(content: string, path: string): void | Promise<void> {
		const folder = this.mutable;
		if (content.startsWith('/')) fail('not-permitted');
		const {remote} = this.mount;
		return this.#named(Buffer.byteLength(content), () =>
			this.#walk(folder, path, false, place => {
				if (place.folder) fail('no-entry');
				if (!remote) return symlinkSync(content, place.path);
				return remote.symlink(content, place.path);
			}),
		);
	}

	unlinkFileAt(path: string): void {
		this.#walk(this.mutable, path, false, place => unlinkSync(asFile(place)));
	}

	metadataHashAt(flags: PathFlags, path: string): {lower: bigint; upper: bigint} {
		return metadataHash(this.#statsAt(flags, path));
	}
}

// What makes a name may have to be granted first, or be done by the kernel half.
const {createDirectoryAt, linkAt: link, openAt, symlinkAt} = Descriptor.prototype;
for (const method of [createDirectoryAt, link, openAt, symlinkAt]) suspending(method);
