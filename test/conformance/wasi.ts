import {cp, mkdir, mkdtemp, readdir, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {basename, dirname, join} from 'node:path';
import type {RuntimeTypes} from '@forgeone/wasm';
import {type ContainersClient, engineOf, runToEnd, specOf} from '../support/runtime.ts';
import type {Outcome} from './script.ts';

/** What a test of a suite asks for and expects, as the suite writes it beside the module; all of it may be left out. */
interface Case {
	readonly args?: readonly string[];
	readonly env?: Readonly<Record<string, string>>;
	/** A folder beside the module, which the guest sees as its root. */
	readonly root?: string;
	readonly exit_code?: number;
	readonly stdout?: string;
	readonly stderr?: string;
}

/** A folder of modules with what is expected of each. */
interface Suite {
	readonly folder: string;
	readonly name: string;
	/** Such as `wasm32-wasip1`. */
	readonly version: string;
}

/** The suites of a checkout of WebAssembly/wasi-testsuite, by folder; none in any other folder. */
async function suitesIn(folder: string, files: readonly string[]): Promise<Suite[]> {
	const manifests = files.filter(file => basename(file) === 'manifest.json').sort();
	const read = await Promise.all(
		manifests.map(async file => ({folder: join(folder, dirname(file)), ...JSON.parse(await readFile(join(folder, file), 'utf8'))})),
	);
	return read.filter(({name, version}) => typeof name === 'string' && /^wasm32-wasi/.test(version));
}

async function caseOf(module: string): Promise<Case> {
	const text = await readFile(module.replace(/\.wasm$/, '.json'), 'utf8').catch((error: NodeJS.ErrnoException) => {
		if (error.code === 'ENOENT') return '{}';
		throw error;
	});
	return JSON.parse(text);
}

/** Runs one module as `forge run` would, with a copy of its folder in `scratch` mounted at the root. Gives what is not as expected. */
async function faults(engine: ContainersClient, module: string, scratch: string): Promise<string[]> {
	const {args = [], env = {}, root, ...expected} = await caseOf(module);
	const mounts: RuntimeTypes.Mount[] = [];
	if (root !== undefined) {
		await cp(join(dirname(module), root), scratch, {recursive: true});
		mounts.push({source: scratch, target: '/', readOnly: false});
	}
	const limits = {memory: 256n * 1024n * 1024n, timeout: 30_000n};
	const ended = await runToEnd(engine, specOf(module, {arguments: [...args], environment: Object.entries(env), mounts, limits}));
	const wrong = (what: string, found: unknown, wanted: unknown) => `${what} is ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`;
	// As the suite's own runner has it: output is compared where it is written down.
	const {exit_code = 0, stdout, stderr} = expected;
	const all: string[] = [];
	if (ended.exitCode !== exit_code) all.push(wrong('exit code', ended.exitCode, exit_code), ended.reason ?? '', ended.stderr.trim());
	if (stdout !== undefined && ended.stdout !== stdout) all.push(wrong('stdout', ended.stdout, stdout));
	if (stderr !== undefined && ended.stderr !== stderr) all.push(wrong('stderr', ended.stderr, stderr));
	return all;
}

/** Runs a suite; what is not WASI preview1 is skipped. `scratch` is a folder that need not be there. */
async function runSuite({folder, version}: Suite, engine: ContainersClient, scratch: string): Promise<Outcome[]> {
	const modules = (await readdir(folder)).filter(file => file.endsWith('.wasm')).sort();
	if (version !== 'wasm32-wasip1') return modules.map(what => ({what, verdict: 'skipped', reason: `${version} is not hosted`}));
	const outcomes: Outcome[] = [];
	for (const what of modules) {
		await mkdir(scratch, {recursive: true});
		const found = await faults(engine, join(folder, what), scratch);
		await rm(scratch, {recursive: true});
		outcomes.push({what, verdict: found.length > 0 ? 'failed' : 'passed', reason: found.join('; ')});
	}
	return outcomes;
}

/** Runs all the suites below a folder whose `files` these are, and reports on each. Gives how many there were. */
export async function runSuites(
	folder: string,
	files: readonly string[],
	report: (suite: string, outcomes: readonly Outcome[]) => void,
): Promise<number> {
	const suites = await suitesIn(folder, files);
	if (suites.length === 0) return 0;
	const state = await mkdtemp(join(tmpdir(), 'forge-'));
	const undo: (() => unknown)[] = [() => rm(state, {recursive: true, force: true})];
	try {
		const {containers} = await engineOf({teardown: work => undo.push(work)}, state);
		for (const suite of suites) report(suite.name, await runSuite(suite, containers, join(state, 'root')));
	} finally {
		for (const work of undo.reverse()) await work();
	}
	return suites.length;
}
