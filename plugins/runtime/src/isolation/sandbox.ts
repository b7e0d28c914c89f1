import {execFile} from 'node:child_process';
import {existsSync, realpathSync} from 'node:fs';
import {dirname, join} from 'node:path';
import type {Readable} from 'node:stream';
import {promisify} from 'node:util';
import type {Cell, Isolation, Outfit} from '../isolation.ts';
import {createCell} from './cell.ts';
import {bounding, createGroup} from './cgroup.ts';
import {createPool} from './pool.ts';
import {nodeArguments, processVessel, program, spawnCell} from './process.ts';

/** The descriptor at which bubblewrap tells what it has started. */
const INFO = 5;

/** What a Node process has before it runs anything, in bytes. */
const NODE = 96 * 2 ** 20;

/** A cell whose memory and threads the system bounds, where it lets us. */
interface Sandbox extends Cell {
	bound(memory: number): void;
}

/** What a Node process needs of the system. */
const system = ['/usr', '/lib', '/lib64', '/etc/ld.so.cache'];

/** The folder that holds all packages which a file may import: the outermost one that has a `node_modules`. */
function packagesOf(file: string): string {
	let found = dirname(file);
	for (let at = found; at !== dirname(at); at = dirname(at)) if (existsSync(join(at, 'node_modules'))) found = at;
	return found;
}

/** Namespaces of its own for users, processes, network and the rest; of the files, nothing but Node, the packages, and `folders`. */
function bubblewrap({folders}: Pick<Outfit, 'folders'>): string[] {
	const shown = [...system, dirname(realpathSync(process.execPath)), packagesOf(realpathSync(program))];
	return [
		...['--unshare-all', '--unshare-user', '--disable-userns', '--die-with-parent', '--new-session', '--as-pid-1', '--cap-drop', 'ALL'],
		...shown.flatMap(folder => ['--ro-bind-try', folder, folder]),
		...['--proc', '/proc', '--dev', '/dev', '--dir', '/empty', '--chdir', '/empty'],
		...folders.flatMap(({path, readOnly}) => [readOnly ? '--ro-bind' : '--bind', path, path]),
		...['--info-fd', String(INFO), '--'],
	];
}

function createSandbox(outfit: Pick<Outfit, 'folders'>, cwd: string): Sandbox {
	const child = spawnCell('bwrap', [...bubblewrap(outfit), process.execPath, ...nodeArguments()], cwd, INFO);
	// There are as many pipes as were asked for, which the types do not say.
	const told = (child.stdio as readonly unknown[])[INFO] as Readable;
	const pid = new Promise<number | undefined>(resolve => {
		let text = '';
		told.setEncoding('utf8').on('data', (piece: string) => {
			text += piece;
			const [, digits] = /"child-pid":\s*(\d+)/.exec(text) ?? [];
			if (digits !== undefined) resolve(Number(digits));
		});
		told.on('close', () => resolve(undefined));
	});
	const vessel = processVessel(child, pid);

	const group = createGroup(`forge-${child.pid}`);
	void pid.then(found => found !== undefined && group?.join(found));
	void vessel.gone.then(() => group?.remove());
	return {...createCell(vessel), bound: memory => group?.bound(NODE + memory)};
}

/** Why there are no sandboxes here; undefined where there are. */
async function lack(): Promise<string | undefined> {
	try {
		await promisify(execFile)('bwrap', [...bubblewrap({folders: []}).slice(0, -3), '--', process.execPath, '--version'], {env: {}});
		return undefined;
	} catch (error) {
		const {code, stderr} = error as {code?: unknown; stderr?: string};
		if (code === 'ENOENT') return 'bubblewrap is not installed';
		return `bubblewrap can not make namespaces: ${stderr?.trim().split('\n').at(-1) ?? code}`;
	}
}

/** Cells that are processes in namespaces of their own, made by bubblewrap. Those that need folders are made when they are needed. */
export function createSandboxes(state: string): Isolation {
	let known: Promise<string | undefined> | undefined;
	const make = (outfit: Pick<Outfit, 'folders'>) => createSandbox(outfit, state);
	const pool = createPool(() => make({folders: []}));
	return {
		name: 'sandbox',
		lack() {
			known ??= lack();
			return known;
		},
		remark: () =>
			bounding() ? 'memory and threads are bounded by cgroups' : 'without cgroups, which can not be written here: memory is watched',
		take(outfit, modules) {
			const cell = outfit.folders.length > 0 ? make(outfit) : pool.take(modules);
			cell.bound(outfit.memory);
			return cell;
		},
		close: () => pool.close(),
	};
}
