import {closeSync, constants, fstatSync, fsync, openSync, symlinkSync} from 'node:fs';
import {promisify} from 'node:util';
import type {Attached} from './attached.ts';
import {type Answer, type Head, type Operation, type Operations, textOf} from './calls.ts';
import {codeOf} from './cell/code.ts';
import {held, walk} from './cell/walk.ts';
import {createLane} from './turns.ts';

const {O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY} = constants;

/** The most that a name or a link has. */
const LONGEST = 4096;

/** How many files are written to the disk at a time. */
const SYNCS = 2;

/** Opens what a cell has open, by the path from the root of its mount. It must be that very file or folder: a cell may say what it likes. */
function openSame(root: string, {path, dev, ino}: Head): number {
	const top = openSync(root, O_RDONLY | O_DIRECTORY);
	try {
		const fd = walk(top, textOf(path, LONGEST), false, place => openSync(place.path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
		const found = fstatSync(fd, {bigint: true});
		if (String(found.dev) === dev && String(found.ino) === ino) return fd;
		closeSync(fd);
		throw new Error('something else is there now');
	} finally {
		closeSync(top);
	}
}

/** Does for cells what Node does not let them do, in the mounts that they have. */
export function files(attached: Attached): Operations {
	const of =
		(writes: boolean, work: (fd: number, head: Head) => unknown): Operation =>
		async (container, head): Promise<Answer> => {
			const mount = attached.of(container).mounts.find(({target}) => target === head.target);
			if (!mount || (writes && mount.readOnly)) throw new Error('there is no such mount');
			try {
				const fd = openSame(mount.path, head);
				try {
					await work(fd, head);
				} finally {
					closeSync(fd);
				}
				return {};
			} catch (error) {
				const code = typeof error === 'string' ? error : codeOf(error);
				if (code === undefined) throw error;
				return {head: {error: code}};
			}
		};

	const inTurn = createLane(SYNCS);
	return {
		'file.sync': of(false, fd => inTurn(() => promisify(fsync)(fd))),
		'file.symlink': of(true, (fd, {name, content}) => {
			const [link, text] = [textOf(name, LONGEST), textOf(content, LONGEST)];
			if (link.includes('/') || text.startsWith('/')) throw new Error('a link has a name of its own, and leads nowhere from the root');
			symlinkSync(text, `${held(fd)}/${link}`);
		}),
	};
}
