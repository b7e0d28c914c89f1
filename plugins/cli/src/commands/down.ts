import {existsSync} from 'node:fs';
import {setTimeout as pause} from 'node:timers/promises';
import type {Engine} from '@forgeone/sdk/client';
import {type Config, loadConfig, socketPath} from '@forgeone/sdk/config';
import * as Flags from '@oclif/core/flags';
import {ForgeCommand} from '../command.ts';
import {logFile} from '../daemon.ts';
import {daemon} from '../engine.ts';
import {errors} from '../errors.ts';
import {describe} from '../failure.ts';
import {durationOf} from '../text.ts';

/** How long the daemon may take to stop, in seconds. */
const PATIENCE = 20;

function alive(pid: number): boolean {
	try {
		return process.kill(pid, 0);
	} catch {
		return false;
	}
}

async function stopContainers({containers}: Engine, names: readonly string[], grace: number): Promise<void> {
	for (const {id, name, state} of await containers.list()) {
		if (!names.includes(name) || state === 'exited' || state === 'created') continue;
		// One that can not be stopped must not keep the daemon from ending, which ends it too.
		const stopped = await containers.stop(id, grace).then(
			() => 'stopped',
			error => `could not be stopped: ${error.message}`,
		);
		console.error(`forge: ${name} ${stopped}`);
	}
}

async function stopDaemon(pid: number): Promise<void> {
	process.kill(pid, 'SIGTERM');
	for (const began = Date.now(); Date.now() - began < PATIENCE * 1000; await pause(20)) {
		if (!alive(pid) || !existsSync(socketPath(process.env))) return console.error(`forge: the daemon (pid ${pid}) stopped`);
	}
	throw errors.FORGE_DAEMON_STUCK({pid, seconds: PATIENCE, log: logFile()});
}

export default class Down extends ForgeCommand {
	static override summary = 'Stop the containers of the configuration, and the daemon';
	static override examples = ['<%= config.bin %> down'];
	static override flags = {
		file: Flags.string({char: 'f', description: 'The configuration; that of this folder where it is not given'}),
		time: Flags.string({char: 't', default: '10s', helpValue: '10s', description: 'How long each container may take'}),
	};

	override async run(): Promise<void> {
		const {flags} = await this.parse(Down);
		const grace = Number(durationOf(flags.time));
		const {config} = await loadConfig(process.cwd(), flags.file).catch(error => {
			if (flags.file !== undefined) throw error;
			// One that was broken since must not keep the daemon from ending, which ends its containers too.
			console.error(describe(error, {json: false, verbose: flags.verbose}));
			return {config: {} as Config};
		});
		const running = await daemon();
		if (!running) return console.error('forge: no daemon runs');
		try {
			await stopContainers(running.engine, Object.keys(config.containers ?? {}), grace);
		} finally {
			await running.engine.close();
		}
		await stopDaemon(running.info.pid);
	}
}
