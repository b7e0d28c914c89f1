import {lstat, mkdir, rm} from 'node:fs/promises';
import {connect, type Server} from 'node:net';
import {dirname} from 'node:path';
import {isMainThread} from 'node:worker_threads';
import {errors} from './errors.ts';

/** The longest path that a unix socket can have, in bytes. */
const LONGEST = 107;

const refuse = (socket: string, reason: string) => errors.FORGE_API_SOCKET({socket, reason});

/** Makes the folder of the socket for its owner alone, who is the one that may speak to it. */
async function guardFolder(socket: string): Promise<void> {
	const folder = dirname(socket);
	await mkdir(folder, {recursive: true, mode: 0o700});
	const found = await lstat(folder);
	const {uid, mode} = found;
	if (!found.isDirectory()) throw refuse(socket, 'its folder is a link or a file');
	if (uid !== process.getuid?.()) throw refuse(socket, 'its folder belongs to somebody else');
	if ((mode & 0o077) !== 0) throw refuse(socket, 'its folder is open to others');
}

function answers(socket: string): Promise<boolean> {
	const {promise, resolve} = Promise.withResolvers<boolean>();
	const probe = connect(socket);
	probe.once('connect', () => resolve(true));
	probe.once('error', () => resolve(false));
	return promise.finally(() => probe.destroy());
}

/** Removes a socket on which nobody answers any more, and nothing else. */
async function clear(socket: string): Promise<void> {
	const there = await lstat(socket).catch(() => undefined);
	if (!there) return;
	if (!there.isSocket()) throw refuse(socket, 'something that is no socket is there');
	if (await answers(socket)) throw refuse(socket, 'another daemon listens there');
	await rm(socket);
}

/**
 * Binds a server to a unix socket that only its owner can open, in a folder of this process's user that nobody else can enter.
 * Throws FORGE_API_SOCKET for whatever is there and is not ours.
 */
export async function listen(server: Server, socket: string): Promise<void> {
	if (Buffer.byteLength(socket) > LONGEST) throw refuse(socket, `its path is longer than ${LONGEST} bytes`);
	await guardFolder(socket);
	await clear(socket);
	const {promise, resolve, reject} = Promise.withResolvers<void>();
	server.once('error', reject);
	// The file is made inside of `listen`, so nobody can open it before its mode is right. A worker has no umask of its own; the folder guards it.
	const before = isMainThread ? process.umask(0o177) : undefined;
	server.listen(socket, resolve);
	if (before !== undefined) process.umask(before);
	await promise.catch(error => {
		throw refuse(socket, error.message);
	});
}
