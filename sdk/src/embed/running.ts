import {type Contract, createKernel, deadline, type Kernel, type Log} from '@forgeone/core';
import {unversioned} from '@forgeone/wasm';
import {parseDuration, parseSize} from '../config/units.ts';
import {errors} from '../errors.ts';
import {GATE, gateOf, type Offer} from './offer.ts';
import {type Content, contentOf, type Host, type Source} from './source.ts';
import {wasiOf} from './wasi.ts';

/** What a plugin may have; what is left out is the usual. */
export interface PluginLimits {
	/** Of a component, all its memories together: `16MiB`, or bytes; 64 MiB where it says nothing. */
	readonly memory?: number | string;
	/** Of a component, instructions, about, that a call may spend; where it says nothing, a million for each millisecond of `time`. */
	readonly fuel?: number;
	/** How long an answer may take: `50ms`, or milliseconds; a second where it says nothing. */
	readonly time?: number | string;
}

/** What one plugin is given. */
export interface Given {
	readonly limits: PluginLimits;
	readonly offers: readonly Offer[];
	readonly config: unknown;
	readonly trusted: boolean;
	readonly log: Log | undefined;
	readonly state: string | undefined;
}

/** A plugin in a kernel of its own: nothing that it does reaches another one. */
export interface Running {
	/** Whether it runs; and why not, or why its last swap was undone. */
	status(): {readonly running: boolean; readonly reason?: string};
	/** The contracts that it provides. */
	provides(): readonly Contract[];
	/** Calls a function of a contract. Throws FORGE_EMBED_CONTRACT, FORGE_PLUGIN_*, FORGE_TIMEOUT. */
	call(contract: Contract, fn: string, args: readonly unknown[]): Promise<unknown>;
	/** Puts what is in another file in its place. Where that fails, it stays. */
	replace(source: Source): Promise<void>;
	stop(): Promise<void>;
}

type Functions = Readonly<Record<string, (...args: readonly unknown[]) => Promise<unknown>>>;

/** Starts a plugin. Throws what is wrong with it; then nothing of it is left. */
export async function startPlugin(source: Source, given: Given): Promise<Running> {
	const {name} = source;
	const {offers, config, trusted, log, state, limits} = given;
	const time = Number(parseDuration(limits.time ?? '1s'));
	const fuel = limits.fuel ?? time * 1_000_000;
	const most = {fuel, ...(limits.memory === undefined ? {} : {memoryBytes: Number(parseSize(limits.memory))})};
	const offered = offers.map(({contract}) => contract.name);
	const host: Host = imports =>
		wasiOf(
			name,
			imports.filter(one => !offered.includes(unversioned(one.name))),
			log,
			time,
		);
	const read = (file: Source) => contentOf(file, trusted, most, host);
	const entryOf = ({use}: Content) => ({use, config});

	let content: Content = await read(source);
	const kernel: Kernel = createKernel({...(log && {log}), ...(state !== undefined && {state})});
	await kernel.boot({plugins: {[GATE]: gateOf(name, () => content.component, offers), [name]: entryOf(content)}});
	const linked = new Map<string, Promise<Functions>>();

	function link(contract: Contract): Promise<Functions> {
		const found = linked.get(contract.key) ?? kernel.link(contract).then(use => use() as Functions);
		linked.set(contract.key, found);
		return found;
	}

	return {
		status() {
			const {state, reason} = kernel.graph().find(plugin => plugin.name === name) ?? {};
			return {running: state === 'running', ...(reason === undefined ? {} : {reason})};
		},
		provides: () => content.provides,
		async call(contract, fn, args) {
			const provided = content.provides.find(({key}) => key === contract.key);
			if (!provided?.functions.includes(fn)) throw errors.FORGE_EMBED_CONTRACT({plugin: name, contract: contract.id, fn});
			const functions = await link(contract);
			return deadline(functions[fn]?.(...args), time, `${name}#${fn}`);
		},
		async replace(next) {
			const found = await read({...next, name});
			for (const before of content.provides) {
				const after = found.provides.find(({key}) => key === before.key);
				const fn = before.functions.find(fn => !after?.functions.includes(fn));
				if (fn !== undefined) throw errors.FORGE_EMBED_CONTRACT({plugin: name, contract: before.id, fn});
			}
			await kernel.swap(name, entryOf(found));
			content = found;
		},
		stop: () => kernel.stop(),
	};
}
