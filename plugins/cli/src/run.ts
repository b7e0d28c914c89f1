import {resolve} from 'node:path';
import type {Engine} from '@forgeone/sdk/client';
import {DEFAULT_MEMORY, parseMount, parsePort, parseSize, storesOf} from '@forgeone/sdk/config';
import type {RuntimeTypes} from '@forgeone/wasm';
import {withEngine} from './engine.ts';
import {errors} from './errors.ts';
import type {Given} from './given.ts';
import {durationOf} from './text.ts';

/** `KEY=VALUE` as it is, `KEY` with the value that it has here; one that has none is left out. */
function variable(text: string): [string, string][] {
	const [, key = text, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
	if (key === '' || key.startsWith('=')) {
		throw errors.FORGE_USAGE({reason: `"${text}" is no variable, write it like KEY=VALUE`, command: 'run'});
	}
	const found = value ?? process.env[key];
	return found === undefined ? [] : [[key, found]];
}

/** With what those who are on its networks may reach besides; policy is asked about it like about all else. */
async function withNetworks({networks}: Engine, spec: RuntimeTypes.Spec): Promise<RuntimeTypes.Spec> {
	const joined = await Promise.all(spec.networks.map(name => networks.inspect(name)));
	return {...spec, egress: [...new Set([...spec.egress, ...joined.flatMap(({egress}) => egress)])]};
}

function setting(text: string): [string, string] {
	const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
	if (key === undefined || value === undefined) {
		throw errors.FORGE_USAGE({reason: `"${text}" is no setting, write it like KEY=VALUE`, command: 'run'});
	}
	return [key, value];
}

function specOf({flags, words: [image, ...args]}: Given): RuntimeTypes.Spec {
	const {name, isolation, timeout, instances} = flags;
	return {
		...(name === undefined ? {} : {name}),
		image: resolve(image),
		arguments: args,
		environment: (flags.env ?? []).flatMap(variable),
		config: (flags.config ?? []).map(setting),
		mounts: (flags.volume ?? []).map(volume => parseMount(volume, process.cwd())),
		publish: (flags.publish ?? []).map(parsePort),
		egress: [...(flags['allow-net'] ?? [])],
		routes: [...(flags.route ?? [])],
		networks: [...(flags.network ?? [])],
		...storesOf({keyvalue: flags.keyvalue ?? [], blobstore: flags.blobstore ?? []}),
		limits: {
			memory: parseSize(flags.memory ?? DEFAULT_MEMORY),
			...(timeout === undefined ? {} : {timeout: durationOf(timeout)}),
			...(instances === undefined ? {} : {instances}),
		},
		...(isolation === undefined ? {} : {isolation: isolation as RuntimeTypes.Isolation}),
		restart: (flags.restart ?? 'no') as RuntimeTypes.Restart,
		attached: false,
		interactive: false,
		remove: flags.rm ?? false,
	};
}

/** Leaves a container to the daemon, and prints its id. */
async function detach(spec: RuntimeTypes.Spec): Promise<void> {
	const {withDaemon} = await import('./daemon.ts');
	await withDaemon(async engine => {
		const {id} = await engine.containers.create(await withNetworks(engine, spec));
		try {
			await engine.containers.start(id);
		} catch (error) {
			await engine.containers.remove(id, true).catch(() => undefined);
			throw error;
		}
		console.log(id);
	});
}

/** Does what `run` was given to do; what its guest exits with is what this process will. */
export async function run(given: Given): Promise<void> {
	const spec = specOf(given);
	if (given.flags.detach) return detach(spec);
	const {runForeground} = await import('./foreground.ts');
	process.exitCode = await withEngine(async engine => runForeground(engine, await withNetworks(engine, spec)));
}
