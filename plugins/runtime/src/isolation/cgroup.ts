import {existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

/** Bounds that the system itself keeps for one process. */
export interface Group {
	/** Puts a process into it, and what that starts. */
	join(pid: number): void;
	/** Bounds the memory of what is in it, in bytes. */
	bound(memory: number): void;
	/** Removes it; nothing may be in it any more. */
	remove(): void;
}

const root = '/sys/fs/cgroup';

/** Threads that a Node process has, and room for more. */
const THREADS = 64;

/** The bound on memory of what has no other, in bytes. */
const MOST = 2 ** 40;

/** How long the system may take to bury what was in a group, in milliseconds. */
const BURIAL = 200;

/** One folder of a hierarchy, with what is to be written there. */
interface Bound {
	readonly folder: string;
	readonly file: string;
}

/** Where this process may make groups: below its own, of each controller (cgroups v1), or of them all (v2). */
function bounds(name: string): [memory: Bound, threads: Bound] {
	const lines = readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n');
	const paths = new Map(
		lines.flatMap(line => {
			const [, controllers = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
			return controllers.split(',').map(controller => [controller, path] as const);
		}),
	);
	const one = (controller: string, file: string): Bound => {
		const path = paths.get(controller);
		const folder = path === undefined ? join(root, paths.get('') ?? '') : join(root, controller, path);
		return {folder: join(folder, name), file};
	};
	const first = paths.has('memory');
	return [one('memory', first ? 'memory.limit_in_bytes' : 'memory.max'), one('pids', 'pids.max')];
}

/** Makes a group that bounds threads, and memory once that is said; undefined where this process may make none. */
export function createGroup(name: string): Group | undefined {
	let made: Bound[] = [];
	const remove = () => {
		for (const folder of new Set(made.map(bound => bound.folder))) if (existsSync(folder)) rmdirSync(folder);
	};
	try {
		const [memory, threads] = bounds(name);
		made = [memory, threads];
		for (const {folder} of made) mkdirSync(folder, {recursive: true});
		write(threads, THREADS);
		// Whether that can be bounded, too.
		write(memory, MOST);
	} catch {
		attempt(remove);
		return undefined;
	}
	return {
		bound: memory => attempt(() => write(made[0] as Bound, memory)),
		join(pid) {
			for (const {folder} of made) attempt(() => writeFileSync(join(folder, 'cgroup.procs'), String(pid)));
		},
		remove() {
			attempt(remove);
			setTimeout(attempt, BURIAL, remove).unref();
		},
	};
}

function write({folder, file}: Bound, limit: number): void {
	writeFileSync(join(folder, file), String(limit), {flag: 'r+'});
}

/** A process that is gone can not be bound, and a group that can not be removed bounds nobody. */
function attempt(work: () => void): void {
	try {
		work();
	} catch {}
}

/** Whether groups can be made here. */
export function bounding(): boolean {
	const group = createGroup(`forge-${process.pid}`);
	group?.remove();
	return group !== undefined;
}
