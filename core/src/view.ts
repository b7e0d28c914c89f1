import type {Contract, Plugins} from '@forgeone/wasm';
import {contractsOf} from './graph.ts';
import type {Member} from './member.ts';

/** A plugin as the kernel tells of it. */
export function viewOf(name: string, member: Member): Plugins.Plugin {
	const {plugin, source, running, reason} = member.now();
	const ids = (list: readonly Contract[] = []) => list.map(({id}) => id);
	return {
		name,
		implementation: plugin.implementation ?? 'typescript',
		state: running ? 'running' : 'stopped',
		provides: ids(contractsOf(plugin.provides)),
		uses: ids(contractsOf(plugin.uses)),
		taps: ids(plugin.taps),
		opens: ids(plugin.opens),
		...(source === undefined ? {} : {source}),
		...(reason === undefined ? {} : {reason}),
		...(plugin.artefact === undefined ? {} : {artefact: plugin.artefact}),
	};
}
