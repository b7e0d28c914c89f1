import {type ChildProcessWithoutNullStreams, spawn} from 'node:child_process';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {text} from 'node:stream/consumers';
import type {ExecutionContext} from 'ava';

const bin = join(import.meta.dirname, '../../plugins/cli/bin/forge.js');

/** What forge keeps of its own code, compiled: the same for all tests. */
const XDG_CACHE_HOME = join(import.meta.dirname, '../../node_modules/.cache');

/** What a command that has ended left. */
export interface Outcome {
	readonly code: number | null;
	readonly out: string;
	readonly err: string;
}

/** `forge` in a home and a folder of its own; a daemon that was started there ends with the test. */
export interface Forge {
	/** The folder in which the commands are called. */
	readonly folder: string;
	readonly home: string;
	/** The environment of its commands. */
	readonly env: Readonly<Record<string, string | undefined>>;
	(args: readonly string[], options?: {readonly input?: string; readonly env?: Readonly<Record<string, string>>}): Promise<Outcome>;
	/** The same, while it runs. */
	spawn(args: readonly string[], env?: Readonly<Record<string, string>>): ChildProcessWithoutNullStreams;
}

/** What a process writes until it ends, and how it ends. */
export async function outcome(child: ChildProcessWithoutNullStreams): Promise<Outcome> {
	const ended = new Promise<number | null>(resolve => child.once('close', resolve));
	const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
	return {code, out, err};
}

/** Makes a `forge` for one test. */
export async function forgeOf(t: ExecutionContext): Promise<Forge> {
	const folder = await mkdtemp(join(tmpdir(), 'forge-cli-'));
	const home = join(folder, 'home');
	const base = {PATH: process.env.PATH, HOME: home, FORGE_HOME: home, XDG_CACHE_HOME};
	const start: Forge['spawn'] = (args, env = {}) => spawn(process.execPath, [bin, ...args], {cwd: folder, env: {...base, ...env}});
	const call = async (args: readonly string[], {input = '', env = {}}: {input?: string; env?: Readonly<Record<string, string>>} = {}) => {
		const child = start(args, env);
		child.stdin.on('error', () => undefined).end(input);
		return outcome(child);
	};
	const forge = Object.assign(call, {folder, home, env: base, spawn: start});
	t.teardown(async () => {
		// From a folder without a configuration: that of the test may be one that can not be read.
		const {code, err} = await outcome(spawn(process.execPath, [bin, 'down', '--time', '100ms'], {cwd: tmpdir(), env: base}));
		if (code !== 0) throw new Error(`a daemon may be left: ${err}`);
		await rm(folder, {recursive: true, force: true});
	});
	return forge;
}

/** Asks until the answer is true. */
export async function until(ask: () => boolean | Promise<boolean>): Promise<void> {
	while (!(await ask())) await new Promise(resolve => setTimeout(resolve, 20));
}
