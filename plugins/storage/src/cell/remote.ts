import {readlinkSync, statSync} from 'node:fs';
import type {Ask} from './asking.ts';
import {type ErrorCode, fail} from './code.ts';
import {held} from './walk.ts';

/** What Node does not do for a process whose permissions are bounded: the kernel half does it in its place, in the same mount. */
export interface Remote {
	/** Writes what a file or folder holds to the disk. */
	sync(fd: number): Promise<void>;
	/** Makes a symbolic link at a name in a folder that is held open. */
	symlink(content: string, path: string): Promise<void>;
}

/** Whether this process is one of those. */
export const bounded = (): boolean => process.permission !== undefined && !process.permission.has('fs');

/** Asks for it by the path that a file has now, from the root of its mount, and by what the file is: whatever is found there instead is left alone. */
export function remote(ask: Ask, target: string, root: number): Remote {
	async function at(op: string, path: string, more: object): Promise<void> {
		const [top, now] = [readlinkSync(held(root)), readlinkSync(path)];
		const {dev, ino, nlink} = statSync(path, {bigint: true});
		// Nobody finds what has no name any more, and nobody needs it on disk.
		if (nlink === 0n && op === 'file.sync') return;
		const head = {op, target, path: `./${now.slice(top.length)}`, dev: String(dev), ino: String(ino), ...more};
		const reply = await ask(head).catch(() => fail('io'));
		if (reply.head?.error) fail(reply.head.error as ErrorCode);
	}
	return {
		sync: fd => at('file.sync', held(fd), {}),
		symlink(content, path) {
			const cut = path.lastIndexOf('/');
			return at('file.symlink', path.slice(0, cut), {name: path.slice(cut + 1), content});
		},
	};
}
