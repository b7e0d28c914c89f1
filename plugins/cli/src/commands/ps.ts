import type {Containers, Listeners} from '@forgeone/wasm';
import * as Flags from '@oclif/core/flags';
import {ForgeCommand, json} from '../command.ts';
import {withEngine} from '../engine.ts';
import {ago, printJson, table} from '../text.ts';

function stateOf({state, exitCode, reason}: Containers.Container): string {
	if (state !== 'exited') return state;
	return `exited (${exitCode ?? 125})${reason === undefined ? '' : `: ${reason.slice(0, 40)}`}`;
}

function row(container: Containers.Container, listeners: readonly Listeners.Listener[]): string[] {
	const own = listeners.filter(one => one.container === container.id);
	const ports = own.map(({address, port, protocol}) => `${address}:${port}${protocol === 'udp' ? '/udp' : ''}`);
	const image = container.spec.image.split('/').at(-1) ?? '';
	return [container.id, container.name, image, stateOf(container), ago(container.created), ports.join(', ')];
}

export default class Ps extends ForgeCommand {
	static override summary = 'List containers';
	static override examples = ['<%= config.bin %> ps', '<%= config.bin %> ps --all --json'];
	static override flags = {all: Flags.boolean({char: 'a', description: 'Also those that have ended'}), json};

	override async run(): Promise<void> {
		const {flags} = await this.parse(Ps);
		await withEngine(async ({containers, listeners}) => {
			const all = await containers.list();
			const shown = all.filter(({state}) => flags.all || state === 'running' || state === 'restarting');
			if (flags.json) return printJson(shown);
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
