import type {Containers} from '@forgeone/wasm';
import * as Args from '@oclif/core/args';
import {ForgeCommand, json} from '../command.ts';
import {withEngine} from '../engine.ts';
import {bytes, printJson, table} from '../text.ts';

const row = (name: string, {cpu, memory, read, written, requests, instances, dropped}: Containers.Usage): string[] => [
	name,
	`${(Number(cpu) / 1000).toFixed(2)} s`,
	bytes(memory),
	bytes(read),
	bytes(written),
	String(requests),
	String(instances),
	String(dropped),
];

export default class Stats extends ForgeCommand {
	static override summary = 'Show what running containers use';
	static override description =
		'Processor time, bytes read and written (files and network) and requests count from the start of the container; memory and instances are those of now. ' +
		'Dropped are pieces of its output that did not reach a log sink; forge logs has them. ' +
		'A server that nobody asks anything holds no memory: its cell is made when a request comes.';
	static override examples = ['<%= config.bin %> stats', '<%= config.bin %> stats web --json'];
	static override strict = false;
	static override args = {
		container: Args.string({ignoreStdin: true, description: 'an id, the beginning of one, or a name; all that run where none is given'}),
	};
	static override flags = {json};

	override async run(): Promise<void> {
		const {flags, argv} = await this.parse(Stats);
		await withEngine(async ({containers}) => {
			const named = await Promise.all((argv as string[]).map(id => containers.inspect(id)));
			const shown = named.length > 0 ? named : (await containers.list()).filter(({state}) => state === 'running');
			const all = await Promise.all(shown.map(async ({id, name}) => ({id, name, ...(await containers.stats(id))})));
			if (flags.json) return printJson(all);
			const heading = ['NAME', 'CPU', 'MEMORY', 'READ', 'WRITTEN', 'REQUESTS', 'INSTANCES', 'DROPPED'];
			this.log(
				table(
					heading,
					all.map(one => row(one.name, one)),
				),
			);
		});
	}
}
