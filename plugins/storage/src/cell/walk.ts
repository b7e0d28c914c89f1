import {closeSync, constants, openSync, readlinkSync} from 'node:fs';
import {attempt, codeOf, fail} from './code.ts';

const {O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY} = constants;

const LONGEST_PATH = 4096;
const MOST_LINKS = 40;

/** Where a path leads: a name in a folder that is held open. Nothing here is a symbolic link but, perhaps, the name itself. */
export interface Place {
	/** For calls that do not follow a symbolic link at its end. */
	readonly path: string;
	/** The path was written as that of a folder: it ended in a slash. */
	readonly folder: boolean;
}

/** The system's name for a descriptor that this process holds. */
export const held = (fd: number): string => `/proc/self/fd/${fd}`;

/** What a symbolic link says; undefined for what is none. */
export function linkAt(path: string): string | undefined {
	let bytes: Buffer;
	try {
		bytes = readlinkSync(path, {encoding: 'buffer'});
	} catch (error) {
		if (['invalid', 'no-entry', 'not-directory'].includes(codeOf(error) ?? '')) return undefined;
		throw codeOf(error) ?? error;
	}
	return textOf(bytes);
}

/** A name that the system gave, as a guest can take it. */
export function textOf(bytes: Uint8Array): string {
	try {
		return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes);
	} catch {
		return fail('illegal-byte-sequence');
	}
}

/** The folder `path`, or undefined where a symbolic link is in its place. */
function openFolder(path: string): number | undefined {
	try {
		return openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK);
	} catch (error) {
		const code = codeOf(error);
		if (code === 'loop' || code === 'not-directory') return undefined;
		throw code ?? error;
	}
}

/**
 * Goes from the folder `root` along `path`, one name at a time, and calls `then` at its end, with every folder on the way held open. Symbolic
 * links are followed here, never by the system, at the end of the path only where `follow` says so. No name, no link and nobody who changes
 * the folders meanwhile leads above `root`: what tries throws `not-permitted`.
 */
export function walk<T>(root: number, path: string, follow: boolean, then: (place: Place) => T): T {
	if (path === '') fail('no-entry');
	if (path.length > LONGEST_PATH) fail('name-too-long');
	if (path.includes('\0')) fail('invalid');
	const opened: number[] = [];
	try {
		return attempt(() => then(reach(root, path, follow, opened)));
	} finally {
		for (const fd of opened) closeSync(fd);
	}
}

function reach(root: number, path: string, follow: boolean, opened: number[]): Place {
	const here = (name: string) => `${held(opened.at(-1) ?? root)}/${name}`;
	const stays = (name: string) => name === '' || name === '.';
	let links = 0;
	let ahead: string[] = [];
	const take = (text: string) => {
		if (text.startsWith('/')) fail('not-permitted');
		ahead = text.split('/').concat(ahead);
		if (ahead.length > LONGEST_PATH) fail('name-too-long');
	};
	take(path);

	for (let name = ahead.shift(); name !== undefined; name = ahead.shift()) {
		if (stays(name)) continue;
		if (name === '..') {
			closeSync(opened.pop() ?? fail('not-permitted'));
			continue;
		}
		const last = ahead.every(stays);
		const fd = last ? undefined : openFolder(here(name));
		if (fd !== undefined) {
			opened.push(fd);
			continue;
		}
		const link = last && !follow ? undefined : linkAt(here(name));
		if (link === undefined) return last ? {path: here(name), folder: ahead.length > 0} : fail('not-directory');
		if (++links > MOST_LINKS) fail('loop');
		take(link);
	}
	return {path: here('.'), folder: true};
}
