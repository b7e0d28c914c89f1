import {accessSync, constants, existsSync} from 'node:fs';
import {dirname} from 'node:path';
import {socketPath, stateFolder} from '@forgeone/sdk/config';
import {ForgeCommand, json} from '../command.ts';
import {daemon, withEngine} from '../engine.ts';
import {version} from '../program.ts';
import {printJson, table} from '../text.ts';

/** Whether something is there; where it is not, what is missing; else what there is to say of it. */
interface Finding {
	readonly available: boolean;
	readonly reason?: string | undefined;
}

/** What may stand between a container and this machine, as an engine says. */
async function isolations(): Promise<Readonly<Record<string, Finding>>> {
	const all = await withEngine(({containers}) => containers.isolations());
	return Object.fromEntries(all.map(({isolation, lack, remark}) => [isolation, {available: lack === undefined, reason: lack ?? remark}]));
}

/** Whether the folder, or the nearest above it that there is, can be written. */
function writable(folder: string): Finding {
	if (!existsSync(folder) && folder !== dirname(folder)) return writable(dirname(folder));
	try {
		accessSync(folder, constants.W_OK | constants.X_OK);
		return {available: true};
	} catch (error) {
		return {available: false, reason: (error as Error).message};
	}
}

async function examine() {
	const folder = stateFolder(process.env);
	const {available, reason} = writable(folder);
	const running = await daemon();
	await running?.engine.close();
	return {
		versions: {forge: version, node: process.versions.node, v8: process.versions.v8},
		// No engine can be made where its state can not be.
		isolation: available ? await isolations() : {},
		state: {folder, writable: available, ...(reason === undefined ? {} : {reason})},
		daemon: {socket: socketPath(process.env), running: running !== undefined, ...running?.info},
	};
}

export default class Doctor extends ForgeCommand {
	static override summary = 'Say what this machine has, and whether it is well';
	static override examples = ['<%= config.bin %> doctor', '<%= config.bin %> doctor --json'];
	static override flags = {json};

	override async run(): Promise<void> {
		const {flags} = await this.parse(Doctor);
		const found = await examine();
		if (!found.state.writable) process.exitCode = 1;
		if (flags.json) return printJson(found);
		const {versions, isolation, state, daemon} = found;
		const rows = [
			...Object.entries(versions).map(([name, text]) => [name, text]),
			...Object.entries(isolation).map(([name, {available, reason}]) => [
				`isolation ${name}`,
				[available ? 'yes' : 'no', ...(reason === undefined ? [] : [reason])].join(': '),
			]),
			['state folder', state.writable ? state.folder : `${state.folder} can not be written: ${state.reason}`],
			['daemon', daemon.running ? `pid ${daemon.pid} at ${daemon.socket}` : 'does not run'],
		];
		this.log(table(['WHAT', 'FOUND'], rows));
	}
}
