import {type ChildProcess, spawn} from 'node:child_process';
import {existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import type {Socket} from 'node:net';
import {setPriority} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {socketWire} from '../channel/wires.ts';
import type {Cost, Ending, Isolation, Vessel} from '../isolation.ts';
import {createCell} from './cell.ts';
import {createPool} from './pool.ts';

/** What a cell that is a process runs, where nothing else is said. */
export const program = fileURLToPath(new URL('./cell/process.js', import.meta.url));

/** How much a cell yields to the kernel, and to other cells if it computes all the time; and how much sooner it is ended where memory runs out. */
const NICE = 5;
const NICER = 10;
const EXPENDABLE = '500';

/** How much of what a cell says as it breaks is kept, in characters. */
const LAST_WORDS = 4096;

/** How long after its end its last words are waited for, in milliseconds. */
const FAREWELL = 500;

/** Bytes of a page and ticks of a second, as Linux has them on every machine that Node runs on. */
const PAGE = 4096;
const TICKS = 100;

/**
 * What Node is started with for a cell: nothing but files and listeners, which it gives up before the guest is loaded. The folder for
 * descriptors is apart from the others, for it is all that is left then.
 */
export function nodeArguments(run = program): string[] {
	const folders = ['/proc/self/fd/', ...readdirSync('/').flatMap(name => (name === 'proc' ? [] : [`/${name}/`]))];
	return [
		...['--permission', '--allow-net', '--no-warnings', '--no-addons', '--disable-proto=throw', '--max-old-space-size=256'],
		...folders.flatMap(folder => [`--allow-fs-read=${folder}`, `--allow-fs-write=${folder}`]),
		run,
	];
}

/** A program of util-linux that has the kernel of the system end a cell whose daemon was killed, though its guest holds its thread. */
const SETPRIV = '/usr/bin/setpriv';

/** The command line of Node as a cell. */
function commandLine(run: string): [file: string, args: readonly string[]] {
	const node = [process.execPath, ...nodeArguments(run)] as const;
	return existsSync(SETPRIV) ? [SETPRIV, ['--pdeathsig', 'KILL', '--', ...node]] : [node[0], node.slice(1)];
}

/** Starts a process as a cell: no environment, an empty folder, and nothing of this process but a socket, the way for listeners, and more pipes up to `last`. */
export function spawnCell(file: string, args: readonly string[], cwd: string, last = 4): ChildProcess {
	const more = Array.from({length: last - 4}, () => 'pipe' as const);
	return spawn(file, args, {cwd, env: {}, stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'ipc', ...more]});
}

/** Has a process yield to the kernel, and be ended before it where memory runs out. */
function stepBack(pid: number | undefined): void {
	quietly(() => pid !== undefined && setPriority(pid, NICE));
	quietly(() => writeFileSync(`/proc/${pid}/oom_score_adj`, EXPENDABLE));
}

function quietly(work: () => void): void {
	try {
		work();
	} catch {
		// The process is gone already, or the system does not let us: what it is for is a courtesy to others.
	}
}

/** How a process has ended that did not say so itself. */
function endingOf(code: number | null, signal: NodeJS.Signals | null, words: string): Ending {
	const memory = /heap out of memory|Allocation failed/.test(words);
	if (memory) return {code: 137, reason: 'out of memory'};
	if (signal === 'SIGKILL') return {code: 137, reason: 'killed'};
	const last = /^\w*Error.*$/m.exec(words)?.[0] ?? words.trim().split('\n').at(-1);
	return {code: 125, reason: `its cell ended with ${signal ?? `exit code ${code}`}`, ...(last ? {words: last} : {})};
}

/** A cell that is a process; `pid` tells that of Node itself, where another process is around it. */
export function processVessel(child: ChildProcess, pid: Promise<number | undefined> = Promise.resolve(child.pid)): Vessel {
	const socket = child.stdio[3] as Socket;
	const {promise: gone, resolve} = Promise.withResolvers<Ending>();
	let words = '';
	child.stderr?.setEncoding('utf8').on('data', (text: string) => {
		words = (words + text).slice(-LAST_WORDS);
	});
	child.on('error', error => resolve({code: 125, reason: `no process can be started: ${error.message}`}));
	// Node tells no `close` of a child whose way for listeners was shut on this side.
	child.on('exit', (code, signal) => {
		const told = () => resolve(endingOf(code, signal, words));
		if (child.stderr?.closed) return told();
		child.stderr?.once('close', told);
		// Something that it has started may hold it open.
		setTimeout(told, FAREWELL).unref();
	});
	void pid.then(stepBack);
	hold(child, false);

	return {
		wire: socketWire(socket, true),
		shares: false,
		listens: true,
		hand(listeners) {
			hold(child, true);
			for (const listener of listeners) child.send('', listener.server, () => undefined);
		},
		// Node reads from this way without bounds, so it is shut before there is a guest.
		handed: () => child.connected && child.disconnect(),
		gone,
		cost: async () => costOf(await pid),
		yields: to => void pid.then(found => quietly(() => found !== undefined && setPriority(found, to ? NICER : NICE))),
		async kill() {
			hold(child, true);
			child.kill('SIGKILL');
			await gone;
		},
	};
}

/** Whether this process waits for the cell before it ends. */
function hold(child: ChildProcess, held: boolean): void {
	const how = held ? 'ref' : 'unref';
	child[how]();
	(child.stdio[3] as Socket)[how]();
	for (const pipe of [child.stderr, ...child.stdio.slice(5)]) (pipe as Socket)[how]();
	// The way for listeners is shut by the cell, and never keeps anybody.
	child.channel?.unref();
}

/** What the thread that guests hold has run, and waited to run, in milliseconds; undefined where the system does not count it. */
function wantedBy(pid: number | undefined): number | undefined {
	try {
		const [ran, waited] = readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ');
		return (Number(ran) + Number(waited)) / 1e6;
	} catch {
		return undefined;
	}
}

function costOf(pid: number | undefined): Cost {
	try {
		// proc(5): the fields after the name, which may hold spaces; user and system time are the 14th and 15th of all.
		const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [];
		const resident = readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1];
		const cpu = ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS;
		return {cpu, wanted: wantedBy(pid) ?? cpu, memory: Number(resident) * PAGE};
	} catch {
		return {cpu: 0, wanted: 0, memory: 0};
	}
}

/** Cells that are processes of their own, which gave up files and network before their guest was loaded. `run` is the file that they run. */
export function createProcesses(state: string, run = program): Isolation {
	const cwd = join(state, 'empty');
	mkdirSync(cwd, {recursive: true, mode: 0o500});
	const [file, args] = commandLine(run);
	// It is what most containers get: the first is under way while the engine boots.
	const pool = createPool(() => createCell(processVessel(spawnCell(file, args, cwd))), true);
	return {name: 'process', take: (_, modules) => pool.take(modules), close: () => pool.close()};
}
