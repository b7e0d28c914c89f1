import {contract} from '@forgeone/core';
import type {Plugins} from '@forgeone/wasm';
import {plain, shortContract} from './text.ts';

/** A contract that is provided, with those who use it, or a hook that is open, with those who tap it. */
interface Branch {
	readonly label: string;
	readonly arrow: string;
	readonly others: readonly string[];
}

/** Where nothing says how wide a terminal is. */
const USUAL = 100;

const keyOf = (id: string): string => contract(id, []).key;

/** The plugins of which `ids` has the contract or the hook, in any version that fits. */
function having(plugins: readonly Plugins.Plugin[], id: string, ids: (plugin: Plugins.Plugin) => readonly string[]): string[] {
	return plugins.filter(plugin => ids(plugin).some(other => keyOf(other) === keyOf(id))).map(({name}) => name);
}

function branchesOf({provides, opens}: Plugins.Plugin, plugins: readonly Plugins.Plugin[]): Branch[] {
	return [
		...provides.map(id => ({label: shortContract(id), arrow: '──>', others: having(plugins, id, ({uses}) => uses)})),
		...opens.map(id => ({label: shortContract(id), arrow: '<──', others: having(plugins, id, ({taps}) => taps)})),
	];
}

/** Words on as many lines as they need. */
function wrapped(words: readonly string[], width: number): string[] {
	const lines = [''];
	for (const [index, word] of words.entries()) {
		const text = index < words.length - 1 ? `${word},` : word;
		const line = lines.at(-1) ?? '';
		if (line !== '' && line.length + 1 + text.length > width) lines.push(text);
		else lines[lines.length - 1] = line === '' ? text : `${line} ${text}`;
	}
	return lines;
}

/**
 * The graph, drawn: each plugin in the order of the start, with a line for each contract that it provides, `──>` those who use it, and for each
 * hook that it opens, `<──` those who tap it.
 */
export function graphText(plugins: readonly Plugins.Plugin[], columns = USUAL): string {
	const shown = plugins.map(plugin => ({
		title: plain(plugin.state === 'running' ? plugin.name : `${plugin.name} (${plugin.state})`),
		branches: branchesOf(plugin, plugins),
	}));
	const left = Math.max(0, ...shown.map(({title}) => title.length));
	const middle = Math.max(0, ...shown.flatMap(({branches}) => branches.map(({label}) => label.length)));
	const room = Math.max(20, columns - left - middle - 9);
	return shown
		.flatMap(({title, branches}) => {
			if (branches.length === 0) return [title];
			return branches.flatMap(({label, arrow, others}, index) => {
				const last = index === branches.length - 1;
				const [first = '', ...more] = wrapped(others, room);
				const head = `${(index === 0 ? title : '').padEnd(left)} ${last ? '└' : '├'}─ ${label.padEnd(middle)}`;
				const below = `${' '.repeat(left)} ${last ? ' ' : '│'}${' '.repeat(middle + 7)}`;
				const drawn = others.length > 0 || arrow === '<──' ? `${head} ${arrow} ${first}` : head;
				return [drawn.trimEnd(), ...more.map(line => below + line)];
			});
		})
		.join('\n');
}
