import type {Containers, Listeners} from '@forgeone/wasm';
import * as Flags from '@oclif/core/flags';
import {ForgeCommand, json} from '../command.ts';
import {withEngine} from '../engine.ts';
import {ago, printJson, table} from '../text.ts';

/** How much is shown of the reason for an end, in characters; forge inspect has all. */
const WIDEST = 40;

function stateOf({state, exitCode, reason}: Containers.Container): string {
	if (state !== 'exited') return state;
	return `exited (${exitCode ?? 125})${reason === undefined ? '' : `: ${reason.length > WIDEST ? `${reason.slice(0, WIDEST - 1)}…` : reason}`}`;
}

function row(container: Containers.Container, listeners: readonly Listeners.Listener[]): string[] {
	const own = listeners.filter(one => one.container === container.id);
	const ports = own.map(({address, port, protocol}) => `${address}:${port}${protocol === 'udp' ? '/udp' : ''}`);
	const image = container.spec.image.split('/').at(-1) ?? '';
	return [container.id, container.name, image, stateOf(container), ago(container.created), ports.join(', ')];
}

export default class Ps extends ForgeCommand {
	static override summary = 'List containers';
	static override examples = ['<%= config.bin %> ps', '<%= config.bin %> ps --all --json', '<%= config.bin %> ps --all --quiet'];
	static override flags = {
		all: Flags.boolean({char: 'a', description: 'Also those that have ended'}),
		json,
		quiet: Flags.boolean({char: 'q', exclusive: ['json'], description: 'Print their ids, and nothing else'}),
	};

	override async run(): Promise<void> {
		const {flags} = await this.parse(Ps);
		await withEngine(async ({containers, listeners}) => {
			const all = await containers.list();
			const shown = all.filter(({state}) => flags.all || state === 'running' || state === 'restarting');
			if (flags.json) return printJson(shown);
			if (flags.quiet) {
				for (const {id} of shown) this.log(id);
				return;
			}
			const ports = await listeners.list();
			this.log(
				table(
					['ID', 'NAME', 'IMAGE', 'STATE', 'CREATED', 'PORTS'],
					shown.map(one => row(one, ports)),
				),
			);
		});
	}
}
