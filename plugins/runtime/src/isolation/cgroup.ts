import {existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

/** Bounds that the system itself keeps for one process. */
export interface Group {
	/** Puts a process into it, and what that starts. */
	join(pid: number): void;
	/** Removes it; nothing may be in it any more. */
	remove(): void;
}

const root = '/sys/fs/cgroup';

/** Threads that a Node process has, and room for more. */
const THREADS = 64;

/** How long the system may take to bury what was in a group, in milliseconds. */
const BURIAL = 200;

/** One folder of a hierarchy, with what is to be written there. */
interface Bound {
	readonly folder: string;
	readonly file: string;
	readonly limit: number;
}

/** Where this process may make groups: below its own, of each controller (cgroups v1), or of them all (v2). */
function bounds(name: string, memory: number): Bound[] {
	const lines = readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n');
	const paths = new Map(
		lines.flatMap(line => {
			const [, controllers = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
			return controllers.split(',').map(controller => [controller, path] as const);
		}),
	);
	const one = (controller: string, file: string, limit: number): Bound => {
		const path = paths.get(controller);
		const folder = path === undefined ? join(root, paths.get('') ?? '') : join(root, controller, path);
		return {folder: join(folder, name), file, limit};
	};
	const first = paths.has('memory');
	return [one('memory', first ? 'memory.limit_in_bytes' : 'memory.max', memory), one('pids', 'pids.max', THREADS)];
}

/** Makes a group that bounds memory, in bytes, and threads; undefined where this process may make none. */
export function createGroup(name: string, memory: number): Group | undefined {
	let made: Bound[] = [];
	const remove = () => {
		for (const folder of new Set(made.map(bound => bound.folder))) if (existsSync(folder)) rmdirSync(folder);
	};
	try {
		made = bounds(name, memory);
		for (const {folder, file, limit} of made) {
			mkdirSync(folder, {recursive: true});
			writeFileSync(join(folder, file), String(limit), {flag: 'r+'});
		}
	} catch {
		attempt(remove);
		return undefined;
	}
	return {
		join(pid) {
			for (const {folder} of made) attempt(() => writeFileSync(join(folder, 'cgroup.procs'), String(pid)));
		},
		remove() {
			attempt(remove);
			setTimeout(attempt, BURIAL, remove).unref();
		},
	};
}

/** A process that is gone can not be bound, and a group that can not be removed bounds nobody. */
function attempt(work: () => void): void {
	try {
		work();
	} catch {}
}

/** Whether groups can be made here. */
export function bounding(): boolean {
	const group = createGroup(`forge-${process.pid}`, 2 ** 30);
	group?.remove();
	return group !== undefined;
}
