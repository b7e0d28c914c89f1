import {resolve} from 'node:path';
import type {RuntimeTypes} from '@forgeone/wasm';
import {errors} from '../errors.ts';
import type {Loaded} from './load.ts';
import type {Config} from './schema.ts';
import {DEFAULT_MEMORY, parseDuration, parseMount, parsePort, parseSize} from './units.ts';

type Container = NonNullable<Config['containers']>[string];

function egressOf({egress = [], networks = []}: Container, {config, file = ''}: Loaded, where: string): string[] {
	const named = networks.flatMap(name => {
		const network = config.networks?.[name];
		if (!network) throw errors.FORGE_CONFIG_INVALID({file, where, reason: `there is no network "${name}"`});
		return network.egress ?? [];
	});
	return [...egress, ...named];
}

/** The containers of a configuration, as the runtime takes them. Throws FORGE_CONFIG_VALUE, FORGE_CONFIG_INVALID. */
export function specs(loaded: Loaded): RuntimeTypes.Spec[] {
	const {config, folder} = loaded;
	return Object.entries(config.containers ?? {}).map(([name, container]) => {
		const {image, digest, limits = {}, isolation, restart = 'no'} = container;
		return {
			name,
			image: resolve(folder, image),
			...(digest === undefined ? {} : {digest}),
			arguments: container.arguments ?? [],
			environment: Object.entries(container.environment ?? {}),
			mounts: (container.volumes ?? []).map(volume => parseMount(volume, folder)),
			publish: (container.publish ?? []).map(parsePort),
			egress: egressOf(container, loaded, `"containers.${name}.networks"`),
			routes: container.routes ?? [],
			networks: container.networks ?? [],
			limits: {
				memory: parseSize(limits.memory ?? DEFAULT_MEMORY),
				...(limits.timeout === undefined ? {} : {timeout: parseDuration(limits.timeout)}),
				...(limits.instances === undefined ? {} : {instances: limits.instances}),
			},
			...(isolation === undefined ? {} : {isolation}),
			restart,
			attached: false,
			interactive: false,
			remove: false,
		};
	});
}
