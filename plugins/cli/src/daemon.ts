import {spawn} from 'node:child_process';
import {openSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {ForgeError, type Kernel} from '@forgeone/core';
import type {Engine} from '@forgeone/sdk/client';
import {type Loaded, lockState, makeStateFolder, socketPath, stateFolder} from '@forgeone/sdk/config';
import {pino} from 'pino';
import {daemon} from './engine.ts';
import {errors} from './errors.ts';
import {bootKernel} from './kernel.ts';
import {renewImports} from './modules.ts';

/** What a daemon that was started tells the one who started it. */
export type Report = {readonly ready: true} | {readonly error: Pick<ForgeError, 'code' | 'kind' | 'message' | 'remedy'>};

/** Where the daemon writes what happens. */
export const logFile = (): string => join(stateFolder(process.env), 'daemon.log');

/** Makes this process the daemon of its state folder: the lock, all plugins, the API. Throws FORGE_STATE_LOCKED. */
export async function becomeDaemon(loaded: Loaded): Promise<Kernel> {
	const folder = stateFolder(process.env);
	await makeStateFolder(folder);
	const lock = await lockState(folder);
	const level = loaded.config.mode === 'development' ? 'debug' : 'info';
	const log = pino({level}, pino.destination({dest: logFile(), sync: true}));
	renewImports();
	try {
		const api = {use: '@forgeone/plugin-api', config: {socket: socketPath(process.env)}};
		const kernel = await bootKernel(loaded, {api}, log);
		const stop = kernel.stop;
		return {...kernel, stop: () => stop().finally(() => lock.release())};
	} catch (error) {
		log.error({err: error}, 'could not start');
		await lock.release();
		throw error;
	}
}

/** Starts a daemon of its own, which outlives this process, and waits until it answers. Throws what it could not start for. */
async function startDaemon(config: string | undefined): Promise<number> {
	await makeStateFolder(stateFolder(process.env));
	const log = openSync(logFile(), 'a', 0o600);
	const file = config === undefined ? [] : ['--file', config];
	const forge = fileURLToPath(new URL('../bin/forge.js', import.meta.url));
	const child = spawn(process.execPath, [forge, 'daemon', ...file], {detached: true, stdio: ['ignore', log, log, 'ipc']});
	const {promise, resolve, reject} = Promise.withResolvers<Report>();
	child.once('message', report => resolve(report as Report));
	child.once('error', reject);
	child.once('exit', code => reject(errors.FORGE_DAEMON_FAILED({reason: `it ended with ${code}`, log: logFile()})));
	const report = await promise;
	child.unref();
	child.disconnect();
	if ('ready' in report) return child.pid ?? 0;
	const {code, kind, message, remedy} = report.error;
	throw new ForgeError(code, kind, message, remedy);
}

/** The engine of the daemon; where none runs, one is started, which is told on standard error. */
export async function ensureDaemon(config?: string): Promise<Engine> {
	const running = await daemon();
	if (running) return running.engine;
	const pid = await startDaemon(config);
	console.error(`forge: started a daemon (pid ${pid})`);
	const started = await daemon();
	if (!started) throw errors.FORGE_DAEMON_NONE();
	begun.set(started.engine, pid);
	return started.engine;
}

/** Does something with the daemon's engine. Where none ran and this fails, none is left, but for one that runs something by then. */
export async function withDaemon(work: (engine: Engine) => Promise<void>): Promise<void> {
	const engine = await ensureDaemon();
	try {
		await work(engine);
	} catch (error) {
		const all = await engine.containers.list().catch(() => []);
		if (!all.some(({state}) => state === 'running')) undoDaemon(engine);
		throw error;
	} finally {
		await engine.close();
	}
}

const begun = new WeakMap<Engine, number>();

/** Ends the daemon behind an engine if it was started for this command, which has failed: nothing is left half done. */
export function undoDaemon(engine: Engine): void {
	const pid = begun.get(engine);
	if (pid === undefined) return;
	process.kill(pid, 'SIGTERM');
	console.error(`forge: ended the daemon (pid ${pid}) again`);
}
